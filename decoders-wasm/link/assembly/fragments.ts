/**
 * IP fragments of both versions, joined within bounds: 1,024 datagrams at a time, 256 of them with bytes (16 MB),
 * 30 s of capture time each. What overlaps with other bytes is refused whole (RFC 5722; for IPv4 likewise).
 */
import { Hash } from '../../base/assembly/hash.ts';
import { Memory, SEGMENT_BYTES } from '../../base/assembly/memory.ts';
import { Key } from './keys.ts';
import * as iana from './iana.ts';
import * as layer from './layers.ts';
import { Packet, c } from './packet.ts';

const SETS: u32 = 128;
const WAYS: u32 = 8;
const SLOTS: u32 = SETS * WAYS;
const MOST_BUFFERS: u32 = 256;
const MOST_DATAGRAM_BYTES: u32 = 65535;
/** Longest headers kept of the first fragment. */
const MOST_PREFIX_BYTES: u32 = 512;
const LIFETIME_NS: u64 = 30_000_000_000;

const FREE: u8 = 0;
const GATHERING: u8 = 1;
/** What comes of it is dropped: it overlapped, was too long, found no room, or is not ours. */
const REFUSED: u8 = 2;
const FOREIGN: u8 = 3;

// A slot: state u8, has prefix u8, buffer u16 (1-based, 0 none), begun u64 at 8, identity 64 bytes at 16, total u32 at
// 80 (0 unknown), highest end u32 at 84, units u32 at 88, prefix bytes u32 at 92, what follows the header: protocol
// u32 at 96, source u32 at 100, destination u32 at 104, link u32 at 108, network u32 at 112, then prefix, bitmap.
const IDENTITY_AT: usize = 16;
const IDENTITY_BYTES: u32 = 64;
const PREFIX_AT: usize = 120;
const BITMAP_AT: usize = 120 + 512;
const BITMAP_BYTES: u32 = 1024;
const SLOT_BYTES: u32 = 120 + 512 + 1024;

const identity: usize = memory.data(64);

@unmanaged
export class Fragments {
  static slots: usize = 0;
  /** Directory of buffers (segment addresses), which stay allocated once taken. */
  static buffers: usize = 0;
  /** Slot index + 1 that owns each buffer, 0 none. */
  static owners: usize = 0;
  static bufferCount: u32 = 0;
  static nextBuffer: u32 = 0;
  static joinedAt: usize = 0;
  static joined: u64 = 0;
  static evicted: u64 = 0;
  static expired: u64 = 0;

  /**
   * Takes in the fragment under the cursor: `offset` bytes into the datagram. Goes on with the walk over the whole
   * datagram once it is complete; the bytes are then the headers of the first fragment and the joined payload.
   */
  static join(id: u32, offset: u32, more: bool): i32 {
    const length = (Packet.declared - c.position) as u32;
    if (c.left() < length) return layer.TRUNCATED;
    if (offset + length > MOST_DATAGRAM_BYTES || (more && ((length & 7) != 0 || length == 0))) return layer.FRAGMENT_REFUSED;
    const slot = Fragments.find(id);
    if (slot == 0) return layer.FRAGMENT_REFUSED;
    if (load<u8>(slot) == FOREIGN) return layer.FRAGMENT_OTHER;
    if (load<u8>(slot) == REFUSED) return layer.FRAGMENT_REFUSED;
    if (offset == 0 && !isWanted()) return Fragments.drop(slot, FOREIGN, layer.FRAGMENT_OTHER);
    if (!Fragments.add(slot, offset, length, more)) return Fragments.drop(slot, REFUSED, layer.FRAGMENT_REFUSED);
    const total = load<u32>(slot, 80);
    if (total == 0 || load<u32>(slot, 88) != (total + 7) >>> 3 || load<u8>(slot, 1) == 0) return layer.FRAGMENT_HELD;
    return Fragments.finish(slot, total);
  }

