/** Deadlines: in order of (time, kind, canonical key), each once it has passed on the clocks of all live taps of its link. */
import { Taps } from '../../../base/assembly/frame.ts';
import { TAP_ALL } from '../../../base/assembly/generated/frame.ts';
import { EVIDENCE_TIMER } from '../../../base/assembly/envelope.ts';
import {
  ADJACENCY_DOWN, ADJACENCY_UNKNOWN, REASON_GRACE_PERIOD_EXPIRED, REASON_INACTIVITY_TIMER, REASON_ROUTER_SILENT,
} from '../../../base/assembly/generated/constants.ts';
import { emitMinute, flushCounts, markCounts, nextMinute, orderAcrossLinks } from './counts.ts';
import { Now } from './clock.ts';
import { isDark } from './darkness.ts';
import { Due, NO_DEADLINE, Timer } from './due.ts';
import { HELD_NONE, Interface, interfaces, Link, View, views } from './entries.ts';
import { errorDeadline, ErrorEntry, errors, flushError } from './errors.ts';
import { watchDesignated } from './lan.ts';
import { findView } from './links.ts';
import { ages, expireLsa, expiryOf, lsdb, LsdbEntry } from './lsdb.ts';
import { deadNs, isDemandCircuit, isOverdueAt, isPossibleNeighbor, isQuiet } from './presence.ts';
import { hears, Transition } from './transitions.ts';
import { expireEdge } from './edges.ts';
import { Edge, edges, orderEdges } from './graph.ts';

/** Most that fire at one moment; the rest at the next record. */
const MOST_FIRED: u32 = 1 << 20;
const MOST_TAPS: u32 = 4096;
/** Wall offset of each tap under which the timers were set. */
const offsets: usize = memory.data(4096 * 8, 8);

/** Kinds, in the order in which they fire at one instant. */
export const DUE_HELD: u32 = 0;
export const DUE_VIEW: u32 = 1;
export const DUE_SILENCE: u32 = 2;
export const DUE_EDGE: u32 = 3;
export const DUE_LSA: u32 = 4;
export const DUE_ERROR: u32 = 5;
export const DUE_MINUTE: u32 = 6;

/** The clock of `tap` (TAP_ALL: of every tap) has moved: cheap while nothing can be due. */
export function passDeadlines(tap: u32): void {
  if (tap != TAP_ALL && !Due.recheck) {
    if (tap >= Taps.count || !Due.mayBe(tap)) return;
    Due.collect(tap);
  } else {
    collectAll();
  }
  let fired: u32 = 0;
  for (; fired < MOST_FIRED; fired++) {
    let timer = Due.take();
    if (timer === null && Due.recheck) {
      // What fired has set what is due already.
      collectAll();
      timer = Due.take();
    }
    if (timer === null) return;
    fire(timer);
  }
  Due.recheck = true;
}

function collectAll(): void {
  Due.recheck = false;
  for (let tap: u32 = 0; tap < Taps.count; tap++) Due.collect(tap);
}

/** Before a chunk: taps whose wall clock was set anew have their deadlines at other wall times. */
export function watchOffsets(): void {
  let changed = false;
  for (let tap: u32 = 0; tap < min<u32>(Taps.count, MOST_TAPS); tap++) {
    const slot = offsets + ((tap as usize) << 3);
    if (load<i64>(slot) == Taps.wallOffset(tap)) continue;
    store<i64>(slot, Taps.wallOffset(tap));
    changed = true;
  }
  if (changed) rescheduleAll();
}

