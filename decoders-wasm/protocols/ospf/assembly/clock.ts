/** What decides at this moment: a frame or a deadline, with its times and locator; and the earliest deadline a tap. */
import { Frame, Taps } from '../../../base/assembly/frame.ts';
import { Envelope, EVIDENCE_RECEIVED, EVIDENCE_TIMER } from '../../../base/assembly/envelope.ts';
import { Memory } from '../../../base/assembly/memory.ts';
import { Link } from './entries.ts';

export const SECOND: i64 = 1_000_000_000;
export const MILLISECOND: i64 = 1_000_000;
export const NEVER: i64 = i64.MAX_VALUE;

@unmanaged
export class Now {
  static isDeadline: bool = false;
  static tap: u32 = 0;
  static boot: i64 = 0;
  /** Wall time, ns since 1970 UTC. */
  static time: i64 = 0;
  static offset: u64 = 0;
  static index: u32 = 0;
  /** Grows with each frame and each deadline: tells rows of one decision apart. */
  static stamp: u32 = 0;

  static rows: u32 = 0;

  /** Ordinal of the next row of this decision that has no count of its own. */
  static ordinal(): u32 {
    Now.rows += 1;
    return Now.rows - 1;
  }

  static fromFrame(): void {
    Now.isDeadline = false;
    Now.tap = Frame.tap();
    Now.boot = Frame.boot();
    Now.time = Frame.time();
    Now.offset = Frame.batchOffset;
    Now.index = Frame.index;
    Now.stamp += 1;
    Now.rows = 0;
  }

  static fromDeadline(tap: u32, boot: i64, offset: u64, index: u32): void {
    // Deadlines of one tap and instant have one identity: their rows are counted on.
    if (!Now.isDeadline || Now.tap != tap || Now.boot != boot) {
      Now.stamp += 1;
      Now.rows = 0;
    }
    Now.isDeadline = true;
    Now.tap = tap;
    Now.boot = boot;
    Now.time = boot + Taps.wallOffset(tap);
    Now.offset = offset;
    Now.index = index;
  }

  /** Begins a row's envelope in `context`. */
  static envelope(context: u32): void {
    if (Now.isDeadline) {
      Envelope.fromDeadline(Now.tap, Now.boot, context, Now.offset, Now.index);
    } else {
      Envelope.fromFrame();
      Envelope.context = context;
    }
    Envelope.evidence = Now.isDeadline ? EVIDENCE_TIMER : EVIDENCE_RECEIVED;
  }
}

const MOST_TAPS: u32 = 4096;

/** For each tap the earliest deadline that may be due on it: a lower bound that the scan makes exact again. */
@unmanaged
export class Earliest {
  static base: usize = 0;

  static at(tap: u32): i64 {
    if (Earliest.base == 0) return NEVER;
    return load<i64>(Earliest.base + ((tap as usize) << 3));
  }

  static set(tap: u32, boot: i64): void {
    if (Earliest.base == 0) {
      Earliest.base = Memory.allocate(MOST_TAPS << 3);
      if (Earliest.base == 0) return;
      Earliest.forget();
    }
    if (tap < MOST_TAPS) store<i64>(Earliest.base + ((tap as usize) << 3), boot);
  }

  /** A deadline at `boot` was set. */
  static lower(tap: u32, boot: i64): void {
    if (boot < Earliest.at(tap)) Earliest.set(tap, boot);
  }

  /** Every tap: none. */
  static forget(): void {
    if (Earliest.base == 0) return;
    for (let i: u32 = 0; i < MOST_TAPS; i++) store<i64>(Earliest.base + ((i as usize) << 3), NEVER);
  }
}

/** Set while a deadline has passed on its own tap, but not on another live one of its link: every clock then counts. */
let blocked: bool = false;

/** Whether a deadline waits for the clock of another tap; asking begins anew with `forgetBlocked`. */
export function isBlocked(): bool {
  return blocked;
}

export function forgetBlocked(): void {
  blocked = false;
}

/** Whether a deadline has passed on the clocks of all live taps of `link` (C8); nothing passes on a blind link. */
export function hasPassed(link: Link, tap: u32, boot: i64): bool {
  if (link.blind != 0 || Taps.clock(tap) < boot) return false;
  const wall = boot + Taps.wallOffset(tap);
  let live: u32 = 0;
  for (let i: u32 = 0; i < link.tapCount; i++) {
    const other = tapOfLink(link, i);
    if (!Taps.isOpen(other)) continue;
    live += 1;
    if (Taps.clock(other) + Taps.wallOffset(other) < wall) {
      blocked = true;
      return false;
    }
  }
  return live != 0;
}

/** Code of the link's tap `index`. */
export function tapOfLink(link: Link, index: u32): u32 {
  return load<u32>(changetype<usize>(link) + offsetof<Link>('tap0') + ((index as usize) << 2));
}
