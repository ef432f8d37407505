/**
 * The DIS r3 of a LAN is not heard any more after second 31. Its hold of 10 s ends before r1 and r2 have to speak again:
 * whether the link is visible is known at second 50, and the loss is dated at the hold all the same.
 */
import { lanHello, areas, AREA_1, neighbors } from '../crafted.ts';
import { Bench } from '../testing.ts';
import { hello } from './pair.ts';

const LAN_3 = [0, 0, 0, 0, 0, 3, 1];

export function frames(): Bench {
  const bench = new Bench();
  for (let at = 0; at < 70; at++) {
    bench.tick(at - 0.5);
    if (at % 3 === 1 && at < 32) bench.send(at, 3, lanHello(3, 2, 10, [...areas(AREA_1), ...neighbors(1, 2)], LAN_3));
    const alive = at < 50 ? [3] : [];
    if (at % 15 === 5) bench.send(at, 1, hello(1, [2, ...alive], [], LAN_3)).send(at + 0.5, 2, hello(2, [1, ...alive], [], LAN_3));
  }
  return bench;
}
