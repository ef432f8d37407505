/** Ids of 6 and 7 bytes as numbers, in network order, so that numeric order is canonical order. */

@unmanaged
export class Bytes {
  /** A system id or SNPA (6 bytes) as a number. */
  @inline static system(at: usize): u64 {
    return ((bswap<u32>(load<u32>(at)) as u64) << 16) | (bswap<u16>(load<u16>(at, 4)) as u64);
  }

  /** A node or LAN id (7 bytes) as a number. */
  @inline static node(at: usize): u64 {
    return (Bytes.system(at) << 8) | (load<u8>(at, 6) as u64);
  }

  /** Writes a number back as 6 bytes. */
  @inline static putSystem(at: usize, value: u64): void {
    store<u32>(at, bswap<u32>((value >>> 16) as u32));
    store<u16>(at, bswap<u16>(value as u16), 4);
  }

  /** Writes a number back as 7 bytes. */
  @inline static putNode(at: usize, value: u64): void {
    Bytes.putSystem(at, value >>> 8);
    store<u8>(at, value as u8, 6);
  }
}
