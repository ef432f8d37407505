/**
 * r2 lists another router, but r1 no more: it does not hear r1 (I3).
 * The view of r1 falls back to init, and comes up again when r2 lists it.
 */
import { hello, lanUp, bothHear } from './pair.ts';
import type { Bench } from '../testing.ts';

export function frames(): Bench {
  const bench = lanUp().send(9, 1, hello(1, [2])).send(10, 2, hello(2, [9]));
  return bothHear(bench, 12, 18);
}
