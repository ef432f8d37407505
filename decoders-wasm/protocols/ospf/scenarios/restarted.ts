/** C5: `b` comes back after 25 s of silence, within its dead interval, and lists nobody: its own view went, then `a` hears one-way. */
import type { Wire } from '../testing-wire.ts';
import { a, b, bothHear, start } from './pair.ts';

export function frames(): Wire {
  const wire = bothHear(start(), 10_000, 20_100);
  return wire.hello(30_000, a, { neighbors: [b.id] }).hello(40_000, a, { neighbors: [b.id] }).hello(45_000, b, {})
    .hello(50_000, a, { neighbors: [b.id] }).hello(60_000, a, { neighbors: [b.id] });
}
