/**
 * A Grace-LSA (RFC 3623) of 120 s, then silence: the helper keeps full until the grace period ends.
 * The restarting router's own views keep too.
 */
import { allRouters, Wire } from '../testing-wire.ts';
import { a, b, bothHear, graceLsa, start } from './pair.ts';

export function frames(): Wire {
  return bothHear(start(), 10_000, 20_000)
    .update(21_000, b, allRouters, [graceLsa(b, 120)])
    .hellos(20_000, 141_000, 10_000, a, { neighbors: [b.id] }).hellos(150_000, 160_000, 10_000, a, {});
}
