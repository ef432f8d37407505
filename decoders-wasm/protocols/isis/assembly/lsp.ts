/** Link state PDUs (ISO 10589 9.8, 9.9): header, checks, and what of their content is the same in a refresh. */
import { Checksum } from '../../../base/assembly/checksum.ts';
import { Hash } from '../../../base/assembly/hash.ts';
import * as error from './errors.ts';
import * as iana from './iana.ts';
import { Pdu, Tlv } from './pdu.ts';

const content: usize = memory.data(65536, 8);

/**
 * The LSP under the decoder.
 *
 *  PDU length 2, remaining lifetime 2, LSP id 8 (system 6, pseudonode 1, fragment 1), sequence number 4, checksum 2,
 *  P 1 bit, ATT 4 bits, LSPDBOL 1 bit, IS type 2 bits
 */
@unmanaged
export class Lsp {
  /** The 8 bytes of the id as a number in network order. */
  static id: u64 = 0;
  static lifetime: u32 = 0;
  static sequence: u32 = 0;
  static checksum: u16 = 0;
  static typeBlock: u8 = 0;
  /** Hash of type block and TLVs without authentication: equal for a refresh. */
  static contentLow: u64 = 0;
  static contentHigh: u64 = 0;

  /** Reads the LSP that `Pdu` has the header of. The checksum is judged unless the capture redacted the PDU. */
  static parse(redacted: bool): i32 {
    const at = Pdu.at;
    const framing = Tlv.check();
    if (framing != error.PDU_OK) return framing;
    if (!Pdu.whole()) return Pdu.fail(error.PDU_TRUNCATED, Pdu.here);
    Lsp.lifetime = bswap<u16>(load<u16>(at, 10)) as u32;
    Lsp.id = bswap<u64>(load<u64>(at, 12));
    Lsp.sequence = bswap<u32>(load<u32>(at, 20));
    Lsp.checksum = bswap<u16>(load<u16>(at, 24));
    Lsp.typeBlock = load<u8>(at, 26);
    if (Lsp.id >>> 16 == 0) return Pdu.fail(error.PDU_ZERO, 12);
    if (Lsp.sequence == 0) return Pdu.fail(error.PDU_ZERO, 20);
    // ISO 10589 7.3.14.2 e: not for a purge, whose checksum need not hold (7.3.16.4, RFC 6232 2).
    if (Lsp.lifetime != 0 && !redacted) {
      if (!Checksum.fletcherHolds(at + 12, Pdu.length - 12) || Lsp.checksum == 0) {
        return Pdu.fail(error.PDU_CHECKSUM, 24);
      }
    }
    Lsp.hashContent();
    return error.PDU_OK;
  }

  private static hashContent(): void {
    store<u8>(content, Lsp.typeBlock);
    let length: u32 = 1;
    Tlv.begin();
    while (Tlv.next()) {
      if (Tlv.type == iana.TLV_AUTHENTICATION) continue;
      memory.copy(content + length as usize, Tlv.at - 2, Tlv.length + 2);
      length += Tlv.length + 2;
    }
    Hash.murmur128(content, length);
    Lsp.contentLow = Hash.low;
    Lsp.contentHigh = Hash.high;
  }

  /** System id of the originator. */
  @inline static system(id: u64): u64 {
    return id >>> 16;
  }

  /** Node id (system and pseudonode), 7 bytes. */
  @inline static node(id: u64): u64 {
    return id >>> 8;
  }

  @inline static fragment(id: u64): u8 {
    return id as u8;
  }
}
