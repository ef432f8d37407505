/**
 * r2 asks with RR again and again, and does not finish (RFC 5306 3.2.1).
 * Only the first RR renews its hold: the view of r1 ends 30 s after it, with the restart in the detail (I9), and begins anew.
 */
import { restart, hello, lanUp } from './pair.ts';
import type { Bench } from '../testing.ts';

export function frames(): Bench {
  const bench = lanUp();
  for (let at = 9; at < 48; at += 3) bench.tick(at - 0.5).send(at, 2, hello(2, [], restart(1))).send(at + 0.1, 1, hello(1, [2]));
  return bench;
}
