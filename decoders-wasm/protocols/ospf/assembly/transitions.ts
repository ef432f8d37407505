/** Changes of a view's state: at once, or held until a later frame or a deadline says which it was (O2, O7). */
import {
  ADJACENCY_2_WAY, ADJACENCY_ATTEMPT, ADJACENCY_EXCHANGE, ADJACENCY_EXSTART, ADJACENCY_FULL, ADJACENCY_INIT,
  ADJACENCY_LOADING, REASON_CHANGED_WHILE_BLIND, REASON_EXCHANGE_DONE, REASON_TWO_WAY_RECEIVED,
} from '../../../base/assembly/generated/constants.ts';
import { EVIDENCE_DECLARED, EVIDENCE_INFERRED } from '../../../base/assembly/envelope.ts';
import { markCounts } from './counts.ts';
import { MILLISECOND, Now } from './clock.ts';
import { DUE_HELD, DUE_SILENCE } from './deadlines.ts';
import { Due, Timer } from './due.ts';
import {
  HELD_FULL, HELD_NONE, HELD_TWO_WAY, headers, Interface, OfferedHeader, View,
} from './entries.ts';
import { OPTION_DC } from './iana.ts';
import { findView } from './links.ts';
import { emitAdjacency } from './rows.ts';

/** A DBD that makes init to exstart one event follows its hello within this time (O2); another tap's clock may be behind. */
export const TWO_WAY_WAIT: i64 = 100 * MILLISECOND;

/** Init or better: the router hears the neighbour. */
export function hears(state: u8): bool {
  return state >= ADJACENCY_INIT && state != ADJACENCY_ATTEMPT;
}

@unmanaged
export class Transition {
  /** The view goes to `state`, effective at `time` (wall ns). A held transition is settled first, or merged (O2). */
  static to(view: View, state: u8, reason: u8, time: i64, evidence: u8): void {
    if (view.heldKind == HELD_TWO_WAY && state == ADJACENCY_EXSTART && time - view.heldTime <= TWO_WAY_WAIT) {
      // O2: the router's DBD follows the hello: init to exstart is one event.
      time = view.heldTime;
      reason = REASON_TWO_WAY_RECEIVED;
      evidence = EVIDENCE_DECLARED;
      Transition.release(view);
    } else {
      Transition.settle(view);
    }
    Transition.change(view, state, reason, time, evidence, false);
  }

  /** First sight (C6): one row from unknown. */
  static initial(view: View, state: u8, reason: u8, time: i64, evidence: u8): void {
    Transition.settle(view);
    Transition.change(view, state, reason, time, evidence, true);
  }

  /** The view is thought to be in `state` since now; the row waits until `settle`, at the latest `wait` ns from now. */
  static hold(view: View, kind: u8, state: u8, reason: u8, evidence: u8, wait: i64, initial: bool): void {
    Transition.settle(view);
    view.heldKind = kind;
    view.heldReason = reason;
    view.heldEvidence = evidence;
    view.heldInitial = initial ? 1 : 0;
    view.heldTap = Now.tap;
    view.heldTime = Now.time;
    view.heldDeadline = Now.boot + wait;
    view.heldNumber = Now.number;
    view.heldOffset = Now.offset;
    view.heldIndex = Now.index;
    Due.schedule(changetype<Timer>(changetype<usize>(view) + offsetof<View>('heldTimer')), DUE_HELD);
    Transition.enter(view, state, Now.time);
  }

  /** What was held is so: its row is written, back-dated. */
  static settle(view: View): void {
    if (view.heldKind == HELD_NONE) return;
    const state = view.state;
    const reason = view.heldReason;
    const evidence = view.heldEvidence;
    const time = view.heldTime;
    const initial = view.heldInitial != 0;
    Transition.release(view);
    balance(view);
    if (state != view.shown) emit(view, state, reason, time, evidence, initial);
  }

