/** What a shipper tells of itself. */
import { labelled, type Metric } from '../../stream/contract/metrics.ts';
import { WORTHS } from './drop.ts';
import type { ShipperCounters } from './index.ts';
import type { RingTap, RingDrop } from './port.ts';
import type { SpoolCounters } from './spool.ts';

/** What stands of a shipper now. */
export interface ShipperNow {
  readonly counters: ShipperCounters;
  readonly spool: SpoolCounters;
  readonly taps: readonly RingTap[];
  readonly drops: readonly RingDrop[];
  /** Behind now, of the time up to which all that the taps saw stands in the spool. */
  readonly watermarkLagNs: bigint;
}

export function shipperMetrics({ counters, spool, taps, drops, watermarkLagNs }: ShipperNow): Metric[] {
  const one = (name: string, type: Metric['type'], help: string, value: number): Metric => ({ name: `routewatch_collector_${name}`, type, help, samples: [{ labels: {}, value }] });
  const open = taps.filter(({ closedNs }) => closedNs === undefined);
  const named = new Map(taps.map(({ id, name }) => [id, name]));
  return [
    one('taps', 'gauge', 'Interfaces that are tapped', open.length),
    labelled({ name: 'routewatch_collector_tap_carrier', type: 'gauge', help: '1 where the interface is up, 0 where it is down' }, 'tap', new Map(open.flatMap(({ name, carrier }) => (carrier === undefined ? [] : [[name, carrier] as const]))), ({ isUp }) => Number(isUp)),
    one('frames_total', 'counter', 'Frames taken from the ring', counters.frames),
    one('frame_bytes_total', 'counter', 'Bytes of these frames', counters.frameBytes),
    one('refreshes_total', 'counter', 'Hellos that came again unchanged and were counted in place of shipped', counters.refreshes),
    one('batches_total', 'counter', 'Frame batches put into the spool', counters.batches),
    {
      name: 'routewatch_collector_lost_frames_total', type: 'counter', help: 'Frames of routing protocols that the kernel could not hand over',
      samples: drops.flatMap(({ tap, lost }) => Object.entries(lost).map(([reason, value]) => ({ labels: { tap: named.get(tap) ?? String(tap), reason }, value }))),
    },
    labelled({ name: 'routewatch_collector_dropped_frames_total', type: 'counter', help: 'Frames and refreshes dropped from a full spool' }, 'worth', new Map(WORTHS.map((worth, index) => [worth, spool.dropped[index] ?? 0])), (count) => count),
    one('dropped_batches_total', 'counter', 'Whole batches dropped from a full spool', spool.droppedBatches),
    one('spooled_batches', 'gauge', 'Frame batches that the log does not have yet', spool.batches),
    one('spooled_bytes', 'gauge', 'Bytes of these batches', spool.bytes),
    one('watermark_lag_seconds', 'gauge', 'Behind now, of the time up to which all that the taps saw stands in the spool', Number(watermarkLagNs) / 1e9),
  ];
}
