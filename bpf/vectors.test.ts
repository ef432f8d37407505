/** Every layer and nesting of decoders-wasm/link through the kernel program: the same record, or none, and the same outcome. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cases } from '../decoders-wasm/link/testing-cases.ts';
import { ethernet, gre, ieee8023, ipv4, ipv6, fragmentHeader, OSPF_PDU, OSPFV3_PDU, KEEPALIVE, mpls, tagged, tcp, udp, vxlan } from '../decoders-wasm/link/testing-frames.ts';
import * as layout from '../decoders-wasm/contract/generated/frame.ts';
import * as state from '../collectors/generated/bpf-state.ts';
import { Bench, isRunnable, whyNot } from './testing.ts';
import { comparable, difference, PROGRAM_LINK_TYPES, Reference } from './testing-reference.ts';

const why = whyNot();
if (why !== undefined) console.warn(`not run: the kernel program over vectors: ${why}`);
const ALL = 0xfff;

describe.skipIf(why !== undefined)('the kernel program (skipped without root, BPF or clang)', () => {
  const benches = new Map<number, Bench>();
  let defaults: Bench;
  beforeAll(() => {
    for (const linkType of new Set(PROGRAM_LINK_TYPES.values())) benches.set(linkType, new Bench({ linkType, encapsulations: ALL }));
    defaults = new Bench();
  });
  afterAll(() => {
    for (const bench of [...benches.values(), defaults]) bench.close();
  });

  it('writes the record of link.wasm for every crafted frame, and counts the others as it does', () => {
    const reference = new Reference();
    let compared = 0;
    for (const { about, linkType, bytes, expected } of cases) {
      const bench = benches.get(PROGRAM_LINK_TYPES.get(linkType) ?? -1);
      if (bench === undefined || !isRunnable(Uint8Array.from(bytes))) continue;
      const frame = Uint8Array.from(bytes);
      const before = bench.counters();
      expect(bench.run(frame).verdict, about).toBe(-1);
      const [record] = bench.records();
      expect(difference(record && comparable(record), reference.record(frame, linkType)), about).toBeUndefined();
      const after = bench.counters();
      const outcome = typeof expected === 'string' ? expected : expected.protocol;
      expect(after[outcome as keyof typeof after] - before[outcome as keyof typeof before], `${about}: counted as ${outcome}`).toBe(1n);
      compared++;
    }
    expect(compared).toBeGreaterThan(85);
  });

  it('writes the record of link.wasm for the golden vectors of the protocols', () => {
    const reference = new Reference();
    const bench = benches.get(1)!;
    let compared = 0;
    for (const path of globSync(join(import.meta.dirname, '../decoders-wasm/protocols/*/vectors/*.json'))) {
      const vector = JSON.parse(readFileSync(path, 'utf8')) as { record?: string; message?: string };
      const record = Buffer.from(vector.record ?? '', 'hex');
      const frame = vector.record === undefined
        ? Uint8Array.from(ethernet(0x0800, ipv4(6, tcp([...Buffer.from(vector.message ?? '', 'hex')]))))
        : record.subarray(layout.FRAME_BYTES, layout.FRAME_BYTES + record.readUInt32LE(layout.FRAME_CAPTURED_LENGTH));
      // Longer ones are for the live tests.
      if (!isRunnable(frame)) continue;
      expect(bench.run(frame).verdict, path).toBe(-1);
      const [got] = bench.records();
      expect(difference(got && comparable(got), reference.record(frame, 1)), path).toBeUndefined();
      expect(got, path).toBeDefined();
      compared++;
    }
    expect(compared).toBeGreaterThan(60);
  });

  it('follows only what the configuration allows', () => {
    const session = ipv4(6, tcp(KEEPALIVE));
    const allowed: [string, number[]][] = [
      ['native', ethernet(0x0800, session)],
      ['VLAN', tagged([{ type: 0x8100, tci: 5 }], 0x0800, session)],
      ['QinQ', tagged([{ type: 0x88a8, tci: 5 }, { type: 0x8100, tci: 6 }], 0x0800, session)],
      ['MPLS', ethernet(0x8847, mpls([16], session))],
    ];
    const refused: [string, number[]][] = [
      ['GRE', ethernet(0x0800, ipv4(47, gre(0x0800, session)))],
      ['IP in IP', ethernet(0x0800, ipv4(4, session))],
      ['pseudowire', ethernet(0x8847, mpls([16], ethernet(0x0800, session)))],
    ];
    for (const [about, frame] of allowed) {
      defaults.run(Uint8Array.from(frame));
      expect(defaults.records(), about).toHaveLength(1);
    }
    const before = defaults.counters();
    for (const [about, frame] of refused) {
      defaults.run(Uint8Array.from(frame));
      expect(defaults.records(), about).toHaveLength(0);
    }
    expect(defaults.counters()['not-allowed'] - before['not-allowed']).toBe(BigInt(refused.length));
  });

  it('lets only listed VLANs, GRE keys and VNIs pass where filters are set', () => {
    const bench = new Bench({ encapsulations: ALL, filters: state.FILTER_VLAN | state.FILTER_GRE_KEY | state.FILTER_VNI });
    bench.loader.allow(0, state.FILTER_VLAN, 0);
    bench.loader.allow(0, state.FILTER_VLAN, 10);
    bench.loader.allow(0, state.FILTER_GRE_KEY, 42);
    bench.loader.allow(0, state.FILTER_VNI, 5001);
    const session = ipv4(6, tcp(KEEPALIVE));
    const seen = (frame: number[]): number => {
      bench.run(Uint8Array.from(frame));
      return bench.records().length;
    };
    const tunnel = (key: number): number[] => ethernet(0x0800, ipv4(47, gre(0x0800, session, { key })));
    const overlay = (vni: number): number[] => ethernet(0x0800, ipv4(17, udp(4789, vxlan(vni, ethernet(0x0800, session)))));
    expect([seen(ethernet(0x0800, session)), seen(tagged([{ type: 0x8100, tci: 0x600a }], 0x0800, session)), seen(tagged([{ type: 0x8100, tci: 11 }], 0x0800, session))]).toEqual([1, 1, 0]);
    expect([seen(tunnel(42)), seen(tunnel(43)), seen(overlay(5001)), seen(overlay(5002))]).toEqual([1, 0, 1, 0]);
    expect(bench.counters().filtered).toBe(3n);
    bench.close();
  });

  it('hands on the fragments of OSPF and BGP, and of nothing else', () => {
    const pieces = (protocol: number, payload: readonly number[], id: number): number[][] => [0, 24].map((place) => {
      const more = place === 0;
      const part = more ? payload.slice(0, 24) : payload.slice(24);
      const packet = ipv4(protocol, part);
      packet.splice(4, 4, id >> 8, id & 255, (more ? 0x20 : 0) | (place >> 11), (place >> 3) & 255);
      return ethernet(0x0800, packet);
    });
    const flags = (frames: number[][]): number[] => frames.flatMap((frame) => {
      defaults.run(Uint8Array.from(frame));
      return defaults.records().map((record) => record[layout.FRAME_FLAGS]! & layout.FLAG_FRAGMENT);
    });
    expect(flags(pieces(89, [...OSPF_PDU], 1))).toEqual([layout.FLAG_FRAGMENT, layout.FLAG_FRAGMENT]);
    expect(flags(pieces(6, tcp(KEEPALIVE), 2))).toEqual([layout.FLAG_FRAGMENT, layout.FLAG_FRAGMENT]);
    expect(flags(pieces(6, tcp(KEEPALIVE, 443, 45_000), 3))).toEqual([]);
    expect(flags(pieces(17, [...udp(53, [...KEEPALIVE])], 4))).toEqual([]);
    const six = (place: number, more: boolean, part: readonly number[]): number[] => ethernet(0x86dd, ipv6(44, fragmentHeader(89, place, more, [...part])));
    expect(flags([six(0, true, OSPFV3_PDU.slice(0, 24)), six(24, false, OSPFV3_PDU.slice(24))])).toEqual([layout.FLAG_FRAGMENT, layout.FLAG_FRAGMENT]);
    // A piece that cuts the OSPF header could hide half of a password.
    expect(flags([six(0, true, OSPFV3_PDU.slice(0, 16)), six(16, false, OSPFV3_PDU.slice(16))])).toEqual([]);
  });

  it('gives LLC frames without a link header of their own the length that LLC declares', () => {
    // Padding of a short frame is no part of the PDU, and stays where it is.
    const frame = Uint8Array.from([...ieee8023([0xfe, 0xfe, 3, 0x83, 27, 1, 0, 18, 1, 0, 0, ...Array.from({ length: 17 }, () => 0)]), ...Array.from({ length: 20 }, () => 0)]);
    defaults.run(frame);
    const [record] = defaults.records();
    expect(new DataView(record!.buffer).getUint32(layout.FRAME_PAYLOAD_LENGTH, true)).toBe(25);
  });
});
