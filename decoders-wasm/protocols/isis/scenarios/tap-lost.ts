/**
 * The tap closes at second 8 and comes back at 200: nothing ends while nobody looks (C7).
 * What is the same afterwards is no row; what is different is changed-while-blind.
 */
import { hello, lanUp, bothHear } from './pair.ts';
import type { Bench } from '../testing.ts';

export function frames(): Bench {
  const bench = bothHear(lanUp().closeTap(0).tick(100).openTap(0), 200, 206);
  bench.closeTap(0).tick(300).openTap(0);
  for (let at = 300; at < 312; at += 3) bench.send(at, 1, hello(1, at < 309 ? [2] : []));
  return bench;
}
