/** One fault, one incident: a dead router with all that hung on it, a lost link with all that ran over it, in whatever order it is known. */
import { describe, expect, it } from 'vitest';
import type { Row } from '../../../decoders-wasm/contract/row-reader.ts';
import type { AlertEngine, Transition } from './engine.ts';
import { alertsOfLab, testEngine, told } from './testing.ts';
import { adjacency, feed, later, row, S, session } from './testing-rows.ts';

const both = (at: number, [router, neighbor]: readonly [string, string], change: string, reason: string, more: Record<string, unknown> = {}): Row[] => [
  adjacency(at, [neighbor, router], change, { reason, link: neighbor, ...more }), adjacency(at, [router, neighbor], change, { reason: reason === 'inactivity-timer' ? 'router-silent' : reason, link: neighbor, ...more }),
];
const hub = '10.0.0.100';
const spokes = (count: number): string[] => Array.from({ length: count }, (_, index) => `10.0.1.${index}`);
const ids = { router_id: hub, peer_id: '10.9.9.9' };

/** A hub with so many adjacencies and four BGP sessions, one of them from an address that only its BGP identifier ties to it. */
function network(count: number): AlertEngine {
  const engine = testEngine();
  const all = spokes(count);
  feed(engine, 'adjacency_events', [...all.flatMap((other) => both(1, [hub, other], 'loading full', 'loading-done')), ...all.map((other, index) => adjacency(1, [other, all[(index + 1) % count]!], 'loading full', { link: 'ring' }))]);
  feed(engine, 'session_events', sessions(1, 'openconfirm established'), 1);
  return engine;
}

function sessions(at: number, change: string): Row[] {
  return [1, 2, 3].map((peer) => session(at, [hub, `10.9.0.${peer}`], change)).concat(session(at, ['192.0.2.1', '192.0.2.2'], change, ids));
}

function untoldParts(transitions: readonly Transition[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { notice, untold, incident } of transitions) if (untold === 'incident' && notice.state === 'firing') counts.set(`${notice.rule} of ${incident.slice(0, 4)}`, (counts.get(`${notice.rule} of ${incident.slice(0, 4)}`) ?? 0) + 1);
  return counts;
}

