/**
 * Both taps of one link see every frame, 1 ms apart; the second tap goes on after the first has ended.
 * One row a view; the deadline passes only when it has on the live clocks.
 */
import { Wire } from '../testing-wire.ts';
import { a, b, bothHear } from './pair.ts';

export function frames(): Wire {
  const wire = new Wire();
  wire.seenBy = ['east', 'west'];
  bothHear(wire.hello(0, a).hello(100, b, { neighbors: [a.id] }).hello(200, a, { neighbors: [b.id] }).exchange(210, a, b), 10_000, 20_000);
  wire.seenBy = ['west'];
  return wire.hellos(20_000, 41_000, 10_000, a, { neighbors: [b.id] }).hellos(51_000, 80_000, 10_000, a, {});
}

/** Both taps look at this link. */
export const oneLink = 'lan';
