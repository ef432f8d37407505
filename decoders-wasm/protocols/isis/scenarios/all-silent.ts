/**
 * r1, r2 and r3 of a LAN are not heard any more after second 31, r3 was the DIS with a hold of 10 s; its tap stays open.
 * Nobody is down: the link may not be visible. At 200 they are heard again, without r3: only what is other then is told.
 */
import { lanHello, areas, AREA_1, neighbors } from '../crafted.ts';
import { Bench } from '../testing.ts';
import { hello } from './pair.ts';

const LAN_3 = [0, 0, 0, 0, 0, 3, 1];
const dis = (listed: readonly number[]): ReturnType<typeof hello> => lanHello(3, 2, 10, [...areas(AREA_1), ...neighbors(...listed)], LAN_3);

export function frames(): Bench {
  const bench = new Bench();
  for (let at = 0; at < 32; at++) {
    bench.tick(at - 0.5);
    if (at % 3 === 1) bench.send(at, 3, dis([1, 2]));
    if (at % 10 === 0) bench.send(at, 1, hello(1, [2, 3], [], LAN_3)).send(at + 0.5, 2, hello(2, [1, 3], [], LAN_3));
  }
  for (let at = 32; at < 200; at += 2) bench.tick(at);
  for (let at = 200; at < 250; at += 5) bench.tick(at - 0.5).send(at, 1, hello(1, [2])).send(at + 1, 2, hello(2, [1]));
  return bench;
}
