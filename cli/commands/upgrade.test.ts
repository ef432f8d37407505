/** An upgrade by the commands: what the new decoder sees is told, `redecode` makes history of it, `finalize` ends the way back. */
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RegisteredModule, loadModule, registry } from '../../decoders-wasm/contract/host.ts';
import { compileChanged, without } from '../../infra/lab/lacking.ts';
import { openCurrent } from '../../stream/log/embedded/manifest.ts';
import { Worker } from '../../stream/worker/index.ts';
import { openCaptures, tapNames } from '../lib/captures.ts';
import { replayInto } from '../lib/replay.ts';
import { modulesFolder } from '../lib/data-dir.ts';
import { labCaptures, routewatch, rowsOf, scratch } from '../testing.ts';

const [lan] = labCaptures('isis-lan3') as [string];
const place = scratch();
const data = place.path('data');
const clean = place.path('clean');
let older: readonly RegisteredModule[];

/** Decodes with those modules what the log has: a program of another version that ran on the data directory. */
async function runWith(modules: readonly RegisteredModule[]): Promise<void> {
  const { log, partitions } = await openCurrent(join(data, 'log'));
  const worker = new Worker({ log, partitions: Array.from({ length: partitions }, (_, partition) => partition), owner: randomUUID(), modules, modulesFolder: modulesFolder(data) });
  try {
    if ((await replayInto({ log, partitions }, { captures: await openCaptures([lan]), tapNames: tapNames([lan], []), domain: 'default', shiftNs: 0n })).records > 0) expect(modules).toBe(older);
    await worker.start();
    await worker.drained();
  } finally {
    await worker.stop().catch(() => undefined);
    await log.close();
  }
}

const query = async (sql: string, from = data): Promise<Record<string, unknown>[]> => rowsOf(await routewatch(['query', sql, '--json', '--data', from]));
const told = async (): Promise<number> => Number((await query("SELECT count() AS n FROM topology_changes WHERE reason = 'decoder-upgrade'"))[0]!['n']);
const changes = (from: string): Promise<unknown> => query("SELECT event_id, time, object_key, field, change, old_number, new_number, reason FROM topology_changes ORDER BY event_id", from);
const current = (from: string): Promise<unknown> => query("SELECT object_key, change FROM topology_state FINAL WHERE field = 'exists' AND object_type = 'prefix' ORDER BY object_key, level", from);

interface Difference { table: string; changed: number; added: number; gone: number }

async function redecode(words: readonly string[]): Promise<Difference[]> {
  const { code, out, err } = await routewatch(['redecode', ...words, '--json', '--data', data]);
  expect([code, err]).toEqual([0, '']);
  return (JSON.parse(out) as { tables: Difference[] }).tables.filter(({ changed, added, gone }) => changed + added + gone > 0);
}

beforeAll(async () => {
  older = [await compileChanged('isis', [without('isis', 'TLV_IPV6_REACH')], place.path('isis.wasm')), ...registry.slice(1)];
  expect((await routewatch(['replay', lan, '--quiet', '--data', clean])).code).toBe(0);
  await runWith(older);
  expect((await routewatch(['replay', lan, '--quiet', '--data', data])).code).toBe(0);
}, 200_000);
afterAll(() => { place.remove(); });

describe('an upgrade', () => {
  it('tells what the new decoder sees, so that what is current is as if it had always run', async () => {
    expect(await told()).toBeGreaterThan(3);
    expect(await current(data)).toEqual(await current(clean));
    const [row] = await query("SELECT event_id FROM topology_changes WHERE reason = 'decoder-upgrade' LIMIT 1");
    const shown = await routewatch(['packet', String(row!['event_id']), '--data', data]);
    expect([shown.code, shown.err]).toEqual([2, expect.stringContaining('what another decoder reads otherwise (reason decoder-upgrade): no packet is behind it')]);
  });

  it('becomes history by a second decoding: its rows go, those of the time of the packets come', async () => {
    const count = await told();
    const window = await redecode(['--from', '2026-11-21T02:21:30Z']);
    expect(window.filter(({ gone }) => gone > 0)).toEqual([]);
    const all = await redecode(['--swap']);
    expect(all.map(({ table, gone }) => [table, gone])).toEqual([['topology_changes', count]]);
    expect(all[0]!.added).toBeGreaterThan(count);
    expect(await told()).toBe(0);
    expect(await changes(data)).toEqual(await changes(clean));
    expect(await current(data)).toEqual(await current(clean));
  }, 300_000);
});

describe('finalize', () => {
  const modules = (): string[] => readdirSync(modulesFolder(data)).filter((name) => name.endsWith('.wasm')).toSorted();

  it('drops the older decoders, says which, and refuses them from then on', async () => {
    const present = registry.map((module) => `${loadModule(module).hash}.wasm`).toSorted();
    const { hash } = loadModule(older[0]!);
    expect(modules()).toEqual([...present, `${hash}.wasm`].toSorted());
    await runWith(older);
    const first = await routewatch(['finalize', '--data', data]);
    expect([first.code, first.err, first.out]).toEqual([0, '', `${data}: left behind isis 0.0.9 (${hash.slice(0, 12)})\n`]);
    expect(modules()).toEqual(present);
    await expect(runWith(older)).rejects.toThrow(new RegExp(`isis.wasm with SHA-256 ${hash} was left behind by .routewatch finalize. .* there is no way back to it`));
    expect((await routewatch(['audit', '--data', data])).code).toBe(0);
    expect(JSON.parse((await routewatch(['finalize', '--json', '--data', data])).out)).toEqual({ dropped: [] });
  }, 200_000);

  it('does nothing without a log, and says so', async () => {
    const nowhere = place.path('nowhere');
    const { code, err } = await routewatch(['finalize', '--data', nowhere]);
    expect([code, err]).toEqual([2, expect.stringContaining(`there is no log in ${nowhere}`)]);
    expect(existsSync(nowhere)).toBe(false);
  });
});
