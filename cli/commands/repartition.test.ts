/** `repartition` by the command: the same capture goes on, its packets are found, the audit is clean, a lost store is filled from both generations. */
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labCaptures, routewatch, rowsOf, scratch } from '../testing.ts';

const [lan] = labCaptures('isis-lan3') as [string];
const place = scratch();
const data = place.path('grown');
const until = ['--until', '2026-11-21T02:20:00Z'];
/** The oldest event and its packet, as the log of two partitions showed it. */
let old: { id: string; packet: string };

const sql = async (query: string): Promise<Record<string, unknown>[]> => rowsOf(await routewatch(['query', query, '--json', '--data', data]));
const counts = `SELECT (SELECT count() FROM adjacency_events) AS a, (SELECT uniqExact(event_id) FROM adjacency_events) AS u, (SELECT count() FROM topology_changes) AS t`;
/** What replays of the whole capture give (replay.test.ts). */
const whole = [{ a: 78, u: 78, t: 121 }];

beforeAll(async () => {
  await routewatch(['replay', lan, ...until, '--quiet', '--data', data]);
  const [first] = await sql('SELECT toString(event_id) AS id FROM adjacency_events ORDER BY time, id LIMIT 1');
  const id = String(first!['id']);
  old = { id, packet: (await routewatch(['packet', id, '--data', data])).out };
  const made = await routewatch(['repartition', '--partitions', '5', '--data', data]);
  expect([made.code, made.err]).toEqual([0, '']);
  expect(made.out).toContain('2 partitions were, 5 are now, in generation 2');
});
afterAll(() => { place.remove(); });

describe('repartition', () => {
  it('goes on with other partitions where the old ones ended: each row once, the packets of old rows and of new ones', async () => {
    expect((await routewatch(['replay', lan, '--quiet', '--data', data])).err).toBe('');
    expect((await routewatch(['replay', lan, '--data', data])).err).toContain('had all of this already');
    expect(await sql(counts)).toEqual(whole);
    expect((await routewatch(['packet', old.id, '--data', data])).out).toBe(old.packet);
    const [young] = await sql(`SELECT toString(event_id) AS id FROM adjacency_events WHERE evidence != 'timer' ORDER BY time DESC LIMIT 1`);
    expect((await routewatch(['packet', String(young!['id']), '--json', '--data', data])).out).toContain('"explained":');
    const audited = await routewatch(['audit', '--data', data]);
    expect([audited.code, audited.err]).toEqual([0, '']);
    expect(audited.out).toMatch(/^generation +partition/);
    expect(audited.out).toContain('nothing is lost, nothing is twice');
  }, 240_000);

  it('fills a store that was lost from both generations', async () => {
    renameSync(join(data, 'store'), place.path('lost-store'));
    expect((await routewatch(['replay', lan, '--quiet', '--data', data])).err).toBe('');
    expect(await sql(counts)).toEqual(whole);
    expect((await routewatch(['audit', '--data', data])).code).toBe(0);
  }, 240_000);

  it('is backed up and restored with all generations; asked for the count that is there, it is refused', async () => {
    await routewatch(['backup', '--data', data, '--to', place.path('copy')]);
    expect((await routewatch(['restore', '--from', place.path('copy'), '--data', place.path('back')])).code).toBe(0);
    expect((await routewatch(['audit', '--data', place.path('back')])).code).toBe(0);
    const same = await routewatch(['repartition', '--partitions', '5', '--data', data]);
    expect([same.code, same.err]).toEqual([2, `routewatch: the log in ${data} has 5 partitions already\n`]);
  }, 240_000);
});
