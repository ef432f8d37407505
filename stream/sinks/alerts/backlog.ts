/** What was decided while nobody told: faults of an outage of ours are told late where they still stand, those of an old capture never. */

/** So long after a start what ripens of the backlog is told, too, ns. */
const WINDOW_NS = 300_000_000_000n;

interface Stand {
  /** Time of the newest row that was judged before the start, ns. */
  readonly before: bigint;
  /** When the worker wrote the newest cut, ns. */
  cut: bigint | undefined;
  /** When all was judged that the log had at the start, ns. */
  ready: bigint | undefined;
}

export class Backlog {
  private readonly stands = new Map<number, Stand>();
  private readonly tellWithinNs: bigint;

  constructor(tellWithinNs: bigint) {
    this.tellWithinNs = tellWithinNs;
  }

  /** A partition is read from where its rows were of `before`, ns. */
  begins(partition: number, before: bigint): void {
    this.stands.set(partition, { before, cut: undefined, ready: undefined });
  }

  /** A cut was written then, ns since 1970 of the worker's clock. */
  cut(partition: number, ingestTimeNs: bigint): void {
    this.stands.get(partition)!.cut = ingestTimeNs;
  }

  /** At `now` (wall clock) everything is judged that was there at the start. */
  ready(partition: number, now: bigint): void {
    this.stands.get(partition)!.ready ??= now;
  }

  /**
   * Since when faults count as of an outage: rows decided after it are newer than all that was known when we stopped, and
   * the log's newest row (`lastRow`) came as soon as it was decided. Undefined: nothing is to be told late.
   */
  outageSince(partition: number, lastRow: bigint, now: bigint): bigint | undefined {
    const stand = this.stands.get(partition);
    if (stand?.ready === undefined || stand.cut === undefined || now > stand.ready + WINDOW_NS) return undefined;
    return stand.cut - lastRow < this.tellWithinNs ? stand.before : undefined;
  }
}
