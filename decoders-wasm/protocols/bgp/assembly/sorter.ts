/** Sorts records of two or four 64-bit words by their words, in segments that go back to the pool: for exports. */
import { Memory, SEGMENT_BYTES } from '../../../base/assembly/memory.ts';

const MOST_SEGMENTS: u32 = 16384;
const RUN: u32 = 8;

@unmanaged
export class Sorter {
  /** Directories of segments: the records, and the room to merge into. */
  private static from: usize = 0;
  private static to: usize = 0;
  private static segments: u32 = 0;
  private static spare: u32 = 0;
  private static shift: u32 = 4;
  static count: u32 = 0;

  /** Begins an empty list of records of `words` (2 or 4) words; false when memory refuses the directories. */
  static begin(words: u32): bool {
    if (Sorter.from == 0) {
      Sorter.from = Memory.allocate((MOST_SEGMENTS as usize) << 2);
      Sorter.to = Memory.allocate((MOST_SEGMENTS as usize) << 2);
    }
    Sorter.shift = words == 2 ? 4 : 5;
    Sorter.count = 0;
    return Sorter.from != 0 && Sorter.to != 0;
  }

  @inline private static place(directory: usize, index: u32): usize {
    const perShift = 16 - Sorter.shift;
    return (load<u32>(directory + ((index >>> perShift) << 2)) as usize) + ((index & ((1 << perShift) - 1)) << Sorter.shift);
  }

  /** Address of record `index`. */
  @inline static at(index: u32): usize {
    return Sorter.place(Sorter.from, index);
  }

  /** Address of a new record at the end; 0 when memory refuses it. */
  static add(): usize {
    if (Sorter.count == Sorter.segments * (SEGMENT_BYTES >>> Sorter.shift)) {
      const segment: usize = Sorter.segments < MOST_SEGMENTS ? Memory.segment() : 0;
      if (segment == 0) return 0;
      store<u32>(Sorter.from + ((Sorter.segments as usize) << 2), segment as u32);
      Sorter.segments += 1;
    }
    return Sorter.at(Sorter.count++);
  }

  /** Gives all segments back. */
  static end(): void {
    for (let i: u32 = 0; i < Sorter.segments; i++) Memory.release(load<u32>(Sorter.from + (i << 2)) as usize);
    for (let i: u32 = 0; i < Sorter.spare; i++) Memory.release(load<u32>(Sorter.to + (i << 2)) as usize);
    Sorter.segments = 0;
    Sorter.spare = 0;
    Sorter.count = 0;
  }

  /** Sorts by the words, unsigned, first word first; false when memory refuses the room. */
  static sort(): bool {
    for (; Sorter.spare < Sorter.segments; Sorter.spare++) {
      const segment = Memory.segment();
      if (segment == 0) return false;
      store<u32>(Sorter.to + ((Sorter.spare as usize) << 2), segment as u32);
    }
    Sorter.sortRuns();
    for (let width: u32 = RUN; width < Sorter.count; width <<= 1) {
      for (let low: u32 = 0; low < Sorter.count; low += width << 1) Sorter.merge(low, width);
      const swap = Sorter.from;
      Sorter.from = Sorter.to;
      Sorter.to = swap;
    }
    return true;
  }

  @inline private static before(a: usize, b: usize): bool {
    const first = load<u64>(a);
    const second = load<u64>(b);
    if (first != second) return first < second;
    return Sorter.laterBefore(a, b);
  }

  private static laterBefore(a: usize, b: usize): bool {
    const end: u32 = Sorter.shift == 4 ? 16 : 32;
    for (let i: u32 = 8; i < end; i += 8) {
      if (load<u64>(a + i) != load<u64>(b + i)) return load<u64>(a + i) < load<u64>(b + i);
    }
    return false;
  }

  @inline private static move(to: usize, from: usize): void {
    v128.store(to, v128.load(from));
    if (Sorter.shift == 5) v128.store(to, v128.load(from, 16), 16);
  }

  private static sortRuns(): void {
    const hold = memory.data(32);
    for (let low: u32 = 0; low < Sorter.count; low += RUN) {
      const high = min<u32>(low + RUN, Sorter.count);
      for (let i = low + 1; i < high; i++) {
        Sorter.move(hold, Sorter.at(i));
        let j = i;
        while (j > low && Sorter.before(hold, Sorter.at(j - 1))) {
          Sorter.move(Sorter.at(j), Sorter.at(j - 1));
          j -= 1;
        }
        Sorter.move(Sorter.at(j), hold);
      }
    }
  }

  private static merge(low: u32, width: u32): void {
    let i = low;
    const iEnd = min<u32>(low + width, Sorter.count);
    let j = iEnd;
    const jEnd = min<u32>(iEnd + width, Sorter.count);
    for (let k = low; k < jEnd; k++) {
      const left = i < iEnd && (j >= jEnd || !Sorter.before(Sorter.at(j), Sorter.at(i)));
      Sorter.move(Sorter.place(Sorter.to, k), Sorter.at(left ? i : j));
      if (left) i += 1;
      else j += 1;
    }
  }
}
