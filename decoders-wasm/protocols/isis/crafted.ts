/** For tests: IS-IS PDUs made by hand, and a decoder fed with them frame by frame. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DecoderInstance } from '../../host/instance.ts';
import { readRows, type Row } from '../../contract/row-reader.ts';
import { tables } from '../../contract/generated/tables.ts';

export type Bytes = readonly number[];

export const u16 = (value: number): Bytes => [value >>> 8 & 0xff, value & 0xff];
export const u32 = (value: number): Bytes => [...u16(value >>> 16), ...u16(value)];
/** `0000.0000.000n`, n in hexadecimal. */
export const system = (n: number): Bytes => [0, 0, 0, n >>> 16 & 0xff, n >>> 8 & 0xff, n & 0xff];
/** The station address of router n. */
export const snpa = (n: number): Bytes => [2, 0, 0, 0, n, 1];
export const tlv = (type: number, value: Bytes): Bytes => [type, value.length, ...value];
export const areas = (...list: Bytes[]): Bytes => tlv(1, list.flatMap((area) => [area.length, ...area]));
export const AREA_1: Bytes = [0x49, 0, 1];
export const AREA_2: Bytes = [0x49, 0, 2];
export const neighbors = (...list: number[]): Bytes => tlv(6, list.flatMap((n) => [...snpa(n)]));
/** TLV 240: 0 up, 1 initializing, 2 down. */
export const threeWay = (state: number, circuit: number, neighbor?: number, neighborCircuit = 1): Bytes =>
  tlv(240, [state, ...u32(circuit), ...(neighbor === undefined ? [] : [...system(neighbor), ...u32(neighborCircuit)])]);

function header(type: number, length: number): Bytes {
  return [0x83, length, 1, 0, type, 1, 0, 0];
}

/** LAN hello of router n at a level. */
export function lanHello(n: number, level: 1 | 2, hold: number, tlvs: Bytes, lanId: Bytes = [0, 0, 0, 0, 0, 0, 0]): Bytes {
  return [...header(14 + level, 27), 3, ...system(n), ...u16(hold), ...u16(27 + tlvs.length), 64, ...lanId, ...tlvs];
}

/** Point-to-point hello of router n; circuit type 1, 2 or 3. */
export function p2pHello(n: number, circuitType: number, hold: number, tlvs: Bytes): Bytes {
  return [...header(17, 20), circuitType, ...system(n), ...u16(hold), ...u16(20 + tlvs.length), 1, ...tlvs];
}

/** LSP `n.pseudonode-fragment` with a checksum that holds (ISO 8473 annex C). */
export function lsp(n: number, sequence: number, tlvs: Bytes, options: { level?: 1 | 2; lifetime?: number; pseudonode?: number; fragment?: number; bits?: number } = {}): Bytes {
  const { level = 2, lifetime = 1199, pseudonode = 0, fragment = 0, bits = 3 } = options;
  const pdu = [...header(level === 1 ? 18 : 20, 27), ...u16(27 + tlvs.length), ...u16(lifetime), ...system(n), pseudonode, fragment,
    ...u32(sequence), 0, 0, bits, ...tlvs];
  if (lifetime === 0) return pdu;
  let [c0, c1] = [0, 0];
  for (let at = 12; at < pdu.length; at++) {
    c0 = (c0 + pdu[at]!) % 255;
    c1 = (c1 + c0) % 255;
  }
  // Position of the field from the begin of what is covered: 24 - 12.
  const rest = pdu.length - 12 - 12 - 1;
  let x = (rest * c0 - c1) % 255;
  if (x <= 0) x += 255;
  let y = 510 - c0 - x;
  if (y > 255) y -= 255;
  pdu[24] = x;
  pdu[25] = y;
  return pdu;
}

/** CSNP of router n over all ids, with entries [router, fragment, sequence]. */
export function csnp(n: number, level: 1 | 2, ...entries: [number, number, number][]): Bytes {
  const tlvs = tlv(9, entries.flatMap(([of, fragment, sequence]) => [...u16(1199), ...system(of), 0, fragment, ...u32(sequence), 0, 0]));
  return [...header(23 + level, 33), ...u16(33 + tlvs.length), ...system(n), 0, ...Array<number>(8).fill(0), ...Array<number>(8).fill(255), ...tlvs];
}

/** TLV 22: neighbours as [router, pseudonode, metric]. */
export const reach = (...list: [number, number, number][]): Bytes =>
  tlv(22, list.flatMap(([n, pseudonode, metric]) => [...system(n), pseudonode, 0, ...u16(metric), 0]));
/** TLV 135: prefixes 10.n.0.0/16 with a metric. */
export const prefixes = (...list: [number, number][]): Bytes => tlv(135, list.flatMap(([n, metric]) => [...u32(metric), 16, 10, n]));
export const hostname = (name: string): Bytes => tlv(137, [...Buffer.from(name)]);

const SECOND = 1_000_000_000n;
const START = 1_795_000_000n * SECOND;
const module = new WebAssembly.Module(readFileSync(join(import.meta.dirname, '../../../build/wasm/isis.wasm')));

