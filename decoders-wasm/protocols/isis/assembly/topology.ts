/** From an LSP to the graph: what its content states against what it stated before. */
import { Envelope, EVIDENCE_LSDB, EVIDENCE_RECEIVED } from '../../../base/assembly/envelope.ts';
import * as iana from './iana.ts';
import {
  Edge, EdgeInstance, edgeAt, findEdge, findNode, findPrefix, MOST_INSTANCES, MOST_PREFIX_INSTANCES, nodeAt, nodes,
  prefixAt,
} from './graph.ts';
import { Lsp } from './lsp.ts';
import { diffNode, learnNames } from './node-changes.ts';
import { Touched } from './touched.ts';
import { ITEM_NEIGHBOR, Reach } from './reachability.ts';
import { diffLinks } from './link-changes.ts';
import { diffPrefixes } from './prefix-changes.ts';

/** Bytes before the TLVs of a kept LSP. */
const LSP_HEADER: u32 = iana.HEADER_LSP as u32;

/**
 * The LSP `id` had the PDU `before` and has `after` (length 0: none, purged or expired). Changes the graph and writes
 * the rows; the envelope is that of the frame or deadline.
 */
export function applyTopology(shadow: u32, level: u8, id: u64, before: usize, beforeLength: u32, after: usize, afterLength: u32): void {
  const node = Lsp.node(id);
  const handle = findNode(shadow, level, node, afterLength != 0);
  if (handle == 0) return;
  Envelope.evidence = EVIDENCE_LSDB;
  Touched.begin();
  const n = nodeAt(handle);
  if (beforeLength != 0) mark(shadow, level, id, before, beforeLength);
  if (beforeLength == 0 && afterLength != 0) n.fragments += 1;
  if (beforeLength != 0 && afterLength == 0 && n.fragments > 0) n.fragments -= 1;
  if (afterLength != 0) stateLsp(shadow, level, id, after, afterLength);
  if (beforeLength != 0) sweep(shadow, level, id, before, beforeLength);
  if ((node & 0xff) == 0) {
    learnNames(shadow, level, id, after, afterLength);
    diffNode(handle, id, after, afterLength);
  }
  // A statement may be on its way from one fragment to another: then its loss is not told at once.
  const moving = n.fragments > 1 || Lsp.fragment(id) != 0;
  diffPrefixes(moving);
  diffLinks(shadow, level, node, moving, afterLength != 0);
  if (n.fragments == 0 && n.firstEdge == 0) nodes.remove(handle);
  Envelope.evidence = EVIDENCE_RECEIVED;
  Envelope.initial = false;
}

function walk(at: usize, length: u32): void {
  Reach.begin(at + LSP_HEADER, length - LSP_HEADER);
}

/** Marks what the old instance of the fragment stated as stale. */
function mark(shadow: u32, level: u8, id: u64, at: usize, length: u32): void {
  walk(at, length);
  const fragment = Lsp.fragment(id);
  while (Reach.next()) {
    if (Reach.kind == ITEM_NEIGHBOR) {
      const handle = findEdge(shadow, level, Lsp.node(id), Reach.node, false);
      if (handle == 0) continue;
      const e = edgeAt(handle);
      for (let i: u32 = 0; i < e.count; i++) if (e.instance(i).fragment == fragment) e.instance(i).stale = 1;
    } else {
      const handle = prefixOf(shadow, level, id, false);
      if (handle == 0) continue;
      const p = prefixAt(handle);
      for (let i: u32 = 0; i < p.count; i++) if (p.instance(i).fragment == fragment) p.instance(i).stale = 1;
    }
  }
}

function prefixOf(shadow: u32, level: u8, id: u64, make: bool): u32 {
  return findPrefix(shadow, level, Lsp.system(id), Reach.family, Reach.prefixLength, Reach.addressHigh,
    Reach.addressLow, make);
}

