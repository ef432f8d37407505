/** Narrow rows (RowBinary of a published layout) as objects with every column named as it is stored. */
import { ipv6Text, itemText, prefixText, uuidText } from './column-text.ts';
import { layouts, tables } from './generated/tables.ts';
import type { LayoutColumn, StoredColumn, TableData } from './table-data.ts';

/** What a context code stands for; `addresses` are those of the session key, in its order. */
export interface ContextNames {
  readonly key: string;
  readonly domain: string;
  readonly networkInstance: string;
  readonly link: string;
  readonly addresses?: readonly [string, string];
}

export interface TapNames {
  readonly tap: string;
  readonly collector: string;
}

export interface RowCodes {
  readonly contexts: ReadonlyMap<number, ContextNames>;
  readonly taps: ReadonlyMap<number, TapNames>;
}

/** Times are bigint ns since 1970 UTC; hashes and 64-bit numbers bigint; binary columns hex text. */
export type RowValue = string | number | bigint | boolean | null | readonly string[] | readonly number[];
export type Row = Readonly<Record<string, RowValue>>;

/** The bytes do not follow the layout. */
export class RowError extends Error {
  readonly offset: number;

  constructor(what: string, offset: number) {
    super(`${what} at byte ${offset} of the rows`);
    this.name = 'RowError';
    this.offset = offset;
  }
}

/** The tables whose rows decoders make of frames. */
export const decodedTables: readonly TableData[] = tables.filter((table) => table.source === undefined);

const byId = new Map(tables.map((table) => [table.id, table]));
const byName = new Map(tables.map((table) => [table.name, table]));

/** The table's data by id, name or layout id (`4.1`); throws RangeError when the catalogue has none. */
export function tableOf(table: number | string): TableData {
  const found = typeof table === 'number' ? byId.get(table) : byName.get(table) ?? byId.get(Number(table.split('.')[0]));
  if (found === undefined) throw new RangeError(`the catalogue has no table ${table}`);
  return found;
}

/** Columns of a layout id, or of the newest layout of a table id or name. */
export function layoutOf(table: number | string): readonly LayoutColumn[] {
  const id = typeof table === 'string' && layouts[table] !== undefined ? table : tableOf(table).layout;
  if (typeof table === 'string' && /^\d+\.\d+$/.test(table) && layouts[table] === undefined) {
    throw new RangeError(`layout ${table} is not known here; the newest of ${tableOf(table).name} is ${id}`);
  }
  return layouts[id]!;
}

/**
 * Reads whole rows. `table`: id (newest layout), name or layout id. With `codes` the names behind context and tap codes
 * are filled in, else they are empty. `ingest_time`, `decoder_version` and `frame_partition` are the cut's and not here.
 * Throws RowError where bytes end amid a row or a code is unknown.
 */
export function readRows(table: number | string, bytes: Uint8Array, codes?: RowCodes): Row[] {
  const data = tableOf(table);
  const layout = layoutOf(table);
  const reader = new Reader(bytes);
  const rows: Row[] = [];
  while (!reader.ended()) rows.push(storedRow(data, narrowRow(layout, reader, data), codes));
  return rows;
}

/** Byte behind the first `rows` rows; RowError where there are fewer. */
export function endOfRows(table: number | string, bytes: Uint8Array, rows: number): number {
  const data = tableOf(table);
  const layout = layoutOf(table);
  const reader = new Reader(bytes);
  for (let row = 0; row < rows; row++) narrowRow(layout, reader, data);
  return reader.at;
}

/** The rows (and how many they are) whose context code `keeps` takes. */
export function rowsOfContexts(table: number | string, bytes: Uint8Array, keeps: (context: number) => boolean): { readonly rows: number; readonly bytes: Uint8Array } {
  const data = tableOf(table);
  const layout = layoutOf(table);
  const reader = new Reader(bytes);
  const kept: Uint8Array[] = [];
  while (!reader.ended()) {
    const { at } = reader;
    const row = narrowRow(layout, reader, data);
    if (keeps(Number(row.get('context') ?? -1))) kept.push(bytes.subarray(at, reader.at));
  }
  return { rows: kept.length, bytes: Buffer.concat(kept) };
}

/** Number of whole rows, without making objects. */
export function countRows(table: number | string, bytes: Uint8Array): number {
  const data = tableOf(table);
  const layout = layoutOf(table);
  const reader = new Reader(bytes);
  let rows = 0;
  for (; !reader.ended(); rows++) narrowRow(layout, reader, data);
  return rows;
}

type Narrow = Map<string, RowValue | Uint8Array>;

function narrowRow(layout: readonly LayoutColumn[], reader: Reader, data: TableData): Narrow {
  const row: Narrow = new Map();
  for (const column of layout) row.set(column.name, reader.value(column, storedColumn(data, column.name)));
  return row;
}

function storedColumn(data: TableData, name: string): StoredColumn | undefined {
  return data.columns.find((column) => column.name === name);
}

