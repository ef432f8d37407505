// Generated from decoders-wasm/catalogue by `npm run generate`; do not edit.
import { Envelope } from '../envelope.ts';
import { RowWriter } from '../rows.ts';

export const TABLE_RIB_MARKS: u32 = 6;

/** All routes of a sender, receiver and family were dropped, marked stale, or swept of what stayed stale. Row key: session key (code of the context), direction, family, mark. */
@unmanaged
export class RibMarks {
  /** Direction, as in route_changes. */
  static fromHigher: u8 = 0;
  /** Address family. */
  static afiSafi: u8 = 0;
  /** `flush`: all gone; `stale`: kept, stale; `sweep`: those still stale are gone. */
  static mark: u8 = 0;
  /** Why. */
  static reason: u8 = 0;
  /** How many routes it concerned. */
  static routes: u32 = 0;

  /** Sets every column to zero or empty. */
  static clear(): void {
    RibMarks.fromHigher = 0;
    RibMarks.afiSafi = 0;
    RibMarks.mark = 0;
    RibMarks.reason = 0;
    RibMarks.routes = 0;
  }

  /** Writes the row behind the envelope; false when memory refused it. */
  static emit(key: usize, keyLength: u32, ordinal: u32): bool {
    if (!RowWriter.begin(6, 72)) return false;
    let at = Envelope.write(6, key, keyLength, ordinal);
    store<u8>(at, RibMarks.fromHigher);
    store<u8>(at, RibMarks.afiSafi, 1);
    store<u8>(at, RibMarks.mark, 2);
    store<u8>(at, RibMarks.reason, 3);
    store<u32>(at, RibMarks.routes, 4);
    RowWriter.end(at + 8);
    return true;
  }
}
