/** For tests and benchmarks: BGP sessions made by hand, as frame records over Ethernet, IPv4 and TCP. */
import * as layout from '../../contract/generated/frame.ts';

export const MARKER = Buffer.alloc(16, 0xff);

/** One BGP message (RFC 4271 section 4.1). */
export function message(type: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(3);
  head.writeUInt16BE(19 + body.length, 0);
  head[2] = type;
  return Buffer.concat([MARKER, head, body]);
}

export const keepalive = message(4, Buffer.alloc(0));

/** OPEN with 4-byte AS, IPv4 and IPv6 unicast, and what `capabilities` (hex) adds. */
export function open(as: number, id: string, hold = 90, capabilities = ''): Buffer {
  const caps = Buffer.from(`0104000100010104000200014104${as.toString(16).padStart(8, '0')}${capabilities}`, 'hex');
  const body = Buffer.alloc(10);
  body[0] = 4;
  body.writeUInt16BE(as > 65535 ? 23456 : as, 1);
  body.writeUInt16BE(hold, 3);
  Buffer.from(id.split('.').map(Number)).copy(body, 5);
  body[9] = caps.length + 2;
  return message(1, Buffer.concat([body, Buffer.from([2, caps.length]), caps]));
}

export function attribute(flags: number, code: number, value: Uint8Array): Buffer {
  return value.length > 255
    ? Buffer.concat([Buffer.from([flags | 0x10, code, value.length >> 8, value.length & 255]), value])
    : Buffer.concat([Buffer.from([flags, code, value.length]), value]);
}

/** UPDATE of raw parts. */
export function update(withdrawn: Uint8Array, attributes: Uint8Array, nlri: Uint8Array): Buffer {
  const lengths = [Buffer.alloc(2), Buffer.alloc(2)] as const;
  lengths[0].writeUInt16BE(withdrawn.length);
  lengths[1].writeUInt16BE(attributes.length);
  return message(2, Buffer.concat([lengths[0], withdrawn, lengths[1], attributes, nlri]));
}

/** ORIGIN, AS_PATH, NEXT_HOP, and further attributes. */
export function basicAttributes(path: readonly number[], nextHop = '10.0.0.1', more: Uint8Array = new Uint8Array(0)): Buffer {
  const as = Buffer.alloc(2 + path.length * 4);
  as[0] = 2;
  as[1] = path.length;
  path.forEach((number, index) => { as.writeUInt32BE(number, 2 + index * 4); });
  return Buffer.concat([
    attribute(0x40, 1, Buffer.from([0])),
    attribute(0x40, 2, path.length === 0 ? Buffer.alloc(0) : as),
    attribute(0x40, 3, Buffer.from(nextHop.split('.').map(Number))),
    more,
  ]);
}

/** `10.0.0.0/8` as in an NLRI field. */
export function prefix(text: string): Buffer {
  const [address, length] = text.split('/') as [string, string];
  return Buffer.concat([Buffer.from([Number(length)]), bytes(address).subarray(0, (Number(length) + 7) >> 3)]);
}

export interface SegmentOptions {
  flags?: number;
  sequence?: number;
  acknowledgement?: number;
  /** Bytes that were captured of the data; the rest is cut by the snap length. */
  captured?: number;
}

/** A TCP conversation between two IPv4 addresses; makes frame records and keeps count of both ends' sequence numbers. */
export class Conversation {
  readonly records: Uint8Array[] = [];
  boot: bigint;
  /** Next sequence number of each end: 0 the lower address, 1 the higher. */
  readonly next: [number, number] = [1000, 5000];
  private readonly ports: [number, number];
  private readonly ends: readonly [Buffer, Buffer];
  private number = 0n;
  private readonly key: number;

  constructor(options: { low?: string; high?: string; ports?: [number, number]; boot?: bigint; key?: number } = {}) {
    this.ends = [bytes(options.low ?? '10.0.0.1'), bytes(options.high ?? '10.0.0.2')];
    this.ports = options.ports ?? [40000, 179];
    this.boot = options.boot ?? 1_700_000_000_000_000_000n;
    this.key = options.key ?? 0;
  }

