/**
 * Which deadline comes next on the clock of each tap: one skew heap for each tap (Sleator and Tarjan, 1986), whose
 * nodes stand in the entries themselves, so that setting and taking out never fails and nothing is ever scanned.
 */
import { MOST_TAPS, Taps } from '../../../base/assembly/frame.ts';
import { Memory } from '../../../base/assembly/memory.ts';
import { Cause, causeAt } from './cause.ts';
import { LspEntry, lspAt } from './lsdb.ts';
import { Pending, pendingAt } from './pendings.ts';
import { Station, stationAt } from './station.ts';
import { View, viewAt } from './view.ts';

/** Kinds, in the order in which they fire at one instant. */
export const DUE_STATION: u32 = 0;
export const DUE_VIEW: u32 = 1;
export const DUE_LSP: u32 = 2;
export const DUE_PENDING: u32 = 3;
export const DUE_MINUTE: u32 = 4;
export const DUE_CAUSE: u32 = 5;

const KIND_SHIFT: u32 = 28;
const HANDLE_MASK: u32 = (1 << 28) - 1;

/** The node within an entry: `at` ns on the boot clock of tap `tapPlus1 - 1`; `tapPlus1` 0 while it is in no heap. */
@unmanaged
export class Timer {
  at: i64;
  left: u32;
  right: u32;
  parent: u32;
  tapPlus1: u32;
}

/** The node of an entry. */
export function timerOf(kind: u32, handle: u32): Timer {
  if (kind == DUE_VIEW) return changetype<Timer>(changetype<usize>(viewAt(handle)) + offsetof<View>('timerAt'));
  if (kind == DUE_LSP) return changetype<Timer>(changetype<usize>(lspAt(handle)) + offsetof<LspEntry>('timerAt'));
  if (kind == DUE_PENDING) return changetype<Timer>(changetype<usize>(pendingAt(handle)) + offsetof<Pending>('timerAt'));
  if (kind == DUE_CAUSE) return changetype<Timer>(changetype<usize>(causeAt(handle)) + offsetof<Cause>('timerAt'));
  const station = changetype<usize>(stationAt(handle));
  return changetype<Timer>(station + (kind == DUE_STATION ? offsetof<Station>('timerAt') : offsetof<Station>('minuteAt')));
}

/** The heaps. A reference is kind and handle in one word, 0 for none (handles begin at 1). */
@unmanaged
export class Timers {
  /** Roots by tap, u32 each. */
  static roots: usize = 0;

  static setUp(): void {
    Timers.roots = Memory.allocate(MOST_TAPS * 4);
  }

  @inline static kind(ref: u32): u32 {
    return ref >>> KIND_SHIFT;
  }

  @inline static handle(ref: u32): u32 {
    return ref & HANDLE_MASK;
  }

  /** The earliest of the tap; 0 for none. */
  @inline static first(tap: u32): u32 {
    return load<u32>(Timers.roots + ((tap as usize) << 2));
  }

  /** Whether something of the tap has come due on its clock. */
  @inline static isDue(tap: u32): bool {
    const ref = Timers.first(tap);
    return ref != 0 && Timers.node(ref).at <= Taps.clock(tap);
  }

  /** Sets the entry's only timer, wherever it was before. */
  static set(kind: u32, handle: u32, tap: u32, at: i64): void {
    const t = timerOf(kind, handle);
    if (t.tapPlus1 != 0) {
      if (t.at == at && t.tapPlus1 == tap + 1) return;
      Timers.cancel(kind, handle);
    }
    t.at = at;
    t.left = 0;
    t.right = 0;
    t.tapPlus1 = tap + 1;
    Timers.setRoot(tap, Timers.merge(Timers.first(tap), (kind << KIND_SHIFT) | handle));
  }

  /** Takes the entry out of its heap; before the entry is removed, too. */
  static cancel(kind: u32, handle: u32): void {
    const t = timerOf(kind, handle);
    if (t.tapPlus1 == 0) return;
    const rest = Timers.merge(t.left, t.right);
    if (t.parent == 0) Timers.setRoot(t.tapPlus1 - 1, rest);
    else {
      const above = Timers.node(t.parent);
      if (above.left == ((kind << KIND_SHIFT) | handle)) above.left = rest;
      else above.right = rest;
      if (rest != 0) Timers.node(rest).parent = t.parent;
    }
    t.tapPlus1 = 0;
    t.parent = 0;
  }

  /** Takes the earliest of the tap out; its reference, 0 for none. */
  static pop(tap: u32): u32 {
    const ref = Timers.first(tap);
    if (ref != 0) Timers.cancel(Timers.kind(ref), Timers.handle(ref));
    return ref;
  }

  @inline private static node(ref: u32): Timer {
    return timerOf(ref >>> KIND_SHIFT, ref & HANDLE_MASK);
  }

  private static setRoot(tap: u32, ref: u32): void {
    store<u32>(Timers.roots + ((tap as usize) << 2), ref);
    if (ref != 0) Timers.node(ref).parent = 0;
  }

  /** Merges two heaps from the top down, swapping children on the way; the new root, whose parent the caller sets. */
  private static merge(a: u32, b: u32): u32 {
    if (a == 0) return b;
    if (b == 0) return a;
    if (Timers.node(b).at < Timers.node(a).at) {
      const lower = a;
      a = b;
      b = lower;
    }
    const root = a;
    while (true) {
      const p = Timers.node(a);
      let next = p.right;
      p.right = p.left;
      if (next == 0) {
        p.left = b;
        Timers.node(b).parent = a;
        return root;
      }
      if (Timers.node(b).at < Timers.node(next).at) {
        const lower = next;
        next = b;
        b = lower;
      }
      p.left = next;
      Timers.node(next).parent = a;
      a = next;
    }
  }
}
