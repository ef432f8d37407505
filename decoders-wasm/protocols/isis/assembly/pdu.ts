/** The common header of every PDU (ISO 10589 9.5) and the walk over its TLVs. */
import { CURSOR_BYTES, Cursor } from '../../../base/assembly/cursor.ts';
import * as error from './errors.ts';
import * as iana from './iana.ts';

const cursor = Cursor.at(memory.data(CURSOR_BYTES));

/**
 * The PDU under the decoder.
 *
 *   0                   1                   2                   3
 *  +---------------+---------------+---------------+---------------+
 *  |  NLPID 0x83   | Length ind.   | Version/ext 1 |  ID length    |
 *  +---------------+---------------+---------------+---------------+
 *  |R|R|R|PDU type |   Version 1   |   Reserved    | Max. areas    |
 *  +---------------+---------------+---------------+---------------+
 */
@unmanaged
export class Pdu {
  static at: usize = 0;
  static type: u8 = 0;
  /** 1 or 2; 0 for a point-to-point hello. */
  static level: u8 = 0;
  static headerLength: u8 = 0;
  static idLength: u8 = 0;
  static maxAreas: u8 = 0;
  /** As the PDU declares it, header included. */
  static length: u32 = 0;
  /** Bytes that are there: less than `length` in a truncated capture. */
  static here: u32 = 0;
  static errorOffset: u32 = 0;

  /** Reads and checks the header of the PDU of `here` bytes at `at`; PDU_OK or an error with `errorOffset`. */
  static parse(at: usize, here: u32, truncated: bool): i32 {
    const c = cursor.over(at, here);
    Pdu.at = at;
    Pdu.errorOffset = 0;
    Pdu.length = here;
    Pdu.here = here;
    const nlpid = c.u8();
    Pdu.headerLength = c.u8();
    const version = c.u8();
    Pdu.idLength = c.u8();
    Pdu.type = c.u8() & 0x1f;
    const extension = c.u8();
    c.skip(1);
    Pdu.maxAreas = c.u8();
    if (c.error != 0) return Pdu.fail(error.PDU_SHORT, c.offset());
    if (nlpid != iana.NLPID_ISIS) return Pdu.fail(error.PDU_VERSION, 0);
    if (version != iana.PROTOCOL_VERSION) return Pdu.fail(error.PDU_VERSION, 2);
    if (extension != iana.PROTOCOL_VERSION) return Pdu.fail(error.PDU_VERSION, 5);
    if (Pdu.idLength != 0 && Pdu.idLength != iana.SYSTEM_ID_BYTES) return Pdu.fail(error.PDU_ID_LENGTH, 3);
    const expected = Pdu.headerOf(Pdu.type);
    if (expected == 0) return Pdu.fail(error.PDU_TYPE, 4);
    if (Pdu.headerLength != expected) return Pdu.fail(error.PDU_HEADER_LENGTH, 1);
    if (here < (expected as u32)) return Pdu.fail(error.PDU_SHORT, here);
    return Pdu.checkLength(at, here, truncated);
  }

  private static checkLength(at: usize, here: u32, truncated: bool): i32 {
    const offset: u32 = Pdu.isHello() ? 17 : 8;
    Pdu.length = bswap<u16>(load<u16>(at + offset)) as u32;
    if (Pdu.length < (Pdu.headerLength as u32)) return Pdu.fail(error.PDU_LENGTH, offset);
    if (Pdu.length > here && !truncated) return Pdu.fail(error.PDU_LENGTH, offset);
    // Bytes behind the PDU are the pad of a short Ethernet frame.
    Pdu.here = min<u32>(here, Pdu.length);
    return error.PDU_OK;
  }

  /** Whether the bytes at hand are the whole PDU. */
  @inline static whole(): bool {
    return Pdu.here >= Pdu.length;
  }

  @inline static isHello(): bool {
    return Pdu.type == iana.PDU_LAN_HELLO_L1 || Pdu.type == iana.PDU_LAN_HELLO_L2 || Pdu.type == iana.PDU_P2P_HELLO;
  }

  @inline static isLsp(): bool {
    return Pdu.type == iana.PDU_LSP_L1 || Pdu.type == iana.PDU_LSP_L2;
  }

  /** Sets level and gives the header length of a type; 0 for one that is not known. */
  private static headerOf(type: u8): u8 {
    Pdu.level = 0;
    if (type == iana.PDU_P2P_HELLO) return iana.HEADER_P2P_HELLO;
    Pdu.level = type == iana.PDU_LAN_HELLO_L1 || type == iana.PDU_LSP_L1 || type == iana.PDU_CSNP_L1
      || type == iana.PDU_PSNP_L1 ? 1 : 2;
    if (type == iana.PDU_LAN_HELLO_L1 || type == iana.PDU_LAN_HELLO_L2) return iana.HEADER_LAN_HELLO;
    if (type == iana.PDU_LSP_L1 || type == iana.PDU_LSP_L2) return iana.HEADER_LSP;
    if (type == iana.PDU_CSNP_L1 || type == iana.PDU_CSNP_L2) return iana.HEADER_CSNP;
    if (type == iana.PDU_PSNP_L1 || type == iana.PDU_PSNP_L2) return iana.HEADER_PSNP;
    return 0;
  }

  static fail(code: i32, offset: u32): i32 {
    Pdu.errorOffset = offset;
    return code;
  }
}

/** The walk over the TLVs behind the header: `begin()` (or `over()`), then `next()` until it is false. */
@unmanaged
export class Tlv {
  static type: u8 = 0;
  static length: u32 = 0;
  /** Address of the value. */
  static at: usize = 0;
  static position: usize = 0;
  static end: usize = 0;
  /** A TLV reached beyond the end; nothing of it was given. */
  static broken: bool = false;

  static begin(): void {
    Tlv.over(Pdu.at + (Pdu.headerLength as usize), Pdu.here - (Pdu.headerLength as u32));
  }

  static over(at: usize, length: u32): void {
    Tlv.position = at;
    Tlv.end = at + length;
    Tlv.broken = false;
  }

  static next(): bool {
    const left = (Tlv.end - Tlv.position) as u32;
    if (left < 2) {
      Tlv.broken = left != 0;
      return false;
    }
    Tlv.type = load<u8>(Tlv.position);
    Tlv.length = load<u8>(Tlv.position, 1) as u32;
    if (Tlv.length + 2 > left) {
      Tlv.broken = true;
      return false;
    }
    Tlv.at = Tlv.position + 2;
    Tlv.position = Tlv.at + (Tlv.length as usize);
    return true;
  }

  /**
   * Checks the frame of all TLVs: PDU_OK, or the error of the first that does not fit. A capture that cut the PDU
   * within its padding lost nothing.
   */
  static check(): i32 {
    Tlv.begin();
    while (Tlv.next());
    if (!Tlv.broken) return Pdu.whole() ? error.PDU_OK : Pdu.fail(error.PDU_TRUNCATED, Pdu.here);
    const offset = (Tlv.position - Pdu.at) as u32;
    if (Pdu.whole()) return Pdu.fail(error.PDU_TLV, offset);
    const inPadding = load<u8>(Tlv.position) == iana.TLV_PADDING;
    return inPadding ? error.PDU_OK : Pdu.fail(error.PDU_TRUNCATED, offset);
  }
}
