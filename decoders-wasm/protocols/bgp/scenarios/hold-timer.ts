/**
 * Hold time 9 s. `b` sends its last KEEPALIVE at second 3 and acknowledges `a` a last time at second 6; `a` goes on.
 * Each view ends 9 s after the last message that its router had from the other; no NOTIFICATION is seen.
 */
import { Wire } from '../testing-wire.ts';

export function frames(): Wire {
  const wire = new Wire();
  wire.connection().establish(0, { hold: 9 }).keepalives(3000, 6000, 3000, 'b').keepalives(3001, 9000, 3000, 'a').acknowledge(6002, 'b').keepalives(9001, 15_000, 3000, 'a');
  return wire.until(30_000);
}
