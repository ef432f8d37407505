/**
 * r2 lists nobody from one hello to the next, without a silence before (I3).
 * The view of r1 falls back to init: its neighbour has restarted.
 */
import { hello, lanUp, bothHear } from './pair.ts';
import type { Bench } from '../testing.ts';

export function frames(): Bench {
  const bench = lanUp().send(9, 1, hello(1, [2])).send(10, 2, hello(2, []));
  return bothHear(bench, 12, 18);
}
