/** Rules that LAN and point-to-point adjacencies share: refusal, renewal, what a router's own silence means (C1-C5). */
import { Envelope, EVIDENCE_RECEIVED } from '../../../base/assembly/envelope.ts';
import { Frame } from '../../../base/assembly/frame.ts';
import * as constant from '../../../base/assembly/generated/constants.ts';
import { Blocks } from '../../../base/assembly/intern.ts';
import { Hello } from './hello.ts';
import * as iana from './iana.ts';
import { linkAt } from './link.ts';
import { Pdu } from './pdu.ts';
import { transit } from './rows.ts';
import { armMinute, armStation, armView } from './schedule.ts';
import {
  Station, stationAt, STATION_DIS, STATION_GONE, STATION_HAS_LIST, STATION_PADDED, STATION_RESTARTING, STATION_SILENT,
} from './station.ts';
import {
  findView, View, viewAt, VIEW_BLIND, VIEW_DECLARED_ONLY, VIEW_RESTART, VIEW_SUPPRESSED, VIEW_WITHHELD,
} from './view.ts';

const SECOND: i64 = 1_000_000_000;
const MINUTE: i64 = 60 * SECOND;
/** How long a router may take to show in its own hello what it heard. */
export const DECLARATION_GRACE: i64 = SECOND;

/** What was known of the sender before the hello under the decoder, and what the hello makes of it. */
@unmanaged
export class Sender {
  static handle: u32 = 0;
  static fresh: bool = false;
  static wasSilent: bool = false;
  /** Wall time of its previous hello; 0 fresh. */
  static previousWall: i64 = 0;
  /** Silent for more than 1.5 of its hello intervals before this hello (C5). */
  static afterSilence: bool = false;
  static lanIdCleared: bool = false;
  static areasChanged: bool = false;
  static previousHold: u32 = 0;
  static previousThreeWay: u8 = 0;

  /** Takes the hello over into the station: what the rules need of the time before is kept in the fields above. */
  static update(handle: u32, fresh: bool): void {
    const s = stationAt(handle);
    const wall = Frame.time();
    Sender.handle = handle;
    Sender.fresh = fresh;
    Sender.wasSilent = s.has(STATION_SILENT);
    Sender.previousWall = s.helloWall;
    Sender.previousHold = s.hold;
    Sender.previousThreeWay = s.threeWay;
    const interval = s.interval();
    Sender.afterSilence = !fresh && (Sender.wasSilent || (interval != 0 && wall - s.helloWall > interval + (interval >>> 1)));
    Sender.lanIdCleared = !fresh && s.lanId != 0 && Hello.lanId == 0;
    Sender.areasChanged = fresh || s.areaBytes != Hello.areaBytes
      || memory.compare(s.areas as usize, Hello.areas, Hello.areaBytes) != 0;
    Sender.takeTimes(s, fresh, wall);
    Sender.takeContent(s);
  }

  /** I10: a hold of a second or less from one that had a longer one. */
  @inline static saysGoodbye(): bool {
    return !Sender.fresh && Hello.hold <= 1 && Sender.previousHold > 1;
  }

  /** I14: the other station with the sender's system id lives: it spoke between the sender's last two hellos. */
  @inline static alternatesWith(other: Station): bool {
    return !Sender.fresh && !other.has(STATION_SILENT) && other.helloWall > Sender.previousWall;
  }

  private static takeTimes(s: Station, fresh: bool, wall: i64): void {
    const isDis = Hello.lanId != 0 && Hello.lanId >>> 8 == s.system;
    // The gap before the change counts as the first of the new interval: the third hello after it would be too late.
    if (Sender.wasSilent || isDis != s.has(STATION_DIS)) s.clearGaps();
    if (!fresh && !Sender.wasSilent) s.pushGap(wall - s.helloWall);
    s.set(STATION_DIS, isDis);
    s.set(STATION_SILENT, false);
    s.set(STATION_GONE, false);
    s.previousWall = s.helloWall;
    s.helloWall = wall;
    s.helloBoot = Frame.boot();
    s.tap = Frame.tap();
    s.hold = Hello.hold;
    s.deadline = Frame.boot() + (Hello.hold as i64) * SECOND;
    s.frameOffset = Frame.batchOffset;
    s.frameIndex = Frame.index;
    s.context = Frame.context();
    s.pushHello(wall, Hello.hold);
    if (fresh) s.minute = (wall / MINUTE) as u32;
    armStation(Sender.handle);
    armMinute(Sender.handle);
  }

