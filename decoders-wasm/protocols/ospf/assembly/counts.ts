/** `neighbor_counts`: of each router on each link, when they changed and once a minute. */
import { Taps } from '../../../base/assembly/frame.ts';
import { Envelope } from '../../../base/assembly/envelope.ts';
import { Memory } from '../../../base/assembly/memory.ts';
import {
  ADJACENCY_2_WAY, ADJACENCY_FULL, COVERAGE_FULL, COVERAGE_NONE, COVERAGE_ROUTER_SILENT,
} from '../../../base/assembly/generated/constants.ts';
import { Now, ROWS_OF_KIND, SECOND } from './clock.ts';
import { DUE_MINUTE } from './deadlines.ts';
import { Due, Timer } from './due.ts';
import { Interface } from './entries.ts';
import { findView, isWatched } from './links.ts';
import { emitCount } from './rows.ts';
import { sortAddresses } from './sort.ts';

const MOST_DIRTY: u32 = 16384;
const MINUTE: i64 = 60 * SECOND;
let dirtyList: usize = 0;
let dirtyCount: u32 = 0;

/** The counts of `router` may have changed. */
export function markCounts(router: Interface): void {
  if (router.dirty != 0) return;
  if (dirtyList == 0) dirtyList = Memory.allocate(MOST_DIRTY << 2);
  if (dirtyList == 0 || dirtyCount == MOST_DIRTY) return;
  router.dirty = 1;
  store<u32>(dirtyList + ((dirtyCount as usize) << 2), changetype<usize>(router) as u32);
  dirtyCount += 1;
}

/** Writes rows for the counts that changed by the present decision, in order of (link, area, router). */
export function flushCounts(): void {
  if (dirtyCount == 0) return;
  sortAddresses(dirtyList, dirtyCount, orderAcrossLinks);
  for (let i: u32 = 0; i < dirtyCount; i++) {
    const router = changetype<Interface>(load<u32>(dirtyList + ((i as usize) << 2)) as usize);
    router.dirty = 0;
    count(router);
    if (isShown(router)) continue;
    Now.envelope(router.link.context);
    show(router, false);
  }
  dirtyCount = 0;
}

/** Interfaces of all links in canonical order: link key, then order within the link. */
export function orderAcrossLinks(a: usize, b: usize): i32 {
  const left = changetype<Interface>(a);
  const right = changetype<Interface>(b);
  const one = left.link;
  const two = right.link;
  if (one.shadow != two.shadow) return one.shadow < two.shadow ? -1 : 1;
  if (one.link != two.link) return one.link < two.link ? -1 : 1;
  if (one.virtualLow != two.virtualLow) return one.virtualLow < two.virtualLow ? -1 : 1;
  if (one.virtualHigh != two.virtualHigh) return one.virtualHigh < two.virtualHigh ? -1 : 1;
  if (left.area != right.area) return left.area < right.area ? -1 : 1;
  if (left.id != right.id) return left.id < right.id ? -1 : 1;
  if (left.address != right.address) return left.address < right.address ? -1 : 1;
  return 0;
}

/** Boot time at which the next minute of the router's count is over. */
export function nextMinute(router: Interface): i64 {
  return ((router.countMinute + 1) as i64) * MINUTE - Taps.wallOffset(router.tap);
}

/** Begins the minutes of a new interface. */
export function beginMinutes(router: Interface): void {
  router.countMinute = (Now.time / MINUTE) as u64;
}

/** Sets the timer of the next minute. */
export function watchMinute(router: Interface): void {
  Due.schedule(changetype<Timer>(changetype<usize>(router) + offsetof<Interface>('minuteTimer')), DUE_MINUTE);
}

/** A minute of the router's clock is over: its row, whatever changed. */
export function emitMinute(router: Interface): void {
  const now = ((Taps.clock(router.tap) + Taps.wallOffset(router.tap)) / MINUTE) as u64;
  router.countMinute = now;
  count(router);
  Envelope.fromMinute(router.link.context, router.tap, now);
  Envelope.countFrom(DUE_MINUTE << ROWS_OF_KIND);
  show(router, true);
}

let adjacencies: u32 = 0;
let neighbors: u32 = 0;
let full: u32 = 0;
let twoWay: u32 = 0;
let coverage: u8 = 0;

function count(router: Interface): void {
  adjacencies = 0;
  neighbors = 0;
  full = 0;
  twoWay = 0;
  coverage = router.silent != 0 ? COVERAGE_ROUTER_SILENT : isWatched(router.link) ? COVERAGE_FULL : COVERAGE_NONE;
  if (router.adjacent == 0) return;
  let last: u32 = 0;
  for (let n = router.link.first; changetype<usize>(n) != 0; n = n.following) {
    if (n == router || n.area != router.area) continue;
    const view = findView(router, n);
    if (view === null || view.shown < ADJACENCY_2_WAY) continue;
    adjacencies += 1;
    if (n.id != last) neighbors += 1;
    last = n.id;
    if (view.shown == ADJACENCY_FULL) full += 1;
    else if (view.shown == ADJACENCY_2_WAY) twoWay += 1;
  }
}

function isShown(router: Interface): bool {
  return router.countShown != 0 && router.shownAdjacencies == adjacencies && router.shownNeighbors == neighbors
    && router.shownFull == full && router.shownTwoWay == twoWay && router.shownCoverage == (coverage as u32);
}

function show(router: Interface, isMinute: bool): void {
  router.countShown = 1;
  router.shownAdjacencies = adjacencies;
  router.shownNeighbors = neighbors;
  router.shownFull = full;
  router.shownTwoWay = twoWay;
  router.shownCoverage = coverage as u32;
  emitCount(router, adjacencies, neighbors, full, twoWay, coverage, isMinute);
}
