/** Link State Acknowledgment packet (RFC 2328 A.3.6): LSA headers. */
import { LSA_HEADER_BYTES } from './lsa.ts';
import { Packet, PACKET_ACK_LENGTH, PACKET_OK } from './packet.ts';

@unmanaged
export class LinkStateAcknowledgment {
  static headers: usize = 0;
  static count: u32 = 0;

  /** Reads the body of `Packet`. */
  static read(): i32 {
    if (Packet.bodyLength % LSA_HEADER_BYTES != 0) return Packet.fail(PACKET_ACK_LENGTH, 2);
    LinkStateAcknowledgment.headers = Packet.body;
    LinkStateAcknowledgment.count = Packet.bodyLength / LSA_HEADER_BYTES;
    return PACKET_OK;
  }
}
