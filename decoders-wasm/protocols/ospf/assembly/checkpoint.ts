/**
 * The checkpoint: canonical bytes of the shadow, in key order and without places in memory, and back. Layout: version
 * u32; tap clocks; links with their interfaces and views; LSDB; graph; errors. Plain parts of entries are copied as
 * they lie (entries.ts: the fields from FIRST on).
 */
import { Taps } from '../../../base/assembly/frame.ts';
import { Blocks } from '../../../base/assembly/intern.ts';
import { StateReader, StateWriter, stateVersionToWrite } from '../../../base/assembly/state.ts';
import { orderErrors, orderLsas, rescheduleAll } from './deadlines.ts';
import { Edge, findNode, GraphNode, makeEdge, nodes } from './graph.ts';
import { Interface, Link, links, OfferedHeader, View } from './entries.ts';
import { ErrorEntry, errorEntry, errors } from './errors.ts';
import { headerOf } from './exchange.ts';
import { findView, makeInterface, makeLink, makeView } from './links.ts';
import { Ordered } from './ordered.ts';
import { exportRecent, importRecent } from './repeats.ts';
import { lsdb, LsdbEntry, makeLsa } from './lsdb.ts';
import { STATEMENT_BYTES } from './statements.ts';
import { Told } from './told.ts';
import { recount } from './transitions.ts';

/** 3: with what is read in each LSA, and which LSAs no tap sees. */
export const STATE_VERSION: u32 = 3;
export const OLDEST_STATE_VERSION: u32 = 2;
/** First version whose LSAs have their statements. */
const WITH_STATEMENTS: u32 = 3;
const WITH_BLINDNESS: u32 = 3;

/** Writes the checkpoint in that version (0: the newest); its length, -1 when memory refused it or there is no such version. */
export function exportShadow(asked: u32): u64 {
  const version = stateVersionToWrite(asked, OLDEST_STATE_VERSION, STATE_VERSION);
  if (version == 0) return u64.MAX_VALUE;
  StateWriter.begin();
  StateWriter.u32(version);
  exportTaps();
  exportRecent();
  const complete = exportLinks() && exportLsdb(version) && exportGraph() && exportErrors();
  return complete && !StateWriter.failed ? StateWriter.length() : u64.MAX_VALUE;
}

/** Takes a checkpoint over into a fresh instance; false when it cannot be read. */
export function importShadow(at: usize, length: u32): bool {
  StateReader.over(at, length);
  const version = StateReader.u32();
  if (version < OLDEST_STATE_VERSION || version > STATE_VERSION) return false;
  importTaps();
  importRecent();
  if (!importLinks() || !importLsdb(version) || !importGraph() || !importErrors()) return false;
  rescheduleAll();
  return !StateReader.failed && StateReader.position == StateReader.end;
}

/** Copies `length` bytes of the checkpoint to `to`. */
function read(to: usize, length: u32): bool {
  const at = StateReader.bytes(length);
  if (at == 0) return false;
  memory.copy(to, at, length);
  return true;
}

// ---- taps ----------------------------------------------------------------------------------------------------------------

function exportTaps(): void {
  StateWriter.u32(Taps.count);
  for (let i: u32 = 0; i < Taps.count; i++) {
    StateWriter.u64(Taps.clock(i) as u64);
    StateWriter.u8(Taps.isOpen(i) ? 1 : 0);
  }
}

function importTaps(): void {
  const count = StateReader.u32();
  for (let i: u32 = 0; i < count && !StateReader.failed; i++) {
    const clock = StateReader.u64() as i64;
    const open = StateReader.u8() != 0;
    if (i >= Taps.count) continue;
    Taps.setClock(i, clock);
    Taps.setOpen(i, open);
  }
}

// ---- links ---------------------------------------------------------------------------------------------------------------