  /** The slot of this datagram, a fresh one if need be: the oldest of its set gives way. */
  private static find(id: u32): usize {
    if (Fragments.slots == 0 && !Fragments.setUp()) return 0;
    const hash = Fragments.identify(id);
    const base = Fragments.slots + ((hash % SETS) * WAYS * SLOT_BYTES) as usize;
    let victim: usize = 0;
    let oldest: u64 = u64.MAX_VALUE;
    for (let way: u32 = 0; way < WAYS; way++) {
      const slot = base + (way * SLOT_BYTES) as usize;
      const begun = load<u64>(slot, 8);
      if (load<u8>(slot) != FREE && Packet.boot - begun > LIFETIME_NS && Packet.boot > begun) {
        Fragments.expired += 1;
        Fragments.release(slot);
      }
      if (load<u8>(slot) == FREE) {
        victim = slot;
        oldest = 0;
      } else if (memory.compare(slot + IDENTITY_AT, identity, IDENTITY_BYTES) == 0) return slot;
      else if (begun < oldest) {
        victim = slot;
        oldest = begun;
      }
    }
    if (load<u8>(victim) != FREE) {
      Fragments.evicted += 1;
      Fragments.release(victim);
    }
    memory.fill(victim, 0, PREFIX_AT);
    memory.fill(victim + BITMAP_AT, 0, BITMAP_BYTES);
    store<u8>(victim, GATHERING);
    store<u64>(victim, Packet.boot, 8);
    memory.copy(victim + IDENTITY_AT, identity, IDENTITY_BYTES);
    return victim;
  }

  /** Addresses, id, protocol (IPv4 only: RFC 791; IPv6 goes without, RFC 8200) and the hash of where it was seen. */
  private static identify(id: u32): u32 {
    memory.fill(identity, 0, IDENTITY_BYTES);
    memory.copy(identity, Packet.start + Packet.source, Packet.addressBytes);
    memory.copy(identity + 16, Packet.start + Packet.destination, Packet.addressBytes);
    store<u32>(identity, id, 32);
    store<u8>(identity, Packet.addressBytes as u8, 36);
    store<u8>(identity, (Packet.addressBytes == 4 ? Packet.ipProtocol : 0) as u8, 37);
    const length = Key.build(0);
    Hash.murmur128(Key.bytes, length);
    store<u64>(identity, Hash.low, 40);
    store<u64>(identity, Hash.high, 48);
    // Not seeded: which datagram gives way when there are too many must not depend on the instance.
    Hash.murmur128(identity, IDENTITY_BYTES);
    return Hash.low as u32;
  }

  /** Puts the fragment's bytes into its place; false when the datagram is to be refused. */
  private static add(slot: usize, offset: u32, length: u32, more: bool): bool {
    const end = offset + length;
    const total = load<u32>(slot, 80);
    const highest = max<u32>(end, load<u32>(slot, 84));
    if (!more && total != 0 && total != end) return false;
    if (!more && end == 0) return false;
    if (highest > (more ? (total == 0 ? MOST_DATAGRAM_BYTES : total) : end)) return false;
    const buffer = Fragments.buffer(slot);
    if (buffer == 0) return false;
    if (!more) store<u32>(slot, end, 80);
    store<u32>(slot, highest, 84);
    if (offset == 0 && load<u8>(slot, 1) == 0 && !Fragments.keepPrefix(slot)) return false;
    return Fragments.fill(slot, buffer, offset, length);
  }

  /** Bytes that are there already must be the same: then the fragment is a copy. */
  private static fill(slot: usize, buffer: usize, offset: u32, length: u32): bool {
    const bitmap = slot + BITMAP_AT;
    let units = load<u32>(slot, 88);
    for (let done: u32 = 0; done < length; done += 8) {
      const unit = (offset + done) >>> 3;
      const take = min<u32>(8, length - done);
      const bits = load<u8>(bitmap + (unit >>> 3));
      const bit: u8 = (1 as u8) << ((unit & 7) as u8);
      const here = buffer + offset + done;
      if ((bits & bit) != 0) {
        if (memory.compare(here, c.position + done, take) != 0) return false;
      } else {
        store<u8>(bitmap + (unit >>> 3), bits | bit);
        memory.copy(here, c.position + done, take);
        units += 1;
      }
    }
    store<u32>(slot, units, 88);
    return true;
  }

  /** Keeps the headers of the first fragment, and where the walk stands after them. */
  private static keepPrefix(slot: usize): bool {
    const length = Packet.offset();
    if (length > MOST_PREFIX_BYTES) return false;
    memory.copy(slot + PREFIX_AT, Packet.start, length);
    store<u8>(slot, 1, 1);
    store<u32>(slot, length, 92);
    store<u32>(slot, Packet.ipProtocol, 96);
    store<u32>(slot, Packet.source, 100);
    store<u32>(slot, Packet.destination, 104);
    store<u32>(slot, Packet.link, 108);
    store<u32>(slot, Packet.network, 112);
    return true;
  }

