/**
 * Both routers name r1 as DIS, then r2, one after the other (I12).
 * One row when both agree, none before; no adjacency and no link changes.
 */
import { system } from '../crafted.ts';
import { NONE, hello } from './pair.ts';
import { Bench } from '../testing.ts';

export function frames(): Bench {
  const one = [...system(1), 5];
  const two = [...system(2), 5];
  const bench = new Bench().send(0, 1, hello(1, [2], NONE, one)).send(1, 2, hello(2, [1], NONE, one));
  return bench.send(3, 2, hello(2, [1], NONE, two)).send(4, 1, hello(1, [2], NONE, two));
}