/** A decoder with two taps and two links; times are seconds since its start. */
export class Bench {
  decoder: DecoderInstance;
  readonly rows: (Row & { table: string })[] = [];
  private frame = 0;
  private readonly memoryLimitBytes: number;

  constructor(seed = 1n, memoryLimitBytes = 1 << 28) {
    this.memoryLimitBytes = memoryLimitBytes;
    this.decoder = this.fresh(seed);
  }

  /** A fresh instance of another seed takes over from an export, which it must give back byte for byte. */
  reload(seed: bigint): this {
    const state = this.decoder.exportState();
    this.decoder = this.fresh(seed);
    this.decoder.importState(state);
    if (!Buffer.from(this.decoder.exportState()).equals(Buffer.from(state))) throw new Error(`another export after import, frame ${this.frame}, seed ${seed}`);
    return this;
  }

  private fresh(seed: bigint): DecoderInstance {
    const decoder = new DecoderInstance({ name: 'isis', module, seed, memoryLimitBytes: this.memoryLimitBytes });
    for (const tap of [0, 1]) decoder.addTap(tap, new Uint8Array(16).fill(tap + 1), 0n);
    for (const link of [0, 1]) decoder.addContext(link, 0, link, new Uint8Array(16).fill(9));
    return decoder;
  }

  /** Shows a PDU that router `from` sends at `seconds`; `from` undefined: a link without addresses. */
  send(seconds: number, from: number | undefined, pdu: Bytes, options: { tap?: number; link?: number; flags?: number; cut?: number } = {}): this {
    const layers = from === undefined ? [0xfe, 0xfe, 3] : [1, 0x80, 0xc2, 0, 0, 0x14, ...snpa(from), ...u16(pdu.length + 3), 0xfe, 0xfe, 3];
    const all = [...layers, ...pdu];
    const bytes = Buffer.from(options.cut === undefined ? all : all.slice(0, layers.length + options.cut));
    const record = Buffer.alloc(Math.ceil((64 + bytes.length) / 8) * 8);
    record.writeUInt32LE(record.length, 0);
    record.writeUInt16LE(options.tap ?? 0, 4);
    record[7] = 1;
    record.writeBigUInt64LE(Bench.time(seconds), 8);
    record.writeBigUInt64LE(BigInt(++this.frame), 16);
    record.writeUInt32LE(options.link ?? 0, 24);
    record.writeUInt32LE(all.length, 28);
    record.writeUInt32LE(bytes.length, 32);
    record.writeUInt32LE(pdu.length, 36);
    record.writeUInt16LE(from === undefined ? 0xffff : 0, 40);
    record.writeUInt16LE(0xffff, 42);
    record.writeUInt16LE(layers.length, 44);
    record.writeUInt16LE((options.flags ?? 0) | (options.cut === undefined ? 0 : 4), 46);
    // The second link is a VLAN of the same tap.
    record.writeUInt32LE(options.link === 1 ? 0xffff0014 : 0xffffffff, 48);
    bytes.copy(record, 64);
    this.decoder.process(0n, this.frame, record, this.take);
    return this;
  }

  /** The clocks of all taps (or of one) reach `seconds`. */
  tick(seconds: number, tap = 0xffff): this {
    this.decoder.tick(tap, Bench.time(seconds), this.take);
    return this;
  }

  /** `why` as in the contract: 1 closed, 4 frames were missed. */
  closeTap(tap: number, why = 1): this {
    this.decoder.closeTap(tap, why, this.take);
    return this;
  }

  openTap(tap: number): this {
    this.decoder.addTap(tap, new Uint8Array(16).fill(tap + 1), 0n);
    return this;
  }

  /** Rows of a table as `time: text`, and forgets all rows. */
  drain(table: string, text: (row: Row) => string): string[] {
    const found = this.rows.filter((row) => row.table === table).map((row) => `${Bench.seconds(row['time'])}: ${text(row)}`);
    this.rows.length = 0;
    return found;
  }

  /** Adjacency rows as `seconds: rN>rM L state>state reason`. */
  adjacencies(): string[] {
    return this.drain('adjacency_events', (row) => `r${last(row['router'])}>r${last(row['neighbor'])} L${String(row['level'])} ${String(row['prev_state'])}>${String(row['state'])} ${String(row['reason'])}`);
  }

  static seconds(time: unknown): number {
    return Number((time as bigint) - START) / 1e9;
  }

  private static time(seconds: number): bigint {
    return START + BigInt(Math.round(seconds * 1e6)) * 1000n;
  }

  private readonly take = (drained: { blocks: readonly { table: number; bytes: Uint8Array }[] }): void => {
    for (const block of drained.blocks) {
      const table = tables.find((one) => one.id === block.table)!.name;
      for (const row of readRows(block.table, block.bytes)) this.rows.push({ ...row, table });
    }
  };
}

function last(id: unknown): number {
  return Number(String(id).slice(-4));
}
