/** Another decoder that takes over amid a capture: rows of clean runs, and between them what it reads otherwise. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileChanged, without } from '../../../infra/lab/lacking.ts';
import { isUpgrade } from '../../../infra/lab/log-runs.ts';
import { takeOvers, type TakenRow } from '../../../infra/lab/take-over.ts';
import { batchesOf, comparableRows } from '../../../infra/lab/testing.ts';
import type { FrameBatch } from '../../contract/batch.ts';
import { type RegisteredModule, registry } from '../../contract/host.ts';

const capture = join(import.meta.dirname, '../../../infra/lab/captures/isis-lan3/lan0.pcap.gz');
const newer = registry.find(({ name }) => name === 'isis')!;
const folder = mkdtempSync(join(tmpdir(), 'isis-differences-'));
let older: RegisteredModule;

beforeAll(async () => { older = await compileChanged('isis', [without('isis', 'TLV_IPV6_REACH')], join(folder, 'older.wasm')); }, 180_000);
afterAll(() => { rmSync(folder, { recursive: true }); });

/** IPv6 prefixes with their metrics that are there behind the batches before `at`. */
function prefixesAt(rows: readonly TakenRow[], at: number): string[] {
  const there = new Map<string, unknown>();
  for (const { row } of rows.filter(({ table, batch }) => table === 'topology_changes' && batch < at)) {
    const key = `${String(row['level'])} ${String(row['object_key'])}`;
    if (!String(row['prefix']).includes(':')) continue;
    if (row['change'] === 'removed') there.delete(key);
    else there.set(key, row['new_number']);
  }
  return [...there].map(([key, metric]) => `${key} ${String(metric)}`).toSorted();
}

describe('isis-lan3', () => {
  let batches: FrameBatch[];
  const clean = { older: [] as TakenRow[], newer: [] as TakenRow[] };
  beforeAll(async () => {
    batches = await batchesOf(capture, 4000);
    clean.older = takeOvers(batches, [older], []);
    clean.newer = takeOvers(batches, [newer], []);
  });

  it('gives the rows of clean runs and one for each prefix that only the newer decoder reads, there and back', () => {
    expect(prefixesAt(clean.newer, batches.length).length).toBeGreaterThan(3);
    for (let at = 1; at < batches.length; at += 3) {
      for (const [change, number, from, to] of [['added', 'new_number', 'older', 'newer'], ['removed', 'old_number', 'newer', 'older']] as const) {
        const modules = { older, newer };
        const rows = takeOvers(batches, [modules[from], modules[to]], [at]);
        expect(comparableRows(rows.filter((row) => !isUpgrade(row)))).toEqual(comparableRows([...clean[from].filter(({ batch }) => batch < at), ...clean[to].filter(({ batch }) => batch >= at)]));
        const told = rows.filter(isUpgrade);
        expect(told.every(({ row }) => row['change'] === change && row['field'] === 'exists')).toBe(true);
        expect(told.map(({ row }) => `${String(row['level'])} ${String(row['object_key'])} ${String(row[number])}`).toSorted()).toEqual(prefixesAt(clean.newer, at));
        expect(new Set(rows.map(({ table, row }) => `${table} ${String(row['event_id'])}`)).size).toBe(rows.length);
      }
    }
  });

  it('reads nothing otherwise by the same decoder', () => {
    for (let at = 1; at < batches.length; at += 9) expect(comparableRows(takeOvers(batches, [newer, newer], [at]))).toEqual(comparableRows(clean.newer));
  });
});
