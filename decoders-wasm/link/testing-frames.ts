/** Builds frames layer by layer, for tests: each function takes what it carries and gives its bytes. */

export type Bytes = readonly number[];

export function u16(value: number): number[] {
  return [(value >>> 8) & 255, value & 255];
}

export function u24(value: number): number[] {
  return [(value >>> 16) & 255, ...u16(value)];
}

export function u32(value: number): number[] {
  return [...u16(value >>> 16), ...u16(value)];
}

export function hex(text: string): number[] {
  return [...text.replaceAll(/[^0-9a-f]/gi, '').matchAll(/../g)].map(([pair]) => Number.parseInt(pair, 16));
}

/** The IS-IS group of all level 2 systems, and a station. */
export const ISIS_GROUP = hex('01 80 c2 00 00 15');
export const STATION = hex('02 00 00 00 00 01');
export const OTHER_STATION = hex('02 00 00 00 00 02');

/** A level 2 CSNP's fixed header, no TLVs: 33 bytes. */
export const ISIS_PDU = hex('83 21 01 00 19 01 00 00 00 21 000000000001 00 0000000000000000 ffffffffffffffff');
/** OSPF packet header and hello: 44 bytes. */
export const OSPF_PDU = hex('02 01 00 2c c0a80001 00000000 0000 0000 0000000000000000 ffffff00 000a 02 01 00000028 00000000 00000000');
export const OSPFV3_PDU = hex('03 01 0024 c0a80001 00000000 0000 00 00 00000001 01 000013 000a 0028 00000000 00000000');
/** BGP KEEPALIVE. */
export const KEEPALIVE = hex('ffffffffffffffffffffffffffffffff 0013 04');

export function ethernet(type: number, payload: Bytes, destination: Bytes = OTHER_STATION): number[] {
  return [...destination, ...STATION, ...u16(type), ...payload];
}

/** IEEE 802.3: the length of what follows, padded to the least frame. */
export function ieee8023(payload: Bytes, destination: Bytes = ISIS_GROUP): number[] {
  return padded([...destination, ...STATION, ...u16(payload.length), ...payload], 60);
}

export function padded(bytes: Bytes, least: number): number[] {
  return [...bytes, ...Array.from({ length: Math.max(0, least - bytes.length) }, () => 0)];
}

/** The tags in front of a type and its payload; to be put after the addresses with `tagged`. */
export function tagged(tags: readonly { type: number; tci: number }[], type: number, payload: Bytes, destination: Bytes = OTHER_STATION): number[] {
  const [first, ...rest] = tags;
  if (first === undefined) return ethernet(type, payload, destination);
  const follow = [...rest.map((tag) => tag.type), type];
  const body = tags.flatMap((tag, index) => [...u16(tag.tci), ...u16(follow[index]!)]);
  return ethernet(first.type, [...body, ...payload], destination);
}

export const LLC_ISO = [0xfe, 0xfe, 3];

export function snap(type: number, payload: Bytes, oui = 0): number[] {
  return [0xaa, 0xaa, 3, ...u24(oui), ...u16(type), ...payload];
}

export interface Ipv4Options {
  source?: Bytes;
  destination?: Bytes;
  id?: number;
  offset?: number;
  more?: boolean;
  options?: Bytes;
  total?: number;
}

export function ipv4(protocol: number, payload: Bytes, given: Ipv4Options = {}): number[] {
  const options = given.options ?? [];
  const total = given.total ?? 20 + options.length + payload.length;
  const place = ((given.offset ?? 0) >>> 3) | (given.more === true ? 0x2000 : 0);
  const header = [
    0x40 | ((20 + options.length) >>> 2), 0xc0, ...u16(total), ...u16(given.id ?? 1), ...u16(place), 1, protocol, 0, 0,
    ...(given.source ?? [10, 0, 0, 2]), ...(given.destination ?? [10, 0, 0, 1]), ...options,
  ];
  const sum = checksum(header);
  header[10] = sum >>> 8;
  header[11] = sum & 255;
  return [...header, ...payload];
}

function checksum(bytes: Bytes): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at]! << 8) | bytes[at + 1]!;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

