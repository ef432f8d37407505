/** Alert rules as data, and their form in Grafana's provisioning files. */
import type { Dashboard } from '@grafana/schema';
import { dataSource, Format, query } from './query.ts';

/** Words of Prometheus and Alertmanager. */
export type Severity = 'critical' | 'warning' | 'info';

/** A rule: its query gives a row for each alert, strings as labels and one number. */
export interface Rule {
  /** Also the name of the runbook page (dashboards/runbooks/<name>.md) where `runbook` names no label. */
  readonly name: string;
  /** Label of the query's rows that names the page. */
  readonly runbook?: string;
  readonly title: string;
  readonly severity: Severity;
  /** Time range of the query, s; it ends at the evaluation. */
  readonly range: number;
  /** How long the condition must hold, such as `2m`. */
  readonly for: string;
  readonly sql: string;
  /** Fires where the number is above. */
  readonly above: number;
  /** One line, with Grafana's template of the labels and of the value (`$values.A.Value`). */
  readonly summary: string;
  readonly description: string;
  /** Dashboard, and title of the panel, where to look. */
  readonly panel: readonly [Dashboard, string];
}

export interface RuleGroup {
  readonly name: string;
  readonly interval: string;
  /** Shipped disabled. */
  readonly paused: boolean;
  /** Label `source` of its alerts, by which people route them. */
  readonly source: string;
  readonly rules: readonly Rule[];
}

/** Content of a file for provisioning/alerting, as Grafana's documentation of file provisioning has it. */
export function alertingFile(group: RuleGroup): object {
  return {
    apiVersion: 1,
    groups: [{ orgId: 1, name: group.name, folder: 'RouteWatch', interval: group.interval, rules: group.rules.map((rule) => provisioned(rule, group)) }],
  };
}

function provisioned(rule: Rule, group: RuleGroup): object {
  const [dashboard, panelTitle] = rule.panel;
  const panel = dashboard.panels?.find((candidate) => candidate.title === panelTitle);
  if (panel === undefined) throw new Error(`rule ${rule.name}: ${dashboard.title ?? ''} has no panel "${panelTitle}"; name one that it has`);
  const relativeTimeRange = { from: rule.range, to: 0 };
  return {
    uid: `routewatch-${rule.name}`, title: rule.title, condition: 'firing', for: rule.for, isPaused: group.paused,
    // No row means that there is nothing to tell; a query that fails is told.
    noDataState: 'OK', execErrState: 'Error',
    dashboardUid: dashboard.uid, panelId: panel.id,
    labels: { severity: rule.severity, source: group.source },
    annotations: { summary: rule.summary, description: rule.description, runbook_url: `\${ROUTEWATCH_RUNBOOKS}/${rule.runbook === undefined ? rule.name : `{{ $labels.${rule.runbook} }}`}.md` },
    data: [
      { refId: 'A', relativeTimeRange, datasourceUid: dataSource.uid, model: { ...query('A', Format.Table, rule.sql), intervalMs: 1000, maxDataPoints: 43_200 } },
      {
        refId: 'firing', relativeTimeRange, datasourceUid: '__expr__',
        model: {
          refId: 'firing', type: 'threshold', expression: 'A', datasource: { type: '__expr__', uid: '__expr__' },
          conditions: [{ evaluator: { type: 'gt', params: [rule.above] } }], intervalMs: 1000, maxDataPoints: 43_200,
        },
      },
    ],
  };
}
