/** The live ring port: the kernel's ring and maps by the descriptors that the loader handed over, its taps by message. */
import koffi, { type node } from 'koffi';
import * as layout from '../../../decoders-wasm/contract/generated/frame.ts';
import { LinkClassifier } from '../../../decoders-wasm/contract/link-classifier.ts';
import { readClocks } from '../../loader/clock.ts';
import { readLost } from '../../loader/counters.ts';
import { type HandOver, type LoaderMessage, parseTaps, type SentTap } from '../../loader/messages.ts';
import type { ClockSample, RingDrop, RingPort, RingTap, SeenHello } from '../../shipper/port.ts';
import { readHellos } from './hellos.ts';
import { Ring } from './ring.ts';

/** A record with its header is never longer; the port's contract. */
const MOST_RECORD_BYTES = 1 << 17;
/** Words of a record that hold flags (in the upper half) and tap (in the lower). */
const FLAGS_WORD = layout.FRAME_FLAGS >>> 2;
const TAP_WORD = layout.FRAME_TAP_ID >>> 2;
/** The kernel wakes for the first frames of a burst; what comes behind waits at most this long. */
const SLOW_TIMER_MS = 50;
/** A tap that its loader has not named after this will not be named. */
const UNNAMED_MS = 10_000;

/** What the loader's messages come by: `process` in the shipper's own process. */
export interface LoaderChannel {
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
  send?(message: unknown): boolean;
  disconnect?(): void;
  readonly connected?: boolean;
}

/** Waits for the loader's first message and opens ring and maps. `lost` is called when the loader has gone. */
export function openLiveRing(channel: LoaderChannel, lost: () => void = () => undefined): Promise<LiveRing> {
  return new Promise((resolve, reject) => {
    let ring: LiveRing | undefined;
    channel.on('message', (message) => {
      const { kind } = message as LoaderMessage;
      if (kind === 'taps') ring?.setTaps(parseTaps((message as LoaderMessage & { kind: 'taps' }).taps));
      if (kind !== 'hand-over') return;
      try {
        // An open channel would keep the process alive.
        ring = new LiveRing(message as HandOver, () => { if (channel.connected === true) channel.disconnect?.(); });
        resolve(ring);
      } catch (error) {
        reject(error as Error);
      }
    });
    channel.on('disconnect', lost);
    channel.send?.({ kind: 'ready' });
  });
}

export class LiveRing implements RingPort {
  readonly epoch: bigint;
  isHeldUp = false;
  readonly #ring: Ring;
  readonly #over: HandOver;
  readonly #hangUp: () => void;
  // Held, or the garbage collector ends it.
  readonly #poll: node.PollHandle;
  readonly #joiner = new Joiner();
  #taps: readonly SentTap[];
  /** Ids that `taps()` has given: only their frames are handed on. */
  #told = new Set<number>();
  /** One of them, or -1: frames come in runs. */
  #lastNamed = -1;
  #unnamedSince: number | undefined;
  /** The next record is of a tap that `taps()` has not given yet. */
  #isUnnamed = false;
  #wake: (() => void) | undefined;

  /** `hangUp` is called at the end: it ends the channel to the loader. */
  constructor(over: HandOver, hangUp: () => void = () => undefined) {
    this.#over = over;
    this.#hangUp = hangUp;
    this.epoch = BigInt(over.epoch);
    this.#ring = new Ring(over.ringFd, over.ringBytes);
    this.#taps = parseTaps(over.taps);
    this.#poll = koffi.node.poll(over.ringFd, () => { this.#wake?.(); });
  }

  /** The loader's newest list. */
  setTaps(taps: readonly SentTap[]): void {
    this.#taps = taps;
    this.#isUnnamed = false;
    this.#wake?.();
  }

  clock(): ClockSample {
    return readClocks();
  }

  taps(): readonly RingTap[] {
    this.#lastNamed = -1;
    this.#told = new Set(this.#taps.map(({ id }) => id));
    return this.#taps;
  }

  read(into: Uint8Array): number {
    const ring = this.#ring;
    const longs = new BigUint64Array(into.buffer, into.byteOffset, into.length >>> 3);
    let used = 0;
    this.#isUnnamed = false;
    let at = ring.peek();
    for (; at >= 0; at = ring.peek()) {
      const first = at >>> 2;
      const length = ring.words[first]!;
      const isPiece = (ring.words[first + FLAGS_WORD]! >>> 16 & layout.FLAG_FRAGMENT) !== 0;
      if (used + (isPiece ? MOST_RECORD_BYTES : length) > into.length) break;
      this.#isUnnamed = !this.#isNamed(ring.words[first + TAP_WORD]! & 0xffff);
      if (this.#isUnnamed) break;
      if (isPiece) used += this.#join(ring.bytes.subarray(at, at + length), into.subarray(used));
      else {
        ring.copy(at, length, longs, used);
        used += length;
      }
      ring.skip();
    }
    this.isHeldUp = this.#isUnnamed || (at < 0 && !ring.isAtEnd);
    return used;
  }

  /** Bytes of the whole datagram, where this piece completes one. */
  #join(piece: Uint8Array, into: Uint8Array): number {
    const whole = this.#joiner.join(piece);
    if (whole === undefined) return 0;
    into.set(whole);
    return whole.length;
  }

