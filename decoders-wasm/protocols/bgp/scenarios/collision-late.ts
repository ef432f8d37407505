/**
 * Both ends open a connection at the same time. `a` is established on the one of `b` before the handshake of its own is
 * complete: that SYN went out before, so that it ends nothing (B4), and the connection is closed without an OPEN.
 */
import { announce, openOf, Wire } from '../testing-wire.ts';
import { keepalive } from '../generate.ts';

export function frames(): Wire {
  const wire = new Wire();
  const none = new Uint8Array(0);
  const late = wire.connection([40000, 179]).segment(0, 'a', none, { flags: 2 });
  wire.connection([179, 50000]).handshake(1, 'b').send(10, 'b', openOf('b')).send(11, 'a', openOf('a'), keepalive)
    .send(12, 'b', keepalive).send(13, 'a', announce(['192.0.2.0/24']));
  late.segment(20, 'b', none, { flags: 0x12 }).acknowledge(21, 'a').fin(22, 'a').fin(23, 'b');
  return wire;
}
