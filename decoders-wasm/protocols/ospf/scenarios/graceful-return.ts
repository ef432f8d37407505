/**
 * A Grace-LSA, 60 s of silence, then the router is back, lists its neighbour and flushes the Grace-LSA.
 * The helper's view never leaves full; no row is written.
 */
import { allRouters, Wire } from '../testing-wire.ts';
import { a, b, bothHear, graceLsa, start } from './pair.ts';

export function frames(): Wire {
  return bothHear(start(), 10_000, 20_000)
    .update(21_000, b, allRouters, [graceLsa(b, 120)])
    .hellos(20_000, 150_000, 10_000, a, { neighbors: [b.id] })
    .hellos(81_000, 150_000, 10_000, b, { neighbors: [a.id] })
    .update(82_000, b, allRouters, [graceLsa(b, 120, 3600, 2)]);
}
