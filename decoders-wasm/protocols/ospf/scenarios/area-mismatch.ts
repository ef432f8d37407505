/**
 * Two routers of one subnet in different areas: no adjacency, an error each way.
 * Once at first sight, then once a minute with the count.
 */
import { Wire } from '../testing-wire.ts';
import { a, b } from './pair.ts';

export function frames(): Wire {
  return new Wire().hellos(0, 130_000, 10_000, a).hellos(10, 130_000, 10_000, { ...b, area: '0.0.0.1' });
}