  get position(): bigint {
    return BigInt(this.#ring.position);
  }

  seek(position: bigint): void {
    this.#ring.seek(Number(position));
  }

  release(position: bigint): void {
    this.#ring.acknowledge(Number(position));
  }

  *hellos(): Iterable<SeenHello> {
    for (const { id, tapId, lastNs, shippedNs, holdingSeconds, arrivalsNs } of readHellos(this.#over.hellosFd)) {
      yield { id, tap: tapId, lastNs, holdNs: BigInt(holdingSeconds) * 1_000_000_000n, arrivals: arrivalsNs, isLost: shippedNs === 0n };
    }
  }

  drops(): readonly RingDrop[] {
    return this.#taps.map(({ id, slots, lost }) => ({ tap: id, lost: lost ?? readLost(this.#over.countersFd, slots) }));
  }

  async wait(ms: number): Promise<void> {
    const until = performance.now() + ms;
    while ((this.#isUnnamed || this.#ring.peek() < 0) && performance.now() < until) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(SLOW_TIMER_MS, Math.max(1, until - performance.now())));
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
  }

  close(): Promise<void> {
    this.#poll.stop();
    this.#poll.close();
    this.#ring.close();
    this.#hangUp();
    return Promise.resolve();
  }

  /** Whether the tap was told of; the loader's message may be on its way behind the first frame. */
  #isNamed(tap: number): boolean {
    if (tap === this.#lastNamed) return true;
    if (this.#told.has(tap)) {
      this.#lastNamed = tap;
      this.#unnamedSince = undefined;
      return true;
    }
    this.#unnamedSince ??= performance.now();
    if (performance.now() - this.#unnamedSince > UNNAMED_MS) throw new Error(`the ring has frames of tap ${tap}, which the loader has not named in ${UNNAMED_MS / 1000} s`);
    return false;
  }
}

/** Joins IP fragments, which the kernel hands on as they are: the same joining as for captures. */
class Joiner {
  readonly #link = LinkClassifier.load();

  /** The record of the whole datagram, where this piece completes one. */
  join(piece: Uint8Array): Uint8Array | undefined {
    const view = new DataView(piece.buffer, piece.byteOffset, piece.length);
    const captured = view.getUint32(layout.FRAME_CAPTURED_LENGTH, true);
    const tap = view.getUint16(layout.FRAME_TAP_ID, true);
    const data = piece.slice(layout.FRAME_BYTES, layout.FRAME_BYTES + captured);
    const linkType = view.getUint16(layout.FRAME_LINK_OFFSET, true) === layout.OFFSET_NONE ? LINKTYPE_RAW : LINKTYPE_ETHERNET;
    const record = this.#link.classify([{
      timeNs: view.getBigUint64(layout.FRAME_BOOT_NS, true), linkType, originalLength: captured, data, direction: view.getUint8(layout.FRAME_DIRECTION),
    }], tap);
    if (record.length === 0) return undefined;
    const whole = new DataView(record.buffer, record.byteOffset, record.length);
    whole.setBigUint64(layout.FRAME_FRAME_NUMBER, 0n, true);
    whole.setUint32(layout.FRAME_KEY_INDEX, 0, true);
    // A password was in the first piece; of a tag in metadata only the kernel knows.
    const flags = whole.getUint16(layout.FRAME_FLAGS, true);
    if (isSimplyAuthenticated(record, whole)) whole.setUint16(layout.FRAME_FLAGS, flags | layout.FLAG_REDACTED, true);
    record.set(piece.subarray(layout.FRAME_VLAN_OUTER, layout.FRAME_TUNNEL_DEPTH), layout.FRAME_VLAN_OUTER);
    return record;
  }
}

const LINKTYPE_ETHERNET = 1;
const LINKTYPE_RAW = 101;

/** OSPFv2 with AuType 1: its password was blanked in the kernel. */
function isSimplyAuthenticated(record: Uint8Array, view: DataView): boolean {
  const at = layout.FRAME_BYTES + view.getUint16(layout.FRAME_PAYLOAD_OFFSET, true);
  return record[layout.FRAME_PROTOCOL] === layout.PROTOCOL_OSPFV2 && at + 16 <= record.length && view.getUint16(at + 14) === 1;
}
