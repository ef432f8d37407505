/**
 * A demand circuit (RFC 1793): both ends set DC, hellos stop once the adjacency is full.
 * Five minutes of silence give no row.
 */
import { allRouters, routerLsaOf, Wire } from '../testing-wire.ts';
import { a, b } from './pair.ts';

export function frames(): Wire {
  const dc = { options: 0x22 };
  return new Wire().hello(0, a, dc).hello(100, b, { ...dc, neighbors: [a.id] }).hello(200, a, { ...dc, neighbors: [b.id] })
    .exchange(210, a, b).update(300_000, a, allRouters, [routerLsaOf(a, 2, [b.id])]);
}
