/**
 * C7 and C8 for what is flooded: a closed tap or dark link is left out, and another open tap that shows the same LSA carries its age
 * on; while there is none (or frames were missed) its age stands still, and when sight is restored it has as long to
 * show itself as it had when it came.
 */
import { Contexts, Taps } from '../../../base/assembly/frame.ts';
import { Now, SECOND, tapOfLink } from './clock.ts';
import { DUE_LSA } from './deadlines.ts';
import { Due } from './due.ts';
import { Link } from './entries.ts';
import { DO_NOT_AGE, MAX_AGE } from './iana.ts';
import { findLink } from './links.ts';
import { Lsa } from './lsa.ts';
import { lsdb, LsdbEntry, timerOf } from './lsdb.ts';

const NO_TAP: u32 = u32.MAX_VALUE;
/** Some LSA may be blind: until then there is nothing to look for when sight is restored. */
let someBlind: bool = true;

/** The tap has closed, or frames of it were missed: its LSAs go over to other taps. */
export function leaveTap(tap: u32): void {
  for (let handle: u32 = 1; handle <= lsdb.highest; handle++) {
    if (!lsdb.isLive(handle)) continue;
    const entry = changetype<LsdbEntry>(lsdb.address(handle));
    if (entry.tap == tap) leave(entry, openTapOf(entry.context));
  }
}

/** Nobody on the link is heard any more (darkness.ts): what came there goes over to taps of other links. */
export function leaveLink(link: Link): void {
  for (let handle: u32 = 1; handle <= lsdb.highest; handle++) {
    if (!lsdb.isLive(handle)) continue;
    const entry = changetype<LsdbEntry>(lsdb.address(handle));
    if (linkOf(entry.context) === link && hasTap(link, entry.tap)) leave(entry, NO_TAP);
  }
}

function hasTap(link: Link, tap: u32): bool {
  for (let i: u32 = 0; i < link.tapCount; i++) if (tapOfLink(link, i) == tap) return true;
  return false;
}

/** The LSA ages on the clock of `other`, else on that of the tap that has shown it too, else not at all. */
function leave(entry: LsdbEntry, other: u32): void {
  if (other == NO_TAP && entry.witness != 0 && Taps.isOpen(entry.witness - 1)) other = entry.witness - 1;
  if (other == NO_TAP) {
    entry.blind = 1;
    someBlind = true;
    return;
  }
  entry.boot += Taps.wallOffset(entry.tap) - Taps.wallOffset(other);
  entry.tap = other;
  Due.schedule(timerOf(entry), DUE_LSA);
}

/** The first open tap of the link of a context; NO_TAP for none. */
function openTapOf(context: u32): u32 {
  const link = linkOf(context);
  if (link === null) return NO_TAP;
  for (let i: u32 = 0; i < link.tapCount; i++) if (Taps.isOpen(tapOfLink(link, i))) return tapOfLink(link, i);
  return NO_TAP;
}

function linkOf(context: u32): Link | null {
  return findLink(Contexts.shadow(context), Contexts.link(context), 0, 0);
}

/** The link is seen again by the frame under the decoder: its blind LSAs, and those of the tap, have their lifetime anew. */
export function lsasRestored(link: Link): void {
  if (!someBlind) return;
  someBlind = false;
  for (let handle: u32 = 1; handle <= lsdb.highest; handle++) {
    if (!lsdb.isLive(handle)) continue;
    const entry = changetype<LsdbEntry>(lsdb.address(handle));
    if (entry.blind == 0) continue;
    if (entry.tap == Now.tap || linkOf(entry.context) === link) restore(entry, entry.age);
    else someBlind = true;
  }
}

/** The LSA at `at` is the instance that is held, or an older one: its tap is another witness. */
export function seenAgain(entry: LsdbEntry, at: usize): void {
  const held = entry.length != 0 && Lsa.sequence(at) == entry.sequence && Lsa.checksum(at) == entry.checksum;
  if (entry.blind != 0 && held && Lsa.age(at) < MAX_AGE) restore(entry, Lsa.age(at));
  else if (entry.tap != Now.tap) entry.witness = Now.tap + 1;
}

/** From now on the clock of the frame's tap counts, as if the LSA had come now at `age` (its age bit aside). */
function restore(entry: LsdbEntry, age: u16): void {
  entry.blind = 0;
  entry.tap = Now.tap;
  entry.boot = Now.boot - ((age & ~DO_NOT_AGE) as i64 - (entry.age & ~DO_NOT_AGE) as i64) * SECOND;
  Due.schedule(timerOf(entry), DUE_LSA);
}
