/**
 * Byte strings kept once: attribute sets, names, PDUs. A handle counts its users; the last release frees the bytes.
 * Bytes lie in blocks of size classes (16, 32, 48, ... 1024 by 16; then by powers of two) cut from segments.
 */
import { Hash } from './hash.ts';
import { Memory, SEGMENT_BYTES } from './memory.ts';
import { HASH_MASK, Table } from './table.ts';

/** next, hash, users u32, length u32, address u32 */
const ENTRY_BYTES: u32 = 20;

/** Free list heads by class. */
const freeBlocks: usize = memory.data((64 + 8) * 4);
const bump: usize = memory.data((64 + 8) * 8);

/** Longest string that can be interned, bytes. */
export const MOST_INTERNED_BYTES: u32 = SEGMENT_BYTES;

@unmanaged
export class Blocks {
  static bytesInUse: u64 = 0;

  @inline static classOf(length: u32): u32 {
    if (length <= 1024) return length == 0 ? 0 : (length - 1) >>> 4;
    return 64 + (32 - clz<u32>((length - 1) >>> 10)) - 1;
  }

  @inline static classBytes(index: u32): u32 {
    return index < 64 ? (index + 1) << 4 : 2048 << (index - 64);
  }

  /** A block for `length` bytes, not zeroed; 0 when it is longer than SEGMENT_BYTES or memory refuses it. */
  static take(length: u32): usize {
    if (length > SEGMENT_BYTES) return 0;
    const index = Blocks.classOf(length);
    const size = Blocks.classBytes(index);
    const slot = freeBlocks + ((index as usize) << 2);
    const free = load<u32>(slot) as usize;
    if (free != 0) {
      store<u32>(slot, load<u32>(free));
      Blocks.bytesInUse += size as u64;
      return free;
    }
    const run = bump + ((index as usize) << 3);
    let position = load<u32>(run) as usize;
    if (position == 0 || (position + size) as u32 > load<u32>(run, 4)) {
      position = Memory.segment();
      if (position == 0) return 0;
      store<u32>(run, (position + SEGMENT_BYTES) as u32, 4);
    }
    store<u32>(run, (position + size) as u32);
    Blocks.bytesInUse += size as u64;
    return position;
  }

  /** Gives back a block of `length` bytes. */
  static give(block: usize, length: u32): void {
    const index = Blocks.classOf(length);
    const slot = freeBlocks + ((index as usize) << 2);
    store<u32>(block, load<u32>(slot));
    store<u32>(slot, block as u32);
    Blocks.bytesInUse -= Blocks.classBytes(index) as u64;
  }
}

/** A set of interned strings over a table of its own: `Intern.setUp(table, cap)` once, then pass the table. */
@unmanaged
export class Intern {
  static setUp(table: Table, cap: u32): void {
    table.setUp(ENTRY_BYTES, cap);
  }

  /** Handle of the string if it is there, else 0; users are not counted. */
  static find(table: Table, at: usize, length: u32): u32 {
    const hash = Hash.bytes(at, length) & HASH_MASK;
    for (let handle = table.first(hash); handle != 0; handle = table.next(handle)) {
      const entry = table.address(handle);
      if (load<u32>(entry, 4) == hash && load<u32>(entry, 12) == length
        && memory.compare(load<u32>(entry, 16) as usize, at, length) == 0) return handle;
    }
    return 0;
  }

  /** Handle of the string with one user more; `Intern.fresh` says whether it is new. 0 when refused. */
  static acquire(table: Table, at: usize, length: u32): u32 {
    Intern.fresh = false;
    let handle = Intern.find(table, at, length);
    if (handle == 0) {
      const block = Blocks.take(length);
      if (block == 0) return 0;
      handle = table.insert(Hash.bytes(at, length));
      if (handle == 0) {
        Blocks.give(block, length);
        return 0;
      }
      memory.copy(block, at, length);
      const entry = table.address(handle);
      store<u32>(entry, length, 12);
      store<u32>(entry, block as u32, 16);
      Intern.fresh = true;
    }
    const entry = table.address(handle);
    store<u32>(entry, load<u32>(entry, 8) + 1, 8);
    return handle;
  }
  static fresh: bool = false;

  /** One user less; the last one frees the string. */
  static release(table: Table, handle: u32): void {
    if (handle == 0) return;
    const entry = table.address(handle);
    const users = load<u32>(entry, 8) - 1;
    store<u32>(entry, users, 8);
    if (users != 0) return;
    Blocks.give(load<u32>(entry, 16) as usize, load<u32>(entry, 12));
    table.remove(handle);
  }

  @inline static addressOf(table: Table, handle: u32): usize {
    return load<u32>(table.address(handle), 16) as usize;
  }

  @inline static lengthOf(table: Table, handle: u32): u32 {
    return load<u32>(table.address(handle), 12);
  }
}
