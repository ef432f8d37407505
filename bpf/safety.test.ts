/** Whatever the frame: the verdict is "go on", the packet is unchanged, and nothing but routing leaves the host. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as layout from '../decoders-wasm/contract/generated/frame.ts';
import { cases } from '../decoders-wasm/link/testing-cases.ts';
import { ethernet, gre, ieee8023, ipv4, ipv6, LLC_ISO, mpls, tagged, tcp, u16, udp, vxlan } from '../decoders-wasm/link/testing-frames.ts';
import { Bench, isRunnable, LEAST_RUN_BYTES, MOST_RUN_BYTES, whyNot } from './testing.ts';
import { comparable, difference, Reference } from './testing-reference.ts';

const why = whyNot();
if (why !== undefined) console.warn(`not run: safety of the kernel program: ${why}`);
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 20_000);
const SECRET = 'user-data-of-somebody';
const secret = [...Buffer.from(SECRET)];

/** A crafted frame, cut, and with bytes changed. */
const damaged = fc.record({
  from: fc.constantFrom(...cases.filter(({ linkType, bytes }) => linkType === 1 && bytes.length >= LEAST_RUN_BYTES)),
  keep: fc.nat(), changes: fc.array(fc.record({ at: fc.nat(), value: fc.nat(255) }), { maxLength: 6 }), more: fc.uint8Array({ maxLength: 80 }),
}).map(({ from, keep, changes, more }) => {
  const bytes = Uint8Array.from([...from.bytes, ...more]);
  for (const { at, value } of changes) bytes[at % bytes.length] = value;
  return bytes.subarray(0, LEAST_RUN_BYTES + keep % (bytes.length - LEAST_RUN_BYTES + 1));
});
const frames = fc.oneof({ weight: 4, arbitrary: damaged }, { weight: 1, arbitrary: fc.uint8Array({ minLength: LEAST_RUN_BYTES, maxLength: 300 }) }).filter((frame) => isRunnable(frame));

