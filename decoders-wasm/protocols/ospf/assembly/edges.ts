/**
 * Links of the graph: A -> B is there while both ends say so (RFC 2328 16.1 (2b)), pseudonodes resolved. While a LAN
 * changes its DR the Router-LSAs name different networks for a moment: such a link is held, not removed.
 */
import { CHANGE_ADDED, CHANGE_CHANGED, CHANGE_REMOVED } from '../../../base/assembly/generated/constants.ts';
import { Memory } from '../../../base/assembly/memory.ts';
import { Now, SECOND } from './clock.ts';
import { DUE_EDGE } from './deadlines.ts';
import { Due } from './due.ts';
import { Edge, findNode, GraphNode, makeEdge, timerOf, unlink } from './graph.ts';
import { LSA_ROUTER, ROUTER_LINK_POINT_TO_POINT, ROUTER_LINK_TRANSIT, ROUTER_LINK_VIRTUAL } from './iana.ts';
import { findLsa, findNetwork, LsdbEntry, SCOPE_AREA } from './lsdb.ts';
import { NetworkLsa } from './network-lsa.ts';
import { RouterLsa } from './router-lsa.ts';
import { sortAddresses } from './sort.ts';
import { beginChange, FIELD_EXISTS, FIELD_METRIC, finishLink, newNumber, oldNumber } from './topology-rows.ts';

/** A link as the Router-LSAs say it, before it is compared. */
@unmanaged
class Candidate {
  to: u32;
  local: u32;
  metric: u32;
  transit: u32;
}

const MOST_CANDIDATES: u32 = 8192;
const MOST_AFFECTED: u32 = 8192;
/** MinLSInterval twice (RFC 2328 appendix B): by then every router has said its new DR. */
const DR_CHANGE: i64 = 10 * SECOND;

let candidates: usize = 0;
let candidateList: usize = 0;
let candidateCount: u32 = 0;
let affected: usize = 0;
let affectedCount: u32 = 0;

/** The links that a changed Router-LSA touches. */
export function changeRouterEdges(entry: LsdbEntry, fresh: usize, initial: bool): void {
  if (!beginAffected()) return;
  affect(entry.router);
  const node = findNode(entry.shadow, entry.area, entry.router, false);
  if (node !== null) for (let edge = node.first; changetype<usize>(edge) != 0; edge = edge.following) affect(edge.to);
  if (fresh != 0) {
    RouterLsa.over(fresh);
    while (RouterLsa.nextLink()) {
      if (RouterLsa.linkType == ROUTER_LINK_TRANSIT) {
        const network = findNetwork(entry.shadow, entry.area, RouterLsa.linkId, entry.router);
        if (network !== null) affectAttached(network.body);
      } else if (isPeerLink(RouterLsa.linkType)) {
        affect(RouterLsa.linkId);
      }
    }
  }
  compareAffected(entry, initial);
}

/** The links that this module's reading of a Router-LSA touches; `entry` may be without one. */
export function compareRouterEdges(entry: LsdbEntry): void {
  if (beginAffected()) compareRouter(entry, entry.router, false);
}

/** The links that a changed Network-LSA touches. */
export function changeNetworkEdges(entry: LsdbEntry, old: usize, fresh: usize, initial: bool): void {
  if (!beginAffected()) return;
  if (old != 0) affectAttached(old);
  if (fresh != 0) affectAttached(fresh);
  compareAffected(entry, initial);
}

function isPeerLink(type: u8): bool {
  return type == ROUTER_LINK_POINT_TO_POINT || type == ROUTER_LINK_VIRTUAL;
}

// ---- affected routers ----------------------------------------------------------------------------------------------------

function beginAffected(): bool {
  if (affected == 0) {
    affected = Memory.allocate(MOST_AFFECTED << 2);
    candidates = Memory.allocate(MOST_CANDIDATES * offsetof<Candidate>());
    candidateList = Memory.allocate(MOST_CANDIDATES << 2);
    if (candidateList == 0) affected = 0;
  }
  affectedCount = 0;
  return affected != 0;
}

function affect(router: u32): void {
  if (affectedCount == MOST_AFFECTED) return;
  store<u32>(affected + ((affectedCount as usize) << 2), router);
  affectedCount += 1;
}

function affectAttached(network: usize): void {
  const at = NetworkLsa.routers(network);
  const count = NetworkLsa.count(network);
  for (let i: u32 = 0; i < count; i++) affect(bswap<u32>(load<u32>(at + ((i as usize) << 2))));
}

function compareAffected(entry: LsdbEntry, initial: bool): void {
  sortAddresses(affected, affectedCount, orderNumbers);
  for (let i: u32 = 0; i < affectedCount; i++) {
    const router = load<u32>(affected + ((i as usize) << 2));
    if (i != 0 && router == load<u32>(affected + (((i - 1) as usize) << 2))) continue;
    compareRouter(entry, router, initial);
  }
}

