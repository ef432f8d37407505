/**
 * Two routers on a point-to-point link: from nothing to full, then one is silent.
 * Full is provisional until RxmtInterval has passed without another request; the silent router's own view goes by its own hold.
 */
import { Wire } from '../testing-wire.ts';
import { a, b, bothHear, start } from './pair.ts';

export function frames(): Wire {
  return bothHear(start(), 10_000, 30_000).hellos(30_000, 80_000, 10_000, a, { neighbors: [b.id] });
}
