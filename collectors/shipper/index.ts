/** The unprivileged half of a collector: takes frame records from the ring, numbers and keys them, spools them, ships them. */
import { setTimeout as sleep } from 'node:timers/promises';
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import { faultPoint } from '../../stream/contract/fault-points.ts';
import type { BatchKey } from '../../stream/contract/frame-batch.ts';
import type { Log } from '../../stream/contract/log.ts';
import type { Metric } from '../../stream/contract/metrics.ts';
import { Batcher, type HelloMark } from '../batching/index.ts';
import type { KeyMap } from '../batching/key-map.ts';
import { WallOffset } from './clock.ts';
import { shipperConfig, type ShipperConfig, type ShipperSettings } from './config.ts';
import { shipperMetrics } from './figures.ts';
import { RecordKeys } from './keys.ts';
import type { ClockSample, RingPort, SeenHello } from './port.ts';
import { HeaderSchedule } from './schedule.ts';
import { Sender } from './sender.ts';
import { HelloSlots, type Unshipped } from './slots.ts';
import { Spool, type SpooledBatch } from './spool.ts';
import { batchedTap, parseSlots, parseStand, partitionsOf, resumeOf, type Stand } from './stand.ts';
import { type Blind, ShippedTaps } from './taps.ts';

export type { Carrier, ClockSample, RingDrop, RingPort, RingTap, SeenHello } from './port.ts';
export { shipperConfig, type ShipperConfig, type ShipperSettings } from './config.ts';
export { partitionsOfSpool } from './spool.ts';

/** Bytes of records that a round takes. */
const ROUND_BYTES = 4 << 20;
/** So long is waited for records when nothing else is due. */
const WAIT_MS = 250;
/** How long a round that could not be spooled waits for the next try. */
const RETRY_MS = 1000;

export interface ShipperOptions {
  readonly port: RingPort;
  readonly log: Pick<Log, 'append'>;
  /** Of the log. */
  readonly partitions: number;
  readonly collector: string;
  /** Where the spool lies. */
  readonly directory: string;
  readonly domainOf: (tap: string) => string;
  readonly map?: KeyMap;
  readonly config?: ShipperSettings;
  /** False in simulations: the spool need not outlive the machine. */
  readonly isDurable?: boolean;
  /** Is told what an operator should know. */
  readonly tell?: (message: string) => void;
}

export interface ShipperCounters {
  frames: number;
  frameBytes: number;
  batches: number;
  /** Arrivals of hellos that went as refreshes. */
  refreshes: number;
}

interface Taken {
  readonly record: Uint8Array;
  readonly tap: number;
  readonly key: number;
  readonly partition: number;
  readonly mark: HelloMark | undefined;
}

export class Shipper {
  readonly counters: ShipperCounters = { frames: 0, frameBytes: 0, batches: 0, refreshes: 0 };
  readonly spool: Spool;
  readonly sender: Sender;
  private readonly options: ShipperOptions;
  private readonly config: ShipperConfig;
  private readonly port: RingPort;
  private readonly epoch: string;
  private readonly batcher: Batcher;
  private readonly keys: RecordKeys;
  private readonly knownKeys: BatchKey[] = [];
  private readonly keyNumbers = new Map<string, number>();
  private readonly slots = new HelloSlots();
  private readonly schedule: HeaderSchedule;
  private readonly wall = new WallOffset();
  private readonly taps: ShippedTaps;
  /** Up to where arrivals of suppressed hellos have been told, by partition. */
  private readonly toldNs: bigint[];
  private readonly buffer = new Uint8Array(ROUND_BYTES);
  private pending: SpooledBatch[] = [];
  private sample: ClockSample;
  private through: bigint;
  /** Of one that goes on: since when nobody has read what the ring lost. */
  private lossesSince: bigint | undefined;
  /** When the first deadline gets near; by partition, the first that the log does not know to be put off. */
  private nextNear: bigint | undefined;
  private readonly nextKnown: (bigint | undefined)[] = [];
  /** By partition, for how long the kernel's lists of arrivals may go unread. */
  private readonly readableNs: (bigint | undefined)[] = [];
  private isEnded = false;
  /** The round is the last one: all that is known has to go. */
  private isEnding = false;
  private isStopping = false;
  private isTold = false;
  /** It has been told that there are more keys than are taken. */
  private isFlooded = false;
  private running: Promise<void> | undefined;
  private readonly broken = Promise.withResolvers<never>();
  private offset: bigint;
  private readonly former: Stand | undefined;

