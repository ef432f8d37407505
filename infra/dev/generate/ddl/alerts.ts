/** What fires now, and what fired at a time. */
import type { Mode } from './engine.ts';
import { newest, view } from './views.ts';

const columns = 'domain, rule, severity, since, time AS changed, subject, summary, reason, protocol, router, router_name, neighbor, neighbor_name, link, tap, told, untold, incident, labels, related, events, alert_id';

/** `open_alerts` and `open_alerts_at`. */
export function alertViews(mode: Mode): string[] {
  return [['open_alerts', false], ['open_alerts_at', true]].map(([name, at]) => view(mode, String(name), `SELECT ${columns}
FROM ${newest({ current: 'alerts_state' }, at === true)} AS a
WHERE state = 'firing'`));
}
