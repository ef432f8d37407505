/** What somebody had to know: each alert as it stands now. */
import { type Columns, flag, instant, text, uuid } from '../columns.ts';
import { byDomain, byRouter, listResource, timeSql } from '../list.ts';

/** The newest transition of each alert. */
export const alertsNow = '(SELECT * FROM routewatch.alerts_state FINAL)';

/** Columns of an alert; `incident` has no dashes. */
export const alertColumns: Columns = {
  alert_id: uuid('v.alert_id'), domain: text(), rule: text(), severity: text(), state: text(), protocol: text(), router: text(), router_name: text(), neighbor: text(),
  neighbor_name: text(), link: text(), subject: text(), summary: text(), reason: text(), evidence: text(), told: flag(), untold: text(), incident: text(), labels: text(),
  related: text(), events: text(), since_ns: instant('v.since'), changed_ns: instant('v.time'), event_id: uuid('v.event_id'),
};

export const alerts = listResource({
  name: 'listAlerts', path: '/alerts', summary: 'Each alert as it stands or stood at a time, those that fire first, the newest before; also those that nobody was told of, with why',
  from: (then) => (then === undefined ? alertsNow : `(SELECT * FROM routewatch.alerts WHERE time <= ${timeSql(then)} ORDER BY time DESC, ordinal DESC LIMIT 1 BY alert_id)`),
  states: true,
  filters: {
    ...byDomain, ...byRouter, rule: 'rule = {rule:String}', severity: 'severity = {severity:String}', state: 'state = {state:String}', incident: 'incident = {incident:String}',
    // With dashes as here or without as in notices.
    alert: "replaceAll(toString(v.alert_id), '-', '') = lower(replaceAll({alert:String}, '-', ''))",
  },
  orderBy: "state != 'firing', v.time DESC, alert_id",
  columns: alertColumns,
});
