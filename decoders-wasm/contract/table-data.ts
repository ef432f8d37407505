/** Shapes of the generated table data. */

/** How a column travels in a narrow row; decoders-wasm/catalogue/define.ts says what each means. */
export type Wire = 'u8' | 'u16' | 'u32' | 'u64' | 'i64' | 'bool' | 'enum' | 'text' | 'ipv6' | 'hash' | 'uuid'
  | 'nullable-u32' | 'u32-array' | 'bytes4-array' | 'bytes8-array' | 'bytes12-array' | 'none';

export interface LayoutColumn {
  readonly name: string;
  readonly wire: Wire;
  /** For `enum`: the strings by code. */
  readonly values?: readonly string[];
}

export interface StoredColumn {
  readonly name: string;
  /** ClickHouse type. */
  readonly type: string;
  readonly wire: Wire;
  /** Made from the addresses of the session key: that which `from_higher` picks, or the other. */
  readonly end?: 'this' | 'other';
  readonly text?: 'community' | 'large-community' | 'ext-community' | 'dotted-quad';
  /** Where the Bool column `where` of the narrow row holds, the text is the items of the array `items` with blanks between. */
  readonly joined?: { readonly items: string; readonly where: string };
  readonly binary?: true;
  /** The table itself makes it (DEFAULT or ALIAS). */
  readonly computed?: true;
}

export interface TableData {
  readonly id: number;
  readonly name: string;
  readonly kind: 'fact' | 'sighting';
  /** `reports`: made behind the worker; else decoders make its rows of frames. */
  readonly source?: 'reports';
  /** Newest layout and its id. */
  readonly version: number;
  readonly layout: string;
  readonly eventTypes: readonly string[];
  /** Columns as stored, envelope first. */
  readonly columns: readonly StoredColumn[];
}
