/**
 * `a` goes down with graceful restart (RFC 4724, 120 s), comes back, and announces one of two routes again.
 * The routes stay as stale; End-of-RIB sweeps the one that was not announced again.
 */
import { announce, endOfRib, Wire } from '../testing-wire.ts';

export function frames(): Wire {
  const wire = new Wire();
  const capabilities = '4006' + '0078' + '00010180';
  wire.connection().establish(0, { capabilities }).send(1000, 'a', announce(['192.0.2.0/24', '198.51.100.0/24'])).fin(5000, 'a');
  wire.connection([40001, 179]).establish(15_000, { capabilities }).send(16_000, 'a', announce(['192.0.2.0/24'])).send(16_001, 'a', endOfRib);
  return wire;
}
