/**
 * DBDs repeat without progress and their MTUs differ (RFC 2328 10.6): stuck in exstart.
 * No transition, an error.
 */
import { allRouters, Wire } from '../testing-wire.ts';
import { a, b, bothHear } from './pair.ts';

export function frames(): Wire {
  const wire = bothHear(new Wire().hello(0, a).hello(100, b, { neighbors: [a.id] }).hello(200, a, { neighbors: [b.id] }), 10_000, 30_000);
  for (let ms = 210; ms < 25_000; ms += 5000) {
    wire.description(ms, a, allRouters, 100, 7, [], 1500).description(ms + 10, b, allRouters, 200, 7, [], 9000);
  }
  return wire;
}
