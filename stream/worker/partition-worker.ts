/** One partition's life: claim, silent replay, then frames in and events records out. */
import { randomBytes } from 'node:crypto';
import { DecoderFault, DecoderThread, type RegisteredModule, type SkippedFrame, type Stretch, loadModule } from '../../decoders-wasm/contract/host.ts';
import { EventsReader, startPosition } from '../contract/events-reader.ts';
import { positionOf } from '../contract/checkpoint.ts';
import type { Position } from '../contract/events-record.ts';
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import { decodeFrameBatch, encodeFrameBatch, type FrameBatch } from '../contract/frame-batch.ts';
import { eventsTopic, framesTopic, type Log, type LogRecord, LogStartError, type Subscription } from '../contract/log.ts';
import { type Checkpoint, Checkpoints } from './checkpoints.ts';
import type { WorkerConfig } from './config.ts';
import { EventsWriter } from './events-writer.ts';

/** Consumer group of the workers. */
const GROUP = 'worker';
/** A tap that was not named for more clock records than make it lost needs no more of them. */
const MOST_CLOCKS = 20;

export interface PartitionWorkerOptions {
  readonly log: Log;
  readonly partition: number;
  readonly owner: string;
  readonly config: WorkerConfig;
  readonly modules: readonly RegisteredModule[];
}

/** A frame that is passed over, with the offset of its batch. */
export interface AdoptedSkip extends SkippedFrame {
  readonly offset: string;
}

export class PartitionWorker {
  private readonly log: Log;
  private readonly partition: number;
  private readonly config: WorkerConfig;
  private readonly modules: readonly RegisteredModule[];
  private readonly events: EventsWriter;
  private readonly checkpoints: Checkpoints;
  private readonly owner: string;
  /** Module name to SHA-256. */
  private readonly hashes: Readonly<Record<string, string>>;
  /** Events offset of our claim. */
  private claimed = 0n;
  private thread: DecoderThread;
  private subscription: Subscription | undefined;
  private readonly stopped = Promise.withResolvers<never>();
  /** Frames to pass over, by offset of their batch. */
  private readonly skipped = new Map<bigint, SkippedFrame[]>();
  private done = 0n;
  /** That the frames before this offset are gone has been told already. */
  private toldUpTo = 0n;
  /** Bytes of frames taken since the last checkpoint. */
  private unsaved = 0;
  private ticking: NodeJS.Timeout | undefined;
  /** Open taps that ship their clock, by identity: clock records since a header named them. */
  private readonly live = new Map<string, number>();
  private clocks = 0;
  private saving: NodeJS.Timeout | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private isBroken = false;
  private readonly waiting: { until: bigint; resolve: () => void }[] = [];

  constructor(options: PartitionWorkerOptions) {
    const { log, partition, owner, config, modules } = options;
    this.log = log;
    this.partition = partition;
    this.config = config;
    this.modules = modules;
    this.events = new EventsWriter({ log, partition, owner, config, decoderVersion: modules.map(({ name, version }) => `${name}@${version}`).join(' ') });
    this.owner = owner;
    this.checkpoints = new Checkpoints(log, partition);
    this.hashes = Object.fromEntries(modules.map(loadModule).map((module) => [module.name, module.hash]));
    this.thread = this.newThread();
    this.stopped.promise.catch(() => undefined);
  }

  /** Rejects when the partition cannot go on. */
  get failed(): Promise<never> {
    return this.stopped.promise;
  }

  async start(): Promise<void> {
    const position = await this.claim();
    await this.refuseShortLog(BigInt(position.offset));
    const { first } = await this.log.bounds(framesTopic, this.partition);
    const next = BigInt(position.offset) < first ? first : BigInt(position.offset);
    const lost = await this.rebuild(next);
    if (lost !== undefined && first > this.toldUpTo) await this.tellLoss(lost, first);
    this.follow(next, position);
    this.events.failed.catch((error: unknown) => { this.fail(error); });
    this.ticking = setInterval(() => { this.appendClock().catch((error: unknown) => { this.fail(error); }); }, this.config.clockMs);
    this.saving = setInterval(() => { this.inTurn(() => this.save()).catch((error: unknown) => { this.fail(error); }); }, this.config.checkpointMs);
  }

  /** Claims the partition, takes its frames over without rows, and says so in the events log and by a checkpoint. */
  async adopt(skipped: readonly AdoptedSkip[]): Promise<void> {
    const { next } = await this.log.bounds(framesTopic, this.partition);
    const position = await this.claim();
    if (position.offset !== '0') throw new Error(`partition ${this.partition} has rows already: only a new log takes over the frames of another`);
    for (const { offset, ...frame } of skipped) this.skip(BigInt(offset), frame);
    await this.rebuild(next);
    if (next === 0n) return;
    await this.events.adopt({ offset: String(next), rows: 0 }, skipped);
    await this.save();
  }

