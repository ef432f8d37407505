/** Figures that a part tells of itself while it runs, in the shape of Prometheus and OpenTelemetry: who asks makes text of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from './log.ts';

/** Longest that whoever asks for figures waits for the log, ms. */
const LOG_MS = 1000;

/** One figure: names as `routewatch_<noun>_<unit>`, of a counter with `_total` behind it; a sample for each set of labels. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly samples: readonly MetricSample[];
}

export interface MetricSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A figure of each of several things that are told apart by one label. */
export function labelled<T>(metric: Omit<Metric, 'samples'>, label: string, things: ReadonlyMap<string | number, T>, value: (thing: T) => number): Metric {
  return { ...metric, samples: [...things].map(([name, thing]) => ({ labels: { [label]: String(name) }, value: value(thing) })) };
}

/** How many records of `topic` a group's part has still before it, by partition; no sample where the log does not answer. */
export async function lagMetric(metric: Pick<Metric, 'name' | 'help'>, { log, group, topic, partitions }: { readonly log: Pick<Log, 'lag'>; readonly group: string; readonly topic: string; readonly partitions: readonly number[] }): Promise<Metric> {
  const lags = await Promise.all(partitions.map(async (partition) => {
    const lag = await Promise.race([log.lag(group, topic, partition).catch(() => undefined), sleep(LOG_MS, undefined, { ref: false })]);
    return lag === undefined ? [] : [[partition, Number(lag)] as const];
  }));
  return labelled({ ...metric, type: 'gauge' }, 'partition', new Map(lags.flat()), (lag) => lag);
}
