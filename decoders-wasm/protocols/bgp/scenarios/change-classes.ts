/**
 * One prefix is announced, repeated, announced with another path, withdrawn, and withdrawn again.
 * Each is a row of its class; prefixes of one UPDATE are told one by one.
 */
import { announce, withdraw, Wire } from '../testing-wire.ts';

export function frames(): Wire {
  const wire = new Wire();
  wire.connection().establish(0).send(1000, 'a', announce(['192.0.2.0/24', '198.51.100.0/24'])).send(2000, 'a', announce(['192.0.2.0/24']))
    .send(3000, 'a', announce(['192.0.2.0/24'], [65001, 64999])).send(4000, 'a', withdraw(['192.0.2.0/24'])).send(5000, 'a', withdraw(['192.0.2.0/24']));
  return wire;
}
