/** What the alert engine tells of itself. */
import type { Metric } from '../../contract/metrics.ts';
import type { ChannelHealth } from './outbox.ts';

export interface AlertsNow {
  /** This instance tells; another one stands by. */
  readonly isActive: boolean;
  readonly channels: readonly ChannelHealth[];
  /** Alerts that fire, by rule. */
  readonly firing: ReadonlyMap<string, number>;
  /** Transitions that wait for the reports topic. */
  readonly unreported: number;
}

export function alertMetrics({ isActive, channels, firing, unreported }: AlertsNow): Metric[] {
  const one = (name: string, type: Metric['type'], help: string, value: (health: ChannelHealth) => number): Metric => ({
    name: `routewatch_alerts_channel_${name}`, type, help, samples: channels.map((health) => ({ labels: { channel: health.channel }, value: value(health) })),
  });
  return [
    { name: 'routewatch_alerts_active', type: 'gauge', help: '1 where this instance tells, 0 where it stands by', samples: [{ labels: {}, value: isActive ? 1 : 0 }] },
    { name: 'routewatch_alerts_firing', type: 'gauge', help: 'Alerts that fire, parts of incidents too', samples: [...firing].map(([rule, value]) => ({ labels: { rule }, value })) },
    { name: 'routewatch_alerts_unreported', type: 'gauge', help: 'Transitions that wait for the reports topic', samples: [{ labels: {}, value: unreported }] },
    one('waiting', 'gauge', 'Notices that wait for the channel', ({ waiting }) => waiting),
    one('sent_total', 'counter', 'Notices that the receiver has acknowledged', ({ sent }) => sent),
    one('failures_total', 'counter', 'Sends that failed and are tried again', ({ failures }) => failures),
    one('dropped_total', 'counter', 'Notices let go of unsent, because too many waited', ({ dropped }) => dropped),
    one('circuit_open', 'gauge', '1 where the channel failed so often that one notice at a time is tried', ({ circuit }) => (circuit === 'open' ? 1 : 0)),
  ];
}
