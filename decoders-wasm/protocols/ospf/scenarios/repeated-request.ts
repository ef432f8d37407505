/**
 * The answer to a request is dropped (MinLSArrival): the router asks again 3 s later.
 * Full counts from the second answer, and no false full is written before.
 */
import { allRouters, routerLsaOf, Wire } from '../testing-wire.ts';
import { a, b, bothHear } from './pair.ts';

export function frames(): Wire {
  const mine = routerLsaOf(a, 1, []);
  const theirs = routerLsaOf(b, 1, []);
  const wire = new Wire().hello(0, a).hello(100, b, { neighbors: [a.id] }).hello(200, a, { neighbors: [b.id] });
  wire.description(210, a, allRouters, 100, 7).description(211, b, allRouters, 200, 7)
    .description(212, a, allRouters, 200, 2, [mine]).description(213, b, allRouters, 201, 1, [theirs]).description(214, a, allRouters, 201, 0)
    .request(215, a, allRouters, [theirs]).update(216, b, allRouters, [theirs])
    .request(3215, a, allRouters, [theirs]).update(3216, b, allRouters, [theirs]);
  return bothHear(wire, 10_000, 30_000);
}
