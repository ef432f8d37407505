/**
 * All routers of a link fall silent at once while its only tap is open: the link may not be visible any more (an
 * unplugged mirror looks the same as a cut fibre). That is no loss of theirs: it is told as coverage-suspect.
 */
import { Envelope } from '../../../base/assembly/envelope.ts';
import { Contexts, Taps } from '../../../base/assembly/frame.ts';
import * as constant from '../../../base/assembly/generated/constants.ts';
import { CoverageEvents } from '../../../base/assembly/generated/coverage-events.ts';
import { Text } from '../../../base/assembly/text.ts';
import { Link, LINK_DARK, LINK_DOUBTED, linkAt } from './link.ts';
import { Station, stationAt, STATION_GONE, STATION_SILENT } from './station.ts';

/** Link whose frame is at hand: it is visible. */
let seen: u32 = 0;
const key: usize = memory.data(32, 8);

/** The frame at hand is of this link (0: it is dealt with). */
export function linkIsSeen(link: u32): void {
  seen = link;
}

/**
 * Whether the silence of a station, whose deadline has passed, says nothing of it: nobody on the link was heard when its
 * next hello had been due for half an interval. While others may still speak the link is doubted, and the next frame
 * there decides; when all have passed their holds it is dark.
 */
export function isDark(handle: u32): bool {
  const s = stationAt(handle);
  const link = linkAt(s.link);
  if (link.blind == LINK_DARK) return true;
  if (link.blind == 0 && (seen == s.link || !allAreSilent(link, s))) return false;
  if (!allHavePassed(link, s.deadline + Taps.wallOffset(s.tap))) link.blind = LINK_DOUBTED;
  else {
    link.blind = LINK_DARK;
    tell(link, s, constant.COVERAGE_WHAT_COVERAGE_SUSPECT, lastHeard(link));
  }
  return true;
}

/** A frame of a dark link: it can be seen again. */
export function tellRestored(handle: u32): void {
  Envelope.fromFrame();
  const link = linkAt(handle);
  emit(link, 0, constant.COVERAGE_WHAT_RESTORED, Envelope.time, 'routers of the link are heard again');
}

/** At least two routers whose intervals are known, one open tap, and no hello of another behind the one that this one missed. */
function allAreSilent(link: Link, s: Station): bool {
  const interval = s.interval();
  if (interval == 0 || s.has(STATION_GONE) || openTaps(link) != 1) return false;
  let others: u32 = 0;
  for (let level: u32 = 0; level <= 2; level++) {
    for (let h = link.head(level); h != 0; h = stationAt(h).sibling) {
      const other = stationAt(h);
      if (other.deadline == 0 || other.has(STATION_SILENT) || other.has(STATION_GONE)) continue;
      if (other.helloWall > s.helloWall + interval + (interval >> 1) || other.interval() == 0) return false;
      if (other.system != s.system) others += 1;
    }
  }
  return others != 0;
}

function openTaps(link: Link): u32 {
  let open: u32 = 0;
  for (let i: u32 = 0; i < link.tapCount; i++) if (Taps.isOpen(link.tap(i))) open += 1;
  return open;
}

function allHavePassed(link: Link, wall: i64): bool {
  for (let level: u32 = 0; level <= 2; level++) {
    for (let h = link.head(level); h != 0; h = stationAt(h).sibling) {
      const other = stationAt(h);
      if (other.deadline == 0 || other.has(STATION_SILENT) || other.has(STATION_GONE)) continue;
      if (other.deadline + Taps.wallOffset(other.tap) > wall) return false;
    }
  }
  return true;
}

function lastHeard(link: Link): i64 {
  let last: i64 = 0;
  for (let level: u32 = 0; level <= 2; level++) {
    for (let h = link.head(level); h != 0; h = stationAt(h).sibling) last = max<i64>(last, stationAt(h).helloWall);
  }
  return last;
}

function tell(link: Link, s: Station, what: u8, from: i64): void {
  Envelope.fromDeadline(s.tap, s.deadline, s.context, s.frameOffset, s.frameIndex);
  emit(link, s.system, what, from, 'all routers of the link fell silent within one holding time: it may not be visible');
}

function emit(link: Link, system: u64, what: u8, from: i64, detail: string): void {
  Envelope.time = from;
  CoverageEvents.clear();
  CoverageEvents.what = what;
  CoverageEvents.from = from;
  Text.begin();
  Text.literal('isis');
  CoverageEvents.subjectText();
  Text.begin();
  Text.literal(detail);
  CoverageEvents.detailText();
  memory.copy(key, Contexts.shadowIdentity(link.shadow), 16);
  store<u64>(key, system, 16);
  store<u32>(key, what, 24);
  CoverageEvents.emit(key, 28, 0);
}
