/** What the shadow keeps of a session: the session, its connections (4-tuple and sequence space), their directions. */
import { Hash } from '../../../base/assembly/hash.ts';
import { Blocks } from '../../../base/assembly/intern.ts';
import { HASH_MASK, Table, TABLE_BYTES } from '../../../base/assembly/table.ts';

/** Most sessions of one instance: the route tables have 16 bits for session and direction. */
export const MOST_SESSIONS: u32 = 32767;
/** Connections that one session remembers: the live one, a colliding one, and closed ones whose late segments must be known. */
export const SLOTS: u32 = 4;
/** Taps that one session remembers. */
export const MOST_SESSION_TAPS: u32 = 4;
export const NO_TAP: u16 = 0xffff;

/** Direction.flags */
export const SEEN: u32 = 1;
export const SYN_SEEN: u32 = 2;
/** `next` is known. */
export const NEXT_KNOWN: u32 = 4;
/** The stream is framed: what comes next is a message header or the rest of a message. */
export const SYNCED: u32 = 8;
export const ACK_KNOWN: u32 = 16;
export const SUSPECT: u32 = 32;
export const OPEN_SEEN: u32 = 64;
export const KEEPALIVE_SEEN: u32 = 128;
export const CLOSED: u32 = 256;
export const WINDOW_KNOWN: u32 = 512;
export const MESSAGE_SEEN: u32 = 1024;
/** The handshake of a SYN of this end was completed by its ACK. */
export const HANDSHAKE_DONE: u32 = 2048;
/** This end was established on the connection and has left it: it does not come back. */
export const LEFT: u32 = 4096;
/** The other end acknowledges bytes of this one that no tap shows: its own acknowledgements are not known either (rule B8). */
export const HIDDEN: u32 = 8192;
/** Frames were missed on every tap of the session: its deadlines wait for the next one that is seen (rule C7). */
export const MISSED: u32 = 16384;
/** Its SYN was on the way as its end came to be established on another connection: both were opened at once (rule B4). */
export const COLLIDES: u32 = 32768;
/** Both ends fell silent at once: coverage of the session is suspect. */
export const DARK: u32 = 65536;

/** Direction.capabilities */
export const HAS_CAPABILITIES: u32 = 1;
export const HAS_MP_IPV4: u32 = 2;
export const HAS_MP_IPV6: u32 = 4;
export const HAS_MP_OTHER: u32 = 8;
export const HAS_ROUTE_REFRESH: u32 = 16;
export const HAS_EXTENDED_MESSAGE: u32 = 32;
export const HAS_GRACEFUL_RESTART: u32 = 64;
export const HAS_RESTART_STATE: u32 = 128;
export const HAS_NOTIFICATION_BIT: u32 = 256;
export const HAS_AS4: u32 = 512;
export const HAS_ADD_PATH: u32 = 1024;
export const HAS_ENHANCED_REFRESH: u32 = 2048;
export const HAS_LLGR: u32 = 4096;
export const HAS_FQDN: u32 = 8192;
export const HAS_ROLE: u32 = 16384;
export const HAS_EXTENDED_NEXT_HOP: u32 = 32768;

/** RibInfo.flags */
export const RIB_STALE: u32 = 1;
/** Generation bit of routes that are not stale. */
export const RIB_GENERATION: u32 = 2;
/** Everything was seen from an empty table on. */
export const RIB_COMPLETE: u32 = 4;
/** The stale routes are in the long-lived phase (RFC 9494). */
export const RIB_LONG_LIVED: u32 = 8;
/** Routes have been, or may have been, announced since the session came up: a flush is told. */
export const RIB_OPEN: u32 = 16;

/** Adj-RIB-In of one direction and family. */
@unmanaged
export class RibInfo {
  count: u32;
  stale: u32;
  flags: u32;
  /** RFC 9494: seconds that stale routes live on after the restart time. */
  longLived: u32;
  /** When the stale routes go, boot clock of `tap`; 0: no such deadline. */
  deadline: i64;
  frameOffset: u64;
  frameIndex: u32;
  tap: u32;
}

/** Of the last acknowledged, or of a waiting, message: when it passed and in which frame. */
@unmanaged
export class Passed {
  boot: i64;
  frameOffset: u64;
  frameIndex: u32;
  /** Sequence number behind the message. */
  end: u32;
  tap: u32;
  pad: u32;
}

export const WAITING: u32 = 8;

