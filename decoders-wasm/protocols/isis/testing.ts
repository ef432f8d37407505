/** For tests: a decoder fed with PDUs frame by frame, and its rows. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DecoderInstance } from '../../host/instance.ts';
import { readRows, type Row } from '../../contract/row-reader.ts';
import { tables } from '../../contract/generated/tables.ts';
import { type Bytes, snpa, u16 } from './crafted.ts';

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
