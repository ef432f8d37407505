/** The statement that turns the narrow rows of a cut into stored rows: names for codes, texts for bytes. */
import { layouts, tables } from '../../../decoders-wasm/contract/generated/tables.ts';
import type { ContextNames, TapNames } from '../../../decoders-wasm/contract/row-reader.ts';
import type { LayoutColumn, StoredColumn, TableData } from '../../../decoders-wasm/contract/table-data.ts';

/** What the rows of one cut share. */
export interface InsertCut {
  /** ns since 1970 UTC; decimal or bigint. */
  readonly ingestTimeNs: string | bigint;
  /** Partition of the frames log that the rows came from. */
  readonly partition: number;
  /** `module@version`. */
  readonly decoderVersion: string;
  /** Behind the table's name: on a cluster rows go to the local table (`_local`), when decoding again to staging tables. */
  readonly suffix?: string;
}

export interface InsertCodes {
  readonly contexts: ReadonlyMap<number, ContextNames>;
  readonly taps: ReadonlyMap<number, TapNames>;
}

export interface InsertStatement {
  /** Ends in `FORMAT RowBinary`; the rows are the body. */
  readonly sql: string;
  /** Name of the table without database. */
  readonly table: string;
}

/**
 * `INSERT INTO routewatch.t (...) SELECT ... FROM input('...') FORMAT RowBinary` for rows of a published layout.
 * Throws RangeError for a layout that this version does not know: upgrade the sink before the workers.
 */
export function insertStatement(layoutId: string, codes: InsertCodes, cut: InsertCut): InsertStatement {
  const { table, layout } = find(layoutId);
  const ends = endNames(codes.contexts);
  const made: Made = { table, layout, layoutId, codes, cut };
  const columns = table.columns.filter((column) => column.computed !== true)
    .map((column) => ({ name: column.name, sql: expression(column, made) }))
    .filter((column) => column.sql !== undefined);
  const paired = table.columns.some((column) => column.end !== undefined);
  const sql = [
    `INSERT INTO routewatch.${table.name}${cut.suffix ?? ''} (${columns.map((column) => identifier(column.name)).join(',')})`,
    ...(paired && ends.codes.length > 0 ? [`WITH ${array(ends.codes)} AS end_codes, ${texts(ends.names)} AS end_names`] : []),
    `SELECT ${columns.map((column) => column.sql).join(',')}`,
    `FROM input(${quoteText(clickhouseStructure(layoutId))}) FORMAT RowBinary`,
  ].join(' ');
  return { sql, table: table.name };
}

/** Narrow columns of a layout as ClickHouse reads them: `event_id UUID, event_type Enum8(...), ...`. */
export function clickhouseStructure(layoutId: string): string {
  const { table, layout } = find(layoutId);
  return layout.map((column) => `${column.name} ${narrowType(column, table)}`).join(', ');
}

/**
 * Settings of an insert that is done once however often it is sent: `token` names log, partition, offsets and table.
 * One thread and one block, or a repeat would be cut into other blocks and double.
 */
export function insertSettings(token: string): Record<string, string | number> {
  return {
    async_insert: 0,
    max_insert_threads: 1,
    max_threads: 1,
    insert_deduplicate: 1,
    deduplicate_insert_select: 'force_enable',
    deduplicate_blocks_in_dependent_materialized_views: 1,
    insert_deduplication_token: token,
    max_insert_block_size: 1_000_000_000,
    min_insert_block_size_rows: 1_000_000_000,
    min_insert_block_size_bytes: 4_000_000_000,
  };
}

/** A String literal; the only way in which names get into a statement. */
export function quoteText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\0', '\\0')}'`;
}

interface Made {
  readonly table: TableData;
  readonly layout: readonly LayoutColumn[];
  readonly layoutId: string;
  readonly codes: InsertCodes;
  readonly cut: InsertCut;
}

function find(layoutId: string): { table: TableData; layout: readonly LayoutColumn[] } {
  const layout = layouts[layoutId];
  const table = tables.find((candidate) => candidate.id === Number(layoutId.split('.')[0]));
  if (layout === undefined || table === undefined) {
    throw new RangeError(`row layout \`${layoutId}\` is not known here: it comes from a newer worker; upgrade the sink first`);
  }
  return { table, layout };
}

function narrowType(column: LayoutColumn, table: TableData): string {
  switch (column.wire) {
    case 'u8': return 'UInt8';
    case 'u16': return 'UInt16';
    case 'u32': return 'UInt32';
    case 'u64': return 'UInt64';
    case 'bool': return 'Bool';
    case 'text': return 'String';
    case 'ipv6': return 'IPv6';
    case 'hash': return 'UInt128';
    case 'uuid': return 'UUID';
    case 'nullable-u32': return 'Nullable(UInt32)';
    case 'u32-array': return 'Array(UInt32)';
    case 'bytes4-array': return 'Array(FixedString(4))';
    case 'bytes8-array': return 'Array(FixedString(8))';
    case 'bytes12-array': return 'Array(FixedString(12))';
    case 'enum': return `Enum8(${(column.values ?? []).map((value, code) => `${quoteText(value)}=${code}`).join(',')})`;
    case 'i64': return storedColumn(table, column.name)?.type.startsWith('DateTime64') === true ? "DateTime64(9, 'UTC')" : 'Int64';
    case 'none': throw new RangeError(`column ${column.name} does not travel in rows`);
  }
}

