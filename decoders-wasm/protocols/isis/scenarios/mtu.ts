/**
 * The hellos of r2 are padded to 9000 bytes and pass the tap, but r1 never lists it (I13).
 * A hint at the third hello of r1 that does not.
 */
import { tlv } from '../crafted.ts';
import { hello } from './pair.ts';
import { Bench } from '../testing.ts';

export function frames(): Bench {
  const padding = Array.from({ length: 34 }, () => tlv(8, Array<number>(255).fill(0))).flat();
  const bench = new Bench();
  for (let at = 0; at < 12; at += 3) bench.send(at, 2, hello(2, [1], padding)).send(at + 1, 1, hello(1, []));
  return bench;
}
