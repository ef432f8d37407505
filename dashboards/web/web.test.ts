/** The server: lists from a real store, refusals, and the live stream. */
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestPage, send, type TestPage } from './testing.ts';
import { hostileName, insertNetwork } from './testing-rows.ts';

let page: TestPage;

beforeAll(async () => {
  page = await openTestPage({
    cookbook: [{ title: 'One', sql: 'SELECT 1' }],
    limits: { queuedEvents: 50, streams: 4, queryRows: 100, dropSeconds: 1 },
  });
  await insertNetwork(page.writer, Date.now());
});
afterAll(() => page.close());

interface Body {
  rows: Record<string, unknown>[];
  more: boolean;
  states: Record<string, number>;
  title: string;
  detail: string;
  name: string;
  columns: { name: string; type: string }[];
}

const own = (): Record<string, string> => ({ host: `127.0.0.1:${page.web.port}` });

async function get(path: string): Promise<{ status: number; body: Body }> {
  const { status, body } = await send(page.web, path, { headers: own() });
  return { status, body: JSON.parse(body) as Body };
}

async function ask(sql: string): Promise<{ status: number; body: Body }> {
  const { status, body } = await send(page.web, '/api/query', {
    method: 'POST', headers: { ...own(), 'content-type': 'application/json' }, body: JSON.stringify({ sql }),
  });
  return { status, body: JSON.parse(body) as Body };
}

/** As `expect.poll`, for a machine that has other things to do as well. */
const eventually = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 20_000, interval: 100 });

/** Reads the stream until `enough`, or for ten seconds. */
function listen(path: string, headers: Record<string, string>, enough: (text: string) => boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port: page.web.port, path, headers: { ...own(), ...headers }, agent: false }, (incoming) => {
      let text = '';
      const end = (): void => { clearTimeout(timer); outgoing.destroy(); resolve(text); };
      const timer = setTimeout(end, 10_000);
      incoming.setEncoding('utf8');
      incoming.on('data', (part: string) => { text += part; if (enough(text)) end(); });
      incoming.on('error', end);
    });
    outgoing.on('error', (error) => { if (!outgoing.destroyed) reject(error); });
    outgoing.end();
  });
}

describe('lists', () => {
  it('tell adjacencies, those in trouble first, with how many are in which state', async () => {
    const { body } = await get('/api/adjacencies');
    expect(body.rows.map((row) => row['state']).slice(0, 2)).toEqual(['down', 'down']);
    expect(body.states).toMatchObject({ down: 2, init: 1, unknown: 1, up: 9 });
    expect(body.rows.find((row) => row['router_name'] === hostileName)).toBeDefined();
    expect(body.rows[0]?.['since_ns']).toMatch(/^\d{19}$/);
  });

  it('tell sessions with their shutdown text', async () => {
    const { body } = await get('/api/sessions');
    expect(body.rows[0]).toMatchObject({ state: 'idle', code: 6, subcode: 2, shutdown_text: 'maintenance CHG-4711 <b>until 13:00</b>' });
    expect(body.states).toEqual({ idle: 2, established: 8 });
  });

  it('find routes that cover an address, the longest first', async () => {
    const { body } = await get('/api/routes?prefix=198.51.100.200');
    expect(body.rows.map((row) => row['prefix'])).toEqual(['198.51.100.128/25', '198.51.100.0/24', '198.51.100.0/24', '0.0.0.0/0']);
    expect(body.rows.at(-1)).toMatchObject({ stale: true, med: 50, as_path_text: '64496' });
  });

  it('find more specifics of a prefix behind what covers it', async () => {
    const { body } = await get('/api/routes?prefix=2001:db8::/32');
    expect(body.rows.map((row) => [row['prefix'], row['relation']])).toEqual([['2001:db8::/32', 'exact'], ['2001:db8:1::/48', 'more-specific']]);
  });

  it('tell neighbour counts only where they changed', async () => {
    const { body } = await get('/api/neighbor-counts?since=1h');
    const fra1 = body.rows.filter((row) => row['router_name'] === 'fra1').map((row) => row['adjacencies']);
    expect(fra1).toEqual([2, 1, 2]);
    const wanted = await get('/api/neighbor-counts?since=1h&router=fra1&link=core-lan&protocol=isis');
    expect(wanted.body.rows.map((row) => row['adjacencies'])).toEqual(fra1);
    expect((await get('/api/neighbor-counts?since=1h&router=nobody')).body.rows).toEqual([]);
  });

  it('tell the counts of a recording up to its own end', async () => {
    const { body } = await send(page.web, '/api/neighbor-counts?since=5s', { headers: own() });
    const { from, to, rows } = JSON.parse(body) as { from: string; to: string; rows: { time_ns: string }[] };
    expect(BigInt(to) - BigInt(from)).toBe(5_000_000_000n);
    expect(rows.at(-1)?.time_ns).toBe(to);
  });

  it('tell the timeline newest first, by router, kind and text', async () => {
    const { body } = await get('/api/timeline?router=par1&kind=adjacency&text=hold-timer');
    expect(body.rows).toHaveLength(1);
    expect(body.rows[0]).toMatchObject({ prev: 'up', new: 'down', router_name: 'par1' });
    const news = await get('/api/timeline?kind=adjacency,session&initial=no');
    expect(new Set(news.body.rows.map((row) => row['kind']))).toEqual(new Set(['adjacency', 'session']));
    expect(news.body.rows.filter((row) => row['prev'] === 'unknown')).toEqual([]);
    const all = await get('/api/timeline?limit=5');
    expect(all.body.more).toBe(true);
    const times = all.body.rows.map((row) => String(row['time_ns']));
    expect(times).toEqual(times.toSorted().toReversed());
  });

  it('tell coverage and the cookbook', async () => {
    const { body } = await get('/api/coverage');
    expect(body.rows[0]).toMatchObject({ what: 'coverage-lost', tap: 'ams1-peer1' });
    expect((await get('/api/cookbook')).body.rows).toEqual([{ title: 'One', sql: 'SELECT 1' }]);
  });

  it('say when rows were left out', async () => {
    const { body } = await get('/api/adjacencies?limit=3');
    expect([body.rows.length, body.more]).toEqual([3, true]);
  });

  it.each(['/api/adjacencies?limit=0', '/api/adjacencies?limit=1000000', '/api/adjacencies?nope=1', '/api/routes?prefix=nonsense', '/api/routes?prefix=10.0.0.0/33',
    "/api/routes?prefix=::1'", '/api/neighbor-counts?since=yesterday', '/api/timeline?from=soon', '/api/timeline?router=a&router=b'])(
    'refuse %s with a problem', async (path) => {
      const { status, body } = await get(path);
      expect(status).toBe(400);
      expect(body.detail).not.toBe('');
    });
});

