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
import { ErrorEntry, errors, flushError, isErrorDue } from './errors.ts';
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
let due: usize = 0;
let dueCount: u32 = 0;

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
  if (due == 0) due = Memory.allocate(MOST_DUE << 2);
  if (due == 0) return;
  for (let round: u32 = 0; round < MOST_ROUNDS; round++) {
    forgetBlocked();
    if (!fireAll()) break;
  }
  recompute();
}

function fireAll(): bool {
  let fired = fireHeld();
  if (fireViews()) fired = true;
  if (fireSilence()) fired = true;
  if (fireEdges()) fired = true;
  if (fireLsas()) fired = true;
  if (fireErrors()) fired = true;
  if (fireMinutes()) fired = true;
  return fired;
}

function push(at: usize): void {
  if (dueCount == MOST_DUE) return;
  store<u32>(due + ((dueCount as usize) << 2), at as u32);
  dueCount += 1;
}

function dueAt(index: u32): usize {
  return load<u32>(due + ((index as usize) << 2)) as usize;
}

// ---- held transitions ------------------------------------------------------------------------------------------------

function fireHeld(): bool {
  dueCount = 0;
  for (let handle: u32 = 1; handle <= views.highest; handle++) {
    if (!views.isLive(handle)) continue;
    const view = changetype<View>(views.address(handle));
    if (view.heldKind != HELD_NONE && hasPassed(view.router.link, view.heldTap, view.heldDeadline)) push(changetype<usize>(view));
  }
  sortAddresses(due, dueCount, orderHeld);
  for (let i: u32 = 0; i < dueCount; i++) {
    const view = changetype<View>(dueAt(i));
    Now.fromDeadline(view.heldTap, view.heldDeadline, view.heldOffset, view.heldIndex);
    Transition.settle(view);
    flushCounts();
  }
  return dueCount != 0;
}

function orderHeld(a: usize, b: usize): i32 {
  const left = changetype<View>(a);
  const right = changetype<View>(b);
  const one = left.heldDeadline + Taps.wallOffset(left.heldTap);
  const two = right.heldDeadline + Taps.wallOffset(right.heldTap);
  if (one != two) return one < two ? -1 : 1;
  return orderViews(a, b);
}

/** Views in canonical order: their router's interface, then the neighbour's. */
export function orderViews(a: usize, b: usize): i32 {
  const left = changetype<View>(a);
  const right = changetype<View>(b);
  const order = orderAcrossLinks(changetype<usize>(left.router), changetype<usize>(right.router));
  if (order != 0) return order;
  return orderAcrossLinks(changetype<usize>(left.neighbor), changetype<usize>(right.neighbor));
}

// ---- inactivity (O9) -------------------------------------------------------------------------------------------------

function fireViews(): bool {
  dueCount = 0;
  for (let handle: u32 = 1; handle <= views.highest; handle++) {
    if (!views.isLive(handle)) continue;
    const view = changetype<View>(views.address(handle));
    if (view.deadline != 0 && hasPassed(view.router.link, view.acceptedTap, view.deadline)) push(changetype<usize>(view));
  }
  sortAddresses(due, dueCount, orderInactivity);
  for (let i: u32 = 0; i < dueCount; i++) expireView(changetype<View>(dueAt(i)));
  return dueCount != 0;
}

function orderInactivity(a: usize, b: usize): i32 {
  const left = changetype<View>(a);
  const right = changetype<View>(b);
  const one = left.deadline + Taps.wallOffset(left.acceptedTap);
  const two = right.deadline + Taps.wallOffset(right.acceptedTap);
  if (one != two) return one < two ? -1 : 1;
  return orderViews(a, b);
}

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
  flushCounts();
}

// ---- a router's own hold (C4) ----------------------------------------------------------------------------------------

/** Whether a router may fall silent at all. */
function canFallSilent(router: Interface): bool {
  return router.helloCount != 0 && router.silent == 0 && router.link.blind == 0 && !isQuiet(router);
}

