/** Deadlines of the database: lifetimes of LSPs, and losses in the graph that were set aside. */
import { Envelope, EVIDENCE_LSDB, EVIDENCE_RECEIVED } from '../../../base/assembly/envelope.ts';
import { Taps } from '../../../base/assembly/frame.ts';
import { DueList, DUE_LSP, DUE_PENDING } from './due-list.ts';
import { tellLinkLoss, compareGraphLinks } from './link-changes.ts';
import { lsdb, lspAt, lspIsDue } from './lsdb.ts';
import { PENDING_LINK, pendingAt, pendingIsDue, pendings } from './pendings.ts';
import { comparePrefixes, tellPrefixLoss } from './prefix-changes.ts';
import { Due } from './tables.ts';

/** Lists what is due of the database, notes what is not yet. */
export function scanLsdb(): void {
  for (let h: u32 = 1; h <= lsdb.highest; h++) {
    if (!lsdb.isLive(h)) continue;
    const e = lspAt(h);
    if (e.deadline == 0) continue;
    if (lspIsDue(e)) DueList.add(DUE_LSP, h, e.deadline + Taps.wallOffset(e.tap));
    else if (Taps.isOpen(e.tap)) Due.note(e.tap, e.deadline);
  }
  for (let h: u32 = 1; h <= pendings.highest; h++) {
    if (!pendings.isLive(h)) continue;
    const p = pendingAt(h);
    if (pendingIsDue(p)) DueList.add(DUE_PENDING, h, p.deadline + Taps.wallOffset(p.tap));
    else if (Taps.isOpen(p.tap)) Due.note(p.tap, p.deadline);
  }
}

/** A loss that was set aside has lasted. */
export function firePending(handle: u32): void {
  if (!pendings.isLive(handle)) return;
  const p = pendingAt(handle);
  Envelope.fromDeadline(p.tap, p.deadline, p.context, p.frameOffset, p.frameIndex);
  Envelope.evidence = EVIDENCE_LSDB;
  const kind = p.kind;
  const object = p.handle;
  const number = p.number;
  pendings.remove(handle);
  if (kind == PENDING_LINK) tellLinkLoss(object, number);
  else tellPrefixLoss(object);
  Envelope.evidence = EVIDENCE_RECEIVED;
}

/** Canonical order: kind, then the object. */
export function comparePendings(a: u32, b: u32): i32 {
  const x = pendingAt(a);
  const y = pendingAt(b);
  if (x.kind != y.kind) return x.kind < y.kind ? -1 : 1;
  const c = x.kind == PENDING_LINK ? compareGraphLinks(x.handle, y.handle) : comparePrefixes(x.handle, y.handle);
  if (c != 0) return c;
  return x.number < y.number ? -1 : x.number > y.number ? 1 : 0;
}
