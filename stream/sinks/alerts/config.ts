/** Settings of the alert engine: the part `alerts` of the configuration file. */
import { z } from 'zod';
import { channelsConfig } from './channels/config.ts';

const window = z.strictObject({
  from: z.iso.datetime({ offset: true }).describe('begin, RFC 3339'),
  to: z.iso.datetime({ offset: true }).describe('end, RFC 3339'),
  labels: z.record(z.string(), z.string()).default({}).describe('what it covers: alerts that have all of these labels; `router` matches either end'),
  note: z.string().default('').describe('why'),
});

export const alertsConfig = z.strictObject({
  channels: channelsConfig.default([]).describe('ways to those who have to know: OpenTelemetry, webhook, Alertmanager, syslog, SNMP'),
  url: z.url().optional().describe('address of the page as receivers reach it, for the links in alerts'),
  runbooks: z.string().default('dashboards/runbooks').describe('where receivers find the runbooks: address or folder, before /<rule>.md'),
  tellWithinMinutes: z.number().positive().default(60).describe('what was decided longer ago (a replayed capture, an outage of days) is recorded and not told'),
  watchdogMinutes: z.number().positive().default(5).describe('how often the Watchdog says that alerts work'),
  disabled: z.array(z.string()).default([]).describe('names of rules that are off'),
  maintenance: z.array(window).default([]).describe('windows in which alerts are recorded and not told'),
});

export type AlertsConfig = z.infer<typeof alertsConfig>;
export type MaintenanceWindow = z.infer<typeof window>;

/** Whether a window covers something with these labels at that time, ns. */
export function isCovered(windows: readonly MaintenanceWindow[], labels: Readonly<Record<string, string>>, at: bigint): boolean {
  const ms = Number(at / 1_000_000n);
  return windows.some((one) => Date.parse(one.from) <= ms && ms < Date.parse(one.to) && Object.entries(one.labels).every(([label, value]) => matches(labels, label, value)));
}

function matches(labels: Readonly<Record<string, string>>, label: string, value: string): boolean {
  if (label !== 'router') return labels[label] === value;
  return ['router', 'router_name', 'neighbor', 'neighbor_name'].some((end) => labels[end] === value);
}
