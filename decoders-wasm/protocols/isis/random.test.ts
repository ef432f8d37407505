/** Routers that send anything at any time, many at one instant: ids stay unique, and a checkpoint anywhere changes nothing. */
import { describe, expect, it } from 'vitest';
import {
  areas, AREA_1, AREA_2, type Bytes, csnp, hostname, lanHello, lsp, neighbors, p2pHello, prefixes, reach, threeWay, tlv, u16,
} from './crafted.ts';
import { Bench } from './testing.ts';

type Pick = (most: number) => number;

/** A generator of its own: a failing seed can be run again. */
function generator(seed: number): Pick {
  let state = seed >>> 0;
  return (most) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
}

const NONE: Bytes = [];
const of = <T>(pick: Pick, list: readonly T[]): T => list[pick(list.length)]!;
const others = (pick: Pick): number[] => [1, 2, 3, 4, 5].filter(() => pick(3) !== 0);

function anyHello(pick: Pick, from: number): Bytes {
  const common = [
    ...areas(pick(12) === 0 ? AREA_2 : AREA_1), ...(pick(15) === 0 ? tlv(10, [54, 1, 2, 3]) : NONE),
    ...(pick(12) === 0 ? tlv(211, [of(pick, [1, 2, 4]), ...u16(9)]) : NONE), ...(pick(20) === 0 ? tlv(6, [1, 2]) : NONE),
    ...(pick(3) === 0 ? [...tlv(8, Array<number>(255).fill(0)), ...tlv(8, Array<number>(255).fill(0))] : NONE),
  ];
  // Few holds on a coarse grid of times: many deadlines fall on one instant.
  const hold = of(pick, [3, 3, 6, 6, 6, 9, 9, 1]);
  if (pick(3) === 0) {
    const named = pick(3) === 0 ? NONE : threeWay(pick(3), from, ...(pick(4) === 0 ? [] : [1 + pick(5), 1 + pick(5)] as const));
    return p2pHello(from, of(pick, [1, 2, 3, 3, 3]), hold, [...common, ...named, ...(pick(10) === 0 ? tlv(229, u16(2)) : NONE)]);
  }
  const list = pick(8) === 0 ? NONE : neighbors(...others(pick));
  return lanHello(from, of(pick, [1, 2] as const), hold, [...common, ...list], of(pick, [[0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1, 5], [0, 0, 0, 0, 0, 2, 5]]));
}

function anyLsp(pick: Pick): Bytes {
  const owner = 1 + pick(4);
  const pseudonode = of(pick, [0, 0, 0, 5]);
  const content = [
    ...(pseudonode === 0 ? [...hostname(`n${owner}${pick(8) === 0 ? 'x' : ''}`), ...prefixes([1 + pick(4), 10 * pick(3)])] : NONE),
    ...reach(...others(pick).map((n): [number, number, number] => [n, of(pick, [0, 0, 5]), 10 * (1 + pick(3))])),
  ];
  return lsp(owner, 1 + pick(30), content, {
    level: of(pick, [1, 2] as const), pseudonode, fragment: of(pick, [0, 0, 0, 1]), lifetime: of(pick, [0, 5, 10, 20, 60, 1199]), bits: of(pick, [1, 3, 7]),
  });
}

/** `steps` of traffic on two links with two taps; `between` is called after each. */
function run(bench: Bench, seed: number, steps: number, between: (step: number) => void = () => undefined): Bench {
  const pick = generator(seed);
  let seconds = 0;
  const open = [true, true];
  for (let step = 0; step < steps; step++) {
    if (pick(3) !== 0) seconds += pick(40) === 0 ? 30 : pick(3) * 0.5;
    const tap = pick(4) === 0 ? 1 : 0;
    const from = 1 + pick(5);
    const what = pick(60);
    if (what === 0 && open[tap]) {
      bench.closeTap(tap);
      open[tap] = false;
    } else if (what < 6) bench.tick(seconds);
    else {
      if (!open[tap]) bench.openTap(tap);
      open[tap] = true;
      const pdu = what < 16 ? anyLsp(pick) : what < 18 ? csnp(from, of(pick, [1, 2] as const), [from, 0, 1 + pick(9)]) : anyHello(pick, from);
      bench.send(seconds, pick(15) === 0 ? undefined : from, pdu, { tap, link: pick(4) === 0 ? 1 : 0 });
      // The other tap sees it too.
      if (pick(5) === 0 && open[1 - tap]) bench.send(seconds, from, pdu, { tap: 1 - tap });
    }
    between(step);
  }
  return bench.tick(seconds + 100);
}

/** The rows as text, table by table: how tables alternate is no promise. */
function plain(bench: Bench): string[] {
  const text = (value: unknown): string => JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? one.toString() : one));
  return bench.rows.toSorted((a, b) => (a.table < b.table ? -1 : a.table > b.table ? 1 : 0)).map(text);
}

describe('random routers', () => {
  it.each([1, 2, 3, 4, 5, 6])('seed %i: 650 steps, reloaded after each under another hash seed, give the same rows', (seed) => {
    const whole = run(new Bench(), seed, 650);
    const broken = new Bench(77n);
    run(broken, seed, 650, (step) => broken.reload(BigInt(step * 31 + seed)));
    expect(whole.rows.filter((row) => row.table === 'adjacency_events').length).toBeGreaterThan(100);
    expect(whole.rows.filter((row) => row.table === 'topology_changes').length).toBeGreaterThan(50);
    const [theirs, ours] = [plain(broken), plain(whole)];
    const at = ours.findIndex((text, index) => text !== theirs[index]);
    expect(theirs.slice(Math.max(at, 0), at + 3)).toEqual(ours.slice(Math.max(at, 0), at + 3));
    expect(theirs).toHaveLength(ours.length);
    expect(Buffer.from(broken.decoder.exportState()).equals(Buffer.from(whole.decoder.exportState()))).toBe(true);
  });

  it.each([11, 12, 13, 14])('seed %i: no event id is given twice in 5000 steps', (seed) => {
    const { rows } = run(new Bench(), seed, 5000);
    const tables = Map.groupBy(rows, (row) => row.table);
    for (const [table, list] of tables) {
      const twice = [...Map.groupBy(list, (row) => row['event_id']).values()].filter((same) => same.length > 1);
      expect(twice, table).toEqual([]);
    }
  });

  it.each([21, 22])('seed %i: no row says a state that was there before', (seed) => {
    const rows = run(new Bench(), seed, 5000).rows.filter((row) => row.table === 'adjacency_events');
    expect(rows.filter((row) => row['state'] === row['prev_state'])).toEqual([]);
    expect(new Set(rows.map((row) => row['reason'])).size).toBeGreaterThan(10);
  });
});