describe.skipIf(why !== undefined)('the kernel program (skipped without root, BPF or clang)', () => {
  let all: Bench;
  let defaults: Bench;
  beforeAll(() => {
    all = new Bench({ encapsulations: 0xfff });
    defaults = new Bench({ helloShipNs: 60_000_000_000n });
  });
  afterAll(() => {
    all.close();
    defaults.close();
  });

  it('decides nothing and changes nothing, and still agrees with link.wasm on damaged frames', () => {
    // Fragments are joined in user space: without them, for one frame stands one record or none.
    const isPiece = (record: Uint8Array | undefined): boolean => record !== undefined && (record[layout.FRAME_FLAGS]! & layout.FLAG_FRAGMENT) !== 0;
    fc.assert(fc.property(frames, (frame) => {
      for (const bench of [all, defaults]) {
        const { verdict, packet } = bench.run(frame);
        if (verdict !== -1 || Buffer.compare(packet, frame) !== 0) return false;
      }
      defaults.records();
      const [record] = all.records();
      if (isPiece(record)) return true;
      const problem = difference(record && comparable(record), new Reference().record(frame, 1));
      if (problem !== undefined) throw new Error(problem);
      return true;
    }), { numRuns: RUNS / 10 });
    fc.assert(fc.property(fc.array(frames, { minLength: 50, maxLength: 50 }), (list) => list.every((frame) => {
      const { verdict, packet } = all.run(frame);
      all.records();
      return verdict === -1 && Buffer.compare(packet, frame) === 0;
    })), { numRuns: RUNS / 50 });
  }, 120_000);

  it('counts every frame once', () => {
    const bench = new Bench();
    const sample = fc.sample(frames, { numRuns: 500, seed: 1 });
    for (const frame of sample) bench.run(frame);
    const { isis, ospfv2, ospfv3, bgp, redacted, unsearched, 'busy-ns': busy, ...ends } = bench.counters();
    // What was recognised ends as shipped, or one of the counters for what then stood in its way.
    expect(Object.values(ends).reduce((sum, count) => sum + count, 0n)).toBe(500n);
    expect(isis + ospfv2 + ospfv3 + bgp).toBeGreaterThanOrEqual(ends.shipped);
    expect(busy).toBeGreaterThan(0n);
    expect(redacted + unsearched).toBeLessThanOrEqual(ends.shipped);
    bench.close();
  });

  it('lets no payload of users leave, in whatever it is wrapped', () => {
    const plain: number[][] = [
      ...[80, 443, 178, 180, 45_179, 11_019].map((port) => ipv4(6, tcp(secret, port, 50_000))),
      ...[53, 520, 3784, 646].map((port) => ipv4(17, udp(port, secret))),
      ...[1, 2, 50, 88, 103, 112, 132].map((protocol) => ipv4(protocol, secret)),
    ];
    const wraps: ((packet: number[]) => number[])[] = [
      (packet) => ethernet(0x0800, packet),
      (packet) => tagged([{ type: 0x8100, tci: 5 }], 0x0800, packet),
      (packet) => ethernet(0x8847, mpls([100], packet)),
      (packet) => ethernet(0x0800, ipv4(47, gre(0x0800, packet))),
      (packet) => ethernet(0x86dd, ipv6(17, udp(4789, vxlan(1, ethernet(0x0800, packet))))),
    ];
    const others = [ieee8023([0x42, 0x42, 3, ...secret]), ieee8023([...LLC_ISO, 0x82, ...secret]), ethernet(0x88cc, secret), ethernet(0x0806, secret)];
    for (const frame of [...plain.flatMap((packet) => wraps.map((wrap) => wrap(packet))), ...others]) {
      const padded = Uint8Array.from([...frame, ...Array.from({ length: Math.max(0, 60 - frame.length) }, () => 0)]);
      for (const bench of [all, defaults]) {
        bench.run(padded);
        expect(bench.records()).toEqual([]);
      }
    }
  });

  it('leaves nothing of one frame in the record of another', () => {
    const session = (payload: number[]): Uint8Array => Uint8Array.from(ethernet(0x0800, ipv4(6, tcp(payload))));
    all.run(session([...secret, ...Array.from({ length: 900 }, (_, index) => secret[index % secret.length]!)]));
    all.records();
    for (let bytes = 0; bytes < 40; bytes++) {
      all.run(session(Array.from({ length: bytes }, () => 1)));
      const [record] = all.records();
      expect(record!.length).toBe(layout.FRAME_BYTES + Math.ceil((54 + bytes) / 8) * 8);
      expect([...record!.subarray(layout.FRAME_BYTES + 54 + bytes)].every((byte) => byte === 0)).toBe(true);
    }
  });

  describe('cleartext passwords', () => {
    const password = [...Buffer.from('s3cret-w')];
    const holds = (record: Uint8Array): boolean => Buffer.from(record).includes(Buffer.from('s3cret'));
    const isis = (type: number, header: number, tlvs: number[], { headerLength = header, idLength = 0 } = {}): number[] => {
      const rest = Array.from({ length: header - 8 }, () => 0);
      const lengthAt = type >= 15 && type <= 17 ? 9 : 0;
      rest.splice(lengthAt, 2, ...u16(header + tlvs.length));
      return [...LLC_ISO, 0x83, headerLength, 1, idLength, type, 1, 0, 0, ...rest, ...tlvs];
    };
    const flagged = (frame: number[]): boolean => {
      all.run(Uint8Array.from(frame.length < 60 ? [...frame, ...Array.from({ length: 60 - frame.length }, () => 0)] : frame));
      const [record] = all.records();
      expect(record).toBeDefined();
      expect(holds(record!)).toBe(false);
      return (record![layout.FRAME_FLAGS]! & layout.FLAG_REDACTED) !== 0;
    };
    const clear = [10, 9, 1, ...password];

    it('are blanked in each PDU of IS-IS, wherever the TLV stands, in whatever encapsulation', () => {
      const padding = [8, 255, ...Array.from({ length: 255 }, () => 0)];
      for (const [type, header] of [[15, 27], [16, 27], [17, 20], [18, 27], [20, 27], [24, 33], [25, 33], [26, 17], [27, 17]] as const) {
        expect(flagged(ieee8023(isis(type, header, clear))), `PDU type ${type}`).toBe(true);
        expect(flagged(ieee8023(isis(type, header, [...padding, ...padding, ...clear, 1, 1, 0, ...clear])))).toBe(true);
        expect(flagged(ieee8023(isis(type, header, clear, { headerLength: 200 })))).toBe(true);
        expect(flagged(ieee8023(isis(type, header, [10, 200, 1, ...password])))).toBe(true);
      }
      expect(flagged(ieee8023(isis(20, 27, [133, 9, 1, ...password])))).toBe(true);
      expect(flagged(ethernet(0x8870, isis(20, 27, clear)))).toBe(true);
      expect(flagged(ethernet(0x0800, ipv4(47, gre(0x00fe, isis(17, 20, clear).slice(3)))))).toBe(true);
      expect(flagged(ieee8023(isis(17, 20, [10, 9, 54, 1, 2, 3, 4, 5, 6, 7, 8])))).toBe(false);
    });

    it('do not leave with a PDU of more TLVs than are searched: it is cut', () => {
      const many = Array.from({ length: 1100 }, () => [211, 0]).flat();
      all.run(Uint8Array.from(ethernet(0x8870, isis(20, 27, [...many, ...clear]))));
      const [record] = all.records();
      expect(holds(record!)).toBe(false);
      const view = new DataView(record!.buffer);
      expect(view.getUint16(layout.FRAME_FLAGS, true) & layout.FLAG_TRUNCATED).toBe(layout.FLAG_TRUNCATED);
      expect(view.getUint32(layout.FRAME_CAPTURED_LENGTH, true)).toBe(14 + 3 + 27 + 2048);
      expect(view.getUint32(layout.FRAME_ORIGINAL_LENGTH, true)).toBe(14 + 3 + 27 + 2200 + clear.length);
    });

    it('are blanked in OSPFv2, fragmented or not', () => {
      const packet = [2, 4, ...u16(64), 1, 1, 1, 1, 0, 0, 0, 0, 9, 9, 0, 1, ...password, ...Array.from({ length: 40 }, () => 7)];
      expect(flagged(ethernet(0x0800, ipv4(89, packet)))).toBe(true);
      const piece = ipv4(89, packet.slice(0, 32));
      piece[6] = 0x20;
      expect(flagged(ethernet(0x0800, piece))).toBe(true);
      expect(flagged(ethernet(0x0800, ipv4(89, [...packet.slice(0, 15), 2, ...Array.from({ length: 48 }, () => 0)])))).toBe(false);
    });
  });

  it('takes frames of every length that BPF_PROG_RUN gives', () => {
    for (const bytes of [34, 53, 54, 55, 1514, MOST_RUN_BYTES]) {
      const frame = Uint8Array.from(ethernet(0x0800, ipv4(6, tcp(Array.from({ length: Math.max(0, bytes - 54) }, () => 0))))).subarray(0, bytes);
      expect(all.run(frame).verdict).toBe(-1);
      expect(all.records()).toHaveLength(bytes >= 54 ? 1 : 0);
    }
  });
});
