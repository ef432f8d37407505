/** One partition's part of the batcher: gathers frame records, and writes the header that goes with them. */
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import { type BatchCarrier, type BatchGap, type BatchKey, type BatchRefresh, type BatchTap, encodeFrameBatch } from '../../stream/contract/frame-batch.ts';
import { partitionOf } from '../../stream/contract/partition.ts';
import type { BatchedTap, BatcherOptions, PartitionPosition } from './index.ts';

/** Ticks of files stand on this grid of the merged clock, ns. */
export const TICK_GRID_NS = 250_000_000n;

/** Arrivals in one list of a header; longer ones go as several. */
const MOST_TIMES = 4000;

/** A hello that the kernel goes on counting; `isRepeated`: it says what the last one in its slot said. */
export interface HelloMark {
  readonly slot: number;
  readonly isRepeated: boolean;
}

/** A hello came again unchanged, at these boot times. */
export interface Arrivals {
  readonly tap: number;
  readonly slot: number;
  readonly times: readonly bigint[];
  /** What it said is not known: no refresh may use the slot until a frame fills it again. */
  readonly isLost?: boolean;
}

interface TapHere {
  /** Boot time at which it ended. */
  closing: bigint | undefined;
  /** Boot time behind which it saw nothing, where it is not told to be closed yet. */
  endsAt?: bigint;
  closedBy?: string;
  lastFrame: bigint;
  /** Whether the partition's log has a record of this tap already. */
  named: boolean;
  closed: boolean;
}

export class PartitionBatcher {
  private readonly options: BatcherOptions;
  private readonly partition: number;
  private readonly opened: readonly (bigint | undefined)[];
  private readonly known: readonly BatchedTap[];
  private readonly taps: TapHere[] = [];
  private buffer: Uint8Array;
  private used = 0;
  private keys: BatchKey[] = [];
  private readonly localKeys = new Map<number, number>();
  private batchTaps = new Map<number, number>();
  private readonly gaps: (Omit<BatchGap, 'tap'> & { tap: number })[] = [];
  private carriers: BatchCarrier[] = [];
  private sequence: number;
  private clock: bigint;
  private closing: bigint | undefined;
  /** Of live taps, where it has been told. */
  private wallOffset: bigint | undefined;
  private isIdle = false;
  private records = 0;
  private hellos: [number, number, number][] = [];
  private arrivals: (Arrivals & { readonly number: number; readonly key: BatchKey })[] = [];
  /** Boot time of the last frame that was added. */
  private lastBoot = -1n;

  constructor(options: BatcherOptions, partition: number, known: readonly BatchedTap[], opened: readonly (bigint | undefined)[]) {
    this.options = options;
    this.known = known;
    this.opened = opened;
    this.partition = partition;
    const resume = options.resume?.partitions.get(partition);
    this.sequence = resume?.sequence ?? 0;
    this.clock = resume?.clockNs ?? -1n;
    this.buffer = new Uint8Array(options.batchBytes + (1 << 17));
  }

  addTap(tap: BatchedTap): void {
    const resume = this.options.resume?.partitions.get(this.partition);
    this.taps.push({
      closing: undefined,
      lastFrame: resume?.lastFrames.get(tap.identity) ?? 0n,
      named: resume?.lastFrames.has(tap.identity) ?? false,
      closed: resume?.closed.has(tap.identity) ?? false,
    });
  }

  /** Adds one record; true when the batch is full. What the log has already is passed over. */
  add(record: Uint8Array, number: number, key: BatchKey, hello?: HelloMark): boolean {
    const view = new DataView(record.buffer, record.byteOffset, layout.FRAME_BYTES);
    const tap = view.getUint16(layout.FRAME_TAP_ID, true);
    const frame = view.getBigUint64(layout.FRAME_FRAME_NUMBER, true);
    const here = this.taps[tap]!;
    if (frame <= here.lastFrame) return false;
    this.lastBoot = view.getBigUint64(layout.FRAME_BOOT_NS, true);
    if (this.options.isLive !== true) this.tickBefore(this.lastBoot);
    here.lastFrame = frame;
    if (hello !== undefined) this.hellos.push([this.records, hello.slot, hello.isRepeated ? 1 : 0]);
    const at = this.reserve(record.length);
    this.buffer.set(record, at);
    const out = new DataView(this.buffer.buffer, at, layout.FRAME_BYTES);
    out.setUint16(layout.FRAME_TAP_ID, this.localTap(tap), true);
    out.setUint32(layout.FRAME_KEY_INDEX, this.localKey(number, key), true);
    return this.used >= this.options.batchBytes;
  }

