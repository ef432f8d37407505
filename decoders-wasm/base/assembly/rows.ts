/**
 * Where rows go: for each table a chain of segments of whole RowBinary rows, drained by the host after each call.
 * Generated writers (generated/rows.ts) fill them through `RowWriter`.
 */
import { Bytes, LOOSE_BYTES } from './bytes.ts';
import { Contexts, Taps } from './frame.ts';
import { Memory, SEGMENT_BYTES } from './memory.ts';

const MOST_SEGMENTS: u32 = 4096;
/** A row that a segment cannot hold (quarantine of a large frame, with its texts) gets a piece of this size. */
const LARGE_BYTES: u32 = 1 << 20;
/** Bytes of rows after which `process` and `tick` stop at the end of the frame and ask to be drained: what a core's cache holds. */
const FULL_BYTES: u32 = 1 << 18;
const DESCRIPTOR_BYTES: u32 = 16;
/** Descriptors and lists of codes begin with room for so many and double, by copies that strand less than they grow to. */
const FIRST_ROOM: u32 = 256;

/** A list of different u32 that lies in one piece, as the host reads it; it grows as it is filled. */
@unmanaged
class CodeList {
  at: usize;
  count: u32;
  room: u32;

  static in(block: usize): CodeList {
    return changetype<CodeList>(block);
  }

  /** Room for one code more; false when memory refuses it. */
  fits(): bool {
    if (this.count < this.room) return true;
    const room = max<u32>(this.room << 1, FIRST_ROOM);
    const larger = Memory.allocate((room as usize) << 2);
    if (larger == 0) return false;
    memory.copy(larger, this.at, (this.count as usize) << 2);
    this.at = larger;
    this.room = room;
    return true;
  }

  push(code: u32): void {
    if (!this.fits()) return;
    store<u32>(this.at + ((this.count as usize) << 2), code);
    this.count += 1;
  }
}

@unmanaged
export class RowWriter {
  /** Descriptors {table u32, rows u32, address u32, bytes u32} of the segments in order of their first row. */
  static descriptors: usize = 0;
  static descriptorCount: u32 = 0;
  static descriptorRoom: u32 = 0;
  /** For each descriptor 1 when its piece is of LARGE_BYTES. */
  static largeMarks: usize = 0;
  /** Free pieces of LARGE_BYTES. */
  static freeLarge: usize = 0;
  /** For each table id below 64 the index + 1 of its open descriptor. */
  static open: usize = memory.data(64 * 4);
  static bytes: u32 = 0;
  static rows: u32 = 0;
  static refused: u32 = 0;
  static position: usize = 0;
  static rowStart: usize = 0;
  static descriptor: usize = 0;
  /** Context codes that the rows since the last drain use, each once, in order of first use. */
  static usedContexts: CodeList = CodeList.in(memory.data(offsetof<CodeList>()));
  /** Tap codes that the rows since the last drain use, likewise (u32 each). */
  static usedTaps: CodeList = CodeList.in(memory.data(offsetof<CodeList>()));
  /** Number of the present drain, from 1. */
  static drain: u32 = 1;

  /** Whether the host should drain before the next frame. */
  @inline static full(): bool {
    return RowWriter.bytes >= FULL_BYTES;
  }

  /** Opens a row of `table` with room for `most` bytes and LOOSE_BYTES (at most LARGE_BYTES in all); false when refused (counted). */
  static begin(table: u32, most: u32): bool {
    // A row uses a context and a tap at most once: a row that could not name them must not begin.
    if (!RowWriter.usedContexts.fits() || !RowWriter.usedTaps.fits()) {
      RowWriter.refused += 1;
      return false;
    }
    most += LOOSE_BYTES;
    const slot = RowWriter.open + ((table as usize) << 2);
    let index = load<u32>(slot);
    let at: usize = 0;
    if (index != 0) {
      at = RowWriter.descriptors + ((index - 1) * DESCRIPTOR_BYTES) as usize;
      const room = load<u8>(RowWriter.largeMarks + (index - 1) as usize) != 0 ? LARGE_BYTES : SEGMENT_BYTES;
      if (most > room - load<u32>(at, 12)) index = 0;
    }
    if (index == 0) {
      const large = most > SEGMENT_BYTES;
      const segment: usize = !RowWriter.descriptorFits() ? 0 : large ? RowWriter.largePiece(most) : Memory.usedSegment();
      if (segment == 0) {
        RowWriter.refused += 1;
        return false;
      }
      store<u8>(RowWriter.largeMarks + RowWriter.descriptorCount as usize, large ? 1 : 0);
      at = RowWriter.descriptors + (RowWriter.descriptorCount * DESCRIPTOR_BYTES) as usize;
      store<u32>(at, table);
      store<u32>(at, 0, 4);
      store<u32>(at, segment as u32, 8);
      store<u32>(at, 0, 12);
      RowWriter.descriptorCount += 1;
      store<u32>(slot, RowWriter.descriptorCount);
    }
    RowWriter.descriptor = at;
    RowWriter.rowStart = load<u32>(at, 8) as usize + load<u32>(at, 12) as usize;
    RowWriter.position = RowWriter.rowStart;
    return true;
  }

