/** The two routers that most scenarios are about. */
import { lsa, quad, u16, u32 } from '../crafted.ts';
import { type End, Wire } from '../testing-wire.ts';

export const a: End = { id: '1.1.1.1', address: '10.0.0.1' };
export const b: End = { id: '2.2.2.2', address: '10.0.0.2' };

/** From nothing to full on a point-to-point link, within 217 ms. */
export function start(): Wire {
  return new Wire().hello(0, a).hello(100, b, { neighbors: [a.id] }).hello(200, a, { neighbors: [b.id] }).exchange(210, a, b);
}

/** Both list each other every 10 s, `b` 50 ms behind `a`. */
export function bothHear(wire: Wire, from: number, until: number): Wire {
  return wire.hellos(from, until, 10_000, a, { neighbors: [b.id] }).hellos(from + 50, until, 10_000, b, { neighbors: [a.id] });
}

/** A Grace-LSA for `seconds` (RFC 3623 appendix A), reason software restart. */
export function graceLsa(end: End, seconds: number, age = 0, sequence = 1): number[] {
  return lsa({
    type: 9, id: '3.0.0.0', router: end.id, age, sequence: 0x80000000 + sequence,
    body: [...u16(1), ...u16(4), ...u32(seconds), ...u16(2), ...u16(1), 1, 0, 0, 0],
  });
}

/** The Network-LSA of DR `end` for a /24 with these routers attached. */
export function networkLsa(end: End, routers: readonly string[]): number[] {
  return lsa({ type: 2, id: end.address, router: end.id, body: [...quad('255.255.255.0'), ...routers.flatMap(quad)] });
}
