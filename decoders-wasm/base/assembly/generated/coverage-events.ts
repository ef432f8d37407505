// Generated from decoders-wasm/catalogue by `npm run generate`; do not edit.
import { Envelope } from '../envelope.ts';
import { RowWriter } from '../rows.ts';
import { Text } from '../text.ts';

export const TABLE_COVERAGE_EVENTS: u32 = 9;

/** A tap opened, closed, was lost, has a gap, or came back. Blind is not down. Row key: tap, what, subject. */
@unmanaged
export class CoverageEvents {
  /** tap-opened, tap-closed, coverage-lost, coverage-suspect, gap, state-reset, restored. */
  static what: u8 = 0;
  /** The tap, or the session or link that it concerns. */
  static subjectAt: usize = 0;
  static subjectLength: u32 = 0;
  /** Begin of the interval. */
  static from: i64 = 0;
  /** End of the interval; 1970 while it lasts. */
  static to: i64 = 0;
  /** Frames or bytes that are known to be missing. */
  static lost: u64 = 0;
  /** What happened, for people. */
  static detailAt: usize = 0;
  static detailLength: u32 = 0;

  /** Sets every column to zero or empty. */
  static clear(): void {
    CoverageEvents.what = 0;
    CoverageEvents.subjectLength = 0;
    CoverageEvents.from = 0;
    CoverageEvents.to = 0;
    CoverageEvents.lost = 0;
    CoverageEvents.detailLength = 0;
  }

  /** Writes the row behind the envelope; false when memory refused it. */
  static emit(key: usize, keyLength: u32, ordinal: u32): bool {
    if (!RowWriter.begin(9, 99 + CoverageEvents.subjectLength + CoverageEvents.detailLength)) return false;
    let at = Envelope.write(9, key, keyLength, ordinal);
    store<u8>(at, CoverageEvents.what);
    at = RowWriter.counted(at + 1, CoverageEvents.subjectLength, CoverageEvents.subjectAt, CoverageEvents.subjectLength);
    store<i64>(at, CoverageEvents.from);
    store<i64>(at, CoverageEvents.to, 8);
    store<u64>(at, CoverageEvents.lost, 16);
    at = RowWriter.counted(at + 24, CoverageEvents.detailLength, CoverageEvents.detailAt, CoverageEvents.detailLength);
    RowWriter.end(at);
    return true;
  }

  /** Takes the text written since Text.begin() as `subject`. */
  static subjectText(): void {
    CoverageEvents.subjectAt = Text.start;
    CoverageEvents.subjectLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `detail`. */
  static detailText(): void {
    CoverageEvents.detailAt = Text.start;
    CoverageEvents.detailLength = Text.length();
  }
}