  /** Opens the spool and goes on where it ends, within the ring's epoch; else begins an epoch of its own. */
  constructor(options: ShipperOptions) {
    this.options = options;
    this.config = shipperConfig.parse(options.config ?? {});
    this.port = options.port;
    this.spool = new Spool(options.directory, this.config.spoolBytes, options.isDurable);
    this.sample = this.port.clock();
    this.offset = this.wall.follow(this.sample);
    this.broken.promise.catch(() => undefined);
    const text = this.spool.state('stand');
    const before = text === undefined ? undefined : parseStand(text);
    if (before !== undefined && before.partitions.length !== options.partitions) throw new Error(`the spool in ${options.directory} was written for ${before.partitions.length} partitions, the log has ${options.partitions}: ship it to the log that it was written for, or name another directory`);
    const resumed = before !== undefined && !before.isEnded && before.ring === String(this.port.epoch) ? before : undefined;
    this.through = later(this.sample.bootNs, BigInt(resumed?.clockNs ?? 0));
    this.lossesSince = resumed === undefined ? undefined : BigInt(resumed.clockNs);
    this.schedule = new HeaderSchedule(options.partitions, this.through);
    this.epoch = resumed?.epoch ?? newEpoch(this.port.epoch, before);
    if (before !== undefined && before.ring === String(this.port.epoch)) this.port.seek(BigInt(before.position));
    this.former = resumed === undefined && before?.isEnded === false ? before : undefined;
    this.toldNs = resumed?.partitions.map(({ toldNs }) => BigInt(toldNs)) ?? Array.from({ length: options.partitions }, () => this.through);
    this.batcher = new Batcher({
      collector: options.collector, epoch: this.epoch, partitions: options.partitions, batchBytes: this.config.batchBytes, isLive: true,
      ...(resumed === undefined ? {} : { resume: resumeOf(resumed) }), send: (partition, record, firstBootNs) => { this.put(partition, record, firstBootNs); return Promise.resolve(); },
    });
    this.taps = new ShippedTaps({
      port: this.port, batcher: this.batcher, collector: options.collector, epoch: this.epoch, domainOf: options.domainOf,
      active: (partition) => { this.schedule.active(partition, this.through); },
    });
    this.keys = new RecordKeys({
      map: options.map ?? [], most: this.config.mostKeys, tap: (tap) => this.taps.all[tap]!,
      add: (key) => this.addKey(key),
    });
    this.sender = new Sender({ log: options.log, partitions: options.partitions, spool: this.spool, port: this.port, tell: (message) => { this.tell(message); } });
    if (resumed !== undefined) this.resume(resumed);
  }

  /** Rejects when it cannot go on. */
  get failed(): Promise<never> {
    return this.broken.promise;
  }

  metrics(): Metric[] {
    const { counters, spool, port } = this;
    return shipperMetrics({ counters, spool: spool.counters, taps: port.taps(), drops: port.drops(), watermarkLagNs: port.clock().bootNs - this.through });
  }

  /** Ships until it is stopped. */
  async start(): Promise<void> {
    await this.begin();
    this.sender.start();
    this.running = this.run();
  }

  /** Takes what the ring has, ends the taps (unless another shipper takes over) and ships all; false if the spool keeps some. */
  async stop({ patienceMs = this.config.stopMs, keepTaps = false }: { readonly patienceMs?: number; readonly keepTaps?: boolean } = {}): Promise<boolean> {
    this.isStopping = true;
    await this.running;
    const until = performance.now() + patienceMs;
    try {
      this.isEnding = true;
      while (await this.round() && performance.now() < until);
      if (!keepTaps) await this.endAll();
      return await this.sender.stop(Math.max(0, until - performance.now()));
    } finally {
      await this.sender.stop(0);
      this.spool.close();
    }
  }

  private async endAll(): Promise<void> {
    for (const [tap, { isClosed }] of this.taps.all.entries()) if (!isClosed) await this.taps.close({ tap, endNs: this.through, why: undefined });
    this.isEnded = true;
    this.commit();
  }

  /** Tells the end of an epoch that was cut short, before the first round of this one. */
  async begin(): Promise<void> {
    if (this.former !== undefined) this.taps.blind = await this.endEpoch(this.former);
  }

