/** When a partition gets a header although it has no frames: the tick by which deadlines pass. Pure; all times boot clock, ns. */

const SECOND_NS = 1_000_000_000n;
/** A deadline that is due within this, or passed less than this ago, asks for quick headers. */
export const NEAR_NS = 2n * SECOND_NS;
export const QUICK_NS = SECOND_NS / 4n;
export const SLOW_NS = 10n * SECOND_NS;
/** So long after the last key that a partition got from this collector its headers end. */
export const IDLE_NS = 3600n * SECOND_NS;

/** What is due for a partition: nothing, a header, or the last one for now. */
export type Due = 'nothing' | 'header' | 'idle';

interface PartitionTimes {
  header: bigint;
  key: bigint;
  isIdle: boolean;
}

export class HeaderSchedule {
  private readonly partitions: PartitionTimes[];

  /** Headers of a collector that starts at `now` begin with its first keys. */
  constructor(partitions: number, now: bigint) {
    this.partitions = Array.from({ length: partitions }, () => ({ header: now, key: now, isIdle: true }));
  }

  /** A frame, a refresh or an opening of a tap went to the partition. */
  active(partition: number, now: bigint): void {
    const times = this.partitions[partition]!;
    times.key = now;
    times.isIdle = false;
  }

  /** A header with a watermark went out. */
  told(partition: number, now: bigint, isIdle: boolean): void {
    const times = this.partitions[partition]!;
    times.header = now;
    times.isIdle = isIdle;
  }

  isIdle(partition: number): boolean {
    return this.partitions[partition]!.isIdle;
  }

  /** `readableNs`: so long the lists of its hellos' arrivals may go unread. */
  due(partition: number, now: bigint, { isDeadlineNear, readableNs = SLOW_NS }: { readonly isDeadlineNear: boolean; readonly readableNs?: bigint | undefined }): Due {
    const { header, key, isIdle } = this.partitions[partition]!;
    if (isIdle) return 'nothing';
    const slow = readableNs > SLOW_NS ? SLOW_NS : readableNs > QUICK_NS ? readableNs : QUICK_NS;
    if (now - header < (isDeadlineNear ? QUICK_NS : slow)) return 'nothing';
    return now - key >= IDLE_NS ? 'idle' : 'header';
  }
}

/** Whether a deadline asks for quick headers at `now`. */
export function isNear(deadline: bigint, now: bigint): boolean {
  return deadline - now <= NEAR_NS && now - deadline < NEAR_NS;
}
