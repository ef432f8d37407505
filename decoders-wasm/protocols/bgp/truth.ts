/** For tests: the tables of the daemons of lab bgp-basic beside the RIB of the rows, at each table's own time. */
import { join } from 'node:path';
import { readTruthFolder, tablesOf, type TruthRoute, type TruthTable } from '../../../infra/lab/truth/tables.ts';
import type { RibOfRows, RibPath } from './rib-of-rows.ts';

export const captures = join(import.meta.dirname, '../../../infra/lab/captures/bgp-basic');

/** Each router's address on the session with a peer, by `router peer-address`. */
const ownAddress: Readonly<Record<string, string>> = {
  'f1 10.2.0.2': '10.2.0.1', 'f1 10.1.0.2': '10.1.0.1', 'f1 2001:db8:1::2': '2001:db8:1::1',
  'f2 10.3.0.2': '10.3.0.1', 'f2 10.1.0.1': '10.1.0.2', 'f2 2001:db8:1::1': '2001:db8:1::2',
  'g1 10.3.0.1': '10.3.0.2', 'g1 10.4.0.1': '10.4.0.2', 'b1 10.2.0.1': '10.2.0.2', 'b1 10.4.0.2': '10.4.0.1',
};
const asOf: Readonly<Record<string, string>> = { f1: '65001', f2: '65001', b1: '4200000001', g1: '65010' };
/** BIRD names protocols, not addresses. */
const birdPeers: Readonly<Record<string, string>> = { f1: '10.2.0.1', g1: '10.4.0.2' };

/** One comparison: what was asked of whom, and every way in which rows and table differ. */
export interface Comparison {
  /** `02-b1-stopped f1 received 10.2.0.2>10.2.0.1` */
  readonly name: string;
  readonly label: string;
  readonly session: string;
  readonly truth: number;
  readonly wire: number;
  readonly problems: readonly string[];
  /** Prefixes on the wire that the receiver refuses because its own AS is in the path. */
  readonly loops: readonly string[];
}

interface Question {
  label: string;
  table: TruthTable;
  peer: string;
  routes: TruthRoute[];
}

/** All comparisons in order of time. GoBGP's global table is a Loc-RIB and left out. */
export function compareAll(rib: RibOfRows): Comparison[] {
  const questions: Question[] = [];
  for (const truth of readTruthFolder(join(captures, 'truth'))) {
    for (const table of tablesOf(truth)) {
      for (const [peer, routes] of byPeer(table)) questions.push({ label: truth.label, table, peer, routes });
    }
  }
  questions.sort((a, b) => a.table.t - b.table.t);
  return questions.map((question) => compareOne(rib, question));
}

function byPeer(table: TruthTable): Map<string, TruthRoute[]> {
  if (table.neighbor !== undefined) return new Map([[table.neighbor, table.routes]]);
  const groups = new Map<string, TruthRoute[]>();
  if (table.node === 'g1') return groups;
  for (const route of table.routes) {
    const peer = birdPeers[route.peer ?? ''] ?? route.peer ?? '';
    if (ownAddress[`${table.node} ${peer}`] === undefined) continue;
    groups.set(peer, [...groups.get(peer) ?? [], route]);
  }
  return groups;
}

function compareOne(rib: RibOfRows, { label, table, peer, routes }: Question): Comparison {
  const own = ownAddress[`${table.node} ${peer}`];
  if (own === undefined) throw new Error(`truth: ${table.node} has no session with ${peer}`);
  const session = table.kind === 'advertised' ? `${own}>${peer}` : `${peer}>${own}`;
  const now = rib.at(BigInt(Math.round(table.t * 1e6)) * 1000n);
  // FRR and GoBGP answer for one family at a time, BIRD for both.
  const families = new Set(routes.map((route) => route.prefix.includes(':')));
  const wire = (now.get(session) ?? []).filter((path) => table.node === 'b1' || families.size === 0 || families.has(path.prefix.includes(':')));
  const byPrefix = Map.groupBy(wire, (path) => path.prefix);
  const problems: string[] = [];
  const loops: string[] = [];
  const known = new Set(routes.map((route) => route.prefix));
  for (const [prefix, paths] of byPrefix) {
    if (known.has(prefix)) continue;
    const refused = table.kind === 'all' && paths.every((path) => path.asPathText.split(' ').includes(asOf[table.node]!));
    (refused ? loops : problems).push(refused ? prefix : `extra ${prefix}`);
  }
  for (const route of routes) {
    const wanted = table.kind === 'advertised' && table.node.startsWith('f') ? asFrrSends(route, own, peer) : route;
    const paths = byPrefix.get(route.prefix);
    if (paths === undefined) problems.push(`missing ${route.prefix}`);
    else if (!paths.some((path) => same(path, wanted))) problems.push(`differs ${route.prefix}: ${JSON.stringify(wanted)} ${JSON.stringify(paths)}`);
  }
  const name = `${label} ${table.node} ${table.kind} ${session}`;
  return { name, label, session, truth: routes.length, wire: wire.length, problems, loops };
}

/** FRR shows what it advertises before it writes its own address and, to external peers, its AS. */
function asFrrSends(route: TruthRoute, own: string, peer: string): TruthRoute {
  const external = !peer.startsWith('10.1.') && !peer.startsWith('2001:');
  return {
    ...route,
    nextHop: route.nextHop === '0.0.0.0' ? own : route.nextHop,
    asPathText: external ? `65001 ${route.asPathText}`.trim() : route.asPathText,
  };
}

function same(path: RibPath, route: TruthRoute): boolean {
  return path.origin === route.origin && path.asPathText === route.asPathText && path.med === route.med
    && path.nextHop === route.nextHop
    && (route.pathId === undefined || route.pathId === path.pathId)
    && (route.communities === undefined || sorted(path.communities) === sorted(route.communities))
    && (route.largeCommunities === undefined || sorted(path.largeCommunities) === sorted(route.largeCommunities));
}

function sorted(texts: readonly string[]): string {
  return texts.toSorted().join(' ');
}
