/** The live ring port over a real ring: records of named taps only, fragments joined, positions, drops, refreshes. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Bench, whyNot } from '../../../bpf/testing.ts';
import * as layout from '../../../decoders-wasm/contract/generated/frame.ts';
import { ethernet, ipv4, KEEPALIVE, LLC_ISO, ieee8023, tcp, u16 } from '../../../decoders-wasm/link/testing-frames.ts';
import { type HandOver, type PackedTap, parseTaps } from '../../loader/messages.ts';
import { LiveRing } from './port.ts';

const why = whyNot();
if (why !== undefined) console.warn(`not run: the live ring port: ${why}`);

const tap: PackedTap = { id: 0, name: 'eth0', openedNs: '1', carrier: { isUp: true, changes: 1, atNs: '1' }, slots: [0] };
const session = (number: number): Uint8Array => Uint8Array.from(ethernet(0x0800, ipv4(6, tcp([...KEEPALIVE, number >> 8, number & 255]))));

describe.skipIf(why !== undefined)('the live ring port (skipped without root, BPF or clang)', () => {
  let bench: Bench;
  let port: LiveRing;
  const buffer = new Uint8Array(1 << 18);
  beforeEach(() => {
    bench = new Bench({ helloShipNs: 3_600_000_000_000n }, { ringBytes: 1 << 20 });
    port = open([tap]);
  });
  afterEach(async () => {
    await port.close();
    bench.close();
  });

  function open(taps: PackedTap[]): LiveRing {
    const over: HandOver = {
      kind: 'hand-over', epoch: '7', ringBytes: bench.loader.ringBytes, ringFd: bench.loader.mapFd('ring'), hellosFd: bench.loader.mapFd('hellos'),
      countersFd: bench.loader.mapFd('counters'), taps,
    };
    return new LiveRing(over);
  }
  function lengths(into = buffer): number[] {
    const found: number[] = [];
    const bytes = port.read(into);
    const view = new DataView(into.buffer, into.byteOffset, bytes);
    for (let at = 0; at < bytes; at += view.getUint32(at, true)) found.push(view.getUint32(at, true));
    return found;
  }

  it('copies whole records only, and goes on behind them', () => {
    port.taps();
    for (let i = 0; i < 5; i++) bench.run(session(i));
    const [first] = lengths(buffer.subarray(0, 200));
    expect(first).toBe(144);
    expect(lengths()).toHaveLength(4);
    expect(lengths()).toEqual([]);
    expect(port.position).toBe(BigInt(5 * 152));
  });

  it('gives again what was not released, and begins where it is told', async () => {
    port.taps();
    for (let i = 0; i < 5; i++) bench.run(session(i));
    lengths();
    await port.close();
    port = open([tap]);
    port.taps();
    port.seek(152n);
    expect(lengths()).toHaveLength(4);
    port.release(port.position);
    await port.close();
    port = open([tap]);
    port.taps();
    port.seek(152n);
    expect(lengths()).toEqual([]);
  });

  it('keeps frames of a tap back until it has told of it, and says so', async () => {
    port.setTaps([]);
    port.taps();
    bench.run(session(1));
    expect(lengths()).toEqual([]);
    expect(port.isHeldUp).toBe(true);
    const begun = performance.now();
    await port.wait(60);
    expect(performance.now() - begun, 'it does not wake for what it cannot take').toBeGreaterThan(50);
    port.setTaps(parseTaps([tap]));
    expect(lengths()).toEqual([]);
    expect(port.taps()).toMatchObject([{ id: 0, name: 'eth0' }]);
    expect(lengths()).toHaveLength(1);
    expect(port.isHeldUp).toBe(false);
  });

  it('joins the fragments of OSPF and says that a password was blanked', () => {
    port.taps();
    const packet = [2, 4, ...u16(64), 1, 1, 1, 1, 0, 0, 0, 0, 9, 9, 0, 1, ...Buffer.from('s3cret-w'), ...Array.from({ length: 40 }, () => 7)];
    const piece = (place: number, more: boolean, part: number[]): Uint8Array => {
      const bytes = ipv4(89, part);
      bytes.splice(4, 4, 1, 1, (more ? 0x20 : 0) | place >> 11, place >> 3 & 255);
      return Uint8Array.from(ethernet(0x0800, bytes));
    };
    bench.run(piece(32, false, packet.slice(32)));
    expect(lengths()).toEqual([]);
    bench.run(piece(0, true, packet.slice(0, 32)));
    expect(lengths()).toEqual([layout.FRAME_BYTES + Math.ceil((34 + 64) / 8) * 8]);
    const view = new DataView(buffer.buffer);
    const at = layout.FRAME_BYTES + view.getUint16(layout.FRAME_PAYLOAD_OFFSET, true);
    expect(view.getUint32(layout.FRAME_PAYLOAD_LENGTH, true)).toBe(64);
    expect(view.getUint16(layout.FRAME_FLAGS, true)).toBe(layout.FLAG_REASSEMBLED | layout.FLAG_REDACTED);
    expect([...buffer.subarray(at + 16, at + 24)]).toEqual(Array.from({ length: 8 }, () => 0));
    expect([...buffer.subarray(at + 24, at + 64)]).toEqual(packet.slice(24));
    expect(view.getBigUint64(layout.FRAME_BOOT_NS, true)).toBeGreaterThan(0n);
  });

  it('tells of hellos that were not shipped, by the id that stands in those that were', () => {
    port.taps();
    const hello = Uint8Array.from(ieee8023([...LLC_ISO, 0x83, 20, 1, 0, 17, 1, 0, 0, 3, 0, 0, 0, 0, 0, 1, 0, 30, 0, 20, 1]));
    const { bootNs } = port.clock();
    for (let i = 0; i < 3; i++) bench.run(hello);
    expect(lengths()).toHaveLength(1);
    const [seen] = [...port.hellos()];
    expect(seen).toMatchObject({ id: new DataView(buffer.buffer).getBigUint64(layout.FRAME_FRAME_NUMBER, true), tap: 0, holdNs: 30_000_000_000n });
    expect(seen!.arrivals).toHaveLength(3);
    expect(seen!.lastNs).toBeGreaterThan(bootNs);
    expect(seen!.lastNs).toBeLessThan(port.clock().bootNs);
  });

  it('counts what the ring had no room for, also of a tap that is closed', () => {
    port.taps();
    for (let i = 0; i < 7000; i++) bench.run(session(i));
    const [drop] = port.drops();
    expect(drop!.tap).toBe(0);
    expect(drop!.lost['ring-full']).toBeGreaterThan(50);
    port.setTaps(parseTaps([{ ...tap, closedNs: '2', slots: [], lost: { 'ring-full': 3 } }]));
    expect(port.drops()).toEqual([{ tap: 0, lost: { 'ring-full': 3 } }]);
  });

  it('wakes when a frame comes, and ends its wait where none does', async () => {
    port.taps();
    const begun = performance.now();
    await port.wait(60);
    expect(performance.now() - begun).toBeGreaterThan(50);
    const waiting = port.wait(5000);
    bench.run(session(1));
    await waiting;
    expect(lengths()).toHaveLength(1);
    expect(performance.now() - begun).toBeLessThan(4000);
  });
});
