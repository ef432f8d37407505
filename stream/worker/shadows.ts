/** The shadows of one partition at a place in its frames: built again from checkpoint and log, and past frames that trap. */
import { DecoderFault, type ShadowState, type Stretch } from '../../decoders-wasm/contract/host.ts';
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import type { ModuleHashes } from '../contract/events-record.ts';
import { type FrameBatch, readFrameBatch } from '../contract/frame-batch.ts';
import { framesTopic, type Log, type LogRecord } from '../contract/log.ts';
import { type Checkpoint, Checkpoints } from './checkpoints.ts';
import { Decoders, type DecodersOptions } from './decoders.ts';
import { PartitionFigures } from './figures.ts';
import { type History, readHistory, type Upgrade } from './history.ts';
import { LiveTaps } from './live-taps.ts';
import { TrappedFrames } from './trapped-frames.ts';

export class Shadows {
  readonly decoders: Decoders;
  readonly checkpoints: Checkpoints;
  readonly trapped: TrappedFrames;
  readonly live = new LiveTaps();
  readonly figures = new PartitionFigures();
  /** Modules in force where a replay begins, and where we stand. */
  initial: ModuleHashes;
  inForce: ModuleHashes;
  readonly upgrades: Upgrade[] = [];
  /** Events offset of our claim. */
  claimed = 0n;
  /** Bytes of frames taken since the last checkpoint. */
  unsaved = 0;
  private readonly log: Log;
  private readonly partition: number;
  private framesLog: string | undefined;
  private readonly tellLoss: (lost: Stretch, first: bigint) => Promise<void>;
  /** The state before a batch that trapped: the next trap costs no replay from the checkpoint. Given up when one is written. */
  private snapshot: { readonly at: bigint; readonly state: ShadowState } | undefined;

  /** `tellLoss` writes the rows that say that the frames before `first` are gone, and calls `changed`. */
  constructor(options: DecodersOptions, tellLoss: (lost: Stretch, first: bigint) => Promise<void>) {
    this.log = options.log;
    this.partition = options.partition;
    this.tellLoss = tellLoss;
    this.checkpoints = new Checkpoints(options.log, options.partition);
    this.trapped = new TrappedFrames(options.modules);
    this.decoders = new Decoders(options);
    this.initial = this.inForce = this.decoders.hashes;
  }

  /** What the events log says up to the offset `end`, behind the newest checkpoint before it. */
  async history(end: bigint): Promise<History> {
    return readHistory(this.log, this.partition, (await this.checkpoint({ events: end }))?.manifest, end);
  }

  /** Takes over what the events log said before our claim. */
  learn({ initial, inForce, upgrades, passed, passedOver }: History, claimed: bigint): void {
    this.claimed = claimed;
    this.figures.zombies += passedOver;
    for (const header of passed) this.trapped.read(header);
    this.upgrades.push(...upgrades);
    this.initial = initial ?? this.decoders.hashes;
    this.inForce = inForce ?? this.decoders.hashes;
  }

  /**
   * Brings fresh decoders to where they have handled the frames before `end`, without keeping rows. Where the log has not
   * all that is needed for it, they begin at its start: the rows that say so.
   */
  async rebuild(end: bigint): Promise<Stretch | undefined> {
    const checkpoint = await this.checkpoint({ frames: end });
    const later = this.upgrades.filter(({ at, events }) => at <= end && (checkpoint === undefined || events > BigInt(checkpoint.manifest.events)));
    await this.decoders.restart(checkpoint?.manifest.modules ?? this.initial, checkpoint?.state);
    this.live.restore(checkpoint?.state.taps);
    this.figures.restore(checkpoint?.state);
    this.checkpoints.release();
    this.unsaved = 0;
    const from = checkpoint === undefined ? 0n : BigInt(checkpoint.manifest.frames);
    const { first } = await this.log.bounds(framesTopic, this.partition);
    const lost = from < first ? await this.lose(from, first) : undefined;
    for await (const record of this.log.read(framesTopic, this.partition, lost === undefined ? from : first)) {
      const { offset, value } = record;
      if (offset >= end) break;
      while (later[0] !== undefined && later[0].at <= offset) await this.change(later.shift()!.to, offset);
      const batch = await this.batchOf(record);
      this.live.note(batch.header);
      this.figures.note(batch);
      await this.silently(offset, batch);
      this.unsaved += value.length;
    }
    for (const { to } of later) await this.change(to, end);
    return lost;
  }

