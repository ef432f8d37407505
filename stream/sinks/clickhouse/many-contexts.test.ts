import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ContextNames } from '../../../decoders-wasm/contract/row-reader.ts';
import { SchemaStore } from './testing.ts';

let store: SchemaStore;
beforeAll(async () => { store = await SchemaStore.open(); });
afterAll(() => store.close());

it('takes a cut that names four thousand sessions', async () => {
  const contexts = new Map<number, ContextNames>(Array.from({ length: 4000 }, (_, code) => {
    const addresses: [string, string] = [`2001:db8:ffff:${code.toString(16)}:ffff:ffff:ffff:1`, `2001:db8:ffff:${code.toString(16)}:ffff:ffff:ffff:2`];
    return [code, { key: `tcp/d/default/${addresses.join('|')}`, domain: 'd', networkInstance: 'default', link: `link-${code}`, addresses }];
  }));
  const rows = Array.from({ length: 4000 }, (_, code) => ({ time: 1_800_000_000_000_000_000n, context: code, tap: 0, state: 'established', from_higher: code % 2 }));
  await store.send('session_events', store.rows('session_events', rows), { codes: { contexts, taps: new Map([[0, { tap: 't', collector: 'c' }]]) } });
  const [counted] = await store.query<{ rows: number; links: number; right: number }>(
    "SELECT count() AS rows, uniqExact(link) AS links, countIf(router LIKE '%:1' AND peer LIKE '%:2' OR router LIKE '%:2' AND peer LIKE '%:1') AS right FROM routewatch.session_events");
  expect(counted).toEqual({ rows: 4000, links: 4000, right: 4000 });
});
