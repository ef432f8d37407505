/** A new generation of the log with another count of partitions: its frames batched again, its state taken over in silence. */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type RegisteredModule, registry } from '../../decoders-wasm/contract/host.ts';
import { framesTopic, type Log, logTopics } from '../../stream/contract/log.ts';
import { openEmbeddedLog } from '../../stream/log/embedded/index.ts';
import { type Generation, ensureManifest, openGeneration, writeManifest } from '../../stream/log/embedded/manifest.ts';
import { partitionOf } from '../../stream/contract/partition.ts';
import { type Adopted, Worker } from '../../stream/worker/index.ts';
import { complain } from './output.ts';
import { rebatch } from './rebatch.ts';
import { type Forgotten, forgotten, type TrappedFrame, trappedFrames } from './repartition-known.ts';

/**
 * Makes the next generation of the log in a directory and switches to it by one rename of the manifest; until then the
 * old one is untouched. Nobody may write to the log meanwhile, and its rows must all be written (a drained cut).
 */
export async function repartitionLog(directory: string, partitions: number, modules: readonly RegisteredModule[] = registry): Promise<Generation> {
  const manifest = ensureManifest(directory);
  const old = await openGeneration(directory, manifest.generations.at(-1)!);
  const next: Generation = { number: old.number + 1, folder: `generation-${old.number + 1}`, partitions };
  rmSync(join(directory, next.folder), { recursive: true, force: true });
  const log = openEmbeddedLog(join(directory, next.folder));
  try {
    await log.ensureTopics(logTopics(partitions));
    const before = await ends(old.log, old.partitions);
    const trapped = await trappedFrames(old.log, old.partitions, before);
    const gone = await forgotten(old.log, old.partitions);
    const adoptions = new Adoptions();
    if (gone !== undefined) {
      complain(`the first frames of the log are gone by retention: what was known of ${gone.keys.length} keys on links from them alone (routes that were not announced again) is not known in the new generation, and \`routewatch coverage\` says so`);
      adoptions.forget(gone, partitions);
    }
    await rebatch(old, { log, partitions }, { watched: new Set(trapped.keys()), domains: gone?.domains ?? new Map(), placed: (name, at) => { adoptions.trapped(trapped.get(name)!, at); } });
    const worker = new Worker({ log, partitions: Array.from({ length: partitions }, (_, partition) => partition), owner: randomUUID(), modules });
    try {
      await worker.adopt(adoptions.of);
    } finally {
      await worker.stop();
    }
    if ((await ends(old.log, old.partitions)).join() !== before.join()) throw new Error(`${directory} was written to meanwhile: nothing was changed. Stop whoever replays into it, and try again`);
  } finally {
    await log.close();
    await old.log.close();
  }
  writeManifest(directory, { ...manifest, generations: [...manifest.generations, next] });
  return next;
}

async function ends(log: Log, partitions: number): Promise<bigint[]> {
  return Promise.all(Array.from({ length: partitions }, async (_, partition) => (await log.bounds(framesTopic, partition)).next));
}

interface Adoption {
  readonly skipped: NonNullable<Adopted['skipped']>[number][];
  readonly resets: NonNullable<Adopted['resets']>[number][];
  forgotten?: NonNullable<Adopted['forgotten']>;
}

/** By partition of the new generation: what it is to know besides its frames. */
class Adoptions {
  readonly of = new Map<number, Adoption>();

  trapped({ skipped, key }: TrappedFrame, { partition, offset, index }: { partition: number; offset: bigint; index: number }): void {
    const place = { offset: String(offset), index };
    if (skipped !== undefined) this.at(partition).skipped.push({ ...skipped, ...place });
    if (key !== undefined) this.at(partition).resets.push({ ...place, key });
  }

  forget({ keys, timeNs }: Forgotten, partitions: number): void {
    const detail = 'the log got other partitions when its first frames were gone by retention: what was known from them alone is not known any more';
    const byPartition = keys.length === 0 ? new Map([[0, []]]) : Map.groupBy(keys, ({ key }) => partitionOf(key, partitions));
    for (const [partition, some] of byPartition) this.at(partition).forgotten = { keys: some, timeNs, detail };
  }

  private at(partition: number): Adoption {
    const known: Adoption = this.of.get(partition) ?? { skipped: [], resets: [] };
    this.of.set(partition, known);
    return known;
  }
}
