/** One partition's life: claim, silent replay, then frames in and events records out. */
import type { ForgottenKeys, LoadedModule, Stretch } from '../../decoders-wasm/contract/host.ts';
import { sameModules, startPosition } from '../contract/events-reader.ts';
import type { EventsHeader, Position } from '../contract/events-record.ts';
import { faultPoint } from '../contract/fault-points.ts';
import { eventsTopic, framesTopic, type Log, type LogRecord, LogStartError, type Subscription } from '../contract/log.ts';
import { traced } from '../contract/traces.ts';
import { Waiters } from '../contract/waiters.ts';
import type { WorkerConfig } from './config.ts';
import { versionsOf } from './decoders.ts';
import { EventsWriter } from './events-writer.ts';
import type { PartitionNow } from './figures.ts';
import { clockRecord } from './live-taps.ts';
import type { ModuleStore } from './module-store.ts';
import { Shadows } from './shadows.ts';

/** Consumer group of the workers. */
export const WORKER_GROUP = 'worker';

export interface PartitionWorkerOptions {
  readonly log: Log;
  readonly partition: number;
  readonly owner: string;
  readonly config: WorkerConfig;
  readonly modules: readonly LoadedModule[];
  readonly store: ModuleStore;
}

/** What another log of the same frames knows that these do not tell. */
export interface Adopted extends Pick<EventsHeader, 'skipped' | 'resets'> {
  /** Keys whose state does not come from these frames alone, and since when that is not known. */
  readonly forgotten?: Pick<ForgottenKeys, 'keys' | 'timeNs' | 'detail'>;
}

export class PartitionWorker {
  private readonly log: Log;
  private readonly partition: number;
  private readonly owner: string;
  private readonly config: WorkerConfig;
  private readonly store: ModuleStore;
  private readonly events: EventsWriter;
  private readonly shadows: Shadows;
  private subscription: Subscription | undefined;
  private readonly stopped = Promise.withResolvers<never>();
  private done = 0n;
  /** That the frames before this offset are gone has been told already. */
  private toldUpTo = 0n;
  private ticking: NodeJS.Timeout | undefined;
  private clocks = 0;
  /** While the log is away one waits, no more: a burst of them would overtake the taps' own headers. */
  private isClockUnderWay = false;
  private saving: NodeJS.Timeout | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private isBroken = false;
  private readonly waiting = new Waiters();

  constructor(options: PartitionWorkerOptions) {
    const { log, partition, owner, config, modules, store } = options;
    this.log = log;
    this.partition = partition;
    this.owner = owner;
    this.config = config;
    this.store = store;
    this.events = new EventsWriter({ log, partition, owner, config, decoderVersion: versionsOf(modules) });
    this.shadows = new Shadows(options, (lost, first) => this.tellLoss(lost, first));
    this.stopped.promise.catch(() => undefined);
  }

  /** Rejects when the partition cannot go on. */
  get failed(): Promise<never> {
    return this.stopped.promise;
  }

  /** SHA-256 of the modules that a replay of this partition may need: from those of the checkpoint that it begins with on. */
  get modulesInUse(): readonly string[] {
    const { initial, inForce, upgrades } = this.shadows;
    return [initial, inForce, ...upgrades.map(({ to }) => to)].flatMap((modules) => Object.values(modules));
  }

  /** What this partition counts, and what a crash now would cost. */
  get now(): PartitionNow {
    const { figures, unsaved } = this.shadows;
    const { batches, frameBytes, rows, doubled, zombies, checkpointAt, taps } = figures;
    return { batches, frameBytes, rows, doubled, zombies, checkpointAt, taps, replayBytes: unsaved };
  }

  /** Throws where `start` could not go on: who claims first makes the present owner stop for nothing. */
  async check(): Promise<void> {
    const { next } = await this.log.bounds(eventsTopic, this.partition);
    const { position, initial, inForce, upgrades } = await this.shadows.history(next);
    for (const modules of [initial, ...upgrades.map(({ to }) => to), inForce]) this.shadows.decoders.registered(modules ?? {});
    await this.refuseShortLog(BigInt(position.offset));
  }

