/** Counts what a direction did wrong, so that each cause gives one row at once and then one a minute. */
import { Hash } from '../../../base/assembly/hash.ts';
import { HASH_MASK, Table, TABLE_BYTES } from '../../../base/assembly/table.ts';

const MOST_CAUSES: u32 = 65536;

/** One cause: shadow and direction, hash of its text, the minute of its last row, how often since. */
@unmanaged
export class Cause {
  tableNext: u32;
  tableHash: u32;
  shadow: u32;
  direction: u32;
  text: u64;
  minute: i64;
  count: u32;
  pad: u32;
}

@unmanaged
export class Errors {
  static table: Table = Table.at(memory.data(TABLE_BYTES));

  static setUp(): void {
    Errors.table.setUp(offsetof<Cause>(), MOST_CAUSES);
  }

  /** Notes one occurrence; the count that a row is due for, 0 when none is due. */
  static note(shadow: u32, direction: u32, text: string, minute: i64): u32 {
    const name = Errors.nameOf(text);
    const hash = Hash.words(((shadow as u64) << 1) | (direction as u64), name) & HASH_MASK;
    let handle = Errors.table.first(hash);
    for (; handle != 0; handle = Errors.table.next(handle)) {
      const cause = Errors.at(handle);
      if (cause.shadow == shadow && cause.direction == direction && cause.text == name) break;
    }
    if (handle == 0) {
      handle = Errors.table.insert(hash);
      if (handle == 0) return 0;
      const fresh = Errors.at(handle);
      fresh.shadow = shadow;
      fresh.direction = direction;
      fresh.text = name;
      fresh.minute = -1;
    }
    const cause = Errors.at(handle);
    cause.count += 1;
    if (cause.minute == minute) return 0;
    const count = cause.count;
    cause.minute = minute;
    cause.count = 0;
    return count;
  }

  @inline static at(handle: u32): Cause {
    return changetype<Cause>(Errors.table.address(handle));
  }

  /** An unseeded hash of the text (FNV-1a), the same in every instance. */
  private static nameOf(text: string): u64 {
    let hash: u64 = 0xcbf29ce484222325;
    for (let i: i32 = 0, n = text.length; i < n; i++) {
      hash = (hash ^ (load<u16>(changetype<usize>(text) + (i << 1)) as u64)) * 0x100000001b3;
    }
    return hash;
  }
}
