/** One partition's life: claim, silent replay, then frames in and events records out. */
import { randomBytes } from 'node:crypto';
import { DecoderFault, DecoderThread, type RegisteredModule, type SkippedFrame, type Stretch, loadModule } from '../../decoders-wasm/contract/host.ts';
import { EventsReader, startPosition } from '../contract/events-reader.ts';
import type { Position } from '../contract/events-record.ts';
import { decodeFrameBatch, type FrameBatch } from '../contract/frame-batch.ts';
import { eventsTopic, framesTopic, type Log, type LogRecord, type Subscription } from '../contract/log.ts';
import type { WorkerConfig } from './config.ts';
import { EventsWriter } from './events-writer.ts';

export interface PartitionWorkerOptions {
  readonly log: Log;
  readonly partition: number;
  readonly owner: string;
  readonly config: WorkerConfig;
  readonly modules: readonly RegisteredModule[];
}

export class PartitionWorker {
  private readonly log: Log;
  private readonly partition: number;
  private readonly config: WorkerConfig;
  private readonly modules: readonly RegisteredModule[];
  private readonly events: EventsWriter;
  private thread: DecoderThread;
  private subscription: Subscription | undefined;
  private readonly stopped = Promise.withResolvers<never>();
  /** Frames to pass over, by offset of their batch. */
  private readonly skipped = new Map<bigint, SkippedFrame[]>();
  private done = 0n;
  private readonly waiting: { until: bigint; resolve: () => void }[] = [];

  constructor(options: PartitionWorkerOptions) {
    const { log, partition, owner, config, modules } = options;
    this.log = log;
    this.partition = partition;
    this.config = config;
    this.modules = modules;
    this.events = new EventsWriter({ log, partition, owner, config, decoderVersion: modules.map(({ name, version }) => `${name}@${version}`).join(' ') });
    this.thread = this.newThread();
    this.stopped.promise.catch(() => undefined);
  }

  /** Rejects when the partition cannot go on. */
  get failed(): Promise<never> {
    return this.stopped.promise;
  }

  async start(): Promise<void> {
    const position = await this.claim();
    const next = BigInt(position.offset);
    await this.replay(next);
    this.done = next;
    this.subscription = this.log.consume({ topic: framesTopic, partition: this.partition, from: next }, (records) => this.take(records, position));
    this.subscription.failed.catch((error: unknown) => { this.stopped.reject(error); });
    this.events.failed.catch((error: unknown) => { this.stopped.reject(error); });
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
    await this.subscription?.stop();
    await this.events.stop();
    await this.thread.stop();
  }

  /** Claims the partition, reads the events log up to the claim and gives the position to go on from. */
  private async claim(): Promise<Position> {
    const modules = Object.fromEntries(this.modules.map(loadModule).map((module) => [module.name, module.hash]));
    const own = await this.events.claim(modules);
    const reader = new EventsReader(`${eventsTopic} partition ${this.partition}`);
    let end = startPosition;
    for await (const logged of this.log.read(eventsTopic, this.partition, 0n)) {
      if (logged.offset >= own) break;
      const placed = reader.take(logged);
      for (const { offset, index, error, sourceLine } of placed?.record.header.skipped ?? []) {
        this.skip(BigInt(offset), { index, error, sourceLine });
      }
      end = reader.end;
    }
    this.events.resume(end);
    return end;
  }

  /** Feeds the frames before `end` to the decoders without keeping rows. */
  private async replay(end: bigint): Promise<void> {
    if (end === 0n) return;
    for await (const { offset, value } of this.log.read(framesTopic, this.partition, 0n)) {
      if (offset >= end) return;
      await this.thread.process(offset, decodeFrameBatch(value), { skipped: this.skipped.get(offset) ?? [], silent: true });
    }
  }

  private async take(records: readonly LogRecord[], resume: Position): Promise<void> {
    for (const { offset, value } of records) {
      const stretch = await this.decode(offset, decodeFrameBatch(value));
      const already = offset === BigInt(resume.offset) ? resume.rows : 0;
      await this.events.add(offset, stretch, already, this.skipped.get(offset) ?? []);
      this.done = offset + 1n;
      this.wake();
    }
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
        await this.replay(offset);
      }
    }
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
