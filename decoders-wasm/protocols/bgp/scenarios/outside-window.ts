/**
 * Data, RST and FIN far outside the window: somebody else's. They end nothing and announce nothing.
 * One error row says so.
 */
import { announce, Wire } from '../testing-wire.ts';

export function frames(): Wire {
  const wire = new Wire();
  const session = wire.connection().establish(0);
  const sequence = session.next('a') + 0x20000000;
  session.segment(1000, 'a', announce(['203.0.113.0/24']), { sequence }).segment(1001, 'a', new Uint8Array(0), { flags: 0x14, sequence });
  session.segment(1002, 'a', new Uint8Array(0), { flags: 0x11, sequence }).send(2000, 'a', announce(['192.0.2.0/24']));
  return wire;
}
