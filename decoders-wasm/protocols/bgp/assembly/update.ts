/** UPDATE (RFC 4271 section 4.3, RFC 4760): found and checked whole before anything is applied. */
import { Attributes } from './attributes.ts';
import {
  AFI_IPV4, AFI_IPV6, ATTRIBUTE_MP_REACH_NLRI, ATTRIBUTE_MP_UNREACH_NLRI, HEADER_BYTES, SAFI_UNICAST,
} from './iana.ts';

/** Families by index; others are recognised and counted. */
export const FAMILY_IPV4: u32 = 0;
export const FAMILY_IPV6: u32 = 1;
export const FAMILY_OTHER: u32 = 2;

@unmanaged
export class Update {
  /** Whether prefixes carry a path identifier (RFC 7911), by family. */
  static addPath4: bool = false;
  static addPath6: bool = false;

  static withdrawnAt: usize = 0;
  static withdrawnEnd: usize = 0;
  static nlriAt: usize = 0;
  static nlriEnd: usize = 0;
  static attributesAt: usize = 0;
  static attributesEnd: usize = 0;
  /** MP_REACH_NLRI: family (FAMILY_OTHER without one), next hop, prefixes. */
  static reach: bool = false;
  static reachFamily: u32 = FAMILY_OTHER;
  static reachAt: usize = 0;
  static reachEnd: usize = 0;
  static nextHopAt: usize = 0;
  static nextHopLength: u32 = 0;
  static unreach: bool = false;
  static unreachFamily: u32 = FAMILY_OTHER;
  static unreachAt: usize = 0;
  static unreachEnd: usize = 0;
  /** Why the UPDATE cannot be used, and where; address 0 when it can. */
  static fatal: usize = 0;
  static fatalAt: usize = 0;

  static fatalText(): string {
    return changetype<string>(Update.fatal);
  }

  private static reset(text: string, at: usize): bool {
    Update.fatal = changetype<usize>(text);
    Update.fatalAt = at;
    return false;
  }

  /**
   * Reads the message at `at`; false when it cannot be used (`fatal`):
   *   withdrawn length 16 | withdrawn | attributes length 16 | attributes | prefixes
   */
  static parse(at: usize, length: u32): bool {
    Update.fatal = 0;
    Update.reach = false;
    Update.unreach = false;
    Attributes.begin();
    const end = at + length;
    let position = at + HEADER_BYTES;
    const withdrawn = bswap<u16>(load<u16>(position)) as u32;
    position += 2;
    // RFC 7606 section 3 a: lengths beyond the message
    if (position + withdrawn + 2 > end) return Update.reset('bgp.withdrawn-length', position);
    Update.withdrawnAt = position;
    position += withdrawn;
    Update.withdrawnEnd = position;
    const attributes = bswap<u16>(load<u16>(position)) as u32;
    position += 2;
    if (position + attributes > end) return Update.reset('bgp.attributes-length', position);
    Update.attributesAt = position;
    Update.attributesEnd = position + attributes;
    Update.nlriAt = position + attributes;
    Update.nlriEnd = end;
    Attributes.parse(position, position + attributes);
    if (Attributes.fatal != 0) return Update.reset(changetype<string>(Attributes.fatal), Attributes.fatalAt);
    if (Attributes.has(ATTRIBUTE_MP_REACH_NLRI) && !Update.parseReach()) return false;
    if (Attributes.has(ATTRIBUTE_MP_UNREACH_NLRI) && !Update.parseUnreach()) return false;
    const classic = Update.nlriAt < Update.nlriEnd;
    if (classic || (Update.reach && Update.reachAt < Update.reachEnd)) Attributes.requireMandatory(classic);
    if (!Update.prefixesHold(Update.withdrawnAt, Update.withdrawnEnd, Update.addPath4, 32)) {
      return Update.reset('bgp.withdrawn-prefix', Update.withdrawnAt);
    }
    if (!Update.prefixesHold(Update.nlriAt, Update.nlriEnd, Update.addPath4, 32)) {
      return Update.reset('bgp.prefix', Update.nlriAt);
    }
    return true;
  }

  static family(afi: u16, safi: u8): u32 {
    if (safi != SAFI_UNICAST) return FAMILY_OTHER;
    return afi == AFI_IPV4 ? FAMILY_IPV4 : afi == AFI_IPV6 ? FAMILY_IPV6 : FAMILY_OTHER;
  }

