/** Deadlines: holds of neighbours (I4), a router's own silence (C4), the minute's rows. Time is that of the taps. */
import { Envelope } from '../../../base/assembly/envelope.ts';
import { Taps } from '../../../base/assembly/frame.ts';
import * as constant from '../../../base/assembly/generated/constants.ts';
import { TAP_ALL } from '../../../base/assembly/generated/frame.ts';
import { allDown, isUpOrInit } from './adjacency.ts';
import { causeAt, causeDeadline, causes, fireCause } from './cause.ts';
import { isDark, linkIsSeen, tellRestored } from './darkness.ts';
import { DueList } from './due-list.ts';
import { Link, LINK_DARK, LINK_DOUBTED, LINK_UNWATCHED, linkAt, links } from './link.ts';
import { firePending } from './lsdb-deadlines.ts';
import { leaveLink, leaveTap, lspsRestored } from './lsdb-taps.ts';
import { fireLsp, lsdb, lspAt, LSP_BLIND, lspIsDue } from './lsdb.ts';
import { pendingAt, pendingIsDue, pendings } from './pendings.ts';
import { flushCounts, markDirty, transit, writeCount } from './rows.ts';
import { armCause, armLsp, armMinute, armPending, armStation, armView } from './schedule.ts';
import { stationAt, stations, STATION_SILENT } from './station.ts';
import { DUE_CAUSE, DUE_LSP, DUE_MINUTE, DUE_PENDING, DUE_STATION, DUE_VIEW, timerOf, Timers } from './timers.ts';
import { findView, viewAt, views, VIEW_BLIND, VIEW_WITHHELD } from './view.ts';

const MINUTE: i64 = 60_000_000_000;
const SECOND: i64 = 1_000_000_000;
/** A router that has been silent for a day gets no more rows each minute. */
const FORGET: i64 = 86400 * SECOND;
/** Rounds of one call: what fires may set deadlines that have passed too. */
const MOST_ROUNDS: u32 = 64;

/** Lets everything fire that is due on the clock of `tap` (TAP_ALL: of every tap). */
export function passDeadlines(tap: u32): void {
  if (tap != TAP_ALL) {
    if (Taps.isOpen(tap) && Timers.isDue(tap)) fireDue(tap, tap + 1);
    return;
  }
  for (let i: u32 = 0; i < Taps.count; i++) {
    if (Taps.isOpen(i) && Timers.isDue(i)) {
      fireDue(0, Taps.count);
      return;
    }
  }
}

/** Fires what is due on the taps from `from` to before `to`, and what that makes due. */
function fireDue(from: u32, to: u32): void {
  for (let round: u32 = 0; round < MOST_ROUNDS; round++) {
    DueList.clear();
    for (let tap = from; tap < to; tap++) if (Taps.isOpen(tap)) collectDue(tap);
    if (DueList.count == 0) return;
    DueList.sort();
    for (let i: u32 = 0; i < DueList.count; i++) {
      fire(DueList.kind(i), DueList.handle(i), DueList.time(i));
      // A router that loses several neighbours at one instant has one new count.
      if (i + 1 == DueList.count || DueList.time(i + 1) != DueList.time(i) || DueList.kind(i + 1) == DUE_MINUTE) flushCounts();
    }
  }
}

function collectDue(tap: u32): void {
  while (Timers.isDue(tap) && !DueList.isFull()) {
    const ref = Timers.pop(tap);
    const handle = Timers.handle(ref);
    const kind = Timers.kind(ref);
    if (kind == DUE_STATION) considerStation(handle);
    else if (kind == DUE_VIEW) considerView(handle);
    else if (kind == DUE_MINUTE) considerMinute(handle);
    else if (kind == DUE_LSP) considerLsp(handle);
    else if (kind == DUE_CAUSE) considerCause(handle);
    else considerPending(handle);
  }
}

// Each lists what is due; what is not any more, or not yet on every tap, waits on. A blind link waits for its sight.

