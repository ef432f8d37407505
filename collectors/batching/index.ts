/** Packs frame records into frame batches, one stream a partition: numbers, keys, ticks, sequence. */
import type { BatchCarrier, BatchGap, BatchKey } from '../../stream/contract/frame-batch.ts';
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import { partitionOf } from '../../stream/contract/partition.ts';
import { type Arrivals, type HelloMark, PartitionBatcher } from './partition.ts';

export { type Arrivals, type HelloMark, TICK_GRID_NS } from './partition.ts';

/** A tap as the batcher knows it; `tap_id` of its frame records is its index. */
export interface BatchedTap {
  readonly name: string;
  readonly domain: string;
  /** 16 bytes in hex. */
  readonly identity: string;
  /** Wall time = boot time + this; of live taps until `setWallOffset`. */
  readonly wallOffsetNs: bigint;
  /** Of a live tap: since when it sees. */
  readonly openedNs?: bigint;
}

/** Where a log already stands for this collector: frames up to here are not sent again. */
export interface Resume {
  readonly partitions: ReadonlyMap<number, PartitionPosition>;
}

/** Of one partition: last sequence, last tick, last frame number by tap identity, taps that were closed. */
export interface PartitionPosition {
  readonly sequence: number;
  readonly clockNs: bigint;
  readonly lastFrames: ReadonlyMap<string, bigint>;
  readonly closed: ReadonlySet<string>;
}

export interface BatcherOptions {
  readonly collector: string;
  readonly epoch: string;
  readonly partitions: number;
  /** A batch is closed at this many bytes of frames. */
  readonly batchBytes: number;
  readonly resume?: Resume;
  /** Time comes from the watermarks of `ship`; else ticks of a fixed grid are written among the frames. */
  readonly isLive?: boolean;
  /** Sends a finished batch, with the boot time of its first record; awaited before the next one of the partition. */
  readonly send: (partition: number, record: Uint8Array, firstBootNs: bigint | undefined) => Promise<void>;
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

  /** Takes one record of a live tap; `hello` where further copies of it will come as refreshes. */
  async addLive(record: Uint8Array, hello?: HelloMark): Promise<void> {
    const number = new DataView(record.buffer, record.byteOffset).getUint32(layout.FRAME_KEY_INDEX, true);
    const partition = this.partitions[this.partitionOfKey(number)]!;
    if (partition.add(record, number, this.routes[number]!.key, hello)) await partition.ship(undefined, false);
  }

  /** Arrivals of hellos that were not shipped as frames, oldest first; they go with the next watermark. */
  refresh(key: number, arrivals: Arrivals): void {
    this.partitions[this.partitionOfKey(key)]!.refresh(key, this.routes[key]!.key, arrivals);
  }

  /**
   * Sends what has gathered in a partition of live taps. With a watermark (boot time) the header says that all up to it
   * has been sent, and is sent although nothing has gathered; `isIdle`: the last one for now.
   */
  async ship(partition: number, watermark: bigint | undefined, isIdle = false): Promise<void> {
    await this.partitions[partition]!.ship(watermark, isIdle);
  }

  /** A live tap saw nothing behind `endNs`, whatever watermark its headers have: it is to be closed with what is shipped next. */
  endsAt(tap: number, endNs: bigint): void {
    for (const partition of this.partitions) partition.endsAt(tap, endNs);
  }

  /** Ends one live tap; `why` where it was no graceful stop. */
  async closeTap(tap: number, endNs: bigint, why?: string): Promise<void> {
    for (const partition of this.partitions) {
      await partition.ship(undefined, false);
      partition.closeTap(tap, endNs, why);
      await partition.ship(undefined, false);
    }
  }

  /** Of live taps, from the next header on. */
  setWallOffset(ns: bigint): void {
    for (const partition of this.partitions) partition.setWallOffset(ns);
  }

  partitionOfKey(number: number): number {
    const route = this.routes[number];
    if (route === undefined) throw new Error(`key ${number} is not known`);
    return route.partition;
  }

  /** Where the partition of a tap's own key lies: its opening, closing and gaps are told there. */
  homeOf(tap: number): number {
    const { domain, name } = this.taps[tap]!;
    return partitionOf(`tap/${domain}/${name}`, this.partitions.length);
  }

  /** Tells in the tap's home that its interface lost or regained its carrier; it goes with the next batch. */
  carrier(tap: number, carrier: Omit<BatchCarrier, 'tap'>): void {
    this.partitions[this.homeOf(tap)]!.carrier(tap, carrier);
  }

  /** Where each partition stands: what `resume` of a later batcher of the same epoch needs. */
  position(): Resume {
    return { partitions: new Map(this.partitions.map((partition, number) => [number, partition.position()])) };
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
