/** Hashes: MurmurHash3 x64-128 for ids in rows (unkeyed, the same everywhere), a seeded 32-bit hash for tables. */

@unmanaged
export class Hash {
  /** Per-instance seed of table hashes: it places entries and never shows in rows. */
  static seed: u64 = 0x9e3779b97f4a7c15;
  /** The two halves of the last `murmur128`. */
  static high: u64 = 0;
  static low: u64 = 0;

  @inline static mix(k: u64): u64 {
    k ^= k >>> 33;
    k *= 0xff51afd7ed558ccd;
    k ^= k >>> 33;
    k *= 0xc4ceb9fe1a85ec53;
    return k ^ (k >>> 33);
  }

  /** Seeded hash of one 64-bit word. */
  @inline static word(value: u64): u32 {
    return Hash.mix(value ^ Hash.seed) as u32;
  }

  /** Seeded hash of two 64-bit words. */
  @inline static words(a: u64, b: u64): u32 {
    return Hash.mix(Hash.mix(a ^ Hash.seed) + b) as u32;
  }

  /** Seeded hash of `length` bytes. */
  static bytes(at: usize, length: u32): u32 {
    let h: u64 = Hash.seed ^ (length as u64);
    const end = at + length;
    while (at + 8 <= end) {
      h = Hash.mix(h ^ load<u64>(at)) + 0x9e3779b97f4a7c15;
      at += 8;
    }
    let tail: u64 = 0;
    let shift: u64 = 0;
    while (at < end) {
      tail |= (load<u8>(at) as u64) << shift;
      shift += 8;
      at += 1;
    }
    return Hash.mix(h ^ tail) as u32;
  }

  /** The first `count` bytes (1 to 8) of a word. */
  @inline private static bytesOf(word: u64, count: u32): u64 {
    return word & (0xffffffffffffffff >>> ((64 - (count << 3)) as u64));
  }

  /** MurmurHash3 x64-128 (seed 0) of `length` bytes into `Hash.low` (h1) and `Hash.high` (h2). */
  static murmur128(at: usize, length: u32): void {
    const c1: u64 = 0x87c37b91114253d5;
    const c2: u64 = 0x4cf5ad432745937f;
    let h1: u64 = 0;
    let h2: u64 = 0;
    const blocks = length >>> 4;
    for (let i: u32 = 0; i < blocks; i++) {
      h1 ^= rotl<u64>(load<u64>(at) * c1, 31) * c2;
      h1 = (rotl<u64>(h1, 27) + h2) * 5 + 0x52dce729;
      h2 ^= rotl<u64>(load<u64>(at, 8) * c2, 33) * c1;
      h2 = (rotl<u64>(h2, 31) + h1) * 5 + 0x38495ab5;
      at += 16;
    }
    const rest = length & 15;
    if (rest > 8) h2 ^= rotl<u64>(Hash.bytesOf(load<u64>(at, 8), rest - 8) * c2, 33) * c1;
    if (rest > 0) h1 ^= rotl<u64>(Hash.bytesOf(load<u64>(at), min<u32>(rest, 8)) * c1, 31) * c2;
    h1 ^= length as u64;
    h2 ^= length as u64;
    h1 += h2;
    h2 += h1;
    h1 = Hash.mix(h1);
    h2 = Hash.mix(h2);
    h1 += h2;
    h2 += h1;
    Hash.low = h1;
    Hash.high = h2;
  }
}
