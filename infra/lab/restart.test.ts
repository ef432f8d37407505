/** A worker that is ended and started again: from its checkpoint, with a bounded replay, to the same rows. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeFrameBatch, type FrameBatch } from '../../stream/contract/frame-batch.ts';
import { checkpointsTopic, framesTopic, type Log, logTopics } from '../../stream/contract/log.ts';
import { decodeManifest, encodeManifest, type Manifest } from '../../stream/contract/checkpoint.ts';
import { openEmbeddedLog } from '../../stream/log/embedded/index.ts';
import { Worker, type WorkerSettings } from '../../stream/worker/index.ts';
import { batchesOf, comparable, loggedRows } from './testing.ts';
import { decodeToRows } from './decode.ts';

const capture = join(import.meta.dirname, 'captures', 'isis-lan3', 'lan0.pcap.gz');
const directories: string[] = [];
let batches: FrameBatch[];
let expected: string[];

beforeAll(async () => {
  batches = await batchesOf(capture, 20_000);
  expected = comparable((await decodeToRows([capture])).rows);
});

afterAll(() => { for (const directory of directories) rmSync(directory, { recursive: true, force: true }); });

async function openLog(): Promise<Log> {
  const directory = mkdtempSync(join(tmpdir(), 'routewatch-restart-'));
  directories.push(directory);
  const log = openEmbeddedLog(directory);
  await log.ensureTopics(logTopics(1));
  return log;
}

/** The log, with the offsets told at which the frames topic is read. */
function watched(log: Log, readFrom: bigint[]): Log {
  return new Proxy(log, {
    get(target, name) {
      if (name === 'read') {
        return (topic: string, partition: number, from: bigint) => {
          if (topic === framesTopic) readFrom.push(from);
          return target.read(topic, partition, from);
        };
      }
      const value = target[name as keyof Log];
      return typeof value === 'function' ? (value as (...given: unknown[]) => unknown).bind(target) : value;
    },
  });
}

let starts = 0;

/** Runs a worker over what the log holds and ends it; gives where it began to read frames. */
async function run(log: Log, config: WorkerSettings = {}): Promise<bigint[]> {
  const readFrom: bigint[] = [];
  const worker = new Worker({ log: watched(log, readFrom), partitions: [0], owner: `owner-${++starts}`, config });
  await worker.start();
  await worker.drained();
  await worker.stop();
  return readFrom;
}

async function feed(log: Log, from: number, to: number): Promise<void> {
  for (const batch of batches.slice(from, to)) await log.append(framesTopic, 0, [encodeFrameBatch(batch)]);
}

async function manifests(log: Log): Promise<Manifest[]> {
  const found: Manifest[] = [];
  for await (const { value } of log.read(checkpointsTopic, 0, 0n)) {
    const manifest = decodeManifest(value);
    if (manifest !== undefined) found.push(manifest);
  }
  return found;
}

describe('a worker that is started again', () => {
  it('reads no frame before its checkpoint, wherever it was ended, and gives the same rows', async () => {
    const log = await openLog();
    expect(batches.length).toBeGreaterThan(6);
    for (let done = 0; done < batches.length; done += 2) {
      await feed(log, done, done + 2);
      expect(await run(log)).toEqual(done === 0 ? [0n] : [BigInt(done)]);
    }
    expect(comparable(await loggedRows(log, 1))).toEqual(expected);
    await log.close();
  });

  it('replays at most the bytes between two checkpoints after a crash', async () => {
    const log = await openLog();
    await feed(log, 0, batches.length - 2);
    const worker = new Worker({ log, partitions: [0], owner: 'crashes', config: { checkpointBytes: 60_000 } });
    await worker.start();
    await worker.drained();
    const last = (await manifests(log)).at(-1)!;
    const replayed = batches.slice(Number(last.frames), -2).reduce((bytes, batch) => bytes + encodeFrameBatch(batch).length, 0);
    expect((await manifests(log)).length).toBeGreaterThan(2);
    expect(replayed).toBeLessThan(60_000 + 25_000);
    await feed(log, batches.length - 2, batches.length);
    // The first worker was not ended: it is the zombie that the second one has fenced.
    const failed = expect(worker.failed).rejects.toThrow(/claimed by/);
    expect(await run(log)).toEqual([BigInt(last.frames)]);
    await failed;
    await worker.stop().catch(() => undefined);
    expect(comparable(await loggedRows(log, 1))).toEqual(expected);
    await log.close();
  });

  it('passes over a checkpoint whose chunks are spoiled, and those of another record, log or module', async () => {
    const log = await openLog();
    await feed(log, 0, 4);
    await run(log);
    const [good] = await manifests(log);
    await log.append(checkpointsTopic, 0, [encodeManifest({ ...good!, checksum: 'f'.repeat(64) })]);
    await log.append(checkpointsTopic, 0, [encodeManifest({ ...good!, owner: 'somebody', frames: '3' })]);
    await log.append(checkpointsTopic, 0, [encodeManifest({ ...good!, framesLog: 'another' })]);
    await log.append(checkpointsTopic, 0, [encodeManifest({ ...good!, modules: { ...good!.modules, isis: 'another' } })]);
    await feed(log, 4, batches.length);
    expect(await run(log)).toEqual([4n]);
    expect(comparable(await loggedRows(log, 1))).toEqual(expected);
    await log.close();
  });
});