function considerStation(handle: u32): void {
  const s = stationAt(handle);
  const link = linkAt(s.link);
  if (s.deadline == 0 || (link.blind != 0 && link.blind != LINK_DOUBTED)) return;
  if (link.hasPassed(s.tap, s.deadline)) DueList.add(DUE_STATION, handle, s.deadline + Taps.wallOffset(s.tap));
  else armStation(handle);
}

function considerView(handle: u32): void {
  const v = viewAt(handle);
  const link = linkAt(stationAt(v.router).link);
  if (v.deadline == 0 || link.blind != 0) return;
  if (link.hasPassed(v.tap, v.deadline)) DueList.add(DUE_VIEW, handle, v.deadline + Taps.wallOffset(v.tap));
  else armView(handle);
}

function considerMinute(handle: u32): void {
  const s = stationAt(handle);
  const wallNow = Taps.clock(s.tap) + Taps.wallOffset(s.tap);
  if (wallNow - s.helloWall > FORGET) return;
  const minute = wallNow / MINUTE;
  if (minute > (s.minute as i64)) DueList.add(DUE_MINUTE, handle, minute * MINUTE);
  else armMinute(handle);
}

function considerLsp(handle: u32): void {
  const e = lspAt(handle);
  if (e.deadline == 0 || (e.flags & LSP_BLIND) != 0) return;
  if (lspIsDue(e)) DueList.add(DUE_LSP, handle, e.deadline + Taps.wallOffset(e.tap));
  else armLsp(handle);
}

function considerPending(handle: u32): void {
  const p = pendingAt(handle);
  if (pendingIsDue(p)) DueList.add(DUE_PENDING, handle, p.deadline + Taps.wallOffset(p.tap));
  else armPending(handle);
}

function considerCause(handle: u32): void {
  const c = causeAt(handle);
  if (c.pending == 0) return;
  const deadline = causeDeadline(c);
  if (Taps.isOpen(c.tap) && Taps.clock(c.tap) >= deadline) DueList.add(DUE_CAUSE, handle, deadline + Taps.wallOffset(c.tap));
  else armCause(handle);
}

function fire(kind: u32, handle: u32, wall: i64): void {
  if (kind == DUE_STATION) fireStation(handle);
  else if (kind == DUE_VIEW) fireView(handle);
  else if (kind == DUE_LSP) fireLsp(handle);
  else if (kind == DUE_PENDING) firePending(handle);
  else if (kind == DUE_CAUSE) fireCause(handle);
  else fireMinute(handle, (wall / MINUTE) as u32);
}

