/** Text in a scratch buffer: names, addresses and ids for String columns, and JSON for `explain`. */
import { Memory } from './memory.ts';

const DIGITS: usize = memory.data<u8>([48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 97, 98, 99, 100, 101, 102]);

/** `00` to `99`. */
const PAIRS: usize = memory.data<u8>([
  48, 48, 48, 49, 48, 50, 48, 51, 48, 52, 48, 53, 48, 54, 48, 55, 48, 56, 48, 57,
  49, 48, 49, 49, 49, 50, 49, 51, 49, 52, 49, 53, 49, 54, 49, 55, 49, 56, 49, 57,
  50, 48, 50, 49, 50, 50, 50, 51, 50, 52, 50, 53, 50, 54, 50, 55, 50, 56, 50, 57,
  51, 48, 51, 49, 51, 50, 51, 51, 51, 52, 51, 53, 51, 54, 51, 55, 51, 56, 51, 57,
  52, 48, 52, 49, 52, 50, 52, 51, 52, 52, 52, 53, 52, 54, 52, 55, 52, 56, 52, 57,
  53, 48, 53, 49, 53, 50, 53, 51, 53, 52, 53, 53, 53, 54, 53, 55, 53, 56, 53, 57,
  54, 48, 54, 49, 54, 50, 54, 51, 54, 52, 54, 53, 54, 54, 54, 55, 54, 56, 54, 57,
  55, 48, 55, 49, 55, 50, 55, 51, 55, 52, 55, 53, 55, 54, 55, 55, 55, 56, 55, 57,
  56, 48, 56, 49, 56, 50, 56, 51, 56, 52, 56, 53, 56, 54, 56, 55, 56, 56, 56, 57,
  57, 48, 57, 49, 57, 50, 57, 51, 57, 52, 57, 53, 57, 54, 57, 55, 57, 56, 57, 57,
]);

/** Texts that live at a time (those of one row) may have so many bytes together; a longer one is cut. */
const RING_BYTES: u32 = 256 << 10;

/** A ring of bytes for texts that live until the row is written: RING_BYTES of them at a time. */
@unmanaged
export class Text {
  static base: usize = 0;
  static position: usize = 0;
  static start: usize = 0;
  private static end: usize = 0;

  /** No text is in use any more: the next one begins where the processor's caches still know the ring. */
  @inline static reset(): void {
    Text.position = Text.base;
  }

  /** Begins a text; `end()` gives its length, `start` its address. */
  static begin(): void {
    if (Text.base == 0) {
      Text.base = Memory.allocate(RING_BYTES * 2);
      Text.position = Text.base;
      Text.end = Text.base == 0 ? 0 : Text.base + RING_BYTES * 2;
    }
    if (Text.position > Text.base + RING_BYTES) Text.position = Text.base;
    Text.start = Text.position;
  }

  /** Length of the text since `begin()`. */
  @inline static length(): u32 {
    return (Text.position - Text.start) as u32;
  }

  /** Bytes that the present text may still take. */
  @inline static room(): u32 {
    return (Text.end - Text.position) as u32;
  }

  @inline static char(code: u8): void {
    if (Text.position >= Text.end) return;
    store<u8>(Text.position, code);
    Text.position += 1;
  }

  /** A static ASCII literal. */
  static literal(text: string): void {
    const at = changetype<usize>(text);
    for (let i: i32 = 0, n = text.length; i < n; i++) Text.char(load<u16>(at + (i << 1)) as u8);
  }

  /** Copies bytes as they are (cut at the room left). */
  static raw(at: usize, length: u32): void {
    const take = min<u32>(length, Text.room());
    memory.copy(Text.position, at, take);
    Text.position += take;
  }

  static decimal(value: u64): void {
    if (value > 0xffffffff) {
      Text.decimal(value / 1_000_000_000);
      Text.digits((value % 1_000_000_000) as u32, 9);
    } else Text.digits(value as u32, Text.digitsOf(value as u32));
  }

  private static digitsOf(value: u32): u32 {
    if (value < 100) return value < 10 ? 1 : 2;
    if (value < 10_000) return value < 1_000 ? 3 : 4;
    if (value < 1_000_000) return value < 100_000 ? 5 : 6;
    if (value < 100_000_000) return value < 10_000_000 ? 7 : 8;
    return value < 1_000_000_000 ? 9 : 10;
  }

