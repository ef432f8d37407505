/** `routewatch up`: the whole embedded system, supervised, until it is asked to end. */
import type { Command } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import { startWeb } from '../../dashboards/web/index.ts';
import type { OperatorStatements } from '../../stream/contract/operations.ts';
import { KafkaError, type KafkaSettings } from '../../stream/log/kafka/index.ts';
import { createChannel } from '../../stream/sinks/alerts/channels/index.ts';
import { OlderLogError } from '../../stream/sinks/clickhouse/index.ts';
import { MigrationError } from '../../stream/store/index.ts';
import { readCookbook } from '../lib/cookbook.ts';
import { alertsOf, type UpConfig, readConfig, upConfig } from '../lib/config.ts';
import { explainError } from '../lib/errors.ts';
import { type Health, HEALTH_OPTION, startHealth } from '../lib/health.ts';
import { type Interrupt, onInterrupt } from '../lib/interrupt.ts';
import { configFile, type LogOptions, kafkaOf } from '../lib/kafka.ts';
import { OperationsPublisher, operationsFile, withOperations } from '../lib/operations.ts';
import { UsageError, complain } from '../lib/output.ts';
import { packetSource } from '../lib/packet-source.ts';
import { System } from '../lib/system.ts';

/** A run of this length counts as good: failures are counted anew. */
const HEALTHY_MS = 60_000;
const RESTART_MS = [1000, 2000, 5000, 10_000, 30_000];

export function up(program: Command): void {
  program.command('up')
    .description('run log, store, worker, sinks and page on this machine until Ctrl-C; a part that fails is started again')
    .option('--config <file>', 'configuration file (routewatch.json where there is one)')
    .option('--data <dir>', 'data directory')
    .option('--log <address>', 'the log: kafka://HOST:PORT[,HOST:PORT...][/PREFIX] (default: the one in the data directory)')
    .option(...HEALTH_OPTION)
    .addHelpText('after', `\nWhile it runs, questions and inventory import go to it; a replay into the same directory is refused.\n\nExamples:\n  routewatch up\n  routewatch up --log kafka://127.0.0.1:9092\n  routewatch up --data /var/lib/routewatch --config routewatch.json   (check-config explains the file)`)
    .action(run);
}

async function run(options: LogOptions & { data?: string; health?: string }): Promise<void> {
  const file = configFile(options);
  const config = file === undefined ? upConfig.parse({}) : readConfig(file);
  const settings = { ...config, data: options.data ?? config.data, kafka: kafkaOf(options) };
  const interrupt = onInterrupt();
  const health = await startHealth(options.health, config.telemetry.otlp);
  try {
    await keepUp(settings, health, interrupt);
  } finally {
    await health.stop();
  }
}

type Settings = Omit<UpConfig, 'kafka'> & { kafka: KafkaSettings | undefined };

/** Runs the system, again and again where it fails, until it is asked to end or cannot be mended. */
async function keepUp(settings: Settings, health: Health, interrupt: Interrupt): Promise<void> {
  for (let failures = 0; !interrupt.signal.aborted; failures++) {
    const began = performance.now();
    try {
      await runOnce(settings, health, interrupt);
    } catch (error) {
      if (interrupt.signal.aborted) return;
      if (performance.now() - began > HEALTHY_MS) failures = 0;
      const { text } = explainError(error);
      if (failures >= RESTART_MS.length || isForGood(error)) throw error;
      complain(`${text}; starting again in ${RESTART_MS[failures]! / 1000} s`);
      await Promise.race([interrupt.asked, sleep(RESTART_MS[failures]!)]);
    }
  }
}

async function runOnce(config: Settings, health: Health, interrupt: Interrupt): Promise<void> {
  await withOperations(config.data, (operators) => runWith(config, operators, health, interrupt));
}

async function runWith(config: Settings, operators: OperatorStatements, health: Health, interrupt: Interrupt): Promise<void> {
  const alerts = { config: alertsOf(config), channels: config.alerts.channels.map(createChannel), operators };
  const system = await System.start({ dataDir: config.data, storePort: config.storePort, worker: config.worker, log: config.keep, kafka: config.kafka, alerts });
  try {
    const publisher = new OperationsPublisher(operationsFile(config.data), system.writer, system.log);
    publisher.start();
    const web = await startWeb({
      storeUrl: system.store.url, live: system.live, cookbook: readCookbook(), ...config.web,
      operationsFile: operationsFile(config.data), packets: packetSource(system.store.url, config.data, config.kafka),
    }).catch(async (error: unknown) => {
      await publisher.stop();
      throw error;
    });
    system.announce({ webUrl: web.url });
    health.tell({ notReady: () => (system.worker.isReady && system.sink.isReady && system.alerts.isReady ? undefined : 'its share of the partitions is being taken over'), metrics: async () => [...await system.worker.metrics(), ...await system.sink.metrics(), ...system.alerts.metrics()] });
    process.stdout.write(`page ${web.url}   SQL ${system.store.url}   data ${config.data}\n`);
    try {
      await Promise.race([interrupt.asked, system.failed]);
    } finally {
      await web.stop();
      await publisher.stop();
    }
  } finally {
    health.tell({ notReady: () => 'it ends, or is started again', metrics: () => [] });
    await system.stop();
  }
}

/** What another start cannot mend. */
function isForGood(error: unknown): boolean {
  if (error instanceof KafkaError) return error.fault !== 'unreachable' && error.fault !== 'producer';
  return error instanceof UsageError || error instanceof MigrationError || error instanceof OlderLogError || (error instanceof Error && /EADDRINUSE|EACCES/.test(error.message));
}
