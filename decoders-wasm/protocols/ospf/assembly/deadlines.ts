/** Deadlines: in order of (time, canonical key), each once it has passed on the clocks of all live taps of its link. */
import { Taps } from '../../../base/assembly/frame.ts';
import { Memory } from '../../../base/assembly/memory.ts';
import { TAP_ALL } from '../../../base/assembly/generated/frame.ts';
import { EVIDENCE_TIMER } from '../../../base/assembly/envelope.ts';
import {
  ADJACENCY_DOWN, ADJACENCY_UNKNOWN, REASON_GRACE_PERIOD_EXPIRED, REASON_INACTIVITY_TIMER, REASON_ROUTER_SILENT,
} from '../../../base/assembly/generated/constants.ts';
import { emitMinute, flushCounts, markCounts, nextMinute, orderAcrossLinks } from './counts.ts';
import { Earliest, forgetBlocked, hasPassed, isBlocked, Now } from './clock.ts';
import { HELD_NONE, Interface, interfaces, View, views } from './entries.ts';
import { errorDeadline, ErrorEntry, errors, flushError, isErrorDue } from './errors.ts';
import { watchDesignated } from './lan.ts';
import { findView } from './links.ts';
import { ages, expireLsa, expiryOf, isExpired, lsdb, LsdbEntry } from './lsdb.ts';
import { deadNs, isDemandCircuit, isOverdueAt, isPossibleNeighbor, isQuiet } from './shadow.ts';
import { sortAddresses } from './sort.ts';
import { hears, Transition } from './transitions.ts';
import { Edge, edges, expireEdge, isEdgeDue, orderEdges } from './edges.ts';

const MOST_DUE: u32 = 65536;
/** Rounds of one moment: what fires may set what is due at once. */
const MOST_ROUNDS: u32 = 8;

/** Kinds, in the order in which they fire at one instant. */
const DUE_HELD: u32 = 0;
const DUE_VIEW: u32 = 1;
const DUE_SILENCE: u32 = 2;
const DUE_EDGE: u32 = 3;
const DUE_LSA: u32 = 4;
const DUE_ERROR: u32 = 5;
const DUE_MINUTE: u32 = 6;

/** One deadline that has passed: wall time, whose clock, what, and the entry. */
@unmanaged
class Due {
  wall: i64;
  tap: u32;
  kind: u32;
  entry: usize;
  pad: u32;
}

let records: usize = 0;
let list: usize = 0;
let count: u32 = 0;

/** The clock of `tap` (TAP_ALL: of every tap) has moved: cheap while nothing can be due. */
export function passDeadlines(tap: u32): void {
  if (isBlocked()) return scan();
  if (tap != TAP_ALL) {
    if (tap < Taps.count && Taps.clock(tap) >= Earliest.at(tap)) scan();
    return;
  }
  for (let i: u32 = 0; i < Taps.count; i++) {
    if (Taps.clock(i) >= Earliest.at(i)) {
      scan();
      return;
    }
  }
}

function scan(): void {
  if (records == 0) {
    records = Memory.allocate(MOST_DUE * offsetof<Due>());
    list = Memory.allocate(MOST_DUE << 2);
    if (list == 0) records = 0;
  }
  if (records == 0) return;
  for (let round: u32 = 0; round < MOST_ROUNDS; round++) {
    forgetBlocked();
    count = 0;
    collect();
    if (count == 0) break;
    sortAddresses(list, count, orderDue);
    for (let i: u32 = 0; i < count; i++) fire(changetype<Due>(load<u32>(list + ((i as usize) << 2)) as usize));
  }
  recompute();
}

// ---- what is due -----------------------------------------------------------------------------------------------------

function push(kind: u32, entry: usize): void {
  if (count == MOST_DUE) return;
  const due = changetype<Due>(records + (count * offsetof<Due>()) as usize);
  due.kind = kind;
  due.entry = entry;
  due.tap = tapOf(kind, entry);
  due.wall = bootOf(kind, entry) + Taps.wallOffset(due.tap);
  store<u32>(list + ((count as usize) << 2), changetype<usize>(due) as u32);
  count += 1;
}

function collect(): void {
  for (let handle: u32 = 1; handle <= views.highest; handle++) {
    if (!views.isLive(handle)) continue;
    const view = changetype<View>(views.address(handle));
    const link = view.router.link;
    if (view.heldKind != HELD_NONE && hasPassed(link, view.heldTap, view.heldDeadline)) push(DUE_HELD, changetype<usize>(view));
    if (view.deadline != 0 && hasPassed(link, view.acceptedTap, view.deadline)) push(DUE_VIEW, changetype<usize>(view));
  }
  for (let handle: u32 = 1; handle <= interfaces.highest; handle++) {
    if (!interfaces.isLive(handle)) continue;
    const router = changetype<Interface>(interfaces.address(handle));
    if (canFallSilent(router) && hasPassed(router.link, router.tap, silenceOf(router))) push(DUE_SILENCE, changetype<usize>(router));
    if (router.helloCount != 0 && Taps.clock(router.tap) >= nextMinute(router)) push(DUE_MINUTE, changetype<usize>(router));
  }
  for (let handle: u32 = 1; handle <= edges.highest; handle++) {
    if (edges.isLive(handle) && isEdgeDue(changetype<Edge>(edges.address(handle)))) push(DUE_EDGE, edges.address(handle));
  }
  for (let handle: u32 = 1; handle <= lsdb.highest; handle++) {
    if (lsdb.isLive(handle) && isExpired(changetype<LsdbEntry>(lsdb.address(handle)))) push(DUE_LSA, lsdb.address(handle));
  }
  for (let handle: u32 = 1; handle <= errors.highest; handle++) {
    if (errors.isLive(handle) && isErrorDue(changetype<ErrorEntry>(errors.address(handle)))) push(DUE_ERROR, errors.address(handle));
  }
}

