/**
 * Of three routers on a LAN, r3 falls silent after second 7.
 * r1 and r2 lose it at its hold, and its own two views end by one reason (C4).
 */
import { hello } from './pair.ts';
import { Bench } from '../testing.ts';

export function frames(): Bench {
  const bench = new Bench();
  for (let at = 0; at < 60; at += 3) {
    const alive = at < 37 ? [3] : [];
    bench.tick(at - 0.5).send(at, 1, hello(1, [2, ...alive])).send(at + 0.5, 2, hello(2, [1, ...alive]));
    if (at < 9) bench.send(at + 1, 3, hello(3, [1, 2]));
  }
  return bench;
}
