/** Losses that are told only when they last: a link under a change of DIS, what may be moving between fragments. */
import { Envelope } from '../../../base/assembly/envelope.ts';
import { Taps } from '../../../base/assembly/frame.ts';
import { Table, TABLE_BYTES } from '../../../base/assembly/table.ts';
import { armPending } from './schedule.ts';
import { DUE_PENDING, Timers } from './timers.ts';

export const pendings = Table.at(memory.data(TABLE_BYTES));
/** How long something may be away, ns: LSP generation intervals of all ends together. */
export const SETTLE: i64 = 10_000_000_000;
export const PENDING_LINK: u32 = 1;
export const PENDING_PREFIX: u32 = 2;

/** `handle` of the link or prefix, `number` of the parallel link. */
@unmanaged
export class Pending {
  next: u32;
  hash: u32;
  kind: u32;
  handle: u32;
  number: u32;
  tap: u32;
  deadline: i64;
  frameOffset: u64;
  frameIndex: u32;
  context: u32;
  /** Timer of `deadline` (fields of `Timer`, timers.ts). */
  timerAt: i64;
  timerLeft: u32;
  timerRight: u32;
  timerParent: u32;
  timerTap: u32;
}

export function setUpPendings(): void {
  pendings.setUp(offsetof<Pending>() as u32, 1 << 18);
}

export function pendingAt(handle: u32): Pending {
  return changetype<Pending>(pendings.address(handle));
}

/** A new entry; 0 when refused. */
export function insertPending(kind: u32, handle: u32, number: u32): u32 {
  const h = pendings.insert(handle ^ (kind << 24) ^ (number << 16));
  if (h == 0) return 0;
  const p = pendingAt(h);
  p.kind = kind;
  p.handle = handle;
  p.number = number;
  return h;
}

/** Sets the loss aside; the clock is that of the tap of the frame, or (`Envelope` of a deadline) of the envelope's tap. */
export function setAside(kind: u32, handle: u32, number: u32): bool {
  const h = insertPending(kind, handle, number);
  if (h == 0) return false;
  const p = pendingAt(h);
  p.tap = Envelope.tap as u32;
  p.deadline = Envelope.decidedTime - Taps.wallOffset(p.tap) + SETTLE;
  p.context = Envelope.context;
  p.frameOffset = Envelope.frameOffset;
  p.frameIndex = Envelope.frameIndex;
  armPending(h);
  return true;
}

/** What was set aside has come back or is told at once. */
export function takeBack(kind: u32, handle: u32, number: u32): void {
  for (let h = pendings.first(handle ^ (kind << 24) ^ (number << 16)); h != 0; h = pendings.next(h)) {
    const p = pendingAt(h);
    if (p.kind != kind || p.handle != handle || p.number != number) continue;
    Timers.cancel(DUE_PENDING, h);
    pendings.remove(h);
    return;
  }
}

export function pendingIsDue(p: Pending): bool {
  return Taps.isOpen(p.tap) && Taps.clock(p.tap) >= p.deadline;
}