const LINK_FROM: usize = offsetof<Link>('shadow');
const LINK_BYTES: u32 = (offsetof<Link>() as u32) - (offsetof<Link>('shadow') as u32);
const INTERFACE_FROM: usize = offsetof<Interface>('area');
const INTERFACE_BYTES: u32 = (offsetof<Interface>() as u32) - (offsetof<Interface>('area') as u32);
const VIEW_FROM: usize = offsetof<View>('state');
const VIEW_BYTES: u32 = (offsetof<View>() as u32) - (offsetof<View>('state') as u32);
const HEADER_FROM: usize = offsetof<OfferedHeader>('type');
const HEADER_BYTES: u32 = (offsetof<OfferedHeader>() as u32) - (offsetof<OfferedHeader>('type') as u32);

function orderLinks(a: usize, b: usize): i32 {
  for (let offset = LINK_FROM; offset < offsetof<Link>('context'); offset += 4) {
    const one = load<u32>(a + offset);
    const two = load<u32>(b + offset);
    if (one != two) return one < two ? -1 : 1;
  }
  return 0;
}

function exportLinks(): bool {
  if (!Ordered.of(links, orderLinks)) return false;
  const count = Ordered.count;
  StateWriter.u32(count);
  for (let i: u32 = 0; i < count; i++) exportLink(changetype<Link>(Ordered.at(i)));
  // The headers of a view need the list again: they stand behind the links, in the same order.
  for (let i: u32 = 0; i < count; i++) {
    if (!Ordered.of(links, orderLinks) || !exportHeaders(changetype<Link>(Ordered.at(i)))) return false;
  }
  return true;
}

function exportLink(link: Link): void {
  StateWriter.bytes(changetype<usize>(link) + LINK_FROM, LINK_BYTES);
  StateWriter.u32(link.interfaces);
  for (let i = link.first; changetype<usize>(i) != 0; i = i.following) {
    StateWriter.bytes(changetype<usize>(i) + INTERFACE_FROM, INTERFACE_BYTES);
    StateWriter.u32(i.listBytes);
    if (i.listBytes != 0) StateWriter.bytes(i.list, i.listBytes);
  }
  for (let router = link.first; changetype<usize>(router) != 0; router = router.following) {
    for (let other = link.first; changetype<usize>(other) != 0; other = other.following) {
      const view = findView(router, other);
      StateWriter.u8(view === null ? 0 : 1);
      if (view !== null) StateWriter.bytes(changetype<usize>(view) + VIEW_FROM, VIEW_BYTES);
    }
  }
}

/** The offered headers of a link's views; most links have none, as they end with the exchange. */
function exportHeaders(link: Link): bool {
  for (let router = link.first; changetype<usize>(router) != 0; router = router.following) {
    for (let other = link.first; changetype<usize>(other) != 0; other = other.following) {
      const view = findView(router, other);
      if (view === null) continue;
      StateWriter.u32(view.offeredCount);
      if (view.offeredCount == 0) continue;
      if (!Ordered.begin(view.offeredCount)) return false;
      for (let header = view.offered; changetype<usize>(header) != 0; header = header.following) Ordered.add(changetype<usize>(header));
      Ordered.sort(orderHeaders);
      for (let i: u32 = 0; i < Ordered.count; i++) StateWriter.bytes(Ordered.at(i) + HEADER_FROM, HEADER_BYTES);
    }
  }
  return true;
}

function orderHeaders(a: usize, b: usize): i32 {
  for (let offset = HEADER_FROM; offset < offsetof<OfferedHeader>('sequence'); offset += 4) {
    const one = load<u32>(a + offset);
    const two = load<u32>(b + offset);
    if (one != two) return one < two ? -1 : 1;
  }
  return 0;
}

function importLinks(): bool {
  const count = StateReader.u32();
  for (let i: u32 = 0; i < count; i++) if (!importLink()) return false;
  if (!Ordered.of(links, orderLinks)) return false;
  for (let i: u32 = 0; i < count; i++) if (!importHeaders(changetype<Link>(Ordered.at(i)))) return false;
  return true;
}

