/** Events records whose rows the store cannot read: they go to quarantine, their neighbours into the tables, nothing stands still. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { murmur128 } from '../../decoders-wasm/contract/murmur.ts';
import { tableOf } from '../../decoders-wasm/contract/row-reader.ts';
import { DECIDED_BY_DEADLINE, writeRow } from '../../decoders-wasm/contract/row-writer.ts';
import { audit } from '../../stream/audit/index.ts';
import { decodeEventsRecord, encodeEventsRecord } from '../../stream/contract/events-record.ts';
import { encodeFrameBatch } from '../../stream/contract/frame-batch.ts';
import { eventsTopic, framesTopic, type Log, logTopics, reportsTopic, reportTopics } from '../../stream/contract/log.ts';
import { encodeReport } from '../../stream/contract/report.ts';
import { openEmbeddedLog } from '../../stream/log/embedded/index.ts';
import { ClickHouseSink, migrations } from '../../stream/sinks/clickhouse/index.ts';
import { migrate } from '../../stream/store/index.ts';
import { openTestStore, type TestStore } from '../../stream/store/testing.ts';
import { Worker } from '../../stream/worker/index.ts';
import { batchesOf } from './testing.ts';

const directory = mkdtempSync(join(tmpdir(), 'routewatch-poisoned-'));
const topics = logTopics(1);
let log: Log;
let store: TestStore;
/** Rows by table of the record that was spoiled, and its offset. */
let spoiled: { offset: bigint; rows: Record<number, number> };
let logged = 0;

beforeAll(async () => {
  const clean = openEmbeddedLog(join(directory, 'clean'));
  await clean.ensureTopics(topics);
  for (const batch of await batchesOf(join(import.meta.dirname, 'captures', 'isis-lan3', 'lan0.pcap.gz'), 20_000)) await clean.append(framesTopic, 0, [encodeFrameBatch(batch)]);
  const worker = new Worker({ log: clean, partitions: [0], owner: 'worker', config: { cutBytes: 1 << 20, cutMs: 60_000 } });
  await worker.start();
  await worker.drained();
  await worker.stop();
  log = openEmbeddedLog(join(directory, 'spoiled'));
  await log.ensureTopics(topics);
  for await (const { offset, value } of clean.read(eventsTopic, 0, 0n)) {
    const record = decodeEventsRecord(value);
    const index = record.header.sections.findIndex(({ table }) => table === 1);
    logged += record.header.sections.reduce((sum, section) => sum + section.rows, 0);
    if (offset < 3n || index < 0 || spoiled !== undefined) {
      await log.append(eventsTopic, 0, [value]);
      continue;
    }
    // An enumeration's code that there is not.
    const rows = record.rows.map((bytes, at) => (at === index ? bytes.with(16, 0x77) : bytes));
    spoiled = { offset, rows: { 1: record.header.sections[index]!.rows } };
    await log.append(eventsTopic, 0, [encodeEventsRecord({ header: record.header, rows })]);
  }
  await clean.close();
  store = await openTestStore();
  await migrate(store.writer, migrations);
});

afterAll(async () => {
  await log.close();
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

const rows = async (query: string): Promise<Record<string, unknown>[]> => (await store.reader.query({ query, format: 'JSONEachRow' })).json<Record<string, unknown>>();

describe('a record that the store refuses', () => {
  it('goes to quarantine with its offset; all others are stored, and the audit agrees', async () => {
    const sink = new ClickHouseSink({ log, client: store.writer, partitions: [0] });
    await sink.start();
    await sink.drained();
    await sink.stop();
    const [quarantined, ...more] = await rows("SELECT error, frame_offset, source_line, length(bytes) AS kept FROM routewatch.quarantine WHERE error = 'events-record'");
    expect(more).toEqual([]);
    expect(quarantined).toMatchObject({ error: 'events-record', frame_offset: Number(spoiled.offset) });
    expect(Number(quarantined!['kept'])).toBeGreaterThan(100);
    const report = await audit({ log, partitions: 1, rows });
    expect(report.findings).toEqual([]);
    const stored = report.tables.reduce((sum, table) => sum + table.stored, 0);
    expect(stored).toBe(logged - spoiled.rows[1]! + 1);
    expect(await log.lag('clickhouse', eventsTopic, 0)).toBe(0n);
  });
});

describe('the reports topic', () => {
  it('what is no report, and rows that the store refuses, go to quarantine; the alerts around them are stored, and the audit agrees', async () => {
    await log.ensureTopics(reportTopics);
    const claim = Buffer.from('no report at all');
    const report = (id: string, ingestTimeNs: string, spoil = false): Uint8Array => {
      const row = writeRow('alerts', { identity: murmur128(Buffer.from(id)), kind: DECIDED_BY_DEADLINE, number: 1n, key: id }, {
        context: 0, tap: 0, time: BigInt(ingestTimeNs), decided_time: BigInt(ingestTimeNs), alert_id: '00000000-0000-4000-8000-000000000001', rule: 'adjacency-lost', severity: 'error', state: 'firing', since: BigInt(ingestTimeNs), told: true,
      });
      const bytes = spoil ? row.with(16, 0x77) : row;
      return encodeReport({ header: {
        id: id.padEnd(32, '0'), writer: 'alerts/test', kind: 'rows', ingestTimeNs, sections: [{ table: tableOf('alerts').id, layout: tableOf('alerts').layout, rows: 1, bytes: bytes.length }], madeBy: 'alerts@1',
        contexts: [{ code: 0, key: 'alerts/', domain: '', networkInstance: '', link: '' }], taps: [{ code: 0, tap: '', collector: '' }],
      }, rows: [bytes] });
    };
    const now = BigInt(Date.now()) * 1_000_000n;
    for (const value of [report('a1', String(now)), claim, report('a2', String(now + 10n), true), report('a3', String(now + 20n))]) await log.append(reportsTopic, 0, [value]);
    for (let run = 0; run < 2; run++) {
      const sink = new ClickHouseSink({ log, client: store.writer, partitions: [0], reports: true });
      await sink.start();
      await sink.drained();
      await sink.stop();
    }
    expect((await rows('SELECT count() AS n FROM routewatch.alerts')).map(({ n }) => Number(n))).toEqual([2]);
    const quarantined = await rows("SELECT toUInt32(frame_offset) AS offset, source_line FROM routewatch.quarantine WHERE frame_partition = 65535 ORDER BY offset");
    expect(quarantined.map(({ offset, source_line: line }) => [Number(offset), String(line).split(':')[0]])).toEqual([[1, 'unreadable'], [2, `layout ${tableOf('alerts').layout}`]]);
    expect((await audit({ log, partitions: 1, rows })).findings).toEqual([]);
    expect(await log.lag('clickhouse', reportsTopic, 0)).toBe(0n);
  }, 60_000);
});
