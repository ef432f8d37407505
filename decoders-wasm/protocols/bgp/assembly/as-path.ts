/** AS_PATH (RFC 4271 section 4.3 b, RFC 5065, RFC 6793): checked, widened to 4-byte numbers, merged, written as text. */
import { Bytes } from '../../../base/assembly/bytes.ts';
import { Text } from '../../../base/assembly/text.ts';
import { SEGMENT_AS_CONFED_SEQUENCE, SEGMENT_AS_CONFED_SET, SEGMENT_AS_SEQUENCE, SEGMENT_AS_SET } from './iana.ts';

@unmanaged
export class AsPath {
  /** Last AS number of the last path written by `widen` or `merge`; 0 when it is empty or ends in a set. */
  static originAs: u32 = 0;
  /** Whether the last path read by `numbers` has sequences only. */
  static plain: bool = false;

  /** Segments: type 8 | count 8 | count AS numbers of 2 or 4 bytes; RFC 7606 section 7.2. */
  static isValid(at: usize, length: u32, fourBytes: bool): bool {
    const end = at + length;
    const size: u32 = fourBytes ? 4 : 2;
    while (at < end) {
      if (end - at < 2) return false;
      const type = load<u8>(at);
      const count = load<u8>(at, 1) as u32;
      if (type < SEGMENT_AS_SET || type > SEGMENT_AS_CONFED_SET || count == 0) return false;
      if (at + 2 + count * size > end) return false;
      at += 2 + count * size;
    }
    return true;
  }

  @inline static number(at: usize, fourBytes: bool): u32 {
    return fourBytes ? bswap<u32>(load<u32>(at)) : bswap<u16>(load<u16>(at)) as u32;
  }

  /** Length of a path as AS4_PATH merging counts it: a set is 1, confederation segments are 0 (RFC 6793 section 4.2.3). */
  static hops(at: usize, length: u32, fourBytes: bool): u32 {
    const end = at + length;
    let hops: u32 = 0;
    while (at < end) {
      const type = load<u8>(at);
      const count = load<u8>(at, 1) as u32;
      if (type == SEGMENT_AS_SEQUENCE) hops += count;
      else if (type == SEGMENT_AS_SET) hops += 1;
      at += 2 + count * (fourBytes ? 4 : 2);
    }
    return hops;
  }

  /** Writes the valid path at `at` to `to` with 4-byte numbers; bytes written (up to LOOSE_BYTES more are overwritten). Adjacent equal segments stay as sent. */
  static widen(at: usize, length: u32, fourBytes: bool, to: usize): u32 {
    if (fourBytes) {
      Bytes.copyLoosely(to, at, length);
      AsPath.findOrigin(to, length);
      return length;
    }
    const written = AsPath.copyHops(at, length, 0xffffffff, to);
    AsPath.findOrigin(to, written);
    return written;
  }

  /**
   * Rebuilds the path of an old speaker (RFC 6793 section 4.2.3): the leading hops of the 2-byte AS_PATH that AS4_PATH
   * lacks, then AS4_PATH. The caller has checked that AS_PATH is not the shorter one.
   */
  static merge(at: usize, length: u32, as4At: usize, as4Length: u32, to: usize): u32 {
    const lead = AsPath.hops(at, length, false) - AsPath.hops(as4At, as4Length, true);
    let written = AsPath.copyHops(at, length, lead, to);
    // A sequence goes on in the same segment, so that the rebuilt path equals the one a new speaker would have sent.
    const joins = written != 0 && as4Length != 0 && AsPath.lastSegmentIsSequence(to, written)
      && load<u8>(as4At) == SEGMENT_AS_SEQUENCE;
    const lastAt = joins ? AsPath.lastSegment(to, written) : 0;
    if (joins && (load<u8>(lastAt, 1) as u32) + (load<u8>(as4At, 1) as u32) <= 255) {
      store<u8>(lastAt, load<u8>(lastAt, 1) + load<u8>(as4At, 1), 1);
      memory.copy(to + written, as4At + 2, as4Length - 2);
      written += as4Length - 2;
    } else {
      memory.copy(to + written, as4At, as4Length);
      written += as4Length;
    }
    AsPath.findOrigin(to, written);
    return written;
  }

