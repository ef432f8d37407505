/** A recorded ring: captures fed through the ring port as a kernel would, for tests, chaos and rehearsals without a network. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createHash } from 'node:crypto';
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import { openCapture, readCaptures } from '../inputs/pcap/index.ts';
import type { ClockSample, RingDrop, RingPort, RingTap, SeenHello } from '../shipper/port.ts';

/** An unchanged hello is shipped again after this. */
const RESHIP_NS = 60_000_000_000n;
const MOST_ARRIVALS = 8;
/** The boot clock when the first packet comes. */
export const FIRST_BOOT_NS = 1_000_000_000_000n;
/** Of captures whose end is not known. */
const LAST_BOOT_NS = 1n << 62n;
const POLL_MS = 10;
/** ISO 10589 9.5-9.7, RFC 2328 A.3.2: PDU types of hellos, and where their holding time stands. */
const ISIS_HELLOS = new Set([15, 16, 17]);
const OSPF_HELLO = 1;

export interface RecordedOptions {
  readonly files: readonly string[];
  readonly tapNames: readonly string[];
  /** Of the ring; another process with the same one goes on in the same ring. */
  readonly epoch: bigint;
  /** Seconds of the capture a second; Infinity: all is there at once. */
  readonly speed: number;
  /** When the first packet came (came to be there), ms since 1970: a later process with the same epoch gives that of the first. */
  readonly startedMs?: number;
  /** ms since 1970; default: the machine's clock. */
  readonly now?: () => number;
  /** Unchanged hellos are counted and not shipped, as the kernel does. */
  readonly suppress?: boolean;
  /** The taps end with the captures; else time goes on. Default: they end. */
  readonly ends?: boolean;
  /** Added to the capture's own times, ns: what the wall clock is set to at that moment. */
  readonly wallShiftNs?: () => bigint;
  /**
   * How often the captures come (Infinity: so far no end is known), and every how many ns, which must be longer than they
   * are: the later ones as taps of their own, `1-NAME`, `2-NAME`..., each with an end of its own. Default: once.
   */
  readonly passes?: { readonly count: () => number; readonly periodNs: bigint };
  /** Whether the ring is full at a boot time: what comes then is lost. Default: never. */
  readonly isFull?: (bootNs: bigint) => boolean;
}

interface Entry {
  readonly id: bigint;
  readonly tap: number;
  content: string;
  shippedNs: bigint;
  lastNs: bigint;
  holdNs: bigint;
  arrivals: bigint[];
  isLost: boolean;
}

/** Reads all the captures, then gives them out as time goes on; memory holds them whole. */
export async function openRecorded(options: RecordedOptions): Promise<RecordedRing> {
  const records: Uint8Array[] = [];
  const names: string[] = [];
  const captures = await Promise.all(options.files.map((file) => openCapture(file)));
  const { lastNs } = await readCaptures({ captures, tapNames: options.tapNames, domain: 'recorded', shiftNs: 0n }, {
    addTap: ({ name }) => names.push(name) - 1,
    addKey: () => undefined,
    add: (some) => {
      const view = new DataView(some.buffer, some.byteOffset, some.length);
      for (let at = 0; at < some.length; at += view.getUint32(at, true)) records.push(some.slice(at, at + view.getUint32(at, true)));
      return Promise.resolve();
    },
    flush: () => Promise.resolve(),
    gap: () => Promise.resolve(),
    close: () => Promise.resolve(),
  });
  return new RecordedRing(options, names, records, lastNs ?? 0n);
}

export class RecordedRing implements RingPort {
  readonly epoch: bigint;
  readonly isRecorded = true;
  private readonly options: RecordedOptions;
  private readonly records: readonly Uint8Array[];
  private readonly names: readonly string[];
  /** Capture time - this = boot time. */
  private readonly base: bigint;
  /** Of one pass of the captures. */
  readonly lengthNs: bigint;
  private readonly now: () => number;
  private readonly startedMs: number;
  private readonly map = new Map<string, Entry>();
  private readonly lost = new Map<number, number>();
  private next = 0;
  private ring: Uint8Array[] = [];
  private taken = 0n;
  private isClosed = false;

  constructor(options: RecordedOptions, names: readonly string[], records: readonly Uint8Array[], lastNs: bigint) {
    this.options = options;
    this.epoch = options.epoch;
    this.now = options.now ?? Date.now;
    this.startedMs = options.startedMs ?? this.now();
    this.base = (records[0] === undefined ? FIRST_BOOT_NS : viewOf(records[0]).getBigUint64(layout.FRAME_BOOT_NS, true)) - FIRST_BOOT_NS;
    for (const record of records) {
      const view = viewOf(record);
      view.setBigUint64(layout.FRAME_BOOT_NS, view.getBigUint64(layout.FRAME_BOOT_NS, true) - this.base, true);
      view.setBigUint64(layout.FRAME_FRAME_NUMBER, 0n, true);
      view.setUint32(layout.FRAME_KEY_INDEX, 0, true);
    }
    this.records = records;
    this.names = names;
    this.lengthNs = lastNs === 0n ? 0n : lastNs - this.base - FIRST_BOOT_NS;
  }

