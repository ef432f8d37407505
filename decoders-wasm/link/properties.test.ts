/** Whatever the bytes: link.wasm never traps, its records are well-formed, and what is nested is found. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LinkClassifier } from '../contract/link-classifier.ts';
import type { LinkPacket } from '../contract/link-classifier.ts';
import { LINK_OUTCOMES } from '../contract/link.ts';
import { cases } from './testing-cases.ts';
import {
  ISIS_PDU, KEEPALIVE, LLC_ISO, OSPFV3_PDU, OSPF_PDU, erspan, erspanIII, ethernet, extension, fragmentHeader, geneve, gre, gtpU, ieee8023,
  ipv4, ipv6, mpls, pppoe, snap, tagged, tcp, udp, vxlan,
} from './testing-frames.ts';
import { readRecords } from './testing-records.ts';

const LINK_TYPES = [0, 1, 9, 12, 14, 50, 51, 101, 104, 107, 108, 113, 204, 228, 229, 276, 999];
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 20_000);

/** A packet on the way out: IP of either version, or an Ethernet frame. */
interface Wrapped { kind: 'ip4' | 'ip6' | 'frame'; bytes: number[]; protocol: string; tunnels: number }

const station = fc.uint8Array({ minLength: 6, maxLength: 6 }).map((bytes) => [...bytes]);
const id24 = fc.nat(0xffffff);

const innermost: fc.Arbitrary<Wrapped> = fc.constantFrom<Wrapped>(
  { kind: 'frame', bytes: ieee8023([...LLC_ISO, ...ISIS_PDU]), protocol: 'isis', tunnels: 0 },
  { kind: 'ip4', bytes: ipv4(89, OSPF_PDU), protocol: 'ospfv2', tunnels: 0 },
  { kind: 'ip6', bytes: ipv6(89, OSPFV3_PDU), protocol: 'ospfv3', tunnels: 0 },
  { kind: 'ip4', bytes: ipv4(6, tcp(KEEPALIVE)), protocol: 'bgp', tunnels: 0 },
  { kind: 'ip6', bytes: ipv6(0, extension(6, 0, tcp(KEEPALIVE))), protocol: 'bgp', tunnels: 0 },
);

const etherTypes = { ip4: 0x0800, ip6: 0x86dd, frame: 0x6558 };
const protocols = { ip4: 4, ip6: 41, frame: 97 };

interface Wrapping { how: number; id: number; station: number[]; six: boolean }
const wrapping: fc.Arbitrary<Wrapping> = fc.record({ how: fc.nat(7), id: id24, station, six: fc.boolean() });

/** One layer more around it. */
function wrap(inner: Wrapped, { how, id, station: destination, six }: Wrapping): Wrapped {
  const over = (protocol: number, payload: number[]): Wrapped => ({
    ...inner, kind: six ? 'ip6' : 'ip4', bytes: six ? ipv6(protocol, payload) : ipv4(protocol, payload), tunnels: inner.tunnels + 1,
  });
  const { kind, bytes } = inner;
  if (how === 0) return over(47, gre(etherTypes[kind], bytes, { checksum: (id & 1) === 1, ...((id & 2) === 2 ? { key: id } : {}), ...((id & 4) === 4 ? { sequence: 1 } : {}) }));
  if (how === 1) return over(17, udp(6081, geneve(id, etherTypes[kind], bytes, Array.from({ length: (id & 7) * 4 }, () => 1))));
  if (kind === 'frame') {
    if (how === 2) return over(17, udp(4789, vxlan(id, bytes)));
    if (how === 3) return over(47, gre(0x88be, erspan(id & 1023, 0, 0, bytes), { sequence: 1 }));
    if (how === 4) return over(47, gre(0x22eb, erspanIII(id & 1023, bytes, (id & 1) === 1)));
    const controlWord = how === 5 ? [0, 0, 0, 1] : [];
    return { ...inner, bytes: ethernet(0x8847, mpls([id >>> 4, 1000], [...controlWord, ...bytes]), destination), tunnels: inner.tunnels + 1 };
  }
  if (how === 2) return over(17, udp(2152, gtpU(id, bytes, (id & 1) === 1 ? [[1, 2]] : [])));
  if (how === 3) return over(protocols[kind], bytes);
  return { ...inner, kind: 'frame', bytes: framed(how, etherTypes[kind], bytes, destination, id) };
}

function framed(how: number, type: number, bytes: number[], destination: number[], id: number): number[] {
  if (how === 4) return tagged([{ type: 0x88a8, tci: id & 0xffff }, { type: 0x8100, tci: id >>> 8 }], type, bytes, destination);
  if (how === 5) return ieee8023(snap(type, bytes), destination);
  if (how === 6) return ethernet(0x8864, pppoe(id & 0xffff, type === 0x0800 ? 0x21 : 0x57, bytes), destination);
  return ethernet(type, bytes, destination);
}

const nested: fc.Arbitrary<Wrapped> = fc.tuple(innermost, fc.array(wrapping, { maxLength: 6 }))
  .map(([start, layers]) => layers.reduce(wrap, start))
  .map((done) => done.kind === 'frame' ? done : { ...done, kind: 'frame' as const, bytes: ethernet(etherTypes[done.kind], done.bytes) })
  .filter(({ bytes }) => bytes.length < 1400);

