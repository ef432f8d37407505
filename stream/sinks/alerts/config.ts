/** Settings of the alert engine: the part `alerts` of the configuration file. */
import { z } from 'zod';
import type { MaintenanceWindow } from '../../contract/operations.ts';
import { channelsConfig } from './channels/config.ts';

export const alertsConfig = z.strictObject({
  channels: channelsConfig.default([]).describe('ways to those who have to know: OpenTelemetry, webhook, Alertmanager, syslog, SNMP'),
  url: z.url().optional().describe('address of the page as receivers reach it, for the links in alerts'),
  runbooks: z.string().default('dashboards/runbooks').describe('where receivers find the runbooks: address or folder, before /<rule>.md'),
  tellWithinMinutes: z.number().positive().default(60).describe('what was decided longer ago (a replayed capture) is recorded and not told; after an outage of the alert engine what still stands is told all the same'),
  watchdogMinutes: z.number().positive().default(5).describe('how often the Watchdog says that alerts work'),
  sites: z.record(z.string(), z.array(z.string()).min(1)).default({}).describe('system ids, router ids or names of the routers of each site: last-path-lost tells where a site is cut off'),
  maximumPrefixes: z.array(z.strictObject({
    neighbor: z.string().describe('address of the neighbour that announces'),
    router: z.string().optional().describe('address of the router that has the limit; none: any'),
    family: z.string().optional().describe('`ipv4-unicast` or `ipv6-unicast`; none: each of them'),
    limit: z.int().positive().describe('prefixes that the router takes from it'),
    warnPercent: z.number().positive().max(100).default(80).describe('from how much of it on it is told'),
  })).default([]).describe('limits as your routers have them, which packets do not tell: maximum-prefix tells when one comes near'),
  disabled: z.array(z.string()).default([]).describe('names of rules that are off'),
});

export type AlertsConfig = z.infer<typeof alertsConfig>;

/** Whether one of these windows covers something with these labels at that time, ns. */
export function isCovered(windows: readonly MaintenanceWindow[], labels: Readonly<Record<string, string>>, at: bigint): boolean {
  return windows.some((one) => one.from <= at && at < one.to && (one.domain === '' || one.domain === labels['domain']) && names(one, labels));
}

function names({ routers, links }: MaintenanceWindow, labels: Readonly<Record<string, string>>): boolean {
  if (routers.length === 0 && links.length === 0) return true;
  const ends = ['router', 'router_name', 'neighbor', 'neighbor_name'].map((end) => labels[end]).filter((end) => end !== undefined);
  return ends.some((end) => routers.includes(end)) || (labels['link'] !== undefined && links.includes(labels['link']));
}