  refresh(number: number, key: BatchKey, arrivals: Arrivals): void {
    this.arrivals.push({ ...arrivals, number, key });
  }

  carrier(tap: number, carrier: Omit<BatchCarrier, 'tap'>): void {
    this.carriers.push({ ...carrier, tap: this.localTap(tap) });
  }

  position(): PartitionPosition {
    const named = this.taps.flatMap((here, tap) => (here.named ? [[here, this.known[tap]!.identity] as const] : []));
    return {
      sequence: this.sequence, clockNs: this.clock,
      lastFrames: new Map(named.map(([{ lastFrame }, identity]) => [identity, lastFrame])),
      closed: new Set(named.flatMap(([{ closed }, identity]) => (closed ? [identity] : []))),
    };
  }

  /** Sends what has gathered of live taps; with a watermark a header for all that it knows of them, in any case. */
  async ship(watermark: bigint | undefined, isIdle: boolean): Promise<void> {
    this.taps.forEach((here, tap) => {
      if (!here.named && this.isHome(tap)) this.localTap(tap);
      if (here.named && !here.closed && (watermark !== undefined || here.closing !== undefined)) this.localTap(tap);
    });
    if (this.batchTaps.size === 0 && (watermark === undefined || this.arrivals.length === 0)) return;
    this.isIdle = isIdle;
    await this.send(watermark);
  }

  setWallOffset(ns: bigint): void {
    this.wallOffset = ns;
  }

  endsAt(tap: number, endNs: bigint): void {
    this.taps[tap]!.endsAt = endNs;
  }

  closeTap(tap: number, endNs: bigint, why?: string): void {
    const here = this.taps[tap]!;
    here.closing = endNs;
    if (why !== undefined) here.closedBy = why;
  }

  gap(tap: number, gap: Omit<BatchGap, 'tap'>): void {
    if (this.isHome(tap) || this.taps[tap]!.named) this.gaps.push({ ...gap, tap: this.localTap(tap) });
  }

  close(endNs: bigint): void {
    this.reopen();
    if (this.taps.every((tap) => tap.closed)) return;
    if (endNs > this.clock) this.tick(endNs);
    this.closing = endNs;
    for (const here of this.taps) here.closing = this.clock;
  }

  /** A tap that an earlier run had closed is opened again by its first new frame. */
  private reopen(): void {
    this.taps.forEach((here, tap) => {
      if (!here.closed || this.closing !== undefined || this.opened[tap] === undefined) return;
      here.closed = false;
      if (this.isHome(tap)) here.named = false;
    });
  }

  async flush(): Promise<void> {
    this.reopen();
    this.taps.forEach((here, tap) => {
      const opens = this.isHome(tap) && !here.named && (this.opened[tap] !== undefined || this.closing !== undefined);
      const closes = this.closing !== undefined && !here.closed && (here.named || this.isHome(tap));
      if (opens || closes) this.localTap(tap);
    });
    if (this.used === 0 && this.batchTaps.size === 0 && this.gaps.length === 0) return;
    await this.send();
  }

  private async send(watermark?: bigint): Promise<void> {
    this.sequence += 1;
    const refreshed = this.refreshes(watermark !== undefined);
    const taps = [...this.batchTaps.keys()].map((tap) => this.batchTap(tap, watermark));
    const firstBootNs = this.used === 0 ? undefined : new DataView(this.buffer.buffer).getBigUint64(layout.FRAME_BOOT_NS, true);
    const record = encodeFrameBatch({
      header: {
        collector: this.options.collector,
        epoch: this.options.epoch,
        partition: this.partition,
        sequence: this.sequence,
        taps,
        keys: this.keys,
        gaps: this.gaps,
        ...(this.carriers.length === 0 ? {} : { carriers: this.carriers }),
        ageNs: '0',
        ...(this.hellos.length === 0 ? {} : { hellos: this.hellos }),
        ...(refreshed === undefined ? {} : { refreshedNs: String(refreshed.refreshedNs), refreshes: refreshed.refreshes }),
      },
      frames: this.buffer.subarray(0, this.used),
    });
    this.used = 0;
    this.records = 0;
    this.keys = [];
    this.hellos = [];
    this.carriers = [];
    this.localKeys.clear();
    this.batchTaps = new Map();
    this.gaps.length = 0;
    await this.options.send(this.partition, record, firstBootNs);
  }

