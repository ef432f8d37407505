/** What a table of the catalogue says; everything about an event is generated from these. */

/**
 * How a column travels in a narrow row (RowBinary): integers little endian; `enum` a UInt8 code (index into `values`);
 * `text` a String; `ipv6` 16 bytes; `hash` 16 bytes (UInt128); `u32-array` UInt32s; `bytes4-array`, `bytes8-array`,
 * `bytes12-array` arrays of FixedStrings in network order; `none` not in the row: made from codes, cut or `clause`.
 * An `i64` of a Nullable type is NULL at the lowest value.
 */
export type Wire = 'u8' | 'u16' | 'u32' | 'u64' | 'i64' | 'bool' | 'enum' | 'text' | 'ipv6' | 'hash' | 'uuid'
  | 'nullable-u32' | 'u32-array' | 'bytes4-array' | 'bytes8-array' | 'bytes12-array' | 'none';

export interface Column {
  readonly name: string;
  /** ClickHouse type as stored. */
  readonly type: string;
  readonly wire: Wire;
  /** One sentence for people: what it says, in the standards' terms. */
  readonly meaning: string;
  readonly unit?: string;
  readonly codec?: string;
  /** For `enum`: the strings by code, from 0. */
  readonly values?: readonly string[];
  /** For `enum`: prefix of the generated constants; columns with one prefix share them. */
  readonly constants?: string;
  /** For `none`: made from the addresses of the session key: `from_higher` picks `this` end, the rest is the `other`. */
  readonly end?: 'this' | 'other';
  /** For the byte arrays: how an item is written as text. */
  readonly text?: 'community' | 'large-community' | 'ext-community' | 'dotted-quad';
  /** For `text`: empty in the narrow row where the Bool column `where` holds, and then the items of the array `items` with blanks between. */
  readonly joined?: { readonly items: string; readonly where: string };
  /** For `text`: bytes, not UTF-8; shown in hex outside SQL. */
  readonly binary?: true;
  /** False: travels in the narrow row only, as a code for other columns. */
  readonly stored?: false;
  /** DEFAULT or ALIAS clause of the stored column (`wire: 'none'`). */
  readonly clause?: string;
  /** Number of the migration that adds it to a store that was made before; stands behind all columns without. */
  readonly migration?: number;
  /** Leaf of the IETF YANG module that it is named after. */
  readonly yang?: string;
}

export interface EventType {
  /** `<protocol>.<IETF YANG notification with underscores>`; the code in the row is its index + 1. */
  readonly name: string;
  readonly meaning: string;
  readonly snmpTrap?: string;
}

/** A table of the newest row for each key, without expiry, kept by a materialised view. */
export interface Current {
  readonly name: string;
  /** Columns that name one thing; also the order key. */
  readonly key: readonly string[];
  /** Key columns that the event table lacks: name, type, SQL over its columns. */
  readonly made?: readonly { readonly name: string; readonly type: string; readonly select: string }[];
  /** Only rows for which this holds. */
  readonly where?: string;
}

export type Severity = 'info' | 'warn' | 'error';

export interface Table {
  /** Stable for ever: it is part of every event id and of every layout. */
  readonly id: number;
  readonly name: string;
  readonly meaning: string;
  /** A fact is written once however many taps saw it, a sighting once for each tap. */
  readonly kind: 'fact' | 'sighting';
  /** `reports`: its rows are made behind the worker and come by the reports topic; else decoders make them of frames. */
  readonly source?: 'reports';
  /** Number of the migration that adds the table to a store that was made before. */
  readonly migration?: number;
  readonly eventTypes: readonly EventType[];
  /** The columns behind the envelope. */
  readonly columns: readonly Column[];
  readonly orderBy: readonly string[];
  /** Days by `ingest_time`; undefined: never expires. */
  readonly retentionDays?: number;
  /** Further clauses in CREATE TABLE (projections, indexes). */
  readonly extra?: readonly string[];
  /** What is current of it. */
  readonly current?: readonly Current[];
  /** Which transitions exist, for people: of what, and `from → to, to`. */
  readonly transitions?: readonly { readonly of: string; readonly steps: readonly string[] }[];
  /** Severity of a row by the value of a column; `info` otherwise. */
  readonly severity?: { readonly column: string; readonly values: Readonly<Record<string, Severity>> };
  /** How the row key of `event_id` is made, for EVENTS.md. */
  readonly rowKey: string;
}

/** The closed list of a table's columns, with the type checked and nothing else done. */
export function defineTable<const T extends Table>(table: T): T {
  return table;
}
