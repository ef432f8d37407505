/** Deadlines of losses in the graph that were set aside. */
import { Envelope, EVIDENCE_LSDB, EVIDENCE_RECEIVED } from '../../../base/assembly/envelope.ts';
import { tellLinkLoss, compareGraphLinks } from './link-changes.ts';
import { PENDING_LINK, pendingAt, pendingIsDue, pendings } from './pendings.ts';
import { comparePrefixes, tellPrefixLoss } from './prefix-changes.ts';
import { DUE_PENDING, Timers } from './timers.ts';

/** A loss that was set aside has lasted. */
export function firePending(handle: u32): void {
  if (!pendings.isLive(handle)) return;
  const p = pendingAt(handle);
  // Another loss may have taken its place since it was listed.
  if (!pendingIsDue(p)) return;
  Envelope.fromDeadline(p.tap, p.deadline, p.context, p.frameOffset, p.frameIndex);
  Envelope.evidence = EVIDENCE_LSDB;
  Timers.cancel(DUE_PENDING, handle);
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
