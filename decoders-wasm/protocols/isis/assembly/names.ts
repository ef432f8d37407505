/** Hostnames learned from TLV 137 (RFC 5301), by shadow key and system id. */
import { Hash } from '../../../base/assembly/hash.ts';
import { Blocks } from '../../../base/assembly/intern.ts';
import { Table, TABLE_BYTES } from '../../../base/assembly/table.ts';
import { Text } from '../../../base/assembly/text.ts';

export const names = Table.at(memory.data(TABLE_BYTES));
const MOST_NAMES: u32 = 1 << 18;

/** A router's name; `length` 0 while it has none. */
@unmanaged
export class Name {
  next: u32;
  hash: u32;
  system: u64;
  shadow: u32;
  block: u32;
  length: u32;
  pad: u32;
}

@unmanaged
export class Names {
  static setUp(): void {
    names.setUp(offsetof<Name>() as u32, MOST_NAMES);
  }

  @inline static at(handle: u32): Name {
    return changetype<Name>(names.address(handle));
  }

  static find(shadow: u32, system: u64): u32 {
    for (let h = names.first(Hash.words(shadow as u64, system)); h != 0; h = names.next(h)) {
      const entry = Names.at(h);
      if (entry.shadow == shadow && entry.system == system) return h;
    }
    return 0;
  }

  /** A new entry without a name; 0 when refused. */
  static insert(shadow: u32, system: u64): u32 {
    const handle = names.insert(Hash.words(shadow as u64, system));
    if (handle == 0) return 0;
    Names.at(handle).shadow = shadow;
    Names.at(handle).system = system;
    return handle;
  }

  /** Sets the name (length 0: none); true when it changed. */
  static set(shadow: u32, system: u64, at: usize, length: u32): bool {
    let handle = Names.find(shadow, system);
    if (handle == 0) {
      if (length == 0) return false;
      handle = Names.insert(shadow, system);
      if (handle == 0) return false;
    }
    const entry = Names.at(handle);
    if (entry.length == length && memory.compare(entry.block as usize, at, length) == 0) return false;
    if (entry.length != 0) Blocks.give(entry.block as usize, entry.length);
    entry.block = length == 0 ? 0 : Blocks.take(length) as u32;
    entry.length = entry.block == 0 ? 0 : length;
    if (entry.length != 0) memory.copy(entry.block as usize, at, length);
    return true;
  }

  /** Writes the name into `Text`, nothing when it is not known. */
  static write(shadow: u32, system: u64): void {
    const handle = Names.find(shadow, system);
    if (handle != 0) Text.raw(Names.at(handle).block as usize, Names.at(handle).length);
  }
}
