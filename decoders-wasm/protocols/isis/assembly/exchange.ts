/** One description of each field for both ways: `Exchange` writes it to an export or reads it from an import. */
import { Blocks } from '../../../base/assembly/intern.ts';
import { Memory } from '../../../base/assembly/memory.ts';
import { StateReader, StateWriter } from '../../../base/assembly/state.ts';
import { Table } from '../../../base/assembly/table.ts';

@unmanaged
export class Exchange {
  static writing: bool = false;

  static u8(at: usize): void {
    if (Exchange.writing) StateWriter.u8(load<u8>(at));
    else store<u8>(at, StateReader.u8());
  }

  static u16(at: usize): void {
    if (Exchange.writing) StateWriter.u16(load<u16>(at));
    else store<u16>(at, StateReader.u16());
  }

  static u32(at: usize): void {
    if (Exchange.writing) StateWriter.u32(load<u32>(at));
    else store<u32>(at, StateReader.u32());
  }

  static u64(at: usize): void {
    if (Exchange.writing) StateWriter.u64(load<u64>(at));
    else store<u64>(at, StateReader.u64());
  }

  /** A run of `count` u64 words. */
  static words(at: usize, count: u32): void {
    for (let i: u32 = 0; i < count; i++) Exchange.u64(at + ((i as usize) << 3));
  }

  /** A count: what is there when writing, what was there when reading. */
  static count(value: u32): u32 {
    if (!Exchange.writing) return StateReader.u32();
    StateWriter.u32(value);
    return value;
  }

  /** A key word: given when writing, returned when reading. */
  static key(value: u64): u64 {
    if (!Exchange.writing) return StateReader.u64();
    StateWriter.u64(value);
    return value;
  }

  /** A block of bytes whose address stands at `at`; `length` bytes. False when it cannot be had. */
  static block(at: usize, length: u32): bool {
    if (Exchange.writing) {
      StateWriter.bytes(load<u32>(at) as usize, length);
      return true;
    }
    const from = StateReader.bytes(length);
    store<u32>(at, 0);
    if (length == 0) return true;
    const block: usize = from == 0 ? 0 : Blocks.take(length);
    if (block == 0) return false;
    memory.copy(block, from, length);
    store<u32>(at, block as u32);
    return true;
  }
}

/** The live handles of a table in canonical order: exports and dumps walk them. */
@unmanaged
export class Sorted {
  static base: usize = 0;
  static room: u32 = 0;
  static count: u32 = 0;

  /** Collects and sorts; false when memory refuses the list. */
  static of(table: Table, compare: (a: u32, b: u32) => i32): bool {
    if (table.count > Sorted.room) {
      const room = max<u32>(1024, table.count + (table.count >>> 1));
      Sorted.base = Memory.allocate((room as usize) << 2);
      Sorted.room = Sorted.base == 0 ? 0 : room;
    }
    Sorted.count = 0;
    if (table.count > Sorted.room) return false;
    for (let h: u32 = 1; h <= table.highest; h++) {
      if (!table.isLive(h)) continue;
      Sorted.set(Sorted.count, h);
      Sorted.count += 1;
    }
    Sorted.sort(compare);
    return true;
  }

  @inline static at(index: u32): u32 {
    return load<u32>(Sorted.base + ((index as usize) << 2));
  }

  @inline static set(index: u32, handle: u32): void {
    store<u32>(Sorted.base + ((index as usize) << 2), handle);
  }

  private static swap(i: u32, k: u32): void {
    const x = Sorted.at(i);
    Sorted.set(i, Sorted.at(k));
    Sorted.set(k, x);
  }

  private static sort(compare: (a: u32, b: u32) => i32): void {
    const n = Sorted.count;
    if (n < 2) return;
    for (let i = n / 2; i-- > 0;) Sorted.sift(i, n, compare);
    for (let end = n - 1; end > 0; end--) {
      Sorted.swap(0, end);
      Sorted.sift(0, end, compare);
    }
  }

  private static sift(start: u32, end: u32, compare: (a: u32, b: u32) => i32): void {
    let root = start;
    while (root * 2 + 1 < end) {
      let child = root * 2 + 1;
      if (child + 1 < end && compare(Sorted.at(child), Sorted.at(child + 1)) < 0) child += 1;
      if (compare(Sorted.at(root), Sorted.at(child)) >= 0) return;
      Sorted.swap(root, child);
      root = child;
    }
  }
}
