/** `routewatch alerter`: tells who has to know, from the events on Kafka; of several one is active, the others stand by. */
import type { Command } from 'commander';
import { reportTopics } from '../../stream/contract/log.ts';
import type { OperatorStatements } from '../../stream/contract/operations.ts';
import type { KafkaSettings } from '../../stream/log/kafka/index.ts';
import { createChannel } from '../../stream/sinks/alerts/channels/index.ts';
import { AlertSink, rules } from '../../stream/sinks/alerts/index.ts';
import { alertsOf } from '../lib/config.ts';
import { alertsFile, defaultDataDir } from '../lib/data-dir.ts';
import { type Health, HEALTH_OPTION, startHealth } from '../lib/health.ts';
import { type Interrupt, onInterrupt } from '../lib/interrupt.ts';
import { configOf, type LogOptions, neededKafka, openKafka, untilAsked, withLogOptions } from '../lib/kafka.ts';
import { withOperations } from '../lib/operations.ts';
import { complain } from '../lib/output.ts';

export function alerter(program: Command): void {
  withLogOptions(program.command('alerter')
    .description('judge the events on Kafka and tell who has to know; one is active, any number stand by'))
    .option('--data <dir>', 'directory for its state', defaultDataDir)
    .option(...HEALTH_OPTION)
    .addHelpText('after', `
Rules, maintenance windows and links: the part \`alerts\` of the configuration file. Each instance needs a directory of its
own. One that dies is followed by another within 10 s; what it had not delivered is told again under the same id.

Examples:
  routewatch alerter --log kafka://kafka1:9092 --data /var/lib/routewatch
  routewatch alerter --config /etc/routewatch.json`)
    .action(run);
}

interface Options extends LogOptions {
  readonly data: string;
  readonly health?: string;
}

async function run(options: Options): Promise<void> {
  const interrupt = onInterrupt();
  const settings = neededKafka(options);
  const health = await startHealth(options.health, configOf(options).telemetry.otlp);
  try {
    await withOperations(options.data, (operators) => judge(options, { settings, operators, health }, interrupt));
  } finally {
    await health.stop();
  }
}

interface Given {
  readonly settings: KafkaSettings;
  readonly operators: OperatorStatements;
  readonly health: Health;
}

async function judge(options: Options, { settings, operators, health }: Given, interrupt: Interrupt): Promise<void> {
  const config = alertsOf(configOf(options));
  const { log, partitions } = await openKafka(settings);
  try {
    await log.ensureTopics(reportTopics);
    const running = new AlertSink({ log, partitions, file: alertsFile(options.data), config, rules, channels: config.channels.map(createChannel), operators, complain });
    health.tell({ notReady: () => (running.isReady ? undefined : 'events of before its start are being judged'), metrics: () => running.metrics() });
    await running.start();
    process.stdout.write(`alerter: ${partitions} partitions, ${rules.length} rules, ${config.channels.length} channels\n`);
    await untilAsked('alerter', running, interrupt);
  } finally {
    await log.close();
  }
}
