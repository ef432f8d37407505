/** `routewatch worker`: decodes its share of the frames on Kafka, until it is asked to end. */
import type { Command } from 'commander';
import { randomUUID } from 'node:crypto';
import type { KafkaSettings } from '../../stream/log/kafka/index.ts';
import { Worker } from '../../stream/worker/index.ts';
import { defaultDataDir, modulesFolder } from '../lib/data-dir.ts';
import { type Health, HEALTH_OPTION, startHealth } from '../lib/health.ts';
import { type Interrupt, onInterrupt } from '../lib/interrupt.ts';
import { configOf, type LogOptions, neededKafka, numbersTo, openKafka, untilAsked, withLogOptions } from '../lib/kafka.ts';

export function worker(program: Command): void {
  withLogOptions(program.command('worker')
    .description('decode frames on Kafka into events; any number of workers share the partitions'))
    .option('--data <dir>', 'directory for the decoders that ran (an upgrade needs those before)', defaultDataDir)
    .option(...HEALTH_OPTION)
    .addHelpText('after', `
A worker that ends hands its partitions over; those of one that dies are taken over by the others within 10 s.

Examples:
  routewatch worker --log kafka://kafka1:9092,kafka2:9092
  routewatch worker --config /etc/routewatch.json --health 9464   (TLS and login: docs/kafka.md)`)
    .action(run);
}

async function run(options: LogOptions & { data: string; health?: string }): Promise<void> {
  const interrupt = onInterrupt();
  const settings = neededKafka(options);
  const health = await startHealth(options.health, configOf(options).telemetry.otlp);
  try {
    await work(options, settings, health, interrupt);
  } finally {
    await health.stop();
  }
}

async function work(options: LogOptions & { data: string }, settings: KafkaSettings, health: Health, interrupt: Interrupt): Promise<void> {
  const { log, partitions } = await openKafka(settings);
  try {
    const { worker: config } = configOf(options);
    const running = new Worker({ log, partitions: numbersTo(partitions), shared: true, owner: randomUUID(), modulesFolder: modulesFolder(options.data), config });
    await running.start();
    health.tell({ notReady: () => (running.isReady ? undefined : 'its share of the partitions is being taken over'), metrics: () => running.metrics() });
    process.stdout.write(`worker: a share of ${partitions} partitions\n`);
    await untilAsked('worker', running, interrupt);
  } finally {
    await log.close();
  }
}
