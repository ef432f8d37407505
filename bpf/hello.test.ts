/** Hellos that repeat: counted and timed in the kernel, not shipped; and what makes one new. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as layout from '../decoders-wasm/contract/generated/frame.ts';
import { ethernet, ieee8023, ipv4, ipv6, LLC_ISO, tagged, u16 } from '../decoders-wasm/link/testing-frames.ts';
import { type HelloState, readHellos } from '../collectors/inputs/ebpf/hellos.ts';
import { Bench, whyNot } from './testing.ts';

const why = whyNot();
if (why !== undefined) console.warn(`not run: hello suppression in the kernel: ${why}`);

const NEVER = 3_600_000_000_000n;
const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);
const tlv = (type: number, value: readonly number[]): number[] => [type, value.length, ...value];

/** A point-to-point hello of IS-IS. */
function isis({ system = 1, holding = 30, tlvs = [tlv(1, [3, 0x49, 0, 1])] }: { system?: number; holding?: number; tlvs?: number[][] } = {}): number[] {
  const body = tlvs.flat();
  return ieee8023([...LLC_ISO, 0x83, 20, 1, 0, 17, 1, 0, 0, 3, 0, 0, 0, 0, 0, system, ...u16(holding), ...u16(20 + body.length), 1, ...body]);
}

/** A hello of OSPFv2; `trailer` stands behind the packet. */
function ospfv2({ type = 0, sequence = 0, neighbors = [], trailer = [], dead = 40 }: { type?: number; sequence?: number; neighbors?: number[]; trailer?: number[]; dead?: number } = {}): number[] {
  const authentication = type === 2 ? [0, 0, 1, 16, ...u16(0), ...u16(sequence)] : zeros(8);
  const body = [255, 255, 255, 0, 0, 10, 2, 1, ...u16(0), ...u16(dead), ...zeros(8), ...neighbors];
  return ethernet(0x0800, ipv4(89, [2, 1, ...u16(24 + body.length), 1, 1, 1, 1, 0, 0, 0, 0, sequence & 255, 7, ...u16(type), ...authentication, ...body, ...trailer]));
}

function ospfv3({ neighbors = [], dead = 40 }: { neighbors?: number[]; dead?: number } = {}): number[] {
  const body = [0, 0, 0, 5, 1, 0, 0, 0x13, ...u16(10), ...u16(dead), ...zeros(8), ...neighbors];
  return ethernet(0x86dd, ipv6(89, [3, 1, ...u16(16 + body.length), 1, 1, 1, 1, 0, 0, 0, 0, 9, 9, 0, 0, ...body]));
}

