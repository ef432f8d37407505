/** LAN adjacencies: rules I1-I4, I8, I9, C1-C3, C5, C6 for one hello. */
import { EVIDENCE_DECLARED, EVIDENCE_RECEIVED, Envelope } from '../../../base/assembly/envelope.ts';
import { Frame } from '../../../base/assembly/frame.ts';
import * as constant from '../../../base/assembly/generated/constants.ts';
import {
  allDown, authenticationDiffers, confirm, DECLARATION_GRACE, fromFrame, goesAway, isUpOrInit, refused, renew, renewFromLast,
  Sender, shareArea,
} from './adjacency.ts';
import { CAUSE_AREA_MISMATCH, CAUSE_AUTHENTICATION_TYPE, CAUSE_DUPLICATE_SYSTEM_ID, report } from './cause.ts';
import { voteDis } from './dis.ts';
import { Hello } from './hello.ts';
import * as iana from './iana.ts';
import { linkAt } from './link.ts';
import { hintMtu } from './mtu.ts';
import { markDirty, transit } from './rows.ts';
import { findStation, Station, stationAt, STATION_RESTARTING, STATION_SILENT } from './station.ts';
import { insertStation } from './tables.ts';
import {
  findView, insertView, LISTED_ONCE, View, viewAt, VIEW_AUTH_ACCEPTED, VIEW_DECLARED_ONLY, VIEW_LISTED, VIEW_REFUSED,
} from './view.ts';

/** Applies the LAN hello in `Hello` from `snpa` on `link`; the handle of its sender, 0 when a cap refused it. */
export function applyLanHello(link: u32, level: u8, snpa: u64): u32 {
  let handle = findStation(link, level, Hello.system, snpa);
  const fresh = handle == 0;
  if (fresh) handle = insertStation(link, level, Hello.system, snpa);
  if (handle == 0) return 0;
  // An older frame of another tap that arrives late is history and moves nothing; one tap's come in order, whatever its wall clock does.
  if (!fresh && stationAt(handle).tap != Frame.tap() && Frame.time() < stationAt(handle).helloWall) return handle;
  Sender.update(handle, fresh);
  fromFrame();
  if (fresh) markDirty(handle);
  if (Sender.wasSilent) markDirty(handle);
  // I10: a goodbye raises nothing, whom it may list.
  if (Sender.saysGoodbye()) goesAway(handle);
  else {
    declare(handle, link, level);
    hintMtu(handle, link, level);
  }
  for (let r = linkAt(link).head(level); r != 0; r = stationAt(r).sibling) if (r != handle) receive(r, handle, level);
  voteDis(link, level);
  return handle;
}

/** What the sender R says of its own views: whom it lists and whom no longer. */
function declare(router: u32, link: u32, level: u8): void {
  const r = stationAt(router);
  const restarting = r.has(STATION_RESTARTING);
  // C5: lists nobody, and was silent, or gave up its LAN id with more than one neighbour. With only one, that one may
  // as well have been lost (C3): an isisd without neighbours has no DIS either.
  const restarted = !Sender.fresh && Hello.listedCount == 0 && !restarting
    && (Sender.afterSilence || (Sender.lanIdCleared && viewsHeld(router, link, level) > 1));
  if (restarted) {
    allDown(router, constant.REASON_ROUTER_RESTARTED, Frame.time());
  }
  for (let n = linkAt(link).head(level); n != 0; n = stationAt(n).sibling) {
    if (n == router) continue;
    const listed = r.lists(stationAt(n).snpa);
    const handle = findView(router, n, level);
    if (handle == 0) {
      if (listed) firstDeclared(router, n, level);
    } else declareOne(handle, listed, restarting);
  }
}

/** Views of the router that are not down. */
function viewsHeld(router: u32, link: u32, level: u8): u32 {
  let held: u32 = 0;
  for (let n = linkAt(link).head(level); n != 0; n = stationAt(n).sibling) {
    const handle = n == router ? 0 : findView(router, n, level);
    if (handle != 0 && isUpOrInit(viewAt(handle))) held += 1;
  }
  return held;
}

/** R lists N and there is no view yet: C6 when this is the first that is seen of R, else C2. */
function firstDeclared(router: u32, neighbor: u32, level: u8): void {
  const state = Sender.fresh ? constant.ADJACENCY_UNKNOWN : constant.ADJACENCY_DOWN;
  const handle = insertView(router, neighbor, level, state);
  if (handle == 0) return;
  const v = viewAt(handle);
  v.set(VIEW_LISTED, true);
  if (stationAt(neighbor).has(STATION_SILENT)) return;
  if (Sender.fresh) firstSeen(handle);
  else raise(handle);
}

/** C6: one row from unknown to what both hellos prove. */
function firstSeen(handle: u32): void {
  const v = viewAt(handle);
  const both = stationAt(v.neighbor).lists(stationAt(v.router).snpa);
  renewFromLast(handle, stationAt(v.neighbor));
  transit(handle, both ? constant.ADJACENCY_UP : constant.ADJACENCY_INIT, constant.REASON_FIRST_SEEN, Frame.time(), 0);
}

