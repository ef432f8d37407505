/** Rows of adjacencies and neighbour counts: columns from stations and views, keys from content. */
import { Contexts, Taps } from '../../../base/assembly/frame.ts';
import { Envelope, EVIDENCE_DECLARED } from '../../../base/assembly/envelope.ts';
import { AdjacencyEvents } from '../../../base/assembly/generated/adjacency-events.ts';
import * as constant from '../../../base/assembly/generated/constants.ts';
import { NeighborCounts } from '../../../base/assembly/generated/neighbor-counts.ts';
import { Memory } from '../../../base/assembly/memory.ts';
import { Text } from '../../../base/assembly/text.ts';
import { Bytes } from './bytes.ts';
import { linkAt } from './link.ts';
import { Names } from './names.ts';
import { Station, stationAt, STATION_SILENT } from './station.ts';
import { MOST_STATIONS } from './tables.ts';
import { findView, View, VIEW_BLIND, VIEW_RESTART, VIEW_SUPPRESSED, viewAt, VIEW_WITHHELD } from './view.ts';

const ids: usize = memory.data(16);
const addressScratch: usize = memory.data(16);
const KEY_BYTES: u32 = 64;
const key: usize = memory.data(64, 8);
/** Stations whose counts may have changed since the last flush. */
let dirty: usize = 0;
let dirtyCount: u32 = 0;

/** The sender's id as text into `Text`. */
export function writeSystem(system: u64): void {
  Bytes.putSystem(ids, system);
  Text.systemId(ids);
}

function writeSnpa(snpa: u64): void {
  Bytes.putSystem(ids, snpa);
  Text.mac(ids);
}

function writeAddress(s: Station): void {
  if (s.ipv4 != 0) {
    store<u32>(addressScratch, s.ipv4);
    Text.ipv4(addressScratch);
  } else if (s.hasIpv6 != 0) {
    store<u64>(addressScratch, s.ipv6High);
    store<u64>(addressScratch, s.ipv6Low, 8);
    Text.ipv6(addressScratch);
  }
}

/** Row key: shadow identity, level, router and its SNPA, neighbour and its SNPA, tags of the link, LAN or point-to-point. */
function adjacencyKey(router: Station, neighbor: Station, level: u8): void {
  memory.fill(key, 0, KEY_BYTES);
  memory.copy(key, Contexts.shadowIdentity(linkAt(router.link).shadow), 16);
  store<u8>(key, level, 16);
  Bytes.putSystem(key + 17, router.system);
  Bytes.putSystem(key + 23, router.snpa);
  Bytes.putSystem(key + 29, neighbor.system);
  Bytes.putSystem(key + 35, neighbor.snpa);
  store<u32>(key, neighbor.vlans, 41);
  store<u8>(key, neighbor.level, 45);
}

/**
 * Takes the view to `state` and writes the row. The envelope is set for the frame or deadline; `time` (wall) is the
 * effective time.
 */
export function transit(handle: u32, state: u8, reason: u8, time: i64, ordinal: u32): void {
  const v = viewAt(handle);
  const router = stationAt(v.router);
  const neighbor = stationAt(v.neighbor);
  const previous = v.state;
  const blind = v.has(VIEW_BLIND);
  v.state = state;
  v.since = time;
  v.set(VIEW_WITHHELD, false);
  v.set(VIEW_BLIND, false);
  if (state == constant.ADJACENCY_DOWN) v.deadline = 0;
  markDirty(v.router);
  const evidence = Envelope.evidence;
  Envelope.time = time;
  Envelope.initial = previous == constant.ADJACENCY_UNKNOWN;
  if (reason == constant.REASON_DECLARED_BY_ROUTER) Envelope.evidence = EVIDENCE_DECLARED;
  AdjacencyEvents.clear();
  AdjacencyEvents.protocol = constant.IGP_ISIS;
  AdjacencyEvents.level = v.level;
  AdjacencyEvents.prevState = previous;
  AdjacencyEvents.state = state;
  AdjacencyEvents.reason = blind ? constant.REASON_CHANGED_WHILE_BLIND : reason;
  AdjacencyEvents.holdTime = v.hold;
  AdjacencyEvents.lastHello = v.lastHello;
  AdjacencyEvents.circuitId = (neighbor.threeWayBits & 1) != 0 ? neighbor.extendedCircuit : neighbor.localCircuit as u32;
  AdjacencyEvents.vlan = (neighbor.vlans & 0xffff) == 0xffff ? 0 : (neighbor.vlans & 0xfff) as u16;
  writeStations(router, neighbor);
  Text.begin();
  if (v.has(VIEW_RESTART)) Text.literal('restart');
  else if (v.has(VIEW_SUPPRESSED)) Text.literal('suppressed');
  AdjacencyEvents.detailText();
  adjacencyKey(router, neighbor, v.level);
  // One frame may take a view through several states and back.
  store<u8>(key, previous, 46);
  store<u8>(key, state, 47);
  store<u8>(key, reason, 48);
  AdjacencyEvents.emit(key, KEY_BYTES, ordinal);
  Envelope.evidence = evidence;
  Envelope.initial = false;
}

