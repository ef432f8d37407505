/**
 * Both ends can keep routes over a NOTIFICATION (N bit), but `b` sends a hard reset (RFC 8538).
 * The routes are flushed, not stale.
 */
import { message } from '../generate.ts';
import { announce, Wire } from '../testing-wire.ts';

export function frames(): Wire {
  const wire = new Wire();
  const hardReset = message(3, Buffer.from([6, 9, 6, 2, 2, 0x68, 0x69]));
  wire.connection().establish(0, { capabilities: '4006' + '4078' + '00010180' }).send(1000, 'a', announce(['192.0.2.0/24'])).send(2000, 'b', hardReset);
  return wire;
}