  private static takeContent(s: Station): void {
    s.circuitType = Hello.circuitType;
    s.priority = Hello.priority;
    s.authType = Hello.authType;
    s.lanId = Hello.lanId;
    s.localCircuit = Hello.localCircuit;
    s.threeWay = Hello.threeWay;
    s.threeWayBits = (Hello.hasCircuit ? 1 : 0) | (Hello.namesNeighbor ? 2 : 0) | (Hello.namesCircuit ? 4 : 0);
    s.extendedCircuit = Hello.extendedCircuit;
    s.neighborSystem = Hello.neighborSystem;
    s.neighborCircuit = Hello.neighborCircuit;
    s.ipv4 = Hello.ipv4;
    s.hasIpv6 = Hello.ipv6At != 0 ? 1 : 0;
    if (Hello.ipv6At != 0) {
      s.ipv6High = load<u64>(Hello.ipv6At);
      s.ipv6Low = load<u64>(Hello.ipv6At, 8);
    }
    s.vlans = load<u32>(Frame.at, 48);
    s.set(STATION_HAS_LIST, Hello.hasList);
    s.set(STATION_PADDED, Hello.padded);
    s.pduLength = Pdu.length;
    s.set(STATION_RESTARTING, Hello.hasRestart && (Hello.restartFlags & iana.RESTART_RR) != 0);
    s.list = Sender.keep(s.list, s.listCount * 6, Hello.listed, Hello.listedCount * 6);
    s.listCount = s.list == 0 ? 0 : Hello.listedCount;
    s.areas = Sender.keep(s.areas, s.areaBytes, Hello.areas, Hello.areaBytes);
    s.areaBytes = s.areas == 0 ? 0 : Hello.areaBytes;
    s.topologies = Sender.keep(s.topologies, s.topologyCount << 1, Hello.topologies, Hello.topologyCount << 1);
    s.topologyCount = s.topologies == 0 ? 0 : Hello.topologyCount;
  }

  /** Replaces a block by a copy of `length` bytes; 0 for none or when memory refuses it. */
  private static keep(block: u32, had: u32, at: usize, length: u32): u32 {
    if (block != 0 && had == length) {
      memory.copy(block as usize, at, length);
      return block;
    }
    if (block != 0) Blocks.give(block as usize, had);
    if (length == 0) return 0;
    const fresh = Blocks.take(length);
    if (fresh != 0) memory.copy(fresh, at, length);
    return fresh as u32;
  }
}

/** Whether the two have an area in common (ISO 10589 8.4.2.2); a router that states none has none. */
export function shareArea(a: Station, b: Station): bool {
  for (let i: u32 = 0; i < a.areaBytes;) {
    const p = a.areas as usize + i as usize;
    const size = load<u8>(p) as u32;
    for (let k: u32 = 0; k < b.areaBytes;) {
      const q = b.areas as usize + k as usize;
      if (load<u8>(q) as u32 == size && memory.compare(p + 1, q + 1, size) == 0) return true;
      k += 1 + (load<u8>(q) as u32);
    }
    i += 1 + size;
  }
  return false;
}

/** I13: whether they have a topology in common; who states none has the standard one (RFC 5120 7.2.1). */
export function shareTopology(a: Station, b: Station): bool {
  for (let i: u32 = 0; i < max<u32>(a.topologyCount, 1); i++) {
    const left = a.topologyCount == 0 ? 0 : load<u16>((a.topologies + (i << 1)) as usize);
    for (let k: u32 = 0; k < max<u32>(b.topologyCount, 1); k++) {
      const right = b.topologyCount == 0 ? 0 : load<u16>((b.topologies + (k << 1)) as usize);
      if (left == right) return true;
    }
  }
  return false;
}

/** Whether R must refuse N's hellos for their type of authentication: R has one and N another, or none (ISO 10589 7.3.15). */
export function authenticationDiffers(router: Station, neighbor: Station): bool {
  return router.authType != iana.AUTH_NONE && router.authType != neighbor.authType;
}

/** The accepted hello under the decoder renews the view; an RR hello only the first time (RFC 5306 3.2.1). */
export function renew(handle: u32): void {
  const v = viewAt(handle);
  const rr = Hello.hasRestart && (Hello.restartFlags & iana.RESTART_RR) != 0;
  v.set(VIEW_SUPPRESSED, Hello.hasRestart && (Hello.restartFlags & iana.RESTART_SA) != 0);
  if (rr && v.has(VIEW_RESTART)) return;
  v.set(VIEW_RESTART, rr);
  v.set(VIEW_WITHHELD, false);
  v.hold = Hello.hold;
  v.lastHello = Frame.time();
  v.tap = Frame.tap();
  v.deadline = Frame.boot() + (Hello.hold as i64) * SECOND;
  v.frameOffset = Frame.batchOffset;
  v.frameIndex = Frame.index;
  v.context = Frame.context();
  armView(handle);
}

