/** Deadlines: holds of neighbours (I4), a router's own silence (C4), the minute's rows. Time is that of the taps. */
import { Envelope } from '../../../base/assembly/envelope.ts';
import { Taps } from '../../../base/assembly/frame.ts';
import * as constant from '../../../base/assembly/generated/constants.ts';
import { TAP_ALL } from '../../../base/assembly/generated/frame.ts';
import { allDown, isUpOrInit } from './adjacency.ts';
import { DueList, DUE_LSP, DUE_MINUTE, DUE_PENDING, DUE_STATION, DUE_VIEW } from './due-list.ts';
import { firePending, scanLsdb } from './lsdb-deadlines.ts';
import { fireLsp } from './lsdb.ts';
import { flushCounts, markDirty, transit, writeCount } from './rows.ts';
import {
  Due, linkAt, Station, stationAt, stations, STATION_SILENT, viewAt, views, VIEW_BLIND, VIEW_REFUSED, VIEW_WITHHELD,
} from './tables.ts';

const MINUTE: i64 = 60_000_000_000;
const SECOND: i64 = 1_000_000_000;
/** A router that has been silent for a day gets no more rows each minute. */
const FORGET: i64 = 86400 * SECOND;
/** Rounds of one call: what fires may set deadlines that have passed too. */
const MOST_ROUNDS: u32 = 8;

/** Lets everything fire that is due on the clock of `tap` (TAP_ALL: of every tap). */
export function passDeadlines(tap: u32): void {
  if (tap != TAP_ALL) {
    if (Taps.clock(tap) >= Due.at(tap)) fireDue();
    return;
  }
  for (let i: u32 = 0; i < Taps.count; i++) {
    if (Taps.clock(i) >= Due.at(i)) {
      fireDue();
      return;
    }
  }
}

function fireDue(): void {
  for (let round: u32 = 0; round < MOST_ROUNDS; round++) {
    DueList.clear();
    Due.clear();
    scanStations();
    scanViews();
    scanLsdb();
    if (DueList.count == 0) return;
    DueList.sort();
    for (let i: u32 = 0; i < DueList.count; i++) {
      fire(DueList.kind(i), DueList.handle(i), DueList.time(i));
      flushCounts();
    }
  }
}

function scanStations(): void {
  for (let h: u32 = 1; h <= stations.highest; h++) {
    if (!stations.isLive(h)) continue;
    const s = stationAt(h);
    if (s.deadline != 0) consider(DUE_STATION, h, s.link, s.tap, s.deadline);
    scanMinute(h, s);
  }
}

/** The next full minute on the wall clock of the tap that saw the station last. */
function scanMinute(handle: u32, s: Station): void {
  const wallNow = Taps.clock(s.tap) + Taps.wallOffset(s.tap);
  if (!Taps.isOpen(s.tap) || wallNow - s.helloWall > FORGET) return;
  const minute = wallNow / MINUTE;
  const offset = Taps.wallOffset(s.tap);
  if (minute > (s.minute as i64)) DueList.add(DUE_MINUTE, handle, minute * MINUTE);
  else Due.note(s.tap, ((s.minute as i64) + 1) * MINUTE - offset);
}

function scanViews(): void {
  for (let h: u32 = 1; h <= views.highest; h++) {
    if (!views.isLive(h)) continue;
    const v = viewAt(h);
    if (v.deadline != 0) consider(DUE_VIEW, h, stationAt(v.router).link, v.tap, v.deadline);
  }
}

/** Lists what is due and notes what is not yet. */
function consider(kind: u32, handle: u32, linkHandle: u32, tap: u32, deadline: i64): void {
  const link = linkAt(linkHandle);
  if (link.hasPassed(tap, deadline)) DueList.add(kind, handle, deadline + Taps.wallOffset(tap));
  else Due.noteOthers(link, tap, deadline);
}

function fire(kind: u32, handle: u32, wall: i64): void {
  if (kind == DUE_STATION) fireStation(handle);
  else if (kind == DUE_VIEW) fireView(handle);
  else if (kind == DUE_LSP) fireLsp(handle);
  else if (kind == DUE_PENDING) firePending(handle);
  else fireMinute(handle, (wall / MINUTE) as u32);
}

/** C4: the router's own hold has passed in silence. */
function fireStation(handle: u32): void {
  const s = stationAt(handle);
  if (s.deadline == 0) return;
  Envelope.fromDeadline(s.tap, s.deadline, s.context, s.frameOffset, s.frameIndex);
  s.deadline = 0;
  s.set(STATION_SILENT, true);
  s.lanId = 0;
  markDirty(handle);
  allDown(handle, constant.REASON_ROUTER_SILENT, Envelope.decidedTime);
}

/** I4: no accepted hello until the hold of the last one. */
function fireView(handle: u32): void {
  const v = viewAt(handle);
  if (v.deadline == 0) return;
  const router = stationAt(v.router);
  const deadline = v.deadline;
  v.deadline = 0;
  if (!isUpOrInit(v)) return;
  const wall = deadline + Taps.wallOffset(v.tap);
  // C4: the timer of an overdue router is told with its own silence, if that comes.
  if (router.isOverdue(wall)) {
    v.set(VIEW_WITHHELD, true);
    return;
  }
  Envelope.fromDeadline(v.tap, deadline, v.context, v.frameOffset, v.frameIndex);
  transit(handle, constant.ADJACENCY_DOWN, constant.REASON_HOLD_TIMER_EXPIRED, wall, 0);
}

function fireMinute(handle: u32, minute: u32): void {
  const s = stationAt(handle);
  if (s.minute >= minute) return;
  s.minute = minute;
  Envelope.fromMinute(s.context, s.tap, minute as u64);
  if (s.level != 0) writeCount(handle, s.level, true);
  else {
    if ((s.circuitType & 1) != 0) writeCount(handle, 1, true);
    if ((s.circuitType & 2) != 0) writeCount(handle, 2, true);
  }
}

/** C7: what the closed tap leaves blind keeps its state and loses its deadlines; the rest looks at its clocks anew. */
export function tapClosed(): void {
  for (let h: u32 = 1; h <= views.highest; h++) {
    if (!views.isLive(h)) continue;
    const v = viewAt(h);
    if (!isOpenLink(stationAt(v.router).link)) v.set(VIEW_BLIND, true);
  }
  Due.all();
}

function isOpenLink(handle: u32): bool {
  const link = linkAt(handle);
  for (let i: u32 = 0; i < link.tapCount; i++) if (Taps.isOpen(link.tap(i))) return true;
  link.blind = 1;
  return false;
}

/** C7: the first frame of a link that was blind: what was up has one hold to show itself again. */
export function sightRestored(handle: u32, tap: u32, boot: i64): void {
  const link = linkAt(handle);
  link.blind = 0;
  for (let level: u32 = 0; level <= 2; level++) {
    for (let h = link.head(level); h != 0; h = stationAt(h).sibling) {
      const s = stationAt(h);
      if (s.deadline != 0) {
        s.tap = tap;
        s.deadline = boot + (s.hold as i64) * SECOND;
      }
      s.clearGaps();
    }
  }
  for (let h: u32 = 1; h <= views.highest; h++) {
    if (!views.isLive(h)) continue;
    const v = viewAt(h);
    if (v.deadline == 0 || stationAt(v.router).link != handle) continue;
    v.tap = tap;
    v.deadline = boot + (v.hold as i64) * SECOND;
    v.set(VIEW_BLIND, true);
  }
  Due.all();
}