  private async run(): Promise<void> {
    while (!this.isStopping) {
      try {
        const isMore = await this.round();
        if (isMore) continue;
        await this.port.wait(WAIT_MS);
        await sleep(this.config.lingerMs);
      } catch (error) {
        if (!(error instanceof SpoolError)) {
          this.broken.reject(error);
          return;
        }
        if (!this.isTold) this.tell(`${error.message}: what is seen waits in the ring until it does`);
        this.isTold = true;
        await sleep(RETRY_MS);
      }
    }
  }

  /**
   * One round: clocks, then the ring, then the suppression map; then all of it to the spool, and only then is the ring's room
   * given back. True when the ring may hold more that can be taken.
   */
  async round(): Promise<boolean> {
    this.commit();
    this.sample = this.port.clock();
    this.offset = this.wall.follow(this.sample);
    this.batcher.setWallOffset(this.offset);
    const since = this.through;
    await this.taps.update(this.offset);
    await this.taps.tellDrops(this.lossesSince ?? since, this.sample.bootNs);
    this.lossesSince = undefined;
    const { records, isMore } = this.readRing();
    const isDrained = !isMore && this.port.isHeldUp !== true;
    this.through = isDrained ? later(this.sample.bootNs, since) : records.length === 0 ? since : later(bootOf(records.at(-1)!), since);
    const taken = records.flatMap((record) => this.take(record));
    const endings = this.taps.endings(this.through);
    for (const { tap, endNs } of endings) this.batcher.endsAt(tap, endNs);
    const isClosing = this.isEnding || endings.length > 0;
    const seen = isClosing || this.isMapDue(taken) ? Array.from(this.port.hellos(), ({ id, tap, ...hello }) => ({ ...hello, id: helloOf(tap, id), tap })) : undefined;
    if (seen !== undefined) this.slots.look(seen);
    await this.ship(taken, seen, isClosing);
    if (isDrained) for (const ending of endings) await this.taps.close(ending);
    this.commit();
    return isMore;
  }

  /** Batches and stand become durable; then the ring may use the room again. A failure leaves all as it was, for the next try. */
  private commit(): void {
    if (this.pending.length > 0 || this.isEnded) {
      faultPoint('shipper:before-spool');
      try {
        this.spool.commit(String(this.port.epoch), this.pending, {
          stand: JSON.stringify(this.stand()),
          ...(this.slots.isDirty ? { slots: JSON.stringify(this.slots.saved((key) => this.knownKeys[key]!)) } : {}),
        }, (partition) => this.sender.busy(partition));
      } catch (error) {
        throw new SpoolError(`the spool in ${this.options.directory} takes nothing (${error instanceof Error ? error.message : String(error)})`, { cause: error });
      }
      faultPoint('shipper:after-spool');
      this.counters.batches += this.pending.length;
      this.pending = [];
      if (this.isTold) this.tell('the spool takes batches again');
      this.isTold = false;
      this.sender.wake();
    }
    this.port.release(this.port.position);
  }

  private readRing(): { records: Uint8Array[]; isMore: boolean } {
    const bytes = this.port.read(this.buffer);
    const view = new DataView(this.buffer.buffer, 0, bytes);
    const records: Uint8Array[] = [];
    for (let at = 0; at < bytes;) {
      const length = view.getUint32(at + layout.FRAME_LENGTH, true);
      records.push(this.buffer.subarray(at, at + length));
      at += length;
    }
    // A record is 128 KB at most: with more room than that left, none was left behind.
    return { records, isMore: bytes + (1 << 17) > this.buffer.length };
  }

  /** Gives the record tap, number and key; none where its key is one too many. */
  private take(record: Uint8Array): Taken[] {
    const view = new DataView(record.buffer, record.byteOffset, record.length);
    const ringTap = view.getUint16(layout.FRAME_TAP_ID, true);
    const tap = this.taps.indexOf(ringTap);
    if (tap === undefined) throw new Error(`the ring has a frame of tap ${ringTap}, which the loader does not name`);
    // Its closing is told: what comes behind that is nobody's.
    if (this.taps.all[tap]!.isClosed) return [];
    view.setUint16(layout.FRAME_TAP_ID, tap, true);
    const key = this.keys.numberOf(record);
    if (key < 0) {
      this.refuse(tap);
      return [];
    }
    const id = view.getBigUint64(layout.FRAME_FRAME_NUMBER, true);
    const partition = this.batcher.partitionOfKey(key);
    const sinceMs = view.getUint32(layout.FRAME_KEY_INDEX, true);
    view.setUint32(layout.FRAME_KEY_INDEX, key, true);
    view.setBigUint64(layout.FRAME_FRAME_NUMBER, this.taps.nextNumber(tap), true);
    this.counters.frames += 1;
    this.counters.frameBytes += record.length;
    return [{ record, tap, key, partition, mark: id === 0n ? undefined : this.slots.mark(helloOf(ringTap, id), record, sinceMs, { tap, key, partition }) }];
  }

