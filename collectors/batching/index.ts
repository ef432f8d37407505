/** Packs frame records into frame batches, one stream a partition: numbers, keys, ticks, sequence. */
import type { BatchGap, BatchKey, BatchTap } from '../../stream/contract/frame-batch.ts';
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import { encodeFrameBatch } from '../../stream/contract/frame-batch.ts';
import { partitionOf } from '../../stream/contract/partition.ts';

/** Ticks stand on this grid of the merged clock, ns. */
export const TICK_GRID_NS = 250_000_000n;

/** A tap as the batcher knows it; `tap_id` of its frame records is its index. */
export interface BatchedTap {
  readonly name: string;
  readonly domain: string;
  /** 16 bytes in hex. */
  readonly identity: string;
  readonly wallOffsetNs: bigint;
}

/** Where a log already stands for this collector: frames up to here are not sent again. */
export interface Resume {
  /** By partition: last sequence, last tick, last frame number by tap identity, taps that were closed. */
  readonly partitions: ReadonlyMap<number, {
    readonly sequence: number;
    readonly clockNs: bigint;
    readonly lastFrames: ReadonlyMap<string, bigint>;
    readonly closed: ReadonlySet<string>;
  }>;
}

export interface BatcherOptions {
  readonly collector: string;
  readonly epoch: string;
  readonly partitions: number;
  /** A batch is closed at this many bytes of frames. */
  readonly batchBytes: number;
  readonly resume?: Resume;
  /** Sends a finished batch; awaited before the next one of the partition. */
  readonly send: (partition: number, record: Uint8Array) => Promise<void>;
}

export class Batcher {
  private readonly partitions: PartitionBatcher[];
  /** Boot time of the first frame of each tap that the log does not have, by index; shared with the partitions. */
  private readonly opened: (bigint | undefined)[] = [];
  private readonly taps: BatchedTap[] = [];
  /** By tap: the last frame that the log had when this run began; 0 where its opening is not told yet. */
  private readonly known: bigint[] = [];
  private readonly routes: { partition: number; key: BatchKey }[] = [];

  private readonly resumed: Resume | undefined;

  constructor(options: BatcherOptions) {
    this.resumed = options.resume;
    this.partitions = Array.from({ length: options.partitions }, (_, partition) => new PartitionBatcher(options, partition, this.taps, this.opened));
  }

  /** Learns a tap; frame records name it by the index that this gives. */
  addTap(tap: BatchedTap): number {
    this.taps.push(tap);
    const home = this.resumed?.partitions.get(partitionOf(`tap/${tap.domain}/${tap.name}`, this.partitions.length));
    const numbers = [...this.resumed?.partitions.values() ?? []].map(({ lastFrames }) => lastFrames.get(tap.identity) ?? 0n);
    this.known.push(home?.lastFrames.has(tap.identity) === true ? numbers.reduce((most, frame) => (frame > most ? frame : most), 0n) : 0n);
    for (const partition of this.partitions) partition.addTap(tap);
    return this.taps.length - 1;
  }

  /** Learns the key that frame records name by the next number (0, 1, ...). */
  addKey(key: BatchKey): void {
    this.routes.push({ key, partition: partitionOf(key.key, this.partitions.length) });
  }

  /** Takes frame records in the order of the merged clock; their key_index is the number of a key. */
  async add(records: Uint8Array): Promise<void> {
    const view = new DataView(records.buffer, records.byteOffset, records.length);
    for (let at = 0; at < records.length;) {
      const length = view.getUint32(at, true);
      const number = view.getUint32(at + layout.FRAME_KEY_INDEX, true);
      const route = this.routes[number];
      if (route === undefined) throw new Error(`frame record at byte ${at} names key ${number}, which is not known`);
      const partition = this.partitions[route.partition]!;
      const tap = view.getUint16(at + layout.FRAME_TAP_ID, true);
      if (view.getBigUint64(at + layout.FRAME_FRAME_NUMBER, true) > this.known[tap]!) this.opened[tap] ??= view.getBigUint64(at + layout.FRAME_BOOT_NS, true);
      if (partition.add(records.subarray(at, at + length), number, route.key)) await partition.flush();
      at += length;
    }
  }