/** Sets every timer anew. */
export function rescheduleAll(): void {
  for (let handle: u32 = 1; handle <= views.highest; handle++) {
    if (views.isLive(handle)) scheduleView(changetype<View>(views.address(handle)));
  }
  for (let handle: u32 = 1; handle <= interfaces.highest; handle++) {
    if (interfaces.isLive(handle)) scheduleRouter(changetype<Interface>(interfaces.address(handle)));
  }
  for (let handle: u32 = 1; handle <= edges.highest; handle++) {
    if (edges.isLive(handle)) anew(edges.address(handle) + offsetof<Edge>('timer'), DUE_EDGE);
  }
  for (let handle: u32 = 1; handle <= lsdb.highest; handle++) {
    if (lsdb.isLive(handle)) anew(lsdb.address(handle) + offsetof<LsdbEntry>('timer'), DUE_LSA);
  }
  for (let handle: u32 = 1; handle <= errors.highest; handle++) {
    if (errors.isLive(handle)) anew(errors.address(handle) + offsetof<ErrorEntry>('timer'), DUE_ERROR);
  }
  Due.recheck = true;
}

/** Sets both timers of a view anew. */
export function scheduleView(view: View): void {
  anew(changetype<usize>(view) + offsetof<View>('heldTimer'), DUE_HELD);
  anew(changetype<usize>(view) + offsetof<View>('timer'), DUE_VIEW);
}

/** Sets both timers of a router's interface anew. */
export function scheduleRouter(router: Interface): void {
  anew(changetype<usize>(router) + offsetof<Interface>('timer'), DUE_SILENCE);
  anew(changetype<usize>(router) + offsetof<Interface>('minuteTimer'), DUE_MINUTE);
}

/** A view ends. */
export function cancelView(view: View): void {
  Due.cancel(changetype<Timer>(changetype<usize>(view) + offsetof<View>('heldTimer')));
  Due.cancel(changetype<Timer>(changetype<usize>(view) + offsetof<View>('timer')));
}

/** An interface ends. */
export function cancelRouter(router: Interface): void {
  Due.cancel(changetype<Timer>(changetype<usize>(router) + offsetof<Interface>('timer')));
  Due.cancel(changetype<Timer>(changetype<usize>(router) + offsetof<Interface>('minuteTimer')));
}

function anew(timer: usize, kind: u32): void {
  Due.cancel(changetype<Timer>(timer));
  Due.schedule(changetype<Timer>(timer), kind);
}

// ---- what a timer stands for -------------------------------------------------------------------------------------------

/** Address of the entry that the timer lies in. */
function entryOf(timer: Timer): usize {
  const at = changetype<usize>(timer);
  if (timer.kind == DUE_HELD) return at - offsetof<View>('heldTimer');
  if (timer.kind == DUE_VIEW) return at - offsetof<View>('timer');
  if (timer.kind == DUE_EDGE) return at - offsetof<Edge>('timer');
  if (timer.kind == DUE_LSA) return at - offsetof<LsdbEntry>('timer');
  if (timer.kind == DUE_ERROR) return at - offsetof<ErrorEntry>('timer');
  if (timer.kind == DUE_MINUTE) return at - offsetof<Interface>('minuteTimer');
  return at - offsetof<Interface>('timer');
}

/** The tap on whose boot clock the deadline lies. */
export function tapOf(timer: Timer): u32 {
  const kind = timer.kind;
  const entry = entryOf(timer);
  if (kind == DUE_HELD) return changetype<View>(entry).heldTap;
  if (kind == DUE_VIEW) return changetype<View>(entry).acceptedTap;
  if (kind == DUE_EDGE) return changetype<Edge>(entry).tap;
  if (kind == DUE_LSA) return changetype<LsdbEntry>(entry).tap;
  if (kind == DUE_ERROR) return changetype<ErrorEntry>(entry).tap;
  return changetype<Interface>(entry).tap;
}

