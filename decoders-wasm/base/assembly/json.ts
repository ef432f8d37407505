/** JSON for `explain`: one object a frame, names as in the IETF YANG modules, unknown things as hex. */
import { Memory } from './memory.ts';
import { Text } from './text.ts';

const MOST_BYTES: u32 = 4 << 20;
const QUOTE: u8 = 34;
const COMMA: u8 = 44;

/** Writes into a buffer of its own of 4 MB; what does not fit is cut and `cut` says so. */
@unmanaged
export class Json {
  static base: usize = 0;
  static position: usize = 0;
  static cut: bool = false;
  static first: bool = true;

  static begin(): void {
    if (Json.base == 0) Json.base = Memory.allocate(MOST_BYTES);
    Json.position = Json.base;
    Json.cut = Json.base == 0;
    Json.first = true;
  }

  static length(): u32 {
    return (Json.position - Json.base) as u32;
  }

  @inline static char(code: u8): void {
    if (Json.cut) return;
    if (Json.length() >= MOST_BYTES - 1) {
      Json.cut = true;
      return;
    }
    store<u8>(Json.position, code);
    Json.position += 1;
  }

  static separate(): void {
    if (!Json.first) Json.char(COMMA);
    Json.first = false;
  }

  /** `"name":` for a static ASCII literal (no escaping). The next value stands behind it without a comma. */
  static key(name: string): void {
    Json.separate();
    Json.char(QUOTE);
    Json.literal(name);
    Json.char(QUOTE);
    Json.char(58);
    Json.first = true;
  }

  static literal(text: string): void {
    const at = changetype<usize>(text);
    for (let i: i32 = 0, n = text.length; i < n; i++) Json.char(load<u16>(at + (i << 1)) as u8);
  }

  static open(): void {
    Json.separate();
    Json.char(123);
    Json.first = true;
  }

  static close(): void {
    Json.char(125);
    Json.first = false;
  }

  static openArray(): void {
    Json.separate();
    Json.char(91);
    Json.first = true;
  }

  static closeArray(): void {
    Json.char(93);
    Json.first = false;
  }

  static number(value: u64): void {
    Json.separate();
    Text.begin();
    Text.decimal(value);
    Json.copy(Text.start, Text.length());
  }

  static bool(value: bool): void {
    Json.separate();
    Json.literal(value ? 'true' : 'false');
  }

  /** A static ASCII literal as a string value. */
  static word(value: string): void {
    Json.separate();
    Json.char(QUOTE);
    Json.literal(value);
    Json.char(QUOTE);
  }

  /** Bytes as a JSON string: printable ASCII as it is, valid UTF-8 as it is, the rest as \u00XX. */
  static text(at: usize, length: u32): void {
    Json.separate();
    Json.char(QUOTE);
    for (let i: u32 = 0; i < length; i++) {
      const c = load<u8>(at + i);
      const follow: u32 = c < 0x80 ? 0 : Json.utf8Follow(at + i, length - i);
      if (c >= 0x20 && c < 0x7f && c != QUOTE && c != 92) Json.char(c);
      else if (follow > 0) {
        for (let k: u32 = 0; k <= follow; k++) Json.char(load<u8>(at + i + k));
        i += follow;
      } else {
        Json.literal('\\u00');
        Json.hexByte(c);
      }
    }
    Json.char(QUOTE);
  }

  /** The text of `Text` since its begin(), as a string value. */
  static scratch(): void {
    Json.text(Text.start, Text.length());
  }

  /** Bytes as a string of hex digits. */
  static hex(at: usize, length: u32): void {
    Json.separate();
    Json.char(QUOTE);
    for (let i: u32 = 0; i < length; i++) Json.hexByte(load<u8>(at + i));
    Json.char(QUOTE);
  }

  static hexByte(value: u8): void {
    const high = value >>> 4;
    const low = value & 15;
    Json.char(high < 10 ? 48 + high : 87 + high);
    Json.char(low < 10 ? 48 + low : 87 + low);
  }

  private static copy(at: usize, length: u32): void {
    for (let i: u32 = 0; i < length; i++) Json.char(load<u8>(at + i));
  }

  /** Continuation bytes of a well-formed UTF-8 sequence at `at`, 0 where it is none. */
  static utf8Follow(at: usize, left: u32): u32 {
    const c = load<u8>(at);
    const need: u32 = c >= 0xc2 && c <= 0xdf ? 1 : c >= 0xe0 && c <= 0xef ? 2 : c >= 0xf0 && c <= 0xf4 ? 3 : 0;
    if (need == 0 || need >= left) return 0;
    for (let k: u32 = 1; k <= need; k++) if ((load<u8>(at + k) & 0xc0) != 0x80) return 0;
    const second = load<u8>(at, 1);
    if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second > 0x9f)) return 0;
    if ((c == 0xf0 && second < 0x90) || (c == 0xf4 && second > 0x8f)) return 0;
    return need;
  }
}
