/** Another decoder that takes over amid a capture: rows of clean runs, and between them the attribute sets that it reads otherwise. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileChanged, without } from '../../../infra/lab/lacking.ts';
import { isUpgrade } from '../../../infra/lab/log-runs.ts';
import { takeOvers, type TakenRow } from '../../../infra/lab/take-over.ts';
import { batchesOf, comparableRows } from '../../../infra/lab/testing.ts';
import type { FrameBatch } from '../../contract/batch.ts';
import { type RegisteredModule, registry } from '../../contract/host.ts';
import type { Row } from '../../contract/row-reader.ts';
import { RibOfRows } from './rib-of-rows.ts';
import { repository } from './testing.ts';

const captures = ['l2.full.pcap.gz', 'l3.full.pcap.gz'];
const newer = registry.find(({ name }) => name === 'bgp')!;
const folder = mkdtempSync(join(tmpdir(), 'bgp-differences-'));
let older: RegisteredModule;
let otherOrigin: RegisteredModule;

beforeAll(async () => {
  older = await compileChanged('bgp', [without('bgp', 'ATTRIBUTE_LARGE_COMMUNITIES', 250)], join(folder, 'older.wasm'));
  // One that takes the path's first AS for its origin.
  otherOrigin = await compileChanged('bgp', [
    ['bgp/assembly/as-path.ts', /at \+ length - 4\)\);/, 'at + 2));'],
    ['bgp/assembly/readings.ts', /ATTRIBUTE_AS_PATH \| \(1/, 'ATTRIBUTE_AS_PATH | (9'],
  ], join(folder, 'origin.wasm'));
}, 180_000);

afterAll(() => { rmSync(folder, { recursive: true }); });

/** Rows of the sets that are in use behind the batches before `at`, by hash. */
function setsAt(rows: readonly TakenRow[], at: number): Map<unknown, Row> {
  const before = rows.filter(({ batch }) => batch < at);
  const tables = new Map([...Map.groupBy(before, ({ table }) => table)].map(([table, list]) => [table, list.map(({ row }) => row)]));
  const used = new Set([...new RibOfRows(tables).at(1n << 62n).values()].flatMap((paths) => paths.map(({ hash }) => hash)));
  return new Map((tables.get('path_attributes') ?? []).flatMap((row): [unknown, Row][] => (used.has(String(row['attributes'])) ? [[row['attributes'], row]] : [])));
}

/** What a row says of its set. */
function reading(row: Row): string {
  const columns = Object.keys(row).slice(Object.keys(row).indexOf('attributes')).filter((name) => name !== 'reason');
  return JSON.stringify(columns.map((name) => row[name]), (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}

/** What the sets in use are read as by those who read them otherwise before. */
function readOtherwise(from: ReadonlyMap<unknown, Row>, to: ReadonlyMap<unknown, Row>): string[] {
  return [...to].filter(([hash, row]) => reading(row) !== reading(from.get(hash)!)).map(([, row]) => reading(row)).toSorted();
}

it('the list of readings names every attribute that has columns', () => {
  const source = (name: string): string => readFileSync(join(import.meta.dirname, 'assembly', name), 'utf8');
  const columns = source('attribute-set.ts').split('private static column(')[1]!.split('\n  }\n')[0]!;
  const named = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, name]) => name!).toSorted();
  expect(named(source('readings.ts'), /(ATTRIBUTE_\w+) \| \(/g)).toEqual(named(columns, /case (ATTRIBUTE_\w+):/g));
});

describe.each(captures)('%s', (file) => {
  let batches: FrameBatch[];
  const clean = { older: [] as TakenRow[], newer: [] as TakenRow[] };
  beforeAll(async () => {
    batches = await batchesOf(join(repository, 'infra/lab/captures/bgp-basic', file), 4000);
    clean.older = takeOvers(batches, [older], []);
    clean.newer = takeOvers(batches, [newer], []);
  });

  it('gives the rows of clean runs and one for each set in use that has what only one of both reads, there and back', () => {
    let seen = 0;
    for (let at = 1; at < batches.length; at += 3) {
      for (const [from, to] of [['older', 'newer'], ['newer', 'older']] as const) {
        const modules = { older, newer };
        const rows = takeOvers(batches, [modules[from], modules[to]], [at]);
        expect(comparableRows(rows.filter((row) => !isUpgrade(row)))).toEqual(comparableRows([...clean[from].filter(({ batch }) => batch < at), ...clean[to].filter(({ batch }) => batch >= at)]));
        const told = rows.filter(isUpgrade);
        expect(told.map(({ row }) => reading(row)).toSorted()).toEqual(readOtherwise(setsAt(clean[from], at), setsAt(clean[to], at)));
        expect(new Set(rows.map(({ table, row }) => `${table} ${String(row['event_id'])}`)).size).toBe(rows.length);
        seen += told.length;
      }
    }
    expect(seen).toBeGreaterThan(20);
  });

  it('reads nothing otherwise by the same decoder', () => {
    for (let at = 1; at < batches.length; at += 5) {
      expect(comparableRows(takeOvers(batches, [newer, newer], [at]))).toEqual(comparableRows(clean.newer));
    }
  });

  it('finds the origin of a path anew, for routes that are announced later too', () => {
    const at = Math.floor(batches.length / 2);
    const rows = takeOvers(batches, [otherOrigin, newer], [at]);
    const told = rows.filter(isUpgrade).map(({ row }) => reading(row));
    const otherwise = readOtherwise(setsAt(takeOvers(batches, [otherOrigin], []), at), setsAt(clean.newer, at));
    expect(otherwise.length).toBeGreaterThan(5);
    expect(otherwise.filter((one) => !told.includes(one))).toEqual([]);
    const later = (list: readonly TakenRow[]): string[] => comparableRows(list.filter((row) => row.batch >= at && !isUpgrade(row)));
    expect(later(rows)).toEqual(later(clean.newer));
  });
});
