/** A pcapng interface: its description block, and time stamps in its resolution. */
import type { CaptureInterface } from './capture.ts';
import { IF_FCSLEN, IF_NAME, IF_TSOFFSET, IF_TSRESOL } from './iana.ts';
import { readOptions } from './pcapng-options.ts';

/** What packets of an interface are read with. */
export interface Interface {
  described: CaptureInterface;
  fcsBytes: number;
  /** ns = ticks * multiplier / divisor + offsetNs. */
  multiplier: bigint;
  divisor: bigint;
  offsetNs: bigint;
}

/** Reads the body of an interface description block of 8 bytes at least. */
export function readInterface(
  view: DataView,
  body: number,
  end: number,
  littleEndian: boolean,
): { interface: Interface; fault: string | undefined } {
  const described: CaptureInterface = {
    linkType: view.getUint16(body, littleEndian),
    snapLength: view.getUint32(body + 4, littleEndian),
  };
  const found: Interface = {
    described,
    fcsBytes: 0,
    multiplier: 1000n,
    divisor: 1n,
    offsetNs: 0n,
  };
  const fault = readOptions(view, body + 8, end, littleEndian, (code, at, length) => {
    if (code === IF_NAME) described.name = readText(view, at, length);
    else if (code === IF_TSRESOL && length === 1) setResolution(found, view.getUint8(at));
    else if (code === IF_FCSLEN && length === 1) found.fcsBytes = fcsBytesOf(view.getUint8(at));
    else if (code === IF_TSOFFSET && length === 8) {
      found.offsetNs = view.getBigInt64(at, littleEndian) * 1_000_000_000n;
    }
  });
  return { interface: found, fault };
}

/** UTF-8 up to the first zero byte, which some writers add. */
function readText(view: DataView, at: number, length: number): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, length);
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** if_tsresol: units of 10^-n seconds, or of 2^-n with the top bit set. */
function setResolution(found: Interface, value: number): void {
  const exponent = value & 0x7f;
  if (value >= 0x80) {
    found.multiplier = 1_000_000_000n;
    found.divisor = 1n << BigInt(exponent);
  } else if (exponent <= 9) {
    found.multiplier = 10n ** BigInt(9 - exponent);
    found.divisor = 1n;
  } else {
    found.multiplier = 1n;
    found.divisor = 10n ** BigInt(exponent - 9);
  }
}

/**
 * if_fcslen in bytes. The specification says bits, its own example (4) and Wireshark say bytes:
 * no FCS has fewer than 8 bits or more than 7 bytes, so the value tells which was meant.
 */
function fcsBytesOf(value: number): number {
  return value < 8 ? value : value >>> 3;
}

const halves = new Uint32Array(2);
const whole = new BigUint64Array(halves.buffer);
/** Where the high half stands in a 64-bit number of this machine. */
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/** The time at `at` (high half first) in nanoseconds since 1970. */
export function timeOf(view: DataView, at: number, littleEndian: boolean, found: Interface): bigint {
  const high = view.getUint32(at, littleEndian);
  const low = view.getUint32(at + 4, littleEndian);
  let ticks: bigint;
  if (high < 0x200000) ticks = BigInt(high * 0x100000000 + low);
  else {
    halves[HIGH] = high;
    halves[1 - HIGH] = low;
    ticks = whole[0] ?? 0n;
  }
  if (found.multiplier !== 1n) ticks *= found.multiplier;
  if (found.divisor !== 1n) ticks /= found.divisor;
  return found.offsetNs === 0n ? ticks : ticks + found.offsetNs;
}
