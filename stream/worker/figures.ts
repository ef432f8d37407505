/** What one partition's worker counts of itself, and what a worker tells of all its partitions. */
import { tables } from '../../decoders-wasm/contract/generated/tables.ts';
import type { ShadowState } from '../../decoders-wasm/contract/host.ts';
import type { FrameBatch, FrameBatchHeader } from '../contract/frame-batch.ts';
import { labelled, type Metric } from '../contract/metrics.ts';

/** Collectors' epochs and taps that are remembered at most; beyond it the oldest goes. */
const MOST = 8192;

interface TapClock {
  readonly tap: string;
  readonly collector: string;
  /** Wall time up to which all that the tap saw has come, ms. */
  readonly upTo: number;
}

export class PartitionFigures {
  batches = 0;
  frameBytes = 0;
  /** Rows that the decoders gave, by table number. */
  readonly rows = new Map<number, number>();
  /** Batches that had come before. */
  doubled = 0;
  /** Events records of owners that had lost the partition, and whole repeats, passed over when it was claimed. */
  zombies = 0;
  /** When the state was written from which a replay would begin, or was taken over from another; by performance.now(). */
  checkpointAt = performance.now();
  readonly taps = new Map<string, TapClock>();
  private readonly sequences = new Map<string, number>();

  /** Begins with what a checkpoint knows. */
  restore(state: Pick<ShadowState, 'sequences'> | undefined): void {
    this.checkpointAt = performance.now();
    this.sequences.clear();
    for (const { source, sequence } of state?.sequences ?? []) this.sequences.set(source, sequence);
  }

  /** A batch comes; `blocks` is what it gave, absent where it is read again in silence. */
  note({ header, frames }: FrameBatch, blocks?: readonly { readonly table: number; readonly rows: number }[]): void {
    const source = `${header.collector}\n${header.epoch}`;
    const isDoubled = header.clockNs === undefined && header.spoiled === undefined && header.sequence <= (this.sequences.get(source) ?? 0);
    if (!isDoubled && header.spoiled === undefined) remember(this.sequences, source, header.sequence);
    this.noteTaps(header);
    if (blocks === undefined) return;
    this.batches += 1;
    this.frameBytes += frames.length;
    for (const { table, rows } of blocks) this.rows.set(table, (this.rows.get(table) ?? 0) + rows);
    if (isDoubled) this.doubled += 1;
  }

  private noteTaps({ taps, collector }: FrameBatchHeader): void {
    for (const { identity, name, state, clockNs, wallOffsetNs } of taps) {
      if (state === 'closed') this.taps.delete(identity);
      else if (clockNs !== null) remember(this.taps, identity, { tap: name, collector, upTo: Number((BigInt(clockNs) + BigInt(wallOffsetNs)) / 1_000_000n) });
    }
  }
}

/** What stands of a partition beside what it counts. */
export interface PartitionNow extends Pick<PartitionFigures, 'batches' | 'frameBytes' | 'rows' | 'doubled' | 'zombies' | 'checkpointAt' | 'taps'> {
  /** Bytes of frames that a crash now would have read again. */
  readonly replayBytes: number;
}

/** `claims`: how often this worker has claimed each partition. */
export function workerMetrics(partitions: ReadonlyMap<number, PartitionNow>, claims: ReadonlyMap<number, number>, nowMs = Date.now()): Metric[] {
  const one = (name: string, type: Metric['type'], help: string, value: (now: PartitionNow) => number): Metric => labelled({ name: `routewatch_worker_${name}`, type, help }, 'partition', partitions, value);
  return [
    { name: 'routewatch_worker_partitions', type: 'gauge', help: 'Partitions that this worker has now', samples: [{ labels: {}, value: partitions.size }] },
    labelled({ name: 'routewatch_worker_claims_total', type: 'counter', help: 'Claims of a partition by this worker' }, 'partition', claims, (count) => count),
    one('checkpoint_age_seconds', 'gauge', 'Since the checkpoint from which a replay would begin was written, or taken over', ({ checkpointAt }) => (performance.now() - checkpointAt) / 1000),
    one('replay_bytes', 'gauge', 'Frames that would be read again after a crash', ({ replayBytes }) => replayBytes),
    one('batches_total', 'counter', 'Frame batches decoded', ({ batches }) => batches),
    one('frame_bytes_total', 'counter', 'Bytes of frames decoded', ({ frameBytes }) => frameBytes),
    {
      name: 'routewatch_worker_rows_total', type: 'counter', help: 'Rows that the decoders gave',
      samples: [...partitions].flatMap(([partition, { rows }]) => [...rows].map(([table, value]) => ({ labels: { partition: String(partition), table: tableName(table) }, value }))),
    },
    one('doubled_batches_total', 'counter', 'Frame batches dropped since they had come before', ({ doubled }) => doubled),
    one('zombie_records_total', 'counter', 'Events records of owners that had lost the partition, and repeats, passed over', ({ zombies }) => zombies),
    {
      name: 'routewatch_worker_watermark_lag_seconds', type: 'gauge', help: 'Behind now, of the time up to which all that a live tap saw has come',
      samples: [...partitions].flatMap(([partition, { taps }]) => [...taps.values()].map(({ tap, collector, upTo }) => ({ labels: { partition: String(partition), tap, collector }, value: (nowMs - upTo) / 1000 }))),
    },
  ];
}

function tableName(number: number): string {
  return tables.find(({ id }) => id === number)?.name ?? String(number);
}

/** Sets the newest; the oldest goes where there are too many. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const oldest = map.size > MOST ? map.keys().next().value : undefined;
  if (oldest !== undefined) map.delete(oldest);
}
