/**
 * r2 starts with SA: its neighbours shall not tell of the adjacency yet (RFC 5306 3.1).
 * The views of it are marked as suppressed (I9); that SA goes away is no row.
 */
import { restart, hello, bothHear } from './pair.ts';
import { Bench } from '../testing.ts';

export function frames(): Bench {
  const bench = new Bench().send(0, 1, hello(1, [])).send(1, 2, hello(2, [], restart(4))).send(1.1, 1, hello(1, [2])).send(1.2, 2, hello(2, [1], restart(4)));
  return bothHear(bench, 4, 10);
}
