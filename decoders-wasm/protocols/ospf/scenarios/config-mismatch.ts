/** C3 with a visible cause: the dead interval of `b` changes; each refuses the other's hellos and soon lists it no more. */
import type { Wire } from '../testing-wire.ts';
import { a, b, bothHear, start } from './pair.ts';

export function frames(): Wire {
  return bothHear(start(), 10_000, 20_100)
    .hello(30_000, a, { neighbors: [b.id] }).hello(30_050, b, { neighbors: [a.id], dead: 60 })
    .hellos(40_000, 60_000, 10_000, a, {}).hellos(40_050, 60_000, 10_000, b, { dead: 60 });
}