  /** RFC 4760 section 3: AFI 16 | SAFI 8 | next hop length 8 | next hop | reserved 8 | prefixes. */
  private static parseReach(): bool {
    const at = Attributes.at(ATTRIBUTE_MP_REACH_NLRI);
    const end = at + Attributes.length(ATTRIBUTE_MP_REACH_NLRI);
    if (end - at < 5) return Update.reset('bgp.mp-reach-length', at);
    const hop = load<u8>(at, 3) as u32;
    if (at + 5 + hop > end) return Update.reset('bgp.mp-reach-next-hop', at);
    Update.reach = true;
    Update.reachFamily = Update.family(bswap<u16>(load<u16>(at)), load<u8>(at, 2));
    Update.nextHopAt = at + 4;
    Update.nextHopLength = hop;
    Update.reachAt = at + 5 + hop;
    Update.reachEnd = end;
    if (Update.reachFamily == FAMILY_OTHER) return true;
    const known = hop == 4 || hop == 16 || hop == 32;
    if (!known) return Update.reset('bgp.mp-reach-next-hop', at);
    if (Update.familyHolds(Update.reachAt, end, Update.reachFamily)) return true;
    return Update.reset('bgp.mp-reach-prefix', Update.reachAt);
  }

  /** RFC 4760 section 4: AFI 16 | SAFI 8 | prefixes. */
  private static parseUnreach(): bool {
    const at = Attributes.at(ATTRIBUTE_MP_UNREACH_NLRI);
    const end = at + Attributes.length(ATTRIBUTE_MP_UNREACH_NLRI);
    if (end - at < 3) return Update.reset('bgp.mp-unreach-length', at);
    Update.unreach = true;
    Update.unreachFamily = Update.family(bswap<u16>(load<u16>(at)), load<u8>(at, 2));
    Update.unreachAt = at + 3;
    Update.unreachEnd = end;
    if (Update.unreachFamily == FAMILY_OTHER || Update.familyHolds(at + 3, end, Update.unreachFamily)) return true;
    return Update.reset('bgp.mp-unreach-prefix', at);
  }

  private static familyHolds(at: usize, end: usize, family: u32): bool {
    return family == FAMILY_IPV4 ? Update.prefixesHold(at, end, Update.addPath4, 32)
      : Update.prefixesHold(at, end, Update.addPath6, 128);
  }

  /** Whether the bytes are whole prefixes: path id 32 where negotiated | length 8 | address bits. */
  static prefixesHold(at: usize, end: usize, addPath: bool, most: u32): bool {
    const lead: u32 = addPath ? 4 : 0;
    while (at < end) {
      if (at + lead >= end) return false;
      const length = load<u8>(at + lead) as u32;
      if (length > most) return false;
      at += lead + 1 + ((length + 7) >>> 3);
    }
    return at == end;
  }

  /** As `prefixesHold`, and no bits are set beyond a prefix's length, and the default route comes at most once. */
  static prefixesAreClean(at: usize, end: usize, addPath: bool, most: u32): bool {
    if (!Update.prefixesHold(at, end, addPath, most)) return false;
    const lead: u32 = addPath ? 4 : 0;
    let defaults: u32 = 0;
    while (at < end) {
      const length = load<u8>(at + lead) as u32;
      const bytes = (length + 7) >>> 3;
      if (length == 0 && ++defaults > 1 && !addPath) return false;
      if ((length & 7) != 0 && (load<u8>(at + lead + bytes) & (((0xff as u32) >>> (length & 7)) as u8)) != 0) return false;
      at += lead + 1 + bytes;
    }
    return true;
  }

  /** RFC 4724 section 2: an UPDATE without anything, or with an empty MP_UNREACH_NLRI only; its family, else -1. */
  static endOfRib(): i32 {
    if (Update.withdrawnAt != Update.withdrawnEnd || Update.nlriAt != Update.nlriEnd) return -1;
    if (Update.attributesAt == Update.attributesEnd) return FAMILY_IPV4;
    if (Update.unreach && Attributes.count == 1 && Update.unreachAt == Update.unreachEnd) return Update.unreachFamily;
    return -1;
  }
}
