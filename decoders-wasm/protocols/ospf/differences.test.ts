/** Another decoder that takes over amid a capture: rows of clean runs, and between them what it reads otherwise. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileChanged, without } from '../../../infra/lab/lacking.ts';
import { isUpgrade } from '../../../infra/lab/log-runs.ts';
import { shadowOf, takeOvers, type TakenRow } from '../../../infra/lab/take-over.ts';
import { batchesOf, comparableRows } from '../../../infra/lab/testing.ts';
import type { FrameBatch } from '../../contract/batch.ts';
import { type RegisteredModule, registry } from '../../contract/host.ts';
import { lsa, routerBody } from './crafted.ts';
import { anyTraffic } from './random.ts';
import { OSPFV2, repository } from './testing.ts';
import { allRouters, Wire } from './testing-wire.ts';

const captures = ['lan0.pcap.gz', 'l34.pcap.gz'];
const newer = registry.find(({ protocol }) => protocol === OSPFV2)!;
const folder = mkdtempSync(join(tmpdir(), 'ospf-differences-'));
let older: RegisteredModule;

beforeAll(async () => {
  // One that reads no stub links, no summaries and no links between two routers.
  older = await compileChanged('ospf', [
    without('ospf', 'ROUTER_LINK_STUB', 250), without('ospf', 'LSA_SUMMARY_NETWORK', 250),
    ['ospf/assembly/edges.ts', /return type == ROUTER_LINK_POINT_TO_POINT \|\| /, 'return '],
  ], join(folder, 'older.wasm'));
}, 180_000);

afterAll(() => { rmSync(folder, { recursive: true }); });

/** What of the graph is there behind the batches before `at`, with its metric. */
function graphAt(rows: readonly TakenRow[], at: number): Set<string> {
  const there = new Map<string, unknown>();
  for (const { row } of rows.filter(({ table, batch }) => table === 'topology_changes' && batch < at)) {
    const kind = row['object_type'] === 'prefix' && row['field'] === 'exists' ? String(row['change'] === 'removed' ? row['old_text'] : row['new_text']) : '';
    const key = `${String(row['area'])} ${String(row['object_type'])} ${String(row['object_key'])} ${kind}`;
    if (row['change'] === 'removed') there.delete(key);
    else if (row['field'] === 'exists') there.set(key, row['new_number']);
    else if (row['field'] === 'metric') for (const one of there.keys()) if (one.startsWith(key)) there.set(one, row['new_number']);
  }
  return new Set([...there].map(([key, metric]) => `${key} ${String(metric)}`));
}

function onlyNewer(clean: { readonly older: readonly TakenRow[]; readonly newer: readonly TakenRow[] }, at: number): string[] {
  const known = graphAt(clean.older, at);
  return [...graphAt(clean.newer, at)].filter((one) => !known.has(one)).toSorted();
}

describe.each(captures)('%s', (file) => {
  const capture = join(repository, 'infra/lab/captures/ospf-lan', file);
  let batches: FrameBatch[];
  let clean: { older: TakenRow[]; newer: TakenRow[] };
  beforeAll(async () => {
    batches = await batchesOf(capture, 3000);
    clean = { older: takeOvers(batches, [older], []), newer: takeOvers(batches, [newer], []) };
  });

  it('gives the rows of clean runs and one for each thing that only the newer decoder reads, there and back, at every batch', () => {
    let seen = 0;
    for (let at = 1; at < batches.length; at++) {
      const more = onlyNewer(clean, at);
      for (const [change, from, to] of [['added', 'older', 'newer'], ['removed', 'newer', 'older']] as const) {
        const modules = { older, newer };
        const rows = takeOvers(batches, [modules[from], modules[to]], [at]);
        expect(comparableRows(rows.filter((row) => !isUpgrade(row)))).toEqual(comparableRows([...clean[from].filter(({ batch }) => batch < at), ...clean[to].filter(({ batch }) => batch >= at)]));
        const told = rows.filter((row) => isUpgrade(row) && row.table === 'topology_changes');
        expect(told.every(({ row }) => row['change'] === change && row['field'] === 'exists')).toBe(true);
        const objects = told.map(({ row }) => `${String(row['area'])} ${String(row['object_type'])} ${String(row['object_key'])} ${row['object_type'] === 'prefix' ? String(row[change === 'added' ? 'new_text' : 'old_text']) : ''} ${String(row[change === 'added' ? 'new_number' : 'old_number'])}`);
        expect(objects.toSorted()).toEqual(more);
        expect(new Set(rows.map(({ row }) => row['event_id'])).size).toBe(rows.length);
        seen += told.length;
      }
    }
    expect(seen).toBeGreaterThan(100);
  });

  it('there, back and there again tells the same things each time, under ids of their own', () => {
    const at = Math.floor(batches.length / 2);
    const rows = takeOvers(batches, [newer, older, newer, older, newer], [at, at, at, at]);
    expect(comparableRows(rows.filter((row) => !isUpgrade(row)))).toEqual(comparableRows(clean.newer));
    const told = Map.groupBy(rows.filter((row) => isUpgrade(row) && row.table === 'topology_changes'), ({ row }) => row['change']);
    const more = onlyNewer(clean, at).length;
    expect([told.get('added')?.length, told.get('removed')?.length]).toEqual([2 * more, 2 * more]);
    expect(new Set(rows.map(({ row }) => row['event_id'])).size).toBe(rows.length);
  });
});

describe('a router with thousands of links', () => {
  it('is told of in whole, though what was read of it is longer than a block of memory', async () => {
    const links = Array.from({ length: 3000 }, (_, n) => [3, `10.${n >> 8}.${n & 255}.0`, '255.255.255.0', 1] as const);
    const end = { id: '1.1.1.1', address: '10.0.0.1' };
    let told = 0;
    await new Wire().hello(0, end).update(1, end, allRouters, [lsa({ type: 1, id: end.id, router: end.id, body: routerBody(links) })]).decode({
      afterBatch: (set) => {
        const other = shadowOf(older);
        other.importState(set.exportState());
        told = other.differences([{ protocol: OSPFV2, identity: new Uint8Array(16) }], { next: 1n, turn: 0n }).blocks.reduce((all, { rows }) => all + rows, 0);
      },
    });
    expect(told).toBe(3000);
  });
});

describe('the same decoder', () => {
  it('reads nothing otherwise, whatever the routers sent', async () => {
    for (const seed of [1, 2, 3, 4]) {
      let told = 0;
      await anyTraffic(seed, 400).decode({
        batchBytes: 1000, afterBatch: (set, batch) => {
          if (set.of(OSPFV2) === undefined) return;
          set.reload(BigInt(batch));
          told += set.differences([{ protocol: OSPFV2, identity: new Uint8Array(16) }], { next: 0n, turn: 0n }).blocks.length;
        },
      });
      expect(told).toBe(0);
    }
  });
});
