/** Links: pseudonodes resolved, both ends agreeing, compared with what was told of each pair of routers. */
import { Envelope } from '../../../base/assembly/envelope.ts';
import * as constant from '../../../base/assembly/generated/constants.ts';
import {
  Edge, edgeAt, findEdge, findGraphLink, findNode, GraphLink, graphLinkAt, graphLinks, LINK_LIVE, LINK_PENDING,
  LinkInstance, MOST_INSTANCES, nodeAt, removeEdge,
} from './graph.ts';
import { order } from './due-list.ts';
import { PENDING_LINK, setAside, takeBack } from './pendings.ts';
import { linkRow, NO_NUMBER } from './topology-rows.ts';
import { Touched } from './touched.ts';

/** Links found for the pair under comparison. */
const found: usize = memory.data(8 * 32, 8);
let foundCount: u32 = 0;
let directMayMove: bool = false;
let lanMayMove: bool = false;

/**
 * Writes rows for the pairs that the touched edges concern. A loss on a LAN is told at once only where a living
 * pseudonode drops a member; `moving`: the node has several fragments.
 */
export function diffLinks(shadow: u32, level: u8, node: u64, moving: bool, alive: bool): void {
  const fromLivingPseudonode = (node & 0xff) != 0 && alive;
  directMayMove = moving;
  lanMayMove = moving || !fromLivingPseudonode;
  Touched.collectPairs();
  for (let i: u32 = 0; i < Touched.pairCount; i++) {
    diffDirection(shadow, level, Touched.pairLow(i), Touched.pairHigh(i));
    diffDirection(shadow, level, Touched.pairHigh(i), Touched.pairLow(i));
  }
  for (let i: u32 = 0; i < Touched.edgeCount; i++) {
    const handle = Touched.edgeOf(i);
    edgeAt(handle).touched = 0;
    if (edgeAt(handle).count == 0) removeEdge(handle);
  }
}

function at(index: u32): LinkInstance {
  return changetype<LinkInstance>(found + ((index as usize) << 5));
}

function diffDirection(shadow: u32, level: u8, from: u64, to: u64): void {
  resolve(shadow, level, from, to);
  const handle = findGraphLink(shadow, level, from, to, foundCount != 0);
  if (handle == 0) return;
  const l = graphLinkAt(handle);
  for (let i: u32 = 0; i < l.count; i++) l.instance(i).matched = 0;
  match(handle, 0);
  match(handle, 1);
  match(handle, 2);
  for (let i: u32 = l.count; i-- > 0;) if (l.instance(i).matched == 0) lose(handle, i);
  for (let i: u32 = 0; i < foundCount; i++) if (at(i).matched == 0) gain(l, i);
  if (l.count == 0) graphLinks.remove(handle);
}

/** Pairs what was told with what is found: 0 by identity or metric and kind, 1 by kind, 2 whatever is left. */
function match(handle: u32, pass: u32): void {
  const l = graphLinkAt(handle);
  for (let i: u32 = 0; i < l.count; i++) {
    const known = l.instance(i);
    if (known.matched != 0) continue;
    for (let k: u32 = 0; k < foundCount; k++) {
      const now = at(k);
      if (now.matched != 0 || !agrees(known, now, pass)) continue;
      known.matched = 1;
      now.matched = 1;
      if (known.state == LINK_PENDING) takeBack(PENDING_LINK, handle, known.number);
      if (known.metric != now.metric) {
        linkRow(l.shadow, l.level, l.from, l.to, known.number, constant.CHANGE_CHANGED, known.metric as i64, now.metric as i64);
      }
      known.state = LINK_LIVE;
      known.metric = now.metric;
      known.identity = now.identity;
      known.lan = now.lan;
      break;
    }
  }
}

function agrees(known: LinkInstance, now: LinkInstance, pass: u32): bool {
  if (pass == 2) return known.identity == 0 || now.identity == 0;
  if (known.lan != now.lan) return false;
  if (pass == 0) return known.identity == now.identity && (known.identity != 0 || known.metric == now.metric);
  return known.identity == 0 || now.identity == 0;
}

function lose(handle: u32, index: u32): void {
  const l = graphLinkAt(handle);
  const gone = l.instance(index);
  if (gone.state == LINK_PENDING) return;
  const wait = gone.lan != 0 ? lanMayMove : directMayMove;
  if (wait && setAside(PENDING_LINK, handle, gone.number)) {
    gone.state = LINK_PENDING;
    gone.removedAt = Envelope.decidedTime;
    return;
  }
  linkRow(l.shadow, l.level, l.from, l.to, gone.number, constant.CHANGE_REMOVED, gone.metric as i64, NO_NUMBER);
  l.removeAt(index);
}