describe('a router that dies', () => {
  it('with 200 adjacencies is one incident that names it, and over when it is back', () => {
    const engine = network(200);
    feed(engine, 'adjacency_events', spokes(200).flatMap((other) => both(100, [hub, other], 'full down', 'inactivity-timer')));
    expect(later(engine, 110)).toEqual([`firing router-silent ${hub} (router-silent)`]);
    feed(engine, 'adjacency_events', spokes(200).flatMap((other) => both(200, [hub, other], 'loading full', 'loading-done')));
    expect(later(engine, 300)).toEqual([`resolved router-silent ${hub} (router-silent)`]);
  });

  it('with forty adjacencies and four sessions that fall after them: one incident, and forty-four parts', () => {
    const engine = network(40);
    engine.take(0, spokes(40).flatMap((other) => both(100, [hub, other], 'full down', 'inactivity-timer')).map((one) => ({ table: 'adjacency_events', row: one })));
    engine.advance(0, 102n * S);
    engine.take(1, sessions(190, 'established idle').map((one) => ({ table: 'session_events', row: one })));
    engine.advance(1, 191n * S);
    const transitions = engine.takeTransitions();
    expect(told(transitions)).toEqual([`firing router-silent ${hub} (router-silent)`]);
    expect([...untoldParts(transitions).values()]).toEqual([40, 4]);
    expect(new Set([...untoldParts(transitions).keys()].map((key) => key.split(' ').at(-1))).size).toBe(1);
  });

  it('where the sessions fall first: told at once, joined later, and each notice has its id once', () => {
    const engine = network(40);
    engine.take(1, sessions(100, 'established idle').map((one) => ({ table: 'session_events', row: one })));
    engine.advance(1, 101n * S);
    engine.take(0, spokes(40).flatMap((other) => both(130, [hub, other], 'full down', 'inactivity-timer')).map((one) => ({ table: 'adjacency_events', row: one })));
    engine.advance(0, 132n * S);
    const transitions = engine.takeTransitions();
    const lines = told(transitions);
    expect(lines.filter((line) => line.startsWith('firing session-lost'))).toHaveLength(4);
    expect(lines.filter((line) => line.startsWith('resolved session-lost') && line.endsWith('(joined)'))).toHaveLength(4);
    expect(lines.filter((line) => line.startsWith('firing router-silent'))).toHaveLength(1);
    expect(lines).toHaveLength(9);
    const incident = transitions.find(({ notice }) => notice.rule === 'router-silent')!;
    expect(incident.notice.summary).toContain('and 4 BGP sessions');
    expect([...untoldParts(transitions).values()].toSorted()).toEqual([4, 40]);
    expect(new Set(transitions.map(({ notice }) => notice.id)).size).toBe(transitions.length);
  });

  it('what stays lost when it is back is told two minutes later, what comes back by then is not', () => {
    const engine = network(4);
    feed(engine, 'adjacency_events', spokes(4).flatMap((other) => both(100, [hub, other], 'full down', 'inactivity-timer')));
    feed(engine, 'session_events', sessions(120, 'established idle'), 1);
    expect([...later(engine, 130), ...later(engine, 130, 1)]).toEqual([`firing router-silent ${hub} (router-silent)`]);
    feed(engine, 'adjacency_events', spokes(3).flatMap((other) => both(200, [hub, other], 'loading full', 'loading-done')));
    feed(engine, 'session_events', sessions(250, 'openconfirm established').slice(1), 1);
    expect(later(engine, 215)).toEqual([`resolved router-silent ${hub} (router-silent)`]);
    expect([later(engine, 329), later(engine, 329, 1)]).toEqual([[], []]);
    expect([...later(engine, 331), ...later(engine, 331, 1)]).toEqual(['firing adjacency-lost 10.0.1.3 -> 10.0.0.100 (inactivity-timer)', `firing session-lost ${hub} -> 10.9.0.1 (tcp-rst)`]);
  });

  it('a session of a router whose IGP has been dead for long is a fault of its own', () => {
    const engine = network(4);
    feed(engine, 'adjacency_events', spokes(4).flatMap((other) => both(100, [hub, other], 'full down', 'inactivity-timer')));
    later(engine, 130);
    feed(engine, 'session_events', sessions(4000, 'established idle').slice(0, 1), 1);
    expect(later(engine, 4001, 1)).toEqual([`firing session-lost ${hub} -> 10.9.0.1 (tcp-rst)`]);
  });

  it('two protocols of one router are one incident', () => {
    const engine = testEngine();
    const isis = { protocol: 'isis', level: 2 };
    const rows = (at: number, change: string, reason: string, other: number): Row[] => both(at, ['0000.0000.0001', `0000.0000.000${other}`], change, reason, isis).map((one) => ({ ...one, [one['router'] === '0000.0000.0001' ? 'local_address' : 'neighbor_address']: `192.0.2.${other}` }));
    const ospf = (at: number, change: string, other: number): Row[] => [adjacency(at, [`10.0.0.${other}`, '10.0.0.1'], change, { neighbor_address: `192.0.2.${other}`, link: `l${other}`, reason: 'inactivity-timer' })];
    feed(engine, 'adjacency_events', [2, 3].flatMap((other) => [...rows(1, 'init up', 'two-way-received', other), ...ospf(1, 'loading full', other)]));
    feed(engine, 'adjacency_events', [2, 3].flatMap((other) => rows(100, 'up down', 'hold-timer-expired', other)));
    expect(later(engine, 102)).toEqual(['firing router-silent 0000.0000.0001 (router-silent)']);
    feed(engine, 'adjacency_events', [2, 3].flatMap((other) => ospf(110, 'full down', other)));
    expect(later(engine, 112)).toEqual([]);
    expect([...engine.alerts.values()].filter(({ rule }) => rule === 'router-silent').map(({ incident }) => incident === '')).toEqual([true, false]);
  });

  it('in the demo: three sessions that its kernel closed, and three adjacencies seven seconds later', async () => {
    const transitions = await alertsOfLab('demo');
    const incident = transitions.find(({ notice }) => notice.rule === 'router-silent')!.notice;
    expect(incident.summary).toBe('par1 (0100.0000.0001) lost all its isis adjacencies (with 0100.0000.0002, 0100.0000.0003, 0100.0000.0004) and 3 BGP sessions: router-silent.');
    expect([...untoldParts(transitions)]).toEqual([[`adjacency-lost of ${incident.alertId.slice(0, 4)}`, 3], [`session-lost of ${incident.alertId.slice(0, 4)}`, 3]]);
    expect(transitions.filter(({ notice }) => notice.reason === 'joined')).toHaveLength(4);
  });
});

