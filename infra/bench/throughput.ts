/** Frames a second through Kafka: from a collector's ring or a capture's batches, by way of a real broker, to the rows in the events log. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printed, startDirectly } from '../../cli/testing.ts';
import { Shipper } from '../../collectors/shipper/index.ts';
import { QuietRing } from '../../collectors/shipper/testing.ts';
import { encodeFrameBatch } from '../../stream/contract/frame-batch.ts';
import { checkpointsTopic, eventsTopic, framesTopic } from '../../stream/contract/log.ts';
import { type KafkaLog, openKafkaLog } from '../../stream/log/kafka/index.ts';
import { Worker } from '../../stream/worker/index.ts';
import type { KafkaBroker } from '../dev/kafka/broker.ts';
import { batchesOf } from '../lab/testing.ts';

const PARTITIONS = 4;
const STEP_MS = 250;
const BATCH_BYTES = 1 << 18;
/** Longest that a run may take. */
const LONGEST_MS = 300_000;

export interface Throughput {
  readonly frames: number;
  readonly seconds: number;
}

/** KEEPALIVEs of so many BGP sessions and their acknowledgements, four frames a second each, as fast as collector, broker and worker take them: the clock of the ring is simulated. */
export async function measureCollected(broker: KafkaBroker, sessions: number, seconds: number): Promise<Throughput> {
  return withWorker(broker, async (log, directory) => {
    const port = new QuietRing({ hellos: 0, helloSeconds: 10, holdSeconds: 30, sessions, keepaliveSeconds: 1, taps: 8 }, 0);
    const shipper = new Shipper({ port, log, partitions: PARTITIONS, collector: 'bench', directory: join(directory, 'spool'), domainOf: () => 'core' });
    await shipper.begin();
    shipper.sender.start();
    for (let ms = 0; ms < seconds * 1000; ms += STEP_MS) {
      port.pass(STEP_MS);
      await shipper.round();
    }
    if (!await shipper.stop()) throw new Error('not all was shipped');
    return port.captured.frames;
  });
}

/** The packets of a capture, in batches that are ready. */
export async function measureCaptured(broker: KafkaBroker, file: string): Promise<Throughput> {
  const batches = await batchesOf(file, BATCH_BYTES);
  const frames = batches.reduce((sum, { frames: { buffer, byteOffset, length } }) => sum + countRecords(new DataView(buffer, byteOffset, length)), 0);
  const records = batches.map((batch) => encodeFrameBatch(batch));
  return withWorker(broker, async (log) => {
    for (const record of records) await log.append(framesTopic, 0, [record]);
    return frames;
  });
}

let runs = 0;

/** Starts a worker on topics of its own; the time is from the begin of `feed` until its last frame is decoded and its rows are in the log. */
async function withWorker(broker: KafkaBroker, feed: (log: KafkaLog, directory: string) => Promise<number>): Promise<Throughput> {
  const directory = mkdtempSync(join(tmpdir(), 'routewatch-throughput-'));
  const prefix = `bench${process.pid}-${++runs}.`;
  const log = await openKafkaLog({ brokers: [broker.address], prefix }, { createTopics: true });
  await log.ensureTopics([framesTopic, eventsTopic, checkpointsTopic].map((topic) => ({ topic, partitions: PARTITIONS })));
  const worker = startDirectly(['worker', '--log', `kafka://${broker.address}/${prefix}`, '--data', directory], { longestMs: LONGEST_MS });
  try {
    await printed(worker, 'worker: a share');
    const watcher = new Worker({ log, partitions: Array.from({ length: PARTITIONS }, (_, partition) => partition), shared: true, owner: 'bench' });
    await watcher.drained();
    const began = performance.now();
    const frames = await feed(log, directory);
    await watcher.drained();
    return { frames, seconds: (performance.now() - began) / 1000 };
  } finally {
    worker.process.kill('SIGTERM');
    await worker.ended;
    await log.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function countRecords(view: DataView): number {
  let count = 0;
  for (let at = 0; at < view.byteLength; at += view.getUint32(at, true)) count += 1;
  return count;
}
