/**
 * Timers: a pairing heap a tap by boot time, so that the next deadline of a tap is its root, and one of what is ready to
 * fire. A timer lies inside its entry, so a deadline once made costs no memory and is never refused; it moves lazily:
 * when it comes up, its entry says what its deadline really is. An entry's deadline may grow without a word here; when
 * it may have become earlier, or its tap has changed, `Due.schedule` must be told.
 */
import { Taps } from '../../../base/assembly/frame.ts';
import { tapOfLink } from './clock.ts';
import { bootOf, linkOf, orderReady, tapOf } from './deadlines.ts';
import { Link } from './entries.ts';

const MOST_TAPS: u32 = 4096;
/** No deadline. */
export const NO_DEADLINE: i64 = i64.MAX_VALUE;

const STATE_IDLE: u32 = 0;
const STATE_WAITING: u32 = 1;
const STATE_READY: u32 = 2;

@unmanaged
export class Timer {
  /** Boot time on `tap` at which it is looked at next; of a ready one the wall time of its deadline. */
  at: i64;
  tap: u32;
  kind: u32;
  child: Timer;
  following: Timer;
  /** Its parent if it is the first child, else the sibling before it; none at the root. */
  previous: Timer;
  state: u32;
}

const roots: usize = memory.data(4096 * 4);
const none: Timer = changetype<Timer>(0);

function rootOf(tap: u32): Timer {
  return changetype<Timer>(load<u32>(roots + ((tap as usize) << 2)) as usize);
}

function setRoot(tap: u32, timer: Timer): void {
  store<u32>(roots + ((tap as usize) << 2), changetype<usize>(timer) as u32);
}

function isNone(timer: Timer): bool {
  return changetype<usize>(timer) == 0;
}

@unmanaged
export class Due {
  /** Something may be due on any tap, whichever clock moved: a deadline set in the past, a tap closed, a state imported. */
  static recheck: bool = false;
  private static ready: Timer = changetype<Timer>(0);

  /** The deadline of `timer` (of `kind`) may have become earlier, or its tap another. */
  static schedule(timer: Timer, kind: u32): void {
    timer.kind = kind;
    if (timer.state == STATE_READY) return;
    const boot = bootOf(timer);
    if (boot == NO_DEADLINE) return;
    const tap = tapOf(timer);
    if (timer.state == STATE_WAITING) {
      if (timer.tap == tap && timer.at <= boot) return;
      Due.cancel(timer);
    }
    if (Taps.isOpen(tap)) Due.wait(timer, tap, boot);
    else Due.consider(timer);
    if (boot <= Taps.clock(tap) || timer.state == STATE_READY) Due.recheck = true;
  }

  /** The entry of `timer` ends. */
  static cancel(timer: Timer): void {
    if (timer.state == STATE_WAITING) setRoot(timer.tap, without(rootOf(timer.tap), timer));
    else if (timer.state == STATE_READY) Due.ready = without(Due.ready, timer);
    timer.state = STATE_IDLE;
  }

  /** Whether anything may be due now that the clock of `tap` has moved. */
  @inline static mayBe(tap: u32): bool {
    if (Due.recheck) return true;
    const root = rootOf(tap);
    return !isNone(root) && root.at <= Taps.clock(tap);
  }

  /** Makes ready what is due on the clock of `tap`. */
  static collect(tap: u32): void {
    const clock = Taps.clock(tap);
    for (let root = rootOf(tap); !isNone(root) && root.at <= clock; root = rootOf(tap)) {
      Due.cancel(root);
      Due.consider(root);
    }
  }

  /** The ready timer that fires first, taken out; null when there is none. */
  static take(): Timer | null {
    const first = Due.ready;
    if (isNone(first)) return null;
    Due.cancel(first);
    return first;
  }