  /** The batch of a record; of one that is none, what its row needs. */
  async batchOf(record: LogRecord): Promise<FrameBatch> {
    this.framesLog ??= await this.log.identity(framesTopic);
    return readFrameBatch(record, { log: this.framesLog, partition: this.partition });
  }

  /** All rows of a batch; a frame that traps or hangs its decoder is passed over and the shadows are rebuilt without it. */
  async decode(offset: bigint, batch: FrameBatch): Promise<Stretch> {
    for (let stepwise = false; ;) {
      try {
        const stretch = await this.decoders.thread.process(offset, batch, { passed: this.trapped.of(offset), stepwise });
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

  /** Other modules take over before the frames record `next`; the rows of what those read otherwise. */
  change(to: ModuleHashes, next: bigint): Promise<Stretch> {
    return this.decoders.change(to, { next, claimed: this.claimed });
  }

  /** The rows that say that the frames from `from` to before `first` are gone. */
  async lose(from: bigint, first: bigint): Promise<Stretch> {
    return this.decoders.thread.lose(first, {
      log: await this.log.identity(framesTopic), partition: this.partition, fromOffset: String(from), toOffset: String(first), timeNs: String(await this.timeOf(first)),
    });
  }

  /** The state is another one than that of the frames before: a checkpoint is due. */
  changed(): void {
    this.snapshot = undefined;
    this.unsaved += 1;
  }

  /** A checkpoint of where we stand is written. */
  saved(): void {
    this.unsaved = 0;
    this.figures.checkpointAt = performance.now();
    this.snapshot = undefined;
  }

  /** Fresh decoders where they have handled the frames before `offset`, out of the last such place or the checkpoint. */
  private async goBack(offset: bigint): Promise<void> {
    if (this.snapshot === undefined) {
      const { first } = await this.log.bounds(framesTopic, this.partition);
      const lost = await this.rebuild(offset);
      if (lost !== undefined) await this.tellLoss(lost, first < offset ? first : offset);
    } else {
      await this.decoders.restart(undefined, this.snapshot.state);
      for await (const record of this.log.read(framesTopic, this.partition, this.snapshot.at)) {
        if (record.offset >= offset) break;
        await this.silently(record.offset, await this.batchOf(record));
      }
    }
    if (this.snapshot?.at !== offset) this.snapshot = { at: offset, state: await this.decoders.thread.exportState() };
  }

  private async silently(offset: bigint, batch: FrameBatch): Promise<void> {
    await this.decoders.thread.process(offset, batch, { passed: this.trapped.of(offset), silent: true });
  }

  /** The newest checkpoint whose modules are there: before an events offset, or at most at a frames offset. */
  private checkpoint(before: { readonly events: bigint } | { readonly frames: bigint }): Promise<Checkpoint | undefined> {
    return this.checkpoints.newest(({ frames, events, modules }) => ('events' in before ? BigInt(events) < before.events : BigInt(frames) <= before.frames)
      && Object.entries(modules).every(([name, hash]) => this.decoders.find(name, hash) !== undefined));
  }

  /** Wall time of the first frame at `offset` or behind it; now where there is none. */
  private async timeOf(offset: bigint): Promise<bigint> {
    for await (const record of this.log.read(framesTopic, this.partition, offset)) {
      const { header, frames } = await this.batchOf(record);
      if (header.spoiled !== undefined) continue;
      const boot = frames.length > 0 ? firstBoot(frames) : header.taps.find(({ clockNs }) => clockNs !== null)?.clockNs;
      if (boot !== undefined && boot !== null && header.taps.length > 0) return BigInt(boot) + BigInt(header.taps[0]!.wallOffsetNs);
    }
    return BigInt(Date.now()) * 1_000_000n;
  }
}

/** Boot time of the first record of frames. */
function firstBoot(frames: Uint8Array): bigint {
  return new DataView(frames.buffer, frames.byteOffset).getBigUint64(layout.FRAME_BOOT_NS, true);
}
