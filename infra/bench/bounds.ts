/**
 * Whether the bounds of docs/operations.md hold: `node infra/bench/bounds.ts [--prefixes N]` prints what each stage held at
 * most when it was made to hold much. Each measurement runs in a process of its own, so that its memory is its own.
 */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openCaptures } from '../../cli/lib/captures.ts';
import { replayInto } from '../../cli/lib/replay.ts';
import { decodeEventsRecord } from '../../stream/contract/events-record.ts';
import { encodeFrameBatch, type FrameBatch } from '../../stream/contract/frame-batch.ts';
import { eventsTopic, framesTopic, type Log, type LogRecord, logTopics } from '../../stream/contract/log.ts';
import { openEmbeddedLog } from '../../stream/log/embedded/index.ts';
import { ClickHouseSink, migrations } from '../../stream/sinks/clickhouse/index.ts';
import { migrate } from '../../stream/store/index.ts';
import { openTestStore } from '../../stream/store/testing.ts';
import { Worker, type WorkerSettings } from '../../stream/worker/index.ts';
import { batchesOf } from '../lab/testing.ts';
import { benchFiles } from './generate/files.ts';
import { describeCommit, describeMachine, load } from './machine.ts';

const SEED = 20_261_121;
const MB = 2 ** 20;

/** Longest insert that the slow sink is made to wait for, ms. */
const SLOW_MS = 1000;
/** A checkpoint after so many bytes, and crashes, in the measurement of replays. */
const CHECKPOINT_BYTES = 2 * MB;
const CRASHES = 12;

type Figures = Readonly<Record<string, number>>;

const measurements: Readonly<Record<string, (prefixes: number, partitions: number) => Promise<Figures>>> = { flight, replays, memory };

/** Bytes in flight in each stage: a replay as fast as it goes, into a store whose every insert takes a second longer. */
async function flight(prefixes: number): Promise<Figures> {
  const file = await capture(prefixes);
  return withLog(1, async (plain) => {
    const held = { batch: 0, delivered: 0, record: 0, cut: 0, spool: 0 };
    const log = watched(plain, {
      append: (topic, values) => {
        const bytes = sizeOf(values);
        if (topic === framesTopic) held.batch = Math.max(held.batch, bytes);
        if (topic === eventsTopic) held.record = Math.max(held.record, bytes);
      },
      delivered: (_topic, records) => { held.delivered = Math.max(held.delivered, sizeOf(records.map(({ value }) => value))); },
    });
    const store = await openTestStore();
    await migrate(store.writer, migrations);
    const slow = new Proxy(store.writer, { get: (client, name) => {
      const value = Reflect.get(client, name) as unknown;
      if (typeof value !== 'function') return value;
      if (name !== 'exec') return (value as (...given: unknown[]) => unknown).bind(client);
      return async (...given: unknown[]) => {
        await sleep(SLOW_MS);
        return (value as (...all: unknown[]) => unknown).apply(client, given);
      };
    } });
    const spool = setInterval(() => { held.spool = Math.max(held.spool, bytesBelow(join(store.directory, 'spool'))); }, 20);
    const worker = new Worker({ log, partitions: [0], owner: randomUUID() });
    const sink = new ClickHouseSink({ log, client: slow, partitions: [0] });
    try {
      await worker.start();
      await sink.start();
      const before = process.memoryUsage.rss();
      await replayInto({ log, partitions: 1 }, { captures: await openCaptures([file]), tapNames: ['table'], domain: 'bench', shiftNs: 0n });
      const replayed = performance.now();
      await worker.drained();
      await worker.stop();
      await sink.drained();
      const behindMs = performance.now() - replayed;
      await sink.stop();
      held.cut = await largestCut(plain);
      return { ...held, behindMs, rssBefore: before, rssMost: process.resourceUsage().maxRSS * 1024 };
    } finally {
      clearInterval(spool);
      await store.close();
    }
  });
}

