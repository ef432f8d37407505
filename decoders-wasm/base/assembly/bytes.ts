/** Copies of short runs of bytes: `memory.copy` of a few bytes costs a call out of WASM. */

/** Longer runs are worth that call. */
const SHORT: u32 = 512;

/** How far `copyLoosely` may read and write beyond the end. */
export const LOOSE_BYTES: u32 = 15;

@unmanaged
export class Bytes {
  /** Copies exactly `length` bytes; the two runs must not overlap. */
  static copy(to: usize, from: usize, length: u32): void {
    if (length > SHORT) memory.copy(to, from, length);
    else if (length >= 16) Bytes.copyWords(to, from, length);
    else if (length >= 8) {
      const last = load<u64>(from + length - 8);
      store<u64>(to, load<u64>(from));
      store<u64>(to + length - 8, last);
    } else if (length >= 4) {
      const last = load<u32>(from + length - 4);
      store<u32>(to, load<u32>(from));
      store<u32>(to + length - 4, last);
    } else {
      for (let i: u32 = 0; i < length; i++) store<u8>(to + i, load<u8>(from + i));
    }
  }

  /** Copies `length` bytes and up to LOOSE_BYTES more, which must be there to read and to write over. */
  @inline static copyLoosely(to: usize, from: usize, length: u32): void {
    if (length > SHORT) memory.copy(to, from, length);
    else for (let i: u32 = 0; i < length; i += 16) v128.store(to + i, v128.load(from + i));
  }

  /** 16 bytes at a time, the last 16 over some that were copied already. */
  private static copyWords(to: usize, from: usize, length: u32): void {
    const last = length - 16;
    for (let i: u32 = 0; i < last; i += 16) v128.store(to + i, v128.load(from + i));
    v128.store(to + last, v128.load(from + last));
  }
}