  /**
   * What is known of suppressed hellos, with the newest of these times. A batch that is sent because it is full has those
   * before its last frame: what comes later may be of another content.
   */
  private refreshes(isWatermark: boolean): { refreshedNs: bigint; refreshes: BatchRefresh[] } | undefined {
    const upTo = isWatermark ? undefined : this.lastBoot;
    const going = this.arrivals.flatMap((one) => {
      const times = upTo === undefined ? one.times : one.times.filter((time) => time <= upTo);
      return times.length === 0 ? [] : [{ ...one, times }];
    });
    this.arrivals = this.arrivals.flatMap((one) => {
      const gone = upTo === undefined ? one.times.length : one.times.filter((time) => time <= upTo).length;
      return gone === one.times.length ? [] : [{ ...one, times: one.times.slice(gone) }];
    });
    if (going.length === 0) return undefined;
    const refreshedNs = going.reduce((newest, { times }) => (times.at(-1)! > newest ? times.at(-1)! : newest), 0n);
    const refreshes = new Map<string, BatchRefresh & { readonly hellos: number[][] }>();
    for (const { tap, slot, times, number, key, isLost } of going) {
      if (isLost === true) this.hellos.push([this.localTap(tap), slot, -1]);
      const place = `${tap} ${number}`;
      const refresh = refreshes.get(place) ?? { tap: this.localTap(tap), key: this.localKey(number, key), hellos: [] };
      for (let from = 0; from < times.length; from += MOST_TIMES) refresh.hellos.push([slot, ...times.slice(from, from + MOST_TIMES).map((time) => Number(refreshedNs - time))]);
      refreshes.set(place, refresh);
    }
    return { refreshedNs, refreshes: [...refreshes.values()] };
  }

  private batchTap(tap: number, watermark: bigint | undefined): BatchTap {
    const { name, domain, identity, wallOffsetNs, openedNs } = this.known[tap]!;
    const here = this.taps[tap]!;
    const opening = !here.named;
    const closed = here.closing !== undefined;
    here.named = true;
    here.closed = closed;
    const clock = closed ? here.closing : watermark !== undefined && here.endsAt !== undefined && here.endsAt < watermark ? here.endsAt : watermark;
    const home = this.isHome(tap)
      ? {
          key: this.ownKey(name, domain),
          ...(opening ? { openedNs: (openedNs ?? this.opened[tap] ?? this.clock).toString() } : {}),
          ...(closed ? { closedNs: (this.closing ?? here.closing!).toString(), ...(here.closedBy === undefined ? {} : { closedBy: here.closedBy }) } : {}),
        }
      : {};
    return {
      name, identity, state: closed ? 'closed' : this.isIdle ? 'idle' : 'open', clockNs: clock === undefined ? null : String(clock),
      wallOffsetNs: (this.wallOffset ?? wallOffsetNs).toString(), lastFrame: here.lastFrame.toString(), ...home,
    };
  }

  private ownKey(name: string, domain: string): number {
    this.keys.push({ key: `tap/${domain}/${name}`, domain, networkInstance: 'default', link: name });
    return this.keys.length - 1;
  }

  /** The partition that tells of a tap's opening, closing and gaps. */
  private isHome(tap: number): boolean {
    const { name, domain } = this.known[tap]!;
    return partitionOf(`tap/${domain}/${name}`, this.options.partitions) === this.partition;
  }

  private tickBefore(time: bigint): void {
    const grid = time - (time % TICK_GRID_NS);
    if (this.clock < 0n) this.clock = grid;
    else if (grid > this.clock) this.tick(grid);
  }

  private tick(time: bigint): void {
    this.clock = time;
    const at = this.reserve(layout.FRAME_BYTES);
    this.buffer.fill(0, at, at + layout.FRAME_BYTES);
    const view = new DataView(this.buffer.buffer, at, layout.FRAME_BYTES);
    view.setUint32(layout.FRAME_LENGTH, layout.FRAME_BYTES, true);
    view.setUint16(layout.FRAME_TAP_ID, layout.TAP_ALL, true);
    view.setUint8(layout.FRAME_PROTOCOL, layout.PROTOCOL_TICK);
    view.setBigUint64(layout.FRAME_BOOT_NS, time, true);
  }

  private localTap(tap: number): number {
    const known = this.batchTaps.get(tap);
    if (known !== undefined) return known;
    this.batchTaps.set(tap, this.batchTaps.size);
    return this.batchTaps.size - 1;
  }

  private localKey(number: number, key: BatchKey): number {
    const known = this.localKeys.get(number);
    if (known !== undefined) return known;
    this.keys.push(key);
    this.localKeys.set(number, this.keys.length - 1);
    return this.keys.length - 1;
  }

  private reserve(bytes: number): number {
    if (this.used + bytes > this.buffer.length) {
      const larger = new Uint8Array((this.used + bytes) * 2);
      larger.set(this.buffer);
      this.buffer = larger;
    }
    const at = this.used;
    this.used += bytes;
    this.records += 1;
    return at;
  }
}
