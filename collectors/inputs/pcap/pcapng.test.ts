import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CaptureError } from './capture.ts';
import {
  allPackets,
  block,
  enhancedPacket,
  int,
  interfaceBlock,
  openBytes,
  option,
  padded,
  sectionHeader,
} from './crafted.ts';

const DATA = [1, 2, 3, 4, 5, 6, 7];

function section(little: boolean, link: number): number[] {
  const packet = enhancedPacket(little, { ticks: 1n, data: DATA });
  return [...sectionHeader(little), ...interfaceBlock(little, link), ...packet];
}

describe('pcapng', () => {
  for (const little of [true, false]) {
    describe(little ? 'little endian' : 'big endian', () => {
      it('reads every block that carries packets, and skips the rest', async () => {
        const ticks = 1_795_227_617_123_456n;
        const start = [
          ...sectionHeader(little, 1, 2),
          ...block(little, 4, [1, 2, 3, 4]), // name resolution
          ...interfaceBlock(little, 1, option(little, 2, [...Buffer.from('eth0')]), 5),
          ...interfaceBlock(little, 113),
          ...enhancedPacket(little, { id: 1, ticks, data: DATA, original: 99 }),
        ];
        const bytes = [
          ...start,
          ...block(little, 0x0bad, DATA), // custom
          ...block(little, 3, [...int(DATA.length, 4, little), ...DATA.slice(0, 5)]),
          ...block(little, 2, [
            ...int(1, 2, little),
            ...int(3, 2, little),
            ...int(ticks >> 32n, 4, little),
            ...int(ticks & 0xffffffffn, 4, little),
            ...int(DATA.length, 4, little),
            ...int(DATA.length, 4, little),
            ...padded(DATA),
          ]),
        ];
        const capture = await openBytes(bytes, 11);
        const packets = await allPackets(capture);
        const seen = packets.map((each) => ({ ...each, data: [...each.data] }));
        const timeNs = ticks * 1000n;
        expect(seen).toEqual([
          { timeNs, linkType: 113, originalLength: 99, data: DATA, interfaceIndex: 1, packetNumber: 1 },
          { timeNs, linkType: 1, originalLength: 7, data: [1, 2, 3, 4, 5], interfaceIndex: 0, packetNumber: 2 },
          { timeNs, linkType: 113, originalLength: 7, data: DATA, interfaceIndex: 1, packetNumber: 3 },
        ]);
        const result = capture.result();
        expect(result.fault).toBeUndefined();
        expect(result.untimed).toBe(1);
        expect(result.interfaces).toEqual([
          { name: 'eth0', linkType: 1, snapLength: 5 },
          { linkType: 113, snapLength: 0 },
        ]);
        const identity = createHash('sha256').update(Uint8Array.from(start)).digest('hex');
        expect(Buffer.from(result.identity).toString('hex')).toBe(identity);
      });

      const RESOLUTIONS: [string, number, bigint, bigint][] = [
        ['seconds', 0, 1_795_227_617n, 1_795_227_617_000_000_000n],
        ['milliseconds', 3, 1_795_227_617_001n, 1_795_227_617_001_000_000n],
        ['nanoseconds', 9, 1_795_227_617_000_000_001n, 1_795_227_617_000_000_001n],
        ['picoseconds', 12, 3_000_999n, 3_000n],
        ['10^-127 seconds', 127, 0xffffffffffffffffn, 0n],
        ['2^-10 seconds', 0x8a, 1536n, 1_500_000_000n],
        ['2^-32 seconds', 0xa0, (1_795_227_617n << 32n) + (1n << 31n), 1_795_227_617_500_000_000n],
      ];
      for (const [name, value, ticks, timeNs] of RESOLUTIONS) {
        it(`reads times in ${name}, with an offset`, async () => {
          const options = [
            ...option(little, 9, [value]),
            ...option(little, 14, int(-2, 8, little)),
            ...option(little, 0, []),
          ];
          const bytes = [
            ...sectionHeader(little),
            ...interfaceBlock(little, 1, options),
            ...enhancedPacket(little, { ticks, data: DATA }),
          ];
          const packets = await allPackets(await openBytes(bytes));
          expect(packets[0]!.timeNs).toBe(timeNs - 2_000_000_000n);
        });
      }

      it('trims the FCS by if_fcslen in bits or bytes, the packet flags first', async () => {
        const flags = (fcs: number) => option(little, 2, int(fcs << 5, 4, little));
        const bytes = [
          ...sectionHeader(little),
          ...interfaceBlock(little, 1, option(little, 13, [32])),
          ...interfaceBlock(little, 1, option(little, 13, [4])),
          ...enhancedPacket(little, { ticks: 1n, data: DATA }),
          ...enhancedPacket(little, { id: 1, ticks: 1n, data: DATA, original: 60 }),
          ...enhancedPacket(little, { id: 1, ticks: 1n, data: DATA, options: flags(2) }),
          ...enhancedPacket(little, { id: 1, ticks: 1n, data: DATA, options: flags(0) }),
        ];
        const packets = await allPackets(await openBytes(bytes));
        expect(packets.map((each) => each.data.length)).toEqual([3, 7, 5, 3]);
        expect(packets.map((each) => each.originalLength)).toEqual([3, 56, 5, 3]);
      });

      it('takes the latest isb_endtime as the end', async () => {
        const statistics = (end: bigint) =>
          block(little, 5, [
            ...int(0, 12, little),
            ...option(little, 3, [...int(end >> 32n, 4, little), ...int(end & 0xffffffffn, 4, little)]),
          ]);
        const first = [...sectionHeader(little), ...interfaceBlock(little, 1)];
        const bytes = [...first, ...statistics(8_000_000_000n), ...statistics(7n)];
        const capture = await openBytes(bytes);
        expect(await allPackets(capture)).toEqual([]);
        expect(capture.result()).toMatchObject({ endTimeNs: 8_000_000_000_000n, fault: undefined });
      });
    });
  }

  it('reads sections of both byte orders and counts interfaces through', async () => {
    const capture = await openBytes([...section(true, 1), ...section(false, 9), ...section(true, 50)], 3);
    const packets = await allPackets(capture);
    expect(packets.map((each) => [each.interfaceIndex, each.linkType])).toEqual([
      [0, 1],
      [1, 9],
      [2, 50],
    ]);
    expect(capture.result().interfaces).toHaveLength(3);
  });

  const START = [...sectionHeader(true), ...interfaceBlock(true, 1)];
  const GOOD = enhancedPacket(true, { ticks: 1n, data: DATA });

  it('passes over a packet that cannot be read and says so', async () => {
    const bytes = [
      ...START,
      ...enhancedPacket(true, { id: 7, ticks: 1n, data: DATA }),
      ...GOOD,
      ...enhancedPacket(true, { ticks: 1n, data: DATA, captured: 5000 }),
      ...block(true, 6, [0, 0, 0, 0]),
      ...GOOD,
    ];
    const capture = await openBytes(bytes);
    expect(await allPackets(capture)).toHaveLength(2);
    expect(capture.result().fault).toEqual({
      offset: START.length,
      message:
        `the block at byte ${START.length} is a packet of interface 7, which this section does not ` +
        'describe; it was skipped, reading went on; 2 more such places follow',
    });
  });

  it('uses a packet whose options run past the block', async () => {
    const options = [...int(2, 2, true), ...int(400, 2, true), 0, 0, 0, 0];
    const bytes = [...START, ...enhancedPacket(true, { ticks: 1n, data: DATA, options }), ...GOOD];
    const capture = await openBytes(bytes);
    expect(await allPackets(capture)).toHaveLength(2);
    expect(capture.result().fault?.message).toContain('option 2 with 400 bytes where 4 are left');
  });

  it('stops where the framing is lost', async () => {
    const broken: [string, number[]][] = [
      ['claims a length of 8', [...int(6, 4, true), ...int(8, 4, true), ...int(8, 4, true)]],
      ['claims a length of 33', [...int(6, 4, true), ...int(33, 4, true), ...int(0, 4, true)]],
      ['claims a length of 4294967292', [...int(6, 4, true), ...int(-4, 4, true), ...int(0, 4, true)]],
      ['ends with length 0', [...GOOD.slice(0, -4), 0, 0, 0, 0]],
      ['no valid byte-order magic', [...int(0x0a0d0d0a, 4, true), ...int(28, 4, true), 1, 2, 3, 4]],
      ['pcapng version 2.0', sectionHeader(true, 2)],
    ];
    for (const [message, bytes] of broken) {
      const capture = await openBytes([...START, ...GOOD, ...bytes, ...GOOD]);
      expect(await allPackets(capture)).toHaveLength(1);
      expect(capture.result().fault).toMatchObject({ offset: START.length + GOOD.length });
      expect(capture.result().fault?.message).toContain(message);
    }
  });

  it('finds the last small blocks after a chunk that ended with a large one', async () => {
    const large = enhancedPacket(true, { ticks: 1n, data: Array.from({ length: 900 }, () => 1) });
    const bytes = Buffer.concat([
      Buffer.from(START),
      ...Array.from({ length: 4095 }, () => Buffer.from(GOOD)),
      Buffer.from(large),
      Buffer.from(GOOD),
    ]);
    for (const size of [1000, 1 << 24]) {
      const capture = await openBytes(bytes, size);
      expect(await allPackets(capture)).toHaveLength(4097);
      expect(capture.result().fault).toBeUndefined();
    }
  });

  it('says where a block is cut off, whatever the byte', async () => {
    for (let cut = 1; cut < GOOD.length; cut++) {
      const capture = await openBytes([...START, ...GOOD, ...GOOD.slice(0, cut)], 13);
      expect(await allPackets(capture)).toHaveLength(1);
      expect(capture.result().fault?.offset).toBe(START.length + GOOD.length);
      expect(capture.result().fault?.message).toContain(`ends after ${cut} of its`);
    }
  });

  it('survives any change to a valid file', async () => {
    const valid = Uint8Array.from([...START, ...GOOD, ...GOOD, ...START, ...GOOD]);
    const change = fc.tuple(fc.nat(valid.length - 1), fc.integer({ min: 0, max: 255 }));
    const property = fc.asyncProperty(fc.array(change, { maxLength: 6 }), async (changes) => {
      const bytes = valid.slice();
      for (const [at, value] of changes) bytes[at] = value;
      try {
        await allPackets(await openBytes(bytes, 40));
      } catch (error) {
        expect(error).toBeInstanceOf(CaptureError);
      }
    });
    await fc.assert(property, { numRuns: 1000 });
  });
});
