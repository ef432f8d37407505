/** Hellos that the kernel counts in place of shipping them: their last frame is kept, and a refresh gives it once more. */
import type { FrameBatch } from '../contract/batch.ts';
import * as layout from '../contract/generated/frame.ts';
import type { CodedTap } from './codes.ts';
import type { Run } from './runs.ts';

/** Marks the number of a copy: no frame has so high a one. Decoders know copies by it. */
const ARRIVAL_NUMBER = 1n << 63n;

/** The frames of a batch with those that came again in their places; records name taps and keys of its header. */
export interface Merged {
  readonly frames: Uint8Array;
  readonly runs: readonly Run[];
  /** The record of the log, and how many records it makes with the copies. */
  readonly logged: { readonly offset: bigint; readonly frames: number };
  /** Locator of the record at a place. */
  readonly placeOf: (place: number) => { readonly offset: bigint; readonly index: number };
  readonly unheld: readonly Unheld[];
}

/** A hello of the tap (by code) came again, but its frame is not known: before the record at byte `at`, the `index`th of all. */
export interface Unheld {
  readonly at: number;
  readonly index: number;
  readonly tap: number;
}

/** The last frame of one hello, and where it stands in the log. */
interface Held {
  readonly record: Uint8Array;
  readonly offset: bigint;
  readonly index: number;
}

interface Arrival {
  readonly tap: number;
  readonly key: number;
  readonly slot: number;
  readonly time: bigint;
}

/** For a checkpoint: tap by code, the frame in base64. */
export interface HeldHello {
  readonly tap: number;
  readonly slot: number;
  readonly offset: string;
  readonly index: number;
  readonly record: string;
}

export class Hellos {
  /** By tap code, then slot. */
  private readonly held = new Map<number, Map<number, Held>>();
  /** Refreshes of a hello whose frame never came. */
  unknown = 0;

  /** Keeps what the batch says of hellos, and puts a copy of its hello wherever one came again. */
  merge(offset: bigint, { header, frames }: FrameBatch, taps: readonly CodedTap[]): Merged {
    const arrivals = arrivalsOf(header);
    const marks = new Map((header.hellos ?? []).flatMap(([index, slot, what]) => (what < 0 ? [] : [[index, slot] as const])));
    for (const [tap, slot, what] of header.hellos ?? []) if (what < 0 && taps[tap] !== undefined) this.held.get(taps[tap].code)?.delete(slot);
    if (marks.size === 0 && arrivals.length === 0) return { frames, runs: [{ at: 0, end: frames.length, first: 0, offset, index: 0 }], logged: { offset, frames: 0 }, placeOf: (index) => ({ offset, index }), unheld: [] };
    return new Merge(this, offset, frames, taps).run(marks, arrivals);
  }

  keep(tap: number, slot: number, held: Held): void {
    const slots = this.held.get(tap) ?? new Map<number, Held>();
    this.held.set(tap, slots.set(slot, held));
  }

  find(tap: number, slot: number): Held | undefined {
    const found = this.held.get(tap)?.get(slot);
    if (found === undefined) this.unknown += 1;
    return found;
  }

  /** Frames of the tap are missing, or it ended: what its slots hold may have changed since. */
  forget(tap: number): void {
    this.held.delete(tap);
  }

  exportState(): HeldHello[] {
    return [...this.held].flatMap(([tap, slots]) => [...slots].map(([slot, { record, offset, index }]) => ({ tap, slot, offset: String(offset), index, record: Buffer.from(record).toString('base64') })));
  }

  importState(hellos: readonly HeldHello[]): void {
    for (const { tap, slot, offset, index, record } of hellos) this.keep(tap, slot, { record: new Uint8Array(Buffer.from(record, 'base64')), offset: BigInt(offset), index });
  }
}

/** All arrivals of a header by time; those of one instant as the header has them. */
function arrivalsOf({ refreshes, refreshedNs }: FrameBatch['header']): Arrival[] {
  const newest = BigInt(refreshedNs ?? 0);
  return (refreshes ?? []).flatMap(({ tap, key, hellos }) => hellos.flatMap(([slot, ...before]) => before.map((ago) => ({ tap, key, slot: slot!, time: newest - BigInt(ago) }))))
    .toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}

