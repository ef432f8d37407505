/** The Watchdog: an alert that always fires. It goes to the channels and stands in no table. */
import type { AlertNotice } from '../../contract/alert.ts';
import { alertId, noticeId } from './alert.ts';

/** The same for ever: of whichever instance. */
export const watchdogId = alertId('watchdog', '', '');

/** The notice of this interval; sent twice within it, it has the same id. */
export function watchdogNotice(links: AlertNotice['links'], everyMs: number, nowMs = Date.now()): AlertNotice {
  const interval = Math.floor(nowMs / everyMs);
  const changed = BigInt(nowMs) * 1_000_000n;
  return {
    id: noticeId(watchdogId, interval), alertId: watchdogId, rule: 'watchdog', severity: 'info', state: 'firing', since: changed, changed, subject: 'alerts of RouteWatch',
    summary: `Alerts work. This comes every ${everyMs / 60_000} minutes: whoever misses it has to look after RouteWatch.`, reason: 'watchdog', evidence: '', labels: {}, related: [], events: [], links,
  };
}
