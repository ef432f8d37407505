/** What the shadow of IS-IS adjacencies is made of: links, stations (a router on a link and level), views. */
import { Contexts, Taps } from '../../../base/assembly/frame.ts';
import { Hash } from '../../../base/assembly/hash.ts';
import { Blocks } from '../../../base/assembly/intern.ts';
import { HASH_MASK, Table, TABLE_BYTES } from '../../../base/assembly/table.ts';
import { DUE_MINUTE, DUE_STATION, DUE_VIEW, Timers } from './timers.ts';

export const MOST_LINKS: u32 = 65536;
export const MOST_STATIONS: u32 = 131072;
export const MOST_VIEWS: u32 = 1 << 20;
/** Stations of one link and level; the longest silent one makes room for the next. */
export const MOST_STATIONS_A_LINK: u32 = 256;
export const MOST_TAPS_A_LINK: u32 = 8;
/** Arrival times kept of each station: more than one holding time of hellos (ISO 10589 multiplier 10, DIS at a third). */
export const HELLO_RING: u32 = 40;
export const GAP_RING: u32 = 8;
/** PDUs that are remembered on a link with several taps, to know them again from another tap. */
export const PDU_RING: u32 = 128;

export const links = Table.at(memory.data(TABLE_BYTES));
export const stations = Table.at(memory.data(TABLE_BYTES));
export const views = Table.at(memory.data(TABLE_BYTES));

/** A link of one shadow key. Behind the fields: 8 tap codes u16. */
@unmanaged
export class Link {
  next: u32;
  hash: u32;
  shadow: u32;
  link: u32;
  tapCount: u32;
  /** First station by level: 0 point-to-point, 1, 2; each list in order of (system, snpa). */
  head0: u32;
  head1: u32;
  head2: u32;
  count0: u32;
  count1: u32;
  count2: u32;
  /** LAN id that all agreed on last, per level; 0 none yet. */
  dis1: u64;
  dis2: u64;
  /** Ring of PDU_RING {hash u64, wall i64, tap bits u32, pad}; 0 while the link has one tap. */
  ring: u32;
  ringNext: u32;
  /** No open tap: nothing can be seen, nothing expires. */
  blind: u32;

  @inline tap(index: u32): u32 {
    return load<u16>(changetype<usize>(this) + offsetof<Link>() + ((index as usize) << 1)) as u32;
  }

  @inline setTap(index: u32, tap: u32): void {
    store<u16>(changetype<usize>(this) + offsetof<Link>() + ((index as usize) << 1), tap as u16);
  }

  @inline head(level: u32): u32 {
    return level == 0 ? this.head0 : level == 1 ? this.head1 : this.head2;
  }

  /** Index of the tap, which is added when it is new; -1 when the link has too many. */
  tapIndex(tap: u32): i32 {
    for (let i: u32 = 0; i < this.tapCount; i++) if (this.tap(i) == tap) return i as i32;
    if (this.tapCount >= MOST_TAPS_A_LINK) return -1;
    this.setTap(this.tapCount, tap);
    this.tapCount += 1;
    return (this.tapCount - 1) as i32;
  }

  /** Whether a deadline of `deadline` ns on the boot clock of `tap` has passed on the clocks of all open taps. */
  hasPassed(tap: u32, deadline: i64): bool {
    const wall = deadline + Taps.wallOffset(tap);
    let open = false;
    for (let i: u32 = 0; i < this.tapCount; i++) {
      const t = this.tap(i);
      if (!Taps.isOpen(t)) continue;
      open = true;
      if (Taps.clock(t) + Taps.wallOffset(t) < wall) return false;
    }
    return open;
  }
}

// Station flags
/** Its own hold has passed without a hello: its views are down (C4). */
export const STATION_SILENT: u8 = 1;
/** Its last hello had the RR bit (RFC 5306). */
export const STATION_RESTARTING: u8 = 4;
/** It is the DIS by its own hello. */
export const STATION_DIS: u8 = 8;
/** Its last hello had a TLV 6. */
export const STATION_HAS_LIST: u8 = 16;

/**
 * A router on one link and level (0: point-to-point). Behind the fields: HELLO_RING walls i64, HELLO_RING holds u16,
 * GAP_RING gaps i64.
 */
