/**
 * An LSA that nobody refreshes reaches MaxAge (3600 s): it expires with its prefix.
 * The capture goes on long enough.
 */
import { allRouters, routerLsaOf, Wire } from '../testing-wire.ts';
import { a, bothHear } from './pair.ts';

export function frames(): Wire {
  return bothHear(new Wire(), 0, 3_700_000).update(1000, a, allRouters, [routerLsaOf(a, 1, [], 100)]);
}
