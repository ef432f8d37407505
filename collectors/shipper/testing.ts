/** A ring in simulated time, for tests and benches: hellos that come at their interval, BGP keepalives, nothing else. */
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import type { ClockSample, RingDrop, RingPort, RingTap, SeenHello } from './port.ts';

const SECOND_NS = 1_000_000_000n;
const RESHIP_NS = 60n * SECOND_NS;
const MOST_ARRIVALS = 8;
const KEEPALIVE_BYTES = 19;
/** Where the sequence number stands in a segment's record. */
const TCP_SEQUENCE_AT = layout.FRAME_BYTES + 14 + 20 + 4;

export interface QuietNetwork {
  /** Senders of IS-IS hellos. */
  readonly hellos: number;
  readonly helloSeconds: number;
  readonly holdSeconds: number;
  /** BGP sessions, each with a KEEPALIVE and its acknowledgement in both directions every so many seconds. */
  readonly sessions: number;
  readonly keepaliveSeconds: number;
  /** Taps by which they are spread. */
  readonly taps: number;
}

interface Sender {
  readonly id: bigint;
  readonly tap: number;
  readonly everyNs: bigint;
  next: bigint;
  readonly holdNs: bigint;
  shippedNs: bigint;
  lastNs: bigint;
  arrivals: bigint[];
  record: Uint8Array;
  /** Bytes of TCP that each of its segments has. */
  readonly data: number;
}

export class QuietRing implements RingPort {
  readonly epoch = 1_700_000_000n * SECOND_NS;
  private readonly network: QuietNetwork;
  private readonly senders: Sender[];
  private now: bigint;
  private ring: Uint8Array[] = [];
  private taken = 0n;
  lost: RingDrop[] = [];
  /** What waits cannot be given out, as behind a record of a tap that is not named yet. */
  isHeldUp = false;
  /** Frames and bytes that passed the taps, suppressed or not. */
  captured = { frames: 0, bytes: 0 };

  /** `phase` from 0 to 1 shifts all intervals; frames are `helloBytes` and 85 bytes long. */
  constructor(network: QuietNetwork, phase: number, helloBytes = 1497) {
    this.network = network;
    this.now = 1000n * SECOND_NS;
    const place = (index: number, of: number, seconds: number): bigint => this.now + BigInt(Math.floor(((index / of + phase) % 1) * seconds * 1e9));
    const hellos = Array.from({ length: network.hellos }, (_, index): Sender => ({
      id: BigInt(index + 1), tap: index % network.taps, everyNs: BigInt(Math.round(network.helloSeconds * 1e9)), next: place(index, network.hellos, network.helloSeconds),
      holdNs: BigInt(network.holdSeconds) * SECOND_NS, shippedNs: -RESHIP_NS, lastNs: 0n, arrivals: [], record: helloRecord(index, index % network.taps, helloBytes), data: 0,
    }));
    const keepalives = Array.from({ length: network.sessions * 4 }, (_, index): Sender => {
      const session = index >>> 2;
      // The acknowledgement follows by 40 ms.
      const isAck = index % 2 === 1;
      const data = isAck ? 0 : KEEPALIVE_BYTES;
      return {
        id: 0n, tap: session % network.taps, everyNs: BigInt(network.keepaliveSeconds) * SECOND_NS, next: place(index >>> 1, network.sessions * 2, network.keepaliveSeconds) + (isAck ? 40_000_000n : 0n),
        holdNs: 0n, shippedNs: 0n, lastNs: 0n, arrivals: [], record: segmentRecord(session, session % network.taps, (index & 2) !== 0, data), data,
      };
    });
    this.senders = [...hellos, ...keepalives];
  }

  /** Lets time pass. */
  pass(ms: number): void {
    this.now += BigInt(Math.round(ms * 1e6));
    const due = this.senders.filter(({ next }) => next <= this.now).toSorted((a, b) => (a.next < b.next ? -1 : 1));
    for (const sender of due) for (; sender.next <= this.now; sender.next += sender.everyNs) this.arrive(sender);
  }

  /** From here on a sender of hellos is silent, or all senders are. */
  silence(hello?: number): void {
    for (const [index, sender] of this.senders.entries()) if (hello === undefined || (index === hello && sender.id !== 0n)) sender.next = 1n << 62n;
  }

  get position(): bigint {
    return this.taken;
  }

  clock(): ClockSample {
    return { bootNs: this.now, wallNs: this.now + this.epoch };
  }

  taps(): readonly RingTap[] {
    return Array.from({ length: this.network.taps }, (_, id) => ({ id, name: `eth${id}`, openedNs: 1000n * SECOND_NS }));
  }