  async start(): Promise<void> {
    const claimed = await this.claim();
    const { shadows } = this;
    const { first } = await this.log.bounds(framesTopic, this.partition);
    const next = BigInt(claimed.offset) < first ? first : BigInt(claimed.offset);
    const lost = await shadows.rebuild(next);
    if (lost !== undefined && first > this.toldUpTo) await this.tellLoss(lost, first);
    const here = { offset: String(next), rows: BigInt(claimed.offset) === next ? claimed.rows : 0 };
    const { hashes } = shadows.decoders;
    const isOurs = sameModules(shadows.inForce, hashes);
    const position = isOurs ? here : await this.upgrade(here);
    // Until a checkpoint of ours is written every replay needs those that the last one is of.
    if (isOurs && !sameModules(shadows.initial, hashes)) shadows.unsaved += 1;
    this.follow(BigInt(position.offset), position);
    await this.log.commit(WORKER_GROUP, framesTopic, this.partition, this.done);
    this.events.failed.catch((error: unknown) => { this.fail(error); });
    this.ticking = setInterval(() => { this.appendClock().catch((error: unknown) => { this.fail(error); }); }, this.config.clockMs);
    this.saving = setInterval(() => { this.inTurn(() => this.save()).catch((error: unknown) => { this.fail(error); }); }, this.config.checkpointMs);
  }

  /** Claims the partition, takes its frames over without rows, and says so in the events log and by a checkpoint. */
  async adopt(adopted: Adopted): Promise<void> {
    const { next } = await this.log.bounds(framesTopic, this.partition);
    const position = await this.claim();
    if (position.offset !== '0') throw new Error(`partition ${this.partition} has rows already: only a new log takes over the frames of another`);
    const { shadows } = this;
    shadows.trapped.read(adopted);
    for await (const record of this.log.read(framesTopic, this.partition, 0n)) await shadows.decode(record.offset, await shadows.batchOf(record));
    const log = await this.log.identity(framesTopic);
    const stretch = adopted.forgotten === undefined ? undefined : await shadows.decoders.thread.forget(next, { ...adopted.forgotten, log, partition: this.partition });
    if (next === 0n && stretch === undefined) return;
    await this.events.adopt({ offset: String(next), rows: 0 }, shadows.trapped.all(), stretch);
    await this.save(true);
  }

  async drained(): Promise<void> {
    const { next } = await this.log.bounds(framesTopic, this.partition);
    if (this.done < next) await this.waiting.until(next);
    await this.events.cut();
  }

  explain(protocol: number, frame: Uint8Array): Promise<unknown> {
    return this.shadows.decoders.thread.explain(protocol, frame);
  }

  async stop(): Promise<void> {
    clearInterval(this.saving);
    clearInterval(this.ticking);
    await this.subscription?.stop();
    try {
      await this.inTurn(async () => {
        await this.events.stop();
        if (!this.isBroken) await this.save();
      });
    } finally {
      await this.shadows.decoders.stop();
    }
  }

  /** Takes frames from `next` on; where retention overtakes us we say so and go on at the log's start. */
  private follow(next: bigint, resume: Position): void {
    this.done = next;
    this.subscription = this.log.consume({ topic: framesTopic, partition: this.partition, from: next }, (records) => this.inTurn(() => this.take(records, resume)));
    this.subscription.failed.catch((error: unknown) => {
      if (!(error instanceof LogStartError)) this.fail(error);
      else this.inTurn(() => this.skipAhead()).catch((fault: unknown) => { this.fail(fault); });
    });
  }

  /** While live taps are open time moves although they may all be dead: the one thing that a worker writes to frames. */
  private async appendClock(): Promise<void> {
    if (this.isBroken || this.shadows.live.isEmpty || this.isClockUnderWay) return;
    this.isClockUnderWay = true;
    await this.log.append(framesTopic, this.partition, [clockRecord(this.owner, this.partition, ++this.clocks, Date.now())])
      .finally(() => { this.isClockUnderWay = false; });
  }

  private async tellLoss(lost: Stretch, first: bigint): Promise<void> {
    await this.events.tellLoss(lost, first);
    this.toldUpTo = first;
    this.shadows.changed();
  }

  private async skipAhead(): Promise<void> {
    const { first } = await this.log.bounds(framesTopic, this.partition);
    await this.tellLoss(await this.shadows.lose(this.done, first), first);
    this.follow(first, startPosition);
    this.waiting.wake(this.done);
  }

