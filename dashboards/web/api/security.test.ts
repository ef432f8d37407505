/** What the API refuses: no token, the wrong role, SQL that does more than read, bodies and paths that are none; and what it escapes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Operations, startWeb, type Web } from '../index.ts';
import type { Role } from '../operations/index.ts';
import { openTestPage, send, type TestPage } from '../testing.ts';
import { hostileName, insertNetwork } from '../testing-rows.ts';
import { resources } from './resources/index.ts';

/** SQL runs no longer and takes no more than this. */
const QUERY_SECONDS = 1;
const QUERY_BYTES = 100 * 1024 * 1024;

let page: TestPage;
let operations: Operations;
const secrets = {} as Record<Role | 'revoked' | 'expired', string>;

beforeAll(async () => {
  page = await openTestPage({ limits: { querySeconds: QUERY_SECONDS, queryMemoryBytes: QUERY_BYTES, writesPerMinute: 200, heavyPerMinute: 200 } });
  await insertNetwork(page.writer, Date.now());
  operations = new Operations(page.operationsFile);
});
afterAll(async () => {
  operations.close();
  await page.close();
});

const own = (): Record<string, string> => ({ host: `127.0.0.1:${page.web.port}` });
interface Asking { readonly token?: string; readonly body?: unknown; readonly headers?: Record<string, string> }
async function ask(method: string, path: string, { token, body, headers = {} }: Asking = {}, web: Web = page.web) {
  const answer = await send(web, `/api/v1${path}`, {
    method,
    headers: {
      host: `127.0.0.1:${web.port}`, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { ...answer, json: () => JSON.parse(answer.body) as Record<string, unknown> & { rows: Record<string, unknown>[] } };
}
const sql = (text: string, token?: string) => ask('POST', '/query', { body: { sql: text }, ...(token === undefined ? {} : { token }) });
const writes = resources.filter(({ role }) => role === 'operate');
const entry = { domain: 'core', protocol: 'isis', router: '0100.0000.0001', neighbor: '0100.0000.0002', link: 'core-lan' };

describe('before there is a token', () => {
  it('everybody on this machine may read', async () => {
    expect((await ask('GET', '/adjacencies')).status).toBe(200);
  });

  it.each(writes.map(({ method, path }) => [method, path]))('nobody may %s %s', async (method, path) => {
    const { status, headers, json } = await ask(method.toUpperCase(), path.replace('{id}', crypto.randomUUID()), { body: {} });
    expect([status, json()['title'], headers['www-authenticate']]).toEqual([401, 'A token is needed', 'Bearer realm="routewatch"']);
  });

  it('nobody may read the trail', async () => {
    expect((await ask('GET', '/audit-events')).status).toBe(401);
  });

  it('a server that others can reach tells nothing', async () => {
    const open = await startWeb({ storeUrl: page.store.url, live: page.feed, host: '0.0.0.0' });
    expect((await ask('GET', '/adjacencies', {}, open)).status).toBe(401);
    await open.stop();
  });
});

describe('behind a proxy', () => {
  it('a server takes the name of its address there, and tells nothing without a token: who comes so looks like this machine', async () => {
    const proxied = await startWeb({ storeUrl: page.store.url, live: page.feed, url: 'https://routewatch.example' });
    const headers = { host: 'routewatch.example', origin: 'https://routewatch.example' };
    expect((await ask('GET', '/adjacencies', { headers }, proxied)).status).toBe(401);
    expect((await ask('GET', '/adjacencies', {}, proxied)).status).toBe(401);
    expect((await send(proxied, '/', { headers })).status).toBe(200);
    expect((await ask('GET', '/adjacencies', { headers: { host: 'other.example' } }, proxied)).status).toBe(403);
    await proxied.stop();
  });
});

describe('tokens', () => {
  beforeAll(() => {
    for (const role of ['read', 'operate', 'admin'] as const) secrets[role] = operations.tokens.create(role, role).secret;
    secrets.revoked = operations.tokens.create('revoked', 'admin').secret;
    operations.tokens.revoke('revoked');
    secrets.expired = operations.tokens.create('expired', 'admin', 1n).secret;
  });

  it('are kept as hashes only', async () => {
    const { readFileSync, existsSync, statSync } = await import('node:fs');
    for (const file of [page.operationsFile, `${page.operationsFile}-wal`].filter(existsSync)) {
      const bytes = readFileSync(file);
      for (const secret of Object.values(secrets)) expect(bytes.includes(secret.slice(-40))).toBe(false);
    }
    expect(statSync(page.operationsFile).mode & 0o777).toBe(0o600);
  });

  it('close what was open before', async () => {
    expect((await ask('GET', '/adjacencies')).status).toBe(401);
    expect((await ask('GET', '/events')).status).toBe(401);
    expect((await ask('GET', '/adjacencies', { token: secrets.read })).status).toBe(200);
    expect((await send(page.web, '/', { headers: own() })).status).toBe(200);
  });

  it.each(['revoked', 'expired'] as const)('that are %s are worth nothing', async (name) => {
    const { status, headers } = await ask('GET', '/adjacencies', { token: secrets[name] });
    expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer realm="routewatch", error="invalid_token"']);
  });

  it.each([
    ['changed by one character', () => `${secrets.admin.slice(0, -2)}xx`], ['without its end', () => secrets.admin.slice(0, 40)], ['of nobody', () => `rw_000000000000_${'A'.repeat(43)}`],
    ['very long', () => 'x'.repeat(5000)], ['SQL', () => "rw_'--"], ['empty', () => ''],
  ])('that are %s are refused', async (_, token) => {
    expect((await ask('GET', '/adjacencies', { token: token() })).status).toBe(401);
  });

  it('are no Basic password', async () => {
    expect((await ask('GET', '/adjacencies', { headers: { authorization: `Basic ${btoa(`x:${secrets.admin}`)}` } })).status).toBe(401);
  });

  it.each(writes.map(({ method, path }) => [method, path]))('of role read may not %s %s', async (method, path) => {
    const { status, json } = await ask(method.toUpperCase(), path.replace('{id}', crypto.randomUUID()), { token: secrets.read, body: {} });
    expect([status, json()['title']]).toEqual([403, 'This role may not do that']);
  });

  it('of role operate may not read the trail, of role admin may', async () => {
    expect((await ask('GET', '/audit-events', { token: secrets.operate })).status).toBe(403);
    const { rows } = (await ask('GET', '/audit-events', { token: secrets.admin })).json();
    expect(rows.some((row) => row['outcome'] === 'refused' && row['actor'] === 'read')).toBe(true);
  });
});

describe('what operators change', () => {
  const token = () => secrets.operate;

  it('is expected neighbours: added, set, taken back, learned, frozen', async () => {
    expect((await ask('POST', '/expected-neighbors', { token: token(), body: { entries: [entry] } })).json()).toEqual({ added: 1 });
    expect((await ask('POST', '/expected-neighbors', { token: token(), body: { entries: [entry] } })).json()).toEqual({ added: 0 });
    const learned = (await ask('POST', '/expected-neighbors/learn', { token: token(), body: { domain: 'core', protocols: ['isis'] } })).json();
    expect(Number(learned['added'])).toBeGreaterThan(3);
    expect((await ask('PUT', '/expected-neighbors', { token: token(), body: { domain: 'core', entries: [entry] } })).json()).toMatchObject({ added: 0, removed: Number(learned['added']) });
    expect((await ask('PUT', '/expected-neighbors/frozen', { token: token(), body: { domain: 'core', frozen: true } })).json()).toEqual({ frozen: ['core'] });
    expect((await ask('DELETE', `/expected-neighbors?${new URLSearchParams(entry).toString()}`, { token: token() })).status).toBe(409);
    await ask('PUT', '/expected-neighbors/frozen', { token: token(), body: { domain: 'core', frozen: false } });
    expect((await ask('DELETE', `/expected-neighbors?${new URLSearchParams(entry).toString()}`, { token: token() })).json()).toEqual({ removed: 1 });
    expect(operations.expectedNeighbors()).toEqual([]);
  });

  it('is maintenance windows, which the alert engine reads', async () => {
    const to = new Date(Date.now() + 3_600_000).toISOString();
    const before = operations.version();
    const made = (await ask('POST', '/maintenance-windows', { token: token(), body: { domain: 'core', routers: ['par1'], to, reason: 'CHG-1 <b>' } })).json();
    expect(made).toMatchObject({ domain: 'core', routers: ['par1'], links: [], reason: 'CHG-1 <b>', created_by: 'operate' });
    expect(operations.version()).toBeGreaterThan(before);
    expect(operations.maintenanceWindows(BigInt(Date.now()) * 1_000_000n)).toMatchObject([{ id: made['id'], to: BigInt(Date.parse(to)) * 1_000_000n }]);
    expect((await ask('GET', '/maintenance-windows', { token: secrets.read })).json().rows).toEqual([made]);
    expect((await ask('DELETE', `/maintenance-windows/${String(made['id'])}`, { token: token() })).status).toBe(204);
    expect((await ask('DELETE', `/maintenance-windows/${String(made['id'])}`, { token: token() })).status).toBe(404);
    expect((await ask('POST', '/maintenance-windows', { token: token(), body: { domain: 'core', to: '2020-01-01T00:00:00Z', reason: 'late' } })).status).toBe(400);
  });

  it('leaves a row of the trail for each change, by whom and in which request', async () => {
    await ask('PUT', '/expected-neighbors/frozen', { token: token(), body: { domain: 'x', frozen: true }, headers: { 'x-request-id': 'chg-7' } });
    const { rows } = (await ask('GET', '/audit-events', { token: secrets.admin })).json();
    expect(rows[0]).toMatchObject({ actor: 'operate', role: 'operate', address: '127.0.0.1', request_id: 'chg-7', action: 'freeze-expected-neighbors', subject: 'x', outcome: 'done' });
    const actions = new Set(rows.filter((row) => row['outcome'] === 'done').map((row) => row['action']));
    expect(actions).toEqual(new Set(['add-expected-neighbors', 'learn-expected-neighbors', 'set-expected-neighbors', 'freeze-expected-neighbors', 'thaw-expected-neighbors',
      'remove-expected-neighbor', 'add-maintenance-window', 'remove-maintenance-window']));
  });
});

describe('SQL', () => {
  const token = () => secrets.read;

  it.each([
    'INSERT INTO routewatch.adjacency_events SELECT * FROM routewatch.adjacency_events', 'DROP TABLE routewatch.adjacency_events', 'ALTER TABLE routewatch.ledger DELETE WHERE 1',
    'TRUNCATE TABLE routewatch.ledger', 'CREATE TABLE routewatch.x (a Int8) ENGINE = Memory', 'OPTIMIZE TABLE routewatch.ledger', 'SYSTEM SHUTDOWN', 'KILL QUERY WHERE 1', 'SET max_memory_usage = 0',
    "SELECT 1 INTO OUTFILE '/tmp/routewatch-escaped'", 'SELECT 1 SETTINGS max_execution_time = 0',
    "SELECT * FROM file('/etc/passwd', 'LineAsString')", "SELECT file('/etc/passwd')", "SELECT * FROM sqlite('/etc/passwd', 'x')",
    "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')", "SELECT * FROM remote('127.0.0.1:1', system.one)", "SELECT * FROM remoteSecure('127.0.0.1:1', system.one)",
    "SELECT * FROM s3('http://127.0.0.1:1/b/k', 'CSV')", "SELECT * FROM mysql('127.0.0.1:1', 'd', 't', 'u', 'p')", "SELECT * FROM postgresql('127.0.0.1:1', 'd', 't', 'u', 'p')",
    "SELECT * FROM executable('id', 'CSV', 'a String')", "SELECT * FROM cluster('default', system.one)", 'SELECT 1; DROP TABLE routewatch.ledger', 'SELECT * FROM system.users',
  ])('is refused: %s', async (text) => {
    const { status, json } = await sql(text, token());
    expect([403, 422], String(json()['detail'])).toContain(status);
    expect(json()['title']).toBe('The store refused the query');
  });

  it('that takes too much memory is ended, and the store lives', async () => {
    const { status, json } = await sql('SELECT groupArray(toString(number)) FROM numbers(1000000000)', token());
    expect([status, ['MEMORY_LIMIT_EXCEEDED', 'TIMEOUT_EXCEEDED'].includes(String(json()['name']))]).toEqual([json()['name'] === 'TIMEOUT_EXCEEDED' ? 408 : 422, true]);
    expect((await sql('SELECT 1', token())).status).toBe(200);
  });

  it.each(['SELECT count() FROM numbers(10000000000000)', 'SELECT max(a.number + b.number) FROM numbers(10000000) AS a CROSS JOIN numbers(10000000) AS b'])('that takes too long is ended: %s', async (text) => {
    const begun = performance.now();
    const { status } = await sql(text, token());
    expect([408, 422]).toContain(status);
    expect(performance.now() - begun).toBeLessThan(20_000);
  });
});

describe('bodies and paths', () => {
  it.each([
    ['too large', JSON.stringify({ sql: 'x'.repeat(300_000) }), 413], ['a text too long', JSON.stringify({ sql: 'x'.repeat(60_000) }), 400], ['broken JSON', '{"sql": "SELECT 1"', 400],
    ['no object', '"SELECT 1"', 400], ['an array', '[]', 400], ['another key', '{"sql":"SELECT 1","x":1}', 400], ['a number', '{"sql":1}', 400], ['empty', '{}', 400],
    ['deep', `{"sql":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, 400], ['a prototype', '{"__proto__":{"sql":"SELECT 1"}}', 400], ['NUL', '{"sql":"\\u0000"}', 422],
  ])('that are %s are refused', async (_, body, status) => {
    const answer = await ask('POST', '/query', { token: secrets.read, body });
    expect([answer.status, answer.headers['content-type']]).toEqual([status, 'application/problem+json; charset=utf-8']);
  });

  it('that are packed and grow are refused', async () => {
    const { gzipSync } = await import('node:zlib');
    const { request } = await import('node:http');
    const bytes = gzipSync(Buffer.from(`{"sql":"${' '.repeat(50_000_000)}"}`));
    const status = await new Promise((resolve, reject) => {
      const outgoing = request({ host: '127.0.0.1', port: page.web.port, path: '/api/v1/query', method: 'POST', headers: { ...own(), authorization: `Bearer ${secrets.read}`, 'content-type': 'application/json', 'content-encoding': 'gzip' } }, (incoming) => {
        incoming.resume();
        resolve(incoming.statusCode);
      });
      outgoing.on('error', reject);
      outgoing.end(bytes);
    });
    expect(status).toBe(413);
  });

  it('of no JSON are refused before they are read', async () => {
    expect((await ask('POST', '/query', { token: secrets.read, body: 'sql=SELECT 1', headers: { 'content-type': 'application/x-www-form-urlencoded' } })).status).toBe(415);
  });

  it.each(['/../../etc/passwd', '/%2e%2e/%2e%2e/package.json', '/packets/..%2f..%2fetc%2fpasswd', '/packets/%00', '/adjacencies/%ff', '/adjacencies/', '//adjacencies', '/maintenance-windows/..', '/constructor', '/__proto__'])(
    'lead nowhere: %s', async (path) => {
      const { status, body } = await ask('GET', path, { token: secrets.read });
      expect([200, 400, 404, 405]).toContain(status);
      expect(body).not.toContain('root:');
      if (status === 200) expect(JSON.parse(body)).toHaveProperty('states');
    });

  it('of a write are checked whole: one wrong entry changes nothing', async () => {
    const wrong = await ask('POST', '/expected-neighbors', { token: secrets.operate, body: { entries: [entry, { ...entry, protocol: 'rip' }] } });
    expect(wrong.status).toBe(400);
    expect(operations.expectedNeighbors()).toEqual([]);
  });
});

describe('texts of strangers', () => {
  it('are data in every answer: JSON that no browser takes for a page', async () => {
    const { headers, json } = await ask('GET', '/adjacencies', { token: secrets.read });
    expect(json().rows.some((row) => row['router_name'] === hostileName)).toBe(true);
    expect([headers['content-type'], headers['x-content-type-options']]).toEqual(['application/json; charset=utf-8', 'nosniff']);
    const sessions = await ask('GET', '/sessions', { token: secrets.read });
    expect(sessions.json().rows[0]).toMatchObject({ shutdown_text: 'maintenance CHG-4711 <b>until 13:00</b>' });
  });

  it('are values, never SQL', async () => {
    for (const text of ["' OR 1=1 --", '{domain:String}', "\\' OR 1=1", 'a\tb\\n']) {
      const { body, json } = await ask('GET', `/adjacencies?router=${encodeURIComponent(text)}`, { token: secrets.read });
      expect(json().rows, body).toEqual([]);
    }
  });
});

describe('foreign pages', () => {
  it('may not ask unless they are named; then with a token only, and never with cookies', async () => {
    expect((await ask('GET', '/adjacencies', { token: secrets.read, headers: { origin: 'https://noc.example' } })).status).toBe(403);
    const named = await startWeb({ storeUrl: page.store.url, live: page.feed, allowedOrigins: ['https://noc.example'] });
    const asked = await ask('GET', '/cookbook', { headers: { origin: 'https://noc.example' } }, named);
    expect([asked.status, asked.headers['access-control-allow-origin'], asked.headers['access-control-allow-credentials']]).toEqual([200, 'https://noc.example', undefined]);
    const preflight = await ask('OPTIONS', '/query', { headers: { origin: 'https://noc.example' } }, named);
    expect([preflight.status, preflight.headers['access-control-allow-headers']]).toEqual([204, 'Authorization, Content-Type, Last-Event-ID']);
    expect((await ask('OPTIONS', '/query', { headers: { origin: 'https://evil.example' } }, named)).status).toBe(403);
    await named.stop();
  });
});

describe('too many requests', () => {
  it('are refused for a while, each caller by its own count', async () => {
    const file = page.operationsFile;
    const few = await startWeb({ storeUrl: page.store.url, live: page.feed, operationsFile: file, limits: { readsPerMinute: 3 } });
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++) statuses.push((await ask('GET', '/cookbook', { token: secrets.read }, few)).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    const refused = await ask('GET', '/cookbook', { token: secrets.read }, few);
    expect([refused.headers['content-type'], refused.headers['retry-after'] !== undefined]).toEqual(['application/problem+json; charset=utf-8', true]);
    expect((await ask('GET', '/cookbook', { token: secrets.operate }, few)).status).toBe(200);
    await few.stop();
  });
});