/** Boot time at which a router is silent for its own dead interval; a graceful restart gives it its grace period. */
function silenceOf(router: Interface): i64 {
  const silent = router.lastBoot + deadNs(router);
  return router.graceUntil == 0 ? silent : max<i64>(silent, router.graceUntil - Taps.wallOffset(router.tap));
}

function fireSilence(): bool {
  dueCount = 0;
  for (let handle: u32 = 1; handle <= interfaces.highest; handle++) {
    if (!interfaces.isLive(handle)) continue;
    const router = changetype<Interface>(interfaces.address(handle));
    if (canFallSilent(router) && hasPassed(router.link, router.tap, silenceOf(router))) push(changetype<usize>(router));
  }
  sortAddresses(due, dueCount, orderSilence);
  for (let i: u32 = 0; i < dueCount; i++) fallSilent(changetype<Interface>(dueAt(i)));
  return dueCount != 0;
}

function orderSilence(a: usize, b: usize): i32 {
  const left = changetype<Interface>(a);
  const right = changetype<Interface>(b);
  const one = silenceOf(left) + Taps.wallOffset(left.tap);
  const two = silenceOf(right) + Taps.wallOffset(right.tap);
  if (one != two) return one < two ? -1 : 1;
  return orderAcrossLinks(a, b);
}

/** C4: every view of the router on the link is down. */
function fallSilent(router: Interface): void {
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
  flushCounts();
}

// ---- edges, LSAs, errors, minutes --------------------------------------------------------------------------------------

function fireEdges(): bool {
  dueCount = 0;
  for (let handle: u32 = 1; handle <= edges.highest; handle++) {
    if (!edges.isLive(handle)) continue;
    const edge = changetype<Edge>(edges.address(handle));
    if (isEdgeDue(edge)) push(changetype<usize>(edge));
  }
  sortAddresses(due, dueCount, orderEdges);
  for (let i: u32 = 0; i < dueCount; i++) expireEdge(changetype<Edge>(dueAt(i)));
  return dueCount != 0;
}

function fireLsas(): bool {
  dueCount = 0;
  for (let handle: u32 = 1; handle <= lsdb.highest; handle++) {
    if (!lsdb.isLive(handle)) continue;
    const entry = changetype<LsdbEntry>(lsdb.address(handle));
    if (isExpired(entry)) push(changetype<usize>(entry));
  }
  sortAddresses(due, dueCount, orderExpiry);
  for (let i: u32 = 0; i < dueCount; i++) expireLsa(changetype<LsdbEntry>(dueAt(i)));
  return dueCount != 0;
}

function orderExpiry(a: usize, b: usize): i32 {
  const left = changetype<LsdbEntry>(a);
  const right = changetype<LsdbEntry>(b);
  const one = expiryOf(left) + Taps.wallOffset(left.tap);
  const two = expiryOf(right) + Taps.wallOffset(right.tap);
  if (one != two) return one < two ? -1 : 1;
  return orderLsas(a, b);
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

function fireErrors(): bool {
  dueCount = 0;
  for (let handle: u32 = 1; handle <= errors.highest; handle++) {
    if (!errors.isLive(handle)) continue;
    const entry = changetype<ErrorEntry>(errors.address(handle));
    if (isErrorDue(entry)) push(changetype<usize>(entry));
  }
  sortAddresses(due, dueCount, orderErrors);
  for (let i: u32 = 0; i < dueCount; i++) flushError(changetype<ErrorEntry>(dueAt(i)));
  return dueCount != 0;
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

function fireMinutes(): bool {
  dueCount = 0;
  for (let handle: u32 = 1; handle <= interfaces.highest; handle++) {
    if (!interfaces.isLive(handle)) continue;
    const router = changetype<Interface>(interfaces.address(handle));
    if (router.helloCount != 0 && Taps.clock(router.tap) >= nextMinute(router)) push(changetype<usize>(router));
  }
  sortAddresses(due, dueCount, orderAcrossLinks);
  for (let i: u32 = 0; i < dueCount; i++) emitMinute(changetype<Interface>(dueAt(i)));
  return dueCount != 0;
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
    if (entry.pending != 0) Earliest.lower(entry.tap, entry.lastBoot + 60_000_000_000);
  }
}
