/** `routewatch worker`: decodes its share of the frames on Kafka, until it is asked to end. */
import type { Command } from 'commander';
import { randomUUID } from 'node:crypto';
import { Worker } from '../../stream/worker/index.ts';
import { readConfig } from '../lib/config.ts';
import { onInterrupt } from '../lib/interrupt.ts';
import { type LogOptions, neededKafka, numbersTo, openKafka, stopWithin, withLogOptions } from '../lib/kafka.ts';
import { defaultDataDir } from '../lib/reader.ts';
import { modulesFolder } from '../lib/system.ts';

export function worker(program: Command): void {
  withLogOptions(program.command('worker')
    .description('decode frames on Kafka into events; any number of workers share the partitions'))
    .option('--data <dir>', 'directory for the decoders that ran (an upgrade needs those before)', defaultDataDir)
    .addHelpText('after', `
A worker that ends hands its partitions over; those of one that dies are taken over by the others within 10 s.

Examples:
  routewatch worker --log kafka://kafka1:9092,kafka2:9092
  routewatch worker --config /etc/routewatch.json   (TLS and login: docs/kafka.md)`)
    .action(run);
}

async function run(options: LogOptions & { data: string }): Promise<void> {
  const interrupt = onInterrupt();
  const { log, partitions } = await openKafka(neededKafka(options));
  try {
    const config = options.config === undefined ? {} : readConfig(options.config).worker;
    const running = new Worker({ log, partitions: numbersTo(partitions), shared: true, owner: randomUUID(), modulesFolder: modulesFolder(options.data), config });
    await running.start();
    process.stdout.write(`worker: a share of ${partitions} partitions\n`);
    try {
      await Promise.race([interrupt.asked, running.failed]);
    } finally {
      await stopWithin('worker', () => running.stop());
    }
  } finally {
    await log.close();
  }
}