function orderNumbers(a: usize, b: usize): i32 {
  return a < b ? -1 : a > b ? 1 : 0;
}

// ---- what the LSDB says of one router --------------------------------------------------------------------------------------

/** The live Router-LSA of `router`, 0 when there is none. */
function routerLsa(shadow: u32, area: u32, router: u32): usize {
  const found = findLsa(shadow, SCOPE_AREA, area, 0, LSA_ROUTER as u32, router, router);
  return found === null || found.length == 0 ? 0 : found.body;
}

function collect(shadow: u32, area: u32, router: u32): void {
  candidateCount = 0;
  const at = routerLsa(shadow, area, router);
  if (at == 0) return;
  RouterLsa.over(at);
  while (RouterLsa.nextLink()) {
    const type = RouterLsa.linkType;
    const id = RouterLsa.linkId;
    const local = RouterLsa.linkData;
    const metric = RouterLsa.metric;
    const position = RouterLsa.position;
    const end = RouterLsa.end;
    const left = RouterLsa.left;
    if (type == ROUTER_LINK_TRANSIT) collectTransit(shadow, area, router, id, local, metric);
    else if (isPeerLink(type)) addCandidate(id, local, metric, 0);
    RouterLsa.position = position;
    RouterLsa.end = end;
    RouterLsa.left = left;
  }
  sortAddresses(candidateList, candidateCount, orderCandidates);
}

function collectTransit(shadow: u32, area: u32, router: u32, network: u32, local: u32, metric: u32): void {
  const entry = findNetwork(shadow, area, network, router);
  if (entry === null) return;
  const at = NetworkLsa.routers(entry.body);
  const count = NetworkLsa.count(entry.body);
  for (let i: u32 = 0; i < count; i++) {
    const other = bswap<u32>(load<u32>(at + ((i as usize) << 2)));
    if (other == router) continue;
    const theirs = routerLsa(shadow, area, other);
    if (theirs != 0 && hasTransit(theirs, network)) addCandidate(other, local, metric, 1);
  }
}

function hasTransit(at: usize, network: u32): bool {
  RouterLsa.over(at);
  while (RouterLsa.nextLink()) if (RouterLsa.linkType == ROUTER_LINK_TRANSIT && RouterLsa.linkId == network) return true;
  return false;
}

function addCandidate(to: u32, local: u32, metric: u32, transit: u32): void {
  if (candidateCount == MOST_CANDIDATES) return;
  const candidate = changetype<Candidate>(candidates + (candidateCount * offsetof<Candidate>()) as usize);
  candidate.to = to;
  candidate.local = local;
  candidate.metric = metric;
  candidate.transit = transit;
  store<u32>(candidateList + ((candidateCount as usize) << 2), changetype<usize>(candidate) as u32);
  candidateCount += 1;
}

function orderCandidates(a: usize, b: usize): i32 {
  const left = changetype<Candidate>(a);
  const right = changetype<Candidate>(b);
  if (left.to != right.to) return left.to < right.to ? -1 : 1;
  if (left.local != right.local) return left.local < right.local ? -1 : 1;
  return left.metric < right.metric ? -1 : left.metric > right.metric ? 1 : 0;
}

/** How often the router says that it has a point-to-point or virtual link to `other`. */
function countPeerLinks(at: usize, other: u32): u32 {
  let count: u32 = 0;
  RouterLsa.over(at);
  while (RouterLsa.nextLink()) if (isPeerLink(RouterLsa.linkType) && RouterLsa.linkId == other) count += 1;
  return count;
}

// ---- against what was shown -----------------------------------------------------------------------------------------------

function compareRouter(entry: LsdbEntry, router: u32, initial: bool): void {
  collect(entry.shadow, entry.area, router);
  const node = findNode(entry.shadow, entry.area, router, candidateCount != 0);
  if (node === null) return;
  let before = changetype<Edge>(0);
  let edge = node.first;
  let last: u32 = 0;
  let ordinal: u32 = 0;
  let mutual: u32 = 0;
  for (let i: u32 = 0; i < candidateCount; i++) {
    const candidate = changetype<Candidate>(load<u32>(candidateList + ((i as usize) << 2)) as usize);
    if (i == 0 || candidate.to != last) {
      ordinal = 0;
      last = candidate.to;
      const theirs = routerLsa(entry.shadow, entry.area, last);
      mutual = theirs == 0 ? 0 : countPeerLinks(theirs, router);
    }
    if (candidate.transit == 0) {
      if (mutual == 0) continue;
      mutual -= 1;
    }
    ordinal += 1;
    while (changetype<usize>(edge) != 0 && (edge.to < candidate.to || (edge.to == candidate.to && edge.ordinal < ordinal))) {
      const following = edge.following;
      if (miss(entry, edge)) unlink(node, before, edge);
      else before = edge;
      edge = following;
    }
    if (changetype<usize>(edge) != 0 && edge.to == candidate.to && edge.ordinal == ordinal) {
      meet(entry, edge, candidate);
      before = edge;
      edge = edge.following;
    } else {
      const made = appear(entry, node, before, candidate, ordinal, initial);
      if (made !== null) before = made;
    }
  }
  while (changetype<usize>(edge) != 0) {
    const following = edge.following;
    if (miss(entry, edge)) unlink(node, before, edge);
    else before = edge;
    edge = following;
  }
}

