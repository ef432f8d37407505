/** What a hello changes: its sender's declarations, then what every other router on the link heard (rules C1-C8, O1-O11). */
import { Frame } from '../../../base/assembly/frame.ts';
import { EVIDENCE_DECLARED, EVIDENCE_INFERRED, EVIDENCE_RECEIVED } from '../../../base/assembly/envelope.ts';
import {
  ADJACENCY_2_WAY, ADJACENCY_ATTEMPT, ADJACENCY_DOWN, ADJACENCY_INIT, ADJACENCY_UNKNOWN,
  REASON_ADJACENCY_NOT_NEEDED, REASON_ATTEMPT_STARTED, REASON_CONFIG_MISMATCH, REASON_DECLARED_BY_ROUTER,
  REASON_FIRST_SEEN, REASON_HELLO_RECEIVED, REASON_HELLO_REFUSED, REASON_ONE_WAY_RECEIVED, REASON_ROUTER_RESTARTED,
  REASON_TWO_WAY_RECEIVED,
} from '../../../base/assembly/generated/constants.ts';
import { Hash } from '../../../base/assembly/hash.ts';
import { beginMinutes, markCounts, watchMinute } from './counts.ts';
import { MILLISECOND, Now, SECOND } from './clock.ts';
import { tellRestored } from './darkness.ts';
import { DUE_VIEW, scheduleRouter, scheduleView } from './deadlines.ts';
import { Due, Timer } from './due.ts';
import { HELD_TWO_WAY, Interface, KEPT_HELLOS, Link, LINK_DARK, View } from './entries.ts';
import { emitNames } from './rows.ts';
import { Hello, idInList } from './hello.ts';
import { ALL_SPF_ROUTERS, AUTHENTICATION_CRYPTOGRAPHIC } from './iana.ts';
import { watchDesignated } from './lan.ts';
import { findByAddress, findInterface, keepList, linkOfFrame, makeInterface, viewOf } from './links.ts';
import { lsasRestored } from './lsdb-taps.ts';
import { Packet } from './packet.ts';
import { deadNs, isDemand, isOverdueAt, isPossibleNeighbor, isPresent } from './presence.ts';
import { refuses } from './refusal.ts';
import { hears, Transition, TWO_WAY_WAIT, watchSilence } from './transitions.ts';

/** A content-equal PDU on another tap within this time is the same PDU (C8); a hello, if it is not half an interval later. */
const SAME_PDU: i64 = 2 * SECOND;
/** Counted hellos of a collector come some 10 s after they passed; beyond this, the two taps' clocks differ. */
const LEAST_HISTORY: i64 = 60 * SECOND;
/** A hello may cross the one it should have answered. */
const CROSSING: i64 = 100 * MILLISECOND;

let previousHello: i64 = 0;
let previousDesignated: u32 = 0;

/** Applies the hello in `Hello` and `Packet`. */
export function applyHello(): void {
  const unicast = (Packet.destination >>> 28) != 14;
  // A virtual link's hellos are routed unicast in the backbone, with mask 0 (RFC 2328 9.5, 15).
  const virtualPeers = unicast && Packet.area == 0 && Hello.mask == 0;
  const link = linkOfFrame(virtualPeers, min<u32>(Packet.source, Packet.destination), max<u32>(Packet.source, Packet.destination));
  if (link === null) return;
  if (link.blind != 0) endBlindness(link);
  let sender = findInterface(link, Packet.area, Packet.router, Packet.source);
  const fresh = sender === null;
  if (sender === null) {
    sender = makeInterface(link, Packet.area, Packet.router, Packet.source);
    if (sender === null) return;
  } else if (isRepeatedByTap(sender) || isHistory(sender)) {
    return;
  }
  keepHello(sender, unicast);
  if (fresh) {
    beginMinutes(sender);
    emitNames(sender);
  }
  watchMinute(sender);
  applyDeclarations(link, sender);
  applyReceived(link, sender);
  if (unicast) applyAttempt(link, sender);
  watchDesignated(link);
  markCounts(sender);
}

function isRepeatedByTap(sender: Interface): bool {
  const apart = min<i64>(SAME_PDU, ((sender.interval as i64) * SECOND) / 2);
  return sender.tap != Now.tap && sender.helloHash == contentHash() && Now.time - sender.lastTime < apart;
}

/** A hello older than one that was seen: a late batch of the same tap, or of another one. */
function isHistory(sender: Interface): bool {
  if (sender.tap == Now.tap) return Now.boot < sender.lastBoot;
  const age = sender.lastTime - Now.time;
  return age > 0 && age < max<i64>(4 * deadNs(sender), LEAST_HISTORY);
}