describe.skipIf(why !== undefined)('hellos in the kernel (skipped without root, BPF or clang)', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench({ helloShipNs: NEVER, tapId: 7 });
  });
  afterEach(() => bench.close());

  /** How many of these frames, one after the other, were shipped. */
  const shipped = (...frames: number[][]): number[] => frames.map((frame) => {
    bench.run(Uint8Array.from(frame));
    return bench.records().length;
  });
  const table = (): HelloState[] => readHellos(bench.loader.mapFd('hellos'));

  it('ships the first and keeps the times of the others', () => {
    expect(shipped(...Array.from({ length: 12 }, () => isis()))).toEqual([1, ...zeros(11)]);
    const [hello, ...others] = table();
    expect(others).toEqual([]);
    expect(hello).toMatchObject({ tapId: 7, direction: 1, protocol: layout.PROTOCOL_ISIS, count: 12, suppressed: 11, holdingSeconds: 30 });
    expect(hello!.arrivalsNs).toHaveLength(8);
    expect(hello!.arrivalsNs).toEqual(hello!.arrivalsNs.toSorted((a, b) => Number(a - b)));
    expect(hello!.arrivalsNs.at(-1)).toBe(hello!.lastNs);
    expect(hello!.shippedNs).toBeLessThan(hello!.arrivalsNs[0]!);
    expect(bench.counters()).toMatchObject({ isis: 12n, shipped: 1n, suppressed: 11n });
  });

  it('puts the sender\'s id into the frame number of what it ships', () => {
    bench.run(Uint8Array.from(isis()));
    const [record] = bench.records();
    expect(new DataView(record!.buffer).getBigUint64(layout.FRAME_FRAME_NUMBER, true)).toBe(table()[0]!.id);
  });

  it('tells senders, links and directions apart', () => {
    expect(shipped(isis(), isis({ system: 2 }), isis(), isis({ system: 2 }))).toEqual([1, 1, 0, 0]);
    const behindTag = (tci: number): number[] => tagged([{ type: 0x8100, tci }], 0x0800, ospfv2().slice(14));
    expect(shipped(ospfv2(), behindTag(10), behindTag(11), behindTag(10), ospfv2())).toEqual([1, 1, 1, 0, 0]);
  });

  it('IS-IS: padding and authentication change nothing, all else does', () => {
    const area = tlv(1, [3, 0x49, 0, 1]);
    const digest = (byte: number): number[] => tlv(10, [54, ...zeros(15), byte]);
    const with_ = (...tlvs: number[][]): number[] => isis({ tlvs });
    expect(shipped(with_(area, digest(1), tlv(8, zeros(200))), with_(area, digest(2), tlv(8, zeros(200))), with_(tlv(8, Array.from({ length: 200 }, () => 1)), area, digest(3)))).toEqual([1, 0, 0]);
    expect(shipped(with_(area, tlv(240, [0])), with_(area, tlv(240, [1])), isis({ holding: 9, tlvs: [area, tlv(240, [1])] }))).toEqual([1, 1, 1]);
    // A router that no longer pads says something: the length of its PDU is new.
    expect(shipped(with_(area, tlv(240, [1])))).toEqual([1]);
  });

  it('OSPFv2: checksum, sequence number and digest change nothing, all else does', () => {
    const digest = (byte: number): number[] => Array.from({ length: 16 }, () => byte);
    const signed = (sequence: number, options = 1): number[] => ospfv2({ type: 2, sequence, trailer: [...digest(sequence), 0, 0, 0, 3, 0, 1, 0, 4, 0, 0, 0, options] });
    expect(shipped(signed(1), signed(2), signed(3))).toEqual([1, 0, 0]);
    // The first announcement of a restart, RFC 4812, is in the block of link-local signalling.
    expect(shipped(signed(4, 3))).toEqual([1]);
    expect(shipped(ospfv2(), ospfv2({ neighbors: [2, 2, 2, 2] }), ospfv2({ neighbors: [2, 2, 2, 2] }), ospfv2({ dead: 4, neighbors: [2, 2, 2, 2] }))).toEqual([1, 1, 0, 1]);
    expect(table().map(({ holdingSeconds }) => holdingSeconds)).toEqual([4]);
  });

  it('OSPFv3: a neighbour or an interval is news', () => {
    expect(shipped(ospfv3(), ospfv3(), ospfv3({ neighbors: [2, 2, 2, 2] }), ospfv3({ neighbors: [2, 2, 2, 2], dead: 20 }))).toEqual([1, 0, 1, 1]);
    expect(table()[0]).toMatchObject({ protocol: layout.PROTOCOL_OSPFV3, holdingSeconds: 20, count: 4 });
  });

  it('ships one now and then all the same', async () => {
    bench.close();
    bench = new Bench({ helloShipNs: 60_000_000n });
    expect(shipped(isis(), isis())).toEqual([1, 0]);
    await sleep(80);
    expect(shipped(isis(), isis())).toEqual([1, 0]);
  });

  it('ships one that comes when its holding time has run out, and says since when it had not come', async () => {
    expect(shipped(isis({ holding: 1 }), isis({ holding: 1 }))).toEqual([1, 0]);
    await sleep(1050);
    bench.run(Uint8Array.from(isis({ holding: 1 })));
    const [record] = bench.records();
    const since = new DataView(record!.buffer).getUint32(layout.FRAME_KEY_INDEX, true);
    expect(since).toBeGreaterThanOrEqual(1050);
    expect(since).toBeLessThan(5000);
  });

  it('takes none for a repeat of one that the ring had no room for', () => {
    bench.close();
    bench = new Bench({ helloShipNs: NEVER }, { ringBytes: 4096 });
    const pad = Array.from({ length: 5 }, () => tlv(8, zeros(255)));
    const large = (system: number): Uint8Array => Uint8Array.from(isis({ system, tlvs: pad }));
    for (const system of [1, 2, 3]) bench.run(large(system));
    expect(bench.counters()).toMatchObject({ shipped: 2n, 'ring-full': 1n });
    expect(bench.records()).toHaveLength(2);
    bench.run(large(3));
    expect(bench.records()).toHaveLength(1);
    bench.run(large(3));
    expect(bench.records()).toHaveLength(0);
  });

  it('makes room for new senders by forgetting the oldest', () => {
    bench.close();
    bench = new Bench({ helloShipNs: NEVER }, { hellos: 64 });
    for (let system = 0; system < 200; system++) bench.run(Uint8Array.from(isis({ system })));
    expect(bench.records()).toHaveLength(200);
    expect(table().length).toBeLessThanOrEqual(64);
    expect(bench.counters()['hello-refused']).toBe(0n);
  });
});
