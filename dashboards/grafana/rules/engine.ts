/** Rules that show the alert engine's open alerts as Grafana's own: the engine decides, Grafana repeats. */
import type { Rule, RuleGroup } from '../kit/rule.ts';
import { fleet } from '../source/fleet.ts';

function repeated(name: string, title: string, severity: Rule['severity'], words: string): Rule {
  return {
    name, title, severity, range: 3600, for: '0s', above: 0, runbook: 'alert_rule', panel: [fleet, 'Alerts at the end of the range'],
    summary: '{{ $labels.alert_rule }}: {{ $labels.subject }}',
    description: '{{ $labels.summary }}',
    sql: `SELECT toString(alert_id) AS alert, toString(domain) AS domain, toString(rule) AS alert_rule, subject, summary, toString(router) AS router, toString(router_name) AS router_name, 1 AS firing
FROM routewatch.open_alerts_at(at = $__toTime) WHERE told AND severity IN (${words})`,
  };
}

/** What was told (no part of an incident, not silenced by maintenance), by the words of Prometheus. */
export const engineRules: RuleGroup = {
  name: 'routewatch-engine', interval: '10s', paused: false, source: 'routewatch-engine',
  rules: [
    repeated('engine-critical', 'RouteWatch alert', 'critical', "'critical', 'error'"),
    repeated('engine-warning', 'RouteWatch warning', 'warning', "'warning', 'info'"),
  ],
};
