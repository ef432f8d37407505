// Generated from decoders-wasm/catalogue by `npm run generate`; do not edit.
import { Envelope } from '../envelope.ts';
import { RowWriter } from '../rows.ts';
import { Text } from '../text.ts';

export const TABLE_ROUTER_NAMES: u32 = 11;

/** One identity of a router learned from the wire; feeds `routers`. Row key: protocol, router, attribute, value. */
@unmanaged
export class RouterNames {
  /** Where it was learned. */
  static protocol: u8 = 0;
  /** System id, router id or BGP identifier. */
  static routerAt: usize = 0;
  static routerLength: u32 = 0;
  /** What is said of it. */
  static attribute: u8 = 0;
  /** The value; empty: withdrawn. */
  static valueAt: usize = 0;
  static valueLength: u32 = 0;
  /** `decoder-upgrade`: another decoder read the same packets otherwise; else empty. */
  static reason: u8 = 0;

  /** Sets every column to zero or empty. */
  static clear(): void {
    RouterNames.protocol = 0;
    RouterNames.routerLength = 0;
    RouterNames.attribute = 0;
    RouterNames.valueLength = 0;
    RouterNames.reason = 0;
  }

  /** Writes the row behind the envelope; false when memory refused it. */
  static emit(key: usize, keyLength: u32, ordinal: u32): bool {
    if (!RowWriter.begin(11, 77 + RouterNames.routerLength + RouterNames.valueLength)) return false;
    let at = Envelope.write(11, key, keyLength, ordinal);
    store<u8>(at, RouterNames.protocol);
    at = RowWriter.counted(at + 1, RouterNames.routerLength, RouterNames.routerAt, RouterNames.routerLength);
    store<u8>(at, RouterNames.attribute);
    at = RowWriter.counted(at + 1, RouterNames.valueLength, RouterNames.valueAt, RouterNames.valueLength);
    store<u8>(at, RouterNames.reason);
    RowWriter.end(at + 1);
    return true;
  }

  /** Takes the text written since Text.begin() as `router`. */
  static routerText(): void {
    RouterNames.routerAt = Text.start;
    RouterNames.routerLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `value`. */
  static valueText(): void {
    RouterNames.valueAt = Text.start;
    RouterNames.valueLength = Text.length();
  }
}
