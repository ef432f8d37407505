/**
 * Two routers on a point-to-point link go through Down, Initializing and Up of TLV 240 (I5, RFC 5303).
 * Both levels come up, as both circuits have them and an area is shared (I7).
 */
import { p2pUp } from './pair.ts';
import type { Bench } from '../testing.ts';

export function frames(): Bench {
  return p2pUp();
}
