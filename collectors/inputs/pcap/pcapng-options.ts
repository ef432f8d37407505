/** Walks the options of a pcapng block. */
import { OPT_ENDOFOPT } from './iana.ts';

/**
 * Calls `visit` with code, position and length of each option between `position` and `end`.
 * Returns what is wrong if an option runs past the end, else undefined.
 *
 * ```
 * 0 code (16)  2 length (16)  4 value, padded to 4 bytes
 * ```
 */
export function readOptions(
  view: DataView,
  position: number,
  end: number,
  littleEndian: boolean,
  visit: (code: number, at: number, length: number) => void,
): string | undefined {
  let at = position;
  while (at + 4 <= end) {
    const code = view.getUint16(at, littleEndian);
    const length = view.getUint16(at + 2, littleEndian);
    if (code === OPT_ENDOFOPT) return undefined;
    if (at + 4 + length > end) {
      return `has option ${code} with ${length} bytes where ${end - at - 4} are left`;
    }
    visit(code, at + 4, length);
    at += 4 + length + ((4 - (length & 3)) & 3);
  }
  return undefined;
}
