/**
 * A session comes up, routes pass, and `a` shuts it down with a text (RFC 9003).
 * The view of `a` says sent, that of `b` received; all routes are flushed.
 */
import { announce, notification, Wire } from '../testing-wire.ts';

export function frames(): Wire {
  const wire = new Wire();
  wire.connection().establish(0).send(1000, 'a', announce(['192.0.2.0/24', '198.51.100.0/24'])).send(1100, 'b', announce(['203.0.113.0/24'], [65002]))
    .send(5000, 'a', notification(6, 2, 'maintenance until 06:00')).fin(5001, 'a').fin(5002, 'b');
  return wire;
}
