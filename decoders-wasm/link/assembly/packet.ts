/** The packet under the walk: its bytes, where the walk stands, and what the layers so far have said. */
import { CURSOR_BYTES, Cursor } from '../../base/assembly/cursor.ts';
import { DIRECTION_UNKNOWN } from '../../base/assembly/generated/frame.ts';

/** The cursor of the walk: `end` never passes what any enclosing layer declares or what was captured. */
export const c: Cursor = Cursor.at(memory.data(CURSOR_BYTES));

/** No such header in the bytes. */
export const NO_OFFSET: u32 = 0xffffffff;
/** Most tags and tunnels one inside the other that are followed. */
export const MOST_VLANS: u32 = 8;
export const MOST_TUNNELS: u32 = 8;
/** kind u8, address bytes u8 (0: none kept), 2 unused, id u32, endpoints 2 x 16 sorted */
export const TUNNEL_BYTES: u32 = 40;

@unmanaged
export class Packet {
  static tap: u32 = 0;
  static boot: u64 = 0;
  static number: u64 = 0;
  static direction: u8 = 0;
  /** First byte, bytes captured, bytes on the wire. */
  static start: usize = 0;
  static captured: u32 = 0;
  static original: u32 = 0;
  /** Where the innermost declared length ends; may lie beyond what was captured. */
  static declared: usize = 0;

  /** Offsets from `start` of the innermost Ethernet and IP headers within the present tunnel, NO_OFFSET without. */
  static link: u32 = 0;
  static network: u32 = 0;
  static multicast: bool = false;
  static reassembled: bool = false;

  /** Of the innermost IP header: protocol of what follows, address bytes (4 or 16), offsets of the addresses. */
  static ipProtocol: u32 = 0;
  static addressBytes: u32 = 0;
  static source: u32 = 0;
  static destination: u32 = 0;

  static vlanCount: u32 = 0;
  static readonly vlans: usize = memory.data(16);
  static tunnelCount: u32 = 0;
  static readonly tunnels: usize = memory.data(320);
  static pppoe: u32 = 0;
  static hasPppoe: bool = false;

  /** Begins the walk over one captured packet. */
  static begin(start: usize, captured: u32, original: u32): void {
    Packet.start = start;
    Packet.captured = captured;
    // Bounded, so that no sum of addresses wraps.
    Packet.original = min<u32>(max<u32>(original, captured), 1 << 24);
    Packet.declared = start + Packet.original;
    c.over(start, captured);
    Packet.link = NO_OFFSET;
    Packet.network = NO_OFFSET;
    Packet.multicast = false;
    Packet.reassembled = false;
    Packet.direction = DIRECTION_UNKNOWN;
    Packet.vlanCount = 0;
    Packet.tunnelCount = 0;
    Packet.hasPppoe = false;
    Packet.addressBytes = 0;
  }

  /** Offset of the cursor from the first byte. */
  @inline static offset(): u32 {
    return (c.position - Packet.start) as u32;
  }

  /** A layer declares that its content ends at `end`: reads stop there, or at what was captured of it. */
  @inline static narrow(end: usize): void {
    Packet.declared = end;
    if (end < c.end) c.end = end;
  }

  /** Keeps a tag; false when there are too many. */
  static tag(tci: u32): bool {
    if (Packet.vlanCount == MOST_VLANS) return false;
    store<u16>(Packet.vlans + (Packet.vlanCount << 1), tci as u16);
    Packet.vlanCount += 1;
    return true;
  }

  @inline static tunnel(index: u32): usize {
    return Packet.tunnels + index * TUNNEL_BYTES;
  }

  /**
   * Steps into a tunnel: headers outside are no longer the packet's own. One without an id of its own
   * (`id` negative) is told apart by its two end points. False when there are too many.
   */
  static enter(kind: u8, id: i64): bool {
    if (Packet.tunnelCount == MOST_TUNNELS) return false;
    const at = Packet.tunnel(Packet.tunnelCount);
    memory.fill(at, 0, TUNNEL_BYTES);
    store<u8>(at, kind);
    if (id >= 0) store<u32>(at, id as u32, 4);
    else if (Packet.addressBytes != 0) {
      store<u8>(at, Packet.addressBytes as u8, 1);
      Packet.sortedAddresses(at + 8);
    }
    Packet.tunnelCount += 1;
    Packet.link = NO_OFFSET;
    Packet.network = NO_OFFSET;
    Packet.multicast = false;
    Packet.addressBytes = 0;
    Packet.hasPppoe = false;
    return true;
  }

  /** Writes both addresses of the innermost IP header, the lower first, to `at`. */
  static sortedAddresses(at: usize): void {
    const bytes = Packet.addressBytes;
    const source = Packet.start + Packet.source;
    const destination = Packet.start + Packet.destination;
    const swap = memory.compare(source, destination, bytes) > 0;
    memory.copy(at, swap ? destination : source, bytes);
    memory.copy(at + bytes, swap ? source : destination, bytes);
  }
}