/** Bytes of frames that a worker reads again after it was killed, wherever that was. */
async function replays(prefixes: number): Promise<Figures> {
  const batches = await batchesOf(await capture(prefixes), 1 << 18);
  return withLog(1, async (plain) => {
    const settings: WorkerSettings = { checkpointBytes: CHECKPOINT_BYTES };
    let [most, total, largest] = [0, 0, 0];
    const crashes = Math.min(CRASHES, batches.length);
    for (let crash = 0; crash < crashes; crash++) {
      let again = 0;
      const log = watched(plain, { read: (topic, value) => { if (topic === framesTopic) again += value.length; } });
      const worker = new Worker({ log, partitions: [0], owner: randomUUID(), config: settings });
      await worker.start();
      most = Math.max(most, again);
      total += again;
      for (const batch of share(batches, crash, crashes)) {
        const record = encodeFrameBatch(batch);
        largest = Math.max(largest, record.length);
        await plain.append(framesTopic, 0, [record]);
      }
      await worker.drained();
      // Not ended: the next one's claim fences it, as if it had been killed here.
      worker.failed.catch(() => undefined);
    }
    return { crashes, checkpointBytes: CHECKPOINT_BYTES, largestBatch: largest, mostReplayed: most, meanReplayed: total / crashes };
  });
}

/** Memory of log and worker: with idle partitions, and with the same table in each. */
async function memory(prefixes: number, partitions: number): Promise<Figures> {
  const before = process.memoryUsage.rss();
  return withLog(partitions, async (log) => {
    const worker = new Worker({ log, partitions: Array.from({ length: partitions }, (_, partition) => partition), owner: randomUUID() });
    await worker.start();
    const idle = await settledRss();
    for (const batch of await batchesOf(await capture(prefixes), 1 << 18)) {
      for (let partition = 0; partition < partitions; partition++) await log.append(framesTopic, partition, [encodeFrameBatch({ ...batch, header: { ...batch.header, partition } })]);
    }
    const fed = process.memoryUsage.rss();
    await worker.drained();
    const full = await settledRss();
    await worker.stop();
    return { before, idle, fed, full };
  });
}

async function settledRss(): Promise<number> {
  await sleep(1000);
  (globalThis as { gc?: () => void }).gc?.();
  await sleep(200);
  return process.memoryUsage.rss();
}

async function capture(prefixes: number): Promise<string> {
  return (await benchFiles(join(import.meta.dirname, '../../build/bench'), { prefixes, seed: SEED, segmentBytes: 1460 })).pcap;
}