describe('questions in SQL', () => {
  it('are answered with columns and rows', async () => {
    const { body } = await ask("SELECT router_name, toUInt64(18446744073709551615) AS big FROM routewatch.adjacencies WHERE router_name = 'fra1' LIMIT 1;");
    expect(body).toMatchObject({ columns: [{ name: 'router_name' }, { name: 'big', type: 'UInt64' }], rows: [['fra1', '18446744073709551615']], more: false });
  });

  it('get at most the rows that the page shows', async () => {
    const { body } = await ask('SELECT number FROM numbers(100000)');
    expect([body.rows.length, body.more]).toEqual([100, true]);
  });

  it.each([['DROP TABLE routewatch.timeline', 403, 'READONLY'], ["SELECT file('/etc/hostname')", 403, 'FUNCTION_NOT_ALLOWED'], ['SELEC 1', 422, 'SYNTAX_ERROR'],
    ["SELECT * FROM url('http://127.0.0.1/', 'CSV', 'a String')", 403, 'ACCESS_DENIED'], ['SELECT 1; SELECT 2', 422, 'SYNTAX_ERROR']])(
    'are refused in the words of the store: %s', async (sql, status, name) => {
      const answer = await ask(sql);
      expect([answer.status, answer.body.name]).toEqual([status, name]);
      expect(answer.body.detail).not.toBe('');
    });

  it('must be JSON, and not empty', async () => {
    const text = await send(page.web, '/api/query', { method: 'POST', headers: { ...own(), 'content-type': 'text/plain' }, body: '{"sql":"SELECT 1"}' });
    expect(text.status).toBe(415);
    expect((await ask(' ')).status).toBe(400);
  });
});