function tapOf(kind: u32, entry: usize): u32 {
  if (kind == DUE_HELD) return changetype<View>(entry).heldTap;
  if (kind == DUE_VIEW) return changetype<View>(entry).acceptedTap;
  if (kind == DUE_EDGE) return changetype<Edge>(entry).tap;
  if (kind == DUE_LSA) return changetype<LsdbEntry>(entry).tap;
  if (kind == DUE_ERROR) return changetype<ErrorEntry>(entry).tap;
  return changetype<Interface>(entry).tap;
}

function bootOf(kind: u32, entry: usize): i64 {
  if (kind == DUE_HELD) return changetype<View>(entry).heldDeadline;
  if (kind == DUE_VIEW) return changetype<View>(entry).deadline;
  if (kind == DUE_EDGE) return changetype<Edge>(entry).heldDeadline;
  if (kind == DUE_LSA) return expiryOf(changetype<LsdbEntry>(entry));
  if (kind == DUE_ERROR) return errorDeadline(changetype<ErrorEntry>(entry));
  if (kind == DUE_MINUTE) return nextMinute(changetype<Interface>(entry));
  return silenceOf(changetype<Interface>(entry));
}

/** In order of (wall time, tap, kind, canonical key of the entry). */
function orderDue(a: usize, b: usize): i32 {
  const left = changetype<Due>(a);
  const right = changetype<Due>(b);
  if (left.wall != right.wall) return left.wall < right.wall ? -1 : 1;
  if (left.tap != right.tap) return left.tap < right.tap ? -1 : 1;
  if (left.kind != right.kind) return left.kind < right.kind ? -1 : 1;
  if (left.kind <= DUE_VIEW) return orderViews(left.entry, right.entry);
  if (left.kind == DUE_EDGE) return orderEdges(left.entry, right.entry);
  if (left.kind == DUE_LSA) return orderLsas(left.entry, right.entry);
  if (left.kind == DUE_ERROR) return orderErrors(left.entry, right.entry);
  return orderAcrossLinks(left.entry, right.entry);
}

/** Fires a deadline, unless one before it at this moment has moved or ended it. */
function fire(due: Due): void {
  const entry = due.entry;
  if (load<u32>(entry, 8) == 0 || tapOf(due.kind, entry) != due.tap) return;
  if (bootOf(due.kind, entry) + Taps.wallOffset(due.tap) != due.wall) return;
  if (due.kind == DUE_HELD) settleHeld(changetype<View>(entry));
  else if (due.kind == DUE_VIEW) expireView(changetype<View>(entry));
  else if (due.kind == DUE_SILENCE) fallSilent(changetype<Interface>(entry));
  else if (due.kind == DUE_EDGE) expireEdge(changetype<Edge>(entry));
  else if (due.kind == DUE_LSA) expireLsa(changetype<LsdbEntry>(entry));
  else if (due.kind == DUE_ERROR) flushError(changetype<ErrorEntry>(entry));
  else emitMinute(changetype<Interface>(entry));
  flushCounts();
}

// ---- what each does ----------------------------------------------------------------------------------------------------

function settleHeld(view: View): void {
  if (view.heldKind == HELD_NONE) return;
  Now.fromDeadline(view.heldTap, view.heldDeadline, view.heldOffset, view.heldIndex);
  Transition.settle(view);
}

/** O9: no accepted hello for RouterDeadInterval. */
function expireView(view: View): void {
  const deadline = view.deadline;
  if (deadline == 0) return;
  Now.fromDeadline(view.acceptedTap, deadline, view.acceptedOffset, view.acceptedIndex);
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
  Now.fromDeadline(router.tap, silenceOf(router), router.frameOffset, router.frameIndex);
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

// ---- the earliest deadline a tap ---------------------------------------------------------------------------------------

/** Makes the bounds exact again. */
export function recompute(): void {
  Earliest.forget();
  for (let handle: u32 = 1; handle <= views.highest; handle++) {
    if (!views.isLive(handle)) continue;
    const view = changetype<View>(views.address(handle));
    if (view.router.link.blind != 0) continue;
    if (view.deadline != 0) Earliest.lower(view.acceptedTap, view.deadline);
    if (view.heldKind != HELD_NONE) Earliest.lower(view.heldTap, view.heldDeadline);
  }
  for (let handle: u32 = 1; handle <= interfaces.highest; handle++) {
    if (!interfaces.isLive(handle)) continue;
    const router = changetype<Interface>(interfaces.address(handle));
    if (router.helloCount == 0) continue;
    if (canFallSilent(router)) Earliest.lower(router.tap, silenceOf(router));
    Earliest.lower(router.tap, nextMinute(router));
  }
  for (let handle: u32 = 1; handle <= lsdb.highest; handle++) {
    if (!lsdb.isLive(handle)) continue;
    const entry = changetype<LsdbEntry>(lsdb.address(handle));
    if (ages(entry)) Earliest.lower(entry.tap, expiryOf(entry));
  }
  for (let handle: u32 = 1; handle <= edges.highest; handle++) {
    if (!edges.isLive(handle)) continue;
    const edge = changetype<Edge>(edges.address(handle));
    if (edge.heldDeadline != 0) Earliest.lower(edge.tap, edge.heldDeadline);
  }
  for (let handle: u32 = 1; handle <= errors.highest; handle++) {
    if (!errors.isLive(handle)) continue;
    const entry = changetype<ErrorEntry>(errors.address(handle));
    if (entry.pending != 0) Earliest.lower(entry.tap, errorDeadline(entry));
  }
}
