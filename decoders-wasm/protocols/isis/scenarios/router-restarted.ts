/**
 * r2 is silent for 20 s, less than its hold, and then lists nobody: it has restarted (C5).
 * Its own view goes down at that hello; r1 sees a neighbour that has restarted.
 */
import { hello, lanUp, bothHear, every3 } from './pair.ts';
import type { Bench } from '../testing.ts';

export function frames(): Bench {
  return every3(bothHear(lanUp(), 9, 28), 30, 48, 1, hello(1, [2])).send(48, 2, hello(2, []));
}
