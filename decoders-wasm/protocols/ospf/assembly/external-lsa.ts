/** AS-external-LSA (type 5, RFC 2328 A.4.5) and NSSA-LSA (type 7, RFC 3101 appendix A), which share their body. */
import { Lsa, LSA_HEADER_BYTES } from './lsa.ts';

/**
 *  |                         Network Mask                          |
 *  |E|     0       |                  metric                       |
 *  |                      Forwarding address                       |
 *  |                      External Route Tag                       |
 */
@unmanaged
export class ExternalLsa {
  @inline static mask(at: usize): u32 {
    return bswap<u32>(load<u32>(at, LSA_HEADER_BYTES));
  }

  /** 1 or 2. */
  @inline static metricType(at: usize): u32 {
    return (load<u8>(at, LSA_HEADER_BYTES + 4) & 0x80) != 0 ? 2 : 1;
  }

  @inline static metric(at: usize): u32 {
    return bswap<u32>(load<u32>(at, LSA_HEADER_BYTES + 4)) & 0xffffff;
  }

  @inline static forwarding(at: usize): u32 {
    return bswap<u32>(load<u32>(at, LSA_HEADER_BYTES + 8));
  }

  @inline static tag(at: usize): u32 {
    return bswap<u32>(load<u32>(at, LSA_HEADER_BYTES + 12));
  }

  static check(at: usize): bool {
    return Lsa.length(at) >= LSA_HEADER_BYTES + 16;
  }
}