describe('who may ask', () => {
  it.each(['evil.example', '127.0.0.1', 'localhost:1'])('refuses the Host %s', async (host) => {
    for (const path of ['/', '/api/adjacencies', '/api/events']) expect((await send(page.web, path, { headers: { host } })).status).toBe(403);
  });

  it.each(['http://evil.example', 'null', 'http://127.0.0.1:1'])('refuses the Origin %s', async (origin) => {
    const { status, headers, body } = await send(page.web, '/api/adjacencies', { headers: { ...own(), origin } });
    expect([status, headers['content-type']]).toEqual([403, 'application/problem+json; charset=utf-8']);
    expect(JSON.parse(body)).toMatchObject({ status: 403, title: 'Foreign Origin' });
  });

  it('takes its own names and its own origin', async () => {
    for (const name of ['127.0.0.1', 'localhost']) {
      const host = `${name}:${page.web.port}`;
      expect((await send(page.web, '/', { headers: { host, origin: `http://${host}` } })).status).toBe(200);
    }
  });

  it('allows no inline script, no foreign resource and no frame', async () => {
    const { headers, body } = await send(page.web, '/', { headers: own() });
    expect(headers['content-security-policy']).toContain("default-src 'none';script-src 'self';style-src 'self'");
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(body).not.toMatch(/<script(?![^>]*src=")|style="|https?:\/\//);
  });

  it('has nothing outside the page', async () => {
    for (const path of ['/../index.ts', '/%2e%2e/index.ts', '/nothing', '/.git/config', '/api/nothing', '/runbooks/', '/runbooks/../web/app.ts', '/runbooks/%2e%2e/web/app.ts']) {
      expect((await send(page.web, path, { headers: own() })).status).toBe(404);
    }
    const runbook = await send(page.web, '/runbooks/adjacency-lost.md', { headers: own() });
    expect([runbook.status, runbook.headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8']);
  });
});

describe('the live stream', () => {
  it('begins with the newest events, then tells changes', async () => {
    page.feed.tell({ id: 'before' });
    const reading = listen('/api/events', {}, (text) => text.includes('event: changes'));
    await eventually(() => page.feed.listeners).toBe(1);
    page.feed.tell({ id: 'after' });
    const text = await reading;
    expect(text).toMatch(/^retry: 2000\n\nevent: snapshot\nid: 01234567\/0:1\ndata: \[.*\n\nevent: live\nid: 01234567\/0:1\ndata: \{\}\n\nevent: changes\nid: 01234567\/0:2\ndata: \[.*"id":"after".*\n\n$/);
  });

  it('tells a page that comes back only what it missed', async () => {
    page.feed.tell({ id: 'seen' });
    const [seen] = page.feed.position();
    page.feed.tell({ id: 'missed' });
    const text = await listen('/api/events', { 'last-event-id': `01234567/0:${seen}` }, (read) => read.includes('event: live'));
    expect(text).toContain(`event: changes\nid: 01234567/0:${seen! + 1n}\n`);
    expect(text).toContain('"id":"missed"');
    expect(text).not.toContain('"id":"seen"');
  });

  it('begins with the state where that is asked for, and misses nothing that came after it', async () => {
    const before = page.feed.position()[0]!;
    for (const id of ['stored', 'not-stored-yet']) page.feed.tell({ id });
    await page.writer.insert({ table: 'routewatch.ledger', format: 'JSONEachRow', values: [{ log_id: `generation-2/${page.feed.logId}`, partition: 0, owner: 'a', first_offset: '0', last_offset: String(before), token: 't', rows: {}, end_offset: '0', end_rows: 0 }] });
    const text = await listen('/api/events?snapshot=state', {}, (read) => read.includes('event: live'));
    expect([...text.matchAll(/^event: state\nid: (.*)\ndata: \{"table":"(\w+)"/gm)].map(([, id, table]) => [id, table])).toEqual(['adjacencies', 'sessions', 'alerts'].map((table) => [`01234567/0:${before + 1n}`, table]));
    expect([text.includes('"id":"stored"'), text.includes('"id":"not-stored-yet"')]).toEqual([false, true]);
  });

  it.each(['76543210/0:1', '01234567/0:999999', '01234567/0:1,1:1', '01234567', "x' OR 1", '01234567/0:-1'])('begins anew, and says so, for one that was elsewhere: %s', async (seen) => {
    const text = await listen('/api/events', { 'last-event-id': seen }, (read) => read.includes('event: live'));
    expect(text).toMatch(/^retry: 2000\n\nevent: reset\ndata: .*\n\nevent: snapshot\n/);
  });

  it('says what the log no longer has', async () => {
    page.feed.first = page.feed.position()[0]!;
    const text = await listen('/api/events', { 'last-event-id': '01234567/0:0' }, (read) => read.includes('event: live'));
    expect(text).toContain(`event: lost\nid: 01234567/0:${page.feed.first}\ndata: {"partition":0,"from":"0","next":"${page.feed.first}"}\n\n`);
    page.feed.first = 0n;
  });

  it('drops a page that does not read, with a marker, and forgets it', async () => {
    await eventually(() => page.feed.listeners).toBe(0);
    const socket = connect(page.web.port, '127.0.0.1');
    socket.pause();
    socket.write(`GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:${page.web.port}\r\n\r\n`);
    await eventually(() => page.feed.listeners).toBe(1);
    const line = 'x'.repeat(20_000);
    for (let told = 0; told < 5000 && page.feed.listeners > 0; told++) {
      page.feed.tell({ line });
      if (told % 50 === 0) await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
    expect(page.feed.listeners).toBe(0);
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (part: string) => { text = (text + part).slice(-1000); });
    socket.resume();
    await new Promise((resolve) => { socket.once('close', resolve); });
    expect(text).toMatch(/event: dropped\ndata: \{"missed":\d+\}/);
  });

  it('refuses more pages than it can serve', async () => {
    const aborts = Array.from({ length: 4 }, () => new AbortController());
    await Promise.all(aborts.map(({ signal }) => fetch(`${page.web.url}/api/events`, { signal })));
    const answer = await fetch(`${page.web.url}/api/events`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([503, 'application/problem+json; charset=utf-8']);
    for (const abort of aborts) abort.abort();
    await eventually(() => page.feed.listeners).toBe(0);
  });
});

describe('a store that is away', () => {
  it('is told as a problem, and the page still comes', async () => {
    const { startWeb } = await import('./index.ts');
    const web = await startWeb({ storeUrl: 'http://127.0.0.1:9', live: page.feed });
    const headers = { host: `127.0.0.1:${web.port}` };
    expect((await send(web, '/', { headers })).status).toBe(200);
    const { status, body } = await send(web, '/api/adjacencies', { headers });
    expect([status, (JSON.parse(body) as Body).title]).toEqual([503, 'The store cannot be reached']);
    await web.stop();
  });
});