  /** The slot's buffer; a fresh one may be taken from the datagram that has had one longest. */
  private static buffer(slot: usize): usize {
    const own = load<u16>(slot, 2) as u32;
    if (own != 0) return load<u32>(Fragments.buffers + ((own - 1) << 2)) as usize;
    let index = Fragments.freeBuffer();
    if (index == MOST_BUFFERS) {
      index = Fragments.nextBuffer;
      Fragments.nextBuffer = (index + 1) % max<u32>(1, Fragments.bufferCount);
      const owner = load<u32>(Fragments.owners + (index << 2));
      if (owner == 0) return 0;
      Fragments.evicted += 1;
      Fragments.drop(Fragments.slots + ((owner - 1) * SLOT_BYTES) as usize, REFUSED, 0);
    }
    store<u16>(slot, (index + 1) as u16, 2);
    store<u32>(Fragments.owners + (index << 2), ((slot - Fragments.slots) as u32) / SLOT_BYTES + 1);
    return load<u32>(Fragments.buffers + (index << 2)) as usize;
  }

  private static freeBuffer(): u32 {
    for (let i: u32 = 0; i < Fragments.bufferCount; i++) if (load<u32>(Fragments.owners + (i << 2)) == 0) return i;
    if (Fragments.bufferCount == MOST_BUFFERS) return MOST_BUFFERS;
    const segment = Memory.segment();
    if (segment == 0) return MOST_BUFFERS;
    store<u32>(Fragments.buffers + (Fragments.bufferCount << 2), segment as u32);
    Fragments.bufferCount += 1;
    return Fragments.bufferCount - 1;
  }

  /** Gives the buffer back and marks what further fragments of it come to. */
  private static drop(slot: usize, state: u8, result: i32): i32 {
    Fragments.release(slot);
    store<u8>(slot, state);
    return result;
  }

  private static release(slot: usize): void {
    const own = load<u16>(slot, 2) as u32;
    if (own != 0) store<u32>(Fragments.owners + ((own - 1) << 2), 0);
    store<u16>(slot, 0, 2);
    store<u8>(slot, FREE);
  }

  /** Aims the walk at the joined bytes. They lie in one area: a datagram in a datagram is joined after the outer one. */
  private static finish(slot: usize, total: u32): i32 {
    const prefix = load<u32>(slot, 92);
    const buffer = load<u32>(Fragments.buffers + ((load<u16>(slot, 2) as u32 - 1) << 2)) as usize;
    memory.copy(Fragments.joinedAt, slot + PREFIX_AT, prefix);
    memory.copy(Fragments.joinedAt + prefix, buffer, total);
    Packet.ipProtocol = load<u32>(slot, 96);
    Packet.source = load<u32>(slot, 100);
    Packet.destination = load<u32>(slot, 104);
    Packet.link = load<u32>(slot, 108);
    Packet.network = load<u32>(slot, 112);
    Packet.reassembled = true;
    Packet.start = Fragments.joinedAt;
    Packet.captured = prefix + total;
    Packet.original = prefix + total;
    c.over(Packet.start, prefix + total);
    c.position = Packet.start + prefix;
    Packet.declared = c.end;
    Fragments.joined += 1;
    Fragments.release(slot);
    return layer.LAYER_IP_PAYLOAD;
  }

  private static setUp(): bool {
    Fragments.buffers = Memory.allocate(MOST_BUFFERS << 2);
    Fragments.owners = Memory.allocate(MOST_BUFFERS << 2);
    Fragments.joinedAt = Memory.allocate(SEGMENT_BYTES + MOST_PREFIX_BYTES);
    if (Fragments.buffers == 0 || Fragments.owners == 0 || Fragments.joinedAt == 0) return false;
    Fragments.slots = Memory.allocate(SLOTS * SLOT_BYTES);
    return Fragments.slots != 0;
  }
}

/** Whether a first fragment may lead to something of ours; bytes of others are not kept. */
function isWanted(): bool {
  const source = c.left() < 4 ? 0 : bswap<u16>(load<u16>(c.position)) as u32;
  const destination = c.left() < 4 ? 0 : bswap<u16>(load<u16>(c.position, 2)) as u32;
  switch (Packet.ipProtocol) {
    case iana.IP_TCP: return source == iana.PORT_BGP || destination == iana.PORT_BGP;
    case iana.IP_UDP: return destination == iana.PORT_VXLAN || destination == iana.PORT_VXLAN_LINUX
      || destination == iana.PORT_VXLAN_GPE || destination == iana.PORT_GENEVE || destination == iana.PORT_GTP_U
      || destination == iana.PORT_GRE_IN_UDP || destination == iana.PORT_MPLS_OVER_UDP || source == iana.PORT_GTP_U;
    case iana.IP_OSPF:
    case iana.IP_GRE:
    case iana.IP_IPV4:
    case iana.IP_IPV6:
    case iana.IP_MPLS:
    case iana.IP_AH:
    case iana.IP_ROUTING:
    case iana.IP_DESTINATION_OPTIONS:
    case iana.IP_FRAGMENT: return true;
  }
  return false;
}
