/** Builds OSPF packets byte by byte for tests, with the checksums computed by code of their own. */
import * as layout from '../../contract/generated/frame.ts';
import { OSPFV2 } from './testing.ts';

export const u8 = (value: number): number[] => [value & 255];
export const u16 = (value: number): number[] => [(value >> 8) & 255, value & 255];
export const u32 = (value: number): number[] => [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
/** The four bytes of a dotted quad. */
export const quad = (text: string): number[] => text.split('.').map(Number);

/** RFC 1071 over the bytes. */
function internetChecksum(bytes: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

export interface PacketParts {
  readonly type: number;
  readonly router: string;
  readonly area: string;
  readonly body: readonly number[];
  /** Default 0 (null); with 2 `cryptoSequence` is set and 16 bytes of digest follow. */
  readonly authentication?: number;
  readonly cryptoSequence?: number;
  /** Digest bytes: other ones make another packet. */
  readonly digest?: number;
  readonly version?: number;
  readonly length?: number;
  readonly checksum?: number;
}

/** A packet with its header; the checksum holds unless given. */
export function ospfPacket(parts: PacketParts): number[] {
  const kind = parts.authentication ?? 0;
  const crypto = kind === 2;
  const length = parts.length ?? 24 + parts.body.length;
  const head = [...u8(parts.version ?? 2), ...u8(parts.type), ...u16(length), ...quad(parts.router), ...quad(parts.area)];
  const sum = crypto ? 0 : internetChecksum([...head, 0, 0, ...u16(kind), ...parts.body]);
  const authentication = crypto ? [0, 0, 1, 16, ...u32(parts.cryptoSequence ?? 0)] : [0, 0, 0, 0, 0, 0, 0, 0];
  const digest = crypto ? Array.from({ length: 16 }, () => parts.digest ?? 0x5a) : [];
  return [...head, ...u16(parts.checksum ?? sum), ...u16(kind), ...authentication, ...parts.body, ...digest];
}

export interface HelloParts {
  readonly mask?: string;
  readonly interval?: number;
  readonly options?: number;
  readonly priority?: number;
  readonly dead?: number;
  readonly dr?: string;
  readonly bdr?: string;
  readonly neighbors?: readonly string[];
}

/** Body of a hello: /24, 10 s, 40 s, E bit unless said otherwise. */
export function helloBody(parts: HelloParts): number[] {
  return [
    ...quad(parts.mask ?? '255.255.255.0'), ...u16(parts.interval ?? 10), ...u8(parts.options ?? 2), ...u8(parts.priority ?? 1),
    ...u32(parts.dead ?? 40), ...quad(parts.dr ?? '0.0.0.0'), ...quad(parts.bdr ?? '0.0.0.0'), ...(parts.neighbors ?? []).flatMap(quad),
  ];
}

/** Body of a DBD. Flags: 4 I, 2 M, 1 MS. */
export function descriptionBody(sequence: number, flags: number, headers: readonly (readonly number[])[] = [], mtu = 1500): number[] {
  return [...u16(mtu), 2, flags, ...u32(sequence), ...headers.flatMap((one) => one.slice(0, 20))];
}

/** Body of an LSR for these LSAs. */
export function requestBody(lsas: readonly (readonly number[])[]): number[] {
  return lsas.flatMap((one) => [0, 0, 0, one[3] ?? 0, ...one.slice(4, 12)]);
}

/** Body of an LSU with these LSAs. */
export function updateBody(lsas: readonly (readonly number[])[]): number[] {
  return [...u32(lsas.length), ...lsas.flat()];
}

export interface LsaParts {
  readonly type: number;
  readonly id: string;
  readonly router: string;
  readonly sequence?: number;
  readonly age?: number;
  readonly options?: number;
  readonly body: readonly number[];
}

/** An LSA whose Fletcher checksum holds (RFC 905 annex B, over all but the age). */
export function lsa(parts: LsaParts): number[] {
  const length = 20 + parts.body.length;
  const bytes = [
    ...u16(parts.age ?? 1), ...u8(parts.options ?? 2), ...u8(parts.type), ...quad(parts.id), ...quad(parts.router),
    ...u32(parts.sequence ?? 0x80000001), 0, 0, ...u16(length), ...parts.body,
  ];
  let c0 = 0;
  let c1 = 0;
  for (const byte of bytes.slice(2)) {
    c0 = (c0 + byte) % 255;
    c1 = (c1 + c0) % 255;
  }
  // The checksum stands at byte 14 of the covered bytes.
  let x = ((length - 2 - 14 - 1) * c0 - c1) % 255;
  if (x <= 0) x += 255;
  let y = 510 - c0 - x;
  if (y > 255) y -= 255;
  bytes[16] = x;
  bytes[17] = y;
  return bytes;
}

/** Body of a Router-LSA: `[type, id, data, metric]` each. */
export function routerBody(links: readonly (readonly [number, string, string, number])[], bits = 0): number[] {
  return [bits, 0, ...u16(links.length), ...links.flatMap(([type, id, data, metric]) => [...quad(id), ...quad(data), type, 0, ...u16(metric)])];
}

/** An Ethernet frame with an IPv4 packet of protocol 89. */
export function ipv4Frame(source: string, destination: string, packet: readonly number[], ttl = 1): number[] {
  const total = 20 + packet.length;
  const head = [0x45, 0xc0, ...u16(total), 0, 0, 0, 0, ttl, 89];
  const sum = internetChecksum([...head, 0, 0, ...quad(source), ...quad(destination)]);
  const group = destination.startsWith('224.') ? [1, 0, 0x5e, ...quad(destination).slice(1)] : [2, 0, 0, 0, 0, quad(destination)[3] ?? 0];
  return [...group, 2, 0, 0, 0, 0, quad(source)[3] ?? 0, 8, 0, ...head, ...u16(sum), ...quad(source), ...quad(destination), ...packet];
}

/** The frame record that the classifier would make of such a frame. */
export function frameRecord(frame: readonly number[]): Uint8Array {
  const length = (layout.FRAME_BYTES + frame.length + 7) & ~7;
  const record = new Uint8Array(length);
  const view = new DataView(record.buffer);
  view.setUint32(layout.FRAME_LENGTH, length, true);
  view.setUint8(layout.FRAME_PROTOCOL, OSPFV2);
  view.setUint32(layout.FRAME_ORIGINAL_LENGTH, frame.length, true);
  view.setUint32(layout.FRAME_CAPTURED_LENGTH, frame.length, true);
  view.setUint32(layout.FRAME_PAYLOAD_LENGTH, frame.length - 34, true);
  view.setUint16(layout.FRAME_LINK_OFFSET, 0, true);
  view.setUint16(layout.FRAME_NETWORK_OFFSET, 14, true);
  view.setUint16(layout.FRAME_PAYLOAD_OFFSET, 34, true);
  view.setUint16(layout.FRAME_VLAN_OUTER, 0xffff, true);
  view.setUint16(layout.FRAME_VLAN_INNER, 0xffff, true);
  record.set(frame, layout.FRAME_BYTES);
  return record;
}
