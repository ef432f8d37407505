/** TCP reassembly of one direction (rule B9): bytes in order become messages, holes become gaps, never guesses. */
import { Frame } from '../../../base/assembly/frame.ts';
import { Blocks } from '../../../base/assembly/intern.ts';
import {
  HEADER_BYTES, MESSAGE_KEEPALIVE, MESSAGE_NOTIFICATION, MESSAGE_OPEN, MESSAGE_ROUTE_REFRESH, MESSAGE_UPDATE,
  MOST_EXTENDED_BYTES, MOST_MESSAGE_BYTES,
} from './iana.ts';
import { Rows } from './rows.ts';
import { Segment } from './segment.ts';
import { Shadow } from './shadow.ts';
import {
  ACK_KNOWN, Connection, Direction, HAS_EXTENDED_MESSAGE, HELD_HEADER_BYTES, HIDDEN, NEXT_KNOWN, OPEN_SEEN, Passed, SEEN, Session,
  Sessions, SUSPECT, SYNCED, WAITING, WINDOW_KNOWN,
} from './state.ts';

/** Most bytes and segments held ahead of a hole, a direction. */
const MOST_HELD_BYTES: u32 = 512 << 10;
const MOST_HELD_SEGMENTS: u32 = 256;
const MOST_HELD_PIECE: u32 = 60000;
/** A right edge this far beyond the advertised window is no data of the sender's. */
const WINDOW_SLACK: u32 = 65536;
const UNKNOWN_SCALE: u32 = 14;
const MARKER: u64 = 0xffffffffffffffff;

@unmanaged
export class Stream {
  static session: Session = changetype<Session>(0);
  static connection: Connection = changetype<Connection>(0);
  /** Direction whose bytes are being read. */
  static which: u32 = 0;
  /** Set by the shadow when the connection is closed: no more of it is read. */
  static messages: u32 = 0;

  /** The frame's acknowledgement and window, as they concern what the other end sent. */
  static acknowledge(direction: Direction, other: Direction): void {
    const acknowledgement = Segment.acknowledgement;
    if ((other.flags & ACK_KNOWN) != 0) {
      const ahead = (acknowledgement - other.acknowledged) as i32;
      if (ahead < 0) return;
      if (ahead > 0 && (other.flags & NEXT_KNOWN) != 0
        && ((acknowledgement - other.nextSequence) as i32) > (1 << 30)) return;
    }
    const unseen = (other.flags & NEXT_KNOWN) != 0 ? (acknowledgement - other.nextSequence) as i32 : 0;
    const advanced = (other.flags & ACK_KNOWN) == 0 || acknowledgement != other.acknowledged;
    other.acknowledged = acknowledgement;
    other.flags |= ACK_KNOWN | WINDOW_KNOWN;
    other.window = Segment.window;
    if (!advanced) return;
    if (unseen > 0) {
      // RFC 4271 section 6.5 renews on any message: bytes we never saw were acknowledged (rule B8).
      other.waitingCount = 0;
      other.lastAcknowledged = Frame.boot();
      other.lastOffset = Frame.batchOffset;
      other.lastIndex = Frame.index;
      other.lastTap = Frame.tap();
      other.flags |= HIDDEN;
      // What passed towards the hidden end until now reached it: it is alive.
      if (direction.waitingCount != 0) Stream.renew(direction, Connection.waiting(direction, direction.waitingCount - 1));
      direction.waitingCount = 0;
      if (other.held == 0) return;
      // What was held is the other end's.
      const mine = Stream.which;
      Stream.which = 1 - mine;
      Stream.closeHole(other);
      Stream.which = mine;
      return;
    }
    let kept: u32 = 0;
    const count = other.waitingCount as u32;
    for (let i: u32 = 0; i < count; i++) {
      const passed = Connection.waiting(other, i);
      if (((acknowledgement - passed.end) as i32) >= 0) Stream.renew(other, passed);
      else {
        if (kept != i) memory.copy(changetype<usize>(Connection.waiting(other, kept)), changetype<usize>(passed), offsetof<Passed>());
        kept += 1;
      }
    }
    other.waitingCount = kept as u8;
  }

  private static renew(direction: Direction, passed: Passed): void {
    direction.lastAcknowledged = passed.boot;
    direction.lastOffset = passed.frameOffset;
    direction.lastIndex = passed.frameIndex;
    direction.lastTap = passed.tap;
  }

