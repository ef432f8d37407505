/**
 * Two taps of one link see each hello 1 ms apart; the first one closes at second 8 (C8).
 * One row a view, by who saw it first; the deadline passes on the clock of the tap that is left.
 */
import { hello } from './pair.ts';
import { Bench } from '../testing.ts';

export function frames(): Bench {
  const bench = new Bench();
  const both = (at: number, from: number, pdu: readonly number[]) => bench.send(at, from, pdu).send(at + 0.001, from, pdu, { tap: 1 });
  both(0, 1, hello(1, []));
  both(1, 2, hello(2, []));
  both(3, 1, hello(1, [2]));
  both(4, 2, hello(2, [1]));
  bench.closeTap(0);
  for (let at = 9; at < 40; at += 3) bench.send(at, 1, hello(1, at < 35 ? [2] : []), { tap: 1 });
  return bench;
}
