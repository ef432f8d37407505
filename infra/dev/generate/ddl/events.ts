/** CREATE statements of the catalogue's tables and of what is current of them. */
import { catalogue, envelope, type Column, type Current, type Table } from '../../../../decoders-wasm/catalogue/index.ts';
import { createTable, localName, onCluster, quote, type Mode } from './engine.ts';

/** Event tables. */
export function eventTables(mode: Mode): string[] {
  return catalogue.flatMap((table) => createTable(mode, {
    name: table.name,
    columns: [
      ...storedColumns(table).map(columnText),
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
export function currentTables(mode: Mode): string[] {
  return catalogue.flatMap((table) => (table.current ?? []).flatMap((current) => [
    ...currentTable(mode, table, current),
    materializedView(mode, table, current),
  ]));
}

/** The row's place in time as one number: of two rows of one thing the higher one came last. */
export const rowOrder = 'row_order(decided_time, frame_offset, frame_index, ordinal)';

/** A row from further ahead is quarantined before it is written (STREAM section 10); one that came through never counts as current, or nothing could follow it. */
export const saneTime = 'time <= ingest_time + INTERVAL 1 DAY';

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
      ...storedColumns(table).map(columnText),
      ...(current.made ?? []).map((made) => `\`${made.name}\` ${made.type}`),
      "`version` UInt256 COMMENT 'Order of rows: decided_time, frame_offset, frame_index, ordinal.'",
    ],
    orderBy: current.key,
    version: 'version',
    comment: `The newest row of ${table.name} for each (${current.key.join(', ')}); never expires.`,
  });
}

function materializedView(mode: Mode, table: Table, current: Current): string {
  const columns = storedColumns(table).filter((column) => column.clause === undefined).map((column) => `\`${column.name}\``);
  const made = (current.made ?? []).map((column) => `${column.select} AS \`${column.name}\``);
  return [
    `CREATE MATERIALIZED VIEW IF NOT EXISTS routewatch.${current.name}_view${onCluster(mode)}`,
    `TO routewatch.${localName(mode, current.name)} AS`,
    `SELECT\n${[...columns, ...made, `${rowOrder} AS version`].map((column) => `    ${column}`).join(',\n')}`,
    `FROM routewatch.${localName(mode, table.name)}`,
    `WHERE ${saneTime}${current.where === undefined ? '' : ` AND ${current.where}`}`,
  ].join('\n');
}
