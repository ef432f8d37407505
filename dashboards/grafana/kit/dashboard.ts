/** The frame of every dashboard: variables, annotations, links to the others, and the places of the panels. */
import { DashboardCursorSync, VariableRefresh, VariableSort, type AnnotationQuery, type Dashboard, type DashboardLink, type Panel, type RowPanel, type VariableModel } from '@grafana/schema';
import { dataSource, Format, only, query } from './query.ts';
import type { Draft } from './panels.ts';

/** Version of the dashboard's JSON that Grafana 13 writes. */
const schemaVersion = 42;

/** The dashboards by short name; a link from one to another names it here. */
export const uids = {
  fleet: 'routewatch-fleet', isis: 'routewatch-isis', ospf: 'routewatch-ospf', sessions: 'routewatch-bgp-sessions',
  routes: 'routewatch-routes', topology: 'routewatch-topology', pipeline: 'routewatch-pipeline',
} as const;

/** A variable whose values a query gives: one column, or `id` and `text`. */
export function queryVariable(variable: { name: string; label: string; description: string; sql: string; multi?: boolean }): VariableModel {
  const all = { text: ['All'], value: ['$__all'] };
  return {
    type: 'query', name: variable.name, label: variable.label, description: variable.description, datasource: dataSource,
    query: { ...query('variable', Format.Table, variable.sql), queryType: 'sql' },
    refresh: VariableRefresh.onTimeRangeChanged, sort: VariableSort.naturalAsc, multi: variable.multi ?? true, includeAll: true, current: all, options: [],
    regex: '', skipUrlSync: false,
  };
}

/** A text that people write. */
export function textVariable(name: string, label: string, description: string): VariableModel {
  return { type: 'textbox', name, label, description, query: '', current: { text: '', value: '' }, options: [], skipUrlSync: false };
}

export const domainVariable = queryVariable({
  name: 'domain', label: 'Domain', description: 'Routing universe, as the administrator named it',
  sql: 'SELECT DISTINCT domain FROM (SELECT domain FROM routewatch.adjacencies_state UNION ALL SELECT domain FROM routewatch.sessions_state) ORDER BY domain',
});

/** Routers that speak one of the protocols: value the id, text the name. Ids are no text from the wire, so they need no quoting of ours. */
export function routerVariable(protocols: readonly string[]): VariableModel {
  return queryVariable({
    name: 'router', label: 'Router', description: 'System id or router id; shown by name where one is known',
    sql: `SELECT router AS id, any(if(name = '', router, name)) AS text FROM routewatch.routers
WHERE ${only('domain')} AND hasAny(protocols, [${protocols.map((name) => `'${name}'`).join(', ')}])
GROUP BY id ORDER BY text`,
  });
}

function annotations(): AnnotationQuery[] {
  const kinds: readonly (readonly [string, string, string])[] = [['Coverage', 'coverage', 'purple'], ['Adjacencies', 'adjacency', 'red'], ['Sessions', 'session', 'orange']];
  const alerts: AnnotationQuery = {
    name: 'Alerts', enable: true, iconColor: 'yellow', datasource: dataSource,
    target: query('annotation', Format.Table, `SELECT time, concat(if(state = 'firing', '', 'resolved: '), summary) AS title, toString(reason) AS text, concat(rule, ',', severity) AS tags FROM routewatch.alerts
WHERE $__timeFilter(time) AND told AND ${only('domain')} ORDER BY time LIMIT 500`),
  };
  return [alerts, ...kinds.map(([name, kind, iconColor], index) => ({
    name, enable: index === 0, iconColor, datasource: dataSource,
    target: query('annotation', Format.Table, `SELECT time, title, text, tags FROM routewatch.grafana_annotations
WHERE $__timeFilter(time) AND kind = '${kind}' AND ${only('domain')} ORDER BY time LIMIT 500`),
  }))];
}

const links: DashboardLink[] = [{
  title: 'RouteWatch', type: 'dashboards', tags: ['routewatch'], asDropdown: true, includeVars: true, keepTime: true, targetBlank: false, icon: 'external link', tooltip: '', url: '',
}];

/** What a dashboard's file says of it. */
export interface DashboardSource {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly VariableModel[];
  readonly panels: readonly (Draft | RowPanel)[];
  /** Range at first sight; the last hour otherwise. */
  readonly from?: string;
  readonly refresh?: string;
}

/** The dashboard with all that is common: panels are numbered and flow from left to right, a row begins a new line. */
export function dashboard(source: DashboardSource): Dashboard {
  return {
    uid: source.uid, title: source.title, description: source.description, tags: ['routewatch'], schemaVersion, version: 1, editable: true, id: null,
    timezone: 'utc', time: { from: source.from ?? 'now-1h', to: 'now' }, refresh: source.refresh ?? '30s', timepicker: {},
    graphTooltip: DashboardCursorSync.Crosshair, fiscalYearStartMonth: 0, links,
    templating: { list: [...source.variables] }, annotations: { list: annotations() }, panels: placed(source.panels),
  };
}

const COLUMNS = 24;

function placed(panels: readonly (Draft | RowPanel)[]): (Panel | RowPanel)[] {
  let x = 0;
  let y = 0;
  let lineHeight = 0;
  return panels.map((panel, index) => {
    const { w = COLUMNS, h = 1 } = panel.gridPos ?? {};
    if (x + w > COLUMNS) {
      x = 0;
      y += lineHeight;
      lineHeight = 0;
    }
    const gridPos = { x, y, w, h };
    x += w;
    lineHeight = Math.max(lineHeight, h);
    return { ...panel, id: index + 1, gridPos };
  });
}

/** Link to another dashboard that keeps time range and domain; `rest` is more of its query string. */
export function linkTo(target: keyof typeof uids, title: string, rest = ''): { title: string; url: string } {
  return { title, url: `/d/${uids[target]}?\${__url_time_range}&\${domain:queryparam}${rest}` };
}