  /** One word about a flood: who makes up sessions must not make up messages. */
  private refuse(tap: number): void {
    if (this.isFlooded) return;
    this.isFlooded = true;
    this.tell(`${this.taps.all[tap]!.name} shows a session or link beyond the ${this.config.mostKeys} of shipper.mostKeys: frames of such ones are not shipped, all others go on. Where so many are real raise shipper.mostKeys; else find who makes them up there, and start the collector again`);
  }

  /** Whether the suppression map has to be read: a header is due, or frames go out before which a deadline may pass. */
  private isMapDue(taken: readonly Taken[]): boolean {
    if (taken.some(({ record }) => record[layout.FRAME_PROTOCOL] !== layout.PROTOCOL_BGP)) return true;
    const isNear = this.nextNear !== undefined && this.nextNear <= this.through;
    if (taken.some(({ partition }) => this.nextKnown[partition] !== undefined && this.nextKnown[partition] <= this.through)) return true;
    for (let partition = 0; partition < this.options.partitions; partition++) if (this.schedule.due(partition, this.through, { isDeadlineNear: isNear, readableNs: this.readableNs[partition] }) !== 'nothing') return true;
    return false;
  }

  /** `isClosing`: a tap ends with this round, what is known of hellos goes before. */
  private async ship(taken: readonly Taken[], seen: readonly SeenHello[] | undefined, isClosing: boolean): Promise<void> {
    const hasFrames = new Set(taken.map(({ partition }) => partition));
    for (const partition of hasFrames) this.schedule.active(partition, this.through);
    // Where it is told of a tap that it is blind, headers go on as long as it shows anything anywhere.
    for (const tap of new Set(taken.map((one) => one.tap))) this.schedule.active(this.batcher.homeOf(tap), this.through);
    const near = this.slots.near(this.through);
    const due = new Map(Array.from({ length: this.options.partitions }, (_, partition) => [partition, this.schedule.due(partition, this.through, { isDeadlineNear: near.has(partition), readableNs: this.readableNs[partition] })] as const));
    const isTold = (partition: number): boolean => seen !== undefined
      && (due.get(partition) !== 'nothing' || hasFrames.has(partition) || (isClosing && !this.schedule.isIdle(partition)));
    const news = (seen ?? []).flatMap((hello) => {
      const unshipped = isTold(this.slots.partitionOf(hello.id) ?? -1) ? this.slots.arrivals(hello, this.through) : undefined;
      return unshipped === undefined ? [] : [{ id: hello.id, unshipped }];
    });
    await this.taps.tellUnlisted(news.map(({ unshipped }) => unshipped));
    for (const { id, unshipped } of news) this.refresh(id, unshipped);
    const refreshed = new Set(news.map(({ unshipped }) => unshipped.partition));
    // What a slot holds now is not what its last record here said, where a later one was lost.
    const lost = new Set(news.flatMap(({ unshipped: { isLost, slot } }) => (isLost ? [slot] : [])));
    for (const { record, mark } of taken) await this.batcher.addLive(record, mark === undefined || lost.has(mark.slot) ? undefined : mark);
    for (const [partition, what] of due) {
      const isIdle = what === 'idle' && !hasFrames.has(partition) && !refreshed.has(partition);
      await this.batcher.ship(partition, isTold(partition) ? this.through : undefined, isIdle);
      if (!isTold(partition)) continue;
      this.toldNs[partition] = this.through;
      this.slots.told(partition, this.through);
      this.schedule.told(partition, this.through, isIdle);
      this.nextKnown[partition] = this.slots.nextKnown(partition, this.through);
      this.readableNs[partition] = this.slots.readableFor(partition);
    }
    if (seen !== undefined) this.nextNear = this.slots.nextNear(this.through);
  }