/**
 * Of what does not change from one hello to the next: neither sequence number nor digest, which a counted hello has from
 * whenever its tap last shipped it.
 */
function contentHash(): u64 {
  if (Packet.authentication != AUTHENTICATION_CRYPTOGRAPHIC) {
    Hash.murmur128(Packet.start, min<u32>(Packet.length, Frame.payloadHere()));
    return Hash.low;
  }
  Hash.murmur128(Packet.body, Packet.bodyLength);
  // RFC 2328 D.3: AuType, then in the authentication field key id and length.
  return Hash.mix(Hash.low ^ (load<u16>(Packet.start, 14) as u64) ^ ((load<u32>(Packet.start, 16) as u64) << 16));
}

function keepHello(sender: Interface, unicast: bool): void {
  previousHello = sender.lastTime;
  previousDesignated = sender.designated;
  const wasDemand = isDemand(sender);
  sender.helloHash = contentHash();
  sender.mask = Hello.mask;
  sender.interval = Hello.interval;
  sender.dead = Hello.dead;
  sender.designated = Hello.designated;
  sender.backup = Hello.backup;
  sender.priority = Hello.priority;
  sender.options = Hello.options;
  sender.authentication = Packet.authentication;
  if (!Frame.isCounted()) sender.cryptoSequence = Packet.cryptoSequence;
  sender.context = Frame.context();
  sender.unicast = unicast ? 1 : 0;
  if (Hello.designated != 0) sender.broadcast = 1;
  sender.silent = 0;
  sender.shutDown = 0;
  sender.tap = Now.tap;
  sender.previousTime = sender.lastTime;
  sender.lastBoot = Now.boot;
  sender.lastTime = Now.time;
  sender.frameNumber = Now.number;
  sender.frameOffset = Now.offset;
  sender.frameIndex = Now.index;
  const slot = (sender.helloCount % KEPT_HELLOS) as usize;
  store<i64>(changetype<usize>(sender) + offsetof<Interface>('arrival0') + (slot << 3), Now.time);
  sender.helloCount += 1;
  keepList(sender, Hello.neighbors, Hello.count);
  watchSilence(sender);
  if (wasDemand != isDemand(sender)) {
    // Whose silence means nothing may have changed.
    for (let other = sender.link.first; changetype<usize>(other) != 0; other = other.following) watchSilence(other);
  }
}

// ---- what the sender declares of others ------------------------------------------------------------------------------

function applyDeclarations(link: Link, sender: Interface): void {
  if (sender.listCount == 0 && hasRestarted(sender) && downAll(link, sender)) return;
  for (let other = link.first; changetype<usize>(other) != 0; other = other.following) {
    if (!isPossibleNeighbor(sender, other)) continue;
    const view = viewOf(sender, other);
    if (view === null) continue;
    if (idInList(sender.list, sender.listCount, other.id)) declareListed(view);
    else declareUnlisted(view);
    applyNotNeeded(view);
  }
}

/** C5: its DR is gone, or it was silent for more than 1.5 hello intervals. */
function hasRestarted(sender: Interface): bool {
  if (previousHello == 0) return false;
  const silence = Now.time - previousHello;
  return (previousDesignated != 0 && sender.designated == 0)
    || silence > ((sender.interval as i64) * 3 * SECOND) / 2;
}

/** C5: the views of a restarted router; false when all were down. */
function downAll(link: Link, sender: Interface): bool {
  let any = false;
  for (let other = link.first; changetype<usize>(other) != 0; other = other.following) {
    if (!isPossibleNeighbor(sender, other)) continue;
    const view = viewOf(sender, other);
    if (view === null) continue;
    view.listed = 0;
    view.declaredOnly = 0;
    view.withheld = 0;
    if (!hears(view.state)) {
      if (view.state == ADJACENCY_UNKNOWN) becomeDown(view);
      continue;
    }
    any = true;
    view.deadline = 0;
    Transition.to(view, ADJACENCY_DOWN, REASON_ROUTER_RESTARTED, Now.time, EVIDENCE_DECLARED);
  }
  return any;
}

/** The first hello seen of a router does not list the neighbour: nothing was there before (C6). */
function becomeDown(view: View): void {
  view.state = ADJACENCY_DOWN;
  view.shown = ADJACENCY_DOWN;
}

function declareListed(view: View): void {
  const other = view.neighbor;
  view.listed = 1;
  view.declaredOnly = 0;
  if (view.withheld != 0) {
    view.withheld = 0;
    acceptLast(view);
  }
  if (view.state == ADJACENCY_UNKNOWN) {
    showFirst(view);
  } else if (!hears(view.state)) {
    declareHeard(view);
  }
}

