/**
 * All routers of a link fall silent at once while its only tap is open: the link may not be visible any more (an
 * unplugged mirror looks the same as a cut fibre). That is no loss of theirs: it is told as coverage-suspect.
 */
import { Envelope } from '../../../base/assembly/envelope.ts';
import { Contexts, Taps } from '../../../base/assembly/frame.ts';
import { COVERAGE_WHAT_COVERAGE_SUSPECT, COVERAGE_WHAT_RESTORED } from '../../../base/assembly/generated/constants.ts';
import { CoverageEvents } from '../../../base/assembly/generated/coverage-events.ts';
import { Text } from '../../../base/assembly/text.ts';
import { Now, SECOND, tapOfLink } from './clock.ts';
import { Interface, Link, LINK_DARK } from './entries.ts';
import { leaveLink } from './lsdb-taps.ts';
import { isQuiet } from './presence.ts';

/** Hellos that a router must have sent before its silence can tell of the link. */
const LEAST_HELLOS: u32 = 3;
const key: usize = memory.data(128, 8);

/**
 * Whether the deadline at `Now`, which the silence of `sender` has let pass, says nothing of it: every router of the
 * link has missed a hello. The link is dark from then on, until the next hello there.
 */
export function isDark(sender: Interface): bool {
  const link = sender.link;
  if (link.blind != 0) return true;
  if (sender.shutDown != 0 || !hasOneOpenTap(link)) return false;
  let others: u32 = 0;
  let last: i64 = 0;
  for (let router = link.first; changetype<usize>(router) != 0; router = router.following) {
    if (router.silent != 0 || router.shutDown != 0 || router.helloCount == 0) continue;
    const interval = (router.interval as i64) * SECOND;
    if (Now.time - router.lastTime <= interval + (interval >> 1)) return false;
    if (router.helloCount < LEAST_HELLOS || router.graceUntil != 0 || isQuiet(router)) return false;
    if (router.id != sender.id) others += 1;
    last = max<i64>(last, router.lastTime);
  }
  if (others == 0) return false;
  link.blind = LINK_DARK;
  leaveLink(link);
  Now.envelope(sender.context);
  emit(link, COVERAGE_WHAT_COVERAGE_SUSPECT, last, 'all routers of the link fell silent within one dead interval: it may not be visible');
  return true;
}

/** The hello at hand is of a dark link: it can be seen again. */
export function tellRestored(link: Link, context: u32): void {
  Now.envelope(context);
  emit(link, COVERAGE_WHAT_RESTORED, Now.time, 'routers of the link are heard again');
}

function hasOneOpenTap(link: Link): bool {
  let open: u32 = 0;
  for (let i: u32 = 0; i < link.tapCount; i++) if (Taps.isOpen(tapOfLink(link, i))) open += 1;
  return open == 1;
}

function emit(link: Link, what: u8, from: i64, detail: string): void {
  Envelope.time = from;
  CoverageEvents.clear();
  CoverageEvents.what = what;
  CoverageEvents.from = from;
  Text.begin();
  Text.literal('ospfv2');
  CoverageEvents.subjectText();
  Text.begin();
  Text.literal(detail);
  CoverageEvents.detailText();
  memory.copy(key, Contexts.shadowIdentity(link.shadow), 16);
  store<u32>(key, link.virtualLow, 16);
  store<u32>(key, link.virtualHigh, 20);
  store<u32>(key, what, 24);
  CoverageEvents.emit(key, Now.keyed(key, 28), 0);
}