@unmanaged
export class Station {
  next: u32;
  hash: u32;
  link: u32;
  sibling: u32;
  system: u64;
  snpa: u64;
  level: u8;
  flags: u8;
  priority: u8;
  circuitType: u8;
  authType: u8;
  threeWay: u8;
  /** Bits: 1 has extended circuit id, 2 names a neighbour, 4 names its circuit. */
  threeWayBits: u8;
  localCircuit: u8;
  hold: u32;
  tap: u32;
  helloBoot: i64;
  helloWall: i64;
  previousWall: i64;
  /** When silence makes it dead, boot clock of `tap`; 0 none. */
  deadline: i64;
  frameOffset: u64;
  frameIndex: u32;
  context: u32;
  vlans: u32;
  hellos: u32;
  gapCount: u32;
  gapNext: u32;
  lanId: u64;
  extendedCircuit: u32;
  neighborCircuit: u32;
  neighborSystem: u64;
  /** Blocks: neighbours' SNPAs, area addresses, MT ids. */
  list: u32;
  listCount: u32;
  areas: u32;
  areaBytes: u32;
  topologies: u32;
  topologyCount: u32;
  ipv4: u32;
  hasIpv6: u32;
  ipv6High: u64;
  ipv6Low: u64;
  /** Last neighbour count written, by level index 0 or 1: adjacencies + 1 and neighbours; 0 none yet. */
  countA: u32;
  countB: u32;
  neighborsA: u32;
  neighborsB: u32;
  coverageA: u8;
  coverageB: u8;
  dirty: u8;
  pad: u8;
  minute: u32;
  /** Timer of `deadline`, then that of the minute (fields of `Timer`, timers.ts). */
  timerAt: i64;
  timerLeft: u32;
  timerRight: u32;
  timerParent: u32;
  timerTap: u32;
  minuteAt: i64;
  minuteLeft: u32;
  minuteRight: u32;
  minuteParent: u32;
  minuteTap: u32;

  @inline has(flag: u8): bool {
    return (this.flags & flag) != 0;
  }

  @inline set(flag: u8, on: bool): void {
    this.flags = on ? this.flags | flag : this.flags & ~flag;
  }

  @inline ringAt(): usize {
    return changetype<usize>(this) + offsetof<Station>();
  }

  /** Wall time of the hello `back` before the last one (0: the last). */
  @inline ringWall(back: u32): i64 {
    const slot = (this.hellos - 1 - back) % HELLO_RING;
    return load<i64>(this.ringAt() + ((slot as usize) << 3));
  }

  @inline ringHold(back: u32): u32 {
    const slot = (this.hellos - 1 - back) % HELLO_RING;
    return load<u16>(this.ringAt() + ((HELLO_RING as usize) << 3) + ((slot as usize) << 1)) as u32;
  }

  @inline ringCount(): u32 {
    return min<u32>(this.hellos, HELLO_RING);
  }

  pushHello(wall: i64, hold: u32): void {
    const slot = this.hellos % HELLO_RING;
    store<i64>(this.ringAt() + ((slot as usize) << 3), wall);
    store<u16>(this.ringAt() + ((HELLO_RING as usize) << 3) + ((slot as usize) << 1), hold as u16);
    this.hellos += 1;
  }

  @inline gapAt(index: u32): usize {
    return this.ringAt() + (HELLO_RING * 10) as usize + ((index as usize) << 3);
  }

  pushGap(gap: i64): void {
    store<i64>(this.gapAt(this.gapNext), gap);
    this.gapNext = (this.gapNext + 1) % GAP_RING;
    if (this.gapCount < GAP_RING) this.gapCount += 1;
  }

  clearGaps(): void {
    this.gapCount = 0;
    this.gapNext = 0;
  }

  /**
   * Its hello interval, ns: the median of the last 8 gaps, at least a tenth of its hold (hellos that a change triggers
   * come faster than the interval); 0 while fewer than two gaps are known.
   */
  interval(): i64 {
    if (this.gapCount < 2) return 0;
    const sorted = gapScratch;
    for (let i: u32 = 0; i < this.gapCount; i++) {
      const gap = load<i64>(this.gapAt(i));
      let k = i;
      while (k > 0 && load<i64>(sorted + ((k - 1) << 3) as usize) > gap) {
        store<i64>(sorted + (k << 3) as usize, load<i64>(sorted + ((k - 1) << 3) as usize));
        k -= 1;
      }
      store<i64>(sorted + (k << 3) as usize, gap);
    }
    const median = load<i64>(sorted + ((this.gapCount >>> 1) << 3) as usize);
    return max<i64>(median, (this.hold as i64) * 100_000_000);
  }

  /** Silent for more than three of its hello intervals at `wall`; before they are known only its hold counts. */
  isOverdue(wall: i64): bool {
    const interval = this.interval();
    return interval != 0 && wall - this.helloWall > 3 * interval;
  }