function appear(entry: LsdbEntry, node: GraphNode, before: Edge, candidate: Candidate, ordinal: u32, initial: bool): Edge | null {
  const edge = makeEdge(node, before, candidate.to, ordinal);
  if (edge === null) return null;
  edge.metric = candidate.metric;
  edge.local = candidate.local;
  edge.transit = candidate.transit;
  edge.context = entry.context;
  beginChange(entry.context, node.area, false, node.id, CHANGE_ADDED, FIELD_EXISTS, Now.time, initial);
  newNumber(edge.metric);
  finishLink(node.id, edge.to, ordinal);
  return edge;
}

/** The link is there as before; perhaps with another metric, perhaps after a moment in which it was not. */
function meet(entry: LsdbEntry, edge: Edge, candidate: Candidate): void {
  edge.heldTime = 0;
  edge.heldDeadline = 0;
  edge.local = candidate.local;
  edge.transit = candidate.transit;
  if (!Now.isUpgrade) edge.context = entry.context;
  if (edge.metric == candidate.metric) return;
  beginChange(entry.context, edge.node.area, false, edge.node.id, CHANGE_CHANGED, FIELD_METRIC, Now.time, false);
  oldNumber(edge.metric);
  newNumber(candidate.metric);
  edge.metric = candidate.metric;
  finishLink(edge.node.id, edge.to, edge.ordinal);
}

/** The link is not there any more: true when it is to be removed, false when it is held for a DR change. */
function miss(entry: LsdbEntry, edge: Edge): bool {
  const node = edge.node;
  const mine = routerLsa(node.shadow, node.area, node.id);
  const theirs = routerLsa(node.shadow, node.area, edge.to);
  const held = edge.transit != 0 && mine != 0 && theirs != 0 && hasTransitFrom(mine, edge.local) && hasAnyTransit(theirs);
  if (held && (edge.heldDeadline != 0 || !Now.isUpgrade)) {
    if (edge.heldDeadline == 0) {
      edge.heldTime = Now.time;
      edge.tap = Now.tap;
      edge.heldDeadline = Now.boot + DR_CHANGE;
      edge.heldNumber = Now.number;
      Due.schedule(timerOf(edge), DUE_EDGE);
    }
    return false;
  }
  emitRemoved(edge, edge.heldTime != 0 ? edge.heldTime : Now.time, entry.context);
  return true;
}

function hasTransitFrom(at: usize, local: u32): bool {
  RouterLsa.over(at);
  while (RouterLsa.nextLink()) if (RouterLsa.linkType == ROUTER_LINK_TRANSIT && RouterLsa.linkData == local) return true;
  return false;
}

function hasAnyTransit(at: usize): bool {
  RouterLsa.over(at);
  while (RouterLsa.nextLink()) if (RouterLsa.linkType == ROUTER_LINK_TRANSIT) return true;
  return false;
}

function emitRemoved(edge: Edge, time: i64, context: u32): void {
  beginChange(context, edge.node.area, false, edge.node.id, CHANGE_REMOVED, FIELD_EXISTS, time, false);
  oldNumber(edge.metric);
  finishLink(edge.node.id, edge.to, edge.ordinal);
}

// ---- deadlines -----------------------------------------------------------------------------------------------------------

/** The DR change did not bring the link back: it went when it was last seen. */
export function expireEdge(edge: Edge): void {
  Now.fromDeadline(DUE_EDGE, edge.tap, edge.heldDeadline, edge.heldNumber, 0, 0);
  Now.about(edge.node.area, edge.node.id, edge.to);
  Now.about(edge.ordinal, 0, 0);
  emitRemoved(edge, edge.heldTime, edge.context);
  const node = edge.node;
  let before = changetype<Edge>(0);
  for (let here = node.first; changetype<usize>(here) != 0; here = here.following) {
    if (here == edge) break;
    before = here;
  }
  unlink(node, before, edge);
}