/** C2: the router says it hears the neighbour: init, and on to what the neighbour's last hello proves. */
export function declareHeard(view: View): void {
  const other = view.neighbor;
  let time = other.lastTime;
  const silence = Now.time - other.lastTime - deadNs(view.router);
  // Its timer may run a little behind ours: only what it still lists a hello later does it hear.
  if (silence >= 0 && silence * 2 < (view.router.interval as i64) * 3 * SECOND) return;
  view.declaredOnly = 0;
  if (silence < 0) {
    acceptLast(view);
  } else {
    // Its hellos do not pass our tap, the router hears them all the same.
    time = Now.time;
    acceptNow(view);
  }
  if (view.state == ADJACENCY_UNKNOWN) {
    view.state = ADJACENCY_DOWN;
    Transition.initial(view, ADJACENCY_INIT, REASON_FIRST_SEEN, time, EVIDENCE_DECLARED);
  } else {
    Transition.to(view, ADJACENCY_INIT, REASON_DECLARED_BY_ROUTER, time, EVIDENCE_DECLARED);
  }
  if (silence < 0 && idInList(other.list, other.listCount, view.router.id)) twoWay(view, time);
}

/** C6: both have been seen: one row to the state that both prove. */
function showFirst(view: View): void {
  const other = view.neighbor;
  acceptLast(view);
  const both = idInList(other.list, other.listCount, view.router.id);
  Transition.initial(view, both ? ADJACENCY_2_WAY : ADJACENCY_INIT, REASON_FIRST_SEEN, Now.time, EVIDENCE_DECLARED);
  view.unproven = both ? 1 : 0;
}

function declareUnlisted(view: View): void {
  const wasListed = view.listed != 0;
  view.listed = 0;
  if (view.state == ADJACENCY_UNKNOWN) becomeDown(view);
  if (!hears(view.state)) return;
  const other = view.neighbor;
  if (other.graceUntil > Now.time) return;
  if (!wasListed && Now.time - view.since < CROSSING) return;
  if (Now.time - other.lastTime >= deadNs(view.router) && view.withheld == 0) return;
  refuse(view, wasListed);
}

/** C3: the router does not list a neighbour whose hellos pass the tap. */
function refuse(view: View, wasListed: bool): void {
  const other = view.neighbor;
  const router = view.router;
  const hold = deadNs(router);
  let matches: u32 = 0;
  let time: i64 = Now.time;
  const kept = min<u32>(other.helloCount, KEPT_HELLOS);
  for (let i: u32 = 0; i < kept; i++) {
    const arrival = load<i64>(changetype<usize>(other) + offsetof<Interface>('arrival0') + ((i as usize) << 3));
    if (arrival + hold > router.previousTime && arrival + hold <= Now.time) {
      matches += 1;
      time = arrival + hold;
    }
  }
  if (matches != 1) time = Now.time;
  const reason = view.refusal != 0 ? REASON_CONFIG_MISMATCH : REASON_HELLO_REFUSED;
  view.declaredOnly = 1;
  view.withheld = 0;
  view.deadline = 0;
  Transition.to(view, ADJACENCY_DOWN, reason, time, EVIDENCE_DECLARED);
}

/** O11: by the router's own hello neither end is DR or BDR: full falls to 2-way. */
function applyNotNeeded(view: View): void {
  const router = view.router;
  if (view.state <= ADJACENCY_2_WAY || router.designated == 0) return;
  if (needsAdjacency(view)) return;
  Transition.to(view, ADJACENCY_2_WAY, REASON_ADJACENCY_NOT_NEEDED, Now.time, EVIDENCE_DECLARED);
}

/** RFC 2328 10.4 by the router's own hello: point-to-point (or still unknown), or one end is DR or BDR. */
function needsAdjacency(view: View): bool {
  const router = view.router;
  const neighbor = view.neighbor;
  return router.designated == 0 || router.designated == router.address || router.backup == router.address
    || router.designated == neighbor.address || router.backup == neighbor.address;
}

/** Whether the router's DBD may follow a two-way hello at once: with DR 0 not on a LAN, where it is still Waiting. */
function mayStart(view: View): bool {
  if (view.router.designated != 0) return needsAdjacency(view);
  return (view.router.broadcast | view.neighbor.broadcast) == 0;
}

// ---- what others hear of the sender ----------------------------------------------------------------------------------

function applyReceived(link: Link, sender: Interface): void {
  for (let router = link.first; changetype<usize>(router) != 0; router = router.following) {
    if (router == sender || router.helloCount == 0) continue;
    if (!isPresent(router) || isOverdueAt(router, Now.time)) continue;
    if (refuses(router, sender)) continue;
    const view = viewOf(router, sender);
    if (view === null) continue;
    if (view.declaredOnly != 0) continue;
    if (sender.authentication == AUTHENTICATION_CRYPTOGRAPHIC) view.cryptoSequence = sender.cryptoSequence;
    hear(view);
  }
}

