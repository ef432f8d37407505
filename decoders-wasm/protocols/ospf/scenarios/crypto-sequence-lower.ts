/**
 * A replayed hello with a lower cryptographic sequence number (RFC 2328 D.5.2).
 * It is refused: the deadline is not renewed by it.
 */
import { allRouters, Wire } from '../testing-wire.ts';
import { a, b } from './pair.ts';

export function frames(): Wire {
  const [one, two] = [{ ...a, authentication: 2 }, { ...b, authentication: 2 }];
  const wire = new Wire().hello(0, one, {}, allRouters, 50).hello(10, two, { neighbors: [a.id] }, allRouters, 70)
    .hello(10_000, one, { neighbors: [b.id] }, allRouters, 60).hello(10_010, two, { neighbors: [a.id] }, allRouters, 69);
  for (let ms = 20_000; ms < 70_000; ms += 10_000) {
    wire.hello(ms, one, { neighbors: ms < 50_000 ? [b.id] : [] }, allRouters, 60 + ms / 10_000).hello(ms + 10, two, { neighbors: [a.id] }, allRouters, 69);
  }
  return wire;
}