describe('a link that is lost', () => {
  const ends = { local_address: '192.0.2.1', neighbor_address: '192.0.2.2', link: 'x' };
  const igp = (at: number, protocol: string, change: string): Row => adjacency(at, protocol === 'isis' ? ['0000.0000.0001', '0000.0000.0002'] : ['10.0.0.1', '10.0.0.2'], change, { protocol, reason: 'hold-timer-expired', ...ends });

  it('is one alert for IS-IS, OSPF and the BGP session over it', () => {
    const engine = testEngine();
    feed(engine, 'adjacency_events', [igp(100, 'isis', 'up down')]);
    feed(engine, 'adjacency_events', [igp(104, 'ospfv2', 'full down')]);
    feed(engine, 'session_events', [session(190, ['192.0.2.1', '192.0.2.2'], 'established idle', { link: 'x', reason: 'hold-timer-expired' })]);
    expect(later(engine, 200)).toEqual([]);
    expect([...engine.alerts.values()].map(({ rule, incident }) => `${rule} ${incident === ''}`)).toEqual(['adjacency-lost true', 'adjacency-lost false', 'session-lost false']);
  });

  it('takes over the session that fell before it, but not one that was shut down', () => {
    const engine = testEngine();
    expect(feed(engine, 'session_events', [session(100, ['192.0.2.1', '192.0.2.2'], 'established idle', { link: 'x' })])).toEqual([]);
    later(engine, 101);
    feed(engine, 'adjacency_events', [igp(110, 'isis', 'up down')]);
    expect(later(engine, 112)).toEqual(['resolved session-lost 192.0.2.1 -> 192.0.2.2 (joined)', 'firing adjacency-lost 0000.0000.0001 -> 0000.0000.0002 (hold-timer-expired)']);
    const other = testEngine();
    feed(other, 'adjacency_events', [igp(100, 'isis', 'up down')]);
    feed(other, 'session_events', [session(110, ['192.0.2.1', '192.0.2.2'], 'established idle', { link: 'x', reason: 'notification-sent', code: 6, subcode: 2 })]);
    expect(later(other, 112)).toEqual(['firing session-lost 192.0.2.1 -> 192.0.2.2 (notification-sent 6/2)']);
  });

  it('an expected neighbour that is missing by it is part of it', () => {
    const engine = testEngine(undefined, { expected: () => [{ domain: 'd', protocol: 'isis', router: '0000.0000.0001', neighbor: '0000.0000.0002', link: '' }] });
    feed(engine, 'adjacency_events', [igp(50, 'isis', 'init up'), igp(100, 'isis', 'up down')]);
    feed(engine, 'neighbor_counts', [row(100, { protocol: 'isis', router: '0000.0000.0001', coverage: 'full', link: 'x' })]);
    expect(later(engine, 300)).toEqual(['firing adjacency-lost 0000.0000.0001 -> 0000.0000.0002 (hold-timer-expired)']);
  });
});