  private refresh(id: bigint, { slot, tap, key, partition, times, isLost }: Unshipped): void {
    this.batcher.refresh(key, { tap, slot, times, isLost });
    this.slots.heard(id, times.at(-1)!);
    this.schedule.active(partition, this.through);
    this.schedule.active(this.batcher.homeOf(tap), this.through);
    this.counters.refreshes += times.length;
  }

  private addKey(key: BatchKey): number {
    const text = JSON.stringify([key.key, key.domain, key.networkInstance, key.link]);
    const known = this.keyNumbers.get(text);
    if (known !== undefined) return known;
    this.batcher.addKey(key);
    this.keyNumbers.set(text, this.knownKeys.length);
    return this.knownKeys.push(key) - 1;
  }

  private put(partition: number, value: Uint8Array, firstBootNs: bigint | undefined): void {
    const oldestBootNs = firstBootNs ?? this.sample.bootNs;
    // It opens the taps again: their headers must go on, or they would be missed.
    if (this.schedule.isIdle(partition)) this.schedule.active(partition, this.through);
    this.pending.push({ partition, value, oldestBootNs, oldestWallNs: oldestBootNs + this.offset });
  }

  private stand(): Stand {
    return {
      ring: String(this.port.epoch), epoch: this.epoch, position: String(this.port.position), clockNs: String(this.through),
      wallOffsetNs: String(this.offset), isEnded: this.isEnded, taps: this.taps.stand(),
      partitions: partitionsOf(this.batcher.position(), (partition) => this.toldNs[partition]!),
    };
  }

  private resume({ taps, partitions }: Stand): void {
    for (const tap of taps) this.taps.learn(tap, this.offset);
    // When the first deadline comes is not known: the map is read before the first frames go.
    this.nextNear = 0n;
    this.nextKnown.push(...partitions.map(() => 0n));
    for (const [partition, { lastFrames }] of partitions.entries()) if (Object.keys(lastFrames).length > 0) this.schedule.active(partition, this.through);
    const text = this.spool.state('slots');
    if (text === undefined) return;
    this.slots.restore(parseSlots(text), (key) => {
      const number = this.addKey(key);
      return { key: number, partition: this.batcher.partitionOfKey(number) };
    }, (partition) => this.toldNs[partition]!);
  }

  /** Ends the taps of an epoch that was cut short, where it was known last; gives since when nothing was seen. */
  private async endEpoch(before: Stand): Promise<Blind> {
    const closing: SpooledBatch[] = [];
    const wallOffsetNs = BigInt(before.wallOffsetNs);
    const batcher = new Batcher({
      collector: this.options.collector, epoch: before.epoch, partitions: this.options.partitions, batchBytes: this.config.batchBytes, isLive: true, resume: resumeOf(before),
      send: (partition, value) => { closing.push({ partition, value, oldestBootNs: BigInt(before.clockNs), oldestWallNs: BigInt(before.clockNs) + wallOffsetNs }); return Promise.resolve(); },
    });
    const open = before.taps.filter(({ isClosed }) => !isClosed);
    for (const tap of before.taps) {
      const index = batcher.addTap(batchedTap(this.options.collector, before.epoch, tap, wallOffsetNs));
      if (!tap.isClosed) await batcher.closeTap(index, before.partitions.reduce((least, { toldNs }) => (BigInt(toldNs) < least ? BigInt(toldNs) : least), BigInt(before.clockNs)), 'the collector stopped without notice');
    }
    this.spool.commit(before.ring, closing, {});
    return { sinceWallNs: BigInt(before.clockNs) + wallOffsetNs, names: new Set(open.map(({ name }) => name)) };
  }

  private tell(message: string): void {
    this.options.tell?.(message);
  }
}

/** The spool could not be written: nothing is lost, the ring keeps what it has. */
class SpoolError extends Error {}

/** The ring's own, unless the spool has seen that or a later one. */
function newEpoch(ring: bigint, before: Stand | undefined): string {
  return String(before === undefined || BigInt(before.epoch) < ring ? ring : BigInt(before.epoch) + 1n);
}

function later(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** Hellos of two taps may have one id. */
function helloOf(ringTap: number, id: bigint): bigint {
  return (BigInt(ringTap) << 64n) | id;
}

function bootOf(record: Uint8Array): bigint {
  return new DataView(record.buffer, record.byteOffset).getBigUint64(layout.FRAME_BOOT_NS, true);
}
