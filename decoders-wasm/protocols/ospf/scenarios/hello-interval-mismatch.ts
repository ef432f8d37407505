/**
 * Hellos that differ in what RFC 2328 10.5 demands to be equal (hello-interval-mismatch).
 * No adjacency forms and the error says what was found.
 */
import { Wire } from '../testing-wire.ts';
import { a, b } from './pair.ts';

export function frames(): Wire {
  return new Wire().hellos(0, 30_000, 10_000, a).hellos(10, 30_000, 10_000, b, { interval: 5 });
}