  read(into: Uint8Array): number {
    let bytes = 0;
    if (this.isHeldUp) return 0;
    for (const record of this.ring.splice(0)) {
      into.set(record, bytes);
      bytes += record.length;
    }
    this.taken += BigInt(bytes);
    return bytes;
  }

  seek(): void {
    // It begins anew.
  }

  release(): void {
    // Nothing is kept.
  }

  hellos(): Iterable<SeenHello> {
    return this.senders.filter(({ id, lastNs }) => id !== 0n && lastNs > 0n);
  }

  drops(): readonly RingDrop[] {
    return this.lost;
  }

  wait(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private arrive(sender: Sender): void {
    const at = sender.next;
    this.captured.frames += 1;
    this.captured.bytes += sender.record.length - layout.FRAME_BYTES;
    if (sender.id !== 0n) {
      sender.lastNs = at;
      sender.arrivals = [...sender.arrivals, at].slice(-MOST_ARRIVALS);
      if (at - sender.shippedNs < RESHIP_NS) return;
      sender.shippedNs = at;
    }
    const record = sender.record.slice();
    const view = new DataView(record.buffer);
    view.setBigUint64(layout.FRAME_BOOT_NS, at, true);
    view.setBigUint64(layout.FRAME_FRAME_NUMBER, sender.id, true);
    this.ring.push(record);
    if (sender.data === 0) return;
    const own = new DataView(sender.record.buffer);
    own.setUint32(TCP_SEQUENCE_AT, own.getUint32(TCP_SEQUENCE_AT) + sender.data);
  }
}

function emptyRecord(tap: number, protocol: number, bytes: number): { record: Uint8Array; view: DataView } {
  const record = new Uint8Array(Math.ceil((layout.FRAME_BYTES + bytes) / 8) * 8);
  const view = new DataView(record.buffer);
  view.setUint32(layout.FRAME_LENGTH, record.length, true);
  view.setUint16(layout.FRAME_TAP_ID, tap, true);
  view.setUint8(layout.FRAME_PROTOCOL, protocol);
  view.setUint32(layout.FRAME_CAPTURED_LENGTH, bytes, true);
  view.setUint32(layout.FRAME_ORIGINAL_LENGTH, bytes, true);
  view.setUint16(layout.FRAME_NETWORK_OFFSET, layout.OFFSET_NONE, true);
  view.setUint16(layout.FRAME_VLAN_OUTER, 0xffff, true);
  view.setUint16(layout.FRAME_VLAN_INNER, 0xffff, true);
  return { record, view };
}

/** A point-to-point hello (ISO 10589 9.7) with padding up to the frame's size. */
function helloRecord(index: number, tap: number, bytes: number): Uint8Array {
  const { record, view } = emptyRecord(tap, layout.PROTOCOL_ISIS, bytes);
  view.setUint16(layout.FRAME_PAYLOAD_OFFSET, 17, true);
  view.setUint32(layout.FRAME_PAYLOAD_LENGTH, bytes - 17, true);
  record.set([1, 0x80, 0xc2, 0, 0, 0x15, 2, 0, 0, 0, index >>> 8, index & 0xff, 0, 0, 0xfe, 0xfe, 3], layout.FRAME_BYTES);
  record.set([0x83, 20, 1, 0, 17, 1, 0, 0, 2, 0, 0, 0, 0, index >>> 8, index & 0xff, 0, 30, 5, 0xce, 1], layout.FRAME_BYTES + 17);
  return record;
}

/** A TCP segment between two addresses of a session with `data` bytes, a KEEPALIVE (RFC 4271 4.4) or none. */
function segmentRecord(session: number, tap: number, isReverse: boolean, data: number): Uint8Array {
  const { record, view } = emptyRecord(tap, layout.PROTOCOL_BGP, 66 + data);
  view.setUint16(layout.FRAME_NETWORK_OFFSET, 14, true);
  view.setUint16(layout.FRAME_PAYLOAD_OFFSET, 34, true);
  view.setUint32(layout.FRAME_PAYLOAD_LENGTH, 32 + data, true);
  const ip = layout.FRAME_BYTES + 14;
  const [from, to] = isReverse ? [2, 1] : [1, 2];
  record.set([0x45], ip);
  record.set([10, session >>> 8, session & 0xff, from, 10, session >>> 8, session & 0xff, to], ip + 12);
  record.set([...isReverse ? [0x80, 0, 0, 179] : [0, 179, 0x80, 0], 0, 0, 0, 1, 0, 0, 0, 1, 0x80, 0x10], ip + 20);
  if (data > 0) record.set([...Array.from({ length: 16 }, () => 0xff), 0, 19, 4], ip + 52);
  return record;
}
