/** The channels by which alerts reach people: one line each. */
import type { AlertChannel } from '../../../contract/alert.ts';
import { createAlertmanager } from './alertmanager.ts';
import type { ChannelConfig } from './config.ts';
import { createOpenTelemetry } from './opentelemetry.ts';
import { createSnmp } from './snmp.ts';
import { createSyslog } from './syslog.ts';
import { createWebhook } from './webhook.ts';

export { type ChannelConfig, channelSettings, channelsConfig } from './config.ts';
export { mibText } from './snmp-mib.ts';

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
