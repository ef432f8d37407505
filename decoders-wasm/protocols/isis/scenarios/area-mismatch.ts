/**
 * At level 1 r2 moves to another area: r1 must refuse its hellos (I8).
 * The adjacency goes down at once, and an error row says who and why.
 */
import { areas, AREA_1, AREA_2, lanHello, neighbors } from '../crafted.ts';
import { Bench } from '../testing.ts';

export function frames(): Bench {
  const of = (n: number, area: readonly number[], listed: number) => lanHello(n, 1, 30, [...areas(area), ...neighbors(listed)]);
  const bench = new Bench();
  for (let at = 0; at < 7; at += 3) bench.send(at, 1, of(1, AREA_1, 2)).send(at + 1, 2, of(2, AREA_1, 1));
  return bench.send(10, 2, of(2, AREA_2, 1));
}
