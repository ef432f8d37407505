/**
 * The capture begins amid a full adjacency: unknown to 2-way, as both list each other.
 * A new Router-LSA with the link then proves one end full; all of it is initial.
 */
import { allRouters, routerLsaOf, Wire } from '../testing-wire.ts';
import { a, b, bothHear } from './pair.ts';

export function frames(): Wire {
  return bothHear(new Wire(), 0, 30_000).update(15_000, a, allRouters, [routerLsaOf(a, 5, [b.id])]);
}
