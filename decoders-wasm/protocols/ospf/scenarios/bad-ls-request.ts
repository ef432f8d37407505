/** O4: `b` was asked for an LSA that it does not have: it begins the exchange anew while the request stands. */
import { allRouters, routerLsaOf, Wire } from '../testing-wire.ts';
import { a, b } from './pair.ts';

export function frames(): Wire {
  const mine = routerLsaOf(a, 1, []);
  const theirs = routerLsaOf(b, 1, []);
  return new Wire().hello(0, a).hello(100, b, { neighbors: [a.id] }).hello(200, a, { neighbors: [b.id] })
    .description(210, a, allRouters, 100, 7).description(211, b, allRouters, 200, 7)
    .description(212, a, allRouters, 200, 2, [mine]).description(213, b, allRouters, 201, 1, [theirs])
    .request(214, a, allRouters, [theirs]).description(215, a, allRouters, 201, 0)
    .description(216, b, allRouters, 300, 7).hello(10_000, a, { neighbors: [b.id] });
}