  async drained(): Promise<void> {
    const { next } = await this.log.bounds(framesTopic, this.partition);
    if (this.done < next) await new Promise<void>((resolve) => { this.waiting.push({ until: next, resolve }); });
    await this.events.cut();
  }

  explain(protocol: number, frame: Uint8Array): Promise<unknown> {
    return this.thread.explain(protocol, frame);
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
      await this.thread.stop();
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
    if (this.isBroken || this.live.size === 0) return;
    const header: FrameBatch['header'] = {
      collector: 'clock', epoch: this.owner, partition: this.partition, sequence: ++this.clocks, taps: [], keys: [], gaps: [], ageNs: '0',
      clockNs: String(BigInt(Date.now()) * 1_000_000n),
    };
    await this.log.append(framesTopic, this.partition, [encodeFrameBatch({ header, frames: new Uint8Array(0) })]);
  }

  /** Which live taps are open, by the headers alone: the decoders count the same. */
  private noteLive({ taps, clockNs }: FrameBatch['header']): void {
    for (const { identity, state, clockNs: clock } of taps) {
      if (state !== 'open') this.live.delete(identity);
      else if (clock !== null || this.live.has(identity)) this.live.set(identity, 0);
    }
    if (clockNs === undefined) return;
    for (const [identity, unheard] of this.live) {
      if (unheard > MOST_CLOCKS) this.live.delete(identity);
      else this.live.set(identity, unheard + 1);
    }
  }

  private async tellLoss(lost: Stretch, first: bigint): Promise<void> {
    await this.events.tellLoss(lost, first);
    this.toldUpTo = first;
    // The state is another one now: a checkpoint is due.
    this.unsaved += 1;
  }

  private async skipAhead(): Promise<void> {
    const { first } = await this.log.bounds(framesTopic, this.partition);
    await this.tellLoss(await this.lose(this.done, first), first);
    this.follow(first, startPosition);
    this.wake();
  }

  /** The rows that say that the frames from `from` to before `first` are gone. */
  private async lose(from: bigint, first: bigint): Promise<Stretch> {
    return this.thread.lose(first, {
      log: await this.log.identity(framesTopic), partition: this.partition, fromOffset: String(from), toOffset: String(first), timeNs: String(await this.timeOf(first)),
    });
  }

  /** Wall time of the first frame at `offset` or behind it; now where there is none. */
  private async timeOf(offset: bigint): Promise<bigint> {
    for await (const { value } of this.log.read(framesTopic, this.partition, offset)) {
      const { header, frames } = decodeFrameBatch(value);
      const boot = frames.length > 0 ? firstBoot(frames) : header.taps.find(({ clockNs }) => clockNs !== null)?.clockNs;
      if (boot !== undefined && boot !== null && header.taps.length > 0) return BigInt(boot) + BigInt(header.taps[0]!.wallOffsetNs);
    }
    return BigInt(Date.now()) * 1_000_000n;
  }

  /** Claims the partition, reads the events log up to the claim and gives the position to go on from. */
  private async claim(): Promise<Position> {
    this.claimed = await this.events.claim(this.hashes);
    const checkpoint = await this.checkpoint();
    const from = checkpoint === undefined ? undefined : { owner: checkpoint.manifest.owner, end: positionOf(checkpoint.manifest) };
    const { first } = await this.log.bounds(eventsTopic, this.partition);
    const reader = new EventsReader(`${eventsTopic} partition ${this.partition}`, from, from === undefined && first > 0n);
    for await (const logged of this.log.read(eventsTopic, this.partition, checkpoint === undefined ? first : BigInt(checkpoint.manifest.events) + 1n)) {
      if (logged.offset >= this.claimed) break;
      const placed = reader.take(logged);
      this.toldUpTo = BigInt(placed?.record.header.lostUpTo ?? this.toldUpTo);
      for (const { offset, index, error, sourceLine } of placed?.record.header.skipped ?? []) {
        this.skip(BigInt(offset), { index, error, sourceLine });
      }
    }
    this.events.resume(reader.end);
    return reader.end;
  }

  /** Waiting for an offset that another frame will get would lose that frame. */
  private async refuseShortLog(next: bigint): Promise<void> {
    const bounds = await this.log.bounds(framesTopic, this.partition);
    if (bounds.next >= next) return;
    throw new Error(`${framesTopic} partition ${this.partition} ends before offset ${bounds.next}, but its rows are written up to ${next}: the frames are older than the events, or were lost. `
      + 'Restore all files of the log from one backup (docs/operations.md)');
  }