function storedColumn(table: TableData, name: string): StoredColumn | undefined {
  return table.columns.find((column) => column.name === name);
}

/** SQL of a stored column over the narrow ones; undefined: the layout is older than the column. */
function expression(column: StoredColumn, made: Made): string | undefined {
  if (column.end !== undefined) return end(column.end, made);
  if (column.name === 'tap') return names('tap', made.codes.taps, (tap) => tap.tap);
  if (column.wire === 'none') return shared(column.name, made);
  if (!made.layout.some((narrow) => narrow.name === column.name)) return undefined;
  const name = identifier(column.name);
  if (column.wire === 'enum' || column.name === 'event_type') return `toString(${name})`;
  if (column.wire === 'i64' && column.type.startsWith('Nullable')) return `if(${name} = toInt64('-9223372036854775808'), NULL, ${name})`;
  const { joined } = column;
  if (joined !== undefined && made.layout.some((narrow) => narrow.name === joined.where)) return `if(${joined.where}, arrayStringConcat(${joined.items}, ' '), ${name})`;
  return column.text === undefined ? name : `arrayMap(x -> ${itemText(column.text)}, ${name})`;
}

function shared(name: string, { codes, cut, layoutId }: Made): string | undefined {
  switch (name) {
    case 'ingest_time': return `fromUnixTimestamp64Nano(toInt64('${BigInt(cut.ingestTimeNs)}'), 'UTC')`;
    case 'domain': return names('context', codes.contexts, (context) => context.domain);
    case 'network_instance': return names('context', codes.contexts, (context) => context.networkInstance);
    case 'link': return names('context', codes.contexts, (context) => context.link);
    case 'collector': return names('tap', codes.taps, (tap) => tap.collector);
    case 'decoder_version': return quoteText(cut.decoderVersion);
    case 'schema_version': return String(Number(layoutId.split('.')[1]));
    case 'frame_partition': return String(Math.trunc(cut.partition));
    default: return undefined;
  }
}

/** The name behind a code; one literal where all codes have the same name. */
function names<T>(column: string, codes: ReadonlyMap<number, T>, name: (value: T) => string): string {
  const all = [...codes].map(([code, value]) => [code, name(value)] as const);
  const first = all[0]?.[1] ?? '';
  if (all.every(([, text]) => text === first)) return quoteText(first);
  return `transform(${column},${array(all.map(([code]) => code))},${texts(all.map(([, text]) => text))},'')`;
}

/** Session addresses by context * 2 + end. */
function endNames(contexts: ReadonlyMap<number, ContextNames>): { codes: number[]; names: string[] } {
  const result = { codes: [] as number[], names: [] as string[] };
  for (const [code, { addresses }] of contexts) {
    addresses?.forEach((address, index) => {
      result.codes.push(code * 2 + index);
      result.names.push(address);
    });
  }
  return result;
}

function end(which: 'this' | 'other', made: Made): string {
  if (endNames(made.codes.contexts).codes.length === 0) return "''";
  const index = which === 'this' ? 'from_higher' : '(1 - from_higher)';
  return `transform(toUInt32(context * 2 + ${index}), end_codes, end_names, '')`;
}

/** Text of an item `x`, equal to decoders-wasm/contract/column-text.ts. */
function itemText(kind: NonNullable<StoredColumn['text']>): string {
  const u16 = (from: number): string => `toString(reinterpretAsUInt16(reverse(substring(x, ${from}, 2))))`;
  const u32 = (from: number): string => `toString(reinterpretAsUInt32(reverse(substring(x, ${from}, 4))))`;
  const quad = (from: number): string => `IPv4NumToString(reinterpretAsUInt32(reverse(substring(x, ${from}, 4))))`;
  const byte = (at: number): string => `reinterpretAsUInt8(substring(x, ${at}, 1))`;
  switch (kind) {
    case 'community': return `concat(${u16(1)}, ':', ${u16(3)})`;
    case 'large-community': return `concat(${u32(1)}, ':', ${u32(5)}, ':', ${u32(9)})`;
    case 'dotted-quad': return quad(1);
    case 'ext-community': return `if(${byte(1)} > 2 OR ${byte(2)} NOT IN (2, 3), lower(hex(x)), concat(if(${byte(2)} = 2, 'rt:', 'soo:'), `
      + `multiIf(${byte(1)} = 0, ${u16(3)}, ${byte(1)} = 1, ${quad(3)}, ${u32(3)}), ':', if(${byte(1)} = 0, ${u32(5)}, ${u16(7)})))`;
  }
}

/** Codes and names are long in a URL, where quotes, commas and spaces take three bytes each; `*` takes one. */
function array(codes: readonly number[]): string {
  const first = codes[0] ?? 0;
  if (codes.every((code, index) => code === first + index)) return `range(${first}, ${first + codes.length})`;
  return `CAST(splitByChar('*', '${codes.join('*')}'), 'Array(UInt32)')`;
}

function texts(values: readonly string[]): string {
  if (values.some((value) => value.includes('*'))) return `[${values.map(quoteText).join(', ')}]`;
  return `splitByChar('*', ${quoteText(values.join('*'))})`;
}

/** Column names of the catalogue; only those that SQL gives another meaning need quotes. */
function identifier(name: string): string {
  return ['from', 'to', 'full', 'time', 'domain'].includes(name) ? `\`${name}\`` : name;
}