/** One walk over a batch's frames, with its arrivals sorted in. */
class Merge {
  private readonly hellos: Hellos;
  private readonly offset: bigint;
  private readonly frames: Uint8Array;
  private readonly view: DataView;
  private readonly taps: readonly CodedTap[];
  private readonly pieces: Uint8Array[] = [];
  private readonly runs: Run[] = [];
  private bytes = 0;
  private copies = 0;
  private readonly unheld: Unheld[] = [];
  /** Begin of the frames that are not yet in `pieces`, and the index of the first. */
  private from = 0;
  private fromIndex = 0;

  constructor(hellos: Hellos, offset: bigint, frames: Uint8Array, taps: readonly CodedTap[]) {
    this.hellos = hellos;
    this.offset = offset;
    this.frames = frames;
    this.view = new DataView(frames.buffer, frames.byteOffset, frames.length);
    this.taps = taps;
  }

  run(marks: ReadonlyMap<number, number>, arrivals: readonly Arrival[]): Merged {
    let next = 0;
    let index = 0;
    for (let at = 0; at < this.frames.length; index++) {
      const length = this.view.getUint32(at, true);
      const time = this.view.getBigUint64(at + layout.FRAME_BOOT_NS, true);
      for (; next < arrivals.length && arrivals[next]!.time <= time; next++) this.copy(arrivals[next]!, at, index);
      const slot = marks.get(index);
      if (slot !== undefined) this.keep(slot, at, length, index);
      at += length;
    }
    for (; next < arrivals.length; next++) this.copy(arrivals[next]!, this.frames.length, index);
    this.take(this.frames.length, index);
    return {
      frames: this.pieces.length === 1 ? this.pieces[0]! : Buffer.concat(this.pieces), runs: this.runs, logged: { offset: this.offset, frames: index + this.copies },
      placeOf: (place) => {
        const run = this.runs.findLast(({ first }) => first <= place);
        return run === undefined ? { offset: this.offset, index: place } : { offset: run.offset, index: run.index + place - run.first };
      },
      unheld: this.unheld,
    };
  }

  private keep(slot: number, at: number, length: number, index: number): void {
    const tap = this.taps[this.view.getUint16(at + layout.FRAME_TAP_ID, true)];
    if (tap !== undefined) this.hellos.keep(tap.code, slot, { record: this.frames.slice(at, at + length), offset: this.offset, index });
  }

  /** The frames up to `at` (whose index is `index`), as they are. */
  private take(at: number, index: number): void {
    if (at > this.from) {
      this.pieces.push(this.frames.subarray(this.from, at));
      this.runs.push({ at: this.bytes, end: this.bytes + at - this.from, first: this.fromIndex + this.copies, offset: this.offset, index: this.fromIndex });
      this.bytes += at - this.from;
    }
    this.from = at;
    this.fromIndex = index;
  }

  private copy({ tap, key, slot, time }: Arrival, at: number, index: number): void {
    const coded = this.taps[tap];
    if (coded === undefined) return;
    const held = this.hellos.find(coded.code, slot);
    if (held === undefined) {
      this.unheld.push({ at: this.bytes + at - this.from, index: index + this.copies, tap: coded.code });
      return;
    }
    this.take(at, index);
    const record = held.record.slice();
    const view = new DataView(record.buffer);
    view.setUint16(layout.FRAME_TAP_ID, tap, true);
    view.setUint32(layout.FRAME_KEY_INDEX, key, true);
    view.setBigUint64(layout.FRAME_BOOT_NS, time, true);
    view.setBigUint64(layout.FRAME_FRAME_NUMBER, ARRIVAL_NUMBER | time, true);
    this.pieces.push(record);
    this.runs.push({ at: this.bytes, end: this.bytes + record.length, first: index + this.copies, offset: held.offset, index: held.index });
    this.bytes += record.length;
    this.copies += 1;
  }
}