  get position(): bigint {
    return this.taken;
  }

  /** Whether all has been read and its time has passed. */
  get isOver(): boolean {
    return this.next === this.most && this.ring.length === 0 && this.elapsedNs() > this.lastBoot;
  }

  clock(): ClockSample {
    const bootNs = this.bootNow();
    this.advance(bootNs);
    return { bootNs, wallNs: bootNs + this.base + (this.options.wallShiftNs?.() ?? 0n) };
  }

  taps(): readonly RingTap[] {
    const { options: { ends, passes }, names } = this;
    const bootNs = this.bootNow();
    const begun = passes === undefined ? 1 : Math.min(passes.count(), Number((bootNs - FIRST_BOOT_NS) / passes.periodNs) + 1);
    return Array.from({ length: begun }, (_, pass) => {
      const openedNs = FIRST_BOOT_NS + BigInt(pass) * (passes?.periodNs ?? 0n);
      const closedNs = openedNs + this.lengthNs;
      const closed = ends === false || bootNs < closedNs ? {} : { closedNs, closedBy: 'end of the capture' };
      return names.map((name, id) => ({ id: pass * names.length + id, name: pass === 0 ? name : `${pass}-${name}`, openedNs, ...closed }));
    }).flat();
  }

  read(into: Uint8Array): number {
    let bytes = 0;
    let count = 0;
    for (const record of this.ring) {
      if (bytes + record.length > into.length) break;
      into.set(record, bytes);
      bytes += record.length;
      count += 1;
    }
    this.ring = this.ring.slice(count);
    this.taken += BigInt(bytes);
    return bytes;
  }

  seek(position: bigint): void {
    while (this.taken < position && (this.ring.length > 0 || this.next < this.most)) {
      if (this.ring.length === 0) this.step();
      else this.taken += BigInt(this.ring.shift()!.length);
    }
  }

  release(): void {
    // All of it stays in memory: there is no room to give back.
  }

  hellos(): Iterable<SeenHello> {
    return this.map.values();
  }

  drops(): readonly RingDrop[] {
    return [...this.lost].map(([tap, count]) => ({ tap, lost: { 'ring-full': count } }));
  }

  /** What came so far is nobody's: the ring and its list of hellos are those of a loader that begins now. */
  skip(): void {
    this.advance(this.bootNow());
    this.ring = [];
    this.map.clear();
  }

  /** The next `count` frames are lost, as where a ring is full. */
  lose(count: number): void {
    for (let left = count; left > 0 && this.next < this.most; left--) this.drop(this.record(this.next++));
  }

