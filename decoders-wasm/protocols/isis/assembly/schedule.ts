/** Where a deadline waits: on its own tap's clock, or on that of a tap of the link that lags behind it (C8). */
import { Taps } from '../../../base/assembly/frame.ts';
import { causeAt, causeDeadline } from './cause.ts';
import { Link, linkAt } from './link.ts';
import { lspAt } from './lsdb.ts';
import { pendingAt } from './pendings.ts';
import { stationAt } from './station.ts';
import { DUE_CAUSE, DUE_LSP, DUE_MINUTE, DUE_PENDING, DUE_STATION, DUE_VIEW, timerOf, Timers } from './timers.ts';
import { viewAt } from './view.ts';

const MINUTE: i64 = 60_000_000_000;

/** The station's own hold. */
export function armStation(handle: u32): void {
  const s = stationAt(handle);
  if (s.deadline != 0) armOnLink(DUE_STATION, handle, linkAt(s.link), s.tap, s.deadline);
}

/** The neighbour's hold in a view. */
export function armView(handle: u32): void {
  const v = viewAt(handle);
  if (v.deadline != 0) armOnLink(DUE_VIEW, handle, linkAt(stationAt(v.router).link), v.tap, v.deadline);
}

/** The station's next full minute on the wall clock of the tap that saw it last. */
export function armMinute(handle: u32): void {
  const s = stationAt(handle);
  Timers.set(DUE_MINUTE, handle, s.tap, ((s.minute as i64) + 1) * MINUTE - Taps.wallOffset(s.tap));
}

/** The end of an LSP's lifetime, or of its header, on the clock of its tap. */
export function armLsp(handle: u32): void {
  const e = lspAt(handle);
  if (e.deadline != 0) armLater(DUE_LSP, handle, e.tap, e.deadline);
}

/** The end of the time that a loss has been set aside for. */
export function armPending(handle: u32): void {
  const p = pendingAt(handle);
  armLater(DUE_PENDING, handle, p.tap, p.deadline);
}

/** The end of a cause's minute. */
export function armCause(handle: u32): void {
  const c = causeAt(handle);
  if (c.pending != 0) armLater(DUE_CAUSE, handle, c.tap, causeDeadline(c));
}

/** A timer that rings too early is set anew when it does: hellos and refreshes only move deadlines away. */
function armLater(kind: u32, handle: u32, tap: u32, deadline: i64): void {
  const t = timerOf(kind, handle);
  if (t.tapPlus1 == tap + 1 && t.at <= deadline) return;
  Timers.set(kind, handle, tap, deadline);
}

function armOnLink(kind: u32, handle: u32, link: Link, tap: u32, deadline: i64): void {
  const wall = deadline + Taps.wallOffset(tap);
  const t = timerOf(kind, handle);
  if (t.tapPlus1 != 0) {
    const waitsOn = t.tapPlus1 - 1;
    if (Taps.isOpen(waitsOn) && t.at + Taps.wallOffset(waitsOn) <= wall) return;
  }
  if (Taps.isOpen(tap) && Taps.clock(tap) < deadline) {
    Timers.set(kind, handle, tap, deadline);
    return;
  }
  let open = tap;
  for (let i = link.tapCount; i-- > 0;) {
    const other = link.tap(i);
    if (!Taps.isOpen(other)) continue;
    if (!Taps.isOpen(open)) open = other;
    if (Taps.clock(other) + Taps.wallOffset(other) >= wall) continue;
    Timers.set(kind, handle, other, wall - Taps.wallOffset(other));
    return;
  }
  // Due already: the next that is heard of a tap of the link lets it fire.
  Timers.set(kind, handle, open, wall - Taps.wallOffset(open));
}
