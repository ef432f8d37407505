/** The hellos that the kernel counts: a slot for each, what has been told of it, and when its sender will be missed. */
import { createHash } from 'node:crypto';
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import type { BatchKey } from '../../stream/contract/frame-batch.ts';
import type { HelloMark } from '../batching/index.ts';
import type { SeenHello } from './port.ts';
import { isNear, NEAR_NS } from './schedule.ts';

/** A record of a hello; steady where it came within the holding time of the one before. */
interface Arrival {
  readonly at: bigint;
  readonly isSteady: boolean;
  /** Since the one before; 0 where there was none. */
  readonly sinceNs: bigint;
}

interface Slot {
  readonly id: bigint;
  readonly slot: number;
  /** The batcher's index and number. */
  readonly tap: number;
  readonly key: number;
  readonly partition: number;
  digest: string;
  /** Arrivals up to here have been told. */
  toldNs: bigint;
  /** Last arrival before that, as far as it is known. */
  heardNs: bigint;
  /** Its records since then: the kernel's list of arrivals may name them too. */
  shipped: Arrival[];
  /** Last arrival that was seen, and last one that the log has or gets with this round. */
  lastNs: bigint;
  knownNs: bigint;
  holdNs: bigint;
  /** From a spool: when it came last before `toldNs` is not known any more. */
  isResumed: boolean;
}

/** For the spool: what a shipper that starts again in this epoch needs. */
export interface SlotState {
  readonly id: string;
  readonly slot: number;
  readonly tap: number;
  readonly key: BatchKey;
  readonly digest: string;
}

export class HelloSlots {
  private readonly slots = new Map<bigint, Slot>();
  private readonly free: number[] = [];
  private next = 0;
  /** The list has changed since `saved`. */
  isDirty = false;

  /** A record of a hello goes out, the first for `sinceMs` (0: ever): in which slot, and whether it says what the last one said. */
  mark(id: bigint, record: Uint8Array, sinceMs: number, place: { readonly tap: number; readonly key: number; readonly partition: number }): HelloMark {
    const view = new DataView(record.buffer, record.byteOffset, record.length);
    const bootNs = view.getBigUint64(layout.FRAME_BOOT_NS, true);
    const digest = createHash('sha1').update(record.subarray(layout.FRAME_BYTES)).digest('base64');
    const known = this.slots.get(id);
    if (known !== undefined && known.key === place.key) {
      const isRepeated = known.digest === digest;
      if (!isRepeated) this.isDirty = true;
      known.digest = digest;
      known.lastNs = known.knownNs = bootNs;
      const sinceNs = BigInt(sinceMs) * 1_000_000n;
      known.shipped.push({ at: bootNs, sinceNs, isSteady: sinceMs > 0 && (known.holdNs === 0n || sinceNs < known.holdNs) });
      return { slot: known.slot, isRepeated };
    }
    const slot = known?.slot ?? this.free.pop() ?? this.next++;
    this.slots.set(id, { id, slot, ...place, digest, toldNs: 0n, heardNs: 0n, shipped: [{ at: bootNs, isSteady: false, sinceNs: 0n }], lastNs: bootNs, knownNs: bootNs, holdNs: 0n, isResumed: false });
    this.isDirty = true;
    return { slot, isRepeated: false };
  }

  /** Takes the state of the map: last arrivals and holding times; slots whose entry is gone are free again. */
  look(seen: readonly SeenHello[]): void {
    const ids = new Set(seen.map(({ id }) => id));
    for (const { id, lastNs, holdNs } of seen) {
      const slot = this.slots.get(id);
      if (slot === undefined) continue;
      if (lastNs > slot.lastNs) slot.lastNs = lastNs;
      slot.holdNs = holdNs;
    }
    for (const { id, slot } of this.slots.values()) {
      if (ids.has(id)) continue;
      this.slots.delete(id);
      this.free.push(slot);
      this.isDirty = true;
    }
  }

  /** What came of a hello and was not shipped, up to `through`; undefined without news or slot. */
  arrivals({ id, arrivals }: SeenHello, through: bigint): { readonly slot: number; readonly tap: number; readonly key: number; readonly partition: number; readonly times: readonly bigint[] } | undefined {
    const slot = this.slots.get(id);
    if (slot === undefined) return undefined;
    const times = arrivals.filter((time) => time > slot.toldNs && time <= through && !slot.shipped.some(({ at }) => at === time));
    const filled = unlisted(slot, times, times.length === arrivals.length);
    if (filled.length + times.length === 0) return undefined;
    return { slot: slot.slot, tap: slot.tap, key: slot.key, partition: slot.partition, times: [...filled, ...times].toSorted((a, b) => (a < b ? -1 : 1)) };
  }

