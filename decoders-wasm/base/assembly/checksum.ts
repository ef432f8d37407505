/** Checksums of the protocols: ISO 8473 Fletcher (IS-IS LSPs, OSPF LSAs) and the Internet checksum. */

@unmanaged
export class Checksum {
  /** True when the ISO 8473 Fletcher sum over `length` bytes, checksum field included, is zero (ISO 10589 7.3.11, RFC 2328 12.1.7). */
  static fletcherHolds(at: usize, length: u32): bool {
    let c0: u32 = 0;
    let c1: u32 = 0;
    for (let i: u32 = 0; i < length;) {
      const stop = min<u32>(length, i + 4096);
      for (; i < stop; i++) {
        c0 += load<u8>(at + i) as u32;
        c1 += c0;
      }
      c0 %= 255;
      c1 %= 255;
    }
    return c0 == 0 && c1 == 0;
  }

  /** The one's complement sum of RFC 1071 over `length` bytes, begun with `sum`; 0xffff when a covered checksum holds. */
  static internet(at: usize, length: u32, sum: u32): u32 {
    let total: u64 = sum as u64;
    let i: u32 = 0;
    for (; i + 2 <= length; i += 2) total += bswap<u16>(load<u16>(at + i)) as u64;
    if (i < length) total += (load<u8>(at + i) as u64) << 8;
    while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
    return total as u32;
  }
}
