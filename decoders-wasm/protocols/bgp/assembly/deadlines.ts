/** What passes with time alone: hold timers (rule B3) and the restart times of stale routes (rule B5). */
import { Contexts, Taps } from '../../../base/assembly/frame.ts';
import { Frame } from '../../../base/assembly/frame.ts';
import {
  COVERAGE_WHAT_COVERAGE_SUSPECT, COVERAGE_WHAT_RESTORED, MARK_REASON_LLGR_EXPIRED, MARK_REASON_RESTART_TIMER_EXPIRED, SESSION_ESTABLISHED, SESSION_REASON_HOLD_TIMER_EXPIRED,
} from '../../../base/assembly/generated/constants.ts';
import { Capabilities } from './capabilities.ts';
import { Rib } from './rib.ts';
import { Rows } from './rows.ts';
import { Shadow } from './shadow.ts';
import { Connection, DARK, HAS_NOTIFICATION_BIT, MISSED, RIB_LONG_LIVED, RIB_STALE, RibInfo, Session, Sessions, SLOTS } from './state.ts';

const SECOND: i64 = 1_000_000_000;
const NEVER: i64 = i64.MAX_VALUE;
/** Most deadlines that one advance of a clock lets pass; the rest follow with the next. */
const MOST_AT_ONCE: u32 = 1 << 20;

@unmanaged
export class Deadlines {
  /** No deadline lies before this wall time. */
  private static earliest: i64 = NEVER;
  /** Whether any session may be suspended: else no frame has to look. */
  static mayBeSuspended: bool = false;
  // The best candidate of a scan
  private static due: i64 = NEVER;
  private static dueHandle: u32 = 0;
  private static dueConnection: Connection = changetype<Connection>(0);
  private static dueKind: u32 = 0;
  private static dueTap: u32 = 0;
  private static next: i64 = NEVER;

  /** A deadline was set or taken away: the next clock looks again. */
  @inline static changed(): void {
    Deadlines.earliest = 0;
  }

  /** The clock of `tap` (TAP_ALL: all clocks) has moved: what lies before it passes. */
  @inline static advance(tap: u32): void {
    const clock = tap < Taps.count ? Taps.clock(tap) + Taps.wallOffset(tap) : NEVER;
    if (clock < Deadlines.earliest) return;
    Deadlines.pass();
  }

  private static pass(): void {
    for (let guard: u32 = 0; guard < MOST_AT_ONCE; guard++) {
      Deadlines.scan();
      if (Deadlines.dueHandle == 0) break;
      Deadlines.fire();
    }
    Deadlines.earliest = Deadlines.next;
  }

  /** The restart time of a table that has just gone stale runs from the frame or deadline at hand. */
  static setRestart(rib: RibInfo, time: i64): void {
    rib.tap = Rows.byDeadline ? Rows.deadlineTap : Frame.tap();
    rib.deadline = (Rows.byDeadline ? Rows.deadline : Frame.boot()) + time;
    rib.frameOffset = Rows.byDeadline ? Rows.deadlineOffset : Frame.batchOffset;
    rib.frameIndex = Rows.byDeadline ? Rows.deadlineIndex : Frame.index;
    Deadlines.changed();
  }

  /** Up to where all open taps of the session have seen; the lowest value when none is open (coverage lost, rule C8). */
  private static horizon(session: Session): i64 {
    let horizon: i64 = NEVER;
    for (let i: u32 = 0; i < (session.tapCount as u32); i++) {
      const tap = session.tap(i) as u32;
      if (tap < Taps.count && Taps.isOpen(tap)) horizon = min<i64>(horizon, Taps.clock(tap) + Taps.wallOffset(tap));
    }
    return horizon == NEVER ? i64.MIN_VALUE : horizon;
  }

  /** Sessions that no open tap shows are suspended until the next frame of theirs. */
  static suspendUnwatched(): void {
    const table = Sessions.table;
    for (let handle: u32 = 1; handle <= table.highest; handle++) {
      if (!table.isLive(handle)) continue;
      const session = Sessions.at(handle);
      if (Deadlines.horizon(session) != i64.MIN_VALUE) continue;
      for (let i: u32 = 0; i < SLOTS; i++) {
        const connection = session.connection(i);
        if (changetype<usize>(connection) == 0) continue;
        for (let end: u32 = 0; end < 2; end++) connection.direction(end).flags |= MISSED;
      }
    }
    Deadlines.mayBeSuspended = true;
  }

  /** A frame of the session: what was up has one hold time from here on to show itself. */
  static resume(session: Session): void {
    if (!Deadlines.isSuspended(session)) return;
    let wasDark = false;
    for (let i: u32 = 0; i < SLOTS; i++) {
      const connection = session.connection(i);
      if (changetype<usize>(connection) == 0) continue;
      for (let end: u32 = 0; end < 2; end++) {
        const direction = connection.direction(end);
        if ((direction.flags & MISSED) == 0) continue;
        if ((direction.flags & DARK) != 0) wasDark = true;
        direction.flags &= ~(MISSED | DARK);
        direction.waitingCount = 0;
        direction.lastAcknowledged = Frame.boot();
        direction.lastOffset = Frame.batchOffset;
        direction.lastIndex = Frame.index;
        direction.lastTap = Frame.tap();
      }
    }
    if (wasDark) Rows.sight(session, COVERAGE_WHAT_RESTORED, Frame.time());
    Deadlines.changed();
  }

  private static isSuspended(session: Session): bool {
    for (let i: u32 = 0; i < SLOTS; i++) {
      const connection = session.connection(i);
      if (changetype<usize>(connection) != 0 && (connection.direction(0).flags & MISSED) != 0) return true;
    }
    return false;
  }

