/**
 * The circuit of r2 gives up level 1 while it is up (I7).
 * Level 1 goes down at both ends with its cause; level 2 stays.
 */
import { NONE, p2p, p2pUp } from './pair.ts';
import type { Bench } from '../testing.ts';

export function frames(): Bench {
  return p2pUp().send(16, 2, p2p(2, [0, 1, 1], NONE, 2)).send(17, 1, p2p(1, [0, 1, 2]));
}
