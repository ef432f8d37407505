/**
 * Two routers on a LAN hear each other, then list each other (I1, I2).
 * r2 lists r1 in the first hello that is seen of it, so it was there before us (C6).
 */
import type { Bench } from '../crafted.ts';
import { lanUp } from './pair.ts';

export function frames(): Bench {
  return lanUp();
}
