import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allPackets, openBytes, pcapHeader, pcapRecord } from './crafted.ts';
import { encodePcap } from './write.ts';

const DATA = [1, 2, 3, 4, 5, 6, 7, 8];
const MAGICS = [
  { name: 'microseconds', magic: 0xa1b2c3d4, ns: 1000n, extra: 0 },
  { name: 'nanoseconds', magic: 0xa1b23c4d, ns: 1n, extra: 0 },
  { name: 'modified', magic: 0xa1b2cd34, ns: 1000n, extra: 8 },
];

describe('pcap', () => {
  for (const little of [true, false]) {
    for (const { name, magic, ns, extra } of MAGICS) {
      it(`reads ${name}, ${little ? 'little' : 'big'} endian`, async () => {
        const more = Array.from({ length: extra }, () => 9);
        const bytes = [
          ...pcapHeader(little, { magic, link: 113, snap: 96 }),
          ...pcapRecord(little, { seconds: 0xf0000000, fraction: 999, data: DATA, original: 77 }, more),
          ...pcapRecord(little, { seconds: 5, fraction: 0, data: [] }, more),
        ];
        const capture = await openBytes(bytes);
        const packets = await allPackets(capture);
        expect(packets).toHaveLength(2);
        expect(packets[0]).toMatchObject({
          timeNs: 0xf0000000n * 1_000_000_000n + 999n * ns,
          linkType: 113,
          originalLength: 77,
          interfaceIndex: 0,
          packetNumber: 1,
        });
        expect([...packets[0]!.data]).toEqual(DATA);
        expect(packets[1]).toMatchObject({ timeNs: 5_000_000_000n, packetNumber: 2 });
        const result = capture.result();
        expect(result.fault).toBeUndefined();
        expect(result.interfaces).toEqual([{ linkType: 113, snapLength: 96 }]);
        const first = Uint8Array.from(bytes.slice(0, 24 + 16 + extra + DATA.length));
        const identity = createHash('sha256').update(first).digest('hex');
        expect(Buffer.from(result.identity).toString('hex')).toBe(identity);
      });
    }
  }

  it('trims the FCS that the header declares, and only what of it was captured', async () => {
    const bytes = [
      ...pcapHeader(true, { link: 0x24000001 }),
      ...pcapRecord(true, { seconds: 1, fraction: 0, data: DATA }),
      ...pcapRecord(true, { seconds: 1, fraction: 0, data: DATA, original: 10 }),
      ...pcapRecord(true, { seconds: 1, fraction: 0, data: DATA, original: 60 }),
      ...pcapRecord(true, { seconds: 1, fraction: 0, data: DATA, original: 0 }),
    ];
    const packets = await allPackets(await openBytes(bytes));
    expect(packets.map((each) => each.data.length)).toEqual([4, 6, 8, 4]);
    expect(packets.map((each) => each.originalLength)).toEqual([4, 6, 56, 4]);
    expect(packets[0]!.linkType).toBe(1);
  });

  it('reads the swapped lengths of versions before 2.4', async () => {
    const swapped = { seconds: 1, fraction: 0, data: DATA, captured: 60, original: DATA.length };
    for (const minor of [2, 3]) {
      const bytes = [...pcapHeader(true, { minor }), ...pcapRecord(true, swapped)];
      const packets = await allPackets(await openBytes(bytes));
      expect(packets[0]).toMatchObject({ originalLength: 60 });
      expect(packets[0]!.data).toHaveLength(DATA.length);
    }
  });

  it('says where a record is cut off, whatever the byte, and uses all before it', async () => {
    const record = pcapRecord(true, { seconds: 1, fraction: 0, data: DATA });
    const whole = [...pcapHeader(true), ...record, ...record];
    for (let cut = 24; cut <= whole.length; cut++) {
      const capture = await openBytes(whole.slice(0, cut), 7);
      const packets = await allPackets(capture);
      const count = Math.floor((cut - 24) / 24);
      expect(packets).toHaveLength(count);
      const fault = capture.result().fault;
      if ((cut - 24) % 24 === 0) expect(fault).toBeUndefined();
      else expect(fault).toMatchObject({ offset: 24 + count * 24 });
    }
  });

  it('finds the last small record after a chunk that ended with a large one', async () => {
    const sizes = [...Array.from({ length: 4095 }, () => 1), 900, 1];
    const packets = sizes.map((size) => ({ timeNs: 1n, data: new Uint8Array(size) }));
    for (const size of [24 + 4095 * 17 + 20, 1000, 1 << 24]) {
      const capture = await openBytes(encodePcap(packets), size);
      expect(await allPackets(capture)).toHaveLength(4097);
      expect(capture.result().fault).toBeUndefined();
    }
  });

  it('stops at a length that cannot be', async () => {
    const bytes = [
      ...pcapHeader(true),
      ...pcapRecord(true, { seconds: 1, fraction: 0, data: DATA }),
      ...pcapRecord(true, { seconds: 1, fraction: 0, data: DATA, captured: 262_145 }),
    ];
    const capture = await openBytes(bytes);
    expect(await allPackets(capture)).toHaveLength(1);
    expect(capture.result().fault).toEqual({
      offset: 48,
      message:
        'the packet record at byte 48 claims 262145 bytes of data (at most 262144 are possible): ' +
        'the file is corrupt from there on; the 1 packets before it were used',
    });
  });

  it('refuses headers that no pcap has', async () => {
    await expect(openBytes(pcapHeader(true, { major: 1 }))).rejects.toThrow('pcap version 1.4');
    await expect(openBytes(pcapHeader(false, { minor: 5 }))).rejects.toThrow('pcap version 2.5');
    await expect(openBytes(pcapHeader(true, { link: 0x300001 }))).rejects.toThrow('reserved bits');
    await expect(openBytes(pcapHeader(true).slice(0, 23))).rejects.toThrow('file header (24 bytes)');
  });

  it('gives back what the writer wrote, in pieces of any size', async () => {
    const packet = fc.record({
      timeNs: fc.bigInt({ min: 0n, max: 0xffffffffn * 1_000_000_000n + 999_999_999n }),
      data: fc.uint8Array({ maxLength: 300 }),
    });
    const property = fc.asyncProperty(
      fc.array(packet, { maxLength: 30 }),
      fc.integer({ min: 1, max: 400 }),
      async (written, size) => {
        const capture = await openBytes(encodePcap(written), size);
        const read = await allPackets(capture);
        const seen = read.map(({ timeNs, data }) => ({ timeNs, data: [...data] }));
        expect(seen).toEqual(written.map(({ timeNs, data }) => ({ timeNs, data: [...data] })));
        expect(capture.result().fault).toBeUndefined();
      },
    );
    await fc.assert(property, { numRuns: 200 });
  });

  it('survives any bytes behind a valid header', async () => {
    const property = fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (noise) => {
      const capture = await openBytes([...pcapHeader(true), ...noise], 50);
      const count = (await allPackets(capture)).length;
      expect(capture.result().packets).toBe(count);
      if (noise.length > 0 && count === 0) expect(capture.result().fault).toBeDefined();
    });
    await fc.assert(property, { numRuns: 500 });
  });
});
