/**
 * What this module reads otherwise than the one whose state it took over: the graph and the names, derived anew from
 * the LSPs that are kept whole. Hellos are not kept: what they say otherwise shows with the next one.
 */
import { CHUNK_DONE, CHUNK_FULL } from '../../../base/assembly/chunk.ts';
import { Envelope, EVIDENCE_LSDB, EVIDENCE_RECEIVED } from '../../../base/assembly/envelope.ts';
import { RowWriter } from '../../../base/assembly/rows.ts';
import { Text } from '../../../base/assembly/text.ts';
import { Sorted } from './exchange.ts';
import { edgeAt, edges, findNode, nodeAt, nodes, prefixAt, prefixes } from './graph.ts';
import { diffLinks } from './link-changes.ts';
import { compareLsps, findLsp, lsdb, lspAt } from './lsdb.ts';
import { Lsp } from './lsp.ts';
import { diffNode, learnNames } from './node-changes.ts';
import { comparePrefixes, diffPrefixes } from './prefix-changes.ts';
import { compareEdges } from './state-database.ts';
import { TlvErrors } from './tlv-errors.ts';
import { stateLsp } from './topology.ts';
import { Touched } from './touched.ts';

/** Which list is walked: none yet, LSPs, prefixes, edges. */
const BEGIN: u32 = 0;
const LSPS: u32 = 1;
const PREFIXES: u32 = 2;
const EDGES: u32 = 3;

let step: u32 = BEGIN;
let position: u32 = 0;
const identity: usize = memory.data(16, 8);

/** Writes rows until there is no room (then call again) or all is told. Memory that refuses a list traps: half a graph is none. */
export function tellDifferences(at: usize): i32 {
  if (step == BEGIN) {
    memory.copy(identity, at, 16);
    Envelope.beginDecision();
    forgetStatements();
    open(LSPS, Sorted.of(lsdb, compareLsps));
  }
  if (step == LSPS) {
    if (!walk(restate)) return CHUNK_FULL;
    dropStale();
    open(PREFIXES, Sorted.of(prefixes, comparePrefixes));
  }
  if (step == PREFIXES) {
    if (!walk(comparePrefix)) return CHUNK_FULL;
    open(EDGES, Sorted.of(edges, compareEdges));
  }
  if (!walk(compareEdge)) return CHUNK_FULL;
  step = BEGIN;
  Envelope.evidence = EVIDENCE_RECEIVED;
  return CHUNK_DONE;
}

function open(list: u32, listed: bool): void {
  if (!listed) unreachable();
  step = list;
  position = 0;
}

/** Goes on with the list; false when rows have to be drained first. */
function walk(one: (handle: u32) => void): bool {
  while (position < Sorted.count) {
    if (RowWriter.full()) return false;
    Text.reset();
    one(Sorted.at(position));
    position += 1;
  }
  return true;
}

/** Nothing is stated until an LSP states it again. */
function forgetStatements(): void {
  for (let h: u32 = 1; h <= nodes.highest; h++) if (nodes.isLive(h)) nodeAt(h).fragments = 0;
  for (let h: u32 = 1; h <= edges.highest; h++) {
    if (!edges.isLive(h)) continue;
    for (let i: u32 = 0; i < edgeAt(h).count; i++) edgeAt(h).instance(i).stale = 1;
  }
  for (let h: u32 = 1; h <= prefixes.highest; h++) {
    if (!prefixes.isLive(h)) continue;
    for (let i: u32 = 0; i < prefixAt(h).count; i++) prefixAt(h).instance(i).stale = 1;
  }
}

/** What one LSP states by this module's reading; rows of its router's name and bits. */
function restate(handle: u32): void {
  const e = lspAt(handle);
  if (e.block == 0) return;
  const owner = findNode(e.shadow, e.level, Lsp.node(e.id), true);
  if (owner == 0) return;
  nodeAt(owner).fragments += 1;
  Touched.begin();
  stateLsp(e.shadow, e.level, e.id, e.block as usize, e.length);
  for (let i: u32 = 0; i < Touched.edgeCount; i++) edgeAt(Touched.edgeOf(i)).touched = 0;
  for (let i: u32 = 0; i < Touched.prefixCount; i++) prefixAt(Touched.prefixOf(i)).touched = 0;
  TlvErrors.clear();
  if ((Lsp.node(e.id) & 0xff) != 0) return;
  fromLsp(handle);
  learnNames(e.shadow, e.level, e.id, e.block as usize, e.length);
  diffNode(owner, e.id, e.block as usize, e.length);
}

function dropStale(): void {
  for (let h: u32 = 1; h <= edges.highest; h++) {
    if (!edges.isLive(h)) continue;
    const e = edgeAt(h);
    for (let i = e.count; i-- > 0;) if (e.instance(i).stale != 0) e.removeAt(i);
  }
  for (let h: u32 = 1; h <= prefixes.highest; h++) {
    if (!prefixes.isLive(h)) continue;
    const p = prefixAt(h);
    for (let i = p.count; i-- > 0;) if (p.instance(i).stale != 0) p.removeAt(i);
  }
}

function comparePrefix(handle: u32): void {
  const p = prefixAt(handle);
  fromNode(p.shadow, p.level, p.router << 8);
  Touched.begin();
  Touched.prefix(handle);
  diffPrefixes(false);
}

function compareEdge(handle: u32): void {
  // The pair of an edge before it may have taken this one out.
  if (!edges.isLive(handle)) return;
  const e = edgeAt(handle);
  fromNode(e.shadow, e.level, e.from);
  Touched.begin();
  Touched.edge(handle);
  diffLinks(e.shadow, e.level, e.from, false, true);
}

/** The envelope of rows about a node: its first fragment that is kept; without one the envelope stays. */
function fromNode(shadow: u32, level: u8, node: u64): void {
  for (let fragment: u64 = 0; fragment < 256; fragment++) {
    const handle = findLsp(shadow, level, (node << 8) | fragment);
    if (handle == 0) continue;
    fromLsp(handle);
    return;
  }
}

function fromLsp(handle: u32): void {
  const e = lspAt(handle);
  Envelope.fromUpgrade(identity, e.tap, e.context);
  Envelope.evidence = EVIDENCE_LSDB;
}
