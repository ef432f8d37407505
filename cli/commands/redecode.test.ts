/** `redecode` by the command: no difference where there is none; rows of another decoder told, swapped, and the audit clean, also after a kill. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStore } from '../../stream/store/index.ts';
import { quietClient } from '../lib/client.ts';
import { labCaptures, routewatch, rowsOf, scratch } from '../testing.ts';

const [lan] = labCaptures('isis-lan3') as [string];
const place = scratch();
const data = place.path('data');
let before: string;

interface Difference { table: string; equal: number; changed: number; added: number; gone: number }

/** Every row of three tables and of a view that rests on one, without the time at which it was stored. */
const contents = async (): Promise<string> => {
  const all = await Promise.all(['adjacency_events', 'topology_changes', 'adjacencies_state'].map(async (table) => JSON.stringify(rowsOf(await routewatch(
    ['query', `SELECT * EXCEPT (ingest_time) FROM ${table}${table.endsWith('_state') ? ' FINAL' : ''} ORDER BY event_id`, '--json', '--data', data])))));
  return all.join('\n');
};
const differences = async (words: readonly string[] = []): Promise<Difference[]> => {
  const { code, out, err } = await routewatch(['redecode', ...words, '--json', '--data', data]);
  expect([code, err]).toEqual([0, '']);
  return (JSON.parse(out) as { tables: Difference[] }).tables.filter(({ changed, added, gone }) => changed + added + gone > 0);
};
const audit = async (): Promise<number | null> => (await routewatch(['audit', '--data', data])).code;

/** The rows as a decoder would have given them that knew less: two events more, two fewer, others with another reason; the ledger agrees. */
async function asAnotherDecoder(): Promise<void> {
  const store = await startStore({ dataDir: join(data, 'store') });
  const client = quietClient({ url: store.url, username: 'writer', password: store.writerToken });
  const harm = (query: string): Promise<unknown> => client.command({ query, clickhouse_settings: { mutations_sync: '2', insert_deduplicate: 0 } });
  const booked = (owner: string, table: string, from: string): Promise<unknown> => harm(`INSERT INTO routewatch.ledger (log_id, partition, owner, rows, ingest_time)
    SELECT 'redecode/00000000/test', frame_partition, '${owner}', map('${table}', count()), ingest_time FROM ${from} GROUP BY frame_partition, ingest_time`);
  const more = `routewatch.adjacency_events WHERE toString(event_id) LIKE '00000000-0000-%'`;
  await harm(`INSERT INTO routewatch.adjacency_events SELECT * REPLACE (toUUID(concat('00000000-0000-', substring(toString(event_id), 15))) AS event_id) FROM routewatch.adjacency_events ORDER BY event_id LIMIT 2`);
  await booked('added', 'adjacency_events', more);
  const fewer = `routewatch.topology_changes WHERE event_id IN (SELECT event_id FROM routewatch.topology_changes ORDER BY event_id LIMIT 2)`;
  await booked('gone', 'topology_changes', fewer);
  await harm(`ALTER TABLE routewatch.topology_changes DELETE WHERE event_id IN (SELECT event_id FROM routewatch.topology_changes ORDER BY event_id LIMIT 2)`);
  for (const table of ['adjacency_events', 'adjacencies_state']) await harm(`ALTER TABLE routewatch.${table} UPDATE detail = 'as it was' WHERE toString(event_id) NOT LIKE '00000000-0000-%' AND state = 'up'`);
  await client.close();
  await store.stop();
}

beforeAll(async () => {
  await routewatch(['replay', lan, '--quiet', '--data', data]);
  before = await contents();
});
afterAll(() => { place.remove(); });

describe('decoding again', () => {
  it('by the same decoders gives the same rows, from the log and from the capture; nothing is left behind', async () => {
    expect(await differences()).toEqual([]);
    expect(await differences([lan, '--tap', basename(lan).replace('.pcap.gz', '')])).toEqual([]);
    expect(await contents()).toBe(before);
    expect(readdirSync(data).toSorted()).toEqual(['alerts.sqlite', 'log', 'modules', 'store']);
  }, 240_000);

  it('tells the rows of another decoder, changes nothing, then swaps them; killed amid that, the next one ends it', async () => {
    await asAnotherDecoder();
    expect(await audit()).toBe(0);
    const told = await differences();
    expect(told.map(({ table, added, gone }) => [table, added, gone])).toEqual([['adjacency_events', 0, 2], ['topology_changes', 2, 0]]);
    expect(told[0]!.changed).toBeGreaterThan(5);
    expect(await contents()).not.toBe(before);
    process.env['ROUTEWATCH_FAULT'] = 'swap:replaced';
    const killed = await routewatch(['redecode', '--swap', '--data', data]);
    delete process.env['ROUTEWATCH_FAULT'];
    expect(killed.code).not.toBe(0);
    expect(existsSync(join(data, 'redecode.json'))).toBe(true);
    const refused = await routewatch(['replay', lan, '--quiet', '--data', data]);
    expect([refused.code, refused.err]).toEqual([2, expect.stringMatching(/a swap of rows \(run [0-9a-f]{8}\) was broken off in .*finishes it/)]);
    const finished = await routewatch(['redecode', '--data', data]);
    expect([finished.code, finished.err]).toEqual([0, expect.stringContaining('which was broken off, is finished')]);
    expect(await contents()).toBe(before);
    expect(await audit()).toBe(0);
  }, 300_000);

  it('swaps what lies in a window only, and again until nothing differs', async () => {
    expect(await differences(['--from', '2026-11-21T02:20:00Z', '--swap'])).toEqual([]);
    expect(await audit()).toBe(0);
    expect((await routewatch(['redecode', '--data', data])).out).toContain('no difference');
  }, 240_000);
});