async function withLog<T>(partitions: number, work: (log: Log) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'routewatch-bounds-'));
  const log = openEmbeddedLog(directory);
  try {
    await log.ensureTopics(logTopics(partitions));
    return await work(log);
  } finally {
    await log.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The log, with what passes through it told. */
function watched(log: Log, tell: {
  readonly append?: (topic: string, values: readonly Uint8Array[]) => void;
  readonly delivered?: (topic: string, records: readonly LogRecord[]) => void;
  readonly read?: (topic: string, value: Uint8Array) => void;
}): Log {
  return new Proxy(log, { get: (target, name) => {
    const value = Reflect.get(target, name) as unknown;
    if (name === 'append') {
      return (topic: string, partition: number, values: readonly Uint8Array[]) => {
        tell.append?.(topic, values);
        return target.append(topic, partition, values);
      };
    }
    if (name === 'consume') {
      return (options: Parameters<Log['consume']>[0], handler: Parameters<Log['consume']>[1]) => target.consume(options, (records) => {
        tell.delivered?.(options.topic, records);
        return handler(records);
      });
    }
    if (name === 'read') {
      return async function* read(topic: string, partition: number, from: bigint) {
        for await (const record of target.read(topic, partition, from)) {
          tell.read?.(topic, record.value);
          yield record;
        }
      };
    }
    return typeof value === 'function' ? (value as (...given: unknown[]) => unknown).bind(target) : value;
  } });
}

/** Bytes of the largest stretch of events between two cuts: what the sink has to hold. */
async function largestCut(log: Log): Promise<number> {
  let [most, bytes] = [0, 0];
  for await (const { value } of log.read(eventsTopic, 0, 0n)) {
    bytes += value.length;
    most = Math.max(most, bytes);
    if (decodeEventsRecord(value).header.cut !== undefined) bytes = 0;
  }
  return most;
}

function share(batches: readonly FrameBatch[], part: number, of: number): readonly FrameBatch[] {
  return batches.slice(Math.floor(batches.length * part / of), Math.floor(batches.length * (part + 1) / of));
}

function sizeOf(values: readonly Uint8Array[]): number {
  return values.reduce((sum, value) => sum + value.length, 0);
}

/** Files come and go meanwhile. */
function bytesBelow(directory: string): number {
  let bytes = 0;
  try {
    for (const name of readdirSync(directory)) bytes += statSync(join(directory, name)).size;
  } catch {
    // One that was there a moment ago.
  }
  return bytes;
}

/** One measurement in a process of its own. */
function apart(name: string, prefixes: number, partitions = 1): Figures {
  process.stderr.write(`bounds: ${name}${name === 'memory' ? `, ${partitions} partitions` : ''}\n`);
  return JSON.parse(execFileSync(process.execPath, ['--expose-gc', '--disable-warning=ExperimentalWarning', import.meta.filename, '--measure', name, '--partitions', String(partitions), '--prefixes', String(prefixes)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })) as Figures;
}

function megabytes(bytes: number | undefined): string {
  return `${((bytes ?? 0) / MB).toFixed(1)} MB`;
}

function report(prefixes: number): string {
  const lines = [`${describeMachine()}; commit ${describeCommit()}; ${prefixes} routes; load ${load().toFixed(1)}`];
  const held = apart('flight', prefixes);
  lines.push(
    '', `A replay as fast as it goes, every insert ${SLOW_MS / 1000} s late (the store was done ${((held['behindMs'] ?? 0) / 1000).toFixed(1)} s after the replay):`,
    `  largest frame batch ${megabytes(held['batch'])}, records delivered at a time ${megabytes(held['delivered'])}, largest events record ${megabytes(held['record'])},`,
    `  largest cut ${megabytes(held['cut'])}, spool of the store ${megabytes(held['spool'])}; memory of replay, log, worker and sink ${megabytes(held['rssMost'])} (${megabytes(held['rssBefore'])} before)`,
  );
  const again = apart('replays', prefixes);
  lines.push('', `Frames read again after each of ${again['crashes']} crashes, a checkpoint every ${megabytes(again['checkpointBytes'])}: ${megabytes(again['mostReplayed'])} at most, ${megabytes(again['meanReplayed'])} on average (largest batch ${megabytes(again['largestBatch'])})`);
  lines.push('', 'partitions  idle       full table in each');
  for (const partitions of [1, 2, 8]) {
    const { idle, full } = apart('memory', prefixes, partitions);
    lines.push(`${String(partitions).padStart(10)}  ${megabytes(idle).padEnd(9)}  ${megabytes(full)}`);
  }
  return `${lines.join('\n')}\n`;
}

const { values } = parseArgs({ options: { measure: { type: 'string' }, prefixes: { type: 'string', default: '100000' }, partitions: { type: 'string', default: '1' } } });
if (values.measure === undefined) process.stdout.write(report(Number(values.prefixes)));
else {
  const measure = measurements[values.measure];
  if (measure === undefined) throw new Error(`there is no measurement ${values.measure}: ${Object.keys(measurements).join(', ')}`);
  process.stdout.write(JSON.stringify(await measure(Number(values.prefixes), Number(values.partitions))));
  process.exit(0);
}