  /** Scaled window of what `direction` may send beyond what is acknowledged. */
  static windowOf(direction: Direction, other: Direction): u32 {
    const scale: u32 = other.scale == 255 ? ((direction.flags & other.flags & 2) != 0 ? 0 : UNKNOWN_SCALE) : other.scale as u32;
    return direction.window << scale;
  }

  /** Whether a control flag at `sequence` lies where the receiver would take it (RFC 9293 section 3.10.7.4). */
  static inWindow(direction: Direction, other: Direction, sequence: u32): bool {
    if ((direction.flags & NEXT_KNOWN) != 0 && sequence == direction.nextSequence) return true;
    if ((direction.flags & ACK_KNOWN) == 0) return (direction.flags & NEXT_KNOWN) == 0;
    return sequence - direction.acknowledged <= Stream.windowOf(direction, other);
  }

  /** Takes the segment's data. */
  static take(direction: Direction, other: Direction): void {
    const sequence = Segment.sequence;
    const declared = Segment.declared;
    if (declared == 0) return;
    if ((direction.flags & NEXT_KNOWN) == 0) {
      direction.nextSequence = sequence;
      direction.flags |= NEXT_KNOWN;
    }
    if ((direction.flags & ACK_KNOWN) != 0) {
      const beyond = (sequence + declared - direction.acknowledged) as i32;
      const most = min<u64>((Stream.windowOf(direction, other) as u64) * 2 + WINDOW_SLACK, 0x7fffffff) as i32;
      if (beyond > most) {
        Rows.protocolError(Stream.session, Stream.which, 'bgp.tcp_outside_window');
        return;
      }
    }
    const ahead = (sequence - direction.nextSequence) as i32;
    if (ahead > 0) {
      Stream.hold(direction, sequence);
      if (direction.held != 0 && Stream.holeIsLost(direction)) Stream.closeHole(direction);
      return;
    }
    if (ahead < 0) Stream.seenAgain(direction, sequence, declared);
    Stream.inOrder(direction, sequence, Segment.data, Segment.here, declared);
    Stream.drain(direction);
  }

  /** Bytes from `sequence` on, of which the part behind `nextSequence` is new. */
  private static inOrder(direction: Direction, sequence: u32, at: usize, here: u32, declared: u32): void {
    const old = direction.nextSequence - sequence;
    if (old >= declared) return;
    at += old;
    here = here > old ? here - old : 0;
    declared -= old;
    Stream.consume(direction, at, here);
    direction.nextSequence += here;
    Stream.remember(direction, direction.nextSequence - direction.partialLength);
    if (here < declared) {
      Stream.gap(direction, declared - here);
      direction.nextSequence += declared - here;
    }
  }

  /** Held segments that the last bytes have reached. */
  private static drain(direction: Direction): void {
    for (let guard: u32 = 0; direction.held != 0 && guard < MOST_HELD_SEGMENTS * 2; guard++) {
      const held = direction.held as usize;
      const sequence = load<u32>(held, 4);
      if (((sequence - direction.nextSequence) as i32) > 0) return;
      const here = load<u32>(held, 8);
      direction.held = load<u32>(held);
      direction.heldBytes -= here;
      direction.heldCount -= 1;
      Stream.inOrder(direction, sequence, held + HELD_HEADER_BYTES, here, load<u32>(held, 12));
      Blocks.give(held, HELD_HEADER_BYTES + here);
    }
  }

  /** Keeps a segment ahead of a hole, in order; beyond the bounds the hole is given up. */
  private static hold(direction: Direction, sequence: u32): void {
    const here = min<u32>(Segment.here, MOST_HELD_PIECE);
    if (direction.heldBytes + here > MOST_HELD_BYTES || direction.heldCount >= MOST_HELD_SEGMENTS) {
      Stream.closeHole(direction);
      if (((sequence - direction.nextSequence) as i32) <= 0) {
        Stream.inOrder(direction, sequence, Segment.data, Segment.here, Segment.declared);
        Stream.drain(direction);
        return;
      }
      if (direction.heldBytes + here > MOST_HELD_BYTES || direction.heldCount >= MOST_HELD_SEGMENTS) return;
    }
    let link = changetype<usize>(direction) + offsetof<Direction>('held');
    for (let guard: u32 = 0; guard < MOST_HELD_SEGMENTS; guard++) {
      const next = load<u32>(link) as usize;
      if (next == 0) break;
      const ahead = (load<u32>(next, 4) - sequence) as i32;
      if (ahead == 0 && load<u32>(next, 12) >= Segment.declared) return;
      if (ahead > 0) break;
      link = next;
    }
    const block = Blocks.take(HELD_HEADER_BYTES + here);
    if (block == 0) return;
    store<u32>(block, load<u32>(link));
    store<u32>(block, sequence, 4);
    store<u32>(block, here, 8);
    store<u32>(block, Segment.declared, 12);
    memory.copy(block + HELD_HEADER_BYTES, Segment.data, here);
    store<u32>(link, block as u32);
    direction.heldBytes += here;
    direction.heldCount += 1;
  }

