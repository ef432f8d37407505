/**
 * Both ends can keep routes over a NOTIFICATION (N bit), and `b` sends an administrative reset (RFC 8538).
 * The routes are stale, and swept when the restart time has passed.
 */
import { announce, notification, Wire } from '../testing-wire.ts';

export function frames(): Wire {
  const wire = new Wire();
  wire.connection().establish(0, { capabilities: '4006' + '4005' + '00010180' }).send(1000, 'a', announce(['192.0.2.0/24'])).send(2000, 'b', notification(6, 4, 'hi'));
  return wire.until(8000);
}
