/**
 * C7 and C8 for what is flooded: a closed tap or dark link is left out, and another open tap that shows the same LSP carries its
 * time on; while there is none its time stands still, and when sight is restored it has its lifetime to show itself.
 */
import { Frame, Taps } from '../../../base/assembly/frame.ts';
import * as iana from './iana.ts';
import { Link, linkAt, linkOf } from './link.ts';
import { lsdb, lspAt, LspEntry, LSP_BLIND, LSP_GONE } from './lsdb.ts';
import { Lsp } from './lsp.ts';
import { pendingAt, pendings } from './pendings.ts';
import { armLsp, armPending } from './schedule.ts';

const SECOND: i64 = 1_000_000_000;
const NO_TAP: u32 = u32.MAX_VALUE;
/** Some LSP may be blind: until then there is nothing to look for when sight is restored. */
let someBlind: bool = true;

/** The tap has closed: its LSPs, and losses that were set aside, go over to other taps. */
export function leaveTap(tap: u32): void {
  for (let h: u32 = 1; h <= lsdb.highest; h++) {
    if (lsdb.isLive(h) && lspAt(h).tap == tap) leave(h, openTapOf(lspAt(h).context));
  }
  for (let h: u32 = 1; h <= pendings.highest; h++) {
    if (!pendings.isLive(h) || pendingAt(h).tap != tap) continue;
    const p = pendingAt(h);
    const other = openTapOf(p.context);
    if (other == NO_TAP) continue;
    p.deadline += Taps.wallOffset(tap) - Taps.wallOffset(other);
    p.tap = other;
    armPending(h);
  }
}

/** Nobody on the link is heard any more (darkness.ts): what came there goes over to taps of other links. */
export function leaveLink(link: u32): void {
  for (let h: u32 = 1; h <= lsdb.highest; h++) {
    if (lsdb.isLive(h) && linkOf(lspAt(h).context) == link && hasTap(linkAt(link), lspAt(h).tap)) leave(h, NO_TAP);
  }
}

function hasTap(link: Link, tap: u32): bool {
  for (let i: u32 = 0; i < link.tapCount; i++) if (link.tap(i) == tap) return true;
  return false;
}

/** The LSP's time goes on with `other`, else with the tap that has shown it too, else it stands still. */
function leave(handle: u32, other: u32): void {
  const e = lspAt(handle);
  if (other == NO_TAP && e.witness != 0 && Taps.isOpen(e.witness - 1)) other = e.witness - 1;
  if (other == NO_TAP) {
    e.flags |= LSP_BLIND;
    someBlind = true;
    return;
  }
  e.deadline += Taps.wallOffset(e.tap) - Taps.wallOffset(other);
  e.tap = other;
  armLsp(handle);
}

/** The first open tap of the link of a context; NO_TAP for none. */
function openTapOf(context: u32): u32 {
  const handle = linkOf(context);
  if (handle == 0) return NO_TAP;
  const link = linkAt(handle);
  for (let i: u32 = 0; i < link.tapCount; i++) if (Taps.isOpen(link.tap(i))) return link.tap(i);
  return NO_TAP;
}

/** A link is seen again through `tap`: its blind LSPs, and those of the tap, have their lifetime to show themselves. */
export function lspsRestored(link: u32, tap: u32, boot: i64): void {
  if (!someBlind) return;
  someBlind = false;
  for (let h: u32 = 1; h <= lsdb.highest; h++) {
    if (!lsdb.isLive(h) || (lspAt(h).flags & LSP_BLIND) == 0) continue;
    const e = lspAt(h);
    if (e.tap == tap || linkOf(e.context) == link) restore(h, tap, boot, e.lifetime);
    else someBlind = true;
  }
}

/** The LSP under the decoder is one that is held, or older: its tap is another witness. */
export function seenAgain(handle: u32): void {
  const e = lspAt(handle);
  if ((e.flags & LSP_BLIND) != 0 && Taps.isOpen(Frame.tap()) && Lsp.sequence == e.sequence) {
    restore(handle, Frame.tap(), Frame.boot(), Lsp.lifetime);
  } else if (e.tap != Frame.tap()) e.witness = Frame.tap() + 1;
}

function restore(handle: u32, tap: u32, boot: i64, lifetime: u32): void {
  const e: LspEntry = lspAt(handle);
  const gone = (e.flags & LSP_GONE) != 0;
  e.flags &= ~LSP_BLIND;
  e.tap = tap;
  e.deadline = boot + ((gone ? iana.ZERO_AGE_LIFETIME : lifetime) as i64) * SECOND;
  armLsp(handle);
}
