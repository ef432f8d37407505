/** route-changes-unusual: more than a session usually does, and not its table when it comes up. */
import { expect, it } from 'vitest';
import type { Row } from '../../../../decoders-wasm/contract/row-reader.ts';
import { testEngine } from '../testing.ts';
import { feed, later, row, session } from '../testing-rows.ts';
import { routeChangesUnusual } from './route-changes-unusual.ts';

const MINUTE = 60;
const changes = (at: number, aadiff: number, more: Record<string, unknown> = {}): Row => row(at, { sender: '10.0.0.2', receiver: '10.0.0.1', afi_safi: 'ipv4-unicast', tup: 0, tdown: 0, aadiff, first: 0, ...more });
/** Five hours of so many changes in every tenth minute. */
const usual = (each: number): Row[] => Array.from({ length: 30 }, (_, index) => changes(index * 10 * MINUTE, each));

it('fires where a minute has three times the changes of the worst of late, once for all sessions, and ends after five quiet minutes', () => {
  const engine = testEngine([routeChangesUnusual]);
  expect(feed(engine, 'route_counts', usual(1000))).toEqual([]);
  const at = 301 * MINUTE;
  expect(feed(engine, 'route_counts', [changes(at, 2500)])).toEqual([]);
  const heard = feed(engine, 'route_counts', [changes(at + 1, 600), changes(at + 2, 600, { sender: '10.0.0.3', receiver: '10.0.0.4' })]);
  expect([...heard, ...later(engine, at + 3)]).toEqual(['firing route-changes-unusual 10.0.0.2 -> 10.0.0.1 (rate-unusual)']);
  expect([later(engine, at + 290), later(engine, at + 310)]).toEqual([[], ['resolved route-changes-unusual 10.0.0.2 -> 10.0.0.1 (rate-unusual)']]);
  // What was the worst of late is usual by then.
  feed(engine, 'route_counts', [changes(at + 30 * MINUTE, 3100)]);
  expect(later(engine, at + 31 * MINUTE)).toEqual([]);
});

it('is silent at few changes, at first sight, at the table of a session that came up, and needs ten thousand before it has learned', () => {
  const engine = testEngine([routeChangesUnusual]);
  feed(engine, 'route_counts', [...usual(1), changes(301 * MINUTE, 900), changes(320 * MINUTE, 50_000, { aadiff: 0, tup: 50_000, first: 50_000 })]);
  feed(engine, 'session_events', [session(400 * MINUTE, ['10.0.0.1', '10.0.0.2'], 'openconfirm established')]);
  feed(engine, 'route_counts', [changes(401 * MINUTE, 1_000_000)]);
  feed(engine, 'route_counts', [changes(402 * MINUTE, 9000, { sender: '10.0.0.7' })]);
  expect(later(engine, 403 * MINUTE)).toEqual([]);
  feed(engine, 'route_counts', [changes(404 * MINUTE, 10_001, { sender: '10.0.0.7' })]);
  expect(later(engine, 405 * MINUTE)).toEqual(['firing route-changes-unusual 10.0.0.7 -> 10.0.0.1 (rate-unusual)']);
});
