/** The TCP segment under the decoder: who sent it, its sequence numbers and where its data lies. */
import { Frame } from '../../../base/assembly/frame.ts';
import { OFFSET_NONE } from '../../../base/assembly/generated/frame.ts';
import { TCP_HEADER_BYTES, TCP_OPTION_END, TCP_OPTION_NOP, TCP_OPTION_WINDOW_SCALE, TCP_SYN } from './iana.ts';

export const SEGMENT_OK: i32 = 0;
export const SEGMENT_NO_NETWORK: i32 = 1;
export const SEGMENT_SHORT: i32 = 2;
export const SEGMENT_DATA_OFFSET: i32 = 3;

const addresses: usize = memory.data(32);

/**
 * Parsed from the frame's IP header and TCP header (RFC 9293 section 3.1):
 *   source port 16 | destination port 16 | sequence 32 | acknowledgement 32 | offset 4, reserved 4, flags 8 | window 16
 */
@unmanaged
export class Segment {
  /** Addresses of the two 16-byte ends (IPv4 mapped), the numerically lower first. */
  static low: usize = addresses;
  static high: usize = addresses + 16;
  /** 1 when the higher address sent it. */
  static direction: u32 = 0;
  static lowPort: u16 = 0;
  static highPort: u16 = 0;
  static sequence: u32 = 0;
  static acknowledgement: u32 = 0;
  static flags: u8 = 0;
  static window: u32 = 0;
  /** Shift of the window scale option of a SYN; -1 without one. */
  static scale: i32 = -1;
  static data: usize = 0;
  /** Data bytes that were captured, and that the IP header declares. */
  static here: u32 = 0;
  static declared: u32 = 0;

  /** Reads the headers of the frame; SEGMENT_OK or why it cannot be used. */
  static parse(): i32 {
    if (Frame.networkOffset() == OFFSET_NONE) return SEGMENT_NO_NETWORK;
    const tcp = Frame.payload();
    const here = Frame.payloadHere();
    if (here < TCP_HEADER_BYTES || Frame.payloadOffset() < Frame.networkOffset() + 20) return SEGMENT_SHORT;
    const header = (load<u8>(tcp, 12) as u32 >>> 4) << 2;
    if (header < TCP_HEADER_BYTES || header > Frame.payloadLength()) return SEGMENT_DATA_OFFSET;
    const reversed = Segment.readAddresses(Frame.bytes() + Frame.networkOffset() as usize);
    const source = bswap<u16>(load<u16>(tcp));
    const destination = bswap<u16>(load<u16>(tcp, 2));
    Segment.direction = reversed > 0 || (reversed == 0 && source > destination) ? 1 : 0;
    Segment.lowPort = Segment.direction == 0 ? source : destination;
    Segment.highPort = Segment.direction == 0 ? destination : source;
    Segment.sequence = bswap<u32>(load<u32>(tcp, 4));
    Segment.acknowledgement = bswap<u32>(load<u32>(tcp, 8));
    Segment.flags = load<u8>(tcp, 13);
    Segment.window = bswap<u16>(load<u16>(tcp, 14)) as u32;
    Segment.scale = -1;
    if ((Segment.flags & TCP_SYN) != 0) Segment.readOptions(tcp + TCP_HEADER_BYTES, tcp + min<u32>(header, here));
    Segment.data = tcp + header;
    Segment.here = here > header ? here - header : 0;
    Segment.declared = Frame.payloadLength() - header;
    return SEGMENT_OK;
  }

  /** Sorts source and destination into low and high; above 0 when the source is the higher, 0 when they are equal. */
  private static readAddresses(ip: usize): i32 {
    const v6 = load<u8>(ip) >>> 4 == 6;
    const bytes: u32 = v6 ? 16 : 4;
    const source = ip + (v6 ? 8 : 12);
    const order = memory.compare(source, source + bytes, bytes);
    Segment.mapped(order > 0 ? source + bytes : source, bytes, Segment.low);
    Segment.mapped(order > 0 ? source : source + bytes, bytes, Segment.high);
    return order;
  }

  private static mapped(from: usize, bytes: u32, to: usize): void {
    if (bytes == 16) {
      memory.copy(to, from, 16);
      return;
    }
    store<u64>(to, 0);
    store<u32>(to, 0xffff0000, 8);
    store<u32>(to, load<u32>(from), 12);
  }

  private static readOptions(at: usize, end: usize): void {
    while (at < end) {
      const kind = load<u8>(at);
      if (kind == TCP_OPTION_END) return;
      if (kind == TCP_OPTION_NOP) {
        at += 1;
        continue;
      }
      if (at + 2 > end) return;
      const length = load<u8>(at, 1);
      if (length < 2 || at + length > end) return;
      if (kind == TCP_OPTION_WINDOW_SCALE && length == 3) Segment.scale = min<i32>(load<u8>(at, 2), 14);
      at += length;
    }
  }
}
