/** The API over a real store: every resource as its document says, pages, problems, limits. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openTestPage, send, type TestPage } from '../testing.ts';
import { alertIds, at, insert, insertAlerts, insertNetwork } from '../testing-rows.ts';
import { resources } from './resources/index.ts';

let page: TestPage;

const packet = {
  table: 'adjacency_events', event_type: 'isis.adjacency_state_change', event_time: '2026-11-21 10:00:00', evidence: 'received', tap: 'r1', frame: 7,
  time: '2026-11-21 10:00:00', bytes: '0180c2', explained: { pdu: {} },
};

beforeAll(async () => {
  page = await openTestPage({
    cookbook: [{ title: 'One', sql: 'SELECT 1' }],
    packets: (id) => Promise.resolve(id.startsWith('0') ? undefined : packet),
  });
  const now = Date.now();
  await insertNetwork(page.writer, now);
  await insertGraph(now);
});
afterAll(() => page.close());

/** What insertNetwork does not have: the graph, an LSP, the inventory, an expected neighbour that is missing. */
async function insertGraph(now: number): Promise<void> {
  const object = { time: at(now - 3_600_000), link: 'core-lan', protocol: 'isis', level: 2, area: '', change: 'added', router_name: 'par1', router: '0100.0000.0001' };
  await insert(page.writer, 'topology_changes', [
    { ...object, object_type: 'node', object_key: '0100.0000.0001', field: 'exists', new_number: 1 },
    { ...object, object_type: 'link', object_key: '0100.0000.0001-0100.0000.0002', neighbor: '0100.0000.0002', field: 'exists', new_number: 10 },
    { ...object, object_type: 'prefix', object_key: '0100.0000.0001 10.0.0.0/24', prefix: '10.0.0.0/24', field: 'exists', new_number: 20 },
  ]);
  await insert(page.writer, 'lsdb_changes', [{ ...object, change: 'new', lsa_type: 0, lsa_id: '0100.0000.0001.00-00', advertising_router: '0100.0000.0001', sequence: 3, checksum: 1, lifetime: 1199, pdu: 'LSP' }]);
  await insert(page.writer, 'alerts', [{
    time: at(now), since: at(now - 1000), alert_id: crypto.randomUUID(), rule: 'adjacency-lost', severity: 'error', state: 'firing', protocol: 'isis', router: '0100.0000.0001', subject: 'adjacency par1 -> ams1',
    summary: 'par1 lost ams1', reason: 'hold-timer-expired', told: true, untold: '', incident: '', labels: '{}', related: '', events: '',
  }]);
  await page.writer.command({ query: `INSERT INTO routewatch.router_inventory (domain, name, site, role, system_id, router_ids, as_number, addresses) VALUES ('core', 'par1', 'Paris', 'core', '0100.0000.0001', [], 64500, ['10.0.0.2'])` });
  await page.writer.command({ query: `INSERT INTO routewatch.interfaces (domain, router_name, interface_name, address, link) VALUES ('core', 'par1', 'ge-0/0/0', '10.0.0.2', 'core-lan')` });
  await page.writer.command({ query: `INSERT INTO routewatch.expected_neighbors (domain, protocol, router, neighbor) VALUES ('core', 'isis', '0100.0000.0001', '0100.0000.0099')` });
}

const own = (): Record<string, string> => ({ host: `127.0.0.1:${page.web.port}` });
const get = async (path: string, headers: Record<string, string> = {}) => {
  const answer = await send(page.web, `/api/v1${path}`, { headers: { ...own(), ...headers } });
  return { ...answer, json: () => JSON.parse(answer.body) as Record<string, unknown> & { rows: Record<string, unknown>[]; more: boolean } };
};

interface Operation { readonly parameters: { readonly name: string; readonly in: string }[]; readonly responses: Record<string, { readonly content?: Record<string, { readonly schema: object }> }>; readonly security: object[]; readonly requestBody?: object }
const document = async (): Promise<{ openapi: string; paths: Record<string, Record<string, Operation>> }> => JSON.parse((await get('/openapi.json')).body) as never;