/** What one end sends on one connection, and the end's own state on it. */
@unmanaged
export class Direction {
  flags: u32;
  /** State of the sender on this connection (SESSION_*). */
  state: u8;
  role: u8;
  grFamilies: u8;
  grForwarding: u8;
  isn: u32;
  nextSequence: u32;
  /** Highest acknowledgement of this direction's bytes by the other end. */
  acknowledged: u32;
  /** Window that the other end advertises for this direction's bytes, unscaled; its scale. */
  window: u32;
  /** Window scale that the sender of this direction announced in its SYN; 255 unknown or none. */
  scale: u8;
  llgrFamilies: u8;
  addPath4: u8;
  addPath6: u8;
  // Of the OPEN
  capabilities: u32;
  asNumber: u32;
  routerId: u32;
  holdTime: u16;
  restartTime: u16;
  llgrTime4: u32;
  llgrTime6: u32;
  // Inferred: 0 unknown, 1 no, 2 yes
  inferredAs4: u8;
  inferredAddPath4: u8;
  inferredAddPath6: u8;
  waitingCount: u8;
  // Parts of a message, and segments ahead of a hole
  partial: u32;
  partialLength: u32;
  partialNeed: u32;
  held: u32;
  heldBytes: u32;
  heldCount: u32;
  gapMinute: u32;
  gapLost: u64;
  gapFrom: i64;
  synTime: i64;
  openTime: i64;
  lastAcknowledged: i64;
  lastOffset: u64;
  lastIndex: u32;
  lastTap: u32;
}
const PASSED_BYTES: u32 = offsetof<Passed>();
export const DIRECTION_FIELDS: u32 = offsetof<Direction>();
export const DIRECTION_BYTES: u32 = DIRECTION_FIELDS + WAITING * PASSED_BYTES;

@unmanaged
export class Connection {
  lowPort: u16;
  highPort: u16;
  /** Order of birth within the session, from 1. */
  serial: u32;
  /** Joined without its SYN. */
  midway: u32;
  pad: u32;

  @inline direction(which: u32): Direction {
    return changetype<Direction>(changetype<usize>(this) + CONNECTION_FIELDS + (which * DIRECTION_BYTES) as usize);
  }

  @inline static waiting(direction: Direction, index: u32): Passed {
    return changetype<Passed>(changetype<usize>(direction) + DIRECTION_FIELDS + (index * PASSED_BYTES) as usize);
  }
}
export const CONNECTION_FIELDS: u32 = offsetof<Connection>();
export const CONNECTION_BYTES: u32 = CONNECTION_FIELDS + 2 * DIRECTION_BYTES;

/** One session: addresses and context, no ports (rule B1). The first two words belong to the table. */
@unmanaged
export class Session {
  tableNext: u32;
  tableHash: u32;
  shadow: u32;
  context: u32;
  lowFirst: u64;
  lowSecond: u64;
  highFirst: u64;
  highSecond: u64;
  /** Views of the two ends (SESSION_*), the lower address first. */
  state0: u8;
  state1: u8;
  tapCount: u8;
  pad: u8;
  serial: u32;
  tap0: u16;
  tap1: u16;
  tap2: u16;
  tap3: u16;
  connection0: u32;
  connection1: u32;
  connection2: u32;
  connection3: u32;
  refusedConnects: u32;
  otherFamilies: u32;
  /** Place among the sessions by shadow code while an export is written; else 0. */
  rank: u32;

  @inline low(): usize {
    return changetype<usize>(this) + offsetof<Session>('lowFirst');
  }

  @inline high(): usize {
    return changetype<usize>(this) + offsetof<Session>('highFirst');
  }

  @inline address(end: u32): usize {
    return end == 0 ? this.low() : this.high();
  }

  @inline state(end: u32): u8 {
    return end == 0 ? this.state0 : this.state1;
  }

  @inline setState(end: u32, state: u8): void {
    if (end == 0) this.state0 = state;
    else this.state1 = state;
  }

  @inline slot(index: u32): usize {
    return changetype<usize>(this) + offsetof<Session>('connection0') + (index << 2);
  }

  /** The connection in a slot; address 0 when it is empty. */
  @inline connection(index: u32): Connection {
    return changetype<Connection>(load<u32>(this.slot(index)) as usize);
  }

  @inline rib(direction: u32, family: u32): RibInfo {
    return changetype<RibInfo>(changetype<usize>(this) + SESSION_FIELDS
      + ((direction * 2 + family) * offsetof<RibInfo>()) as usize);
  }

  @inline tap(index: u32): u16 {
    return load<u16>(changetype<usize>(this) + offsetof<Session>('tap0') + (index << 1));
  }

