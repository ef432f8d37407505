/** Every curl line of api.md is run against a system with the demo's rows, with a token as the page says. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labCaptures, printed, routewatch, type Running, scratch, start } from '../cli/testing.ts';

const run = promisify(execFile);
const text = readFileSync(join(import.meta.dirname, 'api.md'), 'utf8');
/** A stream has no end: it is read on its own. */
const lines = [...text.matchAll(/^ {4}(curl .*)$/gm)].map(([, line]) => line!).filter((line) => !line.includes('curl -sN'));
const place = scratch();
const data = place.path('data');
let up: Running;
let api = '';
let secret = '';

beforeAll(async () => {
  expect(await routewatch(['replay', ...labCaptures('demo'), '--data', data])).toMatchObject({ code: 0 });
  writeFileSync(place.path('up.json'), JSON.stringify({ data, storePort: 0, web: { port: 0 } }));
  up = start(['up', '--config', place.path('up.json')], { longestMs: 200_000 });
  api = `${/page (\S+)/.exec(await printed(up, 'SQL http://127.0.0.1:'))![1]!}/api/v1`;
}, 120_000);

afterAll(async () => {
  up.process.kill('SIGTERM');
  await up.ended;
  place.remove();
});

const answer = async (line: string): Promise<string> => (await run('bash', ['-c', line], { env: { ...process.env, API: api, TOKEN: secret }, maxBuffer: 64 << 20 })).stdout;

describe('the page about the API', () => {
  it('has examples without and with a token', () => {
    expect(lines.filter((line) => !line.includes('$TOKEN')).length).toBeGreaterThan(5);
    expect(lines.filter((line) => line.includes('$TOKEN')).length).toBeGreaterThan(4);
  });

  it.each(lines.filter((line) => !line.includes('$TOKEN')))('%s', async (line) => { expectAnswer(await answer(line)); });

  it('begins the live stream with the state, then goes on live', async () => {
    const leave = new AbortController();
    const stream = await fetch(`${api}/events?snapshot=state`, { signal: leave.signal });
    let heard = '';
    for await (const part of stream.body!.pipeThrough(new TextDecoderStream())) {
      heard += part;
      if (heard.includes('event: live')) break;
    }
    leave.abort();
    const states = [...heard.matchAll(/^event: state\nid: (\S+)\ndata: (.*)$/gm)].map(([, id, json]) => ({ id, ...JSON.parse(json!) as { table: string; rows: unknown[] } }));
    expect(states.map(({ table }) => table)).toEqual(['adjacencies', 'sessions', 'alerts']);
    for (const { id, rows } of states) expect([id, rows.length > 5]).toEqual([expect.stringMatching(/^\w{8}\/0:[1-9]\d*,1:[1-9]\d*,2:[1-9]\d*$/), true]);
    expect(heard.indexOf('event: live')).toBeGreaterThan(heard.lastIndexOf('event: state'));
    expect(heard).not.toContain('event: lost');
  });

  it('makes a token as it says', async () => {
    const words = /^ {4}routewatch (token create .*)$/m.exec(text)![1]!.split(' ');
    const made = await routewatch([...words, '--data', data]);
    secret = made.out.trim();
    expect([made.code, secret]).toEqual([0, expect.stringMatching(/^rw_[0-9a-f]{12}_[\w-]{43}$/)]);
    expect(made.err).toContain('reading needs one too from now on');
    expect((await fetch(`${api}/cookbook`)).status).toBe(401);
  });

  it.each(lines.filter((line) => line.includes('$TOKEN')))('%s', async (line) => { expectAnswer(await answer(line)); });

  it('has expected neighbours that reach the views of the store', async () => {
    const count = async () => {
      const asked = await fetch(`${api}/query`, { method: 'POST', headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }, body: '{"sql":"SELECT count() > 5 FROM expected_neighbors FINAL"}' });
      return (await asked.json() as { rows: unknown[][] }).rows[0]?.[0];
    };
    await expect.poll(count, { timeout: 10_000, interval: 300 }).toBe(1);
  });

  it('leaves who did what in the list of tokens and in the trail', async () => {
    const list = await routewatch(['token', 'list', '--json', '--data', data]);
    expect(JSON.parse(list.out)).toMatchObject([{ name: 'change-calendar', role: 'operate' }]);
    const admin = (await routewatch(['token', 'create', 'auditor', '--role', 'admin', '--data', data])).out.trim();
    const trail = await (await fetch(`${api}/audit-events`, { headers: { authorization: `Bearer ${admin}` } })).json() as { rows: { action: string; actor: string }[] };
    expect(trail.rows.map(({ action, actor }) => `${actor}: ${action}`)).toEqual([
      'command line: create-token', 'change-calendar: add-maintenance-window', 'change-calendar: freeze-expected-neighbors', 'change-calendar: learn-expected-neighbors', 'command line: create-token',
    ]);
    const changes = async () => {
      const asked = await fetch(`${api}/query`, { method: 'POST', headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' }, body: '{"sql":"SELECT action, actor FROM operator_changes ORDER BY time DESC"}' });
      return (await asked.json() as { rows: unknown[][] }).rows.map(([action, actor]) => `${String(actor)}: ${String(action)}`);
    };
    await expect.poll(changes, { timeout: 10_000, interval: 300 }).toEqual(trail.rows.map(({ action, actor }) => `${actor}: ${action}`));
    expect((await routewatch(['audit', '--data', data])).code).toBe(0);
    expect((await routewatch(['token', 'revoke', 'change-calendar', '--data', data])).code).toBe(0);
    expect((await fetch(`${api}/cookbook`, { headers: { authorization: `Bearer ${secret}` } })).status).toBe(401);
  });
});

/** JSON, or lines of it; no problem. */
function expectAnswer(out: string): void {
  for (const line of out.trim().split('\n')) {
    const value = JSON.parse(line) as Record<string, unknown>;
    expect(value, out.slice(0, 500)).not.toHaveProperty('request_id');
    if (Array.isArray(value['rows'])) expect(value).toHaveProperty('more');
  }
}