function importLink(): bool {
  const at = StateReader.bytes(LINK_BYTES);
  if (at == 0) return false;
  const link = makeLink(load<u32>(at), load<u32>(at, 4), load<u32>(at, 8), load<u32>(at, 12));
  if (link === null) return false;
  memory.copy(changetype<usize>(link) + LINK_FROM, at, LINK_BYTES);
  const count = StateReader.u32();
  for (let i: u32 = 0; i < count; i++) if (!importInterface(link)) return false;
  for (let router = link.first; changetype<usize>(router) != 0; router = router.following) {
    for (let other = link.first; changetype<usize>(other) != 0; other = other.following) {
      if (StateReader.u8() != 0 && !importView(router, other)) return false;
    }
  }
  return true;
}

function importInterface(link: Link): bool {
  const at = StateReader.bytes(INTERFACE_BYTES);
  if (at == 0) return false;
  const made = makeInterface(link, load<u32>(at), load<u32>(at, 4), load<u32>(at, 8));
  if (made === null) return false;
  memory.copy(changetype<usize>(made) + INTERFACE_FROM, at, INTERFACE_BYTES);
  const bytes = StateReader.u32();
  if (bytes == 0) return true;
  const from = StateReader.bytes(bytes);
  if (from == 0) return false;
  made.list = Blocks.take(bytes);
  if (made.list == 0) return false;
  made.listBytes = bytes;
  memory.copy(made.list, from, bytes);
  return true;
}

function importView(router: Interface, other: Interface): bool {
  const view = makeView(router, other);
  if (view === null || !read(changetype<usize>(view) + VIEW_FROM, VIEW_BYTES)) return false;
  recount(view);
  return true;
}

function importHeaders(link: Link): bool {
  for (let router = link.first; changetype<usize>(router) != 0; router = router.following) {
    for (let other = link.first; changetype<usize>(other) != 0; other = other.following) {
      const view = findView(router, other);
      if (view === null) continue;
      const count = StateReader.u32();
      for (let i: u32 = 0; i < count; i++) if (!importHeader(view)) return false;
    }
  }
  return true;
}

function importHeader(view: View): bool {
  const at = StateReader.bytes(HEADER_BYTES);
  if (at == 0) return false;
  const header = headerOf(view, load<u32>(at), load<u32>(at, 4), load<u32>(at, 8), true);
  if (header === null) return false;
  memory.copy(changetype<usize>(header) + HEADER_FROM, at, HEADER_BYTES);
  return true;
}

// ---- LSDB ----------------------------------------------------------------------------------------------------------------

const LSA_FROM: usize = offsetof<LsdbEntry>('shadow');
const LSA_BYTES: u32 = (offsetof<LsdbEntry>() as u32) - (offsetof<LsdbEntry>('shadow') as u32);
const LSA_BYTES_BEFORE: u32 = (offsetof<LsdbEntry>('witness') as u32) - (offsetof<LsdbEntry>('shadow') as u32);

function lsaBytes(version: u32): u32 {
  return version >= WITH_BLINDNESS ? LSA_BYTES : LSA_BYTES_BEFORE;
}

function exportLsdb(version: u32): bool {
  if (!Ordered.of(lsdb, orderLsas)) return false;
  StateWriter.u32(Ordered.count);
  if (version >= WITH_STATEMENTS) StateWriter.u32(STATEMENT_BYTES);
  for (let i: u32 = 0; i < Ordered.count; i++) {
    const entry = changetype<LsdbEntry>(Ordered.at(i));
    StateWriter.bytes(changetype<usize>(entry) + LSA_FROM, lsaBytes(version));
    if (entry.length == 0) continue;
    StateWriter.bytes(entry.body, entry.length);
    if (version >= WITH_STATEMENTS) Told.save(entry);
  }
  return true;
}

