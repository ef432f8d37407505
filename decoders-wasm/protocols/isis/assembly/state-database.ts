/** The other half of a checkpoint: names, causes, LSDB and graph. */
import { StateReader } from '../../../base/assembly/state.ts';
import { Table } from '../../../base/assembly/table.ts';
import { Cause, causeAt, causes, compareCauses, findCause } from './cause.ts';
import { order } from './due-list.ts';
import { Exchange, Sorted } from './exchange.ts';
import {
  Edge, edgeAt, edges, findEdge, findGraphLink, findNode, findPrefix, GraphLink, graphLinkAt, graphLinks, GraphNode,
  GraphPrefix, MOST_INSTANCES, MOST_PREFIX_INSTANCES, nodeAt, nodes, prefixAt, prefixes,
} from './graph.ts';
import { compareGraphLinks } from './link-changes.ts';
import { findLink, linkAt } from './link.ts';
import { compareLsps, Database, databaseAt, databaseOf, databases, insertLsp, lsdb, lspAt, LspEntry } from './lsdb.ts';
import { comparePendings } from './lsdb-deadlines.ts';
import { Name, Names, names } from './names.ts';
import { insertPending, Pending, pendingAt, pendings, PENDING_LINK } from './pendings.ts';
import { comparePrefixes } from './prefix-changes.ts';

const MOST_BYTES: u32 = 65536;

/** Exchanges everything that is not an adjacency; false when it cannot be read or held. */
export function exchangeDatabase(): bool {
  return each(names, compareNames, exchangeName) && each(causes, compareCauses, exchangeCause)
    && each(databases, compareDatabases, exchangeOneDatabase) && each(lsdb, compareLsps, exchangeLsp)
    && each(nodes, compareNodes, exchangeNode) && each(edges, compareEdges, exchangeEdge)
    && each(graphLinks, compareGraphLinks, exchangeGraphLink) && each(prefixes, comparePrefixes, exchangePrefix)
    && each(pendings, comparePendings, exchangePending);
}

/** Every entry of a table in canonical order; `exchange` gets its handle, 0 when reading. */
function each(table: Table, compare: (a: u32, b: u32) => i32, exchange: (handle: u32) => bool): bool {
  if (Exchange.writing && !Sorted.of(table, compare)) return false;
  const count = Exchange.count(table.count);
  for (let i: u32 = 0; i < count; i++) {
    if (!Exchange.writing && StateReader.failed) return false;
    if (!exchange(Exchange.writing ? Sorted.at(i) : 0)) return false;
  }
  return true;
}

export function compareNames(a: u32, b: u32): i32 {
  const c = order<u32>(Names.at(a).shadow, Names.at(b).shadow);
  return c != 0 ? c : order<u64>(Names.at(a).system, Names.at(b).system);
}

function exchangeName(handle: u32): bool {
  const shadow = Exchange.key(handle == 0 ? 0 : Names.at(handle).shadow as u64) as u32;
  const system = Exchange.key(handle == 0 ? 0 : Names.at(handle).system);
  const length = Exchange.count(handle == 0 ? 0 : Names.at(handle).length);
  if (length > 255) return false;
  const target = handle == 0 ? Names.insert(shadow, system) : handle;
  if (target == 0) return false;
  Names.at(target).length = length;
  return Exchange.block(changetype<usize>(Names.at(target)) + offsetof<Name>('block'), length);
}

function exchangeCause(handle: u32): bool {
  const at: usize = handle == 0 ? 0 : changetype<usize>(causeAt(handle));
  const link = handle == 0 ? 0 : causeAt(handle).link;
  const shadow = Exchange.key(handle == 0 ? 0 : linkAt(link).shadow as u64) as u32;
  const code = Exchange.key(handle == 0 ? 0 : linkAt(link).link as u64) as u32;
  const sender = Exchange.key(handle == 0 ? 0 : causeAt(handle).sender);
  const receiver = Exchange.key(handle == 0 ? 0 : causeAt(handle).receiver);
  const what = Exchange.count(handle == 0 ? 0 : load<u32>(at + offsetof<Cause>('code')));
  const target = handle != 0 ? handle
    : findCause(findLink(shadow, code), what as u8, (what >>> 8) as u8, (what >>> 16) as u8, sender, receiver, true);
  if (target == 0) return false;
  const to = changetype<usize>(causeAt(target));
  Exchange.u64(to + offsetof<Cause>('last'));
  Exchange.u32(to + offsetof<Cause>('pending'));
  Exchange.u32(to + offsetof<Cause>('tap'));
  Exchange.u64(to + offsetof<Cause>('frameOffset'));
  Exchange.u32(to + offsetof<Cause>('frameIndex'));
  Exchange.u32(to + offsetof<Cause>('context'));
  Exchange.u32(to + offsetof<Cause>('vlans'));
  return true;
}

