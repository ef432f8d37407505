/**
 * On an NBMA network a router polls a neighbour that fell silent by unicast hellos.
 * Its view goes from down to attempt (RFC 2328 10.1).
 */
import { Wire } from '../testing-wire.ts';
import { a, b } from './pair.ts';

export function frames(): Wire {
  const wire = new Wire();
  for (let ms = 0; ms < 100_000; ms += 10_000) wire.hello(ms, a, { dr: a.address, neighbors: ms < 60_000 && ms > 0 ? [b.id] : [] }, b.address);
  for (let ms = 5000; ms < 20_000; ms += 10_000) wire.hello(ms, b, { dr: a.address, neighbors: [a.id] }, a.address);
  return wire;
}
