/** The capture input: files or standard input, merged by time, classified, batched. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import * as layout from '../../../decoders-wasm/contract/generated/frame.ts';
import { LinkClassifier, type LinkCounters } from '../../../decoders-wasm/contract/link-classifier.ts';
import type { BatchKey } from '../../../stream/contract/frame-batch.ts';
import type { BatchedTap } from '../../batching/index.ts';
import type { CapturedPacket, CaptureFault, OpenCapture } from './capture.ts';
import { batchKey, type KeyMap } from '../../batching/key-map.ts';
import { mergeByTime } from './merge.ts';
import { type TimedCapture, withSaneTimes } from './sane-times.ts';

export { CaptureError, type CaptureFault, type CaptureResult, type OpenCapture } from './capture.ts';
export { openCapture } from './open.ts';
export { isSaneTime } from './sane-times.ts';
export { type KeyMap, keyMapSchema } from '../../batching/key-map.ts';

/** What takes the frame records: the batcher, or a decoder straight away. */
export interface FrameTaker {
  addTap(tap: BatchedTap): number;
  addKey(key: BatchKey): void;
  add(records: Uint8Array): Promise<void>;
  flush(): Promise<void>;
  gap(tap: number, gap: { fromNs: string; toNs: string; lost: number; detail: string }): Promise<void>;
  close(endNs: bigint): Promise<void>;
}

export interface CaptureInputOptions {
  readonly captures: readonly OpenCapture[];
  /** Name of each capture's tap. */
  readonly tapNames: readonly string[];
  readonly domain: string;
  /** Names domains, network instances and links; default: none. */
  readonly map?: KeyMap;
  /** Added to every packet's time to give the wall time (`--retime`), ns. */
  readonly shiftNs: bigint;
  /** Tap seconds a second; undefined: as fast as it goes. */
  readonly speed?: number;
  /** Packets after this capture time are left out, ns. */
  readonly untilNs?: bigint;
  /** Packets come as they are seen: each goes out at once instead of waiting for a full batch. */
  readonly live?: boolean;
  readonly signal?: AbortSignal;
  /** Told now and then: packets read, capture time reached. */
  readonly progress?: (packets: number, timeNs: bigint) => void;
}

export interface CaptureInputResult {
  readonly packets: number;
  readonly firstNs: bigint | undefined;
  readonly lastNs: bigint | undefined;
  readonly faults: readonly (CaptureFault & { readonly capture: string })[];
  /** What became of each packet. */
  readonly counters: LinkCounters;
}

/** The most that a paced replay sleeps at a time, ms. */
const LONGEST_NAP_MS = 200;

/** Reads the captures to their end into `taker`; faults of files are reported, never thrown. */
export async function readCaptures(options: CaptureInputOptions, taker: FrameTaker): Promise<CaptureInputResult> {
  const captures = options.captures.map((capture) => withSaneTimes(capture, options.shiftNs));
  const run = new CaptureRun(options, captures, taker);
  // A capture that waits for packets is not waited for.
  options.signal?.addEventListener('abort', () => { for (const capture of options.captures) void capture.close(); }, { once: true });
  for await (const chunk of mergeByTime(captures)) {
    for (let at = 0; at < chunk.length;) {
      const { capture } = chunk[at]!;
      const interfaceIndex = chunk[at]!.packet.interfaceIndex;
      const packets: CapturedPacket[] = [];
      for (; at < chunk.length && chunk[at]!.capture === capture && chunk[at]!.packet.interfaceIndex === interfaceIndex; at++) {
        packets.push(chunk[at]!.packet);
      }
      await run.take(capture, interfaceIndex, packets);
    }
    if (options.live === true) await taker.flush();
    if (run.ended || options.signal?.aborted === true) break;
  }
  return run.end();
}

class CaptureRun {
  private readonly options: CaptureInputOptions;
  private readonly captures: readonly TimedCapture[];
  private readonly taker: FrameTaker;
  private readonly classifier = LinkClassifier.load();
  /** Tap index by capture and interface. */
  private readonly taps = new Map<string, number>();
  private readonly tapInfos: BatchedTap[] = [];
  private packets = 0;
  private first: bigint | undefined;
  private last: bigint | undefined;
  private began = 0;
  ended = false;

  constructor(options: CaptureInputOptions, captures: readonly TimedCapture[], taker: FrameTaker) {
    this.options = options;
    this.captures = captures;
    this.taker = taker;
  }

  /** Packets of one interface of one capture, in order. */
  async take(capture: number, interfaceIndex: number, all: readonly CapturedPacket[]): Promise<void> {
    const { untilNs, speed } = this.options;
    const packets = untilNs === undefined ? all : all.filter((packet) => packet.timeNs <= untilNs);
    if (packets.length < all.length) this.ended = true;
    if (packets.length === 0) return;
    const tap = await this.tap(capture, interfaceIndex);
    if (speed === undefined) return this.send(tap, packets);
    for (const packet of packets) {
      await this.pace(packet.timeNs, speed);
      if (this.options.signal?.aborted === true) return;
      await this.send(tap, [packet]);
    }
  }