function compareDatabases(a: u32, b: u32): i32 {
  const c = order<u32>(databaseAt(a).shadow, databaseAt(b).shadow);
  return c != 0 ? c : order<u32>(databaseAt(a).level, databaseAt(b).level);
}

function exchangeOneDatabase(handle: u32): bool {
  const shadow = Exchange.key(handle == 0 ? 0 : databaseAt(handle).shadow as u64) as u32;
  const level = Exchange.key(handle == 0 ? 0 : databaseAt(handle).level as u64) as u8;
  const target = handle == 0 ? databaseOf(shadow, level) : handle;
  if (target == 0) return false;
  Exchange.u32(changetype<usize>(databaseAt(target)) + offsetof<Database>('synchronized'));
  return true;
}

function exchangeLsp(handle: u32): bool {
  const shadow = Exchange.key(handle == 0 ? 0 : lspAt(handle).shadow as u64) as u32;
  const level = Exchange.key(handle == 0 ? 0 : lspAt(handle).level as u64) as u8;
  const id = Exchange.key(handle == 0 ? 0 : lspAt(handle).id);
  const target = handle == 0 ? insertLsp(shadow, level, id) : handle;
  if (target == 0) return false;
  const at = changetype<usize>(lspAt(target));
  Exchange.u8(at + offsetof<LspEntry>('flags'));
  Exchange.u16(at + offsetof<LspEntry>('checksum'));
  Exchange.u32(at + offsetof<LspEntry>('sequence'));
  Exchange.u32(at + offsetof<LspEntry>('lifetime'));
  Exchange.u64(at + offsetof<LspEntry>('contentLow'));
  Exchange.u64(at + offsetof<LspEntry>('contentHigh'));
  Exchange.u64(at + offsetof<LspEntry>('deadline'));
  Exchange.u64(at + offsetof<LspEntry>('frameOffset'));
  Exchange.u32(at + offsetof<LspEntry>('frameIndex'));
  Exchange.u32(at + offsetof<LspEntry>('context'));
  Exchange.u32(at + offsetof<LspEntry>('tap'));
  Exchange.u32(at + offsetof<LspEntry>('witness'));
  Exchange.u32(at + offsetof<LspEntry>('length'));
  if (lspAt(target).length > MOST_BYTES) return false;
  return Exchange.block(at + offsetof<LspEntry>('block'), lspAt(target).length);
}

function compareNodes(a: u32, b: u32): i32 {
  const x = nodeAt(a);
  const y = nodeAt(b);
  let c = order<u32>(x.shadow, y.shadow);
  if (c == 0) c = order<u8>(x.level, y.level);
  return c != 0 ? c : order<u64>(x.node, y.node);
}

function exchangeNode(handle: u32): bool {
  const shadow = Exchange.key(handle == 0 ? 0 : nodeAt(handle).shadow as u64) as u32;
  const level = Exchange.key(handle == 0 ? 0 : nodeAt(handle).level as u64) as u8;
  const node = Exchange.key(handle == 0 ? 0 : nodeAt(handle).node);
  const target = handle == 0 ? findNode(shadow, level, node, true) : handle;
  if (target == 0) return false;
  const at = changetype<usize>(nodeAt(target));
  Exchange.u8(at + offsetof<GraphNode>('exists'));
  Exchange.u8(at + offsetof<GraphNode>('overload'));
  Exchange.u32(at + offsetof<GraphNode>('fragments'));
  return true;
}

export function compareEdges(a: u32, b: u32): i32 {
  const x = edgeAt(a);
  const y = edgeAt(b);
  let c = order<u32>(x.shadow, y.shadow);
  if (c == 0) c = order<u8>(x.level, y.level);
  if (c == 0) c = order<u64>(x.from, y.from);
  return c != 0 ? c : order<u64>(x.to, y.to);
}

function exchangeEdge(handle: u32): bool {
  const shadow = Exchange.key(handle == 0 ? 0 : edgeAt(handle).shadow as u64) as u32;
  const level = Exchange.key(handle == 0 ? 0 : edgeAt(handle).level as u64) as u8;
  const from = Exchange.key(handle == 0 ? 0 : edgeAt(handle).from);
  const to = Exchange.key(handle == 0 ? 0 : edgeAt(handle).to);
  const target = handle == 0 ? findEdge(shadow, level, from, to, true) : handle;
  if (target == 0) return false;
  const e = edgeAt(target);
  Exchange.u32(changetype<usize>(e) + offsetof<Edge>('count'));
  if (e.count > MOST_INSTANCES) return false;
  Exchange.words(changetype<usize>(e) + offsetof<Edge>(), e.count * 2);
  return true;
}

