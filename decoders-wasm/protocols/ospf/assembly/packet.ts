/** The OSPF packet header (RFC 2328 A.3.1) and the IPv4 header above it, checked and read into one static place. */
import { Checksum } from '../../../base/assembly/checksum.ts';
import { Frame } from '../../../base/assembly/frame.ts';
import { FLAG_REDACTED, FLAG_TRUNCATED, OFFSET_NONE } from '../../../base/assembly/generated/frame.ts';
import { AUTHENTICATION_CRYPTOGRAPHIC, OSPF_VERSION_2 } from './iana.ts';

/** Closed list of PDU-level errors; `Packet.errorText` names them. */
export const PACKET_OK: i32 = 0;
export const PACKET_SHORT: i32 = 1;
export const PACKET_VERSION: i32 = 2;
export const PACKET_LENGTH: i32 = 3;
export const PACKET_TYPE: i32 = 4;
export const PACKET_HELLO_SHORT: i32 = 5;
export const PACKET_HELLO_LENGTH: i32 = 6;
export const PACKET_DD_SHORT: i32 = 7;
export const PACKET_DD_LENGTH: i32 = 8;
export const PACKET_LSR_LENGTH: i32 = 9;
export const PACKET_LSU_SHORT: i32 = 10;
export const PACKET_LSA_LENGTH: i32 = 11;
export const PACKET_LSU_COUNT: i32 = 12;
export const PACKET_ACK_LENGTH: i32 = 13;
export const PACKET_NO_IP: i32 = 14;
export const PACKET_CRYPTO_TRAILER: i32 = 15;

const HEADER_BYTES: u32 = 24;

/**
 *   0                   1                   2                   3
 *  |   Version #   |     Type      |         Packet length         |
 *  |                          Router ID                            |
 *  |                           Area ID                             |
 *  |           Checksum            |             AuType            |
 *  |                       Authentication                          |
 *  |                       Authentication                          |
 * With AuType 2 (RFC 2328 D.3): 0 u16, key id u8, digest length u8, sequence u32; the digest follows the packet and is
 * not in its length.
 */
@unmanaged
export class Packet {
  static start: usize = 0;
  static type: u8 = 0;
  static length: u32 = 0;
  static router: u32 = 0;
  static area: u32 = 0;
  static checksum: u16 = 0;
  static authentication: u16 = 0;
  static keyId: u8 = 0;
  static digestLength: u8 = 0;
  static cryptoSequence: u32 = 0;
  /** Body behind the header, cut to the declared length. */
  static body: usize = 0;
  static bodyLength: u32 = 0;
  static source: u32 = 0;
  static destination: u32 = 0;
  static timeToLive: u8 = 0;
  /** False only where the checksum can be judged and does not hold. */
  static checksumHolds: bool = true;
  /** Byte of the PDU at which the last error was found. */
  static errorOffset: u32 = 0;

  /** Reads both headers of `Frame`; PACKET_OK or an error. Touches no state. */
  static read(): i32 {
    const at = Frame.payload();
    const here = Frame.payloadHere();
    Packet.start = at;
    Packet.errorOffset = 0;
    if (!Packet.readNetwork()) return PACKET_NO_IP;
    if (here < HEADER_BYTES) return Packet.fail(PACKET_SHORT, here);
    if (load<u8>(at) != OSPF_VERSION_2) return Packet.fail(PACKET_VERSION, 0);
    Packet.type = load<u8>(at, 1);
    Packet.length = bswap<u16>(load<u16>(at, 2)) as u32;
    Packet.router = bswap<u32>(load<u32>(at, 4));
    Packet.area = bswap<u32>(load<u32>(at, 8));
    Packet.checksum = bswap<u16>(load<u16>(at, 12));
    Packet.authentication = bswap<u16>(load<u16>(at, 14));
    if (Packet.length < HEADER_BYTES || Packet.length > here) return Packet.fail(PACKET_LENGTH, 2);
    Packet.keyId = 0;
    Packet.digestLength = 0;
    Packet.cryptoSequence = 0;
    Packet.body = at + HEADER_BYTES;
    Packet.bodyLength = Packet.length - HEADER_BYTES;
    if (Packet.authentication == AUTHENTICATION_CRYPTOGRAPHIC) {
      Packet.keyId = load<u8>(at, 18);
      Packet.digestLength = load<u8>(at, 19);
      Packet.cryptoSequence = bswap<u32>(load<u32>(at, 20));
      if (Packet.length + (Packet.digestLength as u32) > here && (Frame.flags() & FLAG_TRUNCATED) == 0) {
        return Packet.fail(PACKET_CRYPTO_TRAILER, 19);
      }
    }
    if (Packet.type == 0 || Packet.type > 5) return Packet.fail(PACKET_TYPE, 1);
    Packet.judgeChecksum(at);
    return PACKET_OK;
  }

  static fail(error: i32, offset: u32): i32 {
    Packet.errorOffset = offset;
    return error;
  }

  private static readNetwork(): bool {
    const offset = Frame.networkOffset();
    if (offset == (OFFSET_NONE as u32) || offset + 20 > Frame.capturedLength()) return false;
    const at = Frame.bytes() + offset;
    if (load<u8>(at) >>> 4 != 4) return false;
    Packet.timeToLive = load<u8>(at, 8);
    Packet.source = bswap<u32>(load<u32>(at, 12));
    Packet.destination = bswap<u32>(load<u32>(at, 16));
    return true;
  }

  /** RFC 2328 D.4: over the packet without the 8 authentication bytes; not with AuType 2, nor on blanked or cut bytes. */
  private static judgeChecksum(at: usize): void {
    Packet.checksumHolds = true;
    if (Packet.authentication == AUTHENTICATION_CRYPTOGRAPHIC) return;
    if ((Frame.flags() & (FLAG_REDACTED | FLAG_TRUNCATED)) != 0) return;
    const head = Checksum.internet(at, 16, 0);
    Packet.checksumHolds = Checksum.internet(at + HEADER_BYTES, Packet.length - HEADER_BYTES, head) == 0xffff;
  }
}

/** The name of a PDU-level error, for `quarantine.error`. */
export function packetErrorName(error: i32): string {
  if (error == PACKET_SHORT) return 'ospf.pdu-short';
  if (error == PACKET_VERSION) return 'ospf.bad-version';
  if (error == PACKET_LENGTH) return 'ospf.bad-length';
  if (error == PACKET_TYPE) return 'ospf.unknown-type';
  if (error == PACKET_HELLO_SHORT) return 'ospf.hello-short';
  if (error == PACKET_HELLO_LENGTH) return 'ospf.hello-length';
  if (error == PACKET_DD_SHORT) return 'ospf.database-description-short';
  if (error == PACKET_DD_LENGTH) return 'ospf.database-description-length';
  if (error == PACKET_LSR_LENGTH) return 'ospf.link-state-request-length';
  if (error == PACKET_LSU_SHORT) return 'ospf.link-state-update-short';
  if (error == PACKET_LSA_LENGTH) return 'ospf.lsa-length';
  if (error == PACKET_LSU_COUNT) return 'ospf.link-state-update-count';
  if (error == PACKET_ACK_LENGTH) return 'ospf.link-state-acknowledgment-length';
  if (error == PACKET_NO_IP) return 'ospf.no-ipv4-header';
  if (error == PACKET_CRYPTO_TRAILER) return 'ospf.crypto-trailer-short';
  return 'ospf.unknown';
}