  /** The last `count` decimal digits, cut at the room left. */
  private static digits(value: u32, count: u32): void {
    for (const room = Text.room(); count > room; count--) value /= 10;
    const start = Text.position;
    let at = start + count;
    Text.position = at;
    for (; count >= 2; count -= 2) {
      const rest = value / 100;
      at -= 2;
      store<u16>(at, load<u16>(PAIRS + ((value - rest * 100) << 1)));
      value = rest;
    }
    if (count != 0) store<u8>(start, (48 + value % 10) as u8);
  }

  /** `digits` lower-case hexadecimal digits. */
  static hex(value: u64, digits: u32): void {
    for (let i: u32 = digits; i != 0; i--) {
      Text.char(load<u8>(DIGITS + ((value >>> (((i - 1) << 2) as u64)) & 15) as usize));
    }
  }

  static hexBytes(at: usize, length: u32): void {
    const take = min<u32>(length, Text.room() >> 1);
    for (let i: u32 = 0; i < take; i++) Text.hex(load<u8>(at + i) as u64, 2);
  }

  /** Dotted quad of 4 bytes in network order. */
  static ipv4(at: usize): void {
    for (let i: u32 = 0; i < 4; i++) {
      if (i != 0) Text.char(46);
      Text.decimal(load<u8>(at + i) as u64);
    }
  }

  /** RFC 5952 text of 16 bytes; an IPv4-mapped address as `::ffff:10.0.0.1` (section 5). */
  static ipv6(at: usize): void {
    if (load<u64>(at) == 0 && load<u32>(at, 8) == 0xffff0000) {
      Text.literal('::ffff:');
      Text.ipv4(at + 12);
      return;
    }
    let bestStart: i32 = -1;
    let bestLength: i32 = 1;
    let runStart: i32 = -1;
    for (let i: i32 = 0; i <= 8; i++) {
      if (i < 8 && load<u16>(at + (i << 1)) == 0) {
        if (runStart < 0) runStart = i;
      } else if (runStart >= 0) {
        if (i - runStart > bestLength) {
          bestStart = runStart;
          bestLength = i - runStart;
        }
        runStart = -1;
      }
    }
    for (let i: i32 = 0; i < 8; i++) {
      if (i == bestStart) {
        Text.char(58);
        Text.char(58);
        i += bestLength - 1;
        continue;
      }
      if (i != 0 && i != bestStart + bestLength) Text.char(58);
      const group = bswap<u16>(load<u16>(at + (i << 1))) as u64;
      Text.hex(group, group > 0xfff ? 4 : group > 0xff ? 3 : group > 0xf ? 2 : 1);
    }
  }

  /** ISO system id: `0000.0000.0001`. */
  static systemId(at: usize): void {
    for (let i: u32 = 0; i < 6; i++) {
      if (i == 2 || i == 4) Text.char(46);
      Text.hex(load<u8>(at + i) as u64, 2);
    }
  }

  /** LAN id or node id of 7 bytes: `0000.0000.0001.00`. */
  static nodeId(at: usize): void {
    Text.systemId(at);
    Text.char(46);
    Text.hex(load<u8>(at, 6) as u64, 2);
  }

  /** LSP id of 8 bytes: `0000.0000.0001.00-00`. */
  static lspId(at: usize): void {
    Text.nodeId(at);
    Text.char(45);
    Text.hex(load<u8>(at, 7) as u64, 2);
  }

  /** MAC address: `02:00:00:00:00:01`. */
  static mac(at: usize): void {
    for (let i: u32 = 0; i < 6; i++) {
      if (i != 0) Text.char(58);
      Text.hex(load<u8>(at + i) as u64, 2);
    }
  }

  /** Area address as `49.0001`. */
  static area(at: usize, length: u32): void {
    for (let i: u32 = 0; i < length; i++) {
      if (i == 1 || (i > 1 && (i & 1) == 1)) Text.char(46);
      Text.hex(load<u8>(at + i) as u64, 2);
    }
  }
}
