/** Tables of the graph that the LSDB describes: nodes, stated edges, resolved links, prefixes. */
import { Hash } from '../../../base/assembly/hash.ts';
import { Table, TABLE_BYTES } from '../../../base/assembly/table.ts';

export const nodes = Table.at(memory.data(TABLE_BYTES));
export const edges = Table.at(memory.data(TABLE_BYTES));
export const graphLinks = Table.at(memory.data(TABLE_BYTES));
export const prefixes = Table.at(memory.data(TABLE_BYTES));

/** Statements of one edge, parallel links of one pair, statements of one prefix that are kept. */
export const MOST_INSTANCES: u32 = 8;
export const MOST_PREFIX_INSTANCES: u32 = 4;

/** A router or pseudonode that has at least one LSP. `overload` as last told; `fragments` live LSPs. */
@unmanaged
export class GraphNode {
  next: u32;
  hash: u32;
  node: u64;
  shadow: u32;
  level: u8;
  exists: u8;
  overload: u8;
  pad: u8;
  fragments: u32;
  firstEdge: u32;
}

/** One statement of an edge: 16 bytes. */
@unmanaged
export class EdgeInstance {
  identity: u64;
  metric: u32;
  fragment: u8;
  wide: u8;
  stale: u8;
  pad: u8;
}

/** What the LSPs of one node state of another. Behind the fields: MOST_INSTANCES statements. */
@unmanaged
export class Edge {
  next: u32;
  hash: u32;
  from: u64;
  to: u64;
  shadow: u32;
  level: u8;
  touched: u8;
  pad: u16;
  count: u32;
  sibling: u32;

  @inline instance(index: u32): EdgeInstance {
    return changetype<EdgeInstance>(changetype<usize>(this) + offsetof<Edge>() + ((index as usize) << 4));
  }

  /** Whether any statement is wide: narrow ones beside it say the same again (RFC 5305 2). */
  hasWide(): bool {
    for (let i: u32 = 0; i < this.count; i++) if (this.instance(i).wide != 0) return true;
    return false;
  }

  /** Statements that count. */
  effective(): u32 {
    if (!this.hasWide()) return this.count;
    let n: u32 = 0;
    for (let i: u32 = 0; i < this.count; i++) n += this.instance(i).wide as u32;
    return n;
  }

  removeAt(index: u32): void {
    for (let i = index; i + 1 < this.count; i++) {
      memory.copy(changetype<usize>(this.instance(i)), changetype<usize>(this.instance(i + 1)), 16);
    }
    this.count -= 1;
  }
}

export const LINK_LIVE: u8 = 1;
/** Gone for the moment, and told only when it stays away (DIS change, move to another fragment). */
export const LINK_PENDING: u8 = 2;

/** One of the parallel links of a pair: 32 bytes. */
@unmanaged
export class LinkInstance {
  identity: u64;
  removedAt: i64;
  metric: u32;
  /** From 1: the `#n` of its key. */
  number: u8;
  state: u8;
  lan: u8;
  matched: u8;
  pad: u64;
}

/** Links from router `from` to router `to`, pseudonodes resolved. Behind the fields: MOST_INSTANCES links. */
@unmanaged
export class GraphLink {
  next: u32;
  hash: u32;
  from: u64;
  to: u64;
  shadow: u32;
  level: u8;
  pad: u8;
  pad2: u16;
  count: u32;
  pad3: u32;

  @inline instance(index: u32): LinkInstance {
    return changetype<LinkInstance>(changetype<usize>(this) + offsetof<GraphLink>() + ((index as usize) << 5));
  }

  removeAt(index: u32): void {
    for (let i = index; i + 1 < this.count; i++) {
      memory.copy(changetype<usize>(this.instance(i)), changetype<usize>(this.instance(i + 1)), 32);
    }
    this.count -= 1;
  }
}

/** One statement of a prefix: 8 bytes. */
@unmanaged
export class PrefixInstance {
  metric: u32;
  fragment: u8;
  wide: u8;
  stale: u8;
  flags: u8;
}

/** A prefix that a router announces. Behind the fields: MOST_PREFIX_INSTANCES statements. */
@unmanaged
export class GraphPrefix {
  next: u32;
  hash: u32;
  router: u64;
  high: u64;
  low: u64;
  removedAt: i64;
  shadow: u32;
  level: u8;
  family: u8;
  length: u8;
  touched: u8;
  /** As last told: LINK_LIVE, LINK_PENDING or 0. */
  state: u8;
  pad: u8;
  pad2: u16;
  shownMetric: u32;
  count: u32;
  pad3: u32;

  @inline instance(index: u32): PrefixInstance {
    return changetype<PrefixInstance>(changetype<usize>(this) + offsetof<GraphPrefix>() + ((index as usize) << 3));
  }

  removeAt(index: u32): void {
    for (let i = index; i + 1 < this.count; i++) {
      memory.copy(changetype<usize>(this.instance(i)), changetype<usize>(this.instance(i + 1)), 8);
    }
    this.count -= 1;
  }

