/**
 * Hold time 9 s. `b` falls silent and `a` says so at its expiry (error code 4).
 * The NOTIFICATION stands at its own time, and is the reason at both ends.
 */
import { notification, Wire } from '../testing-wire.ts';

export function frames(): Wire {
  const wire = new Wire();
  wire.connection().establish(0, { hold: 9 }).keepalives(3000, 9000, 3000, 'a').acknowledge(6001, 'b').send(9000, 'a', notification(4, 0)).fin(9001, 'a');
  return wire.until(30_000);
}