function importLsdb(version: u32): bool {
  const count = StateReader.u32();
  const statementBytes: u32 = version >= WITH_STATEMENTS ? StateReader.u32() : 0;
  for (let i: u32 = 0; i < count; i++) {
    const at = StateReader.bytes(lsaBytes(version));
    if (at == 0) return false;
    const entry = makeLsa(load<u32>(at), load<u32>(at, 4), load<u32>(at, 8), load<u32>(at, 12), load<u32>(at, 16), load<u32>(at, 20), load<u32>(at, 24));
    if (entry === null) return false;
    memory.copy(changetype<usize>(entry) + LSA_FROM, at, lsaBytes(version));
    if (entry.length == 0) continue;
    const from = StateReader.bytes(entry.length);
    if (from == 0) return false;
    entry.body = Blocks.take(entry.length);
    if (entry.body == 0) return false;
    memory.copy(entry.body, from, entry.length);
    if (statementBytes != 0 && !Told.restore(entry, statementBytes)) return false;
  }
  return true;
}

// ---- graph ---------------------------------------------------------------------------------------------------------------

const EDGE_FROM: usize = offsetof<Edge>('to');
const EDGE_BYTES: u32 = (offsetof<Edge>() as u32) - (offsetof<Edge>('to') as u32);

function orderNodes(a: usize, b: usize): i32 {
  const one = changetype<GraphNode>(a);
  const two = changetype<GraphNode>(b);
  if (one.shadow != two.shadow) return one.shadow < two.shadow ? -1 : 1;
  if (one.area != two.area) return one.area < two.area ? -1 : 1;
  return one.id < two.id ? -1 : one.id > two.id ? 1 : 0;
}

function exportGraph(): bool {
  if (!Ordered.of(nodes, orderNodes)) return false;
  StateWriter.u32(Ordered.count);
  for (let i: u32 = 0; i < Ordered.count; i++) {
    const node = changetype<GraphNode>(Ordered.at(i));
    StateWriter.u32(node.shadow);
    StateWriter.u32(node.area);
    StateWriter.u32(node.id);
    let count: u32 = 0;
    for (let edge = node.first; changetype<usize>(edge) != 0; edge = edge.following) count += 1;
    StateWriter.u32(count);
    for (let edge = node.first; changetype<usize>(edge) != 0; edge = edge.following) {
      StateWriter.bytes(changetype<usize>(edge) + EDGE_FROM, EDGE_BYTES);
    }
  }
  return true;
}

function importGraph(): bool {
  const count = StateReader.u32();
  for (let i: u32 = 0; i < count; i++) {
    const shadow = StateReader.u32();
    const area = StateReader.u32();
    const node = findNode(shadow, area, StateReader.u32(), true);
    if (node === null) return false;
    const edgeCount = StateReader.u32();
    let before = changetype<Edge>(0);
    for (let k: u32 = 0; k < edgeCount; k++) {
      const at = StateReader.bytes(EDGE_BYTES);
      if (at == 0) return false;
      const edge = makeEdge(node, before, load<u32>(at), load<u32>(at, 4));
      if (edge === null) return false;
      memory.copy(changetype<usize>(edge) + EDGE_FROM, at, EDGE_BYTES);
      before = edge;
    }
  }
  return true;
}

// ---- errors --------------------------------------------------------------------------------------------------------------

const ERROR_FROM: usize = offsetof<ErrorEntry>('context');
const ERROR_BYTES: u32 = (offsetof<ErrorEntry>() as u32) - (offsetof<ErrorEntry>('context') as u32);

function exportErrors(): bool {
  if (!Ordered.of(errors, orderErrors)) return false;
  StateWriter.u32(Ordered.count);
  for (let i: u32 = 0; i < Ordered.count; i++) StateWriter.bytes(Ordered.at(i) + ERROR_FROM, ERROR_BYTES);
  return true;
}

function importErrors(): bool {
  const count = StateReader.u32();
  for (let i: u32 = 0; i < count; i++) {
    const at = StateReader.bytes(ERROR_BYTES);
    if (at == 0) return false;
    const entry = errorEntry(load<u32>(at), load<u32>(at, 4), load<u32>(at, 8), load<u32>(at, 12), true);
    if (entry === null) return false;
    memory.copy(changetype<usize>(entry) + ERROR_FROM, at, ERROR_BYTES);
  }
  return true;
}
