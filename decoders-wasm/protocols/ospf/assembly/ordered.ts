/** The live entries of a table in canonical order: how exports and differences walk it. */
import { Memory } from '../../../base/assembly/memory.ts';
import { Table } from '../../../base/assembly/table.ts';
import { sortAddresses } from './sort.ts';

@unmanaged
export class Ordered {
  static count: u32 = 0;
  private static list: usize = 0;
  private static room: u32 = 0;

  /** Lists the entries of `table`; false when memory refused it. */
  static of(table: Table, order: (a: usize, b: usize) => i32): bool {
    if (!Ordered.begin(table.count)) return false;
    for (let handle: u32 = 1; handle <= table.highest; handle++) {
      if (table.isLive(handle)) Ordered.add(table.address(handle));
    }
    Ordered.sort(order);
    return true;
  }

  /** An empty list with room for `count`; false when memory refused it. */
  static begin(count: u32): bool {
    Ordered.count = 0;
    if (count <= Ordered.room) return true;
    const room = max<u32>(1024, count + (count >>> 1));
    const at = Memory.allocate((room as usize) << 2);
    if (at == 0) return false;
    Ordered.list = at;
    Ordered.room = room;
    return true;
  }

  static add(at: usize): void {
    store<u32>(Ordered.list + ((Ordered.count as usize) << 2), at as u32);
    Ordered.count += 1;
  }

  static sort(order: (a: usize, b: usize) => i32): void {
    sortAddresses(Ordered.list, Ordered.count, order);
  }

  /** Address of entry `index`. */
  @inline static at(index: u32): usize {
    return load<u32>(Ordered.list + ((index as usize) << 2)) as usize;
  }
}