  /** What was held is not so (a repeated LSR): back to loading. */
  static withdraw(view: View): void {
    if (view.heldKind != HELD_FULL) return;
    const done = view.heldReason == REASON_EXCHANGE_DONE;
    const time = view.heldTime;
    Transition.release(view);
    Transition.enter(view, ADJACENCY_LOADING, view.since);
    if (done && view.shown != ADJACENCY_LOADING) emit(view, ADJACENCY_LOADING, REASON_EXCHANGE_DONE, time, EVIDENCE_INFERRED, false);
  }

  private static release(view: View): void {
    view.heldKind = HELD_NONE;
    view.heldDeadline = 0;
  }

  private static change(view: View, state: u8, reason: u8, time: i64, evidence: u8, initial: bool): void {
    Transition.enter(view, state, time);
    if (view.shown != state) emit(view, state, reason, time, evidence, initial);
  }

  private static enter(view: View, state: u8, time: i64): void {
    view.state = state;
    view.since = time;
    view.unproven = 0;
    balance(view);
    // What made its router's silence mean nothing may be over.
    if ((view.router.options & OPTION_DC) != 0 && state != ADJACENCY_FULL) watchSilence(view.router);
    if (state < ADJACENCY_EXCHANGE || state == ADJACENCY_ATTEMPT) forgetExchange(view);
  }
}

/** Sets the timer of the router's silence. */
export function watchSilence(router: Interface): void {
  Due.schedule(changetype<Timer>(changetype<usize>(router) + offsetof<Interface>('timer')), DUE_SILENCE);
}

function emit(view: View, state: u8, reason: u8, time: i64, evidence: u8, initial: bool): void {
  if (view.blind != 0) {
    view.blind = 0;
    reason = REASON_CHANGED_WHILE_BLIND;
  }
  emitAdjacency(view, state, reason, time, evidence, initial);
  if (view.shown >= ADJACENCY_2_WAY) view.router.adjacent -= 1;
  if (state >= ADJACENCY_2_WAY) view.router.adjacent += 1;
  view.shown = state;
  if (hears(state)) view.refusal = 0;
  markCounts(view.router);
}

/** Whether LSUs matter to the view's request set: exchange, loading, or full that is not confirmed. */
export function isExchanging(view: View): bool {
  return view.state == ADJACENCY_EXCHANGE || view.state == ADJACENCY_LOADING
    || (view.state == ADJACENCY_FULL && view.heldKind == HELD_FULL);
}

/** Keeps the link's count of exchanging views; a request set ends with them. */
function balance(view: View): void {
  const after = isExchanging(view);
  if (after == (view.counted != 0)) return;
  view.counted = after ? 1 : 0;
  if (after) {
    view.router.link.exchanging += 1;
    return;
  }
  view.router.link.exchanging -= 1;
  view.open = 0;
  const offer = findView(view.neighbor, view.router);
  if (offer !== null) forgetOffered(offer);
}

/** A view that a checkpoint brought back is counted in its link. */
export function recount(view: View): void {
  if (view.shown >= ADJACENCY_2_WAY) view.router.adjacent += 1;
  if (!isExchanging(view)) return;
  view.counted = 1;
  view.router.link.exchanging += 1;
}

/** Below exchange nothing of the last exchange counts. */
function forgetExchange(view: View): void {
  forgetOffered(view);
  view.open = 0;
  if (view.state < ADJACENCY_EXSTART) {
    view.ddSeen = 0;
    view.ddFlags = 0;
    view.ddInitial = 0;
    view.ddSequence = 0;
    view.exstartRepeats = 0;
  }
}

/** Frees the headers that the view's router offered. */
export function forgetOffered(view: View): void {
  let header = view.offered;
  while (changetype<usize>(header) != 0) {
    const following = header.following;
    headers.remove(header.handle);
    header = following;
  }
  view.offered = changetype<OfferedHeader>(0);
  view.offeredCount = 0;
}