  /** Whether the receiver has acknowledged beyond the hole: what is missing will not come again. */
  private static holeIsLost(direction: Direction): bool {
    return (direction.flags & ACK_KNOWN) != 0
      && ((direction.acknowledged - load<u32>(direction.held as usize, 4)) as i32) >= 0;
  }

  /** Gives up the bytes before the first held segment and goes on with it. */
  private static closeHole(direction: Direction): void {
    if (direction.held == 0) return;
    const sequence = load<u32>(direction.held as usize, 4);
    const lost = (sequence - direction.nextSequence) as i32;
    if (lost > 0) {
      Stream.gap(direction, lost as u32);
      direction.nextSequence = sequence;
    }
    Stream.drain(direction);
  }

  /** `lost` bytes are missing: framing is gone and the RIB direction is suspect. */
  private static gap(direction: Direction, lost: u32): void {
    Sessions.dropPartial(direction);
    direction.flags = (direction.flags & ~SYNCED) | SUSPECT;
    const which = direction == Stream.connection.direction(0) ? 0 : 1;
    Rows.gap(Stream.session, direction, which, lost);
  }

  /** A copy of bytes that are not acknowledged yet: the receiver may have got them only now. */
  private static seenAgain(direction: Direction, sequence: u32, declared: u32): void {
    const count = direction.waitingCount as u32;
    for (let i: u32 = 0; i < count; i++) {
      const passed = Connection.waiting(direction, i);
      const inside = passed.end - sequence;
      if (inside != 0 && inside <= declared) Stream.stamp(passed, passed.end);
    }
  }

  private static stamp(passed: Passed, end: u32): void {
    passed.boot = Frame.boot();
    passed.frameOffset = Frame.batchOffset;
    passed.frameIndex = Frame.index;
    passed.tap = Frame.tap();
    passed.end = end;
  }

  /** The last whole message ends at `end`: it counts for the receiver's hold timer once that is acknowledged. */
  private static remember(direction: Direction, end: u32): void {
    if (Stream.messages == 0) return;
    Stream.messages = 0;
    const other = direction == Stream.connection.direction(0) ? Stream.connection.direction(1) : Stream.connection.direction(0);
    const known = (direction.flags & ACK_KNOWN) != 0 && (other.flags & (SEEN | HIDDEN)) == SEEN;
    if (!known || ((direction.acknowledged - end) as i32) >= 0) {
      direction.waitingCount = 0;
      direction.lastAcknowledged = Frame.boot();
      direction.lastOffset = Frame.batchOffset;
      direction.lastIndex = Frame.index;
      direction.lastTap = Frame.tap();
      return;
    }
    const count = direction.waitingCount as u32;
    const index = min<u32>(count, WAITING - 1);
    Stream.stamp(Connection.waiting(direction, index), end);
    if (count < WAITING) direction.waitingCount = (count + 1) as u8;
  }

  /** `length` new bytes of the stream. */
  private static consume(direction: Direction, at: usize, length: u32): void {
    const end = at + length;
    if ((direction.flags & SYNCED) == 0) {
      at = Stream.findHeader(direction, at, end);
      if (at == 0) return;
      direction.flags |= SYNCED;
    }
    if (direction.partialLength != 0) {
      at = Stream.completePartial(direction, at, end);
      if (at == 0) return;
    }
    while (at + HEADER_BYTES <= end) {
      const size = Stream.messageLength(direction, at);
      if (size == 0) {
        Rows.quarantine('bgp.message-header', (at > Segment.data ? at - Segment.data : 0) as u32);
        at = Stream.lostFraming(direction, at, end);
        if (at == 0) return;
        continue;
      }
      if (at + size > end) break;
      Stream.messages += 1;
      Shadow.onMessage(at, size);
      at += size;
    }
    if (at < end) Stream.keepPartial(direction, at, (end - at) as u32);
  }