  async wait(ms: number): Promise<void> {
    for (const until = performance.now() + ms; performance.now() < until && !this.isClosed;) {
      this.advance(this.bootNow());
      if (this.ring.length > 0) return;
      await sleep(Math.min(POLL_MS, ms));
    }
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  /** Records of all passes. */
  private get most(): number {
    return this.records.length * (this.options.passes?.count() ?? 1);
  }

  private get lastBoot(): bigint {
    const { count, periodNs } = this.options.passes ?? { count: () => 1, periodNs: 0n };
    return Number.isFinite(count()) ? FIRST_BOOT_NS + this.lengthNs + BigInt(count() - 1) * periodNs : LAST_BOOT_NS;
  }

  private timeOf(index: number): bigint {
    return bootOf(this.records[index % this.records.length]!) + BigInt(Math.floor(index / this.records.length)) * (this.options.passes?.periodNs ?? 0n);
  }

  /** The record as it comes in its pass: later, and of a tap of its own. */
  private record(index: number): Uint8Array {
    const record = this.records[index % this.records.length]!;
    const pass = Math.floor(index / this.records.length);
    if (pass === 0) return record;
    const copy = record.slice();
    const view = viewOf(copy);
    view.setUint16(layout.FRAME_TAP_ID, view.getUint16(layout.FRAME_TAP_ID, true) + pass * this.names.length, true);
    view.setBigUint64(layout.FRAME_BOOT_NS, this.timeOf(index), true);
    return copy;
  }

  /** A clock that stands still at the end of captures that end the taps: so what follows does not depend on who looks when. */
  private bootNow(): bigint {
    const elapsed = this.elapsedNs();
    return this.options.ends !== false && elapsed > this.lastBoot ? this.lastBoot : elapsed;
  }

  private elapsedNs(): bigint {
    const { speed } = this.options;
    const elapsed = Math.max(0, this.now() - this.startedMs);
    if (!Number.isFinite(speed)) return this.lastBoot + BigInt(elapsed + 1) * 1_000_000n;
    return FIRST_BOOT_NS + BigInt(Math.round(elapsed * speed * 1000)) * 1000n;
  }

  private advance(bootNs: bigint): void {
    while (this.next < this.most && this.timeOf(this.next) <= bootNs) this.step();
  }

  /** The next record comes: into the ring, or only into the map. */
  private step(): void {
    const record = this.record(this.next++);
    const isFull = this.options.isFull?.(bootOf(record)) === true;
    if (this.options.suppress === true && !this.isShipped(record, isFull)) return;
    if (isFull) this.drop(record);
    else this.ring.push(record);
  }

  private drop(record: Uint8Array): void {
    const tap = viewOf(record).getUint16(layout.FRAME_TAP_ID, true);
    this.lost.set(tap, (this.lost.get(tap) ?? 0) + 1);
  }

  /** Whether the ring gets it; a hello that finds it full is as good as not seen: the next one is shipped. */
  private isShipped(record: Uint8Array, isFull: boolean): boolean {
    const hello = helloOf(record);
    if (hello === undefined) return true;
    const view = viewOf(record);
    const now = view.getBigUint64(layout.FRAME_BOOT_NS, true);
    const known = this.map.get(hello.sender);
    const isNews = known === undefined || known.content !== hello.content || now - known.shippedNs >= RESHIP_NS || now - known.lastNs >= known.holdNs;
    view.setUint32(layout.FRAME_KEY_INDEX, known === undefined ? 0 : Math.max(1, Number((now - known.lastNs) / 1_000_000n)), true);
    const entry: Entry = known ?? { id: createHash('sha256').update(hello.sender).digest().readBigUInt64LE(), tap: view.getUint16(layout.FRAME_TAP_ID, true), content: '', shippedNs: 0n, lastNs: 0n, holdNs: 0n, arrivals: [], isLost: false };
    entry.lastNs = now;
    entry.holdNs = hello.holdNs;
    entry.arrivals = [...entry.arrivals, now].slice(-MOST_ARRIVALS);
    this.map.set(hello.sender, entry);
    view.setBigUint64(layout.FRAME_FRAME_NUMBER, entry.id, true);
    entry.isLost = isNews && isFull;
    if (entry.isLost) entry.shippedNs = 0n;
    if (!isNews || isFull) return isNews;
    entry.content = hello.content;
    entry.shippedNs = now;
    return true;
  }
}

function bootOf(record: Uint8Array): bigint {
  return viewOf(record).getBigUint64(layout.FRAME_BOOT_NS, true);
}

function viewOf(record: Uint8Array): DataView {
  return new DataView(record.buffer, record.byteOffset, record.length);
}

/** Sender and content of a hello; undefined for all else. Everything behind the link-layer header counts as content. */
function helloOf(record: Uint8Array): { readonly sender: string; readonly content: string; readonly holdNs: bigint } | undefined {
  const view = viewOf(record);
  const protocol = view.getUint8(layout.FRAME_PROTOCOL);
  const payload = layout.FRAME_BYTES + view.getUint16(layout.FRAME_PAYLOAD_OFFSET, true);
  if (payload + 28 > record.length) return undefined;
  const isIsis = protocol === layout.PROTOCOL_ISIS && ISIS_HELLOS.has(view.getUint8(payload + 4) & 0x1f);
  const isOspf = (protocol === layout.PROTOCOL_OSPFV2 || protocol === layout.PROTOCOL_OSPFV3) && view.getUint8(payload + 1) === OSPF_HELLO;
  if (!isIsis && !isOspf) return undefined;
  const network = view.getUint16(layout.FRAME_NETWORK_OFFSET, true);
  const link = view.getUint16(layout.FRAME_LINK_OFFSET, true);
  const hex = (from: number, to: number): string => Buffer.from(record.subarray(from, to)).toString('hex');
  const addresses = network === layout.OFFSET_NONE ? hex(layout.FRAME_BYTES, layout.FRAME_BYTES + 12) : hex(layout.FRAME_BYTES + network + (protocol === layout.PROTOCOL_OSPFV2 ? 12 : 8), payload);
  // ISO 10589 9.5: the holding time behind the system id; RFC 2328 A.3.2, RFC 5340 A.3.2: the RouterDeadInterval.
  const hold = isIsis ? view.getUint16(payload + 15) : protocol === layout.PROTOCOL_OSPFV2 ? view.getUint32(payload + 32) : view.getUint16(payload + 26);
  const vlan = view.getUint32(layout.FRAME_VLAN_OUTER, true);
  return {
    sender: `${view.getUint16(layout.FRAME_TAP_ID, true)} ${protocol} ${view.getUint8(payload + (isIsis ? 4 : 1))} ${vlan} ${link === layout.OFFSET_NONE ? '' : hex(layout.FRAME_BYTES + link + 6, layout.FRAME_BYTES + link + 12)} ${addresses}`,
    content: hex(payload, record.length), holdNs: BigInt(hold) * 1_000_000_000n,
  };
}
