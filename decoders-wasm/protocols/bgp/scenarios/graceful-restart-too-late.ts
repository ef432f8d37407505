/**
 * `a` goes down with graceful restart (RFC 4724, 5 s) and does not come back.
 * The stale routes are swept when the restart time has passed.
 */
import { announce, Wire } from '../testing-wire.ts';

export function frames(): Wire {
  const wire = new Wire();
  wire.connection().establish(0, { capabilities: '4006' + '0005' + '00010180' }).send(1000, 'a', announce(['192.0.2.0/24'])).fin(2000, 'a');
  return wire.until(8000);
}
