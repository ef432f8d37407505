/** Decoders that change amid a log, there and back: rows are those of clean runs but for the ones that say so. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RegisteredModule, loadModule, registry } from '../../decoders-wasm/contract/host.ts';
import type { Row } from '../../decoders-wasm/contract/row-reader.ts';
import { audit } from '../../stream/audit/index.ts';
import type { FrameBatch } from '../../stream/contract/frame-batch.ts';
import type { Log } from '../../stream/contract/log.ts';
import { ClickHouseSink, migrations } from '../../stream/sinks/clickhouse/index.ts';
import { migrate } from '../../stream/store/index.ts';
import { openTestStore } from '../../stream/store/testing.ts';
import { ModuleStore, Worker } from '../../stream/worker/index.ts';
import { compileChanged, firstLayouts, without } from './lacking.ts';
import { append, dyingAt, Folders, isUpgrade, logged, type LoggedRow, openFreshLog, run, withoutCheckpoints } from './log-runs.ts';
import { batchesOf, comparableRows } from './testing.ts';

const capture = join(import.meta.dirname, 'captures', 'isis-lan3', 'lan0.pcap.gz');
const folders = new Folders('upgrade');
const fresh = (): string => folders.fresh();
const openLog = (): Promise<Log> => openFreshLog(folders);
const newer: readonly RegisteredModule[] = registry;
let older: readonly RegisteredModule[];
/** The older one as it was before rows of the graph had a reason. */
let oldest: readonly RegisteredModule[];
let batches: FrameBatch[];
/** What runs without a change of decoders write. */
let cleanOld: LoggedRow[];
let cleanNew: LoggedRow[];

beforeAll(async () => {
  const lacking = without('isis', 'TLV_IPV6_REACH');
  older = [await compileChanged('isis', [lacking], join(fresh(), 'isis.wasm')), ...registry.slice(1)];
  oldest = [await compileChanged('isis', [lacking, ...firstLayouts], join(fresh(), 'isis.wasm')), ...registry.slice(1)];
  batches = await batchesOf(capture, 20_000);
  cleanOld = await cleanRun(older);
  cleanNew = await cleanRun(newer);
}, 180_000);

afterAll(() => { folders.remove(); });

async function cleanRun(modules: readonly RegisteredModule[]): Promise<LoggedRow[]> {
  const log = await openLog();
  await feed(log, 0, batches.length);
  await run(log, modules, fresh());
  const { rows } = await logged(log);
  await log.close();
  return rows;
}

function feed(log: Log, from: number, to: number): Promise<void> {
  return append(log, batches.slice(from, to));
}

const objectOf = (row: Row): string => `${String(row['level'])} ${String(row['object_key'])}`;

/** IPv6 prefixes that are there behind the batches before `batch`, by the rows of the decoder that reads them. */
function prefixesAt(batch: number): string[] {
  const there = new Map<string, boolean>();
  for (const { row } of cleanNew.filter((one) => one.table === 'topology_changes' && one.batch < batch)) {
    if (String(row['prefix']).includes(':') && row['field'] === 'exists') there.set(objectOf(row), row['change'] !== 'removed');
  }
  return [...there].filter(([, is]) => is).map(([key]) => key).toSorted();
}

/** Rows before `at` are those of one clean run, behind it of the other; between them stand the differences. */
function expectChange(rows: readonly LoggedRow[], at: number, before: readonly LoggedRow[], after: readonly LoggedRow[]): void {
  expect(comparableRows(rows.filter((row) => !isUpgrade(row)))).toEqual(comparableRows([...before.filter(({ batch }) => batch < at), ...after.filter(({ batch }) => batch >= at)]));
}

function expectDifferences(rows: readonly LoggedRow[], at: number, change: 'added' | 'removed'): void {
  const told = rows.filter((row) => isUpgrade(row) && row.batch === at - 1);
  expect(told.every(({ row }) => row['change'] === change && row['field'] === 'exists')).toBe(true);
  expect(told.map(({ row }) => objectOf(row)).toSorted()).toEqual(prefixesAt(at));
}

