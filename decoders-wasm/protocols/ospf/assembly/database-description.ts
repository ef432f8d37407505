/** Database Description packet (RFC 2328 A.3.3). */
import { LSA_HEADER_BYTES } from './lsa.ts';
import { Packet, PACKET_DD_LENGTH, PACKET_DD_SHORT, PACKET_OK } from './packet.ts';

/**
 *  |         Interface MTU         |    Options    |0|0|0|0|0|I|M|MS
 *  |                     DD sequence number                        |
 *  |                      An LSA Header ...                        |
 */
@unmanaged
export class DatabaseDescription {
  static mtu: u32 = 0;
  static options: u8 = 0;
  static flags: u8 = 0;
  static sequence: u32 = 0;
  static headers: usize = 0;
  static count: u32 = 0;

  /** Reads the body of `Packet`. */
  static read(): i32 {
    const at = Packet.body;
    const length = Packet.bodyLength;
    if (length < 8) return Packet.fail(PACKET_DD_SHORT, 24 + length);
    if ((length - 8) % LSA_HEADER_BYTES != 0) return Packet.fail(PACKET_DD_LENGTH, 2);
    DatabaseDescription.mtu = bswap<u16>(load<u16>(at)) as u32;
    DatabaseDescription.options = load<u8>(at, 2);
    DatabaseDescription.flags = load<u8>(at, 3);
    DatabaseDescription.sequence = bswap<u32>(load<u32>(at, 4));
    DatabaseDescription.headers = at + 8;
    DatabaseDescription.count = (length - 8) / LSA_HEADER_BYTES;
    return PACKET_OK;
  }
}
