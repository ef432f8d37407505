/** The channels by which alerts reach people: one line each. */
import type { AlertChannel, AlertNotice } from '../../../contract/alert.ts';
import { createAlertmanager } from './alertmanager.ts';
import type { ChannelConfig } from './config.ts';
import { createOpenTelemetry } from './opentelemetry.ts';
import { createSnmp, notificationOf } from './snmp.ts';
import { createSyslog } from './syslog.ts';
import { createWebhook } from './webhook.ts';

export type { ChannelConfig } from './config.ts';
export { mibText } from './snmp-mib.ts';

/** What it means that `send` of such a channel has resolved. */
export function acknowledgement(config: ChannelConfig): string {
  switch (config.kind) {
    case 'opentelemetry': return `${config.url} has taken the record`;
    case 'webhook': return `${new URL(config.url).origin} has answered 2xx`;
    case 'alertmanager': return `Alertmanager at ${config.url} has taken the alert`;
    case 'syslog': return config.transport === 'udp' ? `sent to ${config.host}:${config.port}; UDP tells nobody whether it came` : `${config.host}:${config.port} has read it and closed the connection`;
    case 'snmp': return config.notification === 'trap' ? `sent to ${config.host}:${config.port}; a trap tells nobody whether it came` : `${config.host}:${config.port} has acknowledged the inform`;
  }
}

/** Whether the channel tells such a notice at all. */
export function tells(config: ChannelConfig, notice: AlertNotice): boolean {
  return config.kind !== 'snmp' || notificationOf(notice, config.enterprise) !== undefined;
}

/** The channel of a configuration; nothing is opened before the first notice. */
export function createChannel(config: ChannelConfig): AlertChannel {
  switch (config.kind) {
    case 'opentelemetry': return createOpenTelemetry(config);
    case 'webhook': return createWebhook(config);
    case 'alertmanager': return createAlertmanager(config);
    case 'syslog': return createSyslog(config);
    case 'snmp': return createSnmp(config);
  }
}
