/** maximum-prefix: by the limit of the configuration, by NOTIFICATION 6/1, and not where a session begins anew. */
import { expect, it } from 'vitest';
import type { Row } from '../../../../decoders-wasm/contract/row-reader.ts';
import type { AlertEngine } from '../engine.ts';
import { testEngine } from '../testing.ts';
import { feed, later, row, session } from '../testing-rows.ts';
import { maximumPrefix } from './maximum-prefix.ts';

const ends = { sender: '10.0.0.2', receiver: '10.0.0.1', afi_safi: 'ipv4-unicast' };
const changes = (at: number, tup: number, tdown = 0): Row => row(at, { ...ends, tup, tdown, aadiff: 0, first: 0 });
const mark = (at: number, what: string, routes: number): Row => row(at, { ...ends, mark: what, routes });
const limited = (more: Record<string, unknown> = {}): AlertEngine => testEngine([maximumPrefix], { settings: { sites: {}, maximumPrefixes: [{ neighbor: '10.0.0.2', limit: 100, warnPercent: 80, ...more }] } });

it('fires at 80 of 100, counts withdrawals, and is resolved a minute after it is below', () => {
  const engine = limited();
  expect(feed(engine, 'route_counts', [changes(1, 79), changes(2, 10, 10)])).toEqual([]);
  feed(engine, 'route_counts', [changes(3, 1)]);
  expect(later(engine, 4)).toEqual(['firing maximum-prefix 10.0.0.1 -> 10.0.0.2 (maximum-prefix-near)']);
  feed(engine, 'route_counts', [changes(10, 0, 30)]);
  expect([later(engine, 69), later(engine, 71)]).toEqual([[], ['resolved maximum-prefix 10.0.0.1 -> 10.0.0.2 (maximum-prefix-near)']]);
});

it('a session that begins anew is counted from its flush; what is swept is gone; what went before we looked makes no debt', () => {
  const engine = limited();
  feed(engine, 'route_counts', [changes(1, 5, 50), changes(2, 70)]);
  feed(engine, 'rib_marks', [mark(3, 'flush', 70)]);
  feed(engine, 'route_counts', [changes(4, 70)]);
  feed(engine, 'rib_marks', [mark(5, 'stale', 70), mark(6, 'sweep', 20)]);
  feed(engine, 'route_counts', [changes(7, 25)]);
  expect(later(engine, 10)).toEqual([]);
  feed(engine, 'route_counts', [changes(11, 30)]);
  expect(later(engine, 12)).toEqual(['firing maximum-prefix 10.0.0.1 -> 10.0.0.2 (maximum-prefix-reached)']);
});

it('nobody else, no other receiver and no other family has that limit', () => {
  const engine = limited({ router: '10.0.0.9' });
  feed(engine, 'route_counts', [changes(1, 500)]);
  const other = limited({ family: 'ipv6-unicast' });
  feed(other, 'route_counts', [changes(1, 500), { ...changes(1, 500), sender: '10.0.0.3' }]);
  expect([later(engine, 10), later(other, 10)]).toEqual([[], []]);
});

it('NOTIFICATION 6/1 fires without a limit, once for both ends, and ends a minute after the session is back', () => {
  const engine = testEngine([maximumPrefix]);
  const closed = (at: number, ends_: readonly [string, string], reason: string): Row => session(at, ends_, 'established idle', { code: 6, subcode: 1, reason });
  const heard = feed(engine, 'session_events', [closed(1, ['10.0.0.1', '10.0.0.2'], 'notification-sent'), closed(1, ['10.0.0.2', '10.0.0.1'], 'notification-received'), session(2, ['10.0.0.5', '10.0.0.6'], 'established idle', { code: 6, subcode: 2, reason: 'notification-sent' })]);
  expect([...heard, ...later(engine, 5)]).toEqual(['firing maximum-prefix 10.0.0.1 -> 10.0.0.2 (notification-sent 6/1)']);
  feed(engine, 'session_events', [session(50, ['10.0.0.1', '10.0.0.2'], 'openconfirm established')]);
  expect(later(engine, 111)).toEqual(['resolved maximum-prefix 10.0.0.1 -> 10.0.0.2 (notification-sent 6/1)']);
});
