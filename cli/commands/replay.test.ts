/** `routewatch replay`: files, standard input, faults, breaks, a second time, a second command, maps. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { labCaptures, printed, routewatch, rowsOf, scratch, start } from '../testing.ts';

const [lan] = labCaptures('isis-lan3') as [string];
const place = scratch();
afterAll(() => { place.remove(); });

const adjacencies = `SELECT toString(time) AS at, router, neighbor, level, toString(prev_state) AS prev, toString(state) AS now, toString(reason) AS why FROM adjacency_events ORDER BY ALL`;
const told = async (data: string): Promise<Record<string, unknown>[]> => rowsOf(await routewatch(['query', adjacencies, '--json', '--data', data]));

/** What an uninterrupted replay gives. */
const whole = (async () => {
  const { out } = await routewatch(['decode', lan, '--table', 'adjacency_events']);
  return out.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
    .map(({ router, neighbor, level, prev_state: prev, state, reason }) => [router, neighbor, level, prev, state, reason].join(' ')).toSorted();
})();
const short = (rows: readonly Record<string, unknown>[]): string[] => rows.map((row) => [row['router'], row['neighbor'], row['level'], row['prev'], row['now'], row['why']].join(' ')).toSorted();

describe('standard input', () => {
  it('gives the rows of the file, and the file afterwards adds nothing', async () => {
    const data = place.path('stdin');
    const first = await routewatch(['replay', '-', '--tap', 'lan0', '--data', data, '--json'], { input: gunzipSync(readFileSync(lan)) });
    expect([first.code, first.err]).toEqual([0, '']);
    expect(first.out.trim().split('\n').map((line) => JSON.parse(line) as { table: string }).filter(({ table }) => table === 'adjacency_events').length).toBe(78);
    const rows = await told(data);
    expect(short(rows)).toEqual(await whole);
  });
});

describe('a second time', () => {
  it('adds nothing and says so; a bad file keeps what is before its fault, with a row that says so and exit code 3', async () => {
    const data = place.path('twice');
    expect(await routewatch(['replay', lan, '--quiet', '--data', data])).toEqual({ code: 0, out: '', err: '' });
    const count = `SELECT (SELECT count() FROM adjacency_events) AS a, (SELECT count() FROM topology_changes) AS t, (SELECT count() FROM coverage_events) AS c`;
    const before = rowsOf(await routewatch(['query', count, '--json', '--data', data]));
    expect(before).toEqual([{ a: 78, t: 121, c: 2 }]);
    const again = await routewatch(['replay', lan, '--data', data]);
    expect([again.code, again.err]).toEqual([0, `routewatch: ${data} had all of this already: nothing was added\n`]);
    writeFileSync(place.path('cut.pcap'), gunzipSync(readFileSync(lan)).subarray(0, 20_000));
    const cut = await routewatch(['replay', place.path('cut.pcap'), '--domain', 'other', '--quiet', '--data', data]);
    expect(cut.code).toBe(3);
    expect(cut.err).toContain('cut.pcap, byte 19048: the packet record at byte 19048 is cut off');
    const after = rowsOf(await routewatch(['query', `SELECT domain, countIf(what = 'gap') AS gaps, count() AS rows FROM coverage_events GROUP BY domain ORDER BY domain`, '--json', '--data', data]));
    expect(after).toEqual([{ domain: 'default', gaps: 0, rows: 2 }, { domain: 'other', gaps: 1, rows: 4 }]);
  });
});

describe('a break', () => {
  it('before the first packet writes nothing', async () => {
    const data = place.path('early');
    const early = start(['replay', lan, '--speed', '1.5', '--quiet', '--data', data]);
    for (let left = 600; left > 0 && !existsSync(data); left--) await sleep(50);
    early.process.kill('SIGINT');
    const { code, err } = await early.ended;
    expect([code, err]).toEqual([130, 'routewatch: interrupted after 0 packets; they are kept, and the same command goes on from there\n']);
    expect(rowsOf(await routewatch(['coverage', '--json', '--data', data]))).toEqual([]);
  });

  it('Ctrl-C ends a paced replay cleanly, beside which another command waits or is refused; the same command then goes on', async () => {
    const data = place.path('break');
    const paced = start(['replay', lan, '--speed', '1.5', '--data', data]);
    await printed(paced, 'init -> up');
    const second = await routewatch(['replay', lan, '--data', data]);
    expect([second.code, second.out]).toEqual([2, '']);
    expect(second.err).toMatch(/is in use by process \d+/);
    // What is told at once is in the store at the next cut.
    await expect.poll(async () => rowsOf(await routewatch(['adjacencies', '--json', '--data', data])).length, { timeout: 20_000 }).toBeGreaterThan(0);
    paced.process.kill('SIGINT');
    const { code, err } = await paced.ended;
    expect(code).toBe(130);
    expect(err).toMatch(/interrupted after \d+ packets; they are kept, and the same command goes on from there/);
    expect(await routewatch(['replay', lan, '--quiet', '--data', data])).toEqual({ code: 0, out: '', err: '' });
    expect(short(await told(data))).toEqual(await whole);
  });
});

describe('times and names', () => {
  it('--retime now ends the capture now; --until leaves out what is later; a map names instances, links and domains', async () => {
    const data = place.path('map');
    writeFileSync(place.path('map.json'), JSON.stringify([
      { tap: 'tru*', vlans: [10], to: { networkInstance: 'ten', link: 'left-right' } }, { vlans: [20], to: { domain: 'twenty' } },
    ]));
    const [trunk] = labCaptures('vlan-twins') as [string];
    expect(await routewatch(['replay', trunk, '--map', place.path('map.json'), '--retime', 'now', '--quiet', '--data', data])).toEqual({ code: 0, out: '', err: '' });
    const rows = rowsOf(await routewatch(['query', `SELECT domain, network_instance, link, count() AS n, abs(dateDiff('second', max(since), now())) < 200 AS recent FROM adjacencies GROUP BY ALL ORDER BY ALL`, '--json', '--data', data]));
    expect(rows).toEqual([
      { domain: 'default', network_instance: 'ten', link: 'left-right', n: 4, recent: 1 },
      { domain: 'twenty', network_instance: 'default', link: 'trunk.20', n: 4, recent: 1 },
    ]);
    const until = await routewatch(['replay', lan, '--until', '2026-11-21T02:20:00Z', '--data', data, '--domain', 'until']);
    expect(until.out).toContain('\n127 packets read: isis 120, icmp 7\n');
    expect(rowsOf(await routewatch(['query', `SELECT max(time) < '2026-11-21 02:20:01' AS before, count() > 20 AS some FROM adjacency_events WHERE domain = 'until'`, '--json', '--data', data]))).toEqual([{ before: 1, some: 1 }]);
    const wrong = await routewatch(['replay', lan, '--map', place.path('none.json'), '--data', data]);
    expect([wrong.code, wrong.out]).toEqual([2, '']);
  });
});