describe('decoders that change amid a log', () => {
  it('give the rows of clean runs, and one row for each prefix that only the newer one reads, wherever it happens', async () => {
    expect(prefixesAt(batches.length).length).toBeGreaterThan(3);
    for (const at of [1, Math.floor(batches.length / 2), batches.length - 1]) {
      const log = await openLog();
      const folder = fresh();
      await feed(log, 0, at);
      await run(log, older, folder);
      await feed(log, at, batches.length);
      await run(log, newer, folder);
      const { rows, headers } = await logged(log);
      expectChange(rows, at, cleanOld, cleanNew);
      expectDifferences(rows, at, 'added');
      expect(headers.filter(({ kind }) => kind === 'upgrade').length).toBe(1);
      await log.close();
    }
  });

  it('are kept as long as the newest checkpoint is of them, however many came since', async () => {
    const log = await openLog();
    const folder = fresh();
    await feed(log, 0, 4);
    await run(log, newer, folder);
    // Killed behind the upgrade and before its checkpoint: a replay has to begin with the first ones again.
    for (const next of [older, oldest]) await run(dyingAt(log, 3), next, folder).catch(() => undefined);
    await run(log, oldest, folder);
    await feed(log, 4, batches.length);
    await run(log, oldest, folder);
    const { rows, headers } = await logged(log);
    expect(headers.filter(({ kind }) => kind === 'upgrade').length).toBe(2);
    expectChange(rows, 4, cleanNew, cleanOld);
    await log.close();
  });

  it('can be finalized although the one that took over was killed before its checkpoint', async () => {
    const log = await openLog();
    const folder = fresh();
    await feed(log, 0, 4);
    await run(log, older, folder);
    await run(dyingAt(log, 3), newer, folder).catch(() => undefined);
    await run(log, newer, folder);
    new ModuleStore(folder).finalize(Object.fromEntries(newer.map(loadModule).map((module) => [module.name, module.hash])));
    await feed(log, 4, batches.length);
    await run(log, newer, folder);
    expectChange((await logged(log)).rows, 4, cleanOld, cleanNew);
    await log.close();
  });

  it('go back to the older one, and forth again', async () => {
    const log = await openLog();
    const folder = fresh();
    const at = Math.floor(batches.length / 2);
    await feed(log, 0, at);
    await run(log, newer, folder);
    await run(log, older, folder);
    await run(log, newer, folder);
    await run(log, older, folder);
    const back = (await logged(log)).rows;
    expect(new Set(back.map(({ row }) => row['event_id'])).size).toBe(back.length);
    await feed(log, at, batches.length);
    await run(log, older, folder);
    const { rows, headers } = await logged(log);
    expectChange(rows, at, cleanNew, cleanOld);
    expect(headers.filter(({ kind }) => kind === 'upgrade').length).toBe(3);
    const told = rows.filter(isUpgrade);
    // Whoever sorts rows by their place has the last change last.
    const places = told.map(({ row }) => Number(row['frame_index']));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(new Set(places).size).toBe(3);
    expect(Map.groupBy(told, ({ row }) => row['change']).get('removed')!.length).toBe(2 * prefixesAt(at).length);
    expect(Map.groupBy(told, ({ row }) => row['change']).get('added')!.length).toBe(prefixesAt(at).length);
    await log.close();
  });

  it('finish a half-written batch under the older one, and die anywhere without a trace', async () => {
    const small = { recordBytes: 200 };
    for (let deaths = 1; deaths <= 6; deaths++) {
      const log = await openLog();
      const folder = fresh();
      await feed(log, 0, 4);
      await run(dyingAt(log, 9), older, folder, small).catch(() => undefined);
      const half = (await logged(log)).headers.at(-1)!.end;
      expect(half.rows, 'ended within a batch').toBeGreaterThan(0);
      await run(dyingAt(log, deaths), newer, folder, small).catch(() => undefined);
      await feed(log, 4, batches.length);
      await run(log, newer, folder, small);
      const { rows, headers } = await logged(log);
      expect(headers.filter(({ kind }) => kind === 'upgrade').length).toBe(1);
      const at = Number(headers.find(({ kind }) => kind === 'upgrade')!.begin.offset);
      expect(at).toBe(Number(half.offset) + 1);
      expectChange(rows, at, cleanOld, cleanNew);
      expectDifferences(rows, at, 'added');
      await log.close();
    }
  });

  it('replay a stretch that holds upgrades by the module of each part', async () => {
    const log = await openLog();
    const folder = fresh();
    const [one, two] = [Math.floor(batches.length / 3), Math.floor(batches.length * 2 / 3)];
    await feed(log, 0, one);
    await run(log, older, folder);
    await feed(log, one, two);
    await run(log, newer, folder);
    await feed(log, two, batches.length);
    await run(withoutCheckpoints(log), newer, folder);
    const { rows } = await logged(log);
    expectChange(rows, one, cleanOld, cleanNew);
    await log.close();
  });

  it('refuse to go on where the module in force is gone, without a claim that would stop the present owner; and one that finalize left behind', async () => {
    const log = await openLog();
    const folder = fresh();
    await feed(log, 0, 1);
    const owner = new Worker({ log, partitions: [0], owner: 'running', modules: older, modulesFolder: folder });
    await owner.start();
    await owner.drained();
    const { hash } = loadModule(older[0]!);
    await expect(run(log, newer, fresh())).rejects.toThrow(new RegExp(`decoded by isis.wasm with SHA-256 ${hash}, which is neither`));
    await feed(log, 1, 2);
    await owner.drained();
    await owner.stop();
    await run(log, newer, folder);
    const dropped = new ModuleStore(folder).finalize(Object.fromEntries(newer.map(loadModule).map((module) => [module.name, module.hash])));
    expect(dropped).toEqual([`isis 0.0.9 (${hash.slice(0, 12)})`]);
    await expect(run(log, older, folder)).rejects.toThrow(/left behind by `routewatch finalize`/);
    await feed(log, 2, 4);
    await run(log, newer, folder);
    await log.close();
  });

  it('and a table that gets a column while events wait leave nothing lost and nothing twice', async () => {
    const store = await openTestStore();
    const log = await openLog();
    const folder = fresh();
    const sink = async (): Promise<void> => {
      const running = new ClickHouseSink({ log, client: store.writer, partitions: [0] });
      await running.start();
      await running.drained();
      await running.stop();
    };
    const thirds = [0, 1, 2, 3].map((part) => Math.floor(batches.length * part / 3));
    await migrate(store.writer, migrations.slice(0, 6));
    await feed(log, thirds[0]!, thirds[1]!);
    await run(log, oldest, folder);
    await sink();
    await feed(log, thirds[1]!, thirds[2]!);
    await run(log, oldest, folder);
    await migrate(store.writer, migrations);
    await feed(log, thirds[2]!, thirds[3]!);
    await run(log, newer, folder, { cutBytes: 1 << 30, cutMs: 1_000_000 });
    await sink();
    const query = async (sql: string): Promise<Record<string, unknown>[]> => (await store.reader.query({ query: sql, format: 'JSONEachRow' })).json();
    expect((await audit({ log, partitions: 1, rows: query })).findings).toEqual([]);
    const [counts] = await query("SELECT toUInt32(countIf(schema_version = 1)) AS old, toUInt32(countIf(reason = 'decoder-upgrade')) AS told, toUInt32(count()) AS all FROM routewatch.topology_changes");
    const expected = (await logged(log)).rows.filter(({ table }) => table === 'topology_changes');
    expect(counts).toEqual({ old: cleanOld.filter(({ table, batch }) => table === 'topology_changes' && batch < thirds[2]!).length, told: prefixesAt(thirds[2]!).length, all: expected.length });
    const [current] = await query("SELECT toUInt32(count()) AS n FROM routewatch.topology_state FINAL WHERE object_type = 'prefix' AND prefix LIKE '%:%' AND field = 'exists' AND change != 'removed'");
    expect(current).toEqual({ n: prefixesAt(batches.length).length });
    await log.close();
    await store.close();
  });
});