  /** Puts an idle timer where it belongs by what its entry says now. */
  static consider(timer: Timer): void {
    if (timer.state != STATE_IDLE) return;
    const boot = bootOf(timer);
    if (boot == NO_DEADLINE) return;
    const tap = tapOf(timer);
    const link = linkOf(timer);
    const ofLink = changetype<usize>(link) != 0;
    // C8: the clock of a closed tap stands; the link's other taps tell the time.
    if (Taps.clock(tap) < boot && (Taps.isOpen(tap) || !ofLink)) {
      Due.wait(timer, tap, boot);
      return;
    }
    const wall = boot + Taps.wallOffset(tap);
    if (ofLink) {
      const slower = tapBehind(link, wall);
      if (slower == NOBODY) return;
      if (slower != ON_TIME) {
        Due.wait(timer, slower, wall - Taps.wallOffset(slower));
        return;
      }
    }
    timer.at = wall;
    timer.state = STATE_READY;
    Due.ready = merged(Due.ready, timer);
  }

  /** Looks anew at all that waits on `tap`: it has closed, and holds up nothing any more. */
  static reconsider(tap: u32): void {
    let rest = rootOf(tap);
    setRoot(tap, none);
    while (!isNone(rest)) {
      const timer = rest;
      rest = without(rest, timer);
      timer.state = STATE_IDLE;
      Due.consider(timer);
    }
    Due.recheck = true;
  }

  private static wait(timer: Timer, tap: u32, boot: i64): void {
    if (tap >= MOST_TAPS) return;
    timer.at = boot;
    timer.tap = tap;
    timer.state = STATE_WAITING;
    setRoot(tap, merged(rootOf(tap), timer));
  }
}

const ON_TIME: u32 = 0xffffffff;
const NOBODY: u32 = 0xfffffffe;

/** C8: a live tap of `link` whose clock has not reached `wall` yet; nothing passes on a link that nobody watches. */
function tapBehind(link: Link, wall: i64): u32 {
  if (link.blind != 0) return NOBODY;
  let live: u32 = 0;
  for (let i: u32 = 0; i < link.tapCount; i++) {
    const tap = tapOfLink(link, i);
    if (!Taps.isOpen(tap)) continue;
    live += 1;
    if (Taps.clock(tap) + Taps.wallOffset(tap) < wall) return tap;
  }
  return live == 0 ? NOBODY : ON_TIME;
}

// ---- the heap --------------------------------------------------------------------------------------------------------

function isBefore(a: Timer, b: Timer): bool {
  if (a.at != b.at) return a.at < b.at;
  return a.state == STATE_READY && orderReady(a, b) < 0;
}

/** One heap of two; either may be empty. */
function merged(a: Timer, b: Timer): Timer {
  if (isNone(a)) return b;
  if (isNone(b)) return a;
  const over = isBefore(b, a) ? b : a;
  const under = over == a ? b : a;
  under.previous = over;
  under.following = over.child;
  if (!isNone(over.child)) over.child.previous = under;
  over.child = under;
  return over;
}

/** The heap under `root` without `timer`, which is in it. */
function without(root: Timer, timer: Timer): Timer {
  const rest = gathered(timer.child);
  timer.child = none;
  if (root == timer) return rest;
  const previous = timer.previous;
  const following = timer.following;
  if (previous.child == timer) previous.child = following;
  else previous.following = following;
  if (!isNone(following)) following.previous = previous;
  timer.previous = none;
  timer.following = none;
  return merged(root, rest);
}

/** One heap of a list of siblings: by pairs there, and one after the other back. */
function gathered(first: Timer): Timer {
  let pairs = none;
  while (!isNone(first)) {
    const second = first.following;
    const rest = isNone(second) ? none : second.following;
    detach(first);
    if (!isNone(second)) detach(second);
    const pair = merged(first, second);
    pair.following = pairs;
    pairs = pair;
    first = rest;
  }
  let heap = none;
  while (!isNone(pairs)) {
    const rest = pairs.following;
    pairs.following = none;
    heap = merged(heap, pairs);
    pairs = rest;
  }
  return heap;
}

function detach(timer: Timer): void {
  timer.previous = none;
  timer.following = none;
}
