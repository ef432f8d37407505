/** The alert engine: events into alerts, told once to whoever has to know. */
export { AlertSink, type AlertSinkOptions } from './sink.ts';
export { alertsConfig, type AlertsConfig } from './config.ts';
export type { ChannelHealth } from './outbox.ts';
export { rules } from './rules/index.ts';
