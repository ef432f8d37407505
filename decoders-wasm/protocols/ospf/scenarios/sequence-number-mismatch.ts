/**
 * A router in full sends a DBD with I set and a new number: both ends begin anew.
 * RFC 2328 10.6.
 */
import { allRouters, Wire } from '../testing-wire.ts';
import { a, b, bothHear, start } from './pair.ts';

export function frames(): Wire {
  return bothHear(start(), 10_000, 40_000).description(25_000, b, allRouters, 900, 7).exchange(25_010, a, b);
}