  addTap(tap: u16): void {
    const count = this.tapCount as u32;
    for (let i: u32 = 0; i < count; i++) if (this.tap(i) == tap) return;
    if (count >= MOST_SESSION_TAPS) return;
    store<u16>(changetype<usize>(this) + offsetof<Session>('tap0') + (count << 1), tap);
    this.tapCount = (count + 1) as u8;
  }
}
const SESSION_FIELDS: u32 = (offsetof<Session>() + 7) & ~7;
export const SESSION_BYTES: u32 = SESSION_FIELDS + 4 * offsetof<RibInfo>();

/** All sessions of the instance, by shadow code. */
@unmanaged
export class Sessions {
  static table: Table = Table.at(memory.data(TABLE_BYTES));
  static lastShadow: u32 = 0xffffffff;
  static lastHandle: u32 = 0;
  static connections: u32 = 0;

  static setUp(): void {
    Sessions.table.setUp(SESSION_BYTES, MOST_SESSIONS);
  }

  /** Handle of the session of a shadow key; 0 when there is none. */
  static find(shadow: u32): u32 {
    if (shadow == Sessions.lastShadow) return Sessions.lastHandle;
    const hash = Hash.word(shadow as u64) & HASH_MASK;
    for (let handle = Sessions.table.first(hash); handle != 0; handle = Sessions.table.next(handle)) {
      if (Sessions.at(handle).shadow == shadow) {
        Sessions.lastShadow = shadow;
        Sessions.lastHandle = handle;
        return handle;
      }
    }
    return 0;
  }

  static create(shadow: u32, low: usize, high: usize): u32 {
    const handle = Sessions.table.insert(Hash.word(shadow as u64));
    if (handle == 0) return 0;
    const session = Sessions.at(handle);
    session.shadow = shadow;
    memory.copy(session.low(), low, 16);
    memory.copy(session.high(), high, 16);
    Sessions.lastShadow = shadow;
    Sessions.lastHandle = handle;
    return handle;
  }

  @inline static at(handle: u32): Session {
    return changetype<Session>(Sessions.table.address(handle));
  }

  /** A zeroed connection in the free slot, or in that of the oldest connection that both ends have left. */
  static addConnection(session: Session): Connection {
    let slot: u32 = SLOTS;
    let oldest: u32 = 0xffffffff;
    for (let i: u32 = 0; i < SLOTS; i++) {
      const there = session.connection(i);
      if (changetype<usize>(there) == 0) {
        slot = i;
        break;
      }
      const dead = there.direction(0).state <= 1 && there.direction(1).state <= 1;
      const age = there.serial - (dead ? 0 : 0x80000000);
      if (age < oldest) {
        oldest = age;
        slot = i;
      }
    }
    let address = load<u32>(session.slot(slot)) as usize;
    if (address != 0) Sessions.empty(changetype<Connection>(address));
    else {
      address = Blocks.take(CONNECTION_BYTES);
      if (address == 0) return changetype<Connection>(0);
      store<u32>(session.slot(slot), address as u32);
      Sessions.connections += 1;
    }
    memory.fill(address, 0, CONNECTION_BYTES);
    const connection = changetype<Connection>(address);
    session.serial += 1;
    connection.serial = session.serial;
    connection.direction(0).scale = 255;
    connection.direction(1).scale = 255;
    return connection;
  }

  /** Gives back what the directions of a connection hold. */
  static empty(connection: Connection): void {
    for (let d: u32 = 0; d < 2; d++) {
      const direction = connection.direction(d);
      Sessions.dropPartial(direction);
      Sessions.dropHeld(direction);
    }
  }

  static dropPartial(direction: Direction): void {
    if (direction.partial != 0) Blocks.give(direction.partial as usize, direction.partialNeed);
    direction.partial = 0;
    direction.partialLength = 0;
    direction.partialNeed = 0;
  }

  static dropHeld(direction: Direction): void {
    let held = direction.held as usize;
    for (let guard: u32 = 0; held != 0 && guard < 65536; guard++) {
      const following = load<u32>(held) as usize;
      Blocks.give(held, HELD_HEADER_BYTES + load<u32>(held, 8));
      held = following;
    }
    direction.held = 0;
    direction.heldBytes = 0;
    direction.heldCount = 0;
  }
}

/** A held segment: next u32, sequence u32, bytes here u32, bytes declared u32, then the bytes. */
export const HELD_HEADER_BYTES: u32 = 16;