  /** Finds the earliest deadline that has passed (ties by shadow identity, then kind) and the earliest that has not. */
  private static scan(): void {
    Deadlines.due = NEVER;
    Deadlines.dueHandle = 0;
    Deadlines.next = NEVER;
    const table = Sessions.table;
    for (let handle: u32 = 1; handle <= table.highest; handle++) {
      if (!table.isLive(handle)) continue;
      const session = Sessions.at(handle);
      const horizon = Deadlines.horizon(session);
      if (horizon == i64.MIN_VALUE || Deadlines.isSuspended(session)) continue;
      for (let i: u32 = 0; i < SLOTS; i++) {
        const connection = session.connection(i);
        if (changetype<usize>(connection) != 0) Deadlines.considerHold(handle, connection, horizon);
      }
      for (let kind: u32 = 0; kind < 4; kind++) {
        const rib = session.rib(kind >>> 1, kind & 1);
        if (rib.deadline != 0) Deadlines.consider(handle, changetype<Connection>(0), 2 + kind, rib.deadline, rib.tap, horizon);
      }
    }
  }

  private static considerHold(handle: u32, connection: Connection, horizon: i64): void {
    const hold = Capabilities.holdTime(connection);
    if (hold == 0) return;
    for (let end: u32 = 0; end < 2; end++) {
      if (connection.direction(end).state != SESSION_ESTABLISHED) continue;
      const sender = connection.direction(1 - end);
      Deadlines.consider(handle, connection, end, sender.lastAcknowledged + (hold as i64) * SECOND, sender.lastTap, horizon);
    }
  }

  private static consider(handle: u32, connection: Connection, kind: u32, deadline: i64, tap: u32, horizon: i64): void {
    const wall = deadline + Taps.wallOffset(tap);
    if (wall > horizon) {
      Deadlines.next = min<i64>(Deadlines.next, wall);
      return;
    }
    if (wall > Deadlines.due) return;
    if (wall == Deadlines.due) {
      const order = memory.compare(Contexts.shadowIdentity(Sessions.at(handle).shadow),
        Contexts.shadowIdentity(Sessions.at(Deadlines.dueHandle).shadow), 16);
      if (order > 0 || (order == 0 && kind >= Deadlines.dueKind)) return;
    }
    Deadlines.due = wall;
    Deadlines.dueHandle = handle;
    Deadlines.dueConnection = connection;
    Deadlines.dueKind = kind;
    Deadlines.dueTap = tap;
  }

  private static fire(): void {
    const session = Sessions.at(Deadlines.dueHandle);
    const deadline = Deadlines.due - Taps.wallOffset(Deadlines.dueTap);
    Shadow.handle = Deadlines.dueHandle;
    if (Deadlines.dueKind < 2) Deadlines.expireHold(session, Deadlines.dueConnection, Deadlines.dueKind, deadline);
    else Deadlines.expireRestart(session, Deadlines.dueKind - 2, deadline);
  }

  private static expireHold(session: Session, connection: Connection, end: u32, deadline: i64): void {
    const sender = connection.direction(1 - end);
    Rows.timer(deadline, sender.lastTap, sender.lastOffset, sender.lastIndex);
    if (Deadlines.isDark(session, connection, end, deadline)) {
      Rows.sight(session, COVERAGE_WHAT_COVERAGE_SUSPECT, sender.lastAcknowledged + Taps.wallOffset(sender.lastTap));
      for (let each: u32 = 0; each < 2; each++) connection.direction(each).flags |= MISSED | DARK;
      Deadlines.mayBeSuspended = true;
      return;
    }
    Rows.clearNotification();
    // RFC 8538 section 2: with the N bit from both, an expired hold timer is graceful.
    const kept = (sender.capabilities & connection.direction(end).capabilities & HAS_NOTIFICATION_BIT) != 0;
    Shadow.leave(session, connection, end, SESSION_REASON_HOLD_TIMER_EXPIRED, kept, 0);
  }

  /**
   * Whether the silence of the other end says nothing of it: `end`, which sends a message in each third of its hold time
   * (RFC 4271 section 4.4), has sent none for more than half of it, and nothing of either waits for its acknowledgement.
   * An unplugged mirror looks like that; a lost path does not, as the end before the loss repeats what is not acknowledged.
   */
  private static isDark(session: Session, connection: Connection, end: u32, deadline: i64): bool {
    const mine = connection.direction(end);
    const sender = connection.direction(1 - end);
    if (mine.waitingCount != 0 || sender.waitingCount != 0 || mine.lastTap != sender.lastTap) return false;
    let open: u32 = 0;
    for (let i: u32 = 0; i < (session.tapCount as u32); i++) {
      const tap = session.tap(i) as u32;
      if (tap < Taps.count && Taps.isOpen(tap)) open += 1;
    }
    return open == 1 && mine.lastAcknowledged + ((Capabilities.holdTime(connection) as i64) * SECOND >> 1) < deadline;
  }

  private static expireRestart(session: Session, index: u32, deadline: i64): void {
    const rib = session.rib(index >>> 1, index & 1);
    Rows.timer(deadline, rib.tap, rib.frameOffset, rib.frameIndex);
    if ((rib.flags & RIB_LONG_LIVED) == 0 && rib.longLived != 0) {
      // RFC 9494 section 4.2: the long-lived phase follows the restart time.
      rib.flags |= RIB_LONG_LIVED;
      rib.deadline = deadline + (rib.longLived as i64) * SECOND;
      return;
    }
    const reason = (rib.flags & RIB_LONG_LIVED) != 0 ? MARK_REASON_LLGR_EXPIRED : MARK_REASON_RESTART_TIMER_EXPIRED;
    rib.deadline = 0;
    if ((rib.flags & RIB_STALE) != 0) Rib.sweep(Shadow.handle, session, index >>> 1, index & 1, reason);
  }
}
