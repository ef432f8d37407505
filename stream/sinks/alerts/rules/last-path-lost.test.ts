/** last-path-lost: when the graph comes apart, when only an adjacency is lost, and when there is a path again. */
import { expect, it } from 'vitest';
import type { Row } from '../../../../decoders-wasm/contract/row-reader.ts';
import type { AlertEngine } from '../engine.ts';
import { testEngine } from '../testing.ts';
import { adjacency, feed, later, row } from '../testing-rows.ts';
import { lastPathLost } from './last-path-lost.ts';

const link = (at: number, a: string, b: string, change: 'added' | 'removed', more: Record<string, unknown> = {}): Row[] => [[a, b], [b, a]].map(([router, neighbor]) => row(at, {
  protocol: 'isis', level: 2, object_type: 'link', object_key: `${router} -> ${neighbor}`, router, neighbor, router_name: `${router}-name`, field: 'exists', change, ...more,
}));

/** Two rings of three, a1 - b1 and a2 - b2 between them. */
function rings(engine: AlertEngine): void {
  const pairs = ['a', 'b'].flatMap((side) => [[1, 2], [2, 3], [3, 1]].map(([x, y]) => [`${side}${x}`, `${side}${y}`] as const));
  feed(engine, 'topology_changes', [...pairs, ['a1', 'b1'] as const, ['a2', 'b2'] as const].flatMap(([x, y]) => link(1, x, y, 'added')));
}

it('tells the second of two links between two parts, not the first, and is resolved by any path', () => {
  const engine = testEngine([lastPathLost]);
  rings(engine);
  feed(engine, 'topology_changes', [...link(10, 'a1', 'b1', 'removed'), ...link(11, 'a1', 'a2', 'removed')]);
  expect(later(engine, 20)).toEqual([]);
  feed(engine, 'topology_changes', link(30, 'a2', 'b2', 'removed'));
  expect(later(engine, 33)).toEqual(['firing last-path-lost a2 -> b2 (last-path-lost)']);
  const [alert] = engine.alerts.values();
  expect(alert!.summary).toBe('a1-name (a1), a2-name (a2), a3-name (a3) are cut off from the other isis routers: the last path went by the link of a2-name (a2) with b2-name (b2).');
  feed(engine, 'topology_changes', link(40, 'a3', 'b3', 'added'));
  expect([later(engine, 49), later(engine, 51)]).toEqual([[], ['resolved last-path-lost a2 -> b2 (last-path-lost)']]);
});

it('one level of two, or one of parallel links, is no last path; one that is back within two seconds neither', () => {
  const engine = testEngine([lastPathLost]);
  feed(engine, 'topology_changes', [...link(1, 'a1', 'a2', 'added'), ...link(1, 'b1', 'b2', 'added'), ...link(1, 'a1', 'b1', 'added'), ...link(1, 'a1', 'b1', 'added', { level: 1 })]);
  feed(engine, 'topology_changes', link(10, 'a1', 'b1', 'removed', { level: 1 }));
  expect(later(engine, 20)).toEqual([]);
  feed(engine, 'topology_changes', [...link(30, 'a1', 'b1', 'removed'), ...link(31, 'a1', 'b1', 'added')]);
  expect(later(engine, 60)).toEqual([]);
});

it('a router alone is told only as a site of its own', () => {
  const rows = [...link(1, 'a1', 'a2', 'added'), ...link(1, 'a2', 'b1', 'added'), ...link(1, 'a1', 'a3', 'added'), ...link(10, 'a2', 'b1', 'removed')];
  const engine = testEngine([lastPathLost]);
  feed(engine, 'topology_changes', rows);
  expect(later(engine, 20)).toEqual([]);
  const sited = testEngine([lastPathLost], { settings: { sites: { Berlin: ['b1-name'], Aachen: ['a1', 'a2', 'a3'] }, maximumPrefixes: [] } });
  feed(sited, 'topology_changes', rows);
  expect(later(sited, 20)).toEqual(['firing last-path-lost b1 -> a2 (last-path-lost)']);
  expect([...sited.alerts.values()][0]!.summary).toContain('Site Berlin: b1-name (b1) is cut off');
});

it('at a dead router it is part of that incident; a router that leaves the database for good ends it', () => {
  const engine = testEngine();
  rings(engine);
  const hub = [...link(1, 'a1', 'hub', 'added'), ...link(1, 'b1', 'hub', 'added')];
  feed(engine, 'topology_changes', [...hub, ...link(5, 'a1', 'b1', 'removed'), ...link(5, 'a2', 'b2', 'removed')]);
  expect(later(engine, 20)).toEqual(['firing adjacency-lost a1 -> b1 (link-withdrawn)', 'firing adjacency-lost a2 -> b2 (link-withdrawn)']);
  const down = (at: number, other: string): Row[] => [adjacency(at, [other, 'hub'], 'up down', { protocol: 'isis', level: 2, link: `hub-${other}` }), adjacency(at, ['hub', other], 'up down', { protocol: 'isis', level: 2, link: `hub-${other}`, reason: 'router-silent' })];
  feed(engine, 'adjacency_events', [...down(100, 'a1'), ...down(100, 'b1')]);
  feed(engine, 'topology_changes', [...link(101, 'a1', 'hub', 'removed'), ...link(101, 'b1', 'hub', 'removed')]);
  expect(later(engine, 110)).toEqual([]);
  expect([...engine.alerts.values()].filter(({ rule }) => rule === 'last-path-lost').map(({ state, untold }) => `${state} ${untold}`)).toEqual(['firing incident']);
  feed(engine, 'topology_changes', [row(2000, { protocol: 'isis', level: 2, object_type: 'node', object_key: 'hub', router: 'hub', field: 'exists', change: 'removed' })]);
  expect([...engine.alerts.values()].filter(({ rule }) => rule === 'last-path-lost')).toEqual([]);
});

it('a router with links left that no tap sees is not silent', () => {
  const engine = testEngine();
  const links = ['n1', 'n2', 'n3'];
  feed(engine, 'topology_changes', links.flatMap((other) => link(1, 'r', other, 'added')).concat(link(1, 'n1', 'n2', 'added'), link(1, 'n2', 'n3', 'added')));
  feed(engine, 'topology_changes', [...link(10, 'r', 'n1', 'removed'), ...link(10, 'r', 'n2', 'removed')]);
  expect(later(engine, 20)).toEqual(['firing adjacency-lost r -> n1 (link-withdrawn)', 'firing adjacency-lost r -> n2 (link-withdrawn)']);
  feed(engine, 'topology_changes', link(30, 'r', 'n3', 'removed'));
  expect(later(engine, 40).filter((line) => line.startsWith('firing'))).toEqual(['firing router-silent r (router-silent)']);
});
