/** One TCP session as packets: handshake, OPENs, KEEPALIVEs, then what the lower address sends, acknowledged by the other. */
import type { PacketToWrite } from '../../../collectors/inputs/pcap/write.ts';
import { keepalive, open } from '../../../decoders-wasm/protocols/bgp/generate.ts';
import { SENDER_AS } from './attributes.ts';
import { ETHERTYPE_IPV4, IP_PROTOCOL_TCP, PORT_BGP, TCP_ACK, TCP_PSH, TCP_SYN } from './iana.ts';

const ENDS = [Buffer.from([10, 0, 0, 1]), Buffer.from([10, 0, 0, 2])] as const;
const PORTS = [40_179, PORT_BGP] as const;
const RECEIVER_AS = 65002;
const HOLD_SECONDS = 90;
/** Ethernet, IPv4 and TCP without options. */
const HEADER_BYTES = 14 + 20 + 20;
const BEGIN_NS = 1_790_000_000_000_000_000n;
/** Between two packets: about 230 Mbit/s of full segments. */
const GAP_NS = 50_000n;

type End = 0 | 1;

/** Packets of the session; `segmentBytes` of TCP data in each of the table's, as messages come, without regard to their ends. */
export function* sessionPackets(messages: Iterable<Uint8Array>, segmentBytes: number): Generator<PacketToWrite> {
  const line = new Line();
  yield line.packet(0, new Uint8Array(0), TCP_SYN);
  yield line.packet(1, new Uint8Array(0), TCP_SYN | TCP_ACK);
  yield line.packet(0, new Uint8Array(0), TCP_ACK);
  yield line.packet(0, open(SENDER_AS, '10.0.0.1', HOLD_SECONDS), TCP_ACK | TCP_PSH);
  yield line.packet(1, open(RECEIVER_AS, '10.0.0.2', HOLD_SECONDS), TCP_ACK | TCP_PSH);
  yield line.packet(0, keepalive, TCP_ACK | TCP_PSH);
  yield line.packet(1, keepalive, TCP_ACK | TCP_PSH);
  let sent = 0;
  for (const data of segments(messages, segmentBytes)) {
    yield line.packet(0, data, TCP_ACK);
    if (++sent % 2 === 0) yield line.packet(1, new Uint8Array(0), TCP_ACK);
  }
  yield line.packet(1, keepalive, TCP_ACK | TCP_PSH);
  yield line.packet(0, keepalive, TCP_ACK | TCP_PSH);
}

/** Cuts the stream of messages into pieces of `size` bytes; the last one is what is left. */
function* segments(messages: Iterable<Uint8Array>, size: number): Generator<Uint8Array> {
  let piece = Buffer.alloc(size);
  let used = 0;
  for (const message of messages) {
    for (let at = 0; at < message.length;) {
      const part = message.subarray(at, at + size - used);
      piece.set(part, used);
      used += part.length;
      at += part.length;
      if (used < size) continue;
      yield piece;
      piece = Buffer.alloc(size);
      used = 0;
    }
  }
  if (used > 0) yield piece.subarray(0, used);
}

/** The two ends' sequence numbers, and the time. */
class Line {
  private readonly next: [number, number] = [1_000_000, 2_000_000];
  private timeNs = BEGIN_NS;
  private id = 0;

  /**
   * ```
   *  0 destination, source MAC      12 EtherType
   * 14 IPv4: version, length (16), id (18), TTL (22), protocol (23), checksum (24), addresses (26, 30)
   * 34 TCP: ports, sequence (38), acknowledgement (42), offset and flags (46), window (48), checksum (50)
   * ```
   */
  packet(from: End, data: Uint8Array, flags: number): PacketToWrite {
    const to: End = from === 0 ? 1 : 0;
    const frame = Buffer.alloc(HEADER_BYTES + data.length);
    frame.set([2, 0, 0, 0, 0, to + 1, 2, 0, 0, 0, 0, from + 1]);
    frame.writeUInt16BE(ETHERTYPE_IPV4, 12);
    frame[14] = 0x45;
    frame.writeUInt16BE(40 + data.length, 16);
    frame.writeUInt16BE(this.id++ & 0xffff, 18);
    frame.set([1, IP_PROTOCOL_TCP], 22);
    ENDS[from].copy(frame, 26);
    ENDS[to].copy(frame, 30);
    frame.writeUInt16BE(checksum(frame.subarray(14, 34), 0), 24);
    frame.writeUInt16BE(PORTS[from], 34);
    frame.writeUInt16BE(PORTS[to], 36);
    frame.writeUInt32BE(this.next[from] >>> 0, 38);
    if ((flags & TCP_ACK) !== 0) frame.writeUInt32BE(this.next[to] >>> 0, 42);
    frame.set([0x50, flags, 0xff, 0xff], 46);
    frame.set(data, HEADER_BYTES);
    const pseudoHeader = sum(frame.subarray(26, 34)) + IP_PROTOCOL_TCP + 20 + data.length;
    frame.writeUInt16BE(checksum(frame.subarray(34), pseudoHeader), 50);
    this.next[from] += data.length + ((flags & TCP_SYN) === 0 ? 0 : 1);
    this.timeNs += GAP_NS;
    return { timeNs: this.timeNs, data: frame };
  }
}

/** RFC 1071. */
function checksum(bytes: Buffer, start: number): number {
  let total = sum(bytes) + start;
  while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x10000);
  return ~total & 0xffff;
}

function sum(bytes: Buffer): number {
  let total = 0;
  for (let at = 0; at + 1 < bytes.length; at += 2) total += (bytes[at]! << 8) | bytes[at + 1]!;
  return bytes.length % 2 === 0 ? total : total + (bytes.at(-1)! << 8);
}
