/** The frames of a batch made ready for the decoders: codes for the header's indices, and no frame that they must not get. */
import * as layout from '../contract/generated/frame.ts';
import { REFUSED } from './admission.ts';
import type { CodedContext, CodedTap, Codes } from './codes.ts';

/**
 * Puts codes in place of the header's indices and NONE in place of the protocol of a frame that is skipped or whose
 * time was refused, and notes which tap shows which context until when; `renew` is called before the frame of that index
 * and may put other contexts in place. Gives the protocols it saw, where frames of refused times stand, and the last boot
 * time.
 */
export function recode(
  frames: Uint8Array, taps: readonly CodedTap[], contexts: readonly CodedContext[],
  { skipped, renew }: { readonly skipped: ReadonlySet<number>; readonly renew: ReadonlyMap<number, () => void> },
): { protocols: Set<number>; timeRefused: { index: number; at: number }[]; lastBoot: bigint | undefined } {
  const view = new DataView(frames.buffer, frames.byteOffset, frames.length);
  const protocols = new Set<number>();
  const timeRefused: { index: number; at: number }[] = [];
  /** By context of the header: the tap (and one) that has been noted last. */
  const noted = new Uint32Array(contexts.length);
  const shown: (readonly [CodedTap, CodedContext])[] = [];
  let lastAt = -1;
  for (let at = 0, index = 0; at + layout.FRAME_BYTES <= frames.length; index++) {
    const length = view.getUint32(at, true);
    if (length < layout.FRAME_BYTES || length % 8 !== 0 || at + length > frames.length) {
      throw new Error(`frame ${index} of the batch has length ${length} at byte ${at} of ${frames.length}`);
    }
    if (renew.has(index)) {
      renew.get(index)!();
      noted.fill(0);
    }
    const protocol = view.getUint8(at + layout.FRAME_PROTOCOL);
    const tap = view.getUint16(at + layout.FRAME_TAP_ID, true);
    if (tap !== layout.TAP_ALL) view.setUint16(at + layout.FRAME_TAP_ID, taps[tap]!.code, true);
    if (protocol !== layout.PROTOCOL_TICK) {
      const key = view.getUint32(at + layout.FRAME_KEY_INDEX, true);
      view.setUint32(at + layout.FRAME_KEY_INDEX, contexts[key]!.code, true);
      const isPassedOver = contexts[key] === REFUSED || taps[tap]!.isRefused;
      protocols.add(isPassedOver ? layout.PROTOCOL_NONE : protocol);
      if (!isPassedOver && noted[key] !== tap + 1) {
        noted[key] = tap + 1;
        shown.push([taps[tap]!, contexts[key]!]);
      }
      if (!isPassedOver && protocol !== layout.PROTOCOL_NONE) contexts[key]!.protocol = protocol;
      const isRefused = !isPassedOver && protocol !== layout.PROTOCOL_NONE && (view.getUint16(at + layout.FRAME_FLAGS, true) & layout.FLAG_TIME_REFUSED) !== 0;
      if (isRefused && !skipped.has(index)) timeRefused.push({ index, at });
      if (isPassedOver || isRefused || skipped.has(index)) view.setUint8(at + layout.FRAME_PROTOCOL, layout.PROTOCOL_NONE);
    }
    lastAt = at;
    at += length;
  }
  const lastBoot = lastAt < 0 ? undefined : view.getBigUint64(lastAt + layout.FRAME_BOOT_NS, true);
  // One that was reset meanwhile is not in the header's table any more.
  const current = renew.size === 0 ? undefined : new Set(contexts);
  for (const [tap, context] of shown) {
    const wall = lastBoot! + tap.wallOffset;
    if ((current?.has(context) ?? true) && wall > (tap.seen.get(context.code) ?? 0n)) tap.seen.set(context.code, wall);
  }
  return { protocols, timeRefused, lastBoot };
}

/**
 * Marks the frames of a late batch, and puts NONE in place of the protocol of those that cannot move a fact any more: of
 * the same key on the same link another tap has shown newer ones. Gives how many these were.
 */
export function passOverHistory(
  frames: Uint8Array, { taps, contexts }: { readonly taps: readonly CodedTap[]; readonly contexts: readonly CodedContext[] }, codes: Codes,
): number {
  const view = new DataView(frames.buffer, frames.byteOffset, frames.length);
  const newest = new Map<string, bigint>();
  let passed = 0;
  for (let at = 0; at + layout.FRAME_BYTES <= frames.length; at += Math.max(view.getUint32(at, true), layout.FRAME_BYTES)) {
    if (view.getUint8(at + layout.FRAME_PROTOCOL) === layout.PROTOCOL_TICK) continue;
    view.setUint16(at + layout.FRAME_FLAGS, view.getUint16(at + layout.FRAME_FLAGS, true) | layout.FLAG_LATE, true);
    const tap = taps[view.getUint16(at + layout.FRAME_TAP_ID, true)]!;
    const { code } = contexts[view.getUint32(at + layout.FRAME_KEY_INDEX, true)]!;
    const pair = `${tap.code} ${code}`;
    let elsewhere = newest.get(pair);
    if (elsewhere === undefined) {
      elsewhere = codes.taps.reduce((most, other) => (other !== tap && (other.seen.get(code) ?? 0n) > most ? other.seen.get(code)! : most), 0n);
      newest.set(pair, elsewhere);
    }
    if (view.getBigUint64(at + layout.FRAME_BOOT_NS, true) + tap.wallOffset >= elsewhere) continue;
    view.setUint8(at + layout.FRAME_PROTOCOL, layout.PROTOCOL_NONE);
    passed += 1;
  }
  return passed;
}