/** Boot time of the deadline; NO_DEADLINE when the entry has none of this kind. */
export function bootOf(timer: Timer): i64 {
  const kind = timer.kind;
  const entry = entryOf(timer);
  if (kind == DUE_HELD) {
    const view = changetype<View>(entry);
    return view.heldKind == HELD_NONE ? NO_DEADLINE : view.heldDeadline;
  }
  if (kind == DUE_VIEW) {
    const view = changetype<View>(entry);
    return view.deadline == 0 ? NO_DEADLINE : view.deadline;
  }
  if (kind == DUE_EDGE) {
    const edge = changetype<Edge>(entry);
    return edge.heldDeadline == 0 ? NO_DEADLINE : edge.heldDeadline;
  }
  if (kind == DUE_LSA) {
    const lsa = changetype<LsdbEntry>(entry);
    return ages(lsa) ? expiryOf(lsa) : NO_DEADLINE;
  }
  if (kind == DUE_ERROR) {
    const error = changetype<ErrorEntry>(entry);
    return error.pending == 0 ? NO_DEADLINE : errorDeadline(error);
  }
  const router = changetype<Interface>(entry);
  if (router.helloCount == 0) return NO_DEADLINE;
  if (kind == DUE_MINUTE) return nextMinute(router);
  return router.silent != 0 ? NO_DEADLINE : silenceOf(router);
}

/** The link all of whose live taps must have passed the deadline; none where the clock of its own tap is enough. */
export function linkOf(timer: Timer): Link {
  const kind = timer.kind;
  const entry = entryOf(timer);
  if (kind == DUE_HELD || kind == DUE_VIEW) return changetype<View>(entry).router.link;
  return kind == DUE_SILENCE ? changetype<Interface>(entry).link : changetype<Link>(0);
}

/** Order of ready timers of one wall time: kind, then the canonical key of the entry. */
export function orderReady(a: Timer, b: Timer): i32 {
  if (a.kind != b.kind) return a.kind < b.kind ? -1 : 1;
  const left = entryOf(a);
  const right = entryOf(b);
  if (a.kind <= DUE_VIEW) return orderViews(left, right);
  if (a.kind == DUE_EDGE) return orderEdges(left, right);
  if (a.kind == DUE_LSA) return orderLsas(left, right);
  if (a.kind == DUE_ERROR) return orderErrors(left, right);
  return orderAcrossLinks(left, right);
}

/** Fires a ready deadline, unless one before it has moved or ended it. */
function fire(timer: Timer): void {
  const boot = bootOf(timer);
  const isStill = boot != NO_DEADLINE && boot + Taps.wallOffset(tapOf(timer)) == timer.at;
  const entry = entryOf(timer);
  if (isStill) {
    act(timer.kind, entry);
    // A router whose silence means nothing waits for its next hello, or for the view that makes it mean nothing.
    if (timer.kind == DUE_SILENCE) return;
  }
  // What is done with has no handle any more.
  if (load<u32>(entry, 8) != 0) Due.consider(timer);
}

function act(kind: u32, entry: usize): void {
  if (kind == DUE_HELD) settleHeld(changetype<View>(entry));
  else if (kind == DUE_VIEW) expireView(changetype<View>(entry));
  else if (kind == DUE_SILENCE) fallSilent(changetype<Interface>(entry));
  else if (kind == DUE_EDGE) expireEdge(changetype<Edge>(entry));
  else if (kind == DUE_LSA) expireLsa(changetype<LsdbEntry>(entry));
  else if (kind == DUE_ERROR) flushError(changetype<ErrorEntry>(entry));
  else emitMinute(changetype<Interface>(entry));
  flushCounts();
}

// ---- what each does ----------------------------------------------------------------------------------------------------

function settleHeld(view: View): void {
  if (view.heldKind == HELD_NONE) return;
  Now.fromDeadline(DUE_HELD, view.heldTap, view.heldDeadline, view.heldNumber, view.heldOffset, view.heldIndex);
  aboutView(view);
  Transition.settle(view);
}

function aboutView(view: View): void {
  Now.about(view.router.area, view.router.id, view.router.address);
  Now.about(view.neighbor.area, view.neighbor.id, view.neighbor.address);
}

