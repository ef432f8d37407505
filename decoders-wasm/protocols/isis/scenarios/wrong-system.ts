/**
 * r2 names r9 in TLV 240 where only r1 is: r1 ignores the hello (I5).
 * An error row, counted by the minute; no adjacency.
 */
import { p2p } from './pair.ts';
import { Bench } from '../testing.ts';

export function frames(): Bench {
  const bench = new Bench();
  for (let at = 0; at < 30; at += 3) bench.send(at, 1, p2p(1, [2, 1])).send(at, 2, p2p(2, [1, 1, 9]));
  return bench.tick(61);
}