function exchangeGraphLink(handle: u32): bool {
  const shadow = Exchange.key(handle == 0 ? 0 : graphLinkAt(handle).shadow as u64) as u32;
  const level = Exchange.key(handle == 0 ? 0 : graphLinkAt(handle).level as u64) as u8;
  const from = Exchange.key(handle == 0 ? 0 : graphLinkAt(handle).from);
  const to = Exchange.key(handle == 0 ? 0 : graphLinkAt(handle).to);
  const target = handle == 0 ? findGraphLink(shadow, level, from, to, true) : handle;
  if (target == 0) return false;
  const l = graphLinkAt(target);
  Exchange.u32(changetype<usize>(l) + offsetof<GraphLink>('count'));
  if (l.count > MOST_INSTANCES) return false;
  for (let i: u32 = 0; i < l.count; i++) {
    l.instance(i).matched = 0;
    Exchange.words(changetype<usize>(l.instance(i)), 3);
  }
  return true;
}

function exchangePrefix(handle: u32): bool {
  const at: usize = handle == 0 ? 0 : changetype<usize>(prefixAt(handle));
  const shadow = Exchange.key(handle == 0 ? 0 : prefixAt(handle).shadow as u64) as u32;
  const what = Exchange.count(handle == 0 ? 0 : load<u32>(at + offsetof<GraphPrefix>('level')) & 0xffffff);
  const router = Exchange.key(handle == 0 ? 0 : prefixAt(handle).router);
  const high = Exchange.key(handle == 0 ? 0 : prefixAt(handle).high);
  const low = Exchange.key(handle == 0 ? 0 : prefixAt(handle).low);
  const target = handle != 0 ? handle
    : findPrefix(shadow, what as u8, router, (what >>> 8) as u8, (what >>> 16) as u8, high, low, true);
  if (target == 0) return false;
  const p = prefixAt(target);
  const base = changetype<usize>(p);
  Exchange.u64(base + offsetof<GraphPrefix>('removedAt'));
  Exchange.u8(base + offsetof<GraphPrefix>('state'));
  Exchange.u32(base + offsetof<GraphPrefix>('shownMetric'));
  Exchange.u32(base + offsetof<GraphPrefix>('count'));
  if (p.count > MOST_PREFIX_INSTANCES) return false;
  Exchange.words(base + offsetof<GraphPrefix>(), p.count);
  return true;
}

/** A pending loss names its object by content. */
function exchangePending(handle: u32): bool {
  const kind = Exchange.count(handle == 0 ? 0 : pendingAt(handle).kind);
  const number = Exchange.count(handle == 0 ? 0 : pendingAt(handle).number);
  const object = kind == PENDING_LINK ? exchangeLinkKey(handle) : exchangePrefixKey(handle);
  const target = handle == 0 ? insertPending(kind, object, number) : handle;
  if (target == 0 || object == 0) return false;
  const at = changetype<usize>(pendingAt(target));
  Exchange.u32(at + offsetof<Pending>('tap'));
  Exchange.u64(at + offsetof<Pending>('deadline'));
  Exchange.u64(at + offsetof<Pending>('frameOffset'));
  Exchange.u32(at + offsetof<Pending>('frameIndex'));
  Exchange.u32(at + offsetof<Pending>('context'));
  return true;
}

function exchangeLinkKey(pending: u32): u32 {
  const h: u32 = pending == 0 ? 0 : pendingAt(pending).handle;
  const shadow = Exchange.key(h == 0 ? 0 : graphLinkAt(h).shadow as u64) as u32;
  const level = Exchange.key(h == 0 ? 0 : graphLinkAt(h).level as u64) as u8;
  const from = Exchange.key(h == 0 ? 0 : graphLinkAt(h).from);
  const to = Exchange.key(h == 0 ? 0 : graphLinkAt(h).to);
  return h != 0 ? h : findGraphLink(shadow, level, from, to, false);
}

function exchangePrefixKey(pending: u32): u32 {
  const h: u32 = pending == 0 ? 0 : pendingAt(pending).handle;
  const at: usize = h == 0 ? 0 : changetype<usize>(prefixAt(h));
  const shadow = Exchange.key(h == 0 ? 0 : prefixAt(h).shadow as u64) as u32;
  const what = Exchange.count(h == 0 ? 0 : load<u32>(at + offsetof<GraphPrefix>('level')) & 0xffffff);
  const router = Exchange.key(h == 0 ? 0 : prefixAt(h).router);
  const high = Exchange.key(h == 0 ? 0 : prefixAt(h).high);
  const low = Exchange.key(h == 0 ? 0 : prefixAt(h).low);
  return h != 0 ? h
    : findPrefix(shadow, what as u8, router, (what >>> 8) as u8, (what >>> 16) as u8, high, low, false);
}
