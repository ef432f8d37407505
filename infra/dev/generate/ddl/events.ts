/** CREATE statements of the catalogue's tables and of what is current of them. */
import { catalogue, envelope, type Column, type Current, type Table } from '../../../../decoders-wasm/catalogue/index.ts';
import { createTable, localName, onCluster, quote, type Mode } from './engine.ts';

/** Event tables: those that were published first, or came with that migration. */
export function eventTables(mode: Mode, migration?: number): string[] {
  return tablesOf(migration).flatMap((table) => createTable(mode, {
    name: table.name,
    columns: [
      ...firstColumns(table).map(columnText),
      'INDEX time_minmax time TYPE minmax GRANULARITY 1',
      'INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1',
      ...(table.extra ?? []),
    ],
    orderBy: table.orderBy,
    partitionBy: 'toYYYYMM(ingest_time)',
    ...(table.retentionDays === undefined ? {} : { ttl: `toDateTime(ingest_time) + INTERVAL ${table.retentionDays} DAY` }),
    comment: table.meaning,
  }));
}

/** Tables of current rows and the materialised views that fill them; no expiry. */
export function currentTables(mode: Mode, migration?: number): string[] {
  return tablesOf(migration).flatMap((table) => (table.current ?? []).flatMap((current) => [
    ...currentTable(mode, table, current),
    materializedView(mode, table, current, firstColumns(table)),
  ]));
}

function tablesOf(migration: number | undefined): Table[] {
  return catalogue.filter((table) => table.migration === migration);
}

/** The row's place in time as one number: of two rows of one thing the higher one came last. */
export const rowOrder = 'row_order(decided_time, frame_offset, frame_index, ordinal)';

/** A row from further ahead is quarantined before it is written (STREAM section 10); one that came through never counts as current, or nothing could follow it. */
export const saneTime = 'time <= ingest_time + INTERVAL 1 DAY';

/** Statements of the migration of that number: columns that the tables got after they were published, and the views that fill them. */
export function addedColumns(mode: Mode, migration: number): string[] {
  return catalogue.flatMap((table) => {
    const added = storedColumns(table).filter((column) => column.migration === migration);
    if (added.length === 0) return [];
    const now = storedColumns(table).filter((column) => (column.migration ?? 0) <= migration);
    return [
      ...alterTable(mode, table.name, added),
      ...(table.current ?? []).flatMap((current) => [
        ...alterTable(mode, current.name, added),
        `ALTER TABLE routewatch.${current.name}_view${onCluster(mode)} MODIFY QUERY\n${selectCurrent(mode, table, current, now)}`,
      ]),
    ];
  });
}

function alterTable(mode: Mode, name: string, added: readonly Column[]): string[] {
  const names = [...new Set([localName(mode, name), name])];
  return names.flatMap((one) => added.map((column) => `ALTER TABLE routewatch.${one}${onCluster(mode)} ADD COLUMN IF NOT EXISTS ${columnText(column)}`));
}

/** The columns with which a table was first published. */
function firstColumns(table: Table): Column[] {
  return storedColumns(table).filter((column) => column.migration === undefined);
}

function storedColumns(table: Table): Column[] {
  return [...envelope, ...table.columns].filter((column) => column.stored !== false);
}

function columnText(column: Column): string {
  const parts = [`\`${column.name}\``, column.type];
  if (column.clause !== undefined) parts.push(column.clause);
  parts.push('COMMENT', quote(column.unit === undefined ? column.meaning : `${column.meaning} Unit: ${column.unit}.`));
  if (column.codec !== undefined) parts.push(`CODEC(${column.codec})`);
  return parts.join(' ');
}

function currentTable(mode: Mode, table: Table, current: Current): string[] {
  return createTable(mode, {
    name: current.name,
    columns: [
      ...firstColumns(table).map(columnText),
      ...(current.made ?? []).map((made) => `\`${made.name}\` ${made.type}`),
      "`version` UInt256 COMMENT 'Order of rows: decided_time, frame_offset, frame_index, ordinal.'",
    ],
    orderBy: current.key,
    version: 'version',
    comment: `The newest row of ${table.name} for each (${current.key.join(', ')}); never expires.`,
  });
}

function materializedView(mode: Mode, table: Table, current: Current, stored: readonly Column[]): string {
  return [
    `CREATE MATERIALIZED VIEW IF NOT EXISTS routewatch.${current.name}_view${onCluster(mode)}`,
    `TO routewatch.${localName(mode, current.name)} AS`,
    selectCurrent(mode, table, current, stored),
  ].join('\n');
}

function selectCurrent(mode: Mode, table: Table, current: Current, stored: readonly Column[]): string {
  const columns = stored.filter((column) => column.clause === undefined).map((column) => `\`${column.name}\``);
  const made = (current.made ?? []).map((column) => `${column.select} AS \`${column.name}\``);
  return [
    `SELECT\n${[...columns, ...made, `${rowOrder} AS version`].map((column) => `    ${column}`).join(',\n')}`,
    `FROM routewatch.${localName(mode, table.name)}`,
    `WHERE ${saneTime}${current.where === undefined ? '' : ` AND ${current.where}`}`,
  ].join('\n');
}
