/**
 * `b` asks for all routes again (RFC 2918), and `a` repeats one of two.
 * The repeated one is a duplicate; the other one stays (B6).
 */
import { message } from '../generate.ts';
import { announce, Wire } from '../testing-wire.ts';

export function frames(): Wire {
  const wire = new Wire();
  wire.connection().establish(0).send(1000, 'a', announce(['192.0.2.0/24', '198.51.100.0/24']))
    .send(2000, 'b', message(5, Buffer.from([0, 1, 0, 1]))).send(2100, 'a', announce(['192.0.2.0/24']));
  return wire;
}
