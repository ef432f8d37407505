/** Point-to-point adjacencies: rules I5-I7, I13 and what C1-C6 mean there, for one hello (RFC 5303, ISO 10589 8.2). */
import { EVIDENCE_DECLARED, EVIDENCE_INFERRED, EVIDENCE_RECEIVED, Envelope } from '../../../base/assembly/envelope.ts';
import { Frame } from '../../../base/assembly/frame.ts';
import * as constant from '../../../base/assembly/generated/constants.ts';
import {
  authenticationDiffers, confirm, DECLARATION_GRACE, fromFrame, goesAway, isUpOrInit, refused, renew, renewFromLast,
  Sender, shareArea, shareTopology,
} from './adjacency.ts';
import {
  CAUSE_AREA_MISMATCH, CAUSE_AUTHENTICATION_TYPE, CAUSE_DUPLICATE_SYSTEM_ID, CAUSE_LEVEL_MISMATCH,
  CAUSE_TOPOLOGY_MISMATCH, CAUSE_WRONG_SYSTEM, report,
} from './cause.ts';
import { Hello } from './hello.ts';
import * as iana from './iana.ts';
import { linkAt } from './link.ts';
import { hintMtu } from './mtu.ts';
import { markDirty, transit } from './rows.ts';
import { findStation, Station, stationAt, STATION_RESTARTING, STATION_SILENT } from './station.ts';
import { insertStation } from './tables.ts';
import { findView, insertView, LISTED_ONCE, viewAt, VIEW_AUTH_ACCEPTED, VIEW_DECLARED_ONLY, VIEW_LISTED } from './view.ts';

/** What a hello says of one other router: nothing, or one of the YANG states. */
const SAYS_NOTHING: u8 = 255;

/** Applies the point-to-point hello in `Hello`; the handle of its sender, 0 when a cap refused it. */
export function applyP2pHello(link: u32, snpa: u64): u32 {
  let handle = findStation(link, 0, Hello.system, snpa);
  const fresh = handle == 0;
  if (fresh) handle = insertStation(link, 0, Hello.system, snpa);
  if (handle == 0) return 0;
  // An older frame of another tap that arrives late is history and moves nothing; one tap's come in order, whatever its wall clock does.
  if (!fresh && stationAt(handle).tap != Frame.tap() && Frame.time() < stationAt(handle).helloWall) return handle;
  Sender.update(handle, fresh);
  fromFrame();
  if (fresh || Sender.wasSilent) markDirty(handle);
  const goodbye = Sender.saysGoodbye();
  if (goodbye) goesAway(handle);
  const sender = stationAt(handle);
  let named = !Hello.namesNeighbor;
  let heard = false;
  for (let x = linkAt(link).head0; x != 0; x = stationAt(x).sibling) {
    if (x == handle) continue;
    const other = stationAt(x);
    if (other.system == sender.system) {
      if (Sender.alternatesWith(other)) report(link, CAUSE_DUPLICATE_SYSTEM_ID, 0, 0, sender.system, 0);
      continue;
    }
    if (!other.has(STATION_SILENT)) heard = true;
    if (names(sender, other)) named = true;
    const levels = commonLevels(sender, other);
    dropLevels(handle, x, levels);
    for (let level: u8 = 1; level <= 2; level++) {
      if ((levels & level) != 0 && !goodbye) declare(handle, x, level);
    }
    receive(x, handle, levels);
  }
  if (!goodbye) hintMtu(handle, link, 0);
  // Whom it names may not have been seen yet: wrong is a name that is not that of who is there.
  if (!named && heard) report(link, CAUSE_WRONG_SYSTEM, 0, 0, sender.system, 0);
  return handle;
}

/** Whether a hello of `a` with TLV 240 means `b`: it names nobody, or `b` with its circuit (RFC 5303 3.2 b, c). */
export function names(a: Station, b: Station): bool {
  if ((a.threeWayBits & 2) == 0) return true;
  if (a.neighborSystem != b.system) return false;
  return (a.threeWayBits & 4) == 0 || (b.threeWayBits & 1) == 0 || a.neighborCircuit == b.extendedCircuit;
}

/** I7: the levels (bits) at which the two can be adjacent (ISO 10589 8.2.5.2). */
function commonLevels(a: Station, b: Station): u8 {
  const both = a.circuitType & b.circuitType;
  return (both & iana.CIRCUIT_L1) != 0 && !shareArea(a, b) ? both & iana.CIRCUIT_L2 : both;
}

/** A level that the two have no longer in common takes its adjacency with it, both ways. */
function dropLevels(sender: u32, other: u32, levels: u8): void {
  for (let level: u8 = 1; level <= 2; level++) {
    if ((levels & level) != 0) continue;
    const areas = (stationAt(sender).circuitType & stationAt(other).circuitType & level) != 0;
    const reason = areas ? constant.REASON_AREA_MISMATCH : constant.REASON_LEVEL_MISMATCH;
    dropView(findView(other, sender, level), reason);
    dropView(findView(sender, other, level), reason);
  }
}

