/**
 * Two routers on a LAN hear each other, then list each other (I1, I2).
 * r2 lists r1 in the first hello that is seen of it, so it was there before us (C6).
 */
import { lanUp } from './pair.ts';
import type { Bench } from '../testing.ts';

export function frames(): Bench {
  return lanUp();
}
