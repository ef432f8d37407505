/** Backup and restore by the command: equal again; a store or a log older than the other; a log that is gone; a spoiled copy. */
import { appendFileSync, cpSync, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labCaptures, routewatch, rowsOf, scratch } from '../testing.ts';

const [lan] = labCaptures('isis-lan3') as [string];
const place = scratch();
const monday = place.path('monday');
const first = place.path('first');
const count = `SELECT (SELECT count() FROM adjacency_events) AS a, (SELECT count() FROM topology_changes) AS t, (SELECT uniqExact(event_id) FROM adjacency_events) AS u, (SELECT count() FROM adjacencies) AS now, (SELECT count() FROM alerts) AS alerts, (SELECT uniqExact(event_id) FROM alerts) AS alert_ids`;
/** Of the whole capture, by a replay without a break. */
let whole: Record<string, unknown>[];

const counts = async (data: string): Promise<Record<string, unknown>[]> => rowsOf(await routewatch(['query', count, '--json', '--data', data]));
const run = async (words: readonly string[]): Promise<string> => {
  const { code, out, err } = await routewatch(words);
  expect([words[0], code, err]).toEqual([words[0], 0, '']);
  return out;
};
const audited = async (data: string): Promise<{ code: number | null; findings: string[]; out: string }> => {
  const { code, out } = await routewatch(['audit', '--json', '--data', data]);
  return { code, out, findings: (JSON.parse(out) as { findings: { kind: string }[] }).findings.map(({ kind }) => kind) };
};
/** A data directory of its own with parts of others. */
const made = (name: string, log: string, store: string): string => {
  const data = place.path(name);
  mkdirSync(data);
  cpSync(join(log, 'log'), join(data, 'log'), { recursive: true });
  cpSync(join(store, 'store'), join(data, 'store'), { recursive: true, verbatimSymlinks: true });
  return data;
};

/** Offset of the events log up to which a directory's alerts are judged. */
const judgedUpTo = (directory: string): number => {
  const database = new DatabaseSync(join(directory, 'alerts.sqlite'), { readOnly: true });
  try {
    const [row] = database.prepare('SELECT json FROM places').all();
    return Number((JSON.parse(String(row!['json'])) as { next: { ns: string } }).next.ns);
  } finally {
    database.close();
  }
};

beforeAll(async () => {
  await run(['replay', lan, '--until', '2026-11-21T02:20:00Z', '--quiet', '--data', first]);
  await run(['backup', '--data', first, '--to', monday]);
  await run(['replay', lan, '--quiet', '--data', first]);
  whole = await counts(first);
}, 120_000);
afterAll(() => { place.remove(); });

