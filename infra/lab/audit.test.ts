/** The audit over a real log and store: silent when all is well, and each kind of harm told for what it is. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AuditReport, audit } from '../../stream/audit/index.ts';
import { encodeFrameBatch } from '../../stream/contract/frame-batch.ts';
import { eventsTopic, framesTopic, type Log, logTopics } from '../../stream/contract/log.ts';
import { openEmbeddedLog } from '../../stream/log/embedded/index.ts';
import { ClickHouseSink, migrations } from '../../stream/sinks/clickhouse/index.ts';
import { migrate } from '../../stream/store/index.ts';
import { openTestStore, type TestStore } from '../../stream/store/testing.ts';
import { Worker } from '../../stream/worker/index.ts';
import { batchesOf } from './testing.ts';

const capture = join(import.meta.dirname, 'captures', 'isis-lan3', 'lan0.pcap.gz');
const directory = mkdtempSync(join(tmpdir(), 'routewatch-audit-'));
let log: Log;
let store: TestStore;

beforeAll(async () => {
  log = openEmbeddedLog(directory);
  await log.ensureTopics(logTopics(1));
  for (const batch of await batchesOf(capture, 20_000)) await log.append(framesTopic, 0, [encodeFrameBatch(batch)]);
  store = await openTestStore();
  await migrate(store.writer, migrations);
  const worker = new Worker({ log, partitions: [0], owner: 'worker', config: { cutBytes: 3000 } });
  const sink = new ClickHouseSink({ log, client: store.writer, partitions: [0] });
  await worker.start();
  await sink.start();
  await worker.drained();
  await sink.drained();
  await worker.stop();
  await sink.stop();
});

afterAll(async () => {
  await log.close();
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

function report(): Promise<AuditReport> {
  return audit({ log, partitions: 1, rows: async (query) => (await store.reader.query({ query, format: 'JSONEachRow' })).json<Record<string, unknown>>() });
}

const kinds = async (): Promise<string[]> => [...new Set((await report()).findings.map(({ kind, table }) => `${kind} ${table}`.trim()))].toSorted();
const harm = (query: string): Promise<unknown> => store.writer.command({ query, clickhouse_settings: { mutations_sync: '2' } });

describe('the audit', () => {
  it('finds nothing where nothing is wrong, and counts what it saw', async () => {
    const { findings, partitions, tables } = await report();
    expect(findings).toEqual([]);
    expect(partitions[0]!.cuts).toBeGreaterThan(5);
    expect(partitions[0]!.waiting).toBe(0);
    for (const { stored, expected } of tables) expect(stored).toBe(expected);
    expect(tables.find(({ table }) => table === 'adjacency_events')!.stored).toBeGreaterThan(20);
  });

  it('tells rows that are gone from those that stand twice', async () => {
    await harm('CREATE TABLE routewatch.kept AS routewatch.adjacency_events');
    await harm('INSERT INTO routewatch.kept SELECT * FROM routewatch.adjacency_events ORDER BY event_id LIMIT 1');
    await harm('ALTER TABLE routewatch.adjacency_events DELETE WHERE event_id IN (SELECT event_id FROM routewatch.kept)');
    expect(await kinds()).toEqual(['stored-count adjacency_events']);
    await harm('INSERT INTO routewatch.adjacency_events SELECT * FROM routewatch.kept');
    expect(await kinds()).toEqual([]);
    await harm('INSERT INTO routewatch.adjacency_events SELECT * FROM (SELECT * FROM routewatch.kept UNION ALL SELECT * FROM routewatch.kept) LIMIT 1 OFFSET 1 SETTINGS insert_deduplicate = 0');
    expect(await kinds()).toEqual(['stored-count adjacency_events', 'twice adjacency_events']);
    await harm('ALTER TABLE routewatch.adjacency_events DELETE WHERE event_id IN (SELECT event_id FROM routewatch.kept)');
    await harm('INSERT INTO routewatch.adjacency_events SELECT * FROM routewatch.kept SETTINGS insert_deduplicate = 0');
    expect(await kinds()).toEqual([]);
  });

  it('tells a cut that is missing in the ledger, one that is there twice, and one that the log does not know', async () => {
    await harm('CREATE TABLE routewatch.kept_cut AS routewatch.ledger');
    await harm('INSERT INTO routewatch.kept_cut SELECT * FROM routewatch.ledger ORDER BY ledger.last_offset LIMIT 1 OFFSET 2');
    await harm('ALTER TABLE routewatch.ledger DELETE WHERE last_offset IN (SELECT last_offset FROM routewatch.kept_cut)');
    expect((await kinds()).filter((kind) => !kind.startsWith('unknown-rows '))).toEqual(['gap']);
    expect((await kinds()).some((kind) => kind.startsWith('unknown-rows '))).toBe(true);
    await harm('INSERT INTO routewatch.ledger SELECT * FROM routewatch.kept_cut SETTINGS insert_deduplicate = 0');
    expect(await kinds()).toEqual([]);
    await harm('INSERT INTO routewatch.ledger SELECT * REPLACE (last_offset + 1000 AS last_offset, map() AS rows) FROM routewatch.kept_cut SETTINGS insert_deduplicate = 0');
    expect(await kinds()).toEqual(['beyond-log', 'overlap']);
    await harm('ALTER TABLE routewatch.ledger DELETE WHERE (last_offset - 1000) IN (SELECT last_offset FROM routewatch.kept_cut) OR last_offset IN (SELECT last_offset FROM routewatch.kept_cut)');
    await harm('INSERT INTO routewatch.ledger SELECT * REPLACE (first_offset - 1 AS first_offset) FROM routewatch.kept_cut SETTINGS insert_deduplicate = 0');
    expect(await kinds()).toEqual(['foreign-cut', 'overlap']);
  });

  it('tells a record that nothing can follow', async () => {
    await log.append(eventsTopic, 0, [new Uint8Array(100)]);
    expect(await kinds()).toContain('events-log');
  });
});
