/** A new generation of the log with another count of partitions: its frames batched again, its state taken over in silence. */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { EventsReader } from '../../stream/contract/events-reader.ts';
import { checkpointsTopic, eventsTopic, framesTopic, type Log } from '../../stream/contract/log.ts';
import { openEmbeddedLog } from '../../stream/log/embedded/index.ts';
import { type Generation, ensureManifest, openGeneration, writeManifest } from '../../stream/log/embedded/manifest.ts';
import { type AdoptedSkip, Worker } from '../../stream/worker/index.ts';
import { complain } from './output.ts';
import { rebatch } from './rebatch.ts';

/**
 * Makes the next generation of the log in a directory and switches to it by one rename of the manifest; until then the
 * old one is untouched. Nobody may write to the log meanwhile, and its rows must all be written (a drained cut).
 */
export async function repartitionLog(directory: string, partitions: number): Promise<Generation> {
  const manifest = ensureManifest(directory);
  const old = await openGeneration(directory, manifest.generations.at(-1)!);
  const next: Generation = { number: old.number + 1, folder: `generation-${old.number + 1}`, partitions };
  rmSync(join(directory, next.folder), { recursive: true, force: true });
  const log = openEmbeddedLog(join(directory, next.folder));
  try {
    await log.ensureTopics([framesTopic, eventsTopic, checkpointsTopic].map((topic) => ({ topic, partitions })));
    for (let partition = 0; partition < old.partitions; partition++) {
      const { first } = await old.log.bounds(framesTopic, partition);
      if (first > 0n) complain(`frames before offset ${first} of partition ${partition} are gone by retention: what was known from them alone (routes that were not announced again) is not known in the new generation`);
    }
    const before = await ends(old.log, old.partitions);
    const skipped = await skippedFrames(old.log, old.partitions, before);
    const adopted = new Map<number, AdoptedSkip[]>();
    await rebatch(old, { log, partitions }, new Set(skipped.keys()), (name, { partition, offset, index }) => {
      adopted.set(partition, [...adopted.get(partition) ?? [], { ...skipped.get(name)!, offset: String(offset), index }]);
    });
    const worker = new Worker({ log, partitions: Array.from({ length: partitions }, (_, partition) => partition), owner: randomUUID() });
    try {
      await worker.adopt(adopted);
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

/** Frames that were skipped after a trap, by `partition/offset/index`; throws where rows are still to be written. */
async function skippedFrames(log: Log, partitions: number, frames: readonly bigint[]): Promise<Map<string, Omit<AdoptedSkip, 'offset' | 'index'>>> {
  const found = new Map<string, Omit<AdoptedSkip, 'offset' | 'index'>>();
  for (let partition = 0; partition < partitions; partition++) {
    const { first } = await log.bounds(eventsTopic, partition);
    const reader = new EventsReader(`${eventsTopic} partition ${partition}`, undefined, first > 0n);
    for await (const logged of log.read(eventsTopic, partition, first)) {
      for (const { offset, index, error, sourceLine } of reader.take(logged)?.record.header.skipped ?? []) found.set(`${partition}/${offset}/${index}`, { error, sourceLine });
    }
    if (BigInt(reader.end.offset) !== frames[partition]! || reader.end.rows !== 0) {
      throw new Error(`partition ${partition} is not drained: its rows are written up to ${reader.end.offset}, its frames reach to ${frames[partition]!}`);
    }
  }
  return found;
}
