/** `routewatch repartition`: more (or fewer) partitions for the log, as a new generation behind a drained cut. */
import { type Command, InvalidArgumentError } from 'commander';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensureManifest } from '../../stream/log/embedded/manifest.ts';
import { holdStore } from '../../stream/store/index.ts';
import { kafkaOf, type LogOptions, withLogOptions } from '../lib/kafka.ts';
import { UsageError } from '../lib/output.ts';
import { defaultDataDir } from '../lib/reader.ts';
import { repartitionLog } from '../lib/repartition.ts';
import { System } from '../lib/system.ts';

export function repartition(program: Command): void {
  withLogOptions(program.command('repartition')
    .description('give the log another count of partitions: a new generation with the same frames and the state they left'))
    .requiredOption('--partitions <n>', 'partitions of the new generation (1 to 256): one thread and one share of the keys each', counted)
    .option('--data <dir>', 'data directory', defaultDataDir)
    .option('--json', 'as JSON')
    .addHelpText('after', `
Nothing may run on the data directory meanwhile. First every row of the log is brought into the store; then its frames
are copied by the new map and decoded in silence. Until the last step the old generation is as it was; it stays, for
\`packet\` and \`audit\`. Takes about as long as a replay of all that was captured, and the log's size once more.
On Kafka a new log begins under another prefix instead: docs/kafka.md, "More partitions".

Examples:
  routewatch repartition --partitions 4
  routewatch audit`)
    .action(run);
}

async function run(options: LogOptions & { partitions: number; data: string; json?: boolean }): Promise<void> {
  const kafka = kafkaOf(options);
  if (kafka !== undefined) {
    const address = `kafka://${kafka.brokers.join(',')}/NEW-PREFIX`;
    throw new UsageError(`a log on Kafka keeps its partitions: begin another one with \`routewatch topics --log ${address} --partitions ${options.partitions}\`, and bring collectors and workers there (docs/kafka.md, "More partitions")`);
  }
  const directory = join(options.data, 'log');
  if (!existsSync(directory)) throw new UsageError(`there is no log in ${options.data}`);
  const old = ensureManifest(directory).generations.at(-1)!;
  if (old.partitions === options.partitions) throw new UsageError(`the log in ${options.data} has ${old.partitions} partitions already`);
  const system = await System.start({ dataDir: options.data });
  try {
    await system.drained();
  } finally {
    await system.stop();
  }
  const release = holdStore(join(options.data, 'store'));
  try {
    const made = await repartitionLog(directory, options.partitions);
    process.stdout.write(options.json === true ? `${JSON.stringify(made)}\n`
      : `${options.data}: ${old.partitions} partitions were, ${made.partitions} are now, in generation ${made.number} of the log (${join(directory, made.folder)})\n`);
  } finally {
    release();
  }
}

function counted(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 256) throw new InvalidArgumentError('a whole number from 1 to 256 is needed');
  return value;
}
