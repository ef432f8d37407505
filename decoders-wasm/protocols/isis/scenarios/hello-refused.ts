/**
 * r1 lists r2 no more though its hellos pass the tap: a key that nobody sees, or a filter (C3).
 * The view of r1 ends at the hold of the last hello that it can have taken; it is believed again when it lists r2 (C2).
 */
import { hello, lanUp, bothHear } from './pair.ts';
import type { Bench } from '../testing.ts';

export function frames(): Bench {
  const bench = bothHear(lanUp(), 9, 36);
  bench.send(36, 1, hello(1, [2])).send(36.5, 2, hello(2, [1])).send(37.2, 1, hello(1, []));
  return bench.send(39, 2, hello(2, [1])).send(40, 1, hello(1, [])).send(42, 2, hello(2, [1])).send(43, 1, hello(1, [2]));
}