  /** One segment from an end; its sequence number advances unless one is given. */
  segment(end: 0 | 1, data: Uint8Array, options: SegmentOptions = {}): Uint8Array {
    const flags = options.flags ?? 0x18;
    const sequence = options.sequence ?? this.next[end];
    const record = this.record(end, data, { ...options, flags, sequence });
    if (options.sequence === undefined) this.next[end] += data.length + ((flags & 3) === 0 ? 0 : 1);
    this.records.push(record);
    return record;
  }

  /** Passes time between frames. */
  wait(ms: number): void {
    this.boot += BigInt(ms) * 1_000_000n;
  }

  handshake(): void {
    this.segment(0, new Uint8Array(0), { flags: 2 });
    this.segment(1, new Uint8Array(0), { flags: 0x12 });
    this.segment(0, new Uint8Array(0), { flags: 0x10 });
  }

  /** Handshake, OPENs and KEEPALIVEs. */
  establish(capabilities = '', hold = 90): void {
    this.handshake();
    this.segment(0, open(65001, '1.1.1.1', hold, capabilities));
    this.segment(1, open(65002, '2.2.2.2', hold, capabilities));
    this.segment(0, keepalive);
    this.segment(1, keepalive);
    this.segment(0, new Uint8Array(0), { flags: 0x10 });
  }

  private record(end: 0 | 1, data: Uint8Array, options: SegmentOptions & { flags: number; sequence: number }): Uint8Array {
    const captured = options.captured ?? data.length;
    const size = 14 + 20 + 20 + captured;
    const length = (layout.FRAME_BYTES + size + 7) & ~7;
    const record = new Uint8Array(length);
    const view = new DataView(record.buffer);
    view.setUint32(layout.FRAME_LENGTH, length, true);
    view.setUint8(layout.FRAME_PROTOCOL, layout.PROTOCOL_BGP);
    view.setBigUint64(layout.FRAME_BOOT_NS, this.boot, true);
    view.setBigUint64(layout.FRAME_FRAME_NUMBER, ++this.number, true);
    view.setUint32(layout.FRAME_KEY_INDEX, this.key, true);
    view.setUint32(layout.FRAME_ORIGINAL_LENGTH, 54 + data.length, true);
    view.setUint32(layout.FRAME_CAPTURED_LENGTH, size, true);
    view.setUint32(layout.FRAME_PAYLOAD_LENGTH, 20 + data.length, true);
    view.setUint16(layout.FRAME_NETWORK_OFFSET, 14, true);
    view.setUint16(layout.FRAME_PAYLOAD_OFFSET, 34, true);
    view.setUint16(layout.FRAME_VLAN_OUTER, 0xffff, true);
    view.setUint16(layout.FRAME_VLAN_INNER, 0xffff, true);
    const packet = Buffer.from(record.buffer, layout.FRAME_BYTES);
    packet.writeUInt16BE(0x0800, 12);
    packet[14] = 0x45;
    packet.writeUInt16BE(Math.min(40 + data.length, 65535), 16);
    packet[22] = 64;
    packet[23] = 6;
    this.ends[end].copy(packet, 26);
    this.ends[end === 0 ? 1 : 0].copy(packet, 30);
    packet.writeUInt16BE(this.ports[end], 34);
    packet.writeUInt16BE(this.ports[end === 0 ? 1 : 0], 36);
    packet.writeUInt32BE(options.sequence >>> 0, 38);
    packet.writeUInt32BE((options.acknowledgement ?? this.next[end === 0 ? 1 : 0]) >>> 0, 42);
    packet[46] = 0x50;
    packet[47] = options.flags;
    packet.writeUInt16BE(65535, 48);
    packet.set(data.subarray(0, captured), 54);
    this.boot += 1000n;
    return record;
  }
}

function bytes(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number));
}

/** Taps and keys that `makeInstance` needs for conversations; `key` i is the session of address pair i. */
export function handmade(records: readonly Uint8Array[], pairs: readonly [string, string][] = [['10.0.0.1', '10.0.0.2']]) {
  return {
    records: [...records],
    taps: ['hand'],
    keys: pairs.map((addresses, index) => ({ index, tap: 0, protocol: 'bgp' as const, vlans: [], tunnels: [], addresses, linkLocal: false })),
  };
}
