/** Reads frame records back, for tests: the offsets are written here anew from bpf/frame.h, and everything is checked. */
import { isIPv6 } from 'node:net';

/** One frame record, with the addresses that its offsets lead to. */
export interface Found {
  number: number;
  tap: number;
  direction: number;
  protocol: 'isis' | 'ospfv2' | 'ospfv3' | 'bgp';
  bootNs: bigint;
  key: number;
  originalLength: number;
  capturedLength: number;
  payloadLength: number;
  link: number;
  network: number;
  payload: number;
  flags: number;
  vlans: number[];
  vlanCount: number;
  tunnelDepth: number;
  tunnelKind: number;
  outerTunnelKind: number;
  tunnelId: number;
  outerTunnelId: number;
  /** Innermost IP addresses, else those of the Ethernet header, else empty. */
  source: string;
  destination: string;
  bytes: Uint8Array;
}

const PROTOCOLS = new Map([[1, 'isis'], [2, 'ospfv2'], [3, 'ospfv3'], [4, 'bgp']] as const);
const NONE = 0xffff;

/** All records; throws where one is not well-formed. */
export function readRecords(bytes: Uint8Array): Found[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: Found[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = view.getUint32(at, true);
    const captured = view.getUint32(at + 32, true);
    check(length % 8 === 0 && at + length <= bytes.length, `length ${length} at ${at} of ${bytes.length}`);
    check(length === Math.ceil((64 + captured) / 8) * 8, `length ${length} for ${captured} captured bytes`);
    check(bytes.subarray(at + 64 + captured, at + length).every((byte) => byte === 0), 'padding is not zero');
    found.push(readRecord(new DataView(bytes.buffer, bytes.byteOffset + at, length), captured));
    at += length;
  }
  return found;
}

function readRecord(view: DataView, captured: number): Found {
  const u16 = (at: number): number => view.getUint16(at, true);
  const u32 = (at: number): number => view.getUint32(at, true);
  const protocol = PROTOCOLS.get(view.getUint8(7) as 1);
  check(protocol !== undefined, `protocol ${view.getUint8(7)}`);
  const bytes = new Uint8Array(view.buffer, view.byteOffset + 64, captured);
  const record = {
    number: Number(view.getBigUint64(16, true)), tap: u16(4), direction: view.getUint8(6), protocol: protocol!,
    bootNs: view.getBigUint64(8, true), key: u32(24), originalLength: u32(28), capturedLength: captured,
    payloadLength: u32(36), link: u16(40), network: u16(42), payload: u16(44), flags: u16(46),
    vlans: [u16(48), u16(50)].filter((tag) => tag !== NONE), vlanCount: view.getUint8(52),
    tunnelDepth: view.getUint8(53), tunnelKind: view.getUint8(54), outerTunnelKind: view.getUint8(55),
    tunnelId: u32(56), outerTunnelId: u32(60), bytes, ...addresses(bytes, u16(40), u16(42)),
  };
  check(record.originalLength >= captured, `original ${record.originalLength} below captured ${captured}`);
  check(record.payload < captured, `payload at ${record.payload} of ${captured}`);
  check(record.link === NONE || record.link + 14 <= record.payload, `link header at ${record.link}`);
  check(record.network === NONE || record.network + 20 <= record.payload, `network header at ${record.network}`);
  check((record.network === NONE) === (protocol === 'isis'), `network header at ${record.network} for ${protocol}`);
  return record;
}

function addresses(bytes: Uint8Array, link: number, network: number): { source: string; destination: string } {
  if (network !== NONE) {
    const [at, size] = bytes[network]! >>> 4 === 4 ? [network + 12, 4] : [network + 8, 16];
    return { source: ipText(bytes.subarray(at, at + size)), destination: ipText(bytes.subarray(at + size, at + 2 * size)) };
  }
  if (link === NONE) return { source: '', destination: '' };
  const mac = (at: number): string => [...bytes.subarray(at, at + 6)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
  return { source: mac(link + 6), destination: mac(link) };
}

function ipText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, index) => ((bytes[2 * index]! << 8) | bytes[2 * index + 1]!).toString(16));
  const host = new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
  check(isIPv6(host), host);
  return host;
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`frame record is not well-formed: ${what}`);
}
