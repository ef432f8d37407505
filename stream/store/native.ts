/**
 * ClickHouse's Native format for clients that name a protocol revision (`client_protocol_version`), as Go's driver and with
 * it Grafana's data source does. The engine writes revision 0: blocks without info and columns without the flag of custom
 * serialization. Both are put in here, for which the columns must be walked.
 *
 * block (revision > 0):  block info, varint columns, varint rows, columns
 * block info:            varint 1, u8 overflows, varint 2, i32 bucket, varint 0
 * column:                string name, string type, (>= 54454) u8 has custom serialization, state prefixes, data
 */
import { StoreError } from './errors.ts';

/** First revision with the flag before each column's data, and first one with a longer block info than we write. */
const CUSTOM_SERIALIZATION = 54_454;
const OUT_OF_ORDER_BUCKETS = 54_480;

const BLOCK_INFO = Uint8Array.of(1, 0, 2, 0xff, 0xff, 0xff, 0xff, 0);
const NO_CUSTOM_SERIALIZATION = Uint8Array.of(0);

/** Whether a client of this revision can be answered; throws with what to do where it cannot. */
export function checkRevision(revision: number): void {
  if (revision < OUT_OF_ORDER_BUCKETS) return;
  throw StoreError.of(48, `client_protocol_version ${revision} is newer than the embedded store writes (below ${OUT_OF_ORDER_BUCKETS}). `
    + 'Use a format with names and types such as RowBinaryWithNamesAndTypes, or leave the parameter out');
}

/** Blocks of revision 0, whole, as blocks of the given revision. */
export function withRevision(bytes: Uint8Array, revision: number): Uint8Array {
  if (revision === 0) return bytes;
  const walk = new Walk(bytes);
  const pieces: Uint8Array[] = [];
  while (walk.at < bytes.length) {
    pieces.push(BLOCK_INFO);
    let from = walk.at;
    const columns = walk.varint();
    const rows = walk.varint();
    for (let column = 0; column < columns; column++) {
      walk.string();
      const type = parseType(walk.string());
      if (revision >= CUSTOM_SERIALIZATION) {
        pieces.push(bytes.subarray(from, walk.at), NO_CUSTOM_SERIALIZATION);
        from = walk.at;
      }
      if (rows === 0) continue;
      walk.prefixes(type);
      walk.data(type, rows);
    }
    pieces.push(bytes.subarray(from, walk.at));
  }
  return Buffer.concat(pieces);
}

/** What is needed to step over a column of a type. */
type Type =
  | { readonly kind: 'fixed'; readonly bytes: number }
  | { readonly kind: 'string' }
  | { readonly kind: 'nullable' | 'array' | 'dictionary'; readonly of: Type }
  | { readonly kind: 'tuple'; readonly of: readonly Type[] };

const FIXED_BYTES: Readonly<Record<string, number>> = {
  UInt8: 1, UInt16: 2, UInt32: 4, UInt64: 8, UInt128: 16, UInt256: 32, Int8: 1, Int16: 2, Int32: 4, Int64: 8, Int128: 16, Int256: 32,
  BFloat16: 2, Float32: 4, Float64: 8, Bool: 1, Date: 2, Date32: 4, DateTime: 4, DateTime64: 8, Enum8: 1, Enum16: 2, UUID: 16, IPv4: 4, IPv6: 16, Nothing: 1,
};

function parseType(text: string): Type {
  const bracket = text.indexOf('(');
  const name = bracket === -1 ? text : text.slice(0, bracket);
  const inner = bracket === -1 ? '' : text.slice(bracket + 1, -1);
  const fixed = FIXED_BYTES[name];
  if (fixed !== undefined) return { kind: 'fixed', bytes: fixed };
  if (name.startsWith('Interval')) return { kind: 'fixed', bytes: 8 };
  if (name === 'String') return { kind: 'string' };
  if (name === 'FixedString') return { kind: 'fixed', bytes: Number(inner) };
  if (name === 'Decimal') return { kind: 'fixed', bytes: decimalBytes(Number(inner.split(',')[0])) };
  if (name === 'Nullable') return { kind: 'nullable', of: parseType(inner) };
  if (name === 'Array') return { kind: 'array', of: parseType(inner) };
  if (name === 'LowCardinality') return { kind: 'dictionary', of: withoutNull(parseType(inner)) };
  if (name === 'Tuple') return tuple(inner);
  if (name === 'Map' || name === 'Nested') return { kind: 'array', of: tuple(inner) };
  throw StoreError.of(48, `The embedded store cannot send a column of type ${text.slice(0, 100)} to a client that names client_protocol_version. `
    + 'Cast it, such as with toString()');
}