  /** Where the open row's piece of memory ends: for a module that writes several rows at once. */
  static segmentEnd(): usize {
    const at = RowWriter.descriptor;
    const large = load<u8>(RowWriter.largeMarks + ((at - RowWriter.descriptors) / DESCRIPTOR_BYTES)) != 0;
    return load<u32>(at, 8) as usize + (large ? LARGE_BYTES : SEGMENT_BYTES);
  }

  /** Room for one descriptor more. */
  private static descriptorFits(): bool {
    const count = RowWriter.descriptorCount;
    const had = RowWriter.descriptorRoom;
    if (count < had) return true;
    if (count >= MOST_SEGMENTS) return false;
    const room = max<u32>(had << 1, FIRST_ROOM);
    const larger = Memory.allocate(room * (DESCRIPTOR_BYTES + 1));
    if (larger == 0) return false;
    const marks = larger + room * DESCRIPTOR_BYTES;
    memory.copy(larger, RowWriter.descriptors, count * DESCRIPTOR_BYTES);
    memory.copy(marks, RowWriter.largeMarks, count);
    RowWriter.descriptors = larger;
    RowWriter.largeMarks = marks;
    RowWriter.descriptorRoom = room;
    return true;
  }

  private static largePiece(most: u32): usize {
    if (most > LARGE_BYTES) return 0;
    const free = RowWriter.freeLarge;
    if (free == 0) return Memory.allocate(LARGE_BYTES);
    RowWriter.freeLarge = load<u32>(free) as usize;
    return free;
  }

  /** Closes the open row, whose bytes end before `end`. */
  static end(end: usize): void {
    RowWriter.position = end;
    RowWriter.endAll(1);
  }

  /** Closes `rows` rows that a module has written one behind the other since `begin`, which had room for them. */
  static endAll(rows: u32): void {
    const at = RowWriter.descriptor;
    const bytes = (RowWriter.position - RowWriter.rowStart) as u32;
    store<u32>(at, load<u32>(at, 4) + rows, 4);
    store<u32>(at, load<u32>(at, 12) + bytes, 12);
    RowWriter.bytes += bytes;
    RowWriter.rows += rows;
  }

  /** Forgets what has been drained and gives its segments back. */
  static drained(): void {
    for (let i: u32 = 0; i < RowWriter.descriptorCount; i++) {
      const piece = load<u32>(RowWriter.descriptors + (i * DESCRIPTOR_BYTES) as usize, 8) as usize;
      if (load<u8>(RowWriter.largeMarks + i as usize) != 0) {
        store<u32>(piece, RowWriter.freeLarge as u32);
        RowWriter.freeLarge = piece;
      } else Memory.release(piece);
    }
    memory.fill(RowWriter.open, 0, 64 * 4);
    RowWriter.descriptorCount = 0;
    RowWriter.bytes = 0;
    RowWriter.rows = 0;
    RowWriter.usedContexts.count = 0;
    RowWriter.usedTaps.count = 0;
    RowWriter.drain += 1;
  }

  /** Remembers a context code as used by a row that a module writes past `context`. A row must have been begun before. */
  static mark(code: u32): void {
    if (Contexts.firstUse(code, RowWriter.drain)) RowWriter.usedContexts.push(code);
  }

  /** As `mark`, for a tap code. */
  static markTap(code: u16): void {
    if (Taps.firstUse(code as u32, RowWriter.drain)) RowWriter.usedTaps.push(code as u32);
  }

  /** LEB128, as RowBinary writes lengths; the address behind it. */
  @inline static varint(at: usize, value: u32): usize {
    store<u8>(at, value as u8);
    return value < 0x80 ? at + 1 : RowWriter.longVarint(at, value);
  }

  private static longVarint(at: usize, value: u32): usize {
    for (; value >= 0x80; value >>>= 7) store<u8>(at++, (value | 0x80) as u8);
    store<u8>(at, value as u8);
    return at + 1;
  }

  /** A String column, length and bytes, or an array of `count` fixed items; the address behind it. */
  @inline static counted(at: usize, count: u32, from: usize, bytes: u32): usize {
    at = RowWriter.varint(at, count);
    Bytes.copyLoosely(at, from, bytes);
    return at + bytes;
  }
}
