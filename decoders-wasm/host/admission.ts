/** Which taps and keys of a batch the partition has room for: one tap that shows ever new keys must not take that of the others. */
import type { FrameBatch } from '../contract/batch.ts';
import * as layout from '../contract/generated/frame.ts';
import { murmur128 } from '../contract/murmur.ts';
import { DECIDED_BY_FRAME, writeRow } from '../contract/row-writer.ts';
import { tableOf } from '../contract/row-reader.ts';
import { type CodedContext, type CodedTap, type Codes, MOST_CONTEXTS, MOST_TAPS } from './codes.ts';
import type { HostRow } from './host-rows.ts';

/** Keys on links that frames of one tap may bring to a partition, and those of all taps together; the rest is for the taps' own keys and for resets. */
export const MOST_KEYS_OF_TAP = 65_536;
export const MOST_KEYS = MOST_CONTEXTS - 4 * MOST_TAPS;
/** Taps that collectors may have in a partition: two codes are the host's own. */
export const MOST_NAMED_TAPS = MOST_TAPS - 2;
/** Taps that were refused and have a row each; those beyond are passed over without one. */
const MOST_TOLD = 1024;

/** In whose name the frames of taps are passed over that there is no room for. */
export const REFUSED_TAPS = { name: 'refused-taps', collector: 'worker', identity: Buffer.from(murmur128(Buffer.from('refused-taps'))).toString('hex'), wallOffsetNs: '0' } as const;

/** The context of frames that are passed over, in place of one of its own; its code is in no frame that a decoder takes. */
export const REFUSED: CodedContext = { key: '', domain: '', networkInstance: '', link: '', code: 0, shadow: 0, linkCode: 0, generation: 0, protocol: 0 };

/** The first frame of a tap that was passed over. */
interface FirstRefused {
  readonly index: number;
  readonly number: bigint;
  readonly bootNs: bigint;
  readonly detail: string;
}

/** What of a batch is passed over, by index in its header. */
export interface Admission {
  readonly refusedTaps: ReadonlySet<number>;
  readonly refusedKeys: ReadonlySet<number>;
  /** Keys that the frames of each tap will have brought. */
  readonly brought: readonly number[];
  /** Of taps that have not been told of yet. */
  readonly told: ReadonlyMap<number, FirstRefused>;
}

/** Admits what is new in a batch in the order of its frames, so that batches of other sizes are refused the same. */
export function admit({ header, frames }: FrameBatch, codes: Codes): Admission {
  const refusedTaps = refuseTaps(header, codes);
  const fresh = new Set(header.keys.flatMap((key, index) => (codes.knows(key) ? [] : [index])));
  const brought = header.taps.map(({ identity }) => codes.tapOf(identity)?.keys ?? 0);
  const refusedKeys = new Set<number>();
  const told = new Map<number, FirstRefused>();
  if (refusedTaps.size === 0 && fresh.size === 0) return { refusedTaps, refusedKeys, brought, told };
  let all = codes.taps.reduce((sum, { keys }) => sum + keys, 0);
  const view = new DataView(frames.buffer, frames.byteOffset, frames.length);
  for (let at = 0, index = 0; at < frames.length; at += view.getUint32(at, true), index++) {
    if (view.getUint8(at + layout.FRAME_PROTOCOL) === layout.PROTOCOL_TICK) continue;
    const tap = view.getUint16(at + layout.FRAME_TAP_ID, true);
    const key = view.getUint32(at + layout.FRAME_KEY_INDEX, true);
    if (!refusedTaps.has(tap) && fresh.delete(key)) {
      if (brought[tap]! >= MOST_KEYS_OF_TAP || all >= MOST_KEYS) refusedKeys.add(key);
      else {
        brought[tap]! += 1;
        all += 1;
      }
    }
    if (told.has(tap) || !(refusedTaps.has(tap) || refusedKeys.has(key)) || codes.refusals.has(header.taps[tap]!.identity)) continue;
    const detail = refusedTaps.has(tap) ? `the partition has ${MOST_NAMED_TAPS} taps: frames of further ones are passed over`
      : `this tap has shown ${brought[tap]!} keys on links, all taps of the partition ${all}: frames of further keys are passed over`;
    told.set(tap, { index, number: view.getBigUint64(at + layout.FRAME_FRAME_NUMBER, true), bootNs: view.getBigUint64(at + layout.FRAME_BOOT_NS, true), detail });
  }
  // What is left has no frame of a tap that is here: it is the own key of a tap, or of a refused one.
  for (const key of fresh) if (!header.taps.some((tap, index) => tap.key === key && !refusedTaps.has(index))) refusedKeys.add(key);
  return { refusedTaps, refusedKeys, brought, told };
}

function refuseTaps(header: FrameBatch['header'], codes: Codes): Set<number> {
  const refused = new Set<number>();
  let named = codes.taps.length;
  header.taps.forEach(({ identity }, index) => {
    if (codes.tapOf(identity) !== undefined) return;
    if (named >= MOST_NAMED_TAPS) refused.add(index);
    else named += 1;
  });
  return refused;
}

/** `coverage_events`: `coverage-lost` for each tap of which something is passed over for the first time, by that frame. */
export function refusalRows(offset: bigint, { told }: Admission, { header }: FrameBatch, { taps, context, codes }: { readonly taps: readonly CodedTap[]; readonly context: CodedContext; readonly codes: Codes }): HostRow[] {
  return [...told].slice(0, MOST_TOLD - codes.refusals.size).map(([index, { index: frame, number, bootNs, detail }]) => {
    const { name, identity, wallOffsetNs } = header.taps[index]!;
    codes.refusals.add(identity);
    const time = bootNs + BigInt(wallOffsetNs);
    const tap = taps[index]!.code;
    return {
      table: tableOf('coverage_events').id, layout: tableOf('coverage_events').layout, rows: 1, context: context.code, tap,
      bytes: writeRow('coverage_events', { identity: new Uint8Array(Buffer.from(identity, 'hex')), kind: DECIDED_BY_FRAME, number, key: 'coverage-lost\nrefused' }, {
        time, context: context.code, tap, frame_offset: offset, frame_index: frame, what: 'coverage-lost', subject: name, from: time, to: 0n, lost: 0n, detail,
      }),
    };
  });
}
