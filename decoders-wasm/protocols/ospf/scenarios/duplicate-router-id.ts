/**
 * Two interfaces of one subnet say the same router id.
 * An error, no adjacency, no flap.
 */
import { Wire } from '../testing-wire.ts';
import { a } from './pair.ts';

export function frames(): Wire {
  return new Wire().hellos(0, 30_000, 10_000, a).hellos(10, 30_000, 10_000, { id: a.id, address: '10.0.0.7' });
}
