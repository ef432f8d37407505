/**
 * r2 restarts with RR (RFC 5306) and lists r1 again within its hold.
 * No row: the adjacency was kept (I9).
 */
import { restart, hello, lanUp, bothHear } from './pair.ts';
import type { Bench } from '../testing.ts';

export function frames(): Bench {
  const bench = lanUp().send(9, 2, hello(2, [], restart(1))).send(9.1, 1, hello(1, [2]));
  return bothHear(bench.send(10, 2, hello(2, [1])), 12, 18);
}
