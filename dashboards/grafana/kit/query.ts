/** Queries as the ClickHouse data source keeps them, and the pieces of SQL that panels share. */
import type { DataQuery, DataSourceRef } from '@grafana/schema';

/** The provisioned data source: dashboards and rules name it by this uid. */
export const dataSource = { type: 'grafana-clickhouse-datasource', uid: 'routewatch' } as const satisfies DataSourceRef;

/** How the plugin shapes an answer: `TimeSeries` makes a series of each set of strings, `Table` leaves rows as they are. */
export const Format = { TimeSeries: 0, Table: 1 } as const;
export type Format = (typeof Format)[keyof typeof Format];

/** A query of the plugin's SQL editor. */
export interface ClickHouseQuery extends DataQuery {
  readonly datasource: typeof dataSource;
  readonly editorType: 'sql';
  readonly queryType: 'timeseries' | 'table';
  readonly format: Format;
  readonly rawSql: string;
  readonly pluginVersion: string;
}

/** The plugin's version that the queries were written for. */
const pluginVersion = '4.20.0';

/** A query of a panel; `sql` may hold the plugin's macros and the dashboard's variables. */
export function query(refId: string, format: Format, sql: string): ClickHouseQuery {
  return { refId, datasource: dataSource, editorType: 'sql', queryType: format === Format.TimeSeries ? 'timeseries' : 'table', format, rawSql: sql.trim(), pluginVersion };
}

/** Condition that a variable's values hold for a column; true while the variable says All. Values are quoted by Grafana. */
export function only(variable: string, column = variable): string {
  return `$__conditionalAll(${column} IN (\${${variable}:sqlstring}), $${variable})`;
}

/** Condition for one of several columns. */
export function onlyEither(variable: string, columns: readonly string[]): string {
  const list = `(\${${variable}:sqlstring})`;
  return `$__conditionalAll((${columns.map((column) => `${column} IN ${list}`).join(' OR ')}), $${variable})`;
}

/** Name of a router, or its id where none is known. */
export function nameOr(name: string, id: string): string {
  return `if(${name} = '', toString(${id}), toString(${name}))`;
}
