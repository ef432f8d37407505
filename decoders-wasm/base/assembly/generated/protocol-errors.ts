// Generated from decoders-wasm/catalogue by `npm run generate`; do not edit.
import { Envelope } from '../envelope.ts';
import { RowWriter } from '../rows.ts';
import { Text } from '../text.ts';

export const TABLE_PROTOCOL_ERRORS: u32 = 8;

/** A refused hello, a bad TLV or attribute, an RFC 7606 case: once per cause and minute, with a count. Row key: protocol, link, sender, receiver, error. */
@unmanaged
export class ProtocolErrors {
  /** Protocol. */
  static protocol: u8 = 0;
  /** System id, router id or address of who did it. */
  static senderAt: usize = 0;
  static senderLength: u32 = 0;
  /** Who had to refuse it; empty: everyone. */
  static receiverAt: usize = 0;
  static receiverLength: u32 = 0;
  /** YANG `error` value or one of our list, such as `isis.area_mismatch`. */
  static errorAt: usize = 0;
  static errorLength: u32 = 0;
  /** What was found and what was expected. */
  static detailAt: usize = 0;
  static detailLength: u32 = 0;
  /** How often since the last row of the same cause. */
  static count: u32 = 0;

  /** Sets every column to zero or empty. */
  static clear(): void {
    ProtocolErrors.protocol = 0;
    ProtocolErrors.senderLength = 0;
    ProtocolErrors.receiverLength = 0;
    ProtocolErrors.errorLength = 0;
    ProtocolErrors.detailLength = 0;
    ProtocolErrors.count = 0;
  }

  /** Writes the row behind the envelope; false when memory refused it. */
  static emit(key: usize, keyLength: u32, ordinal: u32): bool {
    if (!RowWriter.begin(8, 89 + ProtocolErrors.senderLength + ProtocolErrors.receiverLength + ProtocolErrors.errorLength + ProtocolErrors.detailLength)) return false;
    let at = Envelope.write(8, key, keyLength, ordinal);
    store<u8>(at, ProtocolErrors.protocol);
    at = RowWriter.counted(at + 1, ProtocolErrors.senderLength, ProtocolErrors.senderAt, ProtocolErrors.senderLength);
    at = RowWriter.counted(at, ProtocolErrors.receiverLength, ProtocolErrors.receiverAt, ProtocolErrors.receiverLength);
    at = RowWriter.counted(at, ProtocolErrors.errorLength, ProtocolErrors.errorAt, ProtocolErrors.errorLength);
    at = RowWriter.counted(at, ProtocolErrors.detailLength, ProtocolErrors.detailAt, ProtocolErrors.detailLength);
    store<u32>(at, ProtocolErrors.count);
    RowWriter.end(at + 4);
    return true;
  }

  /** Takes the text written since Text.begin() as `sender`. */
  static senderText(): void {
    ProtocolErrors.senderAt = Text.start;
    ProtocolErrors.senderLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `receiver`. */
  static receiverText(): void {
    ProtocolErrors.receiverAt = Text.start;
    ProtocolErrors.receiverLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `error`. */
  static errorText(): void {
    ProtocolErrors.errorAt = Text.start;
    ProtocolErrors.errorLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `detail`. */
  static detailText(): void {
    ProtocolErrors.detailAt = Text.start;
    ProtocolErrors.detailLength = Text.length();
  }
}