  /** The log knows of an arrival. */
  heard(id: bigint, at: bigint): void {
    const slot = this.slots.get(id);
    if (slot !== undefined && at > slot.knownNs) slot.knownNs = at;
  }

  /** All up to `through` has been told of a partition's hellos. */
  told(partition: number, through: bigint): void {
    for (const slot of this.slots.values()) {
      if (slot.partition !== partition) continue;
      slot.toldNs = through;
      slot.shipped = slot.shipped.filter(({ at }) => at > through);
      if (slot.knownNs === 0n) continue;
      slot.heardNs = slot.knownNs;
      slot.isResumed = false;
    }
  }

  partitionOf(id: bigint): number | undefined {
    return this.slots.get(id)?.partition;
  }

  /** When the first deadline that is still to come gets near; undefined without one. */
  nextNear(now: bigint): bigint | undefined {
    let next: bigint | undefined;
    for (const { lastNs, holdNs } of this.slots.values()) {
      const deadline = lastNs + holdNs;
      if (holdNs === 0n || now - deadline >= NEAR_NS) continue;
      if (next === undefined || deadline - NEAR_NS < next) next = deadline - NEAR_NS;
    }
    return next;
  }

  /**
   * The first deadline behind `after` by what the log knows of the partition's hellos: a frame behind it may not go out
   * before what came of them meanwhile. Undefined without one.
   */
  nextKnown(partition: number, after: bigint): bigint | undefined {
    let next: bigint | undefined;
    for (const { partition: own, knownNs, holdNs } of this.slots.values()) {
      const deadline = knownNs + holdNs;
      if (own === partition && deadline > after && (next === undefined || deadline < next)) next = deadline;
    }
    return next;
  }

  /** Partitions in which a deadline of hellos is near. */
  near(now: bigint): Set<number> {
    const partitions = new Set<number>();
    for (const { partition, lastNs, holdNs } of this.slots.values()) if (holdNs > 0n && isNear(lastNs + holdNs, now)) partitions.add(partition);
    return partitions;
  }

  saved(keyOf: (key: number) => BatchKey): SlotState[] {
    this.isDirty = false;
    return [...this.slots.values()].map(({ id, slot, tap, key, digest }) => ({ id: String(id), slot, tap, key: keyOf(key), digest }));
  }

  /** `toldNs`: by partition, up to where arrivals have been told. */
  restore(states: readonly SlotState[], numberOf: (key: BatchKey) => { readonly key: number; readonly partition: number }, toldNs: (partition: number) => bigint): void {
    for (const { id, slot, tap, key, digest } of states) {
      const place = numberOf(key);
      this.slots.set(BigInt(id), { id: BigInt(id), slot, tap, ...place, digest, toldNs: toldNs(place.partition), heardNs: 0n, shipped: [], lastNs: 0n, knownNs: 0n, holdNs: 0n, isResumed: true });
      this.next = Math.max(this.next, slot + 1);
    }
    const used = new Set(states.map(({ slot }) => slot));
    for (let slot = 0; slot < this.next; slot++) if (!used.has(slot)) this.free.push(slot);
  }
}

/**
 * Where the kernel's list does not reach back to what was told (nobody read it for long): a hello that did not go to the
 * ring, or came within its holding time, came at its interval in between. So many arrivals, evenly spread.
 */
function unlisted({ toldNs, heardNs, shipped, holdNs, isResumed }: Slot, times: readonly bigint[], isAllNew: boolean): bigint[] {
  if (holdNs === 0n) return [];
  const known = [...shipped, ...times.map((at) => ({ at, isSteady: true, sinceNs: 0n }))].toSorted((a, b) => (a.at < b.at ? -1 : 1));
  const isLost = isResumed && isAllNew && shipped.length === 0 && times.length > 1;
  const interval = times.length > 1 ? (times.at(-1)! - times[0]!) / BigInt(times.length - 1) : shipped.at(-1)?.sinceNs ?? 0n;
  const step = interval > 0n && interval < holdNs ? interval : holdNs;
  const filled: bigint[] = [];
  let before = isResumed ? toldNs : heardNs;
  for (const { at, isSteady } of known) {
    const missed = at - before;
    const count = isSteady && (missed >= holdNs || isLost) ? (missed + step / 2n) / step - 1n : 0n;
    for (let index = 1n; index <= count; index++) filled.push(before + (missed * index) / (count + 1n));
    before = at;
  }
  return filled;
}
