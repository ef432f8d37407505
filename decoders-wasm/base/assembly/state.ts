/** The stream of a checkpoint: written and read field by field, in 64 KB pieces, independent of memory layout. */
import { Memory, SEGMENT_BYTES } from './memory.ts';

const MOST_SEGMENTS: u32 = 16384;

/** The version in which to write a state when the host asks for `asked` (0: the newest); 0 when it is none of the module's. */
export function stateVersionToWrite(asked: u32, oldest: u32, newest: u32): u32 {
  return asked == 0 ? newest : asked < oldest || asked > newest ? 0 : asked;
}

/** Writes an export: fields in order; canonical (little endian, no padding), so equal states give equal bytes. */
@unmanaged
export class StateWriter {
  static directory: usize = 0;
  static segments: u32 = 0;
  static used: u32 = SEGMENT_BYTES;
  static failed: bool = false;

  /** Begins an export. */
  static begin(): void {
    StateWriter.release();
    StateWriter.failed = false;
  }

  /** Bytes written. */
  static length(): u64 {
    return StateWriter.segments == 0 ? 0
      : (StateWriter.segments as u64 - 1) * (SEGMENT_BYTES as u64) + (StateWriter.used as u64);
  }

  /** Address of piece `index`; every piece but the last is SEGMENT_BYTES long. */
  static piece(index: u32): usize {
    return load<u32>(StateWriter.directory + ((index as usize) << 2)) as usize;
  }

  static release(): void {
    for (let i: u32 = 0; i < StateWriter.segments; i++) Memory.release(StateWriter.piece(i));
    StateWriter.segments = 0;
    StateWriter.used = SEGMENT_BYTES;
  }

  @inline static u8(value: u8): void {
    if (StateWriter.used == SEGMENT_BYTES && !StateWriter.grow()) return;
    store<u8>(StateWriter.piece(StateWriter.segments - 1) + (StateWriter.used as usize), value);
    StateWriter.used += 1;
  }

  static u16(value: u16): void {
    StateWriter.u8(value as u8);
    StateWriter.u8((value >>> 8) as u8);
  }

  static u32(value: u32): void {
    StateWriter.u16(value as u16);
    StateWriter.u16((value >>> 16) as u16);
  }

  static u64(value: u64): void {
    StateWriter.u32(value as u32);
    StateWriter.u32((value >>> 32) as u32);
  }

  static bytes(at: usize, length: u32): void {
    while (length != 0) {
      if (StateWriter.used == SEGMENT_BYTES && !StateWriter.grow()) return;
      const take = min<u32>(length, SEGMENT_BYTES - StateWriter.used);
      memory.copy(StateWriter.piece(StateWriter.segments - 1) + (StateWriter.used as usize), at, take);
      StateWriter.used += take;
      at += take;
      length -= take;
    }
  }

  private static grow(): bool {
    if (StateWriter.directory == 0) StateWriter.directory = Memory.allocate(MOST_SEGMENTS << 2);
    const segment = StateWriter.directory != 0 && StateWriter.segments < MOST_SEGMENTS ? Memory.segment() : 0;
    if (segment == 0) {
      StateWriter.failed = true;
      return false;
    }
    store<u32>(StateWriter.directory + ((StateWriter.segments as usize) << 2), segment as u32);
    StateWriter.segments += 1;
    StateWriter.used = 0;
    return true;
  }
}

/** Reads an import that lies whole in the input area. A read beyond its end fails once and then gives zeros. */
@unmanaged
export class StateReader {
  static position: usize = 0;
  static end: usize = 0;
  static failed: bool = false;

  static over(at: usize, length: u32): void {
    StateReader.position = at;
    StateReader.end = at + length;
    StateReader.failed = false;
  }

  /** Address of the next `length` bytes; 0 and failed when they are not there. */
  static bytes(length: u32): usize {
    if (((StateReader.end - StateReader.position) as u32) < length) {
      StateReader.failed = true;
      StateReader.position = StateReader.end;
      return 0;
    }
    const at = StateReader.position;
    StateReader.position += length;
    return at;
  }

  static u8(): u8 {
    const at = StateReader.bytes(1);
    return at == 0 ? 0 : load<u8>(at);
  }

  static u16(): u16 {
    const at = StateReader.bytes(2);
    return at == 0 ? 0 : load<u16>(at);
  }

  static u32(): u32 {
    const at = StateReader.bytes(4);
    return at == 0 ? 0 : load<u32>(at);
  }

  static u64(): u64 {
    const at = StateReader.bytes(8);
    return at == 0 ? 0 : load<u64>(at);
  }
}
