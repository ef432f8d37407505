/** The LSA header (RFC 2328 A.4.1), its checksum (12.1.7) and the comparison of two instances (13.1). */
import { Checksum } from '../../../base/assembly/checksum.ts';
import { DO_NOT_AGE, LSA_EXTERNAL, LSA_OPAQUE_AS, LSA_OPAQUE_LINK, MAX_AGE, MAX_AGE_DIFF } from './iana.ts';

/** Bytes of an LSA header. */
export const LSA_HEADER_BYTES: u32 = 20;

/**
 *  |            LS age             |    Options    |    LS type    |
 *  |                        Link State ID                          |
 *  |                     Advertising Router                        |
 *  |                     LS sequence number                        |
 *  |         LS checksum           |             length            |
 */
@unmanaged
export class Lsa {
  @inline static rawAge(at: usize): u16 { return bswap<u16>(load<u16>(at)); }
  /** Age in seconds, without the DoNotAge bit (RFC 1793 2.2). */
  @inline static age(at: usize): u16 { return min<u16>(Lsa.rawAge(at) & ~DO_NOT_AGE, MAX_AGE); }
  @inline static options(at: usize): u8 { return load<u8>(at, 2); }
  @inline static type(at: usize): u8 { return load<u8>(at, 3); }
  @inline static id(at: usize): u32 { return bswap<u32>(load<u32>(at, 4)); }
  @inline static router(at: usize): u32 { return bswap<u32>(load<u32>(at, 8)); }
  @inline static sequence(at: usize): u32 { return bswap<u32>(load<u32>(at, 12)); }
  @inline static checksum(at: usize): u16 { return bswap<u16>(load<u16>(at, 16)); }
  @inline static length(at: usize): u32 { return bswap<u16>(load<u16>(at, 18)) as u32; }

  /** Whether the Fletcher checksum holds over everything but the age. */
  static checksumHolds(at: usize): bool {
    return Lsa.checksum(at) != 0 && Checksum.fletcherHolds(at + 2, Lsa.length(at) - 2);
  }

  /** AS scope: type 5 and 11. */
  @inline static isAsScoped(type: u8): bool {
    return type == LSA_EXTERNAL || type == LSA_OPAQUE_AS;
  }

  /** Link-local scope: type 9. */
  @inline static isLinkScoped(type: u8): bool {
    return type == LSA_OPAQUE_LINK;
  }
}

/** RFC 2328 13.1: above 0 when instance A is newer, 0 the same, below 0 when B is newer. */
export function compareInstances(sequenceA: u32, checksumA: u16, ageA: u16, sequenceB: u32, checksumB: u16, ageB: u16): i32 {
  if (sequenceA != sequenceB) return (sequenceA as i32) > (sequenceB as i32) ? 1 : -1;
  if (checksumA != checksumB) return checksumA > checksumB ? 1 : -1;
  const maxA = ageA >= MAX_AGE;
  const maxB = ageB >= MAX_AGE;
  if (maxA != maxB) return maxA ? 1 : -1;
  const difference: i32 = (ageA as i32) - (ageB as i32);
  if (difference > (MAX_AGE_DIFF as i32)) return -1;
  if (-difference > (MAX_AGE_DIFF as i32)) return 1;
  return 0;
}