function writeStations(router: Station, neighbor: Station): void {
  const shadow = linkAt(router.link).shadow;
  Text.begin();
  writeSystem(router.system);
  AdjacencyEvents.routerText();
  Text.begin();
  writeSystem(neighbor.system);
  AdjacencyEvents.neighborText();
  Text.begin();
  Names.write(shadow, router.system);
  AdjacencyEvents.routerNameText();
  Text.begin();
  Names.write(shadow, neighbor.system);
  AdjacencyEvents.neighborNameText();
  Text.begin();
  writeAddress(router);
  AdjacencyEvents.localAddressText();
  Text.begin();
  writeAddress(neighbor);
  AdjacencyEvents.neighborAddressText();
  Text.begin();
  if (neighbor.snpa != 0) writeSnpa(neighbor.snpa);
  AdjacencyEvents.neighborSnpaText();
}

/** The counts of the station are to be looked at when the frame or deadline is done. */
export function markDirty(handle: u32): void {
  const s = stationAt(handle);
  if (dirty == 0) dirty = Memory.allocate(MOST_STATIONS * 4);
  if (s.dirty != 0 || dirtyCount >= MOST_STATIONS || dirty == 0) return;
  s.dirty = 1;
  store<u32>(dirty + (dirtyCount << 2) as usize, handle);
  dirtyCount += 1;
}

/** Writes `neighbor_counts` for the stations whose counts changed; the envelope is that of the frame or deadline. */
export function flushCounts(): void {
  for (let i: u32 = 0; i < dirtyCount; i++) {
    const handle = load<u32>(dirty + (i << 2) as usize);
    const s = stationAt(handle);
    s.dirty = 0;
    if (s.level != 0) writeCount(handle, s.level, false);
    else {
      if ((s.circuitType & 1) != 0) writeCount(handle, 1, false);
      if ((s.circuitType & 2) != 0) writeCount(handle, 2, false);
    }
  }
  dirtyCount = 0;
}

/** One count row if the count is new, or (`always`) the minute's row. */
export function writeCount(handle: u32, level: u8, always: bool): void {
  const s = stationAt(handle);
  let adjacencies: u32 = 0;
  let neighbors: u32 = 0;
  let lastSystem: u64 = 0;
  for (let n = linkAt(s.link).head(s.level); n != 0; n = stationAt(n).sibling) {
    const v = findView(handle, n, level);
    if (v == 0 || viewAt(v).state != constant.ADJACENCY_UP) continue;
    adjacencies += 1;
    if (neighbors == 0 || stationAt(n).system != lastSystem) neighbors += 1;
    lastSystem = stationAt(n).system;
  }
  const coverage: u8 = s.has(STATION_SILENT) ? constant.COVERAGE_ROUTER_SILENT : constant.COVERAGE_FULL;
  const first = level == 1;
  const same = (first ? s.countA : s.countB) == adjacencies + 1 && (first ? s.neighborsA : s.neighborsB) == neighbors
    && (first ? s.coverageA : s.coverageB) == coverage;
  if (same && !always) return;
  if (first) {
    s.countA = adjacencies + 1;
    s.neighborsA = neighbors;
    s.coverageA = coverage;
  } else {
    s.countB = adjacencies + 1;
    s.neighborsB = neighbors;
    s.coverageB = coverage;
  }
  emitCount(s, level, adjacencies, neighbors, coverage);
}

function emitCount(s: Station, level: u8, adjacencies: u32, neighbors: u32, coverage: u8): void {
  const shadow = linkAt(s.link).shadow;
  NeighborCounts.clear();
  NeighborCounts.protocol = constant.IGP_ISIS;
  NeighborCounts.level = level;
  NeighborCounts.adjacencies = adjacencies;
  NeighborCounts.neighbors = neighbors;
  NeighborCounts.full = adjacencies;
  NeighborCounts.coverage = coverage;
  Text.begin();
  writeSystem(s.system);
  NeighborCounts.routerText();
  Text.begin();
  Names.write(shadow, s.system);
  NeighborCounts.routerNameText();
  memory.fill(key, 0, KEY_BYTES);
  memory.copy(key, Contexts.shadowIdentity(shadow), 16);
  memory.copy(key + 16, Taps.at(s.tap), 16);
  store<u8>(key, level, 32);
  Bytes.putSystem(key + 33, s.system);
  Bytes.putSystem(key + 39, s.snpa);
  store<u32>(key, s.vlans, 45);
  store<u8>(key, s.level, 49);
  NeighborCounts.emit(key, KEY_BYTES, 0);
}
