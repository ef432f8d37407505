/** What a restart costs with a full table: the checkpoint at the stop, from the claim to work again, and to the first new row. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeManifest } from '../../stream/contract/checkpoint.ts';
import { encodeFrameBatch } from '../../stream/contract/frame-batch.ts';
import { checkpointsTopic, framesTopic, type Log, logTopics } from '../../stream/contract/log.ts';
import { openEmbeddedLog } from '../../stream/log/embedded/index.ts';
import { Worker } from '../../stream/worker/index.ts';
import { batchesOf } from '../lab/testing.ts';
import { type Spread, spread } from './cpu.ts';

const RESTARTS = 5;
const BATCH_BYTES = 1 << 20;

export interface RestartFigures {
  /** Bytes of the checkpoint. */
  readonly stateBytes: number;
  /** Last cut, export, append of the checkpoint, end of the thread; wall ms. */
  readonly stopMs: Spread;
  /** Claim, checkpoint read and imported, silent replay: until frames are taken again. */
  readonly resumeMs: Spread;
  /** And until the rows of a frame batch that waited are in the events log. */
  readonly firstRowMs: Spread;
}

/** Runs a worker over the capture, then ends and starts it again, a batch a time. */
export async function measureRestart(file: string): Promise<RestartFigures> {
  const batches = (await batchesOf(file, BATCH_BYTES)).map((batch) => encodeFrameBatch(batch));
  const directory = mkdtempSync(join(tmpdir(), 'routewatch-bench-'));
  const log = openEmbeddedLog(directory);
  try {
    await log.ensureTopics(logTopics(1));
    const held = batches.splice(-RESTARTS);
    for (const batch of batches) await log.append(framesTopic, 0, [batch]);
    await run(log);
    const stop: number[] = [];
    const resume: number[] = [];
    const first: number[] = [];
    for (const batch of held) {
      await log.append(framesTopic, 0, [batch]);
      const times = await run(log);
      stop.push(times.stop);
      resume.push(times.resume);
      first.push(times.first);
    }
    return { stateBytes: await newestState(log), stopMs: spread(stop), resumeMs: spread(resume), firstRowMs: spread(first) };
  } finally {
    await log.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function run(log: Log): Promise<{ resume: number; first: number; stop: number }> {
  const began = performance.now();
  const worker = new Worker({ log, partitions: [0], owner: randomUUID() });
  await worker.start();
  const resumed = performance.now();
  await worker.drained();
  const drained = performance.now();
  await worker.stop();
  return { resume: resumed - began, first: drained - began, stop: performance.now() - drained };
}

async function newestState(log: Log): Promise<number> {
  let bytes = 0;
  for await (const { value } of log.read(checkpointsTopic, 0, 0n)) bytes = decodeManifest(value)?.bytes ?? bytes;
  return bytes;
}
