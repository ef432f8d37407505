/** The one template of every CREATE TABLE: MergeTree here, ReplicatedMergeTree with Distributed on a cluster. */

/** `cluster`: macros {cluster}, {shard} and {replica} as ClickHouse's own documentation names them. */
export type Mode = 'embedded' | 'cluster';

export interface TableText {
  readonly name: string;
  /** Column definitions and indexes, one a line. */
  readonly columns: readonly string[];
  readonly orderBy: readonly string[];
  readonly partitionBy?: string;
  readonly ttl?: string;
  /** Column that decides which of two rows with one key stays; without: all rows stay. */
  readonly version?: string;
  readonly comment: string;
  /** The same rows on every shard: small tables that people write. */
  readonly everywhere?: boolean;
}

const WINDOW_BLOCKS = 100_000;
const WINDOW_SECONDS = 7 * 86_400;

/** Statements that make the table; on a cluster also the Distributed one that reads all shards. */
export function createTable(mode: Mode, table: TableText): string[] {
  const local = localName(mode, table.name, table.everywhere);
  const create = [
    `CREATE TABLE IF NOT EXISTS routewatch.${local}${onCluster(mode)}`,
    `(\n${table.columns.map((column) => `    ${column}`).join(',\n')}\n)`,
    `ENGINE = ${engine(mode, table)}`,
    ...(table.partitionBy === undefined ? [] : [`PARTITION BY ${table.partitionBy}`]),
    `ORDER BY (${table.orderBy.join(', ')})`,
    ...(table.ttl === undefined ? [] : [`TTL ${table.ttl}`]),
    `SETTINGS ${settings(mode, table)}`,
    `COMMENT ${quote(table.comment)}`,
  ].join('\n');
  return local === table.name ? [create] : [create, distributed(table.name, local)];
}

/** Name of the table that holds the rows of one shard: what a sink writes to. */
export function localName(mode: Mode, name: string, everywhere = false): string {
  return mode === 'cluster' && !everywhere ? `${name}_local` : name;
}

export function onCluster(mode: Mode): string {
  return mode === 'cluster' ? " ON CLUSTER '{cluster}'" : '';
}

/** Before JOIN and IN: on a cluster the small side is read once and sent to all shards. */
export function global(mode: Mode): string {
  return mode === 'cluster' ? 'GLOBAL ' : '';
}

export function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function engine(mode: Mode, table: TableText): string {
  const family = table.version === undefined ? 'MergeTree' : 'ReplacingMergeTree';
  const version = table.version === undefined ? [] : [table.version];
  if (mode === 'embedded') return `${family}(${version.join(', ')})`;
  const shard = table.everywhere === true ? 'all' : '{shard}';
  const path = [`'/clickhouse/tables/${shard}/routewatch/${table.name}'`, "'{replica}'", ...version];
  return `Replicated${family}(${path.join(', ')})`;
}

/** Windows in which a repeated insert is known by its token; plain MergeTree counts blocks only. */
function settings(mode: Mode, table: TableText): string {
  const window = mode === 'embedded'
    ? [`non_replicated_deduplication_window = ${WINDOW_BLOCKS}`]
    : [`replicated_deduplication_window = ${WINDOW_BLOCKS}`, `replicated_deduplication_window_seconds = ${WINDOW_SECONDS}`];
  return [...window, ...(table.ttl === undefined ? [] : ['ttl_only_drop_parts = 1'])].join(', ');
}

/** A partition's rows live on one shard; nothing is inserted through this table but by hand. */
function distributed(name: string, local: string): string {
  return `CREATE TABLE IF NOT EXISTS routewatch.${name}${onCluster('cluster')} AS routewatch.${local}\n`
    + `ENGINE = Distributed('{cluster}', 'routewatch', '${local}', rand())`;
}
