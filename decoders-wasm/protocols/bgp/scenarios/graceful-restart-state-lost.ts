/**
 * `a` comes back from a graceful restart without the F bit: it has not kept its forwarding state (RFC 4724 4.2).
 * Its stale routes are swept at the new OPEN.
 */
import { announce, Wire } from '../testing-wire.ts';

export function frames(): Wire {
  const wire = new Wire();
  wire.connection().establish(0, { capabilities: '4006' + '0078' + '00010180' }).send(1000, 'a', announce(['192.0.2.0/24'])).fin(2000, 'a');
  wire.connection([40001, 179]).establish(4000, { capabilities: '4006' + '0078' + '00010100' });
  return wire;
}
