/** One partition's life: claim, silent replay, then frames in and events records out. */
import { randomBytes } from 'node:crypto';
import { DecoderFault, DecoderThread, type ForgottenKeys, type LoadedModule, type RegisteredModule, type ShadowState, type Stretch } from '../../decoders-wasm/contract/host.ts';
import { murmur128 } from '../../decoders-wasm/contract/murmur.ts';
import { sameModules, startPosition } from '../contract/events-reader.ts';
import type { EventsHeader, ModuleHashes, Position } from '../contract/events-record.ts';
import { faultPoint } from '../contract/fault-points.ts';
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import { encodeFrameBatch, type FrameBatch, readFrameBatch } from '../contract/frame-batch.ts';
import { eventsTopic, framesTopic, type Log, type LogRecord, LogStartError, type Subscription } from '../contract/log.ts';
import { type Checkpoint, Checkpoints } from './checkpoints.ts';
import type { WorkerConfig } from './config.ts';
import { EventsWriter } from './events-writer.ts';
import { type History, readHistory, type Upgrade } from './history.ts';
import type { ModuleStore } from './module-store.ts';
import { TrappedFrames } from './trapped-frames.ts';

/** Consumer group of the workers. */
export const WORKER_GROUP = 'worker';
/** A tap that was not named for more clock records than make it lost needs no more of them. */
const MOST_CLOCKS = 20;

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
  private readonly config: WorkerConfig;
  private readonly modules: readonly LoadedModule[];
  private readonly store: ModuleStore;
  private readonly events: EventsWriter;
  private readonly checkpoints: Checkpoints;
  private readonly owner: string;
  /** Our own modules. */
  private readonly hashes: ModuleHashes;
  /** Those in force at the log's beginning, where we stand, and in `thread`. */
  private initial: ModuleHashes;
  private inForce: ModuleHashes;
  private running: ModuleHashes;
  private readonly upgrades: Upgrade[] = [];
  private framesLog: string | undefined;
  /** Events offset of our claim. */
  private claimed = 0n;
  private thread: DecoderThread;
  private subscription: Subscription | undefined;
  private readonly stopped = Promise.withResolvers<never>();
  private readonly trapped: TrappedFrames;
  /** The state before a batch that trapped: the next trap costs no replay from the checkpoint. Given up when one is written. */
  private snapshot: { readonly at: bigint; readonly state: ShadowState } | undefined;
  private done = 0n;
  /** That the frames before this offset are gone has been told already. */
  private toldUpTo = 0n;
  /** Bytes of frames taken since the last checkpoint. */
  private unsaved = 0;
  private ticking: NodeJS.Timeout | undefined;
  /** Open taps that ship their clock, by identity: clock records since a header named them. */
  private readonly live = new Map<string, number>();
  private clocks = 0;
  /** While the log is away one waits, no more: a burst of them would overtake the taps' own headers. */
  private isClockUnderWay = false;
  private saving: NodeJS.Timeout | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private isBroken = false;
  private readonly waiting: { until: bigint; resolve: () => void }[] = [];

  constructor(options: PartitionWorkerOptions) {
    const { log, partition, owner, config, modules, store } = options;
    this.log = log;
    this.partition = partition;
    this.config = config;
    this.modules = modules;
    this.store = store;
    this.events = new EventsWriter({ log, partition, owner, config, decoderVersion: versionsOf(modules) });
    this.owner = owner;
    this.checkpoints = new Checkpoints(log, partition);
    this.hashes = Object.fromEntries(modules.map((module) => [module.name, module.hash]));
    this.initial = this.inForce = this.running = this.hashes;
    this.trapped = new TrappedFrames(modules);
    this.thread = this.newThread();
    this.stopped.promise.catch(() => undefined);
  }

  /** Rejects when the partition cannot go on. */
  get failed(): Promise<never> {
    return this.stopped.promise;
  }

  /** SHA-256 of the modules that a replay of this partition may need: from those of the checkpoint that it begins with on. */
  get modulesInUse(): readonly string[] {
    return [this.initial, this.inForce, ...this.upgrades.map(({ to }) => to)].flatMap((modules) => Object.values(modules));
  }

  /** Throws where `start` could not go on: who claims first makes the present owner stop for nothing. */
  async check(): Promise<void> {
    const { next } = await this.log.bounds(eventsTopic, this.partition);
    const { position, initial, inForce, upgrades } = await this.history(next);
    for (const modules of [initial, ...upgrades.map(({ to }) => to), inForce]) this.registered(modules ?? {});
    await this.refuseShortLog(BigInt(position.offset));
  }

  async start(): Promise<void> {
    const claimed = await this.claim();
    const { first } = await this.log.bounds(framesTopic, this.partition);
    const next = BigInt(claimed.offset) < first ? first : BigInt(claimed.offset);
    const lost = await this.rebuild(next);
    if (lost !== undefined && first > this.toldUpTo) await this.tellLoss(lost, first);
    const here = { offset: String(next), rows: BigInt(claimed.offset) === next ? claimed.rows : 0 };
    const isOurs = sameModules(this.inForce, this.hashes);
    const position = isOurs ? here : await this.upgrade(here);
    // Until a checkpoint of ours is written every replay needs those that the last one is of.
    if (isOurs && !sameModules(this.initial, this.hashes)) this.unsaved += 1;
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
    this.trapped.read(adopted);
    for await (const { offset, value } of this.log.read(framesTopic, this.partition, 0n)) await this.decode(offset, await this.batchOf(value));
    const log = await this.log.identity(framesTopic);
    const stretch = adopted.forgotten === undefined ? undefined : await this.thread.forget(next, { ...adopted.forgotten, log, partition: this.partition });
    if (next === 0n && stretch === undefined) return;
    await this.events.adopt({ offset: String(next), rows: 0 }, this.trapped.all(), stretch);
    await this.save(true);
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
    if (this.isBroken || this.live.size === 0 || this.isClockUnderWay) return;
    const header: FrameBatch['header'] = {
      collector: 'clock', epoch: this.owner, partition: this.partition, sequence: ++this.clocks, taps: [], keys: [], gaps: [], ageNs: '0',
      clockNs: String(BigInt(Date.now()) * 1_000_000n),
    };
    this.isClockUnderWay = true;
    await this.log.append(framesTopic, this.partition, [encodeFrameBatch({ header, frames: new Uint8Array(0) })]).finally(() => { this.isClockUnderWay = false; });
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
    this.snapshot = undefined;
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
      const { header, frames } = await this.batchOf(value);
      if (header.spoiled !== undefined) continue;
      const boot = frames.length > 0 ? firstBoot(frames) : header.taps.find(({ clockNs }) => clockNs !== null)?.clockNs;
      if (boot !== undefined && boot !== null && header.taps.length > 0) return BigInt(boot) + BigInt(header.taps[0]!.wallOffsetNs);
    }
    return BigInt(Date.now()) * 1_000_000n;
  }

  /** Claims the partition, reads the events log up to the claim and gives the position to go on from. */
  private async claim(): Promise<Position> {
    this.claimed = await this.events.claim(this.hashes);
    const { position, initial, inForce, upgrades, passed, lostUpTo } = await this.history(this.claimed);
    for (const header of passed) this.trapped.read(header);
    this.toldUpTo = lostUpTo;
    this.upgrades.push(...upgrades);
    this.events.resume(position);
    this.initial = initial ?? this.hashes;
    this.inForce = inForce ?? this.hashes;
    return position;
  }

  private async history(end: bigint): Promise<History> {
    return readHistory(this.log, this.partition, (await this.checkpoint({ events: end }))?.manifest, end);
  }

  /** Waiting for an offset that another frame will get would lose that frame. */
  private async refuseShortLog(next: bigint): Promise<void> {
    const bounds = await this.log.bounds(framesTopic, this.partition);
    if (bounds.next >= next) return;
    throw new Error(`${framesTopic} partition ${this.partition} ends before offset ${bounds.next}, but its rows are written up to ${next}: the frames are older than the events, or were lost. `
      + 'Restore all files of the log from one backup (docs/operations.md)');
  }

  /** The newest checkpoint whose modules are there: before an events offset, or at most at a frames offset. */
  private checkpoint(before: { readonly events: bigint } | { readonly frames: bigint }): Promise<Checkpoint | undefined> {
    return this.checkpoints.newest(({ frames, events, modules }) => ('events' in before ? BigInt(events) < before.events : BigInt(frames) <= before.frames)
      && Object.entries(modules).every(([name, hash]) => this.module(name, hash) !== undefined));
  }

  /**
   * Brings fresh decoders to where they have handled the frames before `end`, without keeping rows. Where the log has not
   * all that is needed for it, they begin at its start: the rows that say so.
   */
  private async rebuild(end: bigint): Promise<Stretch | undefined> {
    const checkpoint = await this.checkpoint({ frames: end });
    const later = this.upgrades.filter(({ at, events }) => at <= end && (checkpoint === undefined || events > BigInt(checkpoint.manifest.events)));
    await this.restart(checkpoint?.manifest.modules ?? this.initial);
    if (checkpoint !== undefined) await this.thread.importState(checkpoint.state);
    this.live.clear();
    for (const { identity, state, isLive, isLost, unheard } of checkpoint?.state.taps ?? []) if (isLive === true && isLost !== true && state === 'open') this.live.set(identity, unheard ?? 0);
    this.unsaved = 0;
    const from = checkpoint === undefined ? 0n : BigInt(checkpoint.manifest.frames);
    const { first } = await this.log.bounds(framesTopic, this.partition);
    const lost = from < first ? await this.lose(from, first) : undefined;
    for await (const { offset, value } of this.log.read(framesTopic, this.partition, lost === undefined ? from : first)) {
      if (offset >= end) break;
      while (later[0] !== undefined && later[0].at <= offset) await this.changeModules(later.shift()!.to, offset);
      const batch = await this.batchOf(value);
      this.noteLive(batch.header);
      await this.thread.process(offset, batch, { passed: this.trapped.of(offset), silent: true });
      this.unsaved += value.length;
    }
    for (const { to } of later) await this.changeModules(to, end);
    return lost;
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
    const from = this.inForce;
    const stretch = await this.changeModules(this.hashes, at);
    faultPoint('upgrade:before');
    const events = await this.events.upgrade(from, this.hashes, stretch);
    faultPoint('upgrade:record');
    this.upgrades.push({ at, events, to: this.hashes });
    this.inForce = this.hashes;
    await this.save(true);
    faultPoint('upgrade:checkpoint');
    return { offset: String(at), rows: 0 };
  }

  /** Writes what is left of the batch at `offset` under the modules in force, and cuts: its rows are theirs. */
  private async finish(offset: bigint, already: number): Promise<void> {
    const ours = this.events.decoderVersion;
    this.events.decoderVersion = versionsOf(this.registered(this.inForce));
    for await (const { value } of this.log.read(framesTopic, this.partition, offset)) {
      const batch = await this.batchOf(value);
      await this.events.add(offset, await this.decode(offset, batch), already, this.trapped.of(offset));
      this.noteLive(batch.header);
      break;
    }
    await this.events.cut();
    this.events.decoderVersion = ours;
  }

  /** Hands the state from the modules that run to others, before the frames record `next`; gives the rows of what those read otherwise. */
  private async changeModules(to: ModuleHashes, next: bigint): Promise<Stretch> {
    const from = this.running;
    const modules = this.registered(to);
    const changes = modules.flatMap(({ name, protocol }) => (from[name] === undefined ? [] : [{ name, protocol, from: from[name], to: to[name]! }]));
    const state = await this.thread.exportState(this.store.takeOverForms(changes));
    await this.restart(to);
    await this.thread.importState({ ...state, modules: state.modules.filter(({ protocol }) => modules.some((module) => module.protocol === protocol)) });
    const logId = await this.log.identity(framesTopic);
    return this.thread.differences(changes.filter((change) => change.from !== change.to).map(({ name, protocol, ...change }) => ({
      // The claim tells two upgrades between the same modules at the same position apart.
      protocol, identity: murmur128(Buffer.from(['upgrade', logId, this.partition, this.claimed, name, change.from, change.to].join('\n'), 'utf8')),
    })), { next, turn: this.claimed });
  }

  /** Fresh decoders of those modules; a thread of its own only where it must be. */
  private async restart(modules: ModuleHashes): Promise<void> {
    if (sameModules(modules, this.running) && await this.thread.clear()) return;
    await this.thread.stop();
    this.running = modules;
    this.thread = this.newThread();
  }

  /** The module of that hash: ours or a kept one. */
  private module(name: string, hash: string): RegisteredModule | undefined {
    const own = this.modules.find((module) => module.name === name);
    return own?.hash === hash ? own : this.store.find(hash);
  }

  /** In the order in which their rows stand; throws ModuleStoreError where one is gone. */
  private registered(modules: ModuleHashes): RegisteredModule[] {
    return Object.entries(modules).map(([name, hash]) => {
      const found = this.module(name, hash);
      if (found === undefined) throw this.store.missing(name, hash);
      return { name: found.name, protocol: found.protocol, version: found.version, ...(found.file === undefined ? {} : { file: found.file }) };
    });
  }

  /** Writes a checkpoint if frames came since the last one, or in any case (`always`). */
  private async save(always = false): Promise<void> {
    if (this.unsaved === 0 && !always) return;
    const settled = await this.events.settle();
    if (settled === undefined) return;
    await this.checkpoints.write({
      owner: this.owner, claim: String(this.claimed), frames: settled.end.offset, events: String(settled.offset), modules: this.hashes,
    }, await this.thread.exportState(this.store.checkpointForms(this.hashes)));
    this.unsaved = 0;
    this.snapshot = undefined;
  }

  private async take(records: readonly LogRecord[], resume: Position): Promise<void> {
    for (const { offset, value } of records) {
      const batch = await this.batchOf(value);
      const stretch = await this.decode(offset, batch);
      this.noteLive(batch.header);
      const already = offset === BigInt(resume.offset) ? resume.rows : 0;
      await this.events.add(offset, stretch, already, this.trapped.of(offset));
      this.done = offset + 1n;
      this.unsaved += value.length;
      if (this.unsaved >= this.config.checkpointBytes) await this.save();
      this.wake();
    }
    // For lag figures only: where to resume is said by events and checkpoints.
    await this.log.commit(WORKER_GROUP, framesTopic, this.partition, this.done);
  }

  /** The batch of a record; of one that is none, what its row needs. */
  private async batchOf(value: Uint8Array): Promise<FrameBatch> {
    this.framesLog ??= await this.log.identity(framesTopic);
    return readFrameBatch(value, { log: this.framesLog, partition: this.partition });
  }

  /** All rows of a batch; a frame that traps or hangs its decoder is passed over and the shadows are rebuilt without it. */
  private async decode(offset: bigint, batch: FrameBatch): Promise<Stretch> {
    for (let stepwise = false; ;) {
      try {
        const stretch = await this.thread.process(offset, batch, { passed: this.trapped.of(offset), stepwise });
        this.trapped.decided(offset, stretch.resets);
        return stretch;
      } catch (error) {
        if (!(error instanceof DecoderFault)) throw error;
        const isAsked: boolean = stepwise;
        stepwise = error.frameIndex === undefined && !isAsked;
        if (!stepwise && !this.trapped.blame(offset, error)) throw error;
        await this.goBack(offset);
      }
    }
  }

  /** Fresh decoders where they have handled the frames before `offset`, out of the last such place or the checkpoint. */
  private async goBack(offset: bigint): Promise<void> {
    if (this.snapshot === undefined) {
      const { first } = await this.log.bounds(framesTopic, this.partition);
      const lost = await this.rebuild(offset);
      if (lost !== undefined) await this.tellLoss(lost, first < offset ? first : offset);
    } else {
      await this.restart(this.running);
      await this.thread.importState(this.snapshot.state);
      for await (const { offset: at, value } of this.log.read(framesTopic, this.partition, this.snapshot.at)) {
        if (at >= offset) break;
        await this.thread.process(at, await this.batchOf(value), { passed: this.trapped.of(at), silent: true });
      }
    }
    if (this.snapshot?.at !== offset) this.snapshot = { at: offset, state: await this.thread.exportState() };
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

  private newThread(): DecoderThread {
    return new DecoderThread({
      modules: this.registered(this.running),
      seed: randomBytes(8).readBigUInt64LE(),
      memoryLimitBytes: this.config.memoryLimitBytes,
      patienceMs: this.config.patienceMs,
      trapLimits: { mostTraps: this.config.mostTraps, windowNs: BigInt(this.config.trapWindowMs) * 1_000_000n },
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

function versionsOf(modules: readonly RegisteredModule[]): string {
  return modules.map(({ name, version }) => `${name}@${version}`).join(' ');
}