  /** Sends what has gathered. */
  async flush(): Promise<void> {
    for (const partition of this.partitions) await partition.flush();
  }

  /**
   * Tells every partition that has frames of the tap that some were lost or could not be read; that of its own key makes
   * the row. What was gathered before is sent first: a gap stands in the header before the frames that follow it.
   */
  async gap(tap: number, gap: Omit<BatchGap, 'tap'>): Promise<void> {
    for (const partition of this.partitions) {
      await partition.flush();
      partition.gap(tap, gap);
    }
  }

  /** Ends every tap at `endNs` of the merged clock. The frames go first: a run cut amid this finds none that would open a tap again. */
  async close(endNs: bigint): Promise<void> {
    await this.flush();
    for (const partition of this.partitions) {
      partition.close(endNs);
      await partition.flush();
    }
  }
}

interface TapHere {
  lastFrame: bigint;
  /** Whether the partition's log has a record of this tap already. */
  named: boolean;
  closed: boolean;
}

class PartitionBatcher {
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
  private sequence: number;
  private clock: bigint;
  private closing: bigint | undefined;

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
      lastFrame: resume?.lastFrames.get(tap.identity) ?? 0n,
      named: resume?.lastFrames.has(tap.identity) ?? false,
      closed: resume?.closed.has(tap.identity) ?? false,
    });
  }

  /** Adds one record; true when the batch is full. What the log has already is passed over. */
  add(record: Uint8Array, number: number, key: BatchKey): boolean {
    const view = new DataView(record.buffer, record.byteOffset, layout.FRAME_BYTES);
    const tap = view.getUint16(layout.FRAME_TAP_ID, true);
    const frame = view.getBigUint64(layout.FRAME_FRAME_NUMBER, true);
    const here = this.taps[tap]!;
    if (frame <= here.lastFrame) return false;
    this.tickBefore(view.getBigUint64(layout.FRAME_BOOT_NS, true));
    here.lastFrame = frame;
    const at = this.reserve(record.length);
    this.buffer.set(record, at);
    const out = new DataView(this.buffer.buffer, at, layout.FRAME_BYTES);
    out.setUint16(layout.FRAME_TAP_ID, this.localTap(tap), true);
    out.setUint32(layout.FRAME_KEY_INDEX, this.localKey(number, key), true);
    return this.used >= this.options.batchBytes;
  }

  gap(tap: number, gap: Omit<BatchGap, 'tap'>): void {
    if (this.isHome(tap) || this.taps[tap]!.named) this.gaps.push({ ...gap, tap: this.localTap(tap) });
  }

  close(endNs: bigint): void {
    this.reopen();
    if (this.taps.every((tap) => tap.closed)) return;
    if (endNs > this.clock) this.tick(endNs);
    this.closing = endNs;
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
    this.sequence += 1;
    const taps = [...this.batchTaps.keys()].map((tap) => this.batchTap(tap));
    const record = encodeFrameBatch({
      header: {
        collector: this.options.collector,
        epoch: this.options.epoch,
        partition: this.partition,
        sequence: this.sequence,
        taps,
        keys: this.keys,
        gaps: this.gaps,
        ageNs: '0',
      },
      frames: this.buffer.subarray(0, this.used),
    });
    this.used = 0;
    this.keys = [];
    this.localKeys.clear();
    this.batchTaps = new Map();
    this.gaps.length = 0;
    await this.options.send(this.partition, record);
  }

  private batchTap(tap: number): BatchTap {
    const { name, domain, identity, wallOffsetNs } = this.known[tap]!;
    const here = this.taps[tap]!;
    const opening = !here.named;
    const closed = this.closing !== undefined;
    here.named = true;
    here.closed = closed;
    const clock = this.clock.toString();
    const home = this.isHome(tap)
      ? {
          key: this.ownKey(name, domain),
          ...(opening ? { openedNs: (this.opened[tap] ?? this.clock).toString() } : {}),
          ...(closed ? { closedNs: this.closing!.toString() } : {}),
        }
      : {};
    return {
      name, identity, state: closed ? 'closed' : 'open', clockNs: closed ? clock : null,
      wallOffsetNs: wallOffsetNs.toString(), lastFrame: here.lastFrame.toString(), ...home,
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
    return at;
  }
}
