/** From the spool into the log: each partition's batches in order, one append at a time, until they are acknowledged. */
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeFrameBatch, encodeFrameBatch } from '../../stream/contract/frame-batch.ts';
import { faultPoint } from '../../stream/contract/fault-points.ts';
import { framesTopic, type Log } from '../../stream/contract/log.ts';
import { traced } from '../../stream/contract/traces.ts';
import type { RingPort } from './port.ts';
import type { Spool, WaitingBatch } from './spool.ts';

/** Bytes of one append. */
const APPEND_BYTES = 4 << 20;
const RETRY_MS = [100, 250, 500, 1000, 2000, 5000];
/** From this age on the header tells it; frames are late from 2 s on. */
const TOLD_AGE_NS = 1_000_000_000n;

export interface SenderOptions {
  readonly log: Pick<Log, 'append'>;
  readonly partitions: number;
  readonly spool: Spool;
  readonly port: Pick<RingPort, 'epoch' | 'clock' | 'isRecorded'>;
  /** Is told when the log cannot be reached, and when it can again. */
  readonly tell: (message: string) => void;
}

export class Sender {
  private readonly options: SenderOptions;
  /** Row that was sent last, by partition: it and those before it are never changed again. */
  private readonly sent: bigint[];
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>[] = [];
  private wakers: (() => void)[] = [];
  private isAway = false;
  private inFlight = 0;

  constructor(options: SenderOptions) {
    this.options = options;
    this.sent = Array.from({ length: options.partitions }, () => 0n);
  }

  /** Up to which row of a partition has been handed to the log. */
  busy(partition: number): bigint {
    return this.sent[partition] ?? 0n;
  }

  start(): void {
    for (let partition = 0; partition < this.options.partitions; partition++) this.running.push(this.run(partition));
  }

  /** The spool has more. */
  wake(): void {
    const wakers = this.wakers;
    this.wakers = [];
    for (const wake of wakers) wake();
  }

  /** Sends what the spool holds now, for `patienceMs` at most; false if something is left, which stays in the spool. */
  async stop(patienceMs: number): Promise<boolean> {
    const until = performance.now() + patienceMs;
    const isEmpty = (): boolean => this.sent.every((after, partition) => this.options.spool.waiting(partition, after, 1).length === 0);
    this.wake();
    while ((!isEmpty() || this.inFlight > 0) && performance.now() < until) await sleep(10);
    this.stopping.abort();
    this.wake();
    await Promise.all(this.running);
    return isEmpty();
  }

  private async run(partition: number): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const batches = this.options.spool.waiting(partition, this.sent[partition]!, APPEND_BYTES);
      if (batches.length === 0) await new Promise<void>((resolve) => { this.wakers.push(resolve); });
      else if (await this.append(partition, batches)) this.options.spool.done(batches);
    }
  }

  private async append(partition: number, batches: readonly WaitingBatch[]): Promise<boolean> {
    this.inFlight += 1;
    const before = this.sent[partition]!;
    this.sent[partition] = batches.at(-1)!.id;
    try {
      for (let attempt = 0; !this.stopping.signal.aborted || attempt === 0; attempt++) {
        try {
          const values = batches.map((batch) => this.aged(batch));
          await traced('ship', { topic: framesTopic, partition, records: values.length }, () => this.options.log.append(framesTopic, partition, values));
          faultPoint('shipper:after-append');
          if (this.isAway) this.options.tell('the log takes batches again');
          this.isAway = false;
          return true;
        } catch (error) {
          if (!this.isAway) this.options.tell(`the log takes no batches (${error instanceof Error ? error.message : String(error)}): they wait in the spool, and are tried again`);
          this.isAway = true;
          await sleep(RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)], undefined, { signal: this.stopping.signal }).catch(() => undefined);
        }
      }
      // Whether the log has them is not known: they are sent again at the next start.
      this.sent[partition] = before;
      return false;
    } finally {
      this.inFlight -= 1;
    }
  }

  /** The batch as it goes out: with its age, where that is more than an instant. */
  private aged({ value, ring, oldestBootNs, oldestWallNs }: WaitingBatch): Uint8Array {
    const { port } = this.options;
    if (port.isRecorded === true) return value;
    const { bootNs, wallNs } = port.clock();
    const age = ring === String(port.epoch) ? bootNs - oldestBootNs : wallNs - oldestWallNs;
    if (age < TOLD_AGE_NS) return value;
    const { header, frames } = decodeFrameBatch(value);
    return encodeFrameBatch({ header: { ...header, ageNs: String(age) }, frames });
  }
}