  /** Whether it sent a hello less than its own hold ago. */
  isPresent(wall: i64): bool {
    return !this.has(STATION_SILENT) && wall - this.helloWall < (this.hold as i64) * 1_000_000_000;
  }

  /** Whether its last list names the SNPA. */
  lists(snpa: u64): bool {
    const at = this.list as usize;
    for (let i: u32 = 0; i < this.listCount; i++) {
      const p = at + (i * 6) as usize;
      if ((((bswap<u32>(load<u32>(p)) as u64) << 16) | (bswap<u16>(load<u16>(p, 4)) as u64)) == snpa) return true;
    }
    return false;
  }
}
const gapScratch: usize = memory.data(8 * 8, 8);
export const STATION_BYTES: u32 = (offsetof<Station>() as u32) + HELLO_RING * 10 + GAP_RING * 8;

// View flags
/** R refused hellos that pass the tap: only what R declares counts (C3). */
export const VIEW_DECLARED_ONLY: u8 = 1;
/** R's last hello lists N (point-to-point: declares init or up). */
export const VIEW_LISTED: u8 = 2;
/** Not confirmed since the link was blind (C7). */
export const VIEW_BLIND: u8 = 4;
/** The hold of N passed while R was overdue: told with R's own silence (C4). */
export const VIEW_WITHHELD: u8 = 8;
/** R lists N although N's authentication type differs: R does not check it. */
export const VIEW_AUTH_ACCEPTED: u8 = 16;
/** N restarts (RR): suspended (RFC 5306). */
export const VIEW_RESTART: u8 = 32;
/** N asks not to be advertised (SA). */
export const VIEW_SUPPRESSED: u8 = 64;
/** N's last hello was refused by what is visible. */
export const VIEW_REFUSED: u8 = 128;

/** What the router (a station) believes of the neighbour (another of the link) at one level. */
@unmanaged
export class View {
  next: u32;
  hash: u32;
  router: u32;
  neighbor: u32;
  level: u8;
  state: u8;
  flags: u8;
  refusal: u8;
  hold: u32;
  /** Effective time of the last transition, wall. */
  since: i64;
  /** When the neighbour's hold passes, boot clock of `tap`; 0 none. */
  deadline: i64;
  /** Wall time of the last hello that the router accepted; 0 none. */
  lastHello: i64;
  frameOffset: u64;
  frameIndex: u32;
  context: u32;
  tap: u32;
  /** Timer of `deadline` (fields of `Timer`, timers.ts). */
  timerAt: i64;
  timerLeft: u32;
  timerRight: u32;
  timerParent: u32;
  timerTap: u32;

  @inline has(flag: u8): bool {
    return (this.flags & flag) != 0;
  }

  @inline set(flag: u8, on: bool): void {
    this.flags = on ? this.flags | flag : this.flags & ~flag;
  }
}

export function setUpTables(): void {
  links.setUp((offsetof<Link>() as u32) + MOST_TAPS_A_LINK * 2, MOST_LINKS);
  stations.setUp(STATION_BYTES, MOST_STATIONS);
  views.setUp(offsetof<View>() as u32, MOST_VIEWS);
}

export function linkAt(handle: u32): Link {
  return changetype<Link>(links.address(handle));
}

export function stationAt(handle: u32): Station {
  return changetype<Station>(stations.address(handle));
}

export function viewAt(handle: u32): View {
  return changetype<View>(views.address(handle));
}

/** Handle of the link of a context, made when it is new; 0 when refused. */
export function linkOf(context: u32): u32 {
  return findLink(Contexts.shadow(context), Contexts.link(context));
}

/** Handle of a link by the codes of shadow key and link, made when it is new; 0 when refused. */
export function findLink(shadow: u32, link: u32): u32 {
  const hash = Hash.words(shadow as u64, link as u64);
  for (let h = links.first(hash); h != 0; h = links.next(h)) {
    const entry = linkAt(h);
    if (entry.shadow == shadow && entry.link == link) return h;
  }
  const handle = links.insert(hash);
  if (handle == 0) return 0;
  const entry = linkAt(handle);
  entry.shadow = shadow;
  entry.link = link;
  return handle;
}

/** Handle of a station, 0 when it is not known. */
export function findStation(link: u32, level: u8, system: u64, snpa: u64): u32 {
  const hash = stationHash(link, level, system, snpa);
  for (let h = stations.first(hash); h != 0; h = stations.next(h)) {
    const s = stationAt(h);
    if (stations.hashOf(h) == (hash & HASH_MASK) && s.link == link && s.level == level && s.system == system
      && s.snpa == snpa) return h;
  }
  return 0;
}

