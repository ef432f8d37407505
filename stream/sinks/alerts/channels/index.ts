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

/** What it means that `send` of such a channel has resolved: whether the receiver has acknowledged, and in which words. */
export function acknowledgement(config: ChannelConfig): { readonly isKnown: boolean; readonly says: string } {
  switch (config.kind) {
    case 'opentelemetry': return { isKnown: true, says: `${config.url} has taken the record` };
    case 'webhook': return { isKnown: true, says: `${new URL(config.url).origin} has answered 2xx` };
    case 'alertmanager': return { isKnown: true, says: `Alertmanager at ${config.url} has taken the alert` };
    case 'syslog': return config.transport === 'udp' ? unknown(config, 'UDP') : { isKnown: true, says: `${config.host}:${config.port} has read it and closed the connection` };
    case 'snmp': return config.notification === 'trap' ? unknown(config, 'a trap') : { isKnown: true, says: `${config.host}:${config.port} has acknowledged the inform` };
  }
}

function unknown({ host, port }: { readonly host: string; readonly port: number }, what: string): { readonly isKnown: boolean; readonly says: string } {
  return { isKnown: false, says: `sent to ${host}:${port}; ${what} tells nobody whether it came` };
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