function decimalBytes(precision: number): number {
  if (precision <= 9) return 4;
  if (precision <= 18) return 8;
  return precision <= 38 ? 16 : 32;
}

/** A dictionary keeps NULL as its first key, without a map of nulls. */
function withoutNull(type: Type): Type {
  return type.kind === 'nullable' ? type.of : type;
}

/** Members with or without names: `a UInt8, b Tuple(c String)`. */
function tuple(members: string): Type {
  return { kind: 'tuple', of: splitMembers(members).map((member) => parseType(withoutName(member))) };
}

function splitMembers(text: string): string[] {
  const members: string[] = [];
  let depth = 0;
  let quote = '';
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!;
    if (quote !== '') {
      if (sign === '\\') at += 1;
      else if (sign === quote) quote = '';
    } else if (sign === "'" || sign === '`') quote = sign;
    else if (sign === '(') depth += 1;
    else if (sign === ')') depth -= 1;
    else if (sign === ',' && depth === 0) {
      members.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  return [...members, text.slice(from).trim()].filter((member) => member !== '');
}

function withoutName(member: string): string {
  const [, rest] = /^(?:`(?:[^`\\]|\\.)*`|\w+) +(\w.*)$/s.exec(member) ?? [];
  return rest ?? member;
}

/** Index width and flags of a dictionary's rows (SerializationLowCardinality). */
const INDEX_WIDTH_MASK = 0xffn;
const HAS_GLOBAL_DICTIONARY = 1n << 8n;
const HAS_ADDITIONAL_KEYS = 1n << 9n;

/** A place in the bytes; every step checks that it stays within them. */
class Walk {
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#view.getUint8(this.at);
      this.at += 1;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  string(): string {
    const length = this.varint();
    const from = this.at;
    this.#skip(length);
    return Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + from, length).toString('utf8');
  }

  /** What stands before the data of the whole column. */
  prefixes(type: Type): void {
    if (type.kind === 'dictionary') this.#skip(8);
    else if (type.kind === 'nullable' || type.kind === 'array') this.prefixes(type.of);
    else if (type.kind === 'tuple') for (const member of type.of) this.prefixes(member);
  }

  data(type: Type, rows: number): void {
    if (type.kind === 'fixed') this.#skip(rows * type.bytes);
    else if (type.kind === 'string') for (let row = 0; row < rows; row++) this.#skip(this.varint());
    else if (type.kind === 'tuple') this.#tuple(type.of, rows);
    else if (type.kind === 'array') this.data(type.of, this.#lastOffset(rows));
    else if (type.kind === 'dictionary') this.#dictionary(type.of, rows);
    else {
      this.#skip(rows);
      this.data(type.of, rows);
    }
  }

  /** A tuple without members has a byte a row. */
  #tuple(members: readonly Type[], rows: number): void {
    if (members.length === 0) this.#skip(rows);
    for (const member of members) this.data(member, rows);
  }

  #lastOffset(rows: number): number {
    this.#skip(rows * 8);
    return rows === 0 ? 0 : Number(this.#view.getBigUint64(this.at - 8, true));
  }

  #dictionary(keys: Type, rows: number): void {
    for (let done = 0; done < rows;) {
      const flags = this.#u64();
      if ((flags & HAS_GLOBAL_DICTIONARY) !== 0n) this.data(keys, Number(this.#u64()));
      if ((flags & HAS_ADDITIONAL_KEYS) !== 0n) this.data(keys, Number(this.#u64()));
      const count = Number(this.#u64());
      this.#skip(count * 2 ** Number(flags & INDEX_WIDTH_MASK));
      if (count === 0) throw new RangeError('a dictionary of no rows');
      done += count;
    }
  }

  #u64(): bigint {
    const value = this.#view.getBigUint64(this.at, true);
    this.at += 8;
    return value;
  }

  #skip(count: number): void {
    this.at += count;
    if (this.at > this.#bytes.length) throw new RangeError(`a column of the result ends at ${this.at} of ${this.#bytes.length} bytes`);
  }
}
