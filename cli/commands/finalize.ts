/** `routewatch finalize`: from here on there is no way back to the decoders before. */
import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { loadModule, registry } from '../../decoders-wasm/contract/host.ts';
import { sameModules } from '../../stream/contract/events-reader.ts';
import { holdStore } from '../../stream/store/index.ts';
import type { KafkaSettings } from '../../stream/log/kafka/index.ts';
import { ModuleStore, modulesInForce } from '../../stream/worker/index.ts';
import { join } from 'node:path';
import { kafkaOf, type LogOptions, numbersTo, openKafka, withLogOptions } from '../lib/kafka.ts';
import { UsageError } from '../lib/output.ts';
import { defaultDataDir, modulesFolder } from '../lib/data-dir.ts';
import { System } from '../lib/system.ts';

export function finalize(program: Command): void {
  withLogOptions(program.command('finalize')
    .description('give up the way back to the decoders before: their .wasm files are dropped, an older version is refused'))
    .option('--data <dir>', 'data directory', defaultDataDir)
    .option('--json', 'as JSON')
    .addHelpText('after', `
Until then the older version can be started again on the same data directory: what it reads otherwise becomes rows
with the reason decoder-upgrade. Nothing may run on the data directory meanwhile.
On Kafka: once for each worker's --data, when workers of this version have taken over every partition; they may run.

Examples:
  routewatch finalize
  routewatch finalize --data /var/lib/routewatch`)
    .action(run);
}

async function run(options: LogOptions & { data: string; json?: boolean }): Promise<void> {
  const { data, json } = options;
  const kafka = kafkaOf(options);
  const hashes = Object.fromEntries(registry.map(loadModule).map(({ name, hash }) => [name, hash]));
  const dropped = kafka === undefined ? await finalizeHere(data, hashes) : await finalizeOnKafka(data, hashes, kafka);
  if (json === true) process.stdout.write(`${JSON.stringify({ dropped })}\n`);
  else process.stdout.write(dropped.length === 0 ? `${data}: no older decoder was kept\n` : `${data}: left behind ${dropped.join(', ')}\n`);
}

type Hashes = Readonly<Record<string, string>>;

async function finalizeHere(data: string, hashes: Hashes): Promise<readonly string[]> {
  if (!existsSync(join(data, 'log'))) throw new UsageError(`there is no log in ${data}`);
  // A start hands every partition over to this program's decoders, if that was not done before.
  const system = await System.start({ dataDir: data });
  await system.stop();
  const release = holdStore(join(data, 'store'));
  try {
    return new ModuleStore(modulesFolder(data)).finalize(hashes);
  } finally {
    release();
  }
}

/** Workers hand the partitions over; this only looks whether they have, and a checkpoint needs no older decoder any more. */
async function finalizeOnKafka(data: string, hashes: Hashes, settings: KafkaSettings): Promise<readonly string[]> {
  if (!existsSync(modulesFolder(data))) throw new UsageError(`there are no decoders in ${data}: name the --data of a worker`);
  const { log, partitions } = await openKafka(settings);
  try {
    const behind: number[] = [];
    for (const partition of numbersTo(partitions)) if ((await modulesInForce(log, partition)).some((modules) => !sameModules(modules, hashes))) behind.push(partition);
    if (behind.length > 0) throw new UsageError(`partition ${behind.join(', ')} was not taken over yet by a worker with the decoders of this version: start workers of it, stop all older ones, and try again`);
    return new ModuleStore(modulesFolder(data)).finalize(hashes);
  } finally {
    await log.close();
  }
}
