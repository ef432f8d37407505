/**
 * r2 goes on without authentication, r1 with HMAC-MD5: it must refuse the hellos (C1, I13).
 * An error row at the first of them; the view of r1 ends with the hold of the last that it took (40 s).
 */
import { md5, hello } from './pair.ts';
import { Bench } from '../testing.ts';

export function frames(): Bench {
  const bench = new Bench();
  for (let at = 0; at < 12; at += 3) bench.send(at, 1, hello(1, [2], md5)).send(at + 1, 2, hello(2, [1], md5));
  for (let at = 12; at < 45; at += 3) bench.tick(at - 0.5).send(at, 1, hello(1, at < 40 ? [2] : [], md5)).send(at + 1, 2, hello(2, [1]));
  return bench.tick(60);
}