function gain(l: GraphLink, index: u32): void {
  if (l.count >= MOST_INSTANCES) return;
  const now = at(index);
  const number = freeNumber(l);
  const fresh = l.instance(l.count);
  l.count += 1;
  fresh.identity = now.identity;
  fresh.metric = now.metric;
  fresh.lan = now.lan;
  fresh.number = number;
  fresh.state = LINK_LIVE;
  fresh.removedAt = 0;
  fresh.matched = 1;
  linkRow(l.shadow, l.level, l.from, l.to, number, constant.CHANGE_ADDED, NO_NUMBER, now.metric as i64);
}

function freeNumber(l: GraphLink): u8 {
  for (let n: u8 = 1; n <= (MOST_INSTANCES as u8); n++) {
    let used = false;
    for (let i: u32 = 0; i < l.count; i++) if (l.instance(i).number == n) used = true;
    if (!used) return n;
  }
  return 0;
}

/** Finds the links that both ends state, direct and over pseudonodes, in canonical order. */
function resolve(shadow: u32, level: u8, from: u64, to: u64): void {
  foundCount = 0;
  const out = findEdge(shadow, level, from, to, false);
  const back = findEdge(shadow, level, to, from, false);
  if (out != 0 && back != 0) addDirect(edgeAt(out), edgeAt(back).effective());
  const owner = findNode(shadow, level, from, false);
  if (owner == 0) return;
  for (let h = nodeAt(owner).firstEdge; h != 0; h = edgeAt(h).sibling) {
    const e = edgeAt(h);
    const lan = e.to;
    if ((lan & 0xff) == 0 || e.count == 0) continue;
    if (states(shadow, level, lan, from) && states(shadow, level, lan, to) && states(shadow, level, to, lan)) {
      addFound(e.instance(firstEffective(e)).identity, e.instance(firstEffective(e)).metric, 1);
    }
  }
}

function states(shadow: u32, level: u8, from: u64, to: u64): bool {
  const handle = findEdge(shadow, level, from, to, false);
  return handle != 0 && edgeAt(handle).count != 0;
}

/** The statement that counts for a LAN: the lowest of (identity, metric), whatever order they came in. */
function firstEffective(e: Edge): u32 {
  const wide = e.hasWide();
  let best: i32 = -1;
  for (let i: u32 = 0; i < e.count; i++) {
    const s = e.instance(i);
    if (wide && s.wide == 0) continue;
    if (best >= 0) {
      const b = e.instance(best as u32);
      if (s.identity > b.identity || (s.identity == b.identity && s.metric >= b.metric)) continue;
    }
    best = i as i32;
  }
  return max<i32>(best, 0) as u32;
}

/** As many of the near end's statements as the far end answers. */
function addDirect(e: Edge, answered: u32): void {
  const wide = e.hasWide();
  for (let i: u32 = 0; i < e.count; i++) {
    if (!wide || e.instance(i).wide != 0) addFound(e.instance(i).identity, e.instance(i).metric, 0);
  }
  if (foundCount > answered) foundCount = answered;
}

/** Inserts in order of (kind, identity, metric). */
function addFound(identity: u64, metric: u32, lan: u8): void {
  if (foundCount >= MOST_INSTANCES) {
    if (!after(at(foundCount - 1), identity, metric, lan)) return;
    foundCount -= 1;
  }
  let i = foundCount;
  while (i > 0 && after(at(i - 1), identity, metric, lan)) {
    memory.copy(changetype<usize>(at(i)), changetype<usize>(at(i - 1)), 32);
    i -= 1;
  }
  const slot = at(i);
  slot.identity = identity;
  slot.metric = metric;
  slot.lan = lan;
  slot.matched = 0;
  foundCount += 1;
}

function after(x: LinkInstance, identity: u64, metric: u32, lan: u8): bool {
  if (x.lan != lan) return x.lan > lan;
  if (x.identity != identity) return x.identity > identity;
  return x.metric > metric;
}

/** The time to settle is over: the link is gone, since when it went. */
export function tellLinkLoss(handle: u32, number: u32): void {
  const l = graphLinkAt(handle);
  for (let i: u32 = 0; i < l.count; i++) {
    const gone = l.instance(i);
    if ((gone.number as u32) != number || gone.state != LINK_PENDING) continue;
    Envelope.time = gone.removedAt;
    linkRow(l.shadow, l.level, l.from, l.to, gone.number, constant.CHANGE_REMOVED, gone.metric as i64, NO_NUMBER);
    l.removeAt(i);
    break;
  }
  if (l.count == 0) graphLinks.remove(handle);
}

/** Canonical order: shadow, level, from, to. */
export function compareGraphLinks(a: u32, b: u32): i32 {
  const x = graphLinkAt(a);
  const y = graphLinkAt(b);
  if (x.shadow != y.shadow) return x.shadow < y.shadow ? -1 : 1;
  if (x.level != y.level) return x.level < y.level ? -1 : 1;
  const c = order<u64>(x.from, y.from);
  return c != 0 ? c : order<u64>(x.to, y.to);
}