/** O9: no accepted hello for RouterDeadInterval. */
function expireView(view: View): void {
  const deadline = view.deadline;
  if (deadline == 0) return;
  Now.fromDeadline(DUE_VIEW, view.acceptedTap, deadline, view.acceptedNumber, view.acceptedOffset, view.acceptedIndex);
  aboutView(view);
  if (hears(view.state) && !isDemandCircuit(view) && isDark(view.neighbor)) return;
  view.deadline = 0;
  if (!hears(view.state) || isDemandCircuit(view)) return;
  const neighbor = view.neighbor;
  const grace = neighbor.graceUntil;
  if (grace > Now.time) {
    // RFC 3623 3: the helper keeps the adjacency for the grace period.
    view.deadline = grace - Taps.wallOffset(view.acceptedTap);
    view.graceHeld = 1;
    return;
  }
  if (isOverdueAt(view.router, Now.time)) {
    view.withheld = 1;
    return;
  }
  const reason = view.graceHeld != 0 ? REASON_GRACE_PERIOD_EXPIRED : REASON_INACTIVITY_TIMER;
  view.graceHeld = 0;
  Transition.to(view, ADJACENCY_DOWN, reason, Now.time, EVIDENCE_TIMER);
}

/** Whether a router may fall silent at all. */
function canFallSilent(router: Interface): bool {
  return router.helloCount != 0 && router.silent == 0 && router.link.blind == 0 && !isQuiet(router);
}

/** Boot time at which a router is silent for its own dead interval; a graceful restart gives it its grace period. */
function silenceOf(router: Interface): i64 {
  const silent = router.lastBoot + deadNs(router);
  return router.graceUntil == 0 ? silent : max<i64>(silent, router.graceUntil - Taps.wallOffset(router.tap));
}

/** C4: every view of the router on the link is down. */
function fallSilent(router: Interface): void {
  if (!canFallSilent(router)) return;
  Now.fromDeadline(DUE_SILENCE, router.tap, silenceOf(router), router.frameNumber, router.frameOffset, router.frameIndex);
  Now.about(router.area, router.id, router.address);
  if (isDark(router)) return;
  router.silent = 1;
  router.designated = 0;
  for (let other = router.link.first; changetype<usize>(other) != 0; other = other.following) {
    if (!isPossibleNeighbor(router, other)) continue;
    const view = findView(router, other);
    if (view === null) continue;
    if (view.state == ADJACENCY_UNKNOWN) continue;
    if (!hears(view.state) || isDemandCircuit(view)) continue;
    view.deadline = 0;
    view.withheld = 0;
    view.listed = 0;
    Transition.to(view, ADJACENCY_DOWN, REASON_ROUTER_SILENT, Now.time, EVIDENCE_TIMER);
  }
  markCounts(router);
  watchDesignated(router.link);
}

// ---- orders ------------------------------------------------------------------------------------------------------------

/** Views in canonical order: their router's interface, then the neighbour's. */
export function orderViews(a: usize, b: usize): i32 {
  const left = changetype<View>(a);
  const right = changetype<View>(b);
  const order = orderAcrossLinks(changetype<usize>(left.router), changetype<usize>(right.router));
  if (order != 0) return order;
  return orderAcrossLinks(changetype<usize>(left.neighbor), changetype<usize>(right.neighbor));
}

/** LSAs by key. */
export function orderLsas(a: usize, b: usize): i32 {
  const from = offsetof<LsdbEntry>('shadow');
  for (let offset = from; offset < offsetof<LsdbEntry>('length'); offset += 4) {
    const one = load<u32>(a + offset);
    const two = load<u32>(b + offset);
    if (one != two) return one < two ? -1 : 1;
  }
  return 0;
}

/** Errors by key. */
export function orderErrors(a: usize, b: usize): i32 {
  const from = offsetof<ErrorEntry>('context');
  for (let offset = from; offset < offsetof<ErrorEntry>('found'); offset += 4) {
    const one = load<u32>(a + offset);
    const two = load<u32>(b + offset);
    if (one != two) return one < two ? -1 : 1;
  }
  return 0;
}

