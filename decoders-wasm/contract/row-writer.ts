/** Writes narrow rows from TypeScript: those that the worker makes itself (coverage_events, quarantine), and tests. */
import { addressBytes, itemBytes } from './column-text.ts';
import { murmur128 } from './murmur.ts';
import { layoutOf, tableOf, type RowValue } from './row-reader.ts';
import type { LayoutColumn } from './table-data.ts';

/** What decided a row; the numbers are part of its event_id. */
export const DECIDED_BY_FRAME = 1;
export const DECIDED_BY_DEADLINE = 2;
export const DECIDED_BY_MINUTE = 3;

/** What the event_id is made of, as decoders-wasm/base/assembly/envelope.ts hashes it. */
export interface RowIdentity {
  /** 16 bytes: of the tap (frame, deadline) or of the shadow key (minute). */
  readonly identity: Uint8Array;
  readonly kind: 1 | 2 | 3;
  /** Frame number, deadline in ns of the tap's boot clock, or minute since 1970. */
  readonly number: bigint;
  /** Row key: bytes or text; the first 512 bytes count. */
  readonly key: Uint8Array | string;
  /** Ordinal within that key. */
  readonly keyOrdinal?: number;
}

/** Columns by stored name; what is missing is zero or empty. Times and 64-bit numbers are bigint, binary is hex text. */
export type RowValues = Readonly<Record<string, RowValue | Uint8Array | undefined>>;

const MOST_KEY_BYTES = 512;

/** The event_id of a row as the 16 bytes of a RowBinary UUID. */
export function eventId(table: number | string, identity: RowIdentity): Uint8Array {
  const key = (typeof identity.key === 'string' ? Buffer.from(identity.key) : identity.key).subarray(0, MOST_KEY_BYTES);
  const input = Buffer.alloc(32 + key.length);
  input.set(identity.identity.subarray(0, 16));
  input.writeBigUInt64LE(BigInt.asUintN(64, identity.number), 16);
  input.writeUInt32LE((tableOf(table).id | (identity.kind << 16)) >>> 0, 24);
  input.writeUInt32LE(identity.keyOrdinal ?? 0, 28);
  input.set(key, 32);
  return murmur128(input);
}

/**
 * One narrow row of the table's newest layout. `values.context` and `values.tap` are codes; defaults: the table's first
 * event type, `decided_time` = `time`, evidence received, confidence observed. Throws RangeError on a value that the
 * column cannot hold or a column that the row has not.
 */
export function writeRow(table: number | string, identity: RowIdentity, values: RowValues): Uint8Array {
  const layout = layoutOf(table);
  const unknown = Object.keys(values).find((name) => !layout.some((column) => column.name === name));
  if (unknown !== undefined) throw new RangeError(`a row of ${tableOf(table).name} has no column ${unknown}`);
  const defaults: RowValues = {
    event_id: eventId(table, identity), event_type: tableOf(table).eventTypes[0],
    decided_time: values['time'], evidence: 'received', confidence: 'observed',
  };
  return Buffer.concat(layout.map((column) => {
    const stored = tableOf(table).columns.find((other) => other.name === column.name);
    const value = values[column.name] === undefined ? defaults[column.name] : values[column.name];
    const nullable = stored?.type.startsWith('Nullable') === true;
    return columnBytes(column, value === undefined && nullable ? null : value, stored?.binary === true);
  }));
}

const LOWEST = -(2n ** 63n);

function columnBytes(column: LayoutColumn, value: RowValue | Uint8Array | undefined, binary: boolean): Uint8Array {
  switch (column.wire) {
    case 'u8': case 'u16': case 'u32': return integer(BigInt(number(value)), width(column.wire));
    case 'u64': case 'hash': return integer(bigint(value), column.wire === 'hash' ? 16 : 8);
    case 'i64': return integer(BigInt.asUintN(64, value === null ? LOWEST : bigint(value)), 8);
    case 'bool': return Uint8Array.of(value === true ? 1 : 0);
    case 'enum': return Uint8Array.of(code(column, value));
    case 'text': return text(value, binary);
    case 'ipv6': return value instanceof Uint8Array ? value : addressBytes(value === undefined ? '::' : String(value));
    case 'uuid': return uuidBytes(value);
    case 'nullable-u32': return value === null || value === undefined ? Uint8Array.of(1) : Buffer.concat([Uint8Array.of(0), integer(BigInt(number(value)), 4)]);
    case 'u32-array': return list(items(value).map((item) => integer(BigInt(item), 4)));
    case 'bytes4-array': return list(items(value).map((item) => itemBytes(String(item).includes(':') ? 'community' : 'dotted-quad', String(item))));
    case 'bytes8-array': return list(items(value).map((item) => itemBytes('ext-community', String(item))));
    case 'bytes12-array': return list(items(value).map((item) => itemBytes('large-community', String(item))));
    case 'none': return new Uint8Array();
  }
}

function width(wire: 'u8' | 'u16' | 'u32'): number {
  return wire === 'u8' ? 1 : wire === 'u16' ? 2 : 4;
}

function number(value: RowValue | Uint8Array | undefined): number {
  return value === undefined ? 0 : Number(value);
}

function bigint(value: RowValue | Uint8Array | undefined): bigint {
  return typeof value === 'bigint' ? value : BigInt(number(value));
}

function integer(value: bigint, bytes: number): Uint8Array {
  if (value < 0n || value >= 1n << BigInt(bytes * 8)) throw new RangeError(`${value} does not fit into ${bytes} bytes`);
  const out = new Uint8Array(bytes);
  for (let i = 0; i < bytes; i++) out[i] = Number((value >> BigInt(i * 8)) & 0xffn);
  return out;
}

function code(column: LayoutColumn, value: RowValue | Uint8Array | undefined): number {
  if (value === undefined) return 0;
  const found = column.values?.indexOf(String(value)) ?? -1;
  if (found < 0) throw new RangeError(`${column.name} has no value \`${String(value)}\``);
  return found;
}

function text(value: RowValue | Uint8Array | undefined, binary: boolean): Uint8Array {
  const bytes = value instanceof Uint8Array ? value : Buffer.from(value === undefined ? '' : String(value), binary ? 'hex' : 'utf8');
  return Buffer.concat([varint(bytes.length), bytes]);
}

function uuidBytes(value: RowValue | Uint8Array | undefined): Uint8Array {
  if (value instanceof Uint8Array) return value;
  const bytes = Buffer.from(String(value).replaceAll('-', ''), 'hex');
  return Buffer.concat([bytes.subarray(0, 8).reverse(), bytes.subarray(8, 16).reverse()]);
}

function items(value: RowValue | Uint8Array | undefined): readonly (string | number)[] {
  return Array.isArray(value) ? value as readonly (string | number)[] : [];
}

function list(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([varint(parts.length), ...parts]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 128)) bytes.push((value & 0x7f) | 0x80);
  return Uint8Array.of(...bytes, value);
}