/** The view's router accepted the hello under the decoder. */
function hear(view: View): void {
  const router = view.router;
  const listsRouter = Hello.lists(router.id);
  if (view.state == ADJACENCY_UNKNOWN) {
    showFirst(view);
    return;
  }
  acceptNow(view);
  if (!hears(view.state)) Transition.to(view, ADJACENCY_INIT, REASON_HELLO_RECEIVED, Now.time, EVIDENCE_RECEIVED);
  if (listsRouter) {
    if (view.state == ADJACENCY_INIT) twoWay(view, Now.time);
  } else if (view.state >= ADJACENCY_2_WAY && view.neighbor.graceUntil <= Now.time) {
    Transition.to(view, ADJACENCY_INIT, REASON_ONE_WAY_RECEIVED, Now.time, EVIDENCE_RECEIVED);
  }
}

/** O2: 2-way at once where no adjacency is wanted, else held: the router's DBD may follow. */
export function twoWay(view: View, time: i64): void {
  if (mayStart(view) && time == Now.time) {
    Transition.hold(view, HELD_TWO_WAY, ADJACENCY_2_WAY, REASON_TWO_WAY_RECEIVED, EVIDENCE_RECEIVED, TWO_WAY_WAIT, false);
  } else {
    Transition.to(view, ADJACENCY_2_WAY, REASON_TWO_WAY_RECEIVED, time, EVIDENCE_INFERRED);
  }
}

/** The hello under the decoder, of the neighbour, counts for the view: its deadline is renewed (O9). */
function acceptNow(view: View): void {
  view.acceptedBoot = Now.boot;
  view.acceptedTime = Now.time;
  view.acceptedTap = Now.tap;
  view.acceptedNumber = Now.number;
  view.acceptedOffset = Now.offset;
  view.acceptedIndex = Now.index;
  renew(view);
}

/** The neighbour's last hello counts for the view. */
function acceptLast(view: View): void {
  const neighbor = view.neighbor;
  view.acceptedBoot = neighbor.lastBoot;
  view.acceptedTime = neighbor.lastTime;
  view.acceptedTap = neighbor.tap;
  view.acceptedNumber = neighbor.frameNumber;
  view.acceptedOffset = neighbor.frameOffset;
  view.acceptedIndex = neighbor.frameIndex;
  renew(view);
}

function renew(view: View): void {
  view.graceHeld = 0;
  view.refusal = 0;
  setDeadline(view, view.acceptedBoot + deadNs(view.router));
}

/** The view ends at `boot` of its accepted tap unless a hello comes (O9). */
export function setDeadline(view: View, boot: i64): void {
  view.deadline = boot;
  Due.schedule(changetype<Timer>(changetype<usize>(view) + offsetof<View>('timer')), DUE_VIEW);
}

/** O13: a unicast hello to a neighbour that is down: attempt, on networks that elect a DR (NBMA) only. */
function applyAttempt(link: Link, sender: Interface): void {
  if (sender.broadcast == 0 || Packet.destination == ALL_SPF_ROUTERS) return;
  const other = findByAddress(link, sender.area, Packet.destination);
  if (other === null || !isPossibleNeighbor(sender, other)) return;
  const view = viewOf(sender, other);
  if (view === null || view.state != ADJACENCY_DOWN) return;
  Transition.to(view, ADJACENCY_ATTEMPT, REASON_ATTEMPT_STARTED, Now.time, EVIDENCE_DECLARED);
}

// ---- blindness -------------------------------------------------------------------------------------------------------

/** C7: the first frame after all taps of the link were lost: what changed meanwhile says so. */
function endBlindness(link: Link): void {
  if (link.blind == LINK_DARK) tellRestored(link, Frame.context());
  link.blind = 0;
  lsasRestored(link);
  for (let router = link.first; changetype<usize>(router) != 0; router = router.following) {
    router.lastBoot = Now.boot;
    router.lastTime = Now.time;
    router.tap = Now.tap;
    router.frameNumber = Now.number;
    scheduleRouter(router);
    for (let other = link.first; changetype<usize>(other) != 0; other = other.following) {
      if (!isPossibleNeighbor(router, other)) continue;
      const view = viewOf(router, other);
      if (view === null) continue;
      if (hears(view.state)) {
        view.blind = 1;
        view.withheld = 0;
        view.acceptedTap = Now.tap;
        view.acceptedNumber = Now.number;
        view.deadline = Now.boot + deadNs(router);
      }
      scheduleView(view);
    }
  }
}
