/** Each rule on rows as the decoders write them: when it fires, when it does not, when it is resolved. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Row } from '../../../../decoders-wasm/contract/row-reader.ts';
import { testEngine } from '../testing.ts';
import { adjacency, feed, later, row, S } from '../testing-rows.ts';
import { rules } from './index.ts';

it('every rule has a runbook, and every page of a rule of the engine is one of a rule', () => {
  const pages = readdirSync(join(import.meta.dirname, '../../../../dashboards/runbooks'));
  for (const { name } of [...rules, { name: 'router-silent' }, { name: 'watchdog' }]) expect(pages, name).toContain(`${name}.md`);
  for (const { name } of rules) expect(existsSync(join(import.meta.dirname, `${name}.ts`)), name).toBe(true);
});

describe('adjacency-lost', () => {
  it('is silent at first sight, on the way up, at a change of DR, and where we forget', () => {
    const engine = testEngine();
    feed(engine, 'adjacency_events', [
      adjacency(1, ['a', 'b'], 'unknown full', { initial: true }), adjacency(2, ['a', 'b'], 'full 2-way', { reason: 'adjacency-not-needed' }), adjacency(3, ['c', 'd'], 'down init'), adjacency(4, ['c', 'd'], 'init 2-way'),
      adjacency(5, ['c', 'd'], '2-way exstart'), adjacency(6, ['c', 'd'], 'exstart 2-way'), adjacency(7, ['c', 'd'], '2-way init'), adjacency(8, ['e', 'f'], 'full down', { reason: 'evicted' }), adjacency(9, ['g', 'h'], 'unknown down', { initial: true }),
    ]);
    expect(later(engine, 100)).toEqual([]);
  });

  it('makes one of both ends, is resolved when both are full for ten seconds, and later where it flaps', () => {
    const engine = testEngine(rules.filter(({ name }) => name === 'adjacency-lost'));
    const down = (at: number): Row[] => [adjacency(at, ['a', 'b'], 'full down', { reason: 'inactivity-timer' }), adjacency(at, ['b', 'a'], 'full init', { reason: 'one-way-received' })];
    const up = (at: number): Row[] => [adjacency(at, ['a', 'b'], 'loading full'), adjacency(at, ['b', 'a'], 'loading full')];
    feed(engine, 'adjacency_events', down(10));
    expect(later(engine, 12)).toEqual(['firing adjacency-lost a -> b (inactivity-timer)']);
    feed(engine, 'adjacency_events', up(20));
    expect([later(engine, 29), later(engine, 30)]).toEqual([[], ['resolved adjacency-lost a -> b (inactivity-timer)']]);
    const heard = feed(engine, 'adjacency_events', [...down(40), ...up(41), ...down(42), ...up(43), ...down(44), ...up(45)]);
    expect([[...heard, ...later(engine, 344)], later(engine, 345)]).toEqual([['firing adjacency-lost a -> b (inactivity-timer)'], ['resolved adjacency-lost a -> b (inactivity-timer)']]);
  });

  it('tells that two DROthers that rested at 2-way lost each other', () => {
    const engine = testEngine();
    feed(engine, 'adjacency_events', [adjacency(1, ['a', 'b'], 'init 2-way'), adjacency(60, ['a', 'b'], '2-way down', { reason: 'inactivity-timer' })]);
    expect(later(engine, 62)).toEqual(['firing adjacency-lost a -> b (inactivity-timer)']);
  });
});

it('an alert that is taken back by what is said of earlier ends when that is known, not before it began', () => {
  const engine = testEngine();
  engine.take(0, [{ table: 'adjacency_events', row: adjacency(10, ['a', 'b'], 'full down') }]);
  engine.advance(0, 12n * S);
  engine.take(0, [{ table: 'adjacency_events', row: adjacency(5, ['a', 'b'], 'full down', { reason: 'evicted' }) }]);
  expect(engine.takeTransitions().map(({ notice }) => [notice.state, notice.changed])).toEqual([['firing', (10n * S) + (S / 2n)], ['resolved', 12n * S]]);
});

it('session-lost waits for a graceful restart, and fires where it does not come in time', () => {
  const engine = testEngine();
  const ends = { router: '10.0.0.1', peer: '10.0.0.2', router_as: 1, peer_as: 2, code: 0, subcode: 0, shutdown_text: '', router_id: '', peer_id: '' };
  const session = (at: number, change: string): Row => row(at, { ...ends, prev_state: change.split(' ')[0], state: change.split(' ')[1], reason: 'tcp-rst' });
  const stale = (at: number): Row => row(at, { sender: '10.0.0.2', receiver: '10.0.0.1', mark: 'stale', reason: 'graceful-restart', afi_safi: 'ipv4-unicast', routes: 5 });
  feed(engine, 'session_events', [session(10, 'established idle')]);
  feed(engine, 'rib_marks', [stale(10)]);
  expect(later(engine, 60)).toEqual([]);
  feed(engine, 'session_events', [session(70, 'openconfirm established')]);
  expect(later(engine, 300)).toEqual([]);
  feed(engine, 'session_events', [session(400, 'established idle')]);
  feed(engine, 'rib_marks', [stale(400)]);
  expect([later(engine, 519), later(engine, 521)]).toEqual([[], ['firing session-lost 10.0.0.1 -> 10.0.0.2 (tcp-rst)']]);
});

it('adjacency-flapping fires at the third loss, and is resolved ten minutes after the last', () => {
  const engine = testEngine(rules.filter(({ name }) => name === 'adjacency-flapping'));
  const loss = (at: number): Row => adjacency(at, ['a', 'b'], 'full down', { reason: 'inactivity-timer' });
  feed(engine, 'adjacency_events', [loss(10), loss(60)]);
  expect(later(engine, 61)).toEqual([]);
  feed(engine, 'adjacency_events', [loss(110)]);
  expect(later(engine, 111)).toEqual(['firing adjacency-flapping a -> b (inactivity-timer)']);
  expect([later(engine, 700), later(engine, 720)]).toEqual([[], ['resolved adjacency-flapping a -> b (inactivity-timer)']]);
});

it('tap-blind fires while it lasts; frames-lost for a gap; neither for a tap that ends', () => {
  const engine = testEngine();
  const coverage = (at: number, what: string, to = 0n): Row => row(at, { what, subject: 't', from: BigInt(at) * S, to, lost: 3n, detail: 'why' });
  feed(engine, 'coverage_events', [coverage(1, 'tap-opened'), coverage(5, 'coverage-lost')]);
  expect(later(engine, 6)).toEqual(['firing tap-blind (coverage-lost)']);
  const heard = feed(engine, 'coverage_events', [coverage(10, 'restored'), coverage(20, 'gap', 20n * S), coverage(20, 'coverage-suspect', 20n * S), coverage(30, 'tap-closed')]);
  expect([...heard, ...later(engine, 400)]).toEqual(['resolved tap-blind (coverage-lost)', 'firing frames-lost (gap)', 'resolved frames-lost (gap)']);
});

it('quarantine-growing fires at the eleventh frame of a quarter of an hour, or when a state is reset', () => {
  const engine = testEngine();
  const frame = (at: number): Row => row(at, { protocol: 'isis', error: 'isis.pdu-short' });
  feed(engine, 'quarantine', Array.from({ length: 10 }, (_, index) => frame(index)));
  expect(later(engine, 50)).toEqual([]);
  feed(engine, 'quarantine', [frame(60)]);
  expect(later(engine, 61)).toEqual(['firing quarantine-growing (isis.pdu-short)']);
});

it('neighbor-missing fires after two minutes of an expected neighbour that is not there, and not where nobody looks', () => {
  const expected = [{ domain: 'd', protocol: 'ospfv2', router: 'a', neighbor: 'b', link: '' }];
  const engine = testEngine(rules, { expected: () => expected });
  const count = (at: number, coverage = 'full'): Row => row(at, { protocol: 'ospfv2', router: 'a', coverage });
  feed(engine, 'neighbor_counts', [count(1, 'none'), count(200, 'none'), count(300)]);
  expect([later(engine, 419), later(engine, 421)]).toEqual([[], ['firing neighbor-missing a -> b (expected-neighbor-missing)']]);
  feed(engine, 'adjacency_events', [adjacency(500, ['a', 'b'], 'loading full')]);
  feed(engine, 'neighbor_counts', [count(520)]);
  expect(later(engine, 540)).toEqual(['resolved neighbor-missing a -> b (expected-neighbor-missing)']);
});

it('duplicate-id fires for either protocol', () => {
  const engine = testEngine();
  feed(engine, 'protocol_errors', [row(1, { protocol: 'isis', sender: 'x', receiver: '', error: 'isis.duplicate_system_id' }), row(1, { protocol: 'ospfv2', sender: 'y', receiver: '', error: 'duplicate-router-id' })]);
  expect(later(engine, 2)).toEqual(['firing duplicate-id x (duplicate-system-id)', 'firing duplicate-id y (duplicate-router-id)']);
});
