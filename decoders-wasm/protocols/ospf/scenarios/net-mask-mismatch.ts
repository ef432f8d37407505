/**
 * Different masks on a LAN (a DR is named): refused. On a point-to-point link the mask is not looked at.
 * An error each way, no adjacency.
 */
import { Wire } from '../testing-wire.ts';
import { a, b } from './pair.ts';

export function frames(): Wire {
  return new Wire().hellos(0, 30_000, 10_000, a, { dr: a.address }).hellos(10, 30_000, 10_000, b, { mask: '255.255.0.0' });
}
