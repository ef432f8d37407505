/** The graph's tables: routers whose links are known, and their links in order. */
import { HASH_MASK, Table, TABLE_BYTES } from '../../../base/assembly/table.ts';
import { Due, Timer } from './due.ts';
import { capOf, hashPairs, newEntry } from './entries.ts';

/** A router whose links are known, in one area. */
@unmanaged
export class GraphNode {
  next: u32;
  hash: u32;
  handle: u32;
  /** In order of (to, ordinal). */
  first: Edge;
  shadow: u32;
  area: u32;
  id: u32;
}

@unmanaged
export class Edge {
  next: u32;
  hash: u32;
  handle: u32;
  node: GraphNode;
  following: Edge;
  /** Room for a Timer (due.ts). */
  timer: i64;
  timer1: i64;
  timer2: i64;
  timer3: i64;

  to: u32; // FIRST
  ordinal: u32;
  metric: u32;
  /** Interface address of the near end. */
  local: u32;
  transit: u32;
  tap: u32;
  context: u32;
  pad: u32;
  /** Held since (0: not held): wall time, and the deadline on the boot clock of `tap`. */
  heldTime: i64;
  heldDeadline: i64;
  heldNumber: u64;
}

export const nodes = Table.at(memory.data(TABLE_BYTES));
export const edges = Table.at(memory.data(TABLE_BYTES));
const MOST_NODES: u32 = 65536;
const MOST_EDGES: u32 = 1000000;

/** Prepares the empty tables. */
export function setUpEdges(): void {
  nodes.setUp(offsetof<GraphNode>(), capOf(MOST_NODES, offsetof<GraphNode>() as u32, 32));
  edges.setUp(offsetof<Edge>(), capOf(MOST_EDGES, offsetof<Edge>() as u32, 16));
}

/** The graph node; made when `make`. */
export function findNode(shadow: u32, area: u32, id: u32, make: bool): GraphNode | null {
  const hash = hashPairs(shadow, area, id, 1) & HASH_MASK;
  for (let handle = nodes.first(hash); handle != 0; handle = nodes.next(handle)) {
    const node = changetype<GraphNode>(nodes.address(handle));
    if (node.hash == hash && node.shadow == shadow && node.area == area && node.id == id) return node;
  }
  if (!make) return null;
  const at = newEntry(nodes, hash);
  if (at == 0) return null;
  const node = changetype<GraphNode>(at);
  node.shadow = shadow;
  node.area = area;
  node.id = id;
  return node;
}

/** A new edge behind `before` (null: first) in the node's order; null when refused. */
export function makeEdge(node: GraphNode, before: Edge, to: u32, ordinal: u32): Edge | null {
  const at = newEntry(edges, hashPairs(node.handle, to, ordinal, 0));
  if (at == 0) return null;
  const edge = changetype<Edge>(at);
  edge.node = node;
  edge.to = to;
  edge.ordinal = ordinal;
  if (changetype<usize>(before) == 0) {
    edge.following = node.first;
    node.first = edge;
  } else {
    edge.following = before.following;
    before.following = edge;
  }
  return edge;
}

/** Takes an edge out of its node, behind `before` (null: first). */
export function unlink(node: GraphNode, before: Edge, edge: Edge): void {
  if (changetype<usize>(before) == 0) node.first = edge.following;
  else before.following = edge.following;
  Due.cancel(timerOf(edge));
  edges.remove(edge.handle);
}

/** The timer of a held edge. */
export function timerOf(edge: Edge): Timer {
  return changetype<Timer>(changetype<usize>(edge) + offsetof<Edge>('timer'));
}

/** Links in order of (node, far end). */
export function orderEdges(a: usize, b: usize): i32 {
  const left = changetype<Edge>(a);
  const right = changetype<Edge>(b);
  const one = left.node;
  const two = right.node;
  if (one.shadow != two.shadow) return one.shadow < two.shadow ? -1 : 1;
  if (one.area != two.area) return one.area < two.area ? -1 : 1;
  if (one.id != two.id) return one.id < two.id ? -1 : 1;
  if (left.to != right.to) return left.to < right.to ? -1 : 1;
  return left.ordinal < right.ordinal ? -1 : left.ordinal > right.ordinal ? 1 : 0;
}
