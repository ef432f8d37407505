/** What a frame batch is worth, and the same batch without its least valuable part: for a spool that is full. */
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import type { BatchGap, BatchKey, BatchTap, FrameBatch, FrameBatchHeader } from '../../stream/contract/frame-batch.ts';

/** In the order in which they are dropped. */
export const WORTHS = ['repeated hellos', 'other hellos', 'BGP keepalives', 'LSPs and LSAs', 'BGP updates'] as const;

const REPEATED_HELLO = 0;
const HELLO = 1;
const KEEPALIVE = 2;
const DATABASE = 3;
const UPDATE = 4;

/** ISO 10589 9.5-9.7: PDU types of hellos, 5 bits at this offset from the NLPID. */
const ISIS_TYPE_OFFSET = 4;
const ISIS_HELLOS = new Set([15, 16, 17]);
/** RFC 2328 A.3.1, RFC 5340 A.3.1: the type behind the version. */
const OSPF_TYPE_OFFSET = 1;
const OSPF_HELLO = 1;
/** RFC 4271 4.1: a message of the header alone is a KEEPALIVE. */
const BGP_HEADER_BYTES = 19;
const BGP_TYPE_OFFSET = 18;
const BGP_KEEPALIVE = 4;

/** Bytes of each worth in a batch, refreshes among the repeated hellos. */
export function worthOf({ header, frames }: FrameBatch): number[] {
  const bytes = WORTHS.map(() => 0);
  bytes[REPEATED_HELLO] = (header.refreshes ?? []).flatMap(({ hellos }) => hellos).reduce((sum, hello) => sum + 8 * hello.length, 0);
  const repeated = repeatedIn(header);
  eachFrame(frames, (view, at, length, index) => { bytes[worthOfFrame(view, at, repeated.has(index))]! += length; });
  return bytes;
}

/** Tells the worth of one frame record at `at`, by the fixed fields of its PDU. */
export function worthOfFrame(view: DataView, at: number, isRepeated: boolean): number {
  if (isRepeated) return REPEATED_HELLO;
  const payload = at + layout.FRAME_BYTES + view.getUint16(at + layout.FRAME_PAYLOAD_OFFSET, true);
  const end = at + layout.FRAME_BYTES + view.getUint32(at + layout.FRAME_CAPTURED_LENGTH, true);
  const protocol = view.getUint8(at + layout.FRAME_PROTOCOL);
  if (payload + 20 > Math.min(end, view.byteLength)) return protocol === layout.PROTOCOL_BGP ? UPDATE : DATABASE;
  switch (protocol) {
    case layout.PROTOCOL_ISIS: return ISIS_HELLOS.has(view.getUint8(payload + ISIS_TYPE_OFFSET) & 0x1f) ? HELLO : DATABASE;
    case layout.PROTOCOL_OSPFV2:
    case layout.PROTOCOL_OSPFV3: return view.getUint8(payload + OSPF_TYPE_OFFSET) === OSPF_HELLO ? HELLO : DATABASE;
    case layout.PROTOCOL_BGP: return worthOfSegment(view, payload, payload + view.getUint32(at + layout.FRAME_PAYLOAD_LENGTH, true));
    default: return UPDATE;
  }
}

/** A segment without data, or with one KEEPALIVE and nothing else; SYN, FIN and RST say more than their size. */
function worthOfSegment(view: DataView, tcp: number, end: number): number {
  const data = tcp + (view.getUint8(tcp + 12) >>> 4) * 4;
  if ((view.getUint8(tcp + 13) & 0b111) !== 0) return UPDATE;
  if (end <= data) return KEEPALIVE;
  const isOne = end - data === BGP_HEADER_BYTES && end <= view.byteLength && view.getUint8(data + BGP_TYPE_OFFSET) === BGP_KEEPALIVE;
  return isOne ? KEEPALIVE : UPDATE;
}

/**
 * The batch without its frames of one worth, with a gap for each tap in their place; undefined when it has none of them.
 * The hello of a slot that is dropped takes the slot with it, so that no refresh revives an older one.
 */
export function without(batch: FrameBatch, worth: number, detail: string): FrameBatch | undefined {
  const { header, frames } = batch;
  const repeated = repeatedIn(header);
  const slots = new Map((header.hellos ?? []).flatMap(([index, slot, what]) => (what < 0 ? [] : [[index, { slot, what }] as const])));
  const kept: Uint8Array[] = [];
  const hellos: [number, number, number][] = (header.hellos ?? []).flatMap((mark) => (mark[2] < 0 ? [[...mark]] : []));
  const dropped = new Dropped(header);
  eachFrame(frames, (view, at, length, index) => {
    const slot = slots.get(index);
    if (worthOfFrame(view, at, repeated.has(index)) !== worth) {
      if (slot !== undefined) hellos.push([kept.length, slot.slot, slot.what]);
      kept.push(frames.subarray(at, at + length));
      return;
    }
    const tap = view.getUint16(at + layout.FRAME_TAP_ID, true);
    if (slot?.what === 0) hellos.push([tap, slot.slot, -1]);
    dropped.add(tap, view.getBigUint64(at + layout.FRAME_BOOT_NS, true), header.keys[view.getUint32(at + layout.FRAME_KEY_INDEX, true)]!);
  });
  const newest = BigInt(header.refreshedNs ?? 0);
  if (worth === REPEATED_HELLO) for (const { tap, key, hellos: again } of header.refreshes ?? []) for (const ago of again.flatMap(([, ...before]) => before)) dropped.add(tap, newest - BigInt(ago), header.keys[key]!);
  if (dropped.isEmpty) return undefined;
  const { refreshes, refreshedNs, hellos: _old, ...rest } = header;
  return {
    header: {
      ...rest, ...dropped.tell(detail),
      ...(hellos.length === 0 ? {} : { hellos }),
      ...(refreshes === undefined || worth === REPEATED_HELLO ? {} : { refreshes, refreshedNs: refreshedNs! }),
    },
    frames: new Uint8Array(Buffer.concat(kept)),
  };
}