function dropView(handle: u32, reason: u8): void {
  if (handle == 0 || !isUpOrInit(viewAt(handle))) return;
  transit(handle, constant.ADJACENCY_DOWN, reason, Frame.time(), 0);
}

/** The state that the sender's TLV 240 declares for its view of `other`. */
function declaredState(sender: Station, other: Station): u8 {
  if (sender.threeWay == iana.THREE_WAY_ABSENT) return SAYS_NOTHING;
  if (sender.threeWay == iana.THREE_WAY_DOWN || !names(sender, other)) return constant.ADJACENCY_DOWN;
  return sender.threeWay == iana.THREE_WAY_UP ? constant.ADJACENCY_UP : constant.ADJACENCY_INIT;
}

/** I5, first half: the sender R declares its own view of N. */
function declare(router: u32, neighbor: u32, level: u8): void {
  const state = declaredState(stationAt(router), stationAt(neighbor));
  if (state == SAYS_NOTHING) return;
  const silent = stationAt(neighbor).has(STATION_SILENT);
  let handle = findView(router, neighbor, level);
  if (handle == 0) {
    const first = Sender.fresh && state != constant.ADJACENCY_DOWN;
    handle = insertView(router, neighbor, level, first ? constant.ADJACENCY_UNKNOWN : constant.ADJACENCY_DOWN);
    if (handle == 0) return;
  }
  const v = viewAt(handle);
  const was = v.has(VIEW_LISTED);
  v.set(VIEW_LISTED, state != constant.ADJACENCY_DOWN);
  Envelope.evidence = EVIDENCE_DECLARED;
  if (state == constant.ADJACENCY_DOWN) declareDown(handle, was);
  else if (v.state == constant.ADJACENCY_UNKNOWN) {
    if (!silent) firstSeen(handle, state);
  } else if (v.state == constant.ADJACENCY_DOWN) {
    if (!silent) raise(handle, state);
  } else if (v.state != state) change(handle, state);
  else confirm(v);
  Envelope.evidence = EVIDENCE_RECEIVED;
}

/** C5, C3: the router says Down while its view was not. */
function declareDown(handle: u32, was: bool): void {
  const v = viewAt(handle);
  const now = Frame.time();
  if (v.state == constant.ADJACENCY_UNKNOWN) {
    v.state = constant.ADJACENCY_DOWN;
    v.since = now;
  }
  if (!isUpOrInit(v) || stationAt(v.router).has(STATION_RESTARTING)) return;
  if (Sender.afterSilence) transit(handle, constant.ADJACENCY_DOWN, constant.REASON_ROUTER_RESTARTED, now, 0);
  else if (was || now - v.since > DECLARATION_GRACE) refused(handle);
}

/** C6: one row from unknown to what the router declares, once the neighbour's own hello has passed too. */
function firstSeen(handle: u32, state: u8): void {
  const v = viewAt(handle);
  renewFromLast(handle, stationAt(v.neighbor));
  transit(handle, state, constant.REASON_FIRST_SEEN, Frame.time(), 0);
}

/** C2: the router declares init or up while the view is down: it took the neighbour's last hello. */
function raise(handle: u32, state: u8): void {
  const v = viewAt(handle);
  const neighbor = stationAt(v.neighbor);
  const last = neighbor.helloWall;
  if (last <= v.since && Frame.time() - v.since < DECLARATION_GRACE) return;
  const time = last > v.since ? last : Frame.time();
  v.set(VIEW_DECLARED_ONLY, false);
  if (authenticationDiffers(stationAt(v.router), neighbor)) v.set(VIEW_AUTH_ACCEPTED, true);
  renewFromLast(handle, neighbor);
  transit(handle, constant.ADJACENCY_INIT, constant.REASON_DECLARED_BY_ROUTER, time, 0);
  if (state == constant.ADJACENCY_UP) {
    transit(handle, constant.ADJACENCY_UP, constant.REASON_DECLARED_BY_ROUTER, time, 1);
  }
}

/** The router declares init where up was believed, or up where init was. */
function change(handle: u32, state: u8): void {
  const v = viewAt(handle);
  const last = stationAt(v.neighbor).helloWall;
  const now = Frame.time();
  const time = last > v.since ? last : now;
  if (state == constant.ADJACENCY_UP) {
    transit(handle, state, constant.REASON_DECLARED_BY_ROUTER, time, 0);
  } else if (Sender.afterSilence) {
    // It was away and has begun anew with the neighbour's last hello.
    transit(handle, constant.ADJACENCY_DOWN, constant.REASON_ROUTER_RESTARTED, time, 0);
    renewFromLast(handle, stationAt(v.neighbor));
    transit(handle, state, constant.REASON_DECLARED_BY_ROUTER, time, 1);
  } else if (now - v.since > DECLARATION_GRACE && !stationAt(v.router).has(STATION_RESTARTING)) {
    // A hello that was made before the one that brought it up says init still.
    transit(handle, state, constant.REASON_DECLARED_BY_ROUTER, now, 0);
  }
}

