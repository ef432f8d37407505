/** Routers that send anything at any time: no trap, and a checkpoint anywhere changes nothing. */
import { describe, expect, it } from 'vitest';
import type { Row } from '../../contract/row-reader.ts';
import { anyTraffic } from './random.ts';
import { OSPFV2, withoutLocator } from './testing.ts';
import { Wire } from './testing-wire.ts';

const plain = (rows: Map<string, Row[]>) =>
  [...rows].filter(([table]) => table !== 'coverage_events').toSorted(([a], [b]) => a.localeCompare(b))
    .map(([table, list]) => [table, list.map(withoutLocator)]);

describe('random routers', () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    it(`seed ${seed}: 600 packets, reloaded after every few frames under other hash seeds, give the same rows`, async () => {
      const whole = await anyTraffic(seed, 600).decode({ batchBytes: 2000 });
      const broken = await anyTraffic(seed, 600).decode({
        batchBytes: 2000, seed: 77n, afterBatch: (set, batch) => {
          if (set.of(OSPFV2) !== undefined) set.reload(BigInt(batch * 31 + seed));
        },
      });
      expect(whole.get('adjacency_events')?.length).toBeGreaterThan(20);
      expect(plain(broken)).toEqual(plain(whole));
    });
  }

  it('no view ever goes from a state that it was not in', async () => {
    const rows = await anyTraffic(11, 2000).decode();
    const states = new Map<string, unknown>();
    for (const row of rows.get('adjacency_events') ?? []) {
      const view = `${String(row['local_address'])} ${String(row['neighbor_address'])} ${String(row['router'])}`;
      expect([states.get(view) ?? row['prev_state'], row['prev_state']]).toEqual([row['prev_state'], row['prev_state']]);
      expect(row['state']).not.toBe(row['prev_state']);
      states.set(view, row['state']);
    }
    expect(states.size).toBeGreaterThan(5);
  });

  it('no event id is given twice', async () => {
    const rows = await anyTraffic(12, 2000).decode();
    for (const [table, list] of rows) expect(new Set(list.map((row) => row['event_id'])).size, table).toBe(list.length);
  });

  it('a link that had 256 routers, now silent, has room for others, also after a reload', async () => {
    const flood = () => {
      const wire = new Wire();
      for (let i = 0; i < 300; i++) wire.hello(i < 256 ? i * 10 : 60_000 + i * 10, { id: `10.1.${i >> 8}.${i & 255}`, address: `10.2.${i >> 8}.${i & 255}` }, { interval: 10, dead: 40 });
      return wire;
    };
    const whole = await flood().decode({ batchBytes: 5000 });
    const heard = new Set((whole.get('adjacency_events') ?? []).map((row) => row['neighbor']));
    expect(heard.has('10.1.1.43')).toBe(true);
    const broken = await flood().decode({ batchBytes: 5000, afterBatch: (set, batch) => { if (set.of(OSPFV2) !== undefined) set.reload(BigInt(batch)); } });
    expect(plain(broken)).toEqual(plain(whole));
  });
});