function storedRow(data: TableData, narrow: Narrow, codes: RowCodes | undefined): Row {
  const context = codes?.contexts.get(Number(narrow.get('context') ?? -1));
  const tap = codes?.taps.get(Number(narrow.get('tap') ?? -1));
  const higher = Number(narrow.get('from_higher') ?? 0) === 0 ? 0 : 1;
  const row: Record<string, RowValue> = {};
  for (const column of data.columns) {
    const value = column.name === 'tap' ? tap?.tap ?? '' : madeValue(column, narrow, { data, context, tap, higher });
    if (value !== undefined) row[column.name] = value;
  }
  return row;
}

interface Names {
  readonly data: TableData;
  readonly context: ContextNames | undefined;
  readonly tap: TapNames | undefined;
  readonly higher: 0 | 1;
}

function madeValue(column: StoredColumn, narrow: Narrow, names: Names): RowValue | undefined {
  const value = narrow.get(column.name);
  if (column.joined !== undefined && narrow.get(column.joined.where) === true) return (narrow.get(column.joined.items) as number[]).join(' ');
  if (value !== undefined) return value instanceof Uint8Array ? ipv6Text(value) : value;
  if (column.end === 'this') return names.context?.addresses?.[names.higher] ?? '';
  if (column.end === 'other') return names.context?.addresses?.[names.higher === 0 ? 1 : 0] ?? '';
  switch (column.name) {
    case 'domain': return names.context?.domain ?? '';
    case 'network_instance': return names.context?.networkInstance ?? '';
    case 'link': return names.context?.link ?? '';
    case 'collector': return names.tap?.collector ?? '';
    case 'schema_version': return names.data.version;
    case 'prefix': return prefixText(String(narrow.get('afi_safi')), narrow.get('prefix_address') as Uint8Array, Number(narrow.get('prefix_length')));
    default: return column.wire === 'none' ? undefined : emptyValue(column);
  }
}

/** What a column is in rows that were written before it was added. */
function emptyValue(column: StoredColumn): RowValue {
  if (column.type.startsWith('Nullable')) return null;
  if (column.type.startsWith('Array')) return [];
  if (column.type === 'Bool') return false;
  if (column.wire === 'i64' || column.wire === 'u64' || column.wire === 'hash') return 0n;
  return column.wire === 'u8' || column.wire === 'u16' || column.wire === 'u32' ? 0 : '';
}

const utf8 = new TextDecoder();
const LOWEST = -(2n ** 63n);

class Reader {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  ended(): boolean {
    return this.at >= this.bytes.length;
  }

  value(column: LayoutColumn, stored: StoredColumn | undefined): RowValue | Uint8Array {
    switch (column.wire) {
      case 'u8': return this.take(1)[0]!;
      case 'bool': return this.take(1)[0] !== 0;
      case 'u16': return this.number(2, (at) => this.view.getUint16(at, true));
      case 'u32': return this.number(4, (at) => this.view.getUint32(at, true));
      case 'u64': return this.number(8, (at) => this.view.getBigUint64(at, true));
      case 'i64': return this.signed(stored);
      case 'enum': return this.code(column);
      case 'text': return this.text(stored);
      case 'ipv6': return this.take(16);
      case 'hash': return this.number(16, (at) => this.view.getBigUint64(at, true) | (this.view.getBigUint64(at + 8, true) << 64n));
      case 'uuid': return uuidText(this.take(16));
      case 'nullable-u32': return this.take(1)[0] === 0 ? this.number(4, (at) => this.view.getUint32(at, true)) : null;
      case 'u32-array': return this.items(4).map((item) => new DataView(item.buffer, item.byteOffset).getUint32(0, true));
      case 'bytes4-array': return this.items(4).map((item) => itemText(stored?.text ?? 'dotted-quad', item));
      case 'bytes8-array': return this.items(8).map((item) => itemText('ext-community', item));
      case 'bytes12-array': return this.items(12).map((item) => itemText('large-community', item));
      case 'none': throw new RowError(`column ${column.name} does not travel in rows`, this.at);
    }
  }

  private take(length: number): Uint8Array {
    if (this.at + length > this.bytes.length) throw new RowError('a row ends early', this.at);
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  private number<T>(length: number, read: (at: number) => T): T {
    this.take(length);
    return read(this.at - length);
  }

  private signed(stored: StoredColumn | undefined): RowValue {
    const value = this.number(8, (at) => this.view.getBigInt64(at, true));
    return stored?.type.startsWith('Nullable') === true && value === LOWEST ? null : value;
  }

  private code(column: LayoutColumn): string {
    const code = this.take(1)[0]!;
    const value = column.values?.[code];
    if (value === undefined) throw new RowError(`${column.name} has no value of code ${code}`, this.at - 1);
    return value;
  }

  private text(stored: StoredColumn | undefined): string {
    const bytes = this.take(this.varint());
    return stored?.binary === true ? Buffer.from(bytes).toString('hex') : utf8.decode(bytes);
  }

  private items(size: number): Uint8Array[] {
    const count = this.varint();
    if (count * size > this.bytes.length - this.at) throw new RowError('an array ends early', this.at);
    return Array.from({ length: count }, () => this.take(size));
  }

  private varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.take(1)[0]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RowError('a length has more than five bytes', this.at);
  }
}