  /** The newest checkpoint that our modules can take over, at most at the frames offset `end`. */
  private checkpoint(end?: bigint): Promise<Checkpoint | undefined> {
    return this.checkpoints.newest(({ frames, events, modules }) => (end === undefined ? BigInt(events) < this.claimed : BigInt(frames) <= end)
      && Object.entries(this.hashes).every(([name, hash]) => modules[name] === hash));
  }

  /**
   * Brings fresh decoders to where they have handled the frames before `end`, without keeping rows. Where the log has not
   * all that is needed for it, they begin at its start: the rows that say so.
   */
  private async rebuild(end: bigint): Promise<Stretch | undefined> {
    const checkpoint = await this.checkpoint(end);
    if (checkpoint !== undefined) await this.thread.importState(checkpoint.state);
    this.live.clear();
    for (const { identity, state, isLive, isLost, unheard } of checkpoint?.state.taps ?? []) if (isLive === true && isLost !== true && state === 'open') this.live.set(identity, unheard ?? 0);
    this.unsaved = 0;
    const from = checkpoint === undefined ? 0n : BigInt(checkpoint.manifest.frames);
    const { first } = await this.log.bounds(framesTopic, this.partition);
    const lost = from < first ? await this.lose(from, first) : undefined;
    for await (const { offset, value } of this.log.read(framesTopic, this.partition, lost === undefined ? from : first)) {
      if (offset >= end) return lost;
      const batch = decodeFrameBatch(value);
      this.noteLive(batch.header);
      await this.thread.process(offset, batch, { skipped: this.skipped.get(offset) ?? [], silent: true });
      this.unsaved += value.length;
    }
    return lost;
  }

  /** Writes a checkpoint if frames came since the last one. */
  private async save(): Promise<void> {
    if (this.unsaved === 0) return;
    const settled = await this.events.settle();
    if (settled === undefined) return;
    await this.checkpoints.write({
      owner: this.owner, claim: String(this.claimed), frames: settled.end.offset, events: String(settled.offset), modules: this.hashes,
    }, await this.thread.exportState());
    this.unsaved = 0;
  }

  private async take(records: readonly LogRecord[], resume: Position): Promise<void> {
    for (const { offset, value } of records) {
      const batch = decodeFrameBatch(value);
      const stretch = await this.decode(offset, batch);
      this.noteLive(batch.header);
      const already = offset === BigInt(resume.offset) ? resume.rows : 0;
      await this.events.add(offset, stretch, already, this.skipped.get(offset) ?? []);
      this.done = offset + 1n;
      this.unsaved += value.length;
      if (this.unsaved >= this.config.checkpointBytes) await this.save();
      this.wake();
    }
    // For lag figures only: where to resume is said by events and checkpoints.
    await this.log.commit(GROUP, framesTopic, this.partition, this.done);
  }

  /** All rows of a batch; a frame that traps or hangs its decoder is skipped and the shadows are rebuilt without it. */
  private async decode(offset: bigint, batch: FrameBatch): Promise<Stretch> {
    let stepwise = false;
    for (let attempts = 0; ; attempts++) {
      try {
        return await this.thread.process(offset, batch, { skipped: this.skipped.get(offset) ?? [], stepwise });
      } catch (error) {
        if (!(error instanceof DecoderFault) || attempts >= 2 * this.config.mostTraps) throw error;
        stepwise = error.frameIndex === undefined;
        if (error.frameIndex !== undefined) this.skip(offset, { index: error.frameIndex, error: error.error, sourceLine: error.sourceLine });
        await this.thread.stop();
        this.thread = this.newThread();
        await this.rebuild(offset);
      }
    }
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

  private skip(offset: bigint, frame: SkippedFrame): void {
    const frames = this.skipped.get(offset) ?? [];
    if (!frames.some((known) => known.index === frame.index)) frames.push(frame);
    this.skipped.set(offset, frames);
  }

  private newThread(): DecoderThread {
    return new DecoderThread({
      modules: this.modules,
      seed: randomBytes(8).readBigUInt64LE(),
      memoryLimitBytes: this.config.memoryLimitBytes,
      patienceMs: this.config.patienceMs,
    });
  }

  private wake(): void {
    for (const waiter of this.waiting.filter(({ until }) => until <= this.done)) {
      this.waiting.splice(this.waiting.indexOf(waiter), 1);
      waiter.resolve();
    }
  }
}

/** Boot time of the first record of frames. */
function firstBoot(frames: Uint8Array): bigint {
  return new DataView(frames.buffer, frames.byteOffset).getBigUint64(layout.FRAME_BOOT_NS, true);
}