/** As `renew`, from the last hello of the neighbour, which the router turns out to have accepted (C2, C6). */
export function renewFromLast(handle: u32, neighbor: Station): void {
  const v = viewAt(handle);
  v.hold = neighbor.hold;
  v.lastHello = neighbor.helloWall;
  v.tap = neighbor.tap;
  v.deadline = neighbor.deadline;
  v.frameOffset = neighbor.frameOffset;
  v.frameIndex = neighbor.frameIndex;
  v.context = neighbor.context;
  armView(handle);
}

export function isUpOrInit(v: View): bool {
  return v.state == constant.ADJACENCY_INIT || v.state == constant.ADJACENCY_UP;
}

/**
 * C3: R, whose hello is under the decoder, has stopped listing N. The moment is the deadline of N's hello that lies
 * between R's two hellos when there is exactly one such, else R's hello.
 */
export function refused(handle: u32): void {
  const v = viewAt(handle);
  const now = Frame.time();
  const neighbor = stationAt(v.neighbor);
  let time = now;
  if (v.has(VIEW_BLIND)) {
    // C7: the first evidence after blindness.
    transit(handle, constant.ADJACENCY_DOWN, constant.REASON_CHANGED_WHILE_BLIND, now, 0);
    return;
  }
  if (v.has(VIEW_WITHHELD) || !neighbor.isPresent(now)) {
    // N's hellos do not pass the tap either: its hold ran out while R was not heard.
    if (v.lastHello != 0) time = v.lastHello + (v.hold as i64) * SECOND;
    time = min<i64>(max<i64>(time, v.since), now);
    transit(handle, constant.ADJACENCY_DOWN, constant.REASON_HOLD_TIMER_EXPIRED, time, 0);
    return;
  }
  let found: u32 = 0;
  for (let back: u32 = 0; back < neighbor.ringCount(); back++) {
    const deadline = neighbor.ringWall(back) + (neighbor.ringHold(back) as i64) * SECOND;
    if (deadline > Sender.previousWall && deadline <= now) {
      found += 1;
      time = deadline;
    }
  }
  if (found != 1) time = now;
  const reason = authenticationDiffers(stationAt(v.router), neighbor) ? constant.REASON_AUTHENTICATION_TYPE_MISMATCH
    : neighbor.level == 0 && !shareTopology(stationAt(v.router), neighbor) ? constant.REASON_TOPOLOGY_MISMATCH
    : constant.REASON_HELLO_REFUSED;
  transit(handle, constant.ADJACENCY_DOWN, reason, max<i64>(time, v.since), 0);
  v.set(VIEW_DECLARED_ONLY, true);
}

/** I10: the router goes away, at level `only` if not 0: all its views are down, and stay so until it speaks again. */
export function goesAway(handle: u32, only: u8 = 0): void {
  allDown(handle, constant.REASON_ROUTER_SHUTDOWN, Frame.time(), only);
  const s = stationAt(handle);
  if (only == 0 || s.level == only) s.set(STATION_GONE, true);
}

/** C4, C5, I10: every view of the station (at `only` level; 0: at all) goes down for one reason at one time. */
export function allDown(handle: u32, reason: u8, time: i64, only: u8 = 0): void {
  const s = stationAt(handle);
  for (let n = linkAt(s.link).head(s.level); n != 0; n = stationAt(n).sibling) {
    if (n == handle) continue;
    if (s.level != 0) downIf(findView(handle, n, s.level), reason, time);
    else {
      if (only != 2) downIf(findView(handle, n, 1), reason, time);
      if (only != 1) downIf(findView(handle, n, 2), reason, time);
    }
  }
}

function downIf(handle: u32, reason: u8, time: i64): void {
  if (handle == 0) return;
  const v = viewAt(handle);
  v.set(VIEW_DECLARED_ONLY, false);
  if (isUpOrInit(v)) transit(handle, constant.ADJACENCY_DOWN, reason, max<i64>(time, v.since), 0);
}

/** Sets the envelope for the frame under the decoder, received by whom the rule says. */
export function fromFrame(): void {
  Envelope.fromFrame();
  Envelope.evidence = EVIDENCE_RECEIVED;
}

/** SNPA of the sender: source address of the innermost Ethernet header. False where there is none (PPP, GRE). */
export function readSnpa(): bool {
  const offset = Frame.linkOffset();
  if (offset == 0xffff || offset + 14 > Frame.capturedLength()) return false;
  const at = Frame.bytes() + offset as usize + 6;
  SnpaScratch.value = ((bswap<u32>(load<u32>(at)) as u64) << 16) | (bswap<u16>(load<u16>(at, 4)) as u64);
  return true;
}

@unmanaged
export class SnpaScratch {
  static value: u64 = 0;
}

/** C7: a view that nothing has confirmed since the link was blind is confirmed. */
export function confirm(v: View): void {
  v.set(VIEW_BLIND, false);
}
