/** The ClickHouse sink: events records into tables, from cut to cut. */
export { clickhouseStructure, insertSettings, insertStatement, quoteText } from './statement.ts';
export type { InsertCodes, InsertCut, InsertStatement } from './statement.ts';
export { clusterMigrations, embeddedMigrations, embeddedMigrations as migrations } from './generated/migrations.ts';
export { OlderLogError } from './older-log.ts';
export { ClickHouseSink, type ClickHouseSinkOptions } from './sink.ts';
