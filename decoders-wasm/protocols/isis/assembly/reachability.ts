/** What an LSP says it reaches: TLVs 2, 22 (neighbours) and 128, 130, 135, 236 (prefixes), one item at a time. */
import { Bytes } from './bytes.ts';
import * as iana from './iana.ts';
import { Tlv } from './pdu.ts';
import { noteTlvError, TLV_ERROR_LENGTH } from './tlv-errors.ts';

export const ITEM_NEIGHBOR: u8 = 1;
export const ITEM_PREFIX: u8 = 2;

/**
 * The walk: `begin(at, length)` over a TLV area, then `next()` until it is false; each gives one neighbour or prefix.
 *
 *  TLV 2:   virtual flag 1, then metrics 4, neighbour id 7                     (ISO 10589 9.8)
 *  TLV 22:  neighbour id 7, metric 3, length of sub-TLVs 1, sub-TLVs           (RFC 5305 3)
 *  TLV 128, 130: metrics 4, address 4, mask 4                                  (RFC 1195 3.2)
 *  TLV 135: metric 4, up/down 1 bit, sub-TLVs 1 bit, prefix length 6 bits, prefix, [length, sub-TLVs]   (RFC 5305 4)
 *  TLV 236: metric 4, up/down, external, sub-TLVs 1 bit each, reserved 5, prefix length 1, prefix, ...  (RFC 5308 2)
 */
@unmanaged
export class Reach {
  static kind: u8 = 0;
  static type: u8 = 0;
  static metric: u32 = 0;
  /** Neighbour: 7 bytes as a number. */
  static node: u64 = 0;
  /** Neighbour: link identifier or interface address of sub-TLVs 4, 6, 12; 0 without. */
  static identity: u64 = 0;
  /** Prefix: address as two numbers in network order (IPv4 in the first 4 bytes), length, 4 or 6. */
  static addressHigh: u64 = 0;
  static addressLow: u64 = 0;
  static prefixLength: u8 = 0;
  static family: u8 = 0;
  static down: bool = false;
  static external: bool = false;
  /** Sub-TLVs of the item. */
  static subAt: usize = 0;
  static subLength: u32 = 0;

  static walkPosition: usize = 0;
  static walkEnd: usize = 0;
  static itemPosition: usize = 0;
  static itemEnd: usize = 0;

  static begin(at: usize, length: u32): void {
    Reach.walkPosition = at;
    Reach.walkEnd = at + length;
    Reach.itemPosition = 0;
    Reach.itemEnd = 0;
  }

  /** The next item; false at the end. A TLV that does not hold whole items is noted and left at the fault. */
  static next(): bool {
    while (true) {
      while (Reach.itemPosition < Reach.itemEnd) {
        if (Reach.take()) return true;
        noteTlvError(Reach.type, TLV_ERROR_LENGTH);
        Reach.itemPosition = Reach.itemEnd;
      }
      if (!Reach.nextTlv()) return false;
    }
  }

  private static nextTlv(): bool {
    while (Reach.walkPosition + 2 <= Reach.walkEnd) {
      const type = load<u8>(Reach.walkPosition);
      const length = load<u8>(Reach.walkPosition, 1) as usize;
      const at = Reach.walkPosition + 2;
      if (at + length > Reach.walkEnd) return false;
      Reach.walkPosition = at + length;
      if (!Reach.isReach(type)) continue;
      Reach.over(type, at, length as u32);
      return true;
    }
    return false;
  }

  /** Aims the walk at the items of one TLV. */
  static over(type: u8, at: usize, length: u32): void {
    Reach.type = type;
    Reach.itemPosition = at;
    Reach.itemEnd = at + length;
    if (type == iana.TLV_IS_REACH && length != 0) Reach.itemPosition += 1;
  }

  /** The next item of the TLV that `over` aimed at; false at its end or at a fault. */
  static nextOfTlv(): bool {
    return Reach.itemPosition < Reach.itemEnd && Reach.take();
  }

  static isReach(type: u8): bool {
    return type == iana.TLV_IS_REACH || type == iana.TLV_EXTENDED_IS_REACH || type == iana.TLV_IP_INTERNAL_REACH
      || type == iana.TLV_IP_EXTERNAL_REACH || type == iana.TLV_EXTENDED_IP_REACH || type == iana.TLV_IPV6_REACH;
  }

  private static take(): bool {
    Reach.identity = 0;
    Reach.subLength = 0;
    Reach.down = false;
    Reach.external = false;
    if (Reach.type == iana.TLV_IS_REACH) return Reach.takeNarrowNeighbor();
    if (Reach.type == iana.TLV_EXTENDED_IS_REACH) return Reach.takeWideNeighbor();
    if (Reach.type == iana.TLV_EXTENDED_IP_REACH) return Reach.takeWidePrefix();
    if (Reach.type == iana.TLV_IPV6_REACH) return Reach.takeIpv6Prefix();
    return Reach.takeNarrowPrefix();
  }

  @inline private static left(): u32 {
    return (Reach.itemEnd - Reach.itemPosition) as u32;
  }

  private static takeNarrowNeighbor(): bool {
    if (Reach.left() < 11) return false;
    const at = Reach.itemPosition;
    Reach.kind = ITEM_NEIGHBOR;
    Reach.metric = (load<u8>(at) & 0x3f) as u32;
    Reach.node = Bytes.node(at + 4);
    Reach.itemPosition = at + 11;
    return true;
  }