/** Whether nothing is left of a batch but its header. */
export function isBare({ header, frames }: FrameBatch): boolean {
  return frames.length === 0 && header.refreshes === undefined;
}

/** `next` with what the bare batch before it says: one gap a tap for both, openings and closings. */
export function joined(before: FrameBatchHeader, next: FrameBatch): FrameBatch {
  const header = next.header;
  const taps: BatchTap[] = [...header.taps];
  const keys: BatchKey[] = [...header.keys];
  const place = before.taps.map((tap) => {
    const found = taps.findIndex(({ identity }) => identity === tap.identity);
    const { key, ...rest } = tap;
    const own = key === undefined ? undefined : taps[found]?.key ?? keys.push(before.keys[key]!) - 1;
    if (found < 0) return taps.push(own === undefined ? rest : { ...rest, key: own }) - 1;
    taps[found] = { ...taps[found]!, ...(own === undefined ? {} : { key: own }), ...(tap.openedNs === undefined ? {} : { openedNs: tap.openedNs }) };
    return found;
  });
  const gaps = [...before.gaps.map((gap) => ({ ...gap, tap: place[gap.tap]! })), ...header.gaps];
  const forgotten = (before.hellos ?? []).flatMap(([tap, slot, what]) => (what < 0 ? [[place[tap]!, slot, -1] as const] : []));
  return {
    frames: next.frames,
    header: {
      ...header, taps, keys, gaps: united(gaps), firstSequence: before.firstSequence ?? before.sequence,
      ...(forgotten.length === 0 && header.hellos === undefined ? {} : { hellos: [...forgotten, ...header.hellos ?? []] }),
    },
  };
}

/** Gaps of one tap and cause are one from the first to the last. */
function united(gaps: readonly BatchGap[]): BatchGap[] {
  const byCause = new Map<string, BatchGap>();
  for (const gap of gaps) {
    const cause = `${gap.tap} ${gap.detail}`;
    const known = byCause.get(cause);
    byCause.set(cause, known === undefined ? gap : {
      ...known, lost: known.lost + gap.lost,
      fromNs: BigInt(gap.fromNs) < BigInt(known.fromNs) ? gap.fromNs : known.fromNs,
      toNs: BigInt(gap.toNs) > BigInt(known.toNs) ? gap.toNs : known.toNs,
    });
  }
  return [...byCause.values()];
}

/** What was dropped of each tap. */
class Dropped {
  private readonly header: FrameBatchHeader;
  private readonly byTap = new Map<number, { from: bigint; to: bigint; lost: number; domain: string }>();

  constructor(header: FrameBatchHeader) {
    this.header = header;
  }

  get isEmpty(): boolean {
    return this.byTap.size === 0;
  }

  add(tap: number, time: bigint, { domain }: BatchKey): void {
    const known = this.byTap.get(tap);
    if (known === undefined) this.byTap.set(tap, { from: time, to: time, lost: 1, domain });
    else {
      if (time < known.from) known.from = time;
      if (time > known.to) known.to = time;
      known.lost += 1;
    }
  }

  /** Gaps, and the taps with keys of their own: the gap makes its row here, wherever else the tap is told of. */
  tell(detail: string): Pick<FrameBatchHeader, 'taps' | 'keys' | 'gaps'> {
    const keys = [...this.header.keys];
    const taps = this.header.taps.map((tap, index): BatchTap => {
      const lost = this.byTap.get(index);
      if (lost === undefined || tap.key !== undefined) return tap;
      return { ...tap, key: keys.push({ key: `tap/${lost.domain}/${tap.name}`, domain: lost.domain, networkInstance: 'default', link: tap.name }) - 1 };
    });
    const gaps = [...this.byTap].map(([tap, { from, to, lost }]): BatchGap => ({ tap, fromNs: String(from), toNs: String(to), lost, detail }));
    return { taps, keys, gaps: united([...this.header.gaps, ...gaps]) };
  }
}

function repeatedIn({ hellos }: FrameBatchHeader): Set<number> {
  return new Set((hellos ?? []).flatMap(([index, , what]) => (what === 1 ? [index] : [])));
}

function eachFrame(frames: Uint8Array, take: (view: DataView, at: number, length: number, index: number) => void): void {
  const view = new DataView(frames.buffer, frames.byteOffset, frames.length);
  for (let at = 0, index = 0; at < frames.length; index++) {
    const length = view.getUint32(at + layout.FRAME_LENGTH, true);
    take(view, at, length, index);
    at += length;
  }
}
