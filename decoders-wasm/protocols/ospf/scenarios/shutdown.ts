/**
 * A router flushes its own Router-LSA: its views are down at once, its neighbour's wait for the timer.
 * Late hellos of the neighbour do not bring them back.
 */
import { allRouters, routerLsaOf, Wire } from '../testing-wire.ts';
import { a, b, bothHear, start } from './pair.ts';

export function frames(): Wire {
  return bothHear(start(), 10_000, 20_000).update(20_500, b, allRouters, [routerLsaOf(b, 1, [], 3600)])
    .hellos(20_000, 51_000, 10_000, a, { neighbors: [b.id] }).hellos(60_000, 80_000, 10_000, a, {});
}