describe('the document', () => {
  it('has each resource once, under its own name', async () => {
    const { openapi, paths } = await document();
    expect(openapi).toBe('3.1.0');
    const described = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
    expect(described.toSorted()).toEqual(resources.map(({ method, path }) => `${method} /api/v1${path}`).toSorted());
    expect(new Set(resources.map(({ name }) => name)).size).toBe(resources.length);
  });

  it('names parameters with their bounds, bodies, and who may', async () => {
    const { paths } = await document();
    expect(paths['/api/v1/adjacencies']?.['get']?.parameters).toContainEqual(
      { name: 'limit', in: 'query', required: false, schema: { type: 'integer', minimum: 1, maximum: 2000, default: 1000, description: 'rows of the answer at most' } });
    expect(paths['/api/v1/packets/{event_id}']?.['get']?.parameters[0]).toMatchObject({ name: 'event_id', in: 'path', required: true, schema: { type: 'string' } });
    expect(paths['/api/v1/query']?.['post']?.requestBody).toBeDefined();
    expect(paths['/api/v1/maintenance-windows']?.['post']?.security).toEqual([{ bearer: [] }]);
  });

  const reads = resources.filter(({ method, streamed, role }) => method === 'get' && streamed === undefined && role === 'read');
  it.each(reads.map(({ path }) => path))('tells what %s answers', async (path) => {
    const asked = path.replace('{event_id}', '17c087a2-5d42-a406-a491-339f376309fc');
    const { status, body, json } = await get(path === '/topology' ? `${asked}?prefixes=yes` : asked);
    expect(status, body).toBe(200);
    const { schema } = (await document()).paths[`/api/v1${path}`]!['get']!.responses['200']!.content!['application/json']!;
    expect(z.fromJSONSchema(schema as never).safeParse(json()).error).toBeUndefined();
    const lists = Object.entries(json()).filter(([, value]) => Array.isArray(value)).map(([name, value]) => [name, (value as unknown[]).length > 0]);
    const empty = path === '/maintenance-windows' || path === '/expected-neighbors';
    for (const [name, filled] of lists) expect(filled || empty, `${String(name)} of ${path} has rows to be checked`).toBe(true);
  });

  it('tells what a query answers', async () => {
    const answer = await send(page.web, '/api/v1/query', { method: 'POST', headers: { ...own(), 'content-type': 'application/json' }, body: '{"sql":"SELECT 1 AS one, [1,2], NULL"}' });
    const { schema } = (await document()).paths['/api/v1/query']!['post']!.responses['200']!.content!['application/json']!;
    expect(z.fromJSONSchema(schema as never).safeParse(JSON.parse(answer.body)).error).toBeUndefined();
  });
});

