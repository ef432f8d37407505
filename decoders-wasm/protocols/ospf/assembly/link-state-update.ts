/** Link State Update packet (RFC 2328 A.3.5): a count, then whole LSAs. */
import { LSA_HEADER_BYTES, Lsa } from './lsa.ts';
import { Packet, PACKET_LSA_LENGTH, PACKET_LSU_COUNT, PACKET_LSU_SHORT, PACKET_OK } from './packet.ts';

@unmanaged
export class LinkStateUpdate {
  static count: u32 = 0;
  static first: usize = 0;
  static end: usize = 0;

  /** Reads the body of `Packet` and checks that every LSA lies within it. */
  static read(): i32 {
    const at = Packet.body;
    const length = Packet.bodyLength;
    if (length < 4) return Packet.fail(PACKET_LSU_SHORT, 24 + length);
    LinkStateUpdate.count = bswap<u32>(load<u32>(at));
    LinkStateUpdate.first = at + 4;
    LinkStateUpdate.end = at + length;
    let position = at + 4;
    for (let i: u32 = 0; i < LinkStateUpdate.count; i++) {
      const left = (LinkStateUpdate.end - position) as u32;
      if (left < LSA_HEADER_BYTES) return Packet.fail(PACKET_LSU_COUNT, (position - Packet.start) as u32);
      const size = Lsa.length(position);
      if (size < LSA_HEADER_BYTES || size > left) return Packet.fail(PACKET_LSA_LENGTH, (position - Packet.start) as u32 + 18);
      position += size;
    }
    LinkStateUpdate.end = position;
    return PACKET_OK;
  }
}