/** A new station in its place in the link's list; 0 when a cap refuses it. */
export function insertStation(link: u32, level: u8, system: u64, snpa: u64): u32 {
  const owner = linkAt(link);
  const count = level == 0 ? owner.count0 : level == 1 ? owner.count1 : owner.count2;
  if (count >= MOST_STATIONS_A_LINK && !evictStation(link, level)) {
    stations.refused += 1;
    return 0;
  }
  const handle = stations.insert(stationHash(link, level, system, snpa));
  if (handle == 0) return 0;
  const s = stationAt(handle);
  s.link = link;
  s.level = level;
  s.system = system;
  s.snpa = snpa;
  let previous: u32 = 0;
  let h = owner.head(level);
  while (h != 0 && stationBefore(h, system, snpa)) {
    previous = h;
    h = stationAt(h).sibling;
  }
  s.sibling = h;
  if (previous != 0) stationAt(previous).sibling = handle;
  else if (level == 0) owner.head0 = handle;
  else if (level == 1) owner.head1 = handle;
  else owner.head2 = handle;
  if (level == 0) owner.count0 += 1;
  else if (level == 1) owner.count1 += 1;
  else owner.count2 += 1;
  return handle;
}

/** Forgets the station that has been silent longest, and the views of and on it, which are down; false when all live. */
function evictStation(link: u32, level: u8): bool {
  const owner = linkAt(link);
  let oldest: u32 = 0;
  for (let h = owner.head(level); h != 0; h = stationAt(h).sibling) {
    const s = stationAt(h);
    if (s.has(STATION_SILENT) && (oldest == 0 || s.helloWall < stationAt(oldest).helloWall)) oldest = h;
  }
  if (oldest == 0) return false;
  let previous: u32 = 0;
  for (let h = owner.head(level); h != 0; h = stationAt(h).sibling) {
    for (let at: u8 = 1; at <= 2; at++) {
      removeView(findView(oldest, h, at));
      removeView(findView(h, oldest, at));
    }
    if (stationAt(h).sibling == oldest) previous = h;
  }
  const s = stationAt(oldest);
  if (previous != 0) stationAt(previous).sibling = s.sibling;
  else if (level == 0) owner.head0 = s.sibling;
  else if (level == 1) owner.head1 = s.sibling;
  else owner.head2 = s.sibling;
  if (level == 0) owner.count0 -= 1;
  else if (level == 1) owner.count1 -= 1;
  else owner.count2 -= 1;
  giveBlock(s.list, s.listCount * 6);
  giveBlock(s.areas, s.areaBytes);
  giveBlock(s.topologies, s.topologyCount << 1);
  Timers.cancel(DUE_STATION, oldest);
  Timers.cancel(DUE_MINUTE, oldest);
  stations.remove(oldest);
  return true;
}

function removeView(handle: u32): void {
  if (handle == 0) return;
  Timers.cancel(DUE_VIEW, handle);
  views.remove(handle);
}

function giveBlock(block: u32, length: u32): void {
  if (block != 0) Blocks.give(block as usize, length);
}

function stationBefore(handle: u32, system: u64, snpa: u64): bool {
  const s = stationAt(handle);
  return s.system < system || (s.system == system && s.snpa < snpa);
}

function stationHash(link: u32, level: u8, system: u64, snpa: u64): u32 {
  return Hash.words(system ^ ((level as u64) << 48) ^ ((link as u64) << 50), snpa);
}

/** Handle of the view of `router` on `neighbor`, 0 when there is none. */
export function findView(router: u32, neighbor: u32, level: u8): u32 {
  const hash = Hash.words(((router as u64) << 32) | (neighbor as u64), level as u64);
  for (let h = views.first(hash); h != 0; h = views.next(h)) {
    const v = viewAt(h);
    if (v.router == router && v.neighbor == neighbor && v.level == level) return h;
  }
  return 0;
}

/** A new view in state `state`; 0 when the cap refuses it. */
export function insertView(router: u32, neighbor: u32, level: u8, state: u8): u32 {
  const handle = views.insert(Hash.words(((router as u64) << 32) | (neighbor as u64), level as u64));
  if (handle == 0) return 0;
  const v = viewAt(handle);
  v.router = router;
  v.neighbor = neighbor;
  v.level = level;
  v.state = state;
  return handle;
}
