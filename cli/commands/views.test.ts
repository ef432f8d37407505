/** Every question's command on the demo's captures, now and at times, against what the lab did. */
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Running, labCaptures, labEvents, printed, routewatch, rowsOf, scratch, start } from '../testing.ts';

const place = scratch();
const data = place.path('data');
const t0 = labEvents('demo').find(({ event }) => event === 't0')!.t;
/** Seconds of the lab's story as the command takes them. */
const at = (seconds: number): string[] => ['--at', (t0 + seconds).toFixed(3)];
const ask = async (...words: string[]): Promise<Record<string, unknown>[]> => rowsOf(await routewatch([...words, '--json', '--data', data]));
const has = (row: object): object => expect.objectContaining(row) as object;

let up: Running;

beforeAll(async () => {
  const replayed = await routewatch(['replay', ...labCaptures('demo'), '--data', data, '--domain', 'demo']);
  expect(replayed).toMatchObject({ code: 0, err: '' });
  expect(replayed.out).toContain('2206 packets read: isis 453, ospfv2 137, bgp 1560');
  expect(replayed.out).toMatch(/isis L2 topology: link par1 -> lon1 metric 10 -> 50\n/);
  expect(replayed.out).toMatch(/ ! bgp 172\.16\.0\.1 AS64500 -> 172\.16\.0\.2 AS64496: established -> idle \(notification-sent 6\/2\) "fibre work in Docklands/);

  writeFileSync(place.path('routers.csv'), [
    'name,site,role,system_id,router_ids,addresses,interface,interface_address,link,domain',
    '"ams1",Amsterdam,core,0100.0000.0002,10.255.0.2,10.255.0.2,ge-0/0/0,,ams1-lon1,demo', 'ams1,,,,,,ge-0/0/1,,core-lan,demo',
    'cust1,Paris,edge,,10.255.1.1,,,,,demo', 'transit1,London,transit,,,172.16.0.2,,,,demo', '',
  ].join('\r\n'));
  const routers = await routewatch(['inventory', 'import', place.path('routers.csv'), '--data', data]);
  expect(routers).toEqual({ code: 0, out: '3 routers and 2 interfaces imported\n', err: '' });

  writeFileSync(place.path('up.json'), JSON.stringify({ data, storePort: 0, web: { port: 0 } }));
  up = start(['up', '--config', place.path('up.json')], { longestMs: 300_000 });
  await printed(up, 'SQL http://127.0.0.1:');

  // ams1 has two neighbours on the LAN: lon1 is expected there in vain.
  const expected = ['protocol,router,neighbor,link', 'isis,ams1,par1,core-lan', 'isis,ams1,fra1,core-lan', 'isis,ams1,0100.0000.0004,core-lan', 'ospfv2,cust1,10.255.0.3,', ''].join('\n');
  const neighbors = await routewatch(['inventory', 'import', '-', '--domain', 'demo', '--data', data], { input: expected });
  expect(neighbors).toMatchObject({ code: 0, out: '4 expected neighbors imported\n' });
  expect(neighbors.err).toContain('1 of them without a link');
}, 120_000);

afterAll(async () => {
  up.process.kill('SIGTERM');
  expect(await up.ended).toMatchObject({ code: 0, err: '' });
  expect(readdirSync(data).toSorted()).toEqual(['alerts.sqlite', 'log', 'modules', 'operations.sqlite', 'store']);
  place.remove();
});

describe('while the system is up', () => {
  it('its page answers, its token is its owner\'s only, and a second system on its data is refused', async () => {
    expect(statSync(place.path('data/writer-token')).mode & 0o777).toBe(0o600);
    const page = /page (\S+)/.exec(up.out())![1]!;
    const answer = await fetch(page);
    expect([answer.status, (await answer.text()).includes('RouteWatch')]).toEqual([200, true]);
    const [capture] = labCaptures('isis-lan3');
    const second = await routewatch(['replay', capture!, '--data', data]);
    expect([second.code, second.out]).toEqual([2, '']);
    expect(second.err).toMatch(/is in use by process \d+ \(its SQL endpoint is http:\/\/127\.0\.0\.1:\d+\)\. Stop it, or name another directory with --data/);
  });

  it('adjacencies: names of the wire and of the inventory, and the state then', async () => {
    const now = await ask('adjacencies');
    expect(now.length).toBe(12);
    expect(now).toContainEqual(has({ protocol: 'isis', level: 2, router_name: 'ams1', neighbor_name: 'lon1', interface_name: 'ge-0/0/0', link: 'ams1-lon1', state: 'up' }));
    expect(now).toContainEqual(has({ protocol: 'ospfv2', area: '0.0.0.0', router_name: 'cust1', neighbor: '10.255.0.3', state: 'full' }));
    // Loss from ams1 to lon1 from second 28 to 45.
    const then = await ask('adjacencies', ...at(43));
    expect(then).toContainEqual(has({ router_name: 'lon1', neighbor_name: 'ams1', state: 'down' }));
    expect(then).toContainEqual(has({ router_name: 'ams1', neighbor_name: 'lon1', state: 'init' }));
    expect(await ask('adjacencies', ...at(-100))).toEqual([]);
  });

  it('counts: with what is expected', async () => {
    const now = await ask('counts');
    expect(now).toContainEqual(has({ router_name: 'ams1', link: 'core-lan', neighbors: 2, expected: 3, coverage: 'full' }));
    expect(now).toContainEqual(has({ router_name: 'ams1', link: 'ams1-lon1', neighbors: 1, expected: null }));
    expect(await ask('counts', ...at(43))).toContainEqual(has({ router_name: 'ams1', link: 'ams1-lon1', neighbors: 0 }));
    const missing = await ask('query', 'SELECT router_name, neighbor_name, link FROM missing_neighbors');
    expect(missing).toEqual([{ router_name: 'ams1', neighbor_name: 'lon1', link: 'core-lan' }]);
  });

  it('sessions: who ended it and with which text', async () => {
    expect((await ask('sessions')).map(({ state }) => state)).toEqual(Array.from({ length: 14 }, () => 'established'));
    expect(await ask('sessions', ...at(52))).toContainEqual(has({
      router: '172.16.0.1', router_as: 64_500, peer: '172.16.0.2', peer_as: 64_496, state: 'idle', reason: 'notification-sent',
      shutdown_text: 'fibre work in Docklands, back at 02:00 UTC, ticket 4711',
    }));
  });

  it('routes: exact, covering, covered, longest, pattern, and then', async () => {
    const flap = await ask('routes', '198.18.99.0/24');
    expect(flap).toContainEqual(has({ sender: '172.16.0.2', receiver: '172.16.0.1', prefix: '198.18.99.0/24', as_path_text: '64496' }));
    expect(flap.every(({ prefix }) => prefix === '198.18.99.0/24')).toBe(true);
    expect(await ask('routes', '198.18.99.0/24', ...at(84.5))).toEqual([]);
    expect(await ask('routes', '198.18.99.7')).toEqual([]);
    expect(new Set((await ask('routes', '198.18.99.7', '--longest')).map(({ prefix }) => prefix))).toEqual(new Set(['198.18.99.0/24']));
    expect((await ask('routes', '198.18.99.128/25', '--covering')).length).toBe(flap.length);
    expect((await ask('routes', '198.18.0.0/15', '--covered')).length).toBeGreaterThanOrEqual(flap.length);
    expect((await ask('routes', '2001:db8%')).length).toBe(139);
  });

  it('topology: the metric before, during and after the change', async () => {
    const metric = async (...when: string[]): Promise<unknown> => (await ask('topology', ...when)).find((link) => link['router_name'] === 'par1' && link['neighbor_name'] === 'lon1')?.['metric'];
    expect([await metric(...at(23)), await metric(...at(30)), await metric(...at(72)), await metric()]).toEqual([10, 50, undefined, 10]);
  });

  it('timeline and events: the newest lines in order of time, up to then', async () => {
    const then = await ask('timeline', '-n', '3', ...at(36));
    expect(then.length).toBe(3);
    expect(then.map(({ time }) => time)).toEqual(then.map(({ time }) => time).toSorted());
    expect(then.at(-1)).toMatchObject({ kind: 'topology', reason: 'removed', subject: 'isis link 0100.0000.0004 -> 0100.0000.0002 exists' });
    const { out } = await routewatch(['events', '-n', '6', '--data', data]);
    expect(out.trim().split('\n').map((line) => line.replace(/^.* coverage (\S+): /, '$1 ')).toSorted())
      .toEqual(['ams1-lon1', 'ams1-peer1', 'core-lan', 'fra1-cust1', 'lon1-transit1', 'par1-lon1'].map((tap) => `${tap} tap-closed (end of the capture or graceful stop)`));
  });

  it('coverage: when each tap was opened and closed', async () => {
    const rows = await ask('coverage');
    expect([...Map.groupBy(rows, ({ what }) => what)].map(([what, list]) => [what, list.length])).toEqual([['tap-opened', 6], ['tap-closed', 6]]);
    expect((await ask('coverage', ...at(50))).map(({ what }) => what)).toEqual(Array.from({ length: 6 }, () => 'tap-opened'));
  });

  it('events --follow tells what is there, goes on, and ends with Ctrl-C', async () => {
    const follow = start(['events', '--follow', '-n', '2', '--json', '--data', data]);
    await printed(follow, 'tap-closed');
    follow.process.kill('SIGINT');
    const { code, out, err } = await follow.ended;
    expect([code, err, out.trim().split('\n').length]).toEqual([0, '', 2]);
  });

  it('packet: the frame behind an event', async () => {
    const [row] = await ask('query', `SELECT event_id FROM session_events WHERE shutdown_text != '' AND router = '172.16.0.1'`);
    const { code, out } = await routewatch(['packet', String(row!['event_id']), '--data', data]);
    expect(code).toBe(0);
    const shown = JSON.parse(out) as { bytes: string };
    expect(shown).toMatchObject({ table: 'session_events', tap: 'lon1-transit1', evidence: 'received' });
    expect(Buffer.from(shown.bytes, 'hex').toString('latin1')).toContain('fibre work in Docklands');
    expect(out).toContain('"shutdown');
    const [closing] = await ask('coverage');
    expect(closing).toBeDefined();
    const [tap] = await ask('query', 'SELECT event_id FROM coverage_events LIMIT 1');
    expect(await routewatch(['packet', String(tap!['event_id']), '--data', data])).toMatchObject({ code: 2, err: expect.stringContaining('no packet is behind it') as unknown });
    expect(await routewatch(['packet', '00000000-0000-0000-0000-000000000000', '--data', data])).toMatchObject({ code: 2, err: expect.stringContaining('no event 0000') as unknown });
  });

  it('query: four formats, standard input, and refusals with exit code 2', async () => {
    const sql = 'SELECT name, site FROM router_inventory ORDER BY name LIMIT 2';
    const printedAs = async (...words: string[]): Promise<string> => (await routewatch(['query', sql, '--data', data, ...words])).out;
    expect(await printedAs()).toBe('name   site\nams1   Amsterdam\ncust1  Paris\n');
    expect(await printedAs('--format', 'csv')).toBe('"name","site"\n"ams1","Amsterdam"\n"cust1","Paris"\n');
    expect(await printedAs('--format', 'ndjson')).toBe('{"name":"ams1","site":"Amsterdam"}\n{"name":"cust1","site":"Paris"}\n');
    expect(JSON.parse(await printedAs('--json'))).toEqual([{ name: 'ams1', site: 'Amsterdam' }, { name: 'cust1', site: 'Paris' }]);
    expect((await routewatch(['query', '-', '--data', data, '--format', 'csv'], { input: 'SELECT 6 * 7 AS a' })).out).toBe('"a"\n42\n');
    const refused: [string, RegExp][] = [
      ['SELECT * FROM nothere', /there is no table or view "nothere"/], ['SELECT 1; SELECT 2', /cannot be read at character 9/],
      ['INSERT INTO ledger VALUES (1)', /A reader may only query/], [`SELECT * FROM file('/etc/passwd')`, /may not use the table function file/],
    ];
    for (const [statement, message] of refused) {
      const { code, out, err } = await routewatch(['query', statement, '--data', data]);
      expect([code, out], statement).toEqual([2, '']);
      expect(err).toMatch(message);
    }
  });
});
