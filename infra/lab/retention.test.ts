/** A log whose beginning retention has taken: who needs it says what is lost and goes on, and never begins in silence. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCaptures } from '../../cli/lib/captures.ts';
import { replayInto } from '../../cli/lib/replay.ts';
import type { Row } from '../../decoders-wasm/contract/row-reader.ts';
import { audit } from '../../stream/audit/index.ts';
import { encodeFrameBatch, type FrameBatch } from '../../stream/contract/frame-batch.ts';
import { eventsTopic, framesTopic, logTopics } from '../../stream/contract/log.ts';
import { type EmbeddedLog, openEmbeddedLog } from '../../stream/log/embedded/index.ts';
import { ClickHouseSink, migrations } from '../../stream/sinks/clickhouse/index.ts';
import { migrate } from '../../stream/store/index.ts';
import { type TestStore, openTestStore } from '../../stream/store/testing.ts';
import { LiveSink } from '../../stream/sinks/live/index.ts';
import { Worker } from '../../stream/worker/index.ts';
import { batchesOf, comparable, coverage, ids, loggedRows } from './testing.ts';

const capture = join(import.meta.dirname, 'captures', 'isis-lan3', 'lan0.pcap.gz');
const directories: string[] = [];
const opened: EmbeddedLog[] = [];
let batches: FrameBatch[];

beforeAll(async () => { batches = await batchesOf(capture, 5000); });

afterAll(async () => {
  for (const log of opened) await log.close();
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

async function openLog(): Promise<EmbeddedLog> {
  const directory = mkdtempSync(join(tmpdir(), 'routewatch-retention-'));
  directories.push(directory);
  const log = openEmbeddedLog(directory);
  opened.push(log);
  await log.ensureTopics(logTopics(1));
  return log;
}

let starts = 0;

async function run(log: EmbeddedLog): Promise<void> {
  const worker = new Worker({ log, partitions: [0], owner: `owner-${++starts}`, config: { cutMs: 50 } });
  await worker.start();
  await worker.drained();
  await worker.stop();
}

async function feed(log: EmbeddedLog, from: number, to: number): Promise<void> {
  for (const batch of batches.slice(from, to)) await log.append(framesTopic, 0, [encodeFrameBatch(batch)]);
}

const timed = (rows: ReadonlyMap<string, readonly Row[]>): readonly Row[] => (rows.get('adjacency_events') ?? []).filter((row) => row['evidence'] === 'timer');

describe('a worker whose resume point is below the start of the frames log', () => {
  it('goes on from its state, says that tap and keys were lost, and no deadline passes meanwhile', async () => {
    const log = await openLog();
    const half = Math.floor(batches.length / 2);
    await feed(log, 0, half - 10);
    await run(log);
    await feed(log, half - 10, batches.length);
    await log.deleteBefore(framesTopic, 0, BigInt(half + 10));
    await run(log);
    const rows = await loggedRows(log, 1);
    const gaps = coverage(rows, 'gap');
    expect(gaps.map((row) => [row['tap'], row['subject']])).toEqual([['frames-log', 'partition/0'], ['lan0', 'lan0']]);
    expect(String(gaps[0]!['detail'])).toContain(`begins at offset ${half + 10}: what was before it, from offset ${half - 10} on`);
    expect(coverage(rows, 'coverage-lost').length).toBeGreaterThan(0);
    const [from, to] = [gaps[1]!['from'] as bigint, gaps[1]!['to'] as bigint];
    expect(to).toBeGreaterThan(from);
    expect(timed(rows).filter((row) => (row['decided_time'] as bigint) > from && (row['decided_time'] as bigint) <= to)).toEqual([]);
    const before = comparable(rows);
    await run(log);
    expect(comparable(await loggedRows(log, 1)), 'a third start adds nothing').toEqual(before);
  });

  it('begins with fresh decoders where there is no checkpoint, or not one frame any more', async () => {
    const log = await openLog();
    await feed(log, 0, 20);
    await log.deleteBefore(framesTopic, 0, 20n);
    await run(log);
    expect(coverage(await loggedRows(log, 1), 'gap').map((row) => row['subject'])).toEqual(['partition/0']);
    await feed(log, 20, batches.length);
    await run(log);
    const rows = await loggedRows(log, 1);
    expect((rows.get('adjacency_events') ?? []).length).toBeGreaterThan(0);
    expect(coverage(rows, 'gap').map((row) => row['subject'])).toEqual(['partition/0', 'lan0']);
  });

  it('says so too when retention overtakes it while it runs', async () => {
    const log = await openLog();
    await feed(log, 0, 10);
    const worker = new Worker({ log, partitions: [0], owner: 'slow', config: { cutMs: 50 } });
    await worker.start();
    await worker.drained();
    const records = batches.slice(10).map((batch) => encodeFrameBatch(batch));
    await log.append(framesTopic, 0, records);
    await log.deleteBefore(framesTopic, 0, BigInt(batches.length - 20));
    await worker.drained();
    await worker.stop();
    const rows = await loggedRows(log, 1);
    expect(coverage(rows, 'gap').length).toBeGreaterThan(0);
    const { next } = await log.bounds(framesTopic, 0);
    expect(next).toBe(BigInt(batches.length));
  });
});

describe('a replay run again', () => {
  it('knows from the checkpoint what retention has taken of its frames, and goes on behind it', async () => {
    const replay = async (log: EmbeddedLog): Promise<number> => (await replayInto({ log, partitions: 1 }, {
      captures: await openCaptures([capture]), tapNames: ['lan0'], domain: 'lab', shiftNs: 0n, batchBytes: 5000,
    })).records;
    const whole = await openLog();
    const records = await replay(whole);
    await run(whole);
    const cut = await openLog();
    for await (const { offset, value } of whole.read(framesTopic, 0, 0n)) if (offset < records / 2) await cut.append(framesTopic, 0, [value]);
    await run(cut);
    const { next } = await cut.bounds(framesTopic, 0);
    await cut.deleteBefore(framesTopic, 0, next);
    expect(await replay(cut)).toBe(records - Number(next));
    await run(cut);
    expect(ids(await loggedRows(cut, 1))).toEqual(ids(await loggedRows(whole, 1)));
    expect(await replay(cut)).toBe(0);
  });
});

describe('a sink below the start of the events log', () => {
  let store: TestStore;
  beforeAll(async () => {
    store = await openTestStore();
    await migrate(store.writer, migrations);
  });
  afterAll(() => store.close());

  async function sinkAll(log: EmbeddedLog): Promise<void> {
    const sink = new ClickHouseSink({ log, client: store.writer, partitions: [0] });
    await sink.start();
    await sink.drained();
    await sink.stop();
  }

  async function query(sql: string): Promise<Record<string, unknown>[]> {
    return (await store.reader.query({ query: sql, format: 'JSONEachRow' })).json<Record<string, unknown>>();
  }

  it('writes one row that says so, stores the rest, and the audit knows', async () => {
    const log = await openLog();
    await feed(log, 0, 10);
    await run(log);
    await sinkAll(log);
    for (let from = 10; from < 40; from += 10) {
      await feed(log, from, from + 10);
      await run(log);
    }
    const { next } = await log.bounds(eventsTopic, 0);
    await log.deleteBefore(eventsTopic, 0, next - 6n);
    await feed(log, 40, batches.length);
    await run(log);
    for (let i = 0; i < 3; i++) await sinkAll(log);
    expect(await query("SELECT tap, subject FROM routewatch.coverage_events WHERE what = 'gap'")).toEqual([{ tap: 'events-log', subject: 'partition/0' }]);
    const report = await audit({ log, partitions: 1, rows: query });
    expect(report.findings).toEqual([]);
    expect(report.partitions[0]!.lost).toHaveLength(1);
    expect(report.partitions[0]!.waiting).toBe(0);
    const live = new LiveSink(log, 1);
    await live.start();
    await live.drained();
    await live.stop();
  });

  it('says nothing where what is gone had no rows, unless the store is an older one', async () => {
    const log = await openLog();
    await feed(log, 0, 10);
    await run(log);
    await sinkAll(log);
    for (let i = 0; i < 3; i++) await run(log);
    await sinkAll(log);
    const { next } = await log.bounds(eventsTopic, 0);
    await log.deleteBefore(eventsTopic, 0, next);
    const logId = await log.identity(eventsTopic);
    const losses = async (): Promise<number> => Number((await query(`SELECT count() AS n FROM routewatch.ledger WHERE owner = '' AND log_id = '${logId}'`))[0]!['n']);
    await sinkAll(log);
    expect(await losses()).toBe(0);
    await store.writer.command({ query: `ALTER TABLE routewatch.ledger DELETE WHERE log_id = '${logId}' SETTINGS mutations_sync = 2` });
    await sinkAll(log);
    expect(await losses()).toBe(1);
  });
});
