/** The tables of adjacencies: their caps, a new station's place in its link, room for it under a flood. */
import { Frame } from '../../../base/assembly/frame.ts';
import * as constant from '../../../base/assembly/generated/constants.ts';
import { Blocks } from '../../../base/assembly/intern.ts';
import { fromFrame, isUpOrInit } from './adjacency.ts';
import { Link, linkAt, links, MOST_LINKS, MOST_TAPS_A_LINK } from './link.ts';
import { transit } from './rows.ts';
import { stationAt, stationHash, stations, STATION_BYTES, STATION_SILENT } from './station.ts';
import { DUE_MINUTE, DUE_STATION, Timers } from './timers.ts';
import { findView, removeView, View, viewAt, views } from './view.ts';

export const MOST_STATIONS: u32 = 131072;
const MOST_VIEWS: u32 = 1 << 20;
/** Stations of one link and level; the longest silent one makes room for the next. */
const MOST_STATIONS_A_LINK: u32 = 256;

export function setUpTables(): void {
  links.setUp((offsetof<Link>() as u32) + MOST_TAPS_A_LINK * 2, MOST_LINKS);
  stations.setUp(STATION_BYTES, MOST_STATIONS);
  views.setUp(offsetof<View>() as u32, MOST_VIEWS);
}

/** A new station in its place in the link's list; 0 when a cap refuses it. */
export function insertStation(link: u32, level: u8, system: u64, snpa: u64): u32 {
  const owner = linkAt(link);
  const count = level == 0 ? owner.count0 : level == 1 ? owner.count1 : owner.count2;
  if (count >= MOST_STATIONS_A_LINK && !evictStation(link, level)) {
    stations.refused += 1;
    return 0;
  }
  const handle = stations.insert(stationHash(link, level, system, snpa));
  if (handle == 0) return 0;
  const s = stationAt(handle);
  s.link = link;
  s.level = level;
  s.system = system;
  s.snpa = snpa;
  let previous: u32 = 0;
  let h = owner.head(level);
  while (h != 0 && stationBefore(h, system, snpa)) {
    previous = h;
    h = stationAt(h).sibling;
  }
  s.sibling = h;
  if (previous != 0) stationAt(previous).sibling = handle;
  else if (level == 0) owner.head0 = handle;
  else if (level == 1) owner.head1 = handle;
  else owner.head2 = handle;
  if (level == 0) owner.count0 += 1;
  else if (level == 1) owner.count1 += 1;
  else owner.count2 += 1;
  return handle;
}

/** Forgets the station that has been silent longest, and the views of and on it; false when all live. */
function evictStation(link: u32, level: u8): bool {
  const owner = linkAt(link);
  let oldest: u32 = 0;
  for (let h = owner.head(level); h != 0; h = stationAt(h).sibling) {
    const s = stationAt(h);
    if (s.has(STATION_SILENT) && (oldest == 0 || s.helloWall < stationAt(oldest).helloWall)) oldest = h;
  }
  if (oldest == 0) return false;
  let previous: u32 = 0;
  for (let h = owner.head(level); h != 0; h = stationAt(h).sibling) {
    for (let at: u8 = 1; at <= 2; at++) {
      removeView(findView(oldest, h, at));
      evictView(findView(h, oldest, at));
    }
    if (stationAt(h).sibling == oldest) previous = h;
  }
  const s = stationAt(oldest);
  if (previous != 0) stationAt(previous).sibling = s.sibling;
  else if (level == 0) owner.head0 = s.sibling;
  else if (level == 1) owner.head1 = s.sibling;
  else owner.head2 = s.sibling;
  if (level == 0) owner.count0 -= 1;
  else if (level == 1) owner.count1 -= 1;
  else owner.count2 -= 1;
  giveBlock(s.list, s.listCount * 6);
  giveBlock(s.areas, s.areaBytes);
  giveBlock(s.topologies, s.topologyCount << 1);
  Timers.cancel(DUE_STATION, oldest);
  Timers.cancel(DUE_MINUTE, oldest);
  stations.remove(oldest);
  return true;
}

/**
 * Of a view on a station that is forgotten nothing more can be known. Mostly it is down with that station's hold; it
 * is not while its router is overdue, whose timers are withheld (C4).
 */
function evictView(handle: u32): void {
  if (handle == 0) return;
  const v = viewAt(handle);
  if (isUpOrInit(v)) {
    fromFrame();
    transit(handle, constant.ADJACENCY_DOWN, constant.REASON_EVICTED, max<i64>(Frame.time(), v.since), 0);
  }
  removeView(handle);
}

function giveBlock(block: u32, length: u32): void {
  if (block != 0) Blocks.give(block as usize, length);
}

function stationBefore(handle: u32, system: u64, snpa: u64): bool {
  const s = stationAt(handle);
  return s.system < system || (s.system == system && s.snpa < snpa);
}