/** I5, second half, and I6: what the sender N's hello means in the view of R. */
function receive(router: u32, neighbor: u32, levels: u8): void {
  const r = stationAt(router);
  const n = stationAt(neighbor);
  if (!r.isPresent(Frame.time())) return;
  if (levels == 0) {
    const cause = (r.circuitType & n.circuitType) != 0 ? CAUSE_AREA_MISMATCH : CAUSE_LEVEL_MISMATCH;
    report(r.link, cause, 0, 0, n.system, r.system);
    return;
  }
  // A hello that names another system or circuit is not for R; who is named by nobody is reported once for all.
  if (!names(n, r)) return;
  if (!shareTopology(r, n)) {
    report(r.link, CAUSE_TOPOLOGY_MISMATCH, 0, 0, n.system, r.system);
    return;
  }
  const differs = authenticationDiffers(r, n);
  for (let level: u8 = 1; level <= 2; level++) {
    if ((levels & level) == 0) continue;
    const handle = findView(router, neighbor, level);
    if (differs && (handle == 0 || !viewAt(handle).has(VIEW_AUTH_ACCEPTED))) {
      report(r.link, CAUSE_AUTHENTICATION_TYPE, 0, 0, n.system, r.system);
      continue;
    }
    receiveAt(router, neighbor, level, handle);
  }
}

function receiveAt(router: u32, neighbor: u32, level: u8, known: u32): void {
  const r = stationAt(router);
  const declared = declaredState(r, stationAt(neighbor));
  let handle = known;
  if (handle == 0) {
    const unknown = Sender.fresh && declared != SAYS_NOTHING && declared != constant.ADJACENCY_DOWN;
    handle = insertView(router, neighbor, level, unknown ? constant.ADJACENCY_UNKNOWN : constant.ADJACENCY_DOWN);
    if (handle == 0) return;
    viewAt(handle).set(VIEW_LISTED, unknown);
    if (unknown) viewAt(handle).unlisted = LISTED_ONCE;
  }
  const v = viewAt(handle);
  if (v.state == constant.ADJACENCY_UNKNOWN) {
    if (declared != SAYS_NOTHING && declared != constant.ADJACENCY_DOWN) firstSeen(handle, declared);
    return;
  }
  if (v.has(VIEW_DECLARED_ONLY)) return;
  renew(handle);
  if (r.isOverdue(Frame.time())) return;
  if (declared == SAYS_NOTHING || Hello.threeWay == iana.THREE_WAY_ABSENT) twoWay(handle);
  else threeWay(handle);
}

/** I6: without TLV 240 at either end the adjacency is up at the first hello; nothing shows whether the other end heard. */
function twoWay(handle: u32): void {
  const v = viewAt(handle);
  if (v.state == constant.ADJACENCY_UP) {
    confirm(v);
    return;
  }
  Envelope.evidence = EVIDENCE_INFERRED;
  transit(handle, constant.ADJACENCY_UP, constant.REASON_HELLO_RECEIVED, Frame.time(), 0);
  Envelope.evidence = EVIDENCE_RECEIVED;
}

/** The table of RFC 5303 3.2: what the state in the received hello does to ours. */
function threeWay(handle: u32): void {
  const v = viewAt(handle);
  const now = Frame.time();
  const received = Hello.threeWay;
  if (received == iana.THREE_WAY_DOWN) {
    if (v.state == constant.ADJACENCY_DOWN) {
      transit(handle, constant.ADJACENCY_INIT, constant.REASON_HELLO_RECEIVED, now, 0);
    } else if (v.state == constant.ADJACENCY_UP && !stationAt(v.neighbor).has(STATION_RESTARTING)) {
      transit(handle, constant.ADJACENCY_INIT, constant.REASON_NEIGHBOR_RESTARTED, now, 0);
    }
    return;
  }
  let ordinal: u32 = 0;
  if (v.state == constant.ADJACENCY_DOWN) {
    // Up in answer to down is a mistake on the far side: no adjacency.
    if (received == iana.THREE_WAY_UP) return;
    transit(handle, constant.ADJACENCY_INIT, constant.REASON_HELLO_RECEIVED, now, ordinal++);
  }
  if (v.state == constant.ADJACENCY_INIT) {
    transit(handle, constant.ADJACENCY_UP, constant.REASON_THREE_WAY_RECEIVED, now, ordinal);
  } else confirm(v);
}