describe('a backup', () => {
  it('restored to an empty place is the same day again, from which the same command goes on to the same rows', async () => {
    const data = place.path('again');
    expect(await run(['restore', '--from', monday, '--data', data])).toContain('cuts in the store');
    expect(readdirSync(join(data, 'modules'))).toEqual(readdirSync(join(first, 'modules')));
    // The alerts' state as it was: two rules had fired by then, and what comes is told as if nothing had been between.
    expect(judgedUpTo(data)).toBe(judgedUpTo(monday));
    expect(judgedUpTo(data)).toBeLessThan(judgedUpTo(first));
    const then = await counts(data);
    expect(Number(then[0]!['a'])).toBeGreaterThan(20);
    expect(then).not.toEqual(whole);
    expect(await audited(data)).toMatchObject({ code: 0, findings: [] });
    await run(['replay', lan, '--quiet', '--data', data]);
    expect(await counts(data)).toEqual(whole);
    expect(judgedUpTo(data)).toBeGreaterThan(judgedUpTo(monday));
    expect(await audited(data)).toMatchObject({ code: 0, findings: [] });
    const again = await run(['restore', '--from', monday, '--data', data, '--replace']);
    expect(again).toMatch(/alerts\.sqlite\.before-/);
    expect(judgedUpTo(data)).toBe(judgedUpTo(monday));
    expect(readdirSync(data).filter((name) => /^alerts\.sqlite\.before-\w+$/.test(name))).toHaveLength(1);
  }, 120_000);

  it('of the store beside a newer log: what is missing is inserted, nothing twice; what was there is moved aside', async () => {
    const data = made('older-store', first, first);
    const refused = await routewatch(['restore', '--from', monday, '--part', 'store', '--data', data]);
    expect([refused.code, refused.err]).toEqual([2, `routewatch: ${data} has a store already: with --replace that is moved aside, not removed\n`]);
    await run(['restore', '--from', monday, '--part', 'store', '--replace', '--data', data]);
    expect(readdirSync(data).filter((name) => name.startsWith('store.before-')).length).toBe(1);
    const waiting = await audited(data);
    expect(waiting).toMatchObject({ code: 0, findings: [] });
    expect((JSON.parse(waiting.out) as { partitions: { waiting: number }[] }).partitions.reduce((sum, row) => sum + row.waiting, 0)).toBeGreaterThan(0);
    const again = await routewatch(['replay', lan, '--data', data]);
    expect(again.err).toContain('had all of this already');
    expect(await counts(data)).toEqual(whole);
    expect(await audited(data)).toMatchObject({ code: 0, findings: [] });
  });

  it('of the log beside a newer store: the start is refused and says why, the audit says what is beyond the log', async () => {
    const data = made('older-log', monday, first);
    expect(await audited(data)).toMatchObject({ code: 1, findings: expect.arrayContaining(['beyond-log']) as string[] });
    const { code, err } = await routewatch(['replay', lan, '--quiet', '--data', data]);
    expect(code).toBe(1);
    expect(err).toMatch(/ends before offset \d+, but the store has its rows up to offset \d+: the log is older than the store/);
    expect(await counts(data)).toEqual(whole);
    await run(['restore', '--from', monday, '--part', 'store', '--replace', '--data', data]);
    await run(['replay', lan, '--quiet', '--data', data]);
    expect(await counts(data)).toEqual(whole);
    expect(await audited(data)).toMatchObject({ code: 0, findings: [] });
  });

  it('is refused where it is spoiled or unfinished, and while a file is in the way nothing is made', async () => {
    const bad = place.path('bad');
    cpSync(monday, bad, { recursive: true, verbatimSymlinks: true });
    appendFileSync(join(bad, 'log', 'routewatch.events.v1.sqlite'), 'x');
    const spoiled = await routewatch(['restore', '--from', bad, '--data', place.path('from-bad')]);
    expect([spoiled.code, existsSync(place.path('from-bad'))]).toEqual([2, false]);
    expect(spoiled.err).toContain('spoiled, nothing was restored: log/routewatch.events.v1.sqlite is not what backup.json says');
    renameSync(join(bad, 'backup.json'), join(bad, 'other.json'));
    expect((await routewatch(['restore', '--from', bad, '--data', place.path('from-bad')])).err).toContain('is no backup');
    const there = await routewatch(['backup', '--data', first, '--to', monday]);
    expect([there.code, there.err]).toEqual([2, `routewatch: ${monday} is there already: a backup makes its own directory\n`]);
  });
});

describe('a log that is gone', () => {
  it('is told once; its rows stay, a new log goes on, and the audit says what it could not compare', async () => {
    const data = place.path('lost');
    mkdirSync(data);
    cpSync(join(first, 'store'), join(data, 'store'), { recursive: true, verbatimSymlinks: true });
    const replayed = await routewatch(['replay', labCaptures('vlan-twins')[0]!, '--domain', 'twins', '--quiet', '--data', data]);
    expect(replayed.code).toBe(0);
    expect(replayed.err).toMatch(/^routewatch: the store holds \d+ rows \(\d+ cuts, the last at .* UTC\) of log [0-9a-f-]{36}, which is not in .*: it was lost or replaced\./);
    expect(rowsOf(await routewatch(['query', `SELECT count() AS n FROM adjacency_events WHERE domain = 'default'`, '--json', '--data', data]))).toEqual([{ n: whole[0]!['a'] }]);
    expect((await routewatch(['replay', labCaptures('vlan-twins')[0]!, '--domain', 'twins', '--quiet', '--data', data])).err).toBe('');
    const { code, out } = await routewatch(['audit', '--data', data]);
    expect(code).toBe(0);
    expect(out).toMatch(/log [0-9a-f-]{36} is not here: \d+ rows of its \d+ cuts .* were compared with the ledger only/);
    expect(out).toContain('in the log that is here nothing is lost, and nothing is twice');
    // What the message warns of: the new log does not know the capture.
    await run(['replay', lan, '--quiet', '--data', data]);
    const twice = await audited(data);
    expect([twice.code, [...new Set(twice.findings)]]).toEqual([1, ['twice']]);
  });

  it('in part: frames without the events that they gave, or events without their frames, are refused', async () => {
    const data = made('half', first, first);
    for (const name of readdirSync(join(data, 'log')).filter((file) => file.includes('frames'))) renameSync(join(data, 'log', name), place.path(name));
    const { code, err } = await routewatch(['replay', lan, '--quiet', '--data', data]);
    expect(code).toBe(1);
    expect(err).toMatch(/frames\.v1 partition \d ends before offset 0, but its rows are written up to \d+: the frames are older than the events, or were lost/);
    writeFileSync(join(data, 'log', 'manifest.json'), '{"version": 2}');
    expect((await routewatch(['replay', lan, '--quiet', '--data', data])).err).toContain('is no manifest of a log that this version can read');
  });
});