/** Takes over what an instance of an LSP states. */
export function stateLsp(shadow: u32, level: u8, id: u64, at: usize, length: u32): void {
  walk(at, length);
  while (Reach.next()) {
    if (Reach.kind == ITEM_NEIGHBOR) stateEdge(shadow, level, id);
    else if ((Lsp.node(id) & 0xff) == 0 && Reach.metric <= iana.MAX_PATH_METRIC) statePrefix(shadow, level, id);
  }
}

function stateEdge(shadow: u32, level: u8, id: u64): void {
  // A node that lists itself says nothing.
  if (Reach.node == Lsp.node(id)) return;
  const handle = findEdge(shadow, level, Lsp.node(id), Reach.node, true);
  if (handle == 0) return;
  const e = edgeAt(handle);
  const wide: u8 = Reach.type == iana.TLV_EXTENDED_IS_REACH ? 1 : 0;
  let slot = staleSlot(e, Lsp.fragment(id), wide, true);
  if (slot < 0) slot = staleSlot(e, Lsp.fragment(id), wide, false);
  if (slot < 0) {
    if (e.count >= MOST_INSTANCES) return;
    slot = e.count as i32;
    e.count += 1;
    const fresh = e.instance(slot as u32);
    fresh.fragment = Lsp.fragment(id);
    fresh.wide = wide;
    Touched.edge(handle);
  } else if (e.instance(slot as u32).metric != Reach.metric || e.instance(slot as u32).identity != Reach.identity) {
    Touched.edge(handle);
  }
  const instance = e.instance(slot as u32);
  instance.stale = 0;
  instance.metric = Reach.metric;
  instance.identity = Reach.identity;
}

/** A stale statement of the fragment to take over: the same one (`exact`), or any. -1 for none. */
function staleSlot(e: Edge, fragment: u8, wide: u8, exact: bool): i32 {
  for (let i: u32 = 0; i < e.count; i++) {
    const s: EdgeInstance = e.instance(i);
    if (s.stale == 0 || s.fragment != fragment || s.wide != wide) continue;
    if (exact && (s.metric != Reach.metric || s.identity != Reach.identity)) continue;
    return i as i32;
  }
  return -1;
}

function statePrefix(shadow: u32, level: u8, id: u64): void {
  const handle = prefixOf(shadow, level, id, true);
  if (handle == 0) return;
  const p = prefixAt(handle);
  const wide: u8 = Reach.type == iana.TLV_EXTENDED_IP_REACH || Reach.type == iana.TLV_IPV6_REACH ? 1 : 0;
  const fragment = Lsp.fragment(id);
  for (let i: u32 = 0; i < p.count; i++) {
    const s = p.instance(i);
    if (s.stale == 0 || s.fragment != fragment || s.wide != wide) continue;
    if (s.metric != Reach.metric) Touched.prefix(handle);
    s.stale = 0;
    s.metric = Reach.metric;
    return;
  }
  Touched.prefix(handle);
  if (p.count >= MOST_PREFIX_INSTANCES) return;
  const s = p.instance(p.count);
  p.count += 1;
  s.stale = 0;
  s.fragment = fragment;
  s.wide = wide;
  s.metric = Reach.metric;
}

/** Takes out what the old instance stated and the new one does not. */
function sweep(shadow: u32, level: u8, id: u64, at: usize, length: u32): void {
  walk(at, length);
  while (Reach.next()) {
    if (Reach.kind == ITEM_NEIGHBOR) {
      const handle = findEdge(shadow, level, Lsp.node(id), Reach.node, false);
      if (handle == 0) continue;
      const e = edgeAt(handle);
      for (let i: u32 = e.count; i-- > 0;) {
        if (e.instance(i).stale == 0) continue;
        e.removeAt(i);
        Touched.edge(handle);
      }
      if (e.count == 0) Touched.lose(e.to);
    } else {
      const handle = prefixOf(shadow, level, id, false);
      if (handle == 0) continue;
      const p = prefixAt(handle);
      for (let i: u32 = p.count; i-- > 0;) {
        if (p.instance(i).stale == 0) continue;
        p.removeAt(i);
        Touched.prefix(handle);
      }
    }
  }
}
