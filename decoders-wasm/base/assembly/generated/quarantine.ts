// Generated from decoders-wasm/catalogue by `npm run generate`; do not edit.
import { Envelope } from '../envelope.ts';
import { RowWriter } from '../rows.ts';
import { Text } from '../text.ts';

export const TABLE_QUARANTINE: u32 = 10;

/** A frame that could not be used: PDU-level parse error, trap, watchdog, mad time. Row key: error. */
@unmanaged
export class Quarantine {
  /** Protocol of the frame. */
  static protocol: u8 = 0;
  /** Code from a closed list: `isis.pdu-short`, `trap`, `watchdog`, `mad-time`, ... */
  static errorAt: usize = 0;
  static errorLength: u32 = 0;
  /** Byte of the PDU where it was found. */
  static errorOffset: u32 = 0;
  /** For a trap: source file and line of the decoder. */
  static sourceLineAt: usize = 0;
  static sourceLineLength: u32 = 0;
  /** The raw bytes of the frame. */
  static bytesAt: usize = 0;
  static bytesLength: u32 = 0;

  /** Sets every column to zero or empty. */
  static clear(): void {
    Quarantine.protocol = 0;
    Quarantine.errorLength = 0;
    Quarantine.errorOffset = 0;
    Quarantine.sourceLineLength = 0;
    Quarantine.bytesLength = 0;
  }

  /** Writes the row behind the envelope; false when memory refused it. */
  static emit(key: usize, keyLength: u32, ordinal: u32): bool {
    if (!RowWriter.begin(10, 84 + Quarantine.errorLength + Quarantine.sourceLineLength + Quarantine.bytesLength)) return false;
    let at = Envelope.write(10, key, keyLength, ordinal);
    store<u8>(at, Quarantine.protocol);
    at = RowWriter.counted(at + 1, Quarantine.errorLength, Quarantine.errorAt, Quarantine.errorLength);
    store<u32>(at, Quarantine.errorOffset);
    at = RowWriter.counted(at + 4, Quarantine.sourceLineLength, Quarantine.sourceLineAt, Quarantine.sourceLineLength);
    at = RowWriter.counted(at, Quarantine.bytesLength, Quarantine.bytesAt, Quarantine.bytesLength);
    RowWriter.end(at);
    return true;
  }

  /** Takes the text written since Text.begin() as `error`. */
  static errorText(): void {
    Quarantine.errorAt = Text.start;
    Quarantine.errorLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `source_line`. */
  static sourceLineText(): void {
    Quarantine.sourceLineAt = Text.start;
    Quarantine.sourceLineLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `bytes`. */
  static bytesText(): void {
    Quarantine.bytesAt = Text.start;
    Quarantine.bytesLength = Text.length();
  }
}
