/** The same messages as a route collector would have stored them: MRT, BGP4MP_MESSAGE_AS4 (RFC 6396 section 4.4.3). */
import { AFI_IPV4, MRT_BGP4MP, MRT_BGP4MP_MESSAGE_AS4 } from './iana.ts';
import { SENDER_AS } from './attributes.ts';

const COLLECTOR_AS = 65002;
const BEGIN_SECONDS = 1_790_000_000;
const BODY_HEADER_BYTES = 20;

/**
 * ```
 *  0 seconds   4 type (16) subtype (16)   8 length
 * 12 peer AS  16 local AS  20 interface index (16) AFI (16)  24 peer address  28 local address  32 BGP message
 * ```
 */
export function mrtRecord(message: Uint8Array): Buffer {
  const record = Buffer.alloc(12 + BODY_HEADER_BYTES + message.length);
  record.writeUInt32BE(BEGIN_SECONDS, 0);
  record.writeUInt16BE(MRT_BGP4MP, 4);
  record.writeUInt16BE(MRT_BGP4MP_MESSAGE_AS4, 6);
  record.writeUInt32BE(BODY_HEADER_BYTES + message.length, 8);
  record.writeUInt32BE(SENDER_AS, 12);
  record.writeUInt32BE(COLLECTOR_AS, 16);
  record.writeUInt16BE(AFI_IPV4, 22);
  record.set([10, 0, 0, 1, 10, 0, 0, 2], 24);
  record.set(message, 32);
  return record;
}
