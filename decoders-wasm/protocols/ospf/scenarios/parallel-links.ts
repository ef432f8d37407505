/**
 * Two point-to-point links between the same routers: two objects, `A -> B` and `A -> B #2`.
 * One goes, one changes its metric.
 */
import { lsa, routerBody } from '../crafted.ts';
import { allRouters, type End, Wire } from '../testing-wire.ts';
import { a, b, bothHear } from './pair.ts';

export function frames(): Wire {
  const c = { ...a, address: '10.0.1.1' };
  const both = (end: End, other: End, links: readonly (readonly [string, number])[], sequence: number) => lsa({
    type: 1, id: end.id, router: end.id, sequence: 0x80000000 + sequence, body: routerBody(links.map(([data, metric]) => [1, other.id, data, metric])),
  });
  return bothHear(new Wire(), 0, 40_000)
    .update(1000, a, allRouters, [both(a, b, [[a.address, 10], [c.address, 20]], 1)])
    .update(2000, b, allRouters, [both(b, a, [[b.address, 10], ['10.0.1.2', 20]], 1)])
    .update(11_000, a, allRouters, [both(a, b, [[a.address, 15], [c.address, 20]], 2)])
    .update(21_000, b, allRouters, [both(b, a, [[b.address, 10]], 2)]);
}
