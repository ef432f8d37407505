/**
 * What a direction's UPDATEs say of capabilities whose OPEN was not seen (rule B7): each is settled by the first UPDATE
 * that only one reading fits, and taken back when a later one contradicts it.
 */
import { AsPath } from './as-path.ts';
import {
  ATTRIBUTE_AS4_PATH, ATTRIBUTE_AS_PATH, ATTRIBUTE_MP_REACH_NLRI, ATTRIBUTE_MP_UNREACH_NLRI, FLAG_EXTENDED_LENGTH, HEADER_BYTES,
} from './iana.ts';
import { Direction } from './state.ts';
import { FAMILY_IPV4, FAMILY_IPV6, Update } from './update.ts';

const NO: u8 = 1;
const YES: u8 = 2;

@unmanaged
export class Inference {
  /** Families (bit 0 IPv4, bit 1 IPv6) whose earlier routes were read wrongly. */
  static overturned: u32 = 0;
  private static pathAt: usize = 0;
  private static pathLength: u32 = 0;
  private static hasAs4Path: bool = false;
  private static reachAt: usize = 0;
  private static reachEnd: usize = 0;
  private static reachFamily: u32 = 2;
  private static unreachAt: usize = 0;
  private static unreachEnd: usize = 0;
  private static unreachFamily: u32 = 2;

  /** Looks at the UPDATE at `at` and settles what it can of the direction that sent it. */
  static learn(direction: Direction, at: usize, length: u32): void {
    Inference.overturned = 0;
    const end = at + length;
    const withdrawnAt = at + HEADER_BYTES + 2;
    const withdrawnEnd = withdrawnAt + bswap<u16>(load<u16>(withdrawnAt - 2)) as usize;
    if (withdrawnEnd + 2 > end) return;
    const attributesAt = withdrawnEnd + 2;
    const attributesEnd = attributesAt + bswap<u16>(load<u16>(withdrawnEnd)) as usize;
    if (attributesEnd > end) return;
    Inference.scan(attributesAt, attributesEnd);
    Inference.learnAs4(direction);
    direction.inferredAddPath4 = Inference.learnAddPath(direction.inferredAddPath4, FAMILY_IPV4, withdrawnAt, withdrawnEnd, attributesEnd, end);
    direction.inferredAddPath6 = Inference.learnAddPath(direction.inferredAddPath6, FAMILY_IPV6, end, end, end, end);
  }

  private static scan(at: usize, end: usize): void {
    Inference.pathLength = 0;
    Inference.hasAs4Path = false;
    Inference.reachFamily = 2;
    Inference.unreachFamily = 2;
    while (at + 3 <= end) {
      const wide = (load<u8>(at) & FLAG_EXTENDED_LENGTH) != 0;
      const code = load<u8>(at, 1) as u32;
      const length: u32 = wide ? bswap<u16>(load<u16>(at, 2)) as u32 : load<u8>(at, 2) as u32;
      const value = at + (wide ? 4 : 3);
      if (value + length > end) return;
      if (code == ATTRIBUTE_AS_PATH) {
        Inference.pathAt = value;
        Inference.pathLength = length;
      } else if (code == ATTRIBUTE_AS4_PATH) Inference.hasAs4Path = true;
      else if (code == ATTRIBUTE_MP_REACH_NLRI && length >= 5) {
        Inference.reachFamily = Update.family(bswap<u16>(load<u16>(value)), load<u8>(value, 2));
        Inference.reachAt = value + 5 + load<u8>(value, 3) as usize;
        Inference.reachEnd = value + length;
        if (Inference.reachAt > Inference.reachEnd) Inference.reachFamily = 2;
      } else if (code == ATTRIBUTE_MP_UNREACH_NLRI && length >= 3) {
        Inference.unreachFamily = Update.family(bswap<u16>(load<u16>(value)), load<u8>(value, 2));
        Inference.unreachAt = value + 3;
        Inference.unreachEnd = value + length;
      }
      at = value + length;
    }
  }

  private static learnAs4(direction: Direction): void {
    if (Inference.pathLength == 0) return;
    const four = AsPath.isValid(Inference.pathAt, Inference.pathLength, true);
    const two = AsPath.isValid(Inference.pathAt, Inference.pathLength, false);
    if (four == two && !(two && Inference.hasAs4Path)) return;
    const now = four && !Inference.hasAs4Path ? YES : NO;
    if (direction.inferredAs4 != now && (direction.inferredAs4 != 0 || now == NO)) Inference.overturned |= 3;
    direction.inferredAs4 = now;
  }

  /** Whether all prefixes of a family hold under one reading, and cleanly. */
  private static fits(family: u32, addPath: bool, clean: bool, a: usize, b: usize, c: usize, d: usize): bool {
    const most: u32 = family == FAMILY_IPV4 ? 32 : 128;
    if (!Inference.range(a, b, addPath, most, clean) || !Inference.range(c, d, addPath, most, clean)) return false;
    if (Inference.reachFamily == family && !Inference.range(Inference.reachAt, Inference.reachEnd, addPath, most, clean)) return false;
    return Inference.unreachFamily != family || Inference.range(Inference.unreachAt, Inference.unreachEnd, addPath, most, clean);
  }

  private static range(at: usize, end: usize, addPath: bool, most: u32, clean: bool): bool {
    return clean ? Update.prefixesAreClean(at, end, addPath, most) : Update.prefixesHold(at, end, addPath, most);
  }

  private static learnAddPath(known: u8, family: u32, a: usize, b: usize, c: usize, d: usize): u8 {
    if (a == b && c == d && Inference.reachFamily != family && Inference.unreachFamily != family) return known;
    const plain = Inference.fits(family, false, true, a, b, c, d);
    const paths = Inference.fits(family, true, true, a, b, c, d);
    if (plain == paths) return known;
    const now = plain ? NO : YES;
    if (known != now && (known != 0 || now == YES)) Inference.overturned |= 1 << family;
    return now;
  }
}
