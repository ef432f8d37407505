/** Builds capture files byte by byte, for tests: nothing here is shared with the readers. */
import type { CapturedPacket, OpenCapture } from './capture.ts';
import { openCaptureStream } from './open.ts';

/** An integer of `bytes` bytes in the byte order asked for. */
export function int(value: number | bigint, bytes: number, little: boolean): number[] {
  const big: number[] = [];
  let rest = BigInt.asUintN(bytes * 8, BigInt(value));
  for (let index = 0; index < bytes; index++) {
    big.unshift(Number(rest & 255n));
    rest >>= 8n;
  }
  return little ? big.toReversed() : big;
}

/** Zero bytes up to the next multiple of four. */
export function padded(bytes: readonly number[]): number[] {
  return [...bytes, ...Array.from({ length: (4 - (bytes.length % 4)) % 4 }, () => 0)];
}

export interface PcapHeader {
  magic?: number;
  major?: number;
  minor?: number;
  link?: number;
  snap?: number;
}

export function pcapHeader(little: boolean, header: PcapHeader = {}): number[] {
  return [
    ...int(header.magic ?? 0xa1b2c3d4, 4, little),
    ...int(header.major ?? 2, 2, little),
    ...int(header.minor ?? 4, 2, little),
    ...int(0, 8, little),
    ...int(header.snap ?? 65535, 4, little),
    ...int(header.link ?? 1, 4, little),
  ];
}

export interface PcapRecord {
  seconds: number;
  fraction: number;
  data: readonly number[];
  original?: number;
  captured?: number;
}

export function pcapRecord(little: boolean, record: PcapRecord, extra: readonly number[] = []): number[] {
  return [
    ...int(record.seconds, 4, little),
    ...int(record.fraction, 4, little),
    ...int(record.captured ?? record.data.length, 4, little),
    ...int(record.original ?? record.data.length, 4, little),
    ...extra,
    ...record.data,
  ];
}

/** A pcapng block around `body`, which is padded. */
export function block(little: boolean, type: number, body: readonly number[]): number[] {
  const whole = padded(body);
  const length = int(whole.length + 12, 4, little);
  return [...int(type, 4, little), ...length, ...whole, ...length];
}

export function option(little: boolean, code: number, value: readonly number[]): number[] {
  return [...int(code, 2, little), ...int(value.length, 2, little), ...padded(value)];
}

export function sectionHeader(little: boolean, major = 1, minor = 0): number[] {
  const version = [...int(major, 2, little), ...int(minor, 2, little)];
  return block(little, 0x0a0d0d0a, [...int(0x1a2b3c4d, 4, little), ...version, ...int(-1, 8, little)]);
}

export function interfaceBlock(
  little: boolean,
  link: number,
  options: readonly number[] = [],
  snap = 0,
): number[] {
  return block(little, 1, [...int(link, 2, little), 0, 0, ...int(snap, 4, little), ...options]);
}

export interface EnhancedPacket {
  id?: number;
  ticks: bigint;
  data: readonly number[];
  captured?: number;
  original?: number;
  options?: readonly number[];
}

export function enhancedPacket(little: boolean, packet: EnhancedPacket): number[] {
  return block(little, 6, [
    ...int(packet.id ?? 0, 4, little),
    ...int(packet.ticks >> 32n, 4, little),
    ...int(packet.ticks & 0xffffffffn, 4, little),
    ...int(packet.captured ?? packet.data.length, 4, little),
    ...int(packet.original ?? packet.data.length, 4, little),
    ...padded(packet.data),
    ...(packet.options ?? []),
  ]);
}

/** A stream that gives `bytes` in pieces of `size`. */
export async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

/** Opens bytes as a stream of pieces. */
export function openBytes(bytes: Uint8Array | readonly number[], size = 65_536): Promise<OpenCapture> {
  return openCaptureStream('crafted', pieces(Uint8Array.from(bytes), size));
}

/** All packets of a capture. */
export async function allPackets(capture: OpenCapture): Promise<CapturedPacket[]> {
  const found: CapturedPacket[] = [];
  for await (const chunk of capture.packets) found.push(...chunk);
  return found;
}