describe('lists', () => {
  it('have pages that together are the whole, each row once', async () => {
    const whole = (await get('/adjacencies')).json();
    const seen: unknown[] = [];
    for (let offset = 0, more = true; more; offset += 4) {
      const part = (await get(`/adjacencies?limit=4&offset=${offset}`)).json();
      seen.push(...part.rows.map((row) => row['event_id']));
      more = part.more;
    }
    expect(seen).toEqual(whole.rows.map((row) => row['event_id']));
  });

  it('are filtered by what stands in them', async () => {
    const { rows } = (await get('/adjacencies?router=par1&link=core-lan&protocol=isis&state=up')).json();
    expect(rows.map((row) => row['neighbor_name'])).toEqual(['ams1', 'fra1']);
    expect((await get('/sessions?state=idle')).json()['states']).toEqual({ idle: 2 });
  });

  it('tell how it was at a time', async () => {
    const iso = new Date(Date.now() - 20 * 60_000).toISOString();
    for (const given of [iso, `${Date.parse(iso)}000000`]) {
      const { rows } = (await get(`/adjacencies?at=${given}&link=par1-lon1`)).json();
      expect(rows.map((row) => row['state'])).toEqual(['down', 'down']);
    }
    const before = `${Date.now() - 7_200_000}000000`;
    expect((await get(`/topology?at=${before}`)).json()).toEqual({ nodes: [], links: [], prefixes: [], more: false });
    expect((await get('/topology')).json()['links']).toMatchObject([{ router_name: 'par1', neighbor: '0100.0000.0002', metric: 10 }]);
  });

  it('tell routes and alerts at a time, and one alert by its id with dashes or without', async () => {
    const ago = (minutes: number) => `at=${Date.now() - minutes * 60_000}000000`;
    expect((await get(`/routes?prefix=198.51.100.0/24&match=exact&${ago(1)}`)).json().rows.length).toBe(2);
    expect((await get(`/routes?prefix=198.51.100.0/24&match=exact&${ago(120)}`)).json().rows).toEqual([]);
    expect((await get(`/rib?${ago(120)}`)).body).toBe('{"end":true,"rows":0,"more":false}\n');
    await insertAlerts(page.writer, Date.now());
    const states = async (query: string) => (await get(`/alerts?rule=router-overloaded&${query}`)).json().rows.map((row) => row['state']);
    expect([await states(''), await states(ago(27)), await states(ago(60))]).toEqual([['resolved'], ['firing'], []]);
    const id = alertIds.session;
    for (const given of [id, `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}`.toUpperCase()]) {
      expect((await get(`/alerts?alert=${given}`)).json().rows.map((row) => row['rule'])).toEqual(['session-lost']);
    }
  });

  it.each([
    ['exact', '198.51.100.0/24', ['198.51.100.0/24', '198.51.100.0/24']],
    ['longest', '198.51.100.200', ['198.51.100.128/25']],
    ['covered', '198.51.100.0/24', ['198.51.100.0/24', '198.51.100.0/24', '198.51.100.128/25']],
    ['covering', '198.51.100.0/24', ['198.51.100.0/24', '198.51.100.0/24', '0.0.0.0/0']],
  ])('find routes: %s', async (match, prefix, found) => {
    const receiver = match === 'longest' ? '&receiver=10.255.0.1' : '';
    expect((await get(`/routes?prefix=${prefix}&match=${match}${receiver}`)).json().rows.map((row) => row['prefix'])).toEqual(found);
  });

  it('count neighbours now, with what is expected and missing', async () => {
    const { rows } = (await get('/neighbors?router=par1&link=core-lan')).json();
    expect(rows).toMatchObject([{ adjacencies: 2, expected: null }]);
    expect((await get('/missing-neighbors')).json().rows).toMatchObject([{ neighbor: '0100.0000.0099' }]);
  });
});

describe('the dump of routes', () => {
  it('is lines with an end', async () => {
    const { body, headers } = await get('/rib');
    expect(headers['content-type']).toBe('application/x-ndjson');
    const lines = body.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.at(-1)).toEqual({ end: true, rows: lines.length - 1, more: false });
    const { schema } = (await document()).paths['/api/v1/rib']!['get']!.responses['200']!.content!['application/x-ndjson']!;
    const line = z.fromJSONSchema(schema as never);
    for (const row of lines) expect(line.safeParse(row).error).toBeUndefined();
  });

  it('is bounded', async () => {
    const { body } = await get('/rib?limit=2&afi_safi=ipv4-unicast');
    expect(body.trimEnd().split('\n').at(-1)).toBe('{"end":true,"rows":2,"more":true}');
    expect((await get('/rib?limit=100000000')).status).toBe(400);
  });
});

describe('requests', () => {
  it('have an id: their own where it is harmless', async () => {
    expect((await get('/cookbook', { 'x-request-id': 'ticket-42' })).headers['x-request-id']).toBe('ticket-42');
    expect((await get('/cookbook', { 'x-request-id': '<script>' })).headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    const { body, headers } = await get('/adjacencies?limit=0', { 'x-request-id': 'r1' });
    expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(JSON.parse(body)).toMatchObject({ type: 'about:blank', status: 400, request_id: 'r1' });
  });

  it('are told which methods a path takes', async () => {
    const { status, headers } = await send(page.web, '/api/v1/adjacencies', { method: 'DELETE', headers: own() });
    expect([status, headers['allow']]).toEqual([405, 'GET']);
  });

  it('have the API at its older place too', async () => {
    expect((await send(page.web, '/api/adjacencies?limit=1', { headers: own() })).status).toBe(200);
  });

  it('find no packet where there is none', async () => {
    expect((await get('/packets/00000000-5d42-a406-a491-339f376309fc')).status).toBe(404);
    expect((await get('/packets/nonsense')).status).toBe(400);
  });
});
