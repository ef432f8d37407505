/** Sequence numbers PDUs (ISO 10589 9.10 to 9.13): which LSPs, in which instance, the sender has. */
import * as error from './errors.ts';
import * as iana from './iana.ts';
import { Bytes } from './bytes.ts';
import { Pdu, Tlv } from './pdu.ts';
import { noteTlvError, TLV_ERROR_LENGTH } from './tlv-errors.ts';

/** Bytes of one LSP entry of TLV 9: lifetime 2, id 8, sequence number 4, checksum 2. */
export const LSP_ENTRY_BYTES: u32 = 16;

/** The SNP under the decoder; its entries are walked where they lie. */
@unmanaged
export class Snp {
  static system: u64 = 0;
  static circuit: u8 = 0;
  /** CSNP: first and last LSP id of the range. */
  static startId: u64 = 0;
  static endId: u64 = 0;

  static parse(): i32 {
    const framing = Tlv.check();
    if (framing != error.PDU_OK) return framing;
    if (!Pdu.whole()) return Pdu.fail(error.PDU_TRUNCATED, Pdu.here);
    const at = Pdu.at;
    Snp.system = Bytes.system(at + 10);
    Snp.circuit = load<u8>(at, 16);
    Snp.startId = 0;
    Snp.endId = u64.MAX_VALUE;
    if (Snp.isComplete()) {
      Snp.startId = bswap<u64>(load<u64>(at, 17));
      Snp.endId = bswap<u64>(load<u64>(at, 25));
    }
    Tlv.begin();
    while (Tlv.next()) {
      if (Tlv.type == iana.TLV_LSP_ENTRIES && Tlv.length % LSP_ENTRY_BYTES != 0) {
        noteTlvError(Tlv.type, TLV_ERROR_LENGTH);
      }
    }
    return error.PDU_OK;
  }

  @inline static isComplete(): bool {
    return Pdu.type == iana.PDU_CSNP_L1 || Pdu.type == iana.PDU_CSNP_L2;
  }
}
