/** What the sink counts of each partition, and how it tells it. */
import { labelled, type Metric } from '../../contract/metrics.ts';

export class SinkFigures {
  cuts = 0;
  rows = 0;
  /** Events records whose rows the store refused for good. */
  quarantined = 0;
  /** When the worker made the last cut that is in the store, ms; undefined before the first. */
  lastCut: number | undefined;
}

/** What stands of a partition beside what it counts. */
export interface SinkNow {
  readonly figures: SinkFigures;
  /** Time that inserts took, with their repeats, ms; and how many were tried again. */
  readonly insertMs: number;
  readonly retries: number;
  /** Records of fenced owners, and whole repeats, passed over. */
  readonly passedOver: number;
}

export function sinkMetrics(partitions: ReadonlyMap<number, SinkNow>, nowMs = Date.now()): Metric[] {
  const one = (name: string, type: Metric['type'], help: string, value: (now: SinkNow) => number): Metric => labelled({ name: `routewatch_sink_${name}`, type, help }, 'partition', partitions, value);
  return [
    { name: 'routewatch_sink_partitions', type: 'gauge', help: 'Partitions that this sink has now', samples: [{ labels: {}, value: partitions.size }] },
    one('cuts_total', 'counter', 'Cuts inserted', ({ figures }) => figures.cuts),
    one('rows_total', 'counter', 'Rows inserted', ({ figures }) => figures.rows),
    one('quarantined_records_total', 'counter', 'Events records whose rows the store refused for good', ({ figures }) => figures.quarantined),
    one('insert_seconds_total', 'counter', 'Time that inserts took, with their repeats', ({ insertMs }) => insertMs / 1000),
    one('insert_retries_total', 'counter', 'Inserts that were tried again', ({ retries }) => retries),
    one('zombie_records_total', 'counter', 'Events records of owners that had lost the partition, and repeats, passed over', ({ passedOver }) => passedOver),
    {
      name: 'routewatch_sink_last_cut_age_seconds', type: 'gauge', help: 'Since the last cut that is in the store was made; grows where no rows come, too',
      samples: [...partitions].flatMap(([partition, { figures: { lastCut } }]) => (lastCut === undefined ? [] : [{ labels: { partition: String(partition) }, value: (nowMs - lastCut) / 1000 }])),
    },
  ];
}