  async end(): Promise<CaptureInputResult> {
    const faults: (CaptureFault & { capture: string })[] = [];
    let endNs = this.last ?? 0n;
    for (const [index, capture] of this.captures.entries()) {
      const { fault, endTimeNs } = capture.result();
      faults.push(...refusedTimes(capture));
      if (endTimeNs !== undefined && this.options.untilNs === undefined && endTimeNs > endNs) endNs = endTimeNs;
      if (fault === undefined) continue;
      faults.push({ ...fault, capture: capture.name });
      const tap = this.taps.get(`${index}/0`);
      const at = (this.last ?? 0n).toString();
      if (tap !== undefined) await this.taker.gap(tap, { fromNs: at, toNs: at, lost: 0, detail: `${capture.name}, byte ${fault.offset}: ${fault.message}` });
    }
    await this.taker.close(endNs);
    return { packets: this.packets, firstNs: this.first, lastNs: this.last, faults, counters: this.classifier.counters() };
  }

  private async send(tap: number, packets: readonly CapturedPacket[]): Promise<void> {
    this.first ??= packets[0]!.timeNs;
    this.packets += packets.length;
    const last = packets.at(-1)!.timeNs;
    if (this.last === undefined || last > this.last) this.last = last;
    const records = this.classifier.classify(packets, tap);
    markRefusedTimes(records, packets);
    for (const key of this.classifier.newKeys()) this.taker.addKey(batchKey(key, this.tapInfos[key.tap]!, this.options.map ?? []));
    if (records.length > 0) await this.taker.add(records);
    this.options.progress?.(this.packets, last);
  }

  /** Waits until the packet's time has come at the speed asked for; what has gathered goes out before a longer wait. */
  private async pace(timeNs: bigint, speed: number): Promise<void> {
    if (this.first === undefined) this.began = performance.now();
    const due = this.began + Number(timeNs - (this.first ?? timeNs)) / 1e6 / speed;
    for (let left = due - performance.now(); left > 5; left = due - performance.now()) {
      await this.taker.flush();
      if (this.options.signal?.aborted === true) return;
      await sleep(Math.min(left, LONGEST_NAP_MS));
    }
  }

  private async tap(capture: number, interfaceIndex: number): Promise<number> {
    const name = `${capture}/${interfaceIndex}`;
    const known = this.taps.get(name);
    if (known !== undefined) return known;
    const info = await this.tapInfo(capture, interfaceIndex);
    const index = this.taker.addTap(info);
    this.tapInfos[index] = info;
    this.taps.set(name, index);
    return index;
  }

  /** A tap is a capture, or an interface of one: named after it from the second on. */
  private async tapInfo(capture: number, interfaceIndex: number): Promise<BatchedTap> {
    const { tapNames, domain, shiftNs } = this.options;
    const open = this.captures[capture]!;
    const base = tapNames[capture]!;
    const name = interfaceIndex === 0 ? base : `${base}/${open.result().interfaces[interfaceIndex]?.name ?? interfaceIndex}`;
    const identity = createHash('sha256').update(name).update('\0').update(await open.identity()).update(`\0${shiftNs}`).digest('hex').slice(0, 32);
    return { name, domain, identity, wallOffsetNs: shiftNs };
  }
}

/** What is said of packets whose time stamps were refused. */
function refusedTimes({ name, refused }: TimedCapture): (CaptureFault & { capture: string })[] {
  if (refused.count === 0) return [];
  const what = refused.count === 1 ? `the time stamp of packet ${refused.firstPacket} is` : `the time stamps of ${refused.count} packets, from packet ${refused.firstPacket} on, are`;
  return [{ capture: name, message: `${what} before 2000 or more than a day ahead: what they carry went to quarantine. A capture with times of its own making can be moved with --retime now` }];
}

/** Sets the flag in the frame records of packets whose time was refused. */
function markRefusedTimes(records: Uint8Array, packets: readonly CapturedPacket[]): void {
  const refused = new Set(packets.filter(({ timeRefused }) => timeRefused === true).map(({ packetNumber }) => BigInt(packetNumber)));
  if (refused.size === 0) return;
  const view = new DataView(records.buffer, records.byteOffset, records.length);
  for (let at = 0; at < records.length; at += view.getUint32(at, true)) {
    if (!refused.has(view.getBigUint64(at + layout.FRAME_FRAME_NUMBER, true))) continue;
    view.setUint16(at + layout.FRAME_FLAGS, view.getUint16(at + layout.FRAME_FLAGS, true) | layout.FLAG_TIME_REFUSED, true);
  }
}
