/** I13: a router that never lists a neighbour whose hellos fill the link: most likely they do not fit its MTU. */
import { authenticationDiffers, Sender, shareTopology } from './adjacency.ts';
import { CAUSE_MTU, report } from './cause.ts';
import * as iana from './iana.ts';
import { linkAt } from './link.ts';
import { names } from './p2p.ts';
import { Station, stationAt, STATION_PADDED, STATION_SILENT } from './station.ts';
import { findView, LISTED_ONCE, View, viewAt, VIEW_LISTED, VIEW_REFUSED } from './view.ts';

/** A hello with padding is filled up to its sender's MTU (ISO 10589 8.2.3, 8.4.1); shorter ones only align something. */
const PADDED_PDU: u32 = 512;
/** A hello this long fills the MTU of an Ethernet or of a tunnel over it by its content alone. */
const LONG_PDU: u32 = 1400;
/** Hellos of R in a row without N, each with a hello of N before it, that make "never". */
const ENOUGH: u8 = 3;

/** Looks at whom the sender R of the hello under the decoder has never listed; its views are up to date. */
export function hintMtu(router: u32, link: u32, level: u8): void {
  const r = stationAt(router);
  // Without TLV 240 nobody is listed on a point-to-point link.
  if (level == 0 && r.threeWay == iana.THREE_WAY_ABSENT) return;
  const heard = longestListed(router, link, level);
  for (let n = linkAt(link).head(level); n != 0; n = stationAt(n).sibling) {
    const handle = n == router ? 0 : viewOf(router, n, level);
    if (handle == 0 || !isUnlisted(viewAt(handle), r, stationAt(n))) continue;
    if (stationAt(n).pduLength <= heard || hearsAsLong(router, n, level)) continue;
    const v = viewAt(handle);
    if (v.unlisted < ENOUGH) v.unlisted += 1;
    if (v.unlisted == ENOUGH) report(link, CAUSE_MTU, 0, level, stationAt(n).system, r.system);
  }
}

/** A point-to-point adjacency of both levels counts once. */
function viewOf(router: u32, neighbor: u32, level: u8): u32 {
  if (level != 0) return findView(router, neighbor, level);
  const first = findView(router, neighbor, 1);
  return first != 0 ? first : findView(router, neighbor, 2);
}

/** The longest hello that R takes, as those that it lists show; whom it lists now has been listed once. */
function longestListed(router: u32, link: u32, level: u8): u32 {
  let longest: u32 = 0;
  for (let n = linkAt(link).head(level); n != 0; n = stationAt(n).sibling) {
    const handle = n == router ? 0 : viewOf(router, n, level);
    if (handle == 0 || !viewAt(handle).has(VIEW_LISTED)) continue;
    viewAt(handle).unlisted = LISTED_ONCE;
    longest = max<u32>(longest, stationAt(n).pduLength);
  }
  return longest;
}

/** Whether N's long hellos pass the tap, R could take them by all that is visible, and has never listed N. */
function isUnlisted(v: View, r: Station, n: Station): bool {
  if (v.has(VIEW_LISTED) || v.unlisted == LISTED_ONCE || v.has(VIEW_REFUSED)) return false;
  if (n.has(STATION_SILENT) || n.helloWall <= Sender.previousWall) return false;
  if (n.pduLength < (n.has(STATION_PADDED) ? PADDED_PDU : LONG_PDU)) return false;
  if (authenticationDiffers(r, n)) return false;
  return n.level != 0 || (shareTopology(r, n) && names(n, r));
}

/** Whether N lists R, whose hellos are as long: then that length passes the link. */
function hearsAsLong(router: u32, neighbor: u32, level: u8): bool {
  const theirs = viewOf(neighbor, router, level);
  return theirs != 0 && viewAt(theirs).has(VIEW_LISTED) && stationAt(router).pduLength >= stationAt(neighbor).pduLength;
}
