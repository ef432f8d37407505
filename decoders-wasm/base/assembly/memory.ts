/** The module's linear memory: fixed-size segments from one bump pointer, a free list, a cap, a red zone at the end. */

/** Bytes of one segment: every table, buffer and pool grows by whole segments, so nothing is ever copied to grow. */
export const SEGMENT_BYTES: u32 = 65536;
/** Bytes at the end of memory that are never handed out, so that a wide load at the last byte stays inside. */
export const RED_ZONE_BYTES: u32 = 64;
/** A large memory grows by 4 MB at a time and to multiples of that: huge pages fit, and V8 counts a growth as an allocation. */
const STEP_PAGES: i32 = 64;
const LARGE_PAGES: i32 = 128;

@unmanaged
export class Memory {
  static next: usize = 0;
  static limitBytes: usize = 1 << 30;
  static freeSegment: usize = 0;
  static segmentsInUse: u32 = 0;
  static refused: u32 = 0;

  /** The largest linear memory this instance may grow to, in bytes. */
  static setLimit(bytes: usize): void {
    Memory.limitBytes = bytes;
  }

  /** `bytes` of zeroed memory for the life of the instance, aligned to 16; 0 when the cap is reached. */
  static allocate(bytes: usize): usize {
    if (Memory.next == 0) Memory.next = (__heap_base + 15) & ~15;
    const start = Memory.next;
    const end = start + ((bytes + 15) & ~15);
    if (!Memory.reach(end + RED_ZONE_BYTES)) {
      Memory.refused += 1;
      return 0;
    }
    Memory.next = end;
    return start;
  }

  /** One zeroed segment of SEGMENT_BYTES; 0 when the cap is reached. */
  static segment(): usize {
    const again = Memory.freeSegment != 0;
    const segment = Memory.usedSegment();
    if (again) memory.fill(segment, 0, SEGMENT_BYTES);
    return segment;
  }

  /** As `segment`, but with what it held before: for those who read only what they have written. */
  static usedSegment(): usize {
    const free = Memory.freeSegment;
    if (free != 0) {
      Memory.freeSegment = load<u32>(free) as usize;
      Memory.segmentsInUse += 1;
      return free;
    }
    const fresh = Memory.allocate(SEGMENT_BYTES);
    if (fresh != 0) Memory.segmentsInUse += 1;
    return fresh;
  }

  /** Gives a segment back. */
  static release(segment: usize): void {
    store<u32>(segment, Memory.freeSegment as u32);
    Memory.freeSegment = segment;
    Memory.segmentsInUse -= 1;
  }

  /** Grows memory until `end` lies inside; false when the cap forbids it. */
  static reach(end: usize): bool {
    if (end > Memory.limitBytes) return false;
    const have = (memory.size() as usize) << 16;
    if (end <= have) return true;
    const want = ((end - have + 0xffff) >>> 16) as i32;
    // A small one grows by an eighth: a growing table does not ask page by page, and little lies idle.
    const larger = memory.size() < LARGE_PAGES ? memory.size() >> 3 : STEP_PAGES - (memory.size() & (STEP_PAGES - 1));
    const step = max<i32>(want, min<i32>(larger, ((Memory.limitBytes - have) >>> 16) as i32));
    return memory.grow(step) != -1 || memory.grow(want) != -1;
  }
}