export const V6_LOW = hex('fe80 0000 0000 0000 0000 0000 0000 0001');
export const V6_HIGH = hex('fe80 0000 0000 0000 0000 0000 0000 0002');

export function ipv6(next: number, payload: Bytes, length = payload.length): number[] {
  return [0x6c, 0, 0, 0, ...u16(length), next, 1, ...V6_HIGH, ...V6_LOW, ...payload];
}

/** An extension header of `words` 8-byte words beyond the first. */
export function extension(next: number, words: number, payload: Bytes): number[] {
  return [next, words, ...Array.from({ length: 6 + words * 8 }, () => 0), ...payload];
}

export function fragmentHeader(next: number, offset: number, more: boolean, payload: Bytes, id = 7): number[] {
  return [next, 0, ...u16(offset | (more ? 1 : 0)), ...u32(id), ...payload];
}

export function tcp(payload: Bytes, source = 45_000, destination = 179): number[] {
  return [...u16(source), ...u16(destination), ...u32(1), ...u32(1), 0x50, 0x18, ...u16(8192), 0, 0, 0, 0, ...payload];
}

export function udp(destination: number, payload: Bytes): number[] {
  return [...u16(50_000), ...u16(destination), ...u16(8 + payload.length), 0, 0, ...payload];
}

export interface GreOptions { checksum?: boolean; routing?: Bytes; key?: number; sequence?: number }

export function gre(type: number, payload: Bytes, given: GreOptions = {}): number[] {
  const { key, sequence, routing } = given;
  const flags = (given.checksum === true ? 0x8000 : 0) | (routing === undefined ? 0 : 0x4000)
    | (key === undefined ? 0 : 0x2000) | (sequence === undefined ? 0 : 0x1000);
  return [
    ...u16(flags), ...u16(type), ...(given.checksum === true || routing !== undefined ? [0, 0, 0, 0] : []),
    ...(key === undefined ? [] : u32(key)), ...(sequence === undefined ? [] : u32(sequence)), ...(routing ?? []), ...payload,
  ];
}

/** Labels, the last at the bottom of the stack. */
export function mpls(labels: readonly number[], payload: Bytes): number[] {
  return [...labels.flatMap((label, index) => u32(((label << 12) | (index === labels.length - 1 ? 0x100 : 0) | 64) >>> 0)), ...payload];
}

export function vxlan(id: number, payload: Bytes): number[] {
  return [8, 0, 0, 0, ...u24(id), 0, ...payload];
}

export function gpe(id: number, next: number, payload: Bytes): number[] {
  return [0x0c, 0, 0, next, ...u24(id), 0, ...payload];
}

export function geneve(id: number, type: number, payload: Bytes, options: Bytes = []): number[] {
  return [options.length >>> 2, 0, ...u16(type), ...u24(id), 0, ...options, ...payload];
}

export function erspan(session: number, vlan: number, encapsulation: number, payload: Bytes): number[] {
  return [...u32(((1 << 28) | (vlan << 16) | (encapsulation << 11) | session) >>> 0), 0, 0, 0, 0, ...payload];
}

export function erspanIII(session: number, payload: Bytes, platform = false): number[] {
  return [...u32(((2 << 28) | session) >>> 0), 0, 0, 0, 0, 0, 0, 0, platform ? 1 : 0, ...(platform ? Array.from({ length: 8 }, () => 0) : []), ...payload];
}

/** G-PDU; with `extensions` (each of whole words), their types are 0x85. */
export function gtpU(teid: number, payload: Bytes, extensions: readonly Bytes[] = []): number[] {
  const optional = extensions.length === 0 ? [] : [0, 0, 0, 0x85];
  const chain = extensions.flatMap((content, index) => [(content.length + 2) >>> 2, ...content, index + 1 < extensions.length ? 0x85 : 0]);
  const body = [...optional, ...chain, ...payload];
  return [0x30 | (extensions.length > 0 ? 4 : 0), 255, ...u16(body.length), ...u32(teid), ...body];
}

export function pppoe(session: number, protocol: number, payload: Bytes): number[] {
  return [0x11, 0, ...u16(session), ...u16(2 + payload.length), ...u16(protocol), ...payload];
}