  /** The lowest metric stated, wide before narrow; only with count > 0. */
  metric(): u32 {
    let best: u32 = u32.MAX_VALUE;
    let wide: u8 = 0;
    for (let i: u32 = 0; i < this.count; i++) {
      const p = this.instance(i);
      if (p.wide < wide) continue;
      if (p.wide > wide || p.metric < best) best = p.metric;
      wide = p.wide;
    }
    return best;
  }
}

export function setUpGraph(): void {
  nodes.setUp(offsetof<GraphNode>() as u32, 1 << 18);
  edges.setUp((offsetof<Edge>() as u32) + MOST_INSTANCES * 16, 1 << 20);
  graphLinks.setUp((offsetof<GraphLink>() as u32) + MOST_INSTANCES * 32, 1 << 20);
  prefixes.setUp((offsetof<GraphPrefix>() as u32) + MOST_PREFIX_INSTANCES * 8, 1 << 21);
}

export function nodeAt(handle: u32): GraphNode {
  return changetype<GraphNode>(nodes.address(handle));
}

export function edgeAt(handle: u32): Edge {
  return changetype<Edge>(edges.address(handle));
}

export function graphLinkAt(handle: u32): GraphLink {
  return changetype<GraphLink>(graphLinks.address(handle));
}

export function prefixAt(handle: u32): GraphPrefix {
  return changetype<GraphPrefix>(prefixes.address(handle));
}

function scope(shadow: u32, level: u8): u64 {
  return ((shadow as u64) << 8) | (level as u64);
}

export function findNode(shadow: u32, level: u8, node: u64, make: bool): u32 {
  const hash = Hash.words(node, scope(shadow, level));
  for (let h = nodes.first(hash); h != 0; h = nodes.next(h)) {
    const n = nodeAt(h);
    if (n.node == node && n.shadow == shadow && n.level == level) return h;
  }
  const handle = make ? nodes.insert(hash) : 0;
  if (handle == 0) return 0;
  const n = nodeAt(handle);
  n.node = node;
  n.shadow = shadow;
  n.level = level;
  return handle;
}

/** The edge; a new one is put into the list of its node, which must exist. */
export function findEdge(shadow: u32, level: u8, from: u64, to: u64, make: bool): u32 {
  const hash = Hash.words(from ^ (scope(shadow, level) << 40), to);
  for (let h = edges.first(hash); h != 0; h = edges.next(h)) {
    const e = edgeAt(h);
    if (e.from == from && e.to == to && e.shadow == shadow && e.level == level) return h;
  }
  if (!make) return 0;
  const owner = findNode(shadow, level, from, false);
  const handle = owner == 0 ? 0 : edges.insert(hash);
  if (handle == 0) return 0;
  const e = edgeAt(handle);
  e.from = from;
  e.to = to;
  e.shadow = shadow;
  e.level = level;
  e.sibling = nodeAt(owner).firstEdge;
  nodeAt(owner).firstEdge = handle;
  return handle;
}

/** Takes an edge without statements out of the tables. */
export function removeEdge(handle: u32): void {
  const e = edgeAt(handle);
  const owner = findNode(e.shadow, e.level, e.from, false);
  if (owner != 0) {
    const n = nodeAt(owner);
    if (n.firstEdge == handle) n.firstEdge = e.sibling;
    else {
      let h = n.firstEdge;
      while (h != 0 && edgeAt(h).sibling != handle) h = edgeAt(h).sibling;
      if (h != 0) edgeAt(h).sibling = e.sibling;
    }
  }
  edges.remove(handle);
}

export function findGraphLink(shadow: u32, level: u8, from: u64, to: u64, make: bool): u32 {
  const hash = Hash.words(from ^ (scope(shadow, level) << 40), to);
  for (let h = graphLinks.first(hash); h != 0; h = graphLinks.next(h)) {
    const l = graphLinkAt(h);
    if (l.from == from && l.to == to && l.shadow == shadow && l.level == level) return h;
  }
  const handle = make ? graphLinks.insert(hash) : 0;
  if (handle == 0) return 0;
  const l = graphLinkAt(handle);
  l.from = from;
  l.to = to;
  l.shadow = shadow;
  l.level = level;
  return handle;
}

export function findPrefix(shadow: u32, level: u8, router: u64, family: u8, length: u8, high: u64, low: u64, make: bool): u32 {
  const what = (scope(shadow, level) << 24) | ((family as u64) << 8) | (length as u64);
  const hash = Hash.words(router ^ Hash.mix(what), high ^ Hash.mix(low));
  for (let h = prefixes.first(hash); h != 0; h = prefixes.next(h)) {
    const p = prefixAt(h);
    if (p.router == router && p.high == high && p.low == low && p.length == length && p.family == family
      && p.shadow == shadow && p.level == level) return h;
  }
  const handle = make ? prefixes.insert(hash) : 0;
  if (handle == 0) return 0;
  const p = prefixAt(handle);
  p.router = router;
  p.high = high;
  p.low = low;
  p.length = length;
  p.family = family;
  p.shadow = shadow;
  p.level = level;
  return handle;
}
