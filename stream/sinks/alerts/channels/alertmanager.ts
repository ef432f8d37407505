/** Alerts to Alertmanager by its API, version 2. */
import type { AlertChannel, AlertNotice } from '../../../contract/alert.ts';
import { readSecret } from '../../../contract/secret.ts';
import { severities } from '../severity.ts';
import type { AlertmanagerConfig } from './config.ts';
import { post } from './post.ts';
import { rfc3339 } from './times.ts';

/** Alertmanager takes an alert without an end for resolved after its `resolve_timeout`: ours last until we say so. */
const FAR_NS = 3650n * 86_400n * 1_000_000_000n;

/** What must end by itself when nobody repeats it: the rule that always fires (else nobody would notice that we are gone), and a test. */
const ENDING = new Set(['watchdog', 'test']);

/**
 * An alert as `POST /api/v2/alerts` takes it; its labels are its identity. `now`, ns since 1970: an end that lies ahead
 * would not resolve it.
 */
export function alertmanagerAlert(notice: AlertNotice, now: bigint): Record<string, unknown> {
  const end = notice.state === 'resolved' ? least(notice.changed, now) : now + FAR_NS;
  const { page, query, runbook } = notice.links;
  const annotations = {
    summary: notice.summary,
    description: [notice.subject, ...notice.related].join('\n'),
    reason: notice.reason,
    evidence: notice.evidence,
    notice_id: notice.id,
    events: notice.events.join(' '),
    query,
    runbook_url: runbook,
  };
  return {
    labels: { ...notice.labels, alertname: notice.rule, severity: severities[notice.severity].prometheus, alert_id: notice.alertId, source: 'routewatch' },
    annotations: Object.fromEntries(Object.entries(annotations).filter(([, text]) => text !== '')),
    startsAt: rfc3339(least(notice.since, end), 9),
    ...(ENDING.has(notice.rule) && notice.state === 'firing' ? {} : { endsAt: rfc3339(end, 9) }),
    ...(URL.canParse(page) ? { generatorURL: page } : {}),
  };
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

export function createAlertmanager(config: AlertmanagerConfig): AlertChannel {
  const { name, bearer, caFile, timeoutMs } = config;
  const url = `${config.url.replace(/\/$/, '')}/api/v2/alerts`;
  return {
    name,
    async send(notices, signal) {
      const now = BigInt(Date.now()) * 1_000_000n;
      const headers: Record<string, string> = bearer === undefined ? {} : { authorization: `Bearer ${readSecret(`channel ${name}, bearer`, bearer)}` };
      await post({ url, body: JSON.stringify(notices.map((notice) => alertmanagerAlert(notice, now))), headers, caFile, timeoutMs, signal });
    },
    close: () => Promise.resolve(),
  };
}
