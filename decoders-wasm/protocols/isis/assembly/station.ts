/** Stations: a router on one link and level, what its last hello said and when its hellos came. */
import { Hash } from '../../../base/assembly/hash.ts';
import { HASH_MASK, Table, TABLE_BYTES } from '../../../base/assembly/table.ts';

/** Arrival times kept of each station: more than one holding time of hellos (ISO 10589 multiplier 10, DIS at a third). */
export const HELLO_RING: u32 = 40;
export const GAP_RING: u32 = 8;

export const stations = Table.at(memory.data(TABLE_BYTES));

// Station flags
/** Its own hold has passed without a hello: its views are down (C4). */
export const STATION_SILENT: u8 = 1;
/** Its last hello had the RR bit (RFC 5306). */
export const STATION_RESTARTING: u8 = 4;
/** It is the DIS by its own hello. */
export const STATION_DIS: u8 = 8;
/** Its last hello had a TLV 6. */
export const STATION_HAS_LIST: u8 = 16;
/** Its last hello had padding (TLV 8). */
export const STATION_PADDED: u8 = 32;
/** It has said goodbye (I10) and not spoken since: what others send reaches it no more. */
export const STATION_GONE: u8 = 64;

/** The last LSP of its own, fragment 0, that a station itself sent on this link. */
@unmanaged
export class Claim {
  content: u64;
  sequence: u32;
  /** How often in a row it outbid another instance of that LSP with the content it had sent before (I14). */
  fights: u32;
}

/**
 * A router on one link and level (0: point-to-point). Behind the fields: HELLO_RING walls i64, HELLO_RING holds u16,
 * GAP_RING gaps i64, a `Claim` of each level.
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
  /** Bytes of its last hello's PDU. */
  pduLength: u32;
  pad2: u32;
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

  /** What it said of itself in its own LSP of level 1 or 2. */
  @inline claim(level: u8): Claim {
    return changetype<Claim>(this.gapAt(GAP_RING) + ((level as usize) - 1) * offsetof<Claim>());
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
    return !this.has(STATION_SILENT) && !this.has(STATION_GONE) && wall - this.helloWall < (this.hold as i64) * 1_000_000_000;
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
export const STATION_BYTES: u32 = (offsetof<Station>() as u32) + HELLO_RING * 10 + GAP_RING * 8
  + 2 * (offsetof<Claim>() as u32);

export function stationAt(handle: u32): Station {
  return changetype<Station>(stations.address(handle));
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

/** Hash of a station by its key. */
export function stationHash(link: u32, level: u8, system: u64, snpa: u64): u32 {
  return Hash.words(system ^ ((level as u64) << 48) ^ ((link as u64) << 50), snpa);
}
