/** Link State Request packet (RFC 2328 A.3.4): 12 bytes for each LSA asked for. */
import { Packet, PACKET_LSR_LENGTH, PACKET_OK } from './packet.ts';

/** Bytes of one request. */
export const REQUEST_BYTES: u32 = 12;

/**
 *  |                          LS type                              |
 *  |                       Link State ID                           |
 *  |                     Advertising Router                        |
 */
@unmanaged
export class LinkStateRequest {
  static requests: usize = 0;
  static count: u32 = 0;

  /** Reads the body of `Packet`. */
  static read(): i32 {
    if (Packet.bodyLength % REQUEST_BYTES != 0) return Packet.fail(PACKET_LSR_LENGTH, 2);
    LinkStateRequest.requests = Packet.body;
    LinkStateRequest.count = Packet.bodyLength / REQUEST_BYTES;
    return PACKET_OK;
  }
}
