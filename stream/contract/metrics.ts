/** Figures that a part tells of itself while it runs, in the shape of Prometheus and OpenTelemetry: who asks makes text of them. */

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
