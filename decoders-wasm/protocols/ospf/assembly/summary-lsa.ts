/** Summary-LSAs (types 3 and 4, RFC 2328 A.4.4): a prefix of another area, or an AS boundary router there. */
import { Lsa, LSA_HEADER_BYTES } from './lsa.ts';

/**
 *  |                         Network Mask                          |
 *  |      0        |                  metric                       |
 *  |     TOS       |                TOS  metric                    |
 */
@unmanaged
export class SummaryLsa {
  @inline static mask(at: usize): u32 {
    return bswap<u32>(load<u32>(at, LSA_HEADER_BYTES));
  }

  @inline static metric(at: usize): u32 {
    return bswap<u32>(load<u32>(at, LSA_HEADER_BYTES + 4)) & 0xffffff;
  }

  static check(at: usize): bool {
    return Lsa.length(at) >= LSA_HEADER_BYTES + 8;
  }
}
