/** Network-LSA (type 2, RFC 2328 A.4.3): mask and attached routers; its id is the DR's interface address. */
import { idInList } from './hello.ts';
import { Lsa, LSA_HEADER_BYTES } from './lsa.ts';

/**
 *  |                         Network Mask                          |
 *  |                        Attached Router ...                    |
 */
@unmanaged
export class NetworkLsa {
  @inline static mask(at: usize): u32 {
    return bswap<u32>(load<u32>(at, LSA_HEADER_BYTES));
  }

  /** Router ids in network order. */
  @inline static routers(at: usize): usize {
    return at + LSA_HEADER_BYTES + 4;
  }

  @inline static count(at: usize): u32 {
    return (Lsa.length(at) - LSA_HEADER_BYTES - 4) >>> 2;
  }

  static lists(at: usize, router: u32): bool {
    return idInList(NetworkLsa.routers(at), NetworkLsa.count(at), router);
  }

  static check(at: usize): bool {
    const length = Lsa.length(at);
    return length >= LSA_HEADER_BYTES + 4 && (length & 3) == 0;
  }
}
