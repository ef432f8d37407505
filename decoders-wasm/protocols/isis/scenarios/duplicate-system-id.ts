/**
 * Two stations of a LAN say that they are r1, in turn (I14).
 * An error row at once and the count after a minute; no adjacency flaps.
 */
import { hello } from './pair.ts';
import { Bench } from '../testing.ts';

export function frames(): Bench {
  const bench = new Bench();
  for (let at = 0; at < 50; at += 5) bench.send(at, 1, hello(1, [])).send(at + 1, 7, hello(1, []));
  return bench.tick(130);
}