  /** Claims the partition, reads the events log up to the claim and gives the position to go on from. */
  private async claim(): Promise<Position> {
    const claimed = await this.events.claim(this.shadows.decoders.hashes);
    const history = await this.shadows.history(claimed);
    this.shadows.learn(history, claimed);
    this.toldUpTo = history.lostUpTo;
    this.events.resume(history.position);
    return history.position;
  }

  /** Waiting for an offset that another frame will get would lose that frame. */
  private async refuseShortLog(next: bigint): Promise<void> {
    const bounds = await this.log.bounds(framesTopic, this.partition);
    if (bounds.next >= next) return;
    throw new Error(`${framesTopic} partition ${this.partition} ends before offset ${bounds.next}, but its rows are written up to ${next}: the frames are older than the events, or were lost. `
      + 'Restore all files of the log from one backup (docs/operations.md)');
  }

  /**
   * Our own modules take over from those in force: what these left half written is finished under them, then what ours
   * read otherwise becomes rows. Until that record is written the older ones are in force, from then on ours.
   */
  private async upgrade(position: Position): Promise<Position> {
    let at = BigInt(position.offset);
    if (position.rows > 0) {
      await this.finish(at, position.rows);
      at += 1n;
    }
    const { shadows } = this;
    const { hashes } = shadows.decoders;
    const from = shadows.inForce;
    const stretch = await shadows.change(hashes, at);
    faultPoint('upgrade:before');
    const events = await this.events.upgrade(from, hashes, stretch);
    faultPoint('upgrade:record');
    shadows.upgrades.push({ at, events, to: hashes });
    shadows.inForce = hashes;
    await this.save(true);
    faultPoint('upgrade:checkpoint');
    return { offset: String(at), rows: 0 };
  }

  /** Writes what is left of the batch at `offset` under the modules in force, and cuts: its rows are theirs. */
  private async finish(offset: bigint, already: number): Promise<void> {
    const { shadows } = this;
    const ours = this.events.decoderVersion;
    this.events.decoderVersion = versionsOf(shadows.decoders.registered(shadows.inForce));
    for await (const record of this.log.read(framesTopic, this.partition, offset)) {
      const batch = await shadows.batchOf(record);
      await this.events.add(offset, await shadows.decode(offset, batch), already, shadows.trapped.of(offset));
      shadows.live.note(batch.header);
      break;
    }
    await this.events.cut();
    this.events.decoderVersion = ours;
  }

  /** Writes a checkpoint if frames came since the last one, or in any case (`always`). */
  private async save(always = false): Promise<void> {
    const { shadows } = this;
    if (shadows.unsaved === 0 && !always) return;
    const settled = await this.events.settle();
    if (settled === undefined) return;
    const { decoders, claimed } = shadows;
    await shadows.checkpoints.write({
      owner: this.owner, claim: String(claimed), frames: settled.end.offset, events: String(settled.offset), modules: decoders.hashes,
    }, await decoders.thread.exportState(this.store.checkpointForms(decoders.hashes)));
    shadows.saved();
  }

  private async take(records: readonly LogRecord[], resume: Position): Promise<void> {
    const at = records[0] === undefined ? {} : { offset: records[0].offset };
    await traced('decode', { topic: framesTopic, partition: this.partition, records: records.length, ...at }, () => this.decode(records, resume));
  }

  private async decode(records: readonly LogRecord[], resume: Position): Promise<void> {
    const { shadows } = this;
    for (const record of records) {
      const { offset, value } = record;
      const batch = await shadows.batchOf(record);
      const stretch = await shadows.decode(offset, batch);
      shadows.live.note(batch.header);
      shadows.figures.note(batch, stretch.blocks);
      const already = offset === BigInt(resume.offset) ? resume.rows : 0;
      await this.events.add(offset, stretch, already, shadows.trapped.of(offset));
      this.done = offset + 1n;
      shadows.unsaved += value.length;
      if (shadows.unsaved >= this.config.checkpointBytes) await this.save();
      this.waiting.wake(this.done);
    }
    // For lag figures only: where to resume is said by events and checkpoints.
    await this.log.commit(WORKER_GROUP, framesTopic, this.partition, this.done);
  }

  /** One thing at a time: frames, checkpoints. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }

  private fail(error: unknown): void {
    this.isBroken = true;
    this.stopped.reject(error);
  }
}