/** C2: R lists N while the view is down: back to init, and up if N's last hello lists R. */
function raise(handle: u32): void {
  const v = viewAt(handle);
  const neighbor = stationAt(v.neighbor);
  const last = neighbor.helloWall;
  // A list that was made before the hold ran out, or before R's timer fired, raises nothing.
  if (last <= v.since && Frame.time() - v.since < DECLARATION_GRACE) return;
  if (neighbor.has(STATION_SILENT)) return;
  const time = last > v.since ? last : Frame.time();
  v.set(VIEW_DECLARED_ONLY, false);
  if (authenticationDiffers(stationAt(v.router), neighbor)) v.set(VIEW_AUTH_ACCEPTED, true);
  renewFromLast(handle, neighbor);
  Envelope.evidence = EVIDENCE_DECLARED;
  transit(handle, constant.ADJACENCY_INIT, constant.REASON_DECLARED_BY_ROUTER, time, 0);
  if (neighbor.lists(stationAt(v.router).snpa)) {
    transit(handle, constant.ADJACENCY_UP, constant.REASON_DECLARED_BY_ROUTER, time, 1);
  }
  Envelope.evidence = EVIDENCE_RECEIVED;
}

function declareOne(handle: u32, listed: bool, restarting: bool): void {
  const v = viewAt(handle);
  const was = v.has(VIEW_LISTED);
  v.set(VIEW_LISTED, listed);
  if (listed) {
    if (v.state == constant.ADJACENCY_DOWN) raise(handle);
    else if (v.state == constant.ADJACENCY_UNKNOWN && !stationAt(v.neighbor).has(STATION_SILENT)) firstSeen(handle);
    return;
  }
  if (v.state == constant.ADJACENCY_UNKNOWN) {
    v.state = constant.ADJACENCY_DOWN;
    v.since = Frame.time();
  }
  if (!isUpOrInit(v) || restarting) return;
  if (was || Frame.time() - v.since > DECLARATION_GRACE) {
    Envelope.evidence = EVIDENCE_DECLARED;
    refused(handle);
    Envelope.evidence = EVIDENCE_RECEIVED;
  }
}

/** What the hello of N means in the view of R. */
function receive(router: u32, neighbor: u32, level: u8): void {
  const r = stationAt(router);
  const n = stationAt(neighbor);
  if (!r.isPresent(Frame.time())) return;
  if (r.system == n.system) {
    // I14: one id, two stations that both live; a router with a new address only leaves the old one behind.
    if (Sender.alternatesWith(r)) report(n.link, CAUSE_DUPLICATE_SYSTEM_ID, 0, level, n.system, 0);
    return;
  }
  let handle = findView(router, neighbor, level);
  const refusal = refusalOf(r, n, level, handle);
  if (refusal != 0) {
    report(n.link, refusal, 0, level, n.system, r.system);
    if (handle != 0) refuse(handle, refusal);
    return;
  }
  if (handle == 0) {
    const unknown = Sender.fresh && r.lists(n.snpa);
    handle = insertView(router, neighbor, level, unknown ? constant.ADJACENCY_UNKNOWN : constant.ADJACENCY_DOWN);
    if (handle == 0) return;
    viewAt(handle).set(VIEW_LISTED, unknown);
    if (unknown) viewAt(handle).unlisted = LISTED_ONCE;
  }
  const v = viewAt(handle);
  v.set(VIEW_REFUSED, false);
  if (v.state == constant.ADJACENCY_UNKNOWN) {
    if (r.lists(n.snpa)) firstSeen(handle);
    return;
  }
  if (v.has(VIEW_DECLARED_ONLY)) return;
  renew(handle);
  // C1: an overdue router is probably dead; nothing improves or worsens in its view but by its own word or silence.
  if (r.isOverdue(Frame.time())) return;
  advance(handle, n.lists(r.snpa));
}

/** I1, I2, I3. */
function advance(handle: u32, lists: bool): void {
  const v = viewAt(handle);
  const now = Frame.time();
  let ordinal: u32 = 0;
  if (v.state == constant.ADJACENCY_DOWN) {
    transit(handle, constant.ADJACENCY_INIT, constant.REASON_HELLO_RECEIVED, now, ordinal++);
  }
  if (lists) {
    if (v.state == constant.ADJACENCY_INIT) {
      transit(handle, constant.ADJACENCY_UP, constant.REASON_TWO_WAY_RECEIVED, now, ordinal);
    } else confirm(v);
  } else if (v.state == constant.ADJACENCY_UP) {
    // I9: a restarting router lists nobody, which is no loss (RFC 5306 3.2.1).
    if (stationAt(v.neighbor).has(STATION_RESTARTING)) return;
    const reason = Hello.hasList ? constant.REASON_ONE_WAY_RECEIVED : constant.REASON_NEIGHBOR_RESTARTED;
    transit(handle, constant.ADJACENCY_INIT, reason, now, ordinal);
  }
}

/** The visible cause for which R must refuse the hello of N, 0 for none (C1). */
function refusalOf(r: Station, n: Station, level: u8, view: u32): u8 {
  if (level == 1 && !shareArea(r, n)) return CAUSE_AREA_MISMATCH;
  if (authenticationDiffers(r, n)) {
    if (view == 0 || !viewAt(view).has(VIEW_AUTH_ACCEPTED)) return CAUSE_AUTHENTICATION_TYPE;
  }
  return 0;
}

/** I8: a new area list takes the adjacency down at once; other refusals let the hold run out. */
function refuse(handle: u32, refusal: u8): void {
  const v = viewAt(handle);
  v.set(VIEW_REFUSED, true);
  if (refusal == CAUSE_AREA_MISMATCH && Sender.areasChanged && isUpOrInit(v)) {
    transit(handle, constant.ADJACENCY_DOWN, constant.REASON_AREA_MISMATCH, Frame.time(), 0);
  }
}

/** Whether the circuit type of a LAN hello allows its level (ISO 10589 8.4.2.3, 8.4.2.4). */
export function levelAllowed(level: u8): bool {
  return (Hello.circuitType & (level == 1 ? iana.CIRCUIT_L1 : iana.CIRCUIT_L2)) != 0;
}
