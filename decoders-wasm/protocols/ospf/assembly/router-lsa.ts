/** Router-LSA (type 1, RFC 2328 A.4.2). */
import { Lsa, LSA_HEADER_BYTES } from './lsa.ts';

/**
 *  |    0    |Nt|W|V|E|B|        0      |            # links        |
 *  |                          Link ID                              |
 *  |                         Link Data                             |
 *  |     Type      |     # TOS     |            metric             |
 *  |                     # TOS words of TOS metrics                |
 */
@unmanaged
export class RouterLsa {
  static bits: u8 = 0;
  static position: usize = 0;
  static end: usize = 0;
  static left: u32 = 0;
  static linkId: u32 = 0;
  static linkData: u32 = 0;
  static linkType: u8 = 0;
  static metric: u32 = 0;

  /** Begins a walk over the links of the checked LSA at `at`. */
  static over(at: usize): void {
    RouterLsa.bits = load<u8>(at, LSA_HEADER_BYTES);
    RouterLsa.left = bswap<u16>(load<u16>(at, LSA_HEADER_BYTES + 2)) as u32;
    RouterLsa.position = at + LSA_HEADER_BYTES + 4;
    RouterLsa.end = at + Lsa.length(at);
  }

  /** Reads the next link; false behind the last. */
  static nextLink(): bool {
    if (RouterLsa.left == 0 || RouterLsa.position + 12 > RouterLsa.end) return false;
    const at = RouterLsa.position;
    RouterLsa.linkId = bswap<u32>(load<u32>(at));
    RouterLsa.linkData = bswap<u32>(load<u32>(at, 4));
    RouterLsa.linkType = load<u8>(at, 8);
    RouterLsa.metric = bswap<u16>(load<u16>(at, 10)) as u32;
    RouterLsa.position = at + 12 + ((load<u8>(at, 9) as usize) << 2);
    RouterLsa.left -= 1;
    return true;
  }

  /** Whether the declared links lie within the LSA at `at`. */
  static check(at: usize): bool {
    const length = Lsa.length(at);
    if (length < LSA_HEADER_BYTES + 4) return false;
    const count = bswap<u16>(load<u16>(at, LSA_HEADER_BYTES + 2)) as u32;
    let position: u32 = LSA_HEADER_BYTES + 4;
    for (let i: u32 = 0; i < count; i++) {
      if (position + 12 > length) return false;
      position += 12 + ((load<u8>(at + position, 9) as u32) << 2);
      if (position > length) return false;
    }
    return true;
  }
}