  private static lostFraming(direction: Direction, at: usize, end: usize): usize {
    direction.flags = (direction.flags & ~SYNCED) | SUSPECT;
    const found = Stream.findHeader(direction, at + 1, end);
    if (found != 0) direction.flags |= SYNCED;
    return found;
  }

  /** Adds to the kept part of a message; where to go on, 0 when the bytes are used up. */
  private static completePartial(direction: Direction, at: usize, end: usize): usize {
    for (let guard: u32 = 0; guard < 3; guard++) {
      const take = min<u32>(direction.partialNeed - direction.partialLength, (end - at) as u32);
      memory.copy((direction.partial + direction.partialLength) as usize, at, take);
      direction.partialLength += take;
      at += take;
      if (direction.partialLength < direction.partialNeed) return 0;
      const size = Stream.messageLength(direction, direction.partial as usize);
      if (size == 0) {
        Rows.quarantine('bgp.message-header', 0);
        Sessions.dropPartial(direction);
        direction.flags = (direction.flags & ~SYNCED) | SUSPECT;
        const found = Stream.findHeader(direction, at, end);
        if (found != 0) direction.flags |= SYNCED;
        return found;
      }
      if (direction.partialNeed == size) {
        const block = direction.partial as usize;
        direction.partial = 0;
        direction.partialLength = 0;
        direction.partialNeed = 0;
        Stream.messages += 1;
        Shadow.onMessage(block, size);
        Blocks.give(block, size);
        return at == end ? 0 : at;
      }
      if (!Stream.growPartial(direction, size)) return 0;
    }
    return 0;
  }

  /** The header is there: makes room for the whole message. */
  private static growPartial(direction: Direction, size: u32): bool {
    const block = Blocks.take(size);
    if (block == 0) {
      Stream.gap(direction, direction.partialLength);
      return false;
    }
    memory.copy(block, direction.partial as usize, direction.partialLength);
    Blocks.give(direction.partial as usize, direction.partialNeed);
    direction.partial = block as u32;
    direction.partialNeed = size;
    return true;
  }

  private static keepPartial(direction: Direction, at: usize, length: u32): void {
    const need = length >= HEADER_BYTES ? Stream.messageLength(direction, at) : HEADER_BYTES;
    const block = Blocks.take(need);
    if (block == 0) {
      Stream.gap(direction, length);
      return;
    }
    memory.copy(block, at, length);
    direction.partial = block as u32;
    direction.partialLength = length;
    direction.partialNeed = need;
  }

  /**
   * Length of the message at `at`, 0 when it is no BGP header (RFC 4271 section 4.1):
   *   marker 16 bytes of ones | length 16 | type 8
   */
  static messageLength(direction: Direction, at: usize): u32 {
    if (load<u64>(at) != MARKER || load<u64>(at, 8) != MARKER) return 0;
    const length = bswap<u16>(load<u16>(at, 16)) as u32;
    const type = load<u8>(at, 18);
    // RFC 8654 section 3: OPEN and KEEPALIVE stay below 4,096 bytes.
    const extended = type != MESSAGE_OPEN && type != MESSAGE_KEEPALIVE
      && ((direction.flags & OPEN_SEEN) == 0 || (direction.capabilities & HAS_EXTENDED_MESSAGE) != 0);
    if (length > (extended ? MOST_EXTENDED_BYTES : MOST_MESSAGE_BYTES)) return 0;
    if (type == MESSAGE_OPEN) return length >= 29 ? length : 0;
    if (type == MESSAGE_UPDATE) return length >= 23 ? length : 0;
    if (type == MESSAGE_NOTIFICATION) return length >= 21 ? length : 0;
    if (type == MESSAGE_KEEPALIVE) return length == 19 ? length : 0;
    if (type == MESSAGE_ROUTE_REFRESH) return length >= 23 ? length : 0;
    return length >= HEADER_BYTES ? length : 0;
  }

  /** First message header at or behind `at` that lies whole before `end`; 0 when there is none. */
  static findHeader(direction: Direction, at: usize, end: usize): usize {
    while (at + HEADER_BYTES <= end) {
      if (load<u8>(at) == 0xff && Stream.messageLength(direction, at) != 0 && load<u8>(at, 18) <= MESSAGE_ROUTE_REFRESH
        && load<u8>(at, 18) != 0) return at;
      at += 1;
    }
    return 0;
  }
}
