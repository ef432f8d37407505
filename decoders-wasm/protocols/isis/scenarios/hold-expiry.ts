/**
 * r2 of a point-to-point link is not heard any more after second 13.1, and r1 goes on.
 * The views of r1 end 30 s later at both levels (I4); the silent router's own views end as router-silent (C4).
 */
import { p2p, p2pUp } from './pair.ts';
import type { Bench } from '../testing.ts';

export function frames(): Bench {
  const bench = p2pUp();
  for (let at = 16; at < 50; at += 3) bench.tick(at - 0.5).send(at, 1, p2p(1, at < 44 ? [0, 1, 2] : [2, 1]));
  return bench;
}