/** C4: the router's own hold has passed in silence. */
function fireStation(handle: u32): void {
  const s = stationAt(handle);
  if (s.deadline == 0) return;
  if (isDark(handle)) {
    if (linkAt(s.link).blind == LINK_DARK) {
      eachView(s.link, markBlind);
      leaveLink(s.link);
    }
    return;
  }
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
  const router = stationAt(v.router);
  if (v.deadline == 0 || linkAt(router.link).blind != 0) return;
  const deadline = v.deadline;
  v.deadline = 0;
  if (!isUpOrInit(v)) return;
  const wall = deadline + Taps.wallOffset(v.tap);
  // C4: the timer of an overdue router is told with its own silence, if that comes; so is that of one not heard since blindness.
  if (router.isOverdue(wall) || !router.isPresent(wall)) {
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
  armMinute(handle);
  Envelope.fromMinute(s.context, s.tap, minute as u64);
  if (s.level != 0) writeCount(handle, s.level, true);
  else {
    if ((s.circuitType & 1) != 0) writeCount(handle, 1, true);
    if ((s.circuitType & 2) != 0) writeCount(handle, 2, true);
  }
}

/** C7: links without an open tap are blind: they keep their state, and their deadlines wait for the next frame there. */
export function blindUnwatched(): void {
  for (let h: u32 = 1; h <= links.highest; h++) {
    if (!links.isLive(h)) continue;
    const link = linkAt(h);
    if ((link.blind == 0 || link.blind == LINK_DOUBTED) && !hasOpenTap(link)) {
      link.blind = LINK_UNWATCHED;
      eachView(h, markBlind);
    }
  }
}

/** What the closed tap leaves blind keeps its state and loses its deadlines; the rest no longer waits for it (C8). */
export function tapClosed(tap: u32): void {
  blindUnwatched();
  for (let h: u32 = 1; h <= stations.highest; h++) {
    if (stations.isLive(h) && timerOf(DUE_STATION, h).tapPlus1 == tap + 1) armStation(h);
  }
  for (let h: u32 = 1; h <= views.highest; h++) {
    if (views.isLive(h) && timerOf(DUE_VIEW, h).tapPlus1 == tap + 1) armView(h);
  }
  leaveTap(tap);
  passDeadlines(TAP_ALL);
}

function hasOpenTap(link: Link): bool {
  for (let i: u32 = 0; i < link.tapCount; i++) if (Taps.isOpen(link.tap(i))) return true;
  return false;
}

function markBlind(handle: u32): void {
  viewAt(handle).set(VIEW_BLIND, true);
}

/** Every view of a link. */
function eachView(link: u32, call: (handle: u32) => void): void {
  const l = linkAt(link);
  for (let list: u32 = 0; list <= 2; list++) {
    for (let r = l.head(list); r != 0; r = stationAt(r).sibling) {
      for (let n = l.head(list); n != 0; n = stationAt(n).sibling) {
        if (n == r) continue;
        for (let level: u8 = 1; level <= 2; level++) {
          const handle = findView(r, n, level);
          if (handle != 0) call(handle);
        }
      }
    }
  }
}

/** The next frame of a link that nobody could be seen on (C7), or of which that was doubted: then what had passed passes now. */
export function linkSeen(handle: u32, tap: u32, boot: i64): void {
  const link = linkAt(handle);
  if (link.blind != LINK_DOUBTED) {
    if (link.blind == LINK_DARK) tellRestored(handle);
    sightRestored(handle, tap, boot);
    return;
  }
  link.blind = 0;
  for (let level: u32 = 0; level <= 2; level++) for (let h = link.head(level); h != 0; h = stationAt(h).sibling) armStation(h);
  eachView(handle, armView);
  linkIsSeen(handle);
  passDeadlines(tap);
  linkIsSeen(0);
}

let sightTap: u32 = 0;
let sightBoot: i64 = 0;

/** C7: the first frame of a link that was blind: what was up has one hold to show itself again. */
function sightRestored(handle: u32, tap: u32, boot: i64): void {
  const link = linkAt(handle);
  link.blind = 0;
  for (let level: u32 = 0; level <= 2; level++) {
    for (let h = link.head(level); h != 0; h = stationAt(h).sibling) {
      const s = stationAt(h);
      if (s.deadline != 0) {
        s.tap = tap;
        s.deadline = boot + (s.hold as i64) * SECOND;
        armStation(h);
        armMinute(h);
      }
      s.clearGaps();
    }
  }
  sightTap = tap;
  sightBoot = boot;
  eachView(handle, restoreView);
  lspsRestored(handle, tap, boot);
}

function restoreView(handle: u32): void {
  const v = viewAt(handle);
  if (v.deadline == 0) return;
  v.tap = sightTap;
  v.deadline = sightBoot + (v.hold as i64) * SECOND;
  v.set(VIEW_BLIND, true);
  armView(handle);
}

/** After an import: everything is set on the clock that it has to wait for. */
export function armAll(): void {
  for (let h: u32 = 1; h <= stations.highest; h++) {
    if (!stations.isLive(h)) continue;
    armStation(h);
    armMinute(h);
  }
  for (let h: u32 = 1; h <= views.highest; h++) if (views.isLive(h)) armView(h);
  for (let h: u32 = 1; h <= lsdb.highest; h++) if (lsdb.isLive(h)) armLsp(h);
  for (let h: u32 = 1; h <= pendings.highest; h++) if (pendings.isLive(h)) armPending(h);
  for (let h: u32 = 1; h <= causes.highest; h++) if (causes.isLive(h)) armCause(h);
}
