/**
 * `b` closes the connection without a NOTIFICATION: both views end at its FIN (B3).
 */
import { announce, Wire } from '../testing-wire.ts';

export function frames(): Wire {
  const wire = new Wire();
  wire.connection().establish(0).send(1000, 'b', announce(['203.0.113.0/24'], [65002])).fin(4000, 'b').fin(4001, 'a');
  return wire;
}
