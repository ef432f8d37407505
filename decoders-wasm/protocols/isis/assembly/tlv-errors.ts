/** Errors of single TLVs, noted while a PDU is parsed and reported once its sender is known. */

/** The length does not fit what the TLV holds. */
export const TLV_ERROR_LENGTH: u8 = 1;

/** Most TLV errors of one PDU that are told apart; the rest are of no further use. */
const MOST: u32 = 8;
const notes: usize = memory.data(8 * 2);

@unmanaged
export class TlvErrors {
  static count: u32 = 0;

  @inline static clear(): void {
    TlvErrors.count = 0;
  }

  @inline static type(index: u32): u8 {
    return load<u8>(notes + (index << 1) as usize);
  }

  @inline static code(index: u32): u8 {
    return load<u8>(notes + (index << 1) as usize, 1);
  }
}

/** Notes a bad TLV of the PDU being parsed, each type and code once. */
export function noteTlvError(type: u8, code: u8): void {
  for (let i: u32 = 0; i < TlvErrors.count; i++) {
    if (TlvErrors.type(i) == type && TlvErrors.code(i) == code) return;
  }
  if (TlvErrors.count >= MOST) return;
  store<u8>(notes + (TlvErrors.count << 1) as usize, type);
  store<u8>(notes + (TlvErrors.count << 1) as usize, code, 1);
  TlvErrors.count += 1;
}
