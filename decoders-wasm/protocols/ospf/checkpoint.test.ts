/** A checkpoint after any batch, taken over by a fresh instance with another seed, changes no row and no later export. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeOspf, OSPFV2, repository, withoutLocator } from './testing.ts';

const folder = join(repository, 'infra/lab/captures/ospf-lan');
const files = ['lan0.pcap.gz', 'l34.pcap.gz'].map((file) => join(folder, file));

const plain = (rows: Map<string, Record<string, unknown>[]>) =>
  [...rows].filter(([table]) => table !== 'coverage_events').toSorted(([a], [b]) => a.localeCompare(b)).map(([table, list]) => [table, list.map((row) => withoutLocator(row as never))]);

describe('checkpoint', () => {
  it('reloaded after every batch of a few frames, under another seed each time, gives the same rows and the same last export', async () => {
    const whole = await decodeOspf(files, { batchBytes: 1000 });
    let reloads = 0;
    const broken = await decodeOspf(files, {
      batchBytes: 1000,
      seed: 7n,
      afterBatch: (set, batch) => {
        if (set.of(OSPFV2) === undefined) return;
        set.reload(BigInt(batch) * 77_777n + 5n);
        reloads += 1;
      },
    });
    expect(reloads).toBeGreaterThan(50);
    expect(plain(broken.rows)).toEqual(plain(whole.rows));
    const last = whole.set.of(OSPFV2)?.exportState();
    expect(last?.length).toBeGreaterThan(1000);
    expect(Buffer.from(broken.set.of(OSPFV2)!.exportState()).equals(Buffer.from(last!))).toBe(true);
  });

  it('reloaded after every single frame gives the same rows', async () => {
    const one = [join(folder, 'l34.pcap.gz')];
    const whole = await decodeOspf(one);
    let reloads = 0;
    const broken = await decodeOspf(one, {
      batchBytes: 1,
      afterBatch: (set, batch) => {
        if (set.of(OSPFV2) === undefined) return;
        set.reload(BigInt(batch) * 31n + 5n);
        reloads += 1;
      },
    });
    expect(reloads).toBeGreaterThan(100);
    expect(plain(broken.rows)).toEqual(plain(whole.rows));
  });

  it('gives the same rows in other batch sizes and under another seed', async () => {
    const large = await decodeOspf(files);
    const small = await decodeOspf(files, { batchBytes: 3000, seed: 99n });
    expect(plain(small.rows)).toEqual(plain(large.rows));
  });
});
