/** Collects the rows of a stretch: each byte is copied once, from the module's memory to the block that travels on. */
import type { Codes } from './codes.ts';
import type { HostRow } from './host-rows.ts';
import type { Drained, RowBlock } from './instance.ts';
import type { Stretch } from './stretch.ts';

/** Rows of one table that travel together at most, bytes. */
const MOST_BLOCK_BYTES = 4 << 20;
const LEAST_ROOM_BYTES = 1 << 12;

export class Output {
  private readonly tables = new Map<number, TableRows>();
  private readonly contexts = new Set<number>();
  private readonly taps = new Set<number>();
  private readonly codes: Codes;
  private readonly expected: Map<number, number>;

  /** `expected`: bytes by table that the stretch before had; brought up to date at the end. */
  constructor(codes: Codes, expected: Map<number, number>) {
    this.codes = codes;
    this.expected = expected;
  }

  readonly drain = (rows: Drained): void => {
    for (const block of rows.blocks) this.table(block.table).add(block);
    for (const code of rows.contexts) this.contexts.add(code);
    for (const code of rows.taps) this.taps.add(code);
  };

  /** Rows that the host itself made. */
  host(block: HostRow): void {
    this.drain({ blocks: [block], contexts: [block.context], taps: [block.tap] });
  }

  stretch(): Stretch {
    for (const [table, rows] of this.tables) this.expected.set(table, rows.bytes);
    return {
      blocks: [...this.tables.values()].flatMap((rows) => rows.blocks()),
      contexts: [...this.contexts].map((code) => this.codes.contexts[code]!),
      taps: [...this.taps].map((code) => this.codes.taps[code]!),
    };
  }

  private table(table: number): TableRows {
    let rows = this.tables.get(table);
    if (rows === undefined) this.tables.set(table, rows = new TableRows(table, this.expected.get(table) ?? 0));
    return rows;
  }
}

/** The rows of one table in blocks of about MOST_BLOCK_BYTES, none split within a row, each in memory of its own. */
class TableRows {
  bytes = 0;
  private readonly table: number;
  private readonly expected: number;
  private readonly done: RowBlock[] = [];
  private room: Uint8Array = new Uint8Array(0);
  private used = 0;
  private rows = 0;

  constructor(table: number, expected: number) {
    this.table = table;
    this.expected = expected;
  }

  add(block: RowBlock): void {
    const { length } = block.bytes;
    if (this.used > 0 && this.used + length > MOST_BLOCK_BYTES) this.close();
    if (this.used + length > this.room.length) this.grow(length);
    this.room.set(block.bytes, this.used);
    this.used += length;
    this.rows += block.rows;
    this.bytes += length;
  }

  blocks(): RowBlock[] {
    if (this.used > 0) this.close();
    return this.done;
  }

  /** Room for what the stretch before would still need, at least twice what there is. */
  private grow(length: number): void {
    const likely = Math.min(Math.max(this.expected - this.bytes, this.used * 2, LEAST_ROOM_BYTES), MOST_BLOCK_BYTES);
    const larger = uninitialised(Math.max(this.used + length, likely));
    larger.set(this.room.subarray(0, this.used));
    this.room = larger;
  }

  /** Little slack is passed on; much of it is given back by a copy. */
  private close(): void {
    const filled = this.room.subarray(0, this.used);
    this.done.push({ table: this.table, rows: this.rows, bytes: this.used * 2 < this.room.length ? filled.slice() : filled });
    this.room = new Uint8Array(0);
    this.used = 0;
    this.rows = 0;
  }
}

/** Bytes that are all written before they are read, in a buffer of their own. */
function uninitialised(bytes: number): Uint8Array {
  const { buffer } = Buffer.allocUnsafeSlow(bytes);
  return new Uint8Array(buffer);
}
