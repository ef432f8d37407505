/**
 * Restart time 1 s and long-lived stale time 2 s (RFC 9494): routes are stale for 3 s.
 * Then they are swept, as `a` does not come back.
 */
import { announce, Wire } from '../testing-wire.ts';

export function frames(): Wire {
  const wire = new Wire();
  const capabilities = '4006' + '0001' + '00010180' + '4707' + '00010180000002';
  wire.connection().establish(0, { capabilities }).send(1000, 'a', announce(['192.0.2.0/24'])).fin(2000, 'a');
  return wire.until(6000);
}
