/** Collects the rows of a stretch: each byte is copied once, from the module's memory to the block that travels on. */
import { rowsOfContexts } from '../contract/row-reader.ts';
import type { Codes } from './codes.ts';
import type { HostRow } from './host-rows.ts';
import { type Drained, type RowBlock, UnbelievableRows } from './instance.ts';
import type { Stretch } from './stretch.ts';

/** Rows of one table that travel together at most, bytes. */
const MOST_BLOCK_BYTES = 4 << 20;
const LEAST_ROOM_BYTES = 1 << 12;
/** Buffers of rows that were given back, kept at most; smaller ones are not worth it. */
const MOST_SPARE = 8;
const LEAST_SPARE_BYTES = 1 << 18;

/** Buffers whose rows nobody needs any more: memory that is used again costs no page faults and no garbage collection. */
export class SpareBuffers {
  /** Whether buffers are given back once their rows are used: then room in them that was not needed is not lost. */
  comesBack = false;
  private readonly spare: ArrayBuffer[] = [];

  /** Takes back the rows of a stretch, of which nobody may hold a view any more. */
  giveBack(stretch: Stretch): void {
    this.comesBack = true;
    for (const { bytes } of stretch.blocks) this.keep(bytes);
  }

  /** Takes back the buffer of one array. */
  keep({ buffer }: Uint8Array): void {
    if (!(buffer instanceof ArrayBuffer) || buffer.byteLength < LEAST_SPARE_BYTES || this.spare.length >= MOST_SPARE) return;
    if (!this.spare.includes(buffer)) this.spare.push(buffer);
  }

  /** A buffer of at least so many bytes, of which all that is read must be written first. */
  take(bytes: number): Uint8Array {
    const index = bytes < LEAST_SPARE_BYTES ? -1 : this.spare.findIndex(({ byteLength }) => byteLength >= bytes);
    const [buffer] = index < 0 ? [Buffer.allocUnsafeSlow(bytes).buffer] : this.spare.splice(index, 1);
    return new Uint8Array(buffer!);
  }
}

export class Output {
  private readonly tables = new Map<string, TableRows>();
  private readonly contexts = new Set<number>();
  private readonly taps = new Set<number>();
  private readonly codes: Codes;
  private readonly expected: Map<string, number>;
  private readonly spare: SpareBuffers;

  /** `expected`: bytes by layout that the stretch before had; brought up to date at the end. */
  constructor(codes: Codes, expected: Map<string, number>, spare: SpareBuffers) {
    this.codes = codes;
    this.expected = expected;
    this.spare = spare;
  }

  readonly drain = (drained: Drained): void => {
    const rows = this.codes.retired.size === 0 ? drained : withoutRetired(drained, this.codes);
    for (const block of rows.blocks) this.table(block).add(block);
    for (const code of rows.contexts) this.contexts.add(known(code, this.codes.contexts, 'context'));
    for (const code of rows.taps) this.taps.add(known(code, this.codes.taps, 'tap'));
  };

  /** Rows that the host itself made. */
  host(block: HostRow): void {
    this.table(block).add(block);
    this.contexts.add(block.context);
    this.taps.add(block.tap);
  }

  stretch(): Stretch {
    for (const [layout, rows] of this.tables) this.expected.set(layout, rows.bytes);
    return {
      blocks: [...this.tables.values()].flatMap((rows) => rows.blocks()),
      contexts: [...this.contexts].map((code) => this.codes.contexts[code]!),
      taps: [...this.taps].map((code) => this.codes.taps[code]!),
    };
  }

  private table({ table, layout }: RowBlock): TableRows {
    let rows = this.tables.get(layout);
    if (rows === undefined) this.tables.set(layout, rows = new TableRows({ table, layout }, this.expected.get(layout) ?? 0, this.spare));
    return rows;
  }
}

/** The rows of one layout in blocks of about MOST_BLOCK_BYTES, none split within a row, each in memory of its own. */
class TableRows {
  bytes = 0;
  private readonly of: Pick<RowBlock, 'table' | 'layout'>;
  private readonly expected: number;
  private readonly spare: SpareBuffers;
  private readonly done: RowBlock[] = [];
  private room: Uint8Array = new Uint8Array(0);
  private used = 0;
  private rows = 0;

  constructor(of: Pick<RowBlock, 'table' | 'layout'>, expected: number, spare: SpareBuffers) {
    this.of = of;
    this.expected = expected;
    this.spare = spare;
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
    const larger = this.spare.take(Math.max(this.used + length, likely));
    larger.set(this.room.subarray(0, this.used));
    this.spare.keep(this.room);
    this.room = larger;
  }

  /** Little slack is passed on to those who keep the rows; much of it is given back by a copy. */
  private close(): void {
    const filled = this.room.subarray(0, this.used);
    const slack = !this.spare.comesBack && this.used * 2 < this.room.length;
    this.done.push({ ...this.of, rows: this.rows, bytes: slack ? filled.slice() : filled });
    if (slack) this.spare.keep(this.room);
    this.room = new Uint8Array(0);
    this.used = 0;
    this.rows = 0;
  }
}

/** What a decoder says of contexts that were reset is not passed on: to us their state is gone. */
function withoutRetired(rows: Drained, { retired }: Codes): Drained {
  if (!rows.contexts.some((code) => retired.has(code))) return rows;
  const blocks = rows.blocks.map((block) => ({ ...block, ...rowsOfContexts(block.layout, block.bytes, (code) => !retired.has(code)) }));
  return { blocks: blocks.filter((block) => block.rows > 0), contexts: rows.contexts.filter((code) => !retired.has(code)), taps: rows.taps };
}

function known(code: number, list: readonly unknown[], what: string): number {
  if (code >= list.length) throw new UnbelievableRows(`gave rows of ${what} ${code}, which it was never told of`);
  return code;
}