function packet(bytes: readonly number[] | Uint8Array, more: Partial<LinkPacket> = {}): LinkPacket {
  return { timeNs: 0n, linkType: 1, originalLength: bytes.length, data: Uint8Array.from(bytes), ...more };
}

/** Bytes put over others, and a cut. */
const damage = fc.record({
  places: fc.array(fc.tuple(fc.nat(1500), fc.nat(255)), { maxLength: 4 }),
  cut: fc.option(fc.nat(300)),
});

describe('for all frames', () => {
  it('what is nested is found, as deep as its tunnels are', () => {
    const link = LinkClassifier.load({ keyLimit: 1 << 20 });
    fc.assert(fc.property(nested, ({ bytes, protocol, tunnels }) => {
      const records = readRecords(link.classify([packet(bytes)], 0));
      expect(records).toHaveLength(1);
      expect(records[0]!.protocol).toBe(protocol);
      expect(records[0]!.tunnelDepth).toBe(tunnels);
    }), { numRuns: Math.ceil(RUNS / 4) });
  });

  it('random bytes on every link type never trap, and each packet is counted once', () => {
    const link = LinkClassifier.load();
    let given = 0;
    fc.assert(fc.property(fc.constantFrom(...LINK_TYPES), fc.uint8Array({ maxLength: 200 }), fc.nat(400), (linkType, data, originalLength) => {
      readRecords(link.classify([packet(data, { linkType, originalLength })], 0));
      given++;
    }), { numRuns: RUNS });
    const counters = link.counters();
    expect(LINK_OUTCOMES.reduce((sum, name) => sum + counters[name], 0)).toBe(given);
  });

  it('a datagram cut at any places, its pieces in any order and doubled, is joined', () => {
    const link = LinkClassifier.load();
    const datagram = tcp(Array.from({ length: 3001 }, (_, index) => index % 251));
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 377 }), { minLength: 1, maxLength: 12 });
    let id = 0;
    fc.assert(fc.property(cuts, fc.infiniteStream(fc.nat(1000)), fc.boolean(), (places, order, six) => {
      const ends = [...places.toSorted((a, b) => a - b).map((unit) => unit * 8), datagram.length];
      id = (id + 1) & 0xffff;
      const pieces = ends.map((end, index) => {
        const offset = ends[index - 1] ?? 0;
        const part = datagram.slice(offset, end);
        const more = end < datagram.length;
        return packet(six ? ethernet(0x86dd, ipv6(44, fragmentHeader(6, offset, more, part, id))) : ethernet(0x0800, ipv4(6, part, { id, more, offset })));
      });
      const shuffled = pieces.map((piece) => ({ piece, rank: order.next().value as number })).toSorted((a, b) => a.rank - b.rank);
      // The last one is not doubled: its copy would begin a datagram of its own.
      const sent = shuffled.flatMap(({ piece, rank }, index) => (rank & 1) === 1 && index + 1 < shuffled.length ? [piece, piece] : [piece]);
      const records = readRecords(link.classify(sent, 0));
      expect(records).toHaveLength(1);
      expect(Buffer.compare(records[0]!.bytes.subarray(records[0]!.payload), Uint8Array.from(datagram))).toBe(0);
    }), { numRuns: Math.ceil(RUNS / 20) });
    expect(link.counters().evicted).toBe(0);
  });

  it('damaged and cut frames, fragments among them, never trap; one call or many give the same', () => {
    const whole = fc.oneof(
      nested.map(({ bytes }) => ({ linkType: 1, bytes })),
      fc.constantFrom(...cases).map(({ linkType, bytes }) => ({ linkType, bytes: [...bytes] })),
      fc.tuple(fc.nat(3), fc.boolean(), fc.nat(8), fc.boolean()).map(([id, more, units, six]) => {
        const part = tcp([...KEEPALIVE, ...Array.from({ length: 33 }, () => 0)]).slice(units * 8, units * 8 + (more ? 24 : 17));
        const bytes = six ? ethernet(0x86dd, ipv6(44, fragmentHeader(6, units * 8, more, part, id))) : ethernet(0x0800, ipv4(6, part, { id, more, offset: units * 8 }));
        return { linkType: 1, bytes };
      }),
    );
    const frames = fc.array(fc.tuple(whole, damage), { minLength: 1, maxLength: 8 });
    const seen = LinkClassifier.load({ seed: 1n });
    const again = LinkClassifier.load({ seed: 2n });
    fc.assert(fc.property(frames, (list) => {
      const packets = list.map(([{ linkType, bytes }, { places, cut }]) => {
        const data = Uint8Array.from(bytes);
        for (const [at, value] of places) if (at < data.length) data[at] = value;
        return packet(data.subarray(0, cut ?? data.length), { linkType, originalLength: data.length });
      });
      const bulk = seen.classify(packets, 1);
      readRecords(bulk);
      const single = Buffer.concat(packets.map((each) => again.classify([each], 1)));
      expect(Buffer.compare(bulk, single)).toBe(0);
    }), { numRuns: Math.ceil(RUNS / 4) });
    expect(seen.newKeys()).toEqual(again.newKeys());
    expect(seen.counters()).toEqual(again.counters());
  });
});
