/** Dropping state amid a batch: where it happens, what is dropped, and the rows that say so. */
import type { FrameBatchHeader } from '../contract/batch.ts';
import * as layout from '../contract/generated/frame.ts';
import { murmur128 } from '../contract/murmur.ts';
import { DECIDED_BY_DEADLINE, writeRow } from '../contract/row-writer.ts';
import { tableOf } from '../contract/row-reader.ts';
import type { CodedContext, CodedTap, DroppedContext } from './codes.ts';
import type { HostRow } from './host-rows.ts';
import { byName, MOST_KEYS_TOLD } from './losses.ts';
import type { PassedOver, StateReset } from './stretch.ts';
import type { Traps } from './traps.ts';

/** Where in a batch a reset stands, and when that is by the wall. */
export interface ResetPlace {
  readonly wallNs: bigint;
  readonly tap: CodedTap | undefined;
}

/** A frame of a batch as its header names it. */
interface Place {
  readonly at: number;
  readonly key: string | undefined;
  readonly place: ResetPlace;
}

/** The frames of a batch by index, for the few that trapped. */
export class BatchPlaces {
  private readonly frames: Uint8Array;
  private readonly header: FrameBatchHeader;
  private readonly taps: readonly CodedTap[];
  private readonly offsets: number[] = [];

  constructor(frames: Uint8Array, header: FrameBatchHeader, taps: readonly CodedTap[]) {
    this.frames = frames;
    this.header = header;
    this.taps = taps;
    const view = new DataView(frames.buffer, frames.byteOffset, frames.length);
    for (let at = 0; at + layout.FRAME_BYTES <= frames.length; at += Math.max(view.getUint32(at, true), layout.FRAME_BYTES)) this.offsets.push(at);
  }

  /** Behind the last frame: the batch's end, and the clock of its first tap. */
  of(index: number): Place {
    const at = this.offsets[index];
    const [first] = this.taps;
    if (at === undefined) return { at: this.frames.length, key: undefined, place: { wallNs: BigInt(this.header.taps[0]?.clockNs ?? 0) + (first?.wallOffset ?? 0n), tap: first } };
    const view = new DataView(this.frames.buffer, this.frames.byteOffset + at, layout.FRAME_BYTES);
    const isTick = view.getUint8(layout.FRAME_PROTOCOL) === layout.PROTOCOL_TICK;
    const tap = isTick ? first : this.taps[view.getUint16(layout.FRAME_TAP_ID, true)];
    const wallNs = view.getBigUint64(layout.FRAME_BOOT_NS, true) + (tap?.wallOffset ?? 0n);
    return { at, key: isTick ? undefined : this.header.keys[view.getUint32(layout.FRAME_KEY_INDEX, true)]?.key, place: { wallNs, tap } };
  }
}

/** Counts the traps of a batch and gives what is reset in it, by index: what was decided before, or what these traps decide. */
export function resetsOf({ skipped, resets, isDecided }: PassedOver, places: BatchPlaces, traps: Traps): StateReset[] {
  const all = [...resets];
  for (const { index } of skipped.toSorted((a, b) => a.index - b.index)) {
    const { key, place: { wallNs } } = places.of(index);
    if (key === undefined) continue;
    const isTooMany = traps.note(key, wallNs);
    const isReset = isDecided ? resets.some((reset) => reset.index === index && reset.key === key) : isTooMany;
    if (!isReset) continue;
    traps.forget(key);
    if (!isDecided) all.push({ index, key });
  }
  return all.toSorted((a, b) => a.index - b.index || (a.protocol ?? 0) - (b.protocol ?? 0));
}

/**
 * `coverage_events`: `state-reset` for each key, `coverage-lost` for it on each link that it was seen on: what was known
 * of it is not known any more. Ids come from the key, the link and the time.
 */
export function resetRows(offset: bigint, dropped: readonly DroppedContext[], { wallNs, tap: fallback }: ResetPlace, detail: string): HostRow[] {
  const row = ({ context, tap: seenBy }: DroppedContext, what: string): HostRow[] => {
    const tap = seenBy ?? fallback;
    return tap === undefined ? [] : [{
      table: tableOf('coverage_events').id, layout: tableOf('coverage_events').layout, rows: 1, context: context.code, tap: tap.code,
      bytes: writeRow('coverage_events', { identity: murmur128(Buffer.from(context.key, 'utf8')), kind: DECIDED_BY_DEADLINE, number: wallNs, key: `${what}\n${context.key}\n${context.link}` }, {
        time: wallNs, context: context.code, tap: tap.code, frame_offset: offset, what, subject: context.key, from: wallNs, to: 0n, lost: 0n, detail,
      }),
    }];
  };
  const sorted = dropped.toSorted((a, b) => byName(a.context, b.context)).slice(0, MOST_KEYS_TOLD);
  const first = new Set([...Map.groupBy(sorted, ({ context }) => context.key).values()].map(([one]) => one!));
  return sorted.flatMap((one) => [...(first.has(one) ? row(one, 'state-reset') : []), ...row(one, 'coverage-lost')]);
}

/** Contexts of a header, where those of a reset key get their fresh ones. */
export function renewed(contexts: CodedContext[], key: string, learn: (context: CodedContext) => CodedContext): void {
  contexts.forEach((context, index) => { if (context.key === key) contexts[index] = learn(context); });
}

/** Whether the record of that index is a frame, and no tick. */
export function isFrameAt(frames: Uint8Array, index: number): boolean {
  const view = new DataView(frames.buffer, frames.byteOffset, frames.length);
  let at = 0;
  for (let i = 0; i < index && at < frames.length; i++) at += view.getUint32(at + layout.FRAME_LENGTH, true);
  return at < frames.length && view.getUint8(at + layout.FRAME_PROTOCOL) !== layout.PROTOCOL_TICK;
}
