/** Closed list of what can be wrong with a PDU as a whole: it ends in `quarantine` and touches nothing. */
import { Envelope } from '../../../base/assembly/envelope.ts';
import { Frame } from '../../../base/assembly/frame.ts';
import { PROTOCOL_NAME_ISIS } from '../../../base/assembly/generated/constants.ts';
import { Quarantine } from '../../../base/assembly/generated/quarantine.ts';
import { Text } from '../../../base/assembly/text.ts';

export const PDU_OK: i32 = 0;
/** Fewer bytes than the fixed header of the type has. */
export const PDU_SHORT: i32 = 16;
/** Not NLPID 0x83, or a version other than 1. */
export const PDU_VERSION: i32 = 17;
/** System ids are not 6 bytes long: not to be read by anyone on this network (ISO 10589 9.5). */
export const PDU_ID_LENGTH: i32 = 18;
/** The length indicator is not that of the PDU type. */
export const PDU_HEADER_LENGTH: i32 = 19;
/** A PDU type that IS-IS does not have. */
export const PDU_TYPE: i32 = 20;
/** The PDU length is shorter than the header or longer than the frame. */
export const PDU_LENGTH: i32 = 21;
/** A TLV reaches beyond the end of the PDU. */
export const PDU_TLV: i32 = 22;
/** The snap length cut the PDU where something else than padding stood. */
export const PDU_TRUNCATED: i32 = 23;
/** The ISO 8473 checksum of an LSP does not hold (ISO 10589 7.3.14.2). */
export const PDU_CHECKSUM: i32 = 24;
/** Circuit type 0: the PDU is to be ignored (ISO 10589 9.5). */
export const PDU_CIRCUIT_TYPE: i32 = 25;
/** A hold time, system id or sequence number of zero, which nobody may send. */
export const PDU_ZERO: i32 = 26;

const key: usize = memory.data(8);

/** Writes the name of a PDU error, such as `isis.pdu-short`, into `Text`. */
export function writePduError(error: i32): void {
  Text.literal('isis.');
  if (error == PDU_SHORT) Text.literal('pdu-short');
  else if (error == PDU_VERSION) Text.literal('version');
  else if (error == PDU_ID_LENGTH) Text.literal('id-length-mismatch');
  else if (error == PDU_HEADER_LENGTH) Text.literal('header-length');
  else if (error == PDU_TYPE) Text.literal('pdu-type-unknown');
  else if (error == PDU_LENGTH) Text.literal('pdu-length');
  else if (error == PDU_TLV) Text.literal('tlv-length');
  else if (error == PDU_TRUNCATED) Text.literal('pdu-truncated');
  else if (error == PDU_CHECKSUM) Text.literal('lsp-checksum');
  else if (error == PDU_CIRCUIT_TYPE) Text.literal('circuit-type-zero');
  else Text.literal('field-zero');
}

/** One `quarantine` row for the frame under the decoder; `offset` counts from the NLPID. */
export function quarantineFrame(error: i32, offset: u32): void {
  Envelope.fromFrame();
  Quarantine.clear();
  Quarantine.protocol = PROTOCOL_NAME_ISIS;
  Text.begin();
  writePduError(error);
  Quarantine.errorText();
  Quarantine.errorOffset = offset;
  Quarantine.bytesAt = Frame.bytes();
  // A row has to fit a segment of rows; nothing that carries IS-IS is longer than a jumbo frame.
  Quarantine.bytesLength = min<u32>(Frame.capturedLength(), 32768);
  store<u32>(key, error as u32);
  Quarantine.emit(key, 4, 0);
}
