import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openBytes } from './crafted.ts';
import { mergeByTime } from './merge.ts';
import { encodePcap } from './write.ts';

/** [capture, packet number, time] of every merged packet. */
async function merge(files: readonly (readonly number[])[]): Promise<[number, number, number][]> {
  const captures = await Promise.all(
    files.map((times) =>
      openBytes(encodePcap(times.map((time) => ({ timeNs: BigInt(time), data: new Uint8Array(9) }))), 80),
    ),
  );
  const merged: [number, number, number][] = [];
  for await (const chunk of mergeByTime(captures)) {
    for (const { packet, capture } of chunk) {
      merged.push([capture, packet.packetNumber, Number(packet.timeNs)]);
    }
  }
  return merged;
}

describe('mergeByTime', () => {
  it('orders by time, then file, then packet number', async () => {
    expect(await merge([[1, 5, 5, 9], [5, 5, 6], [], [0, 5]])).toEqual([
      [3, 1, 0],
      [0, 1, 1],
      [0, 2, 5],
      [0, 3, 5],
      [1, 1, 5],
      [1, 2, 5],
      [3, 2, 5],
      [1, 3, 6],
      [0, 4, 9],
    ]);
  });

  it('never changes the order within a file', async () => {
    expect((await merge([[1, 8, 3, 9], [2, 7, 10]])).map(([, , time]) => time)).toEqual([
      1, 2, 7, 8, 3, 9, 10,
    ]);
  });

  it('gives every packet once, and sorted files as a stable sort would', async () => {
    const times = fc.array(fc.nat(40), { maxLength: 30 });
    const property = fc.asyncProperty(fc.array(times, { maxLength: 5 }), async (unsorted) => {
      const files = unsorted.map((each) => each.toSorted((a, b) => a - b));
      const wanted = files
        .flatMap((file, capture) => file.map((time, at): [number, number, number] => [capture, at + 1, time]))
        .toSorted((a, b) => a[2] - b[2]);
      expect(await merge(files)).toEqual(wanted);
      const kept = await merge(unsorted);
      for (const [capture, file] of unsorted.entries()) {
        expect(kept.filter((each) => each[0] === capture).map((each) => each[2])).toEqual(file);
      }
    });
    await fc.assert(property, { numRuns: 100 });
  });

  it('closes every capture where nobody wants the rest', async () => {
    const packets = [{ timeNs: 1n, data: new Uint8Array(9) }];
    const captures = await Promise.all([openBytes(encodePcap(packets)), openBytes(encodePcap(packets))]);
    for await (const chunk of mergeByTime(captures)) if (chunk.length > 0) break;
    for (const capture of captures) {
      for await (const chunk of capture.packets) expect(chunk).toHaveLength(0);
    }
  });
});
