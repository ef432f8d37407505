/** C8: the first tap ends with the last hello of `b`, which no other tap saw: the deadline passes on the second tap's clock. */
import { Wire } from '../testing-wire.ts';
import { a, b } from './pair.ts';

export function frames(): Wire {
  const wire = new Wire();
  wire.seenBy = ['east', 'west'];
  wire.hello(0, a).hello(100, b, { neighbors: [a.id] }).hello(200, a, { neighbors: [b.id] }).exchange(210, a, b);
  wire.hello(10_000, a, { neighbors: [b.id] });
  wire.seenBy = ['east'];
  wire.hello(10_050, b, { neighbors: [a.id] });
  wire.seenBy = ['west'];
  return wire.hellos(20_000, 50_000, 10_000, a, { neighbors: [b.id] }).hellos(60_000, 80_000, 10_000, a, {});
}

/** Both taps look at this link. */
export const oneLink = 'lan';
