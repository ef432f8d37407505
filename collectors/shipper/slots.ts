/** The hellos that the kernel counts: a slot for each, what has been told of it, and when its sender will be missed. */
import { createHash } from 'node:crypto';
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import type { BatchKey } from '../../stream/contract/frame-batch.ts';
import type { HelloMark } from '../batching/index.ts';
import { MOST_ARRIVALS } from '../generated/bpf-state.ts';
import type { SeenHello } from './port.ts';
import { isNear, NEAR_NS } from './schedule.ts';

/** The kernel tells in ms how long before a record its sender was heard. */
const SINCE_NS = 1_000_000n;
/** As many arrivals as this between two that are known are put where they must have been; more are spread thinner. */
const MOST_FILLED = 64n;
/** The kernel's list is read before so many have come since it was read last. */
const LISTED_BETWEEN = BigInt(MOST_ARRIVALS - 2);
/** What is taken for a hello's interval before two of them have come. */
const UNKNOWN_INTERVAL_NS = 333_000_000n;

/** A record of a hello. */
interface Arrival {
  readonly at: bigint;
  /** Since its sender came before, to the ms; 0 where the kernel did not know it. */
  readonly sinceNs: bigint;
}

/** What came of a hello and was not shipped. */
export interface Unshipped {
  readonly slot: number;
  readonly tap: number;
  readonly key: number;
  readonly partition: number;
  readonly times: readonly bigint[];
  /** Its slot says nothing of them: a record that changed it was lost. */
  readonly isLost: boolean;
  /** Between these boot times hellos came that are in no list: among `times` they stand where they may have been. */
  readonly unlisted?: { readonly fromNs: bigint; readonly toNs: bigint };
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
  /** Between two of the last arrivals; 0 where nothing tells. */
  intervalNs: bigint;
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
      known.shipped.push({ at: bootNs, sinceNs: BigInt(sinceMs) * SINCE_NS });
      return { slot: known.slot, isRepeated };
    }
    const slot = known?.slot ?? this.free.pop() ?? this.next++;
    // What came before is nobody's: records of it may have been lost.
    this.slots.set(id, { id, slot, ...place, digest, toldNs: bootNs, heardNs: 0n, shipped: [{ at: bootNs, sinceNs: 0n }], lastNs: bootNs, knownNs: bootNs, holdNs: 0n, intervalNs: 0n, isResumed: false });
    this.isDirty = true;
    return { slot, isRepeated: false };
  }

  /** Takes the state of the map: last arrivals and holding times; slots whose entry is gone are free again. */
  look(seen: readonly SeenHello[]): void {
    const ids = new Set(seen.map(({ id }) => id));
    for (const { id, lastNs, holdNs, arrivals } of seen) {
      const slot = this.slots.get(id);
      if (slot === undefined) continue;
      slot.intervalNs = arrivals.length > 1 ? (arrivals.at(-1)! - arrivals[0]!) / BigInt(arrivals.length - 1) : UNKNOWN_INTERVAL_NS;
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
  arrivals({ id, arrivals, isLost = false }: SeenHello, through: bigint): Unshipped | undefined {
    const slot = this.slots.get(id);
    if (slot === undefined) return undefined;
    const listed = arrivals.filter((time) => time > slot.toldNs && time <= through);
    const { filled, unlisted } = fill(slot, listed, listed.length === arrivals.length && arrivals.length >= MOST_ARRIVALS);
    const times = [...listed.filter((time) => !slot.shipped.some(({ at }) => at === time)), ...filled];
    if (times.length === 0) return undefined;
    if (isLost) slot.digest = '';
    return { isLost, slot: slot.slot, tap: slot.tap, key: slot.key, partition: slot.partition, times: times.toSorted((a, b) => (a < b ? -1 : 1)), ...(unlisted === undefined ? {} : { unlisted }) };
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

  /** How long a partition's lists may go unread before arrivals fall out of them; undefined where it has none. */
  readableFor(partition: number): bigint | undefined {
    let shortest: bigint | undefined;
    for (const { partition: own, intervalNs } of this.slots.values()) if (own === partition && intervalNs > 0n && (shortest === undefined || intervalNs < shortest)) shortest = intervalNs;
    return shortest === undefined ? undefined : shortest * LISTED_BETWEEN;
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
      this.slots.set(BigInt(id), { id: BigInt(id), slot, tap, ...place, digest, toldNs: toldNs(place.partition), heardNs: 0n, shipped: [], lastNs: 0n, knownNs: 0n, holdNs: 0n, intervalNs: 0n, isResumed: true });
      this.next = Math.max(this.next, slot + 1);
    }
    const used = new Set(states.map(({ slot }) => slot));
    for (let slot = 0; slot < this.next; slot++) if (!used.has(slot)) this.free.push(slot);
  }
}

/**
 * Arrivals that must have been, although no list names them: nobody read it for longer than it reaches back. One that does not
 * come within its holding time goes to the ring, and a record says when its sender came before: so in between it came at
 * its interval. `isCut`: the list is full of what is new.
 */
function fill(slot: Slot, listed: readonly bigint[], isCut: boolean): { readonly filled: readonly bigint[]; readonly unlisted?: Unshipped['unlisted'] } {
  const { shipped, holdNs } = slot;
  const step = intervalOf(shipped, listed, holdNs);
  let known = slot.isResumed ? slot.toldNs : slot.heardNs;
  const filled: bigint[] = [];
  let unlisted: Unshipped['unlisted'];
  for (const { at, last } of pointsOf(shipped, listed, isCut)) {
    const to = last ?? known;
    if (known > 0n && step > 0n && to - known > SINCE_NS) {
      const between = evenly(known, to, step, holdNs);
      // The one that the record tells of came for certain; of a list only that it came at its interval.
      const missing = to < at ? [...between, to] : between;
      if (missing.length > 0) unlisted = { fromNs: unlisted?.fromNs ?? known, toNs: at };
      filled.push(...missing);
    }
    known = at;
  }
  return unlisted === undefined ? { filled } : { filled, unlisted };
}

/** The median of what lies between two arrivals, where it is less than the holding time; else that. */
function intervalOf(shipped: readonly Arrival[], listed: readonly bigint[], holdNs: bigint): bigint {
  const between = [...listed.slice(1).map((at, index) => at - listed[index]!), ...shipped.map(({ sinceNs }) => sinceNs)]
    .filter((ns) => ns > 0n && (holdNs === 0n || ns < holdNs)).toSorted((a, b) => (a < b ? -1 : 1));
  return between[between.length >> 1] ?? holdNs;
}

/** All arrivals that are known, each with when (as far as that is known) the one before it came: itself where that is in no list. */
function pointsOf(shipped: readonly Arrival[], listed: readonly bigint[], isCut: boolean): { readonly at: bigint; readonly last: bigint | undefined }[] {
  const points = listed.map((at, index) => ({ at, last: index > 0 ? listed[index - 1] : isCut ? at : undefined }));
  for (const { at, sinceNs } of shipped) {
    const index = listed.indexOf(at);
    const last = sinceNs === 0n ? undefined : at - sinceNs;
    if (index < 0) points.push({ at, last });
    else if (index === 0) points[0] = { at, last };
  }
  return points.toSorted((a, b) => (a.at < b.at ? -1 : 1));
}

/** Times between two others about `step` apart; where these are too many, as far apart as the holding time allows. */
function evenly(from: bigint, to: bigint, step: bigint, holdNs: bigint): bigint[] {
  const most = (holdNs * 3n) / 4n;
  const thin = (to - from) / MOST_FILLED;
  const apart = thin <= step || most <= step ? step : thin < most ? thin : most;
  const count = (to - from + apart / 2n) / apart - 1n;
  return Array.from({ length: Math.max(0, Number(count)) }, (_, index) => from + ((to - from) * BigInt(index + 1)) / (count + 1n));
}