  /** Copies the first `hops` of a 2-byte path, widened. */
  private static copyHops(at: usize, length: u32, hops: u32, to: usize): u32 {
    const end = at + length;
    const start = to;
    while (at < end && hops != 0) {
      const type = load<u8>(at);
      const count = load<u8>(at, 1) as u32;
      const take = type == SEGMENT_AS_SEQUENCE ? min<u32>(count, hops) : count;
      if (type == SEGMENT_AS_SEQUENCE) hops -= take;
      else if (type == SEGMENT_AS_SET) hops -= 1;
      store<u8>(to, type);
      store<u8>(to, take as u8, 1);
      to += 2;
      for (let i: u32 = 0; i < take; i++, to += 4) {
        store<u32>(to, bswap<u32>(bswap<u16>(load<u16>(at + 2 + (i << 1))) as u32));
      }
      at += 2 + (count << 1);
    }
    return (to - start) as u32;
  }

  private static lastSegment(at: usize, length: u32): usize {
    const end = at + length;
    let last = at;
    while (at < end) {
      last = at;
      at += 2 + ((load<u8>(at, 1) as u32) << 2);
    }
    return last;
  }

  private static lastSegmentIsSequence(at: usize, length: u32): bool {
    return load<u8>(AsPath.lastSegment(at, length)) == SEGMENT_AS_SEQUENCE;
  }

  /** Sets `originAs` by a 4-byte path. */
  static findOrigin(at: usize, length: u32): void {
    AsPath.originAs = 0;
    if (length == 0) return;
    const last = AsPath.lastSegment(at, length);
    const type = load<u8>(last);
    if (type == SEGMENT_AS_SEQUENCE || type == SEGMENT_AS_CONFED_SEQUENCE) {
      AsPath.originAs = bswap<u32>(load<u32>(at + length - 4));
    }
  }

  /** All numbers of a 4-byte path, little endian, to `to`; how many. Sets `plain`. */
  static numbers(at: usize, length: u32, to: usize): u32 {
    const end = at + length;
    let written: u32 = 0;
    AsPath.plain = true;
    while (at < end) {
      const count = load<u8>(at, 1) as u32;
      if (load<u8>(at) != SEGMENT_AS_SEQUENCE) AsPath.plain = false;
      at += 2;
      for (let i: u32 = 0; i < count; i++, at += 4) {
        store<u32>(to + ((written as usize) << 2), bswap<u32>(load<u32>(at)));
        written += 1;
      }
    }
    return written;
  }

  /** `65002 65001 {64999,64998} (65100) [65101]`: sets in braces, confederation sequences and sets in brackets. */
  static text(at: usize, length: u32): void {
    const end = at + length;
    const start = at;
    while (at < end) {
      const type = load<u8>(at);
      const count = load<u8>(at, 1) as u32;
      const set = type == SEGMENT_AS_SET || type == SEGMENT_AS_CONFED_SET;
      if (at != start) Text.char(32);
      if (type != SEGMENT_AS_SEQUENCE) Text.char(type == SEGMENT_AS_SET ? 123 : type == SEGMENT_AS_CONFED_SEQUENCE ? 40 : 91);
      for (let i: u32 = 0; i < count; i++) {
        if (i != 0) Text.char(set ? 44 : 32);
        if (Text.room() > 16) Text.decimal(bswap<u32>(load<u32>(at + 2 + (i << 2))) as u64);
      }
      if (type != SEGMENT_AS_SEQUENCE) Text.char(type == SEGMENT_AS_SET ? 125 : type == SEGMENT_AS_CONFED_SEQUENCE ? 41 : 93);
      at += 2 + (count << 2);
    }
  }
}
