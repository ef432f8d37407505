/** The checked byte cursor: the only way protocol code reads input. Errors are sticky; reads after one give zero. */

/** Closed list of cursor errors; protocol codes begin at 16. */
export const ERROR_NONE: i32 = 0;
/** A field reaches beyond the end of what encloses it. */
export const ERROR_SHORT: i32 = 1;
/** A declared length reaches beyond the end of what encloses it. */
export const ERROR_LENGTH: i32 = 2;

/** A view of bytes from `position` to `end`: `const c = Cursor.at(memory.data(CURSOR_BYTES))` at module level, then re-aim with `over()`. */
/** Static bytes that one cursor needs. */
export const CURSOR_BYTES: i32 = 20;

@unmanaged
export class Cursor {
  position: usize;
  end: usize;
  /** The first byte, for offsets in errors. */
  start: usize;
  error: i32;
  /** Where the first error was found. */
  errorAt: usize;

  /** A cursor in the static block that the caller gives: `Cursor.at(memory.data(CURSOR_BYTES))`. */
  static at(block: usize): Cursor {
    return changetype<Cursor>(block);
  }

  /** Aims the cursor at `length` bytes from `start` and clears its error. */
  @inline over(start: usize, length: usize): Cursor {
    this.start = start;
    this.position = start;
    this.end = start + length;
    this.error = ERROR_NONE;
    this.errorAt = 0;
    return this;
  }

  /** Records the first error at the present position. */
  fail(code: i32): void {
    if (this.error == ERROR_NONE) {
      this.error = code;
      this.errorAt = this.position;
    }
    this.position = this.end;
  }

  /** Bytes left. */
  @inline left(): u32 {
    return (this.end - this.position) as u32;
  }

  @inline done(): bool {
    return this.position >= this.end;
  }

  /** Whether `count` bytes are there; else the error is set. */
  @inline has(count: u32): bool {
    if ((this.end - this.position) as u32 >= count) return true;
    this.fail(ERROR_SHORT);
    return false;
  }

  @inline u8(): u8 {
    if (!this.has(1)) return 0;
    const value = load<u8>(this.position);
    this.position += 1;
    return value;
  }

  @inline u16(): u16 {
    if (!this.has(2)) return 0;
    const value = bswap<u16>(load<u16>(this.position));
    this.position += 2;
    return value;
  }

  @inline u24(): u32 {
    if (!this.has(3)) return 0;
    const at = this.position;
    const value = ((load<u8>(at) as u32) << 16) | ((load<u8>(at, 1) as u32) << 8) | (load<u8>(at, 2) as u32);
    this.position += 3;
    return value;
  }

  @inline u32(): u32 {
    if (!this.has(4)) return 0;
    const value = bswap<u32>(load<u32>(this.position));
    this.position += 4;
    return value;
  }

  @inline u64(): u64 {
    if (!this.has(8)) return 0;
    const value = bswap<u64>(load<u64>(this.position));
    this.position += 8;
    return value;
  }

  /** Address of `count` bytes, which are passed; 0 with the error set when they are not there. */
  @inline bytes(count: u32): usize {
    if (!this.has(count)) return 0;
    const at = this.position;
    this.position += count;
    return at;
  }

  @inline skip(count: u32): void {
    if (this.has(count)) this.position += count;
  }

  /** Aims `inner` at the next `length` bytes and passes them; on a length beyond the end both get ERROR_LENGTH. */
  @inline sub(inner: Cursor, length: u32): bool {
    if (length > this.left()) {
      this.fail(ERROR_LENGTH);
      inner.over(this.position, 0);
      inner.error = ERROR_LENGTH;
      inner.errorAt = this.position;
      return false;
    }
    inner.over(this.position, length);
    this.position += length;
    return true;
  }

  /** Offset of the present position, or of the first error, from the first byte. */
  @inline offset(): u32 {
    return ((this.error != ERROR_NONE ? this.errorAt : this.position) - this.start) as u32;
  }
}
