/** `routewatch sink`: inserts the events on Kafka into a ClickHouse server, each row once, until it is asked to end. */
import type { Command } from 'commander';
import { reportTopics } from '../../stream/contract/log.ts';
import { ClickHouseSink, migrations } from '../../stream/sinks/clickhouse/index.ts';
import { migrate } from '../../stream/store/migrate.ts';
import { serverClient } from '../lib/client.ts';
import { clickhouseOf } from '../lib/config.ts';
import { type Health, HEALTH_OPTION, startHealth } from '../lib/health.ts';
import { type Interrupt, onInterrupt } from '../lib/interrupt.ts';
import { configOf, type LogOptions, neededKafka, numbersTo, openKafka, untilAsked, withLogOptions } from '../lib/kafka.ts';
import { goOnWithoutStore } from '../lib/store-away.ts';

export function sink(program: Command): void {
  withLogOptions(program.command('sink')
    .description('insert the events on Kafka into a ClickHouse server; any number of sinks share the partitions'))
    .option('--store <url>', 'HTTP address of ClickHouse, perhaps with a user: http://USER@HOST:8123 (default: `clickhouse` of the configuration file)')
    .option('--group <name>', 'sinks of one group fill one store together', 'clickhouse')
    .option(...HEALTH_OPTION)
    .addHelpText('after', `
The password stands in the environment (ROUTEWATCH_CLICKHOUSE_PASSWORD), or in a file that the configuration file names.
Tables are made or brought up to date at the start. While ClickHouse is away, or lets nobody in, it waits and says why.

Examples:
  routewatch sink --log kafka://kafka1:9092 --store http://clickhouse:8123
  routewatch sink --config /etc/routewatch.json --health 9464`)
    .action(run);
}

interface Options extends LogOptions {
  readonly store?: string;
  readonly group: string;
  readonly health?: string;
}

async function run(options: Options): Promise<void> {
  const interrupt = onInterrupt();
  const health = await startHealth(options.health, configOf(options).telemetry.otlp);
  try {
    await fill(options, health, interrupt);
  } finally {
    await health.stop();
  }
}

async function fill(options: Options, health: Health, interrupt: Interrupt): Promise<void> {
  const server = clickhouseOf(options.store, configOf(options));
  const client = serverClient(server, { request_timeout: 120_000 });
  const { log, partitions } = await openKafka(neededKafka(options));
  try {
    await log.ensureTopics(reportTopics);
    const tell = (why: string): void => { health.tell({ notReady: () => why, metrics: () => [] }); };
    await goOnWithoutStore({ server, interrupt, tell }, async () => {
      await migrate(client, migrations);
      const running = new ClickHouseSink({ log, client, partitions: numbersTo(partitions), reports: true, group: options.group });
      await running.start();
      health.tell({ notReady: () => (running.isReady ? undefined : 'its share of the partitions is being taken over'), metrics: () => running.metrics() });
      process.stdout.write(`sink: a share of ${partitions} partitions\n`);
      await untilAsked('sink', running, interrupt);
    });
  } finally {
    await log.close();
    await client.close();
  }
}