  private static takeWideNeighbor(): bool {
    if (Reach.left() < 11) return false;
    const at = Reach.itemPosition;
    const sub: u32 = load<u8>(at, 10) as u32;
    if (sub + 11 > Reach.left()) return false;
    Reach.kind = ITEM_NEIGHBOR;
    Reach.node = Bytes.node(at);
    Reach.metric = ((load<u8>(at, 7) as u32) << 16) | (bswap<u16>(load<u16>(at, 8)) as u32);
    Reach.subAt = at + 11;
    Reach.subLength = sub;
    Reach.identity = Reach.linkIdentity(at + 11, sub);
    Reach.itemPosition = at + 11 + sub as usize;
    return true;
  }

  /** Sub-TLV 4 (local link id), 6 (IPv4) or 12 (IPv6) as a number that tells parallel links apart. */
  private static linkIdentity(at: usize, length: u32): u64 {
    let identity: u64 = 0;
    for (let i: u32 = 0; i + 2 <= length;) {
      const type = load<u8>(at + i);
      const size = load<u8>(at + i, 1) as u32;
      if (i + 2 + size > length) return identity;
      const value = at + i + 2;
      if (type == iana.SUB_LINK_IDENTIFIERS && size >= 4) return (1 << 62) | (bswap<u32>(load<u32>(value)) as u64);
      if (type == iana.SUB_IPV4_INTERFACE_ADDRESS && size >= 4) identity = (1 << 61) | (bswap<u32>(load<u32>(value)) as u64);
      else if (type == iana.SUB_IPV6_INTERFACE_ADDRESS && size >= 16 && identity == 0) {
        identity = (1 << 60) | (bswap<u64>(load<u64>(value, 8)) & 0x0fffffffffffffff);
      }
      i += 2 + size;
    }
    return identity;
  }

  private static takeNarrowPrefix(): bool {
    if (Reach.left() < 12) return false;
    const at = Reach.itemPosition;
    const mask = bswap<u32>(load<u32>(at, 8));
    const length = popcnt<u32>(mask);
    Reach.kind = ITEM_PREFIX;
    Reach.family = 4;
    Reach.metric = (load<u8>(at) & 0x3f) as u32;
    // RFC 5302 2: the up/down bit is the top bit of the default metric, the external bit the next.
    Reach.down = (load<u8>(at) & 0x80) != 0;
    Reach.external = Reach.type == iana.TLV_IP_EXTERNAL_REACH;
    Reach.prefixLength = length as u8;
    Reach.addressHigh = ((bswap<u32>(load<u32>(at, 4)) & mask) as u64) << 32;
    Reach.addressLow = 0;
    Reach.itemPosition = at + 12;
    // A mask with holes is no prefix.
    return mask == (length == 0 ? 0 : u32.MAX_VALUE << (32 - length));
  }

  private static takeWidePrefix(): bool {
    if (Reach.left() < 5) return false;
    const at = Reach.itemPosition;
    const control = load<u8>(at, 4);
    Reach.kind = ITEM_PREFIX;
    Reach.family = 4;
    Reach.metric = bswap<u32>(load<u32>(at));
    Reach.down = (control & 0x80) != 0;
    return Reach.takePrefix(at, 5, control & 0x3f, 32, (control & 0x40) != 0);
  }

  private static takeIpv6Prefix(): bool {
    if (Reach.left() < 6) return false;
    const at = Reach.itemPosition;
    const control = load<u8>(at, 4);
    Reach.kind = ITEM_PREFIX;
    Reach.family = 6;
    Reach.metric = bswap<u32>(load<u32>(at));
    Reach.down = (control & 0x80) != 0;
    Reach.external = (control & 0x40) != 0;
    return Reach.takePrefix(at, 6, load<u8>(at, 5), 128, (control & 0x20) != 0);
  }

  private static takePrefix(at: usize, header: u32, length: u8, most: u8, hasSub: bool): bool {
    const bytes = ((length as u32) + 7) >>> 3;
    if (length > most || header + bytes > Reach.left()) return false;
    let high: u64 = 0;
    let low: u64 = 0;
    for (let i: u32 = 0; i < bytes; i++) {
      const byte = load<u8>(at + (header + i) as usize) as u64;
      if (i < 8) high |= byte << (56 - ((i as u64) << 3));
      else low |= byte << (56 - (((i - 8) as u64) << 3));
    }
    // Bits behind the length are not part of the prefix.
    if (length == 0) high = 0;
    else if (length < 64) high &= u64.MAX_VALUE << (64 - (length as u64));
    if (length <= 64) low = 0;
    else if (length < 128) low &= u64.MAX_VALUE << (128 - (length as u64));
    Reach.addressHigh = high;
    Reach.addressLow = low;
    Reach.prefixLength = length;
    let next = header + bytes;
    if (hasSub) {
      if (next + 1 > Reach.left()) return false;
      const sub = load<u8>(at + next as usize) as u32;
      if (next + 1 + sub > Reach.left()) return false;
      Reach.subAt = at + (next + 1) as usize;
      Reach.subLength = sub;
      next += 1 + sub;
    }
    Reach.itemPosition = at + next as usize;
    return true;
  }
}

/** Walks all items once, so that what is wrong with them is noted before anything is applied. */
export function checkReachability(): void {
  Tlv.begin();
  Reach.begin(Tlv.position, (Tlv.end - Tlv.position) as u32);
  while (Reach.next());
}
