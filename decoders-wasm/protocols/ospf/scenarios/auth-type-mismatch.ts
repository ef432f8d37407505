/**
 * One end authenticates with MD5, the other does not.
 * Refused both ways.
 */
import { Wire } from '../testing-wire.ts';
import { a, b } from './pair.ts';

export function frames(): Wire {
  return new Wire().hellos(0, 30_000, 10_000, a).hellos(10, 30_000, 10_000, { ...b, authentication: 2 });
}
