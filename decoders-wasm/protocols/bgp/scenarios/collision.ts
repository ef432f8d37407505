/**
 * Both ends open a connection at the same time; `b` closes its own with Cease, connection collision (RFC 4271 6.8).
 * The losing connection gives no exit and touches no route (B4), not even with an UPDATE that comes late.
 */
import { keepalive } from '../generate.ts';
import { announce, notification, openOf, Wire } from '../testing-wire.ts';

export function frames(): Wire {
  const wire = new Wire();
  const winner = wire.connection([40000, 179]).handshake(0, 'a');
  const loser = wire.connection([179, 50000]).handshake(1, 'b');
  for (const one of [winner, loser]) one.send(10, 'a', openOf('a')).send(11, 'b', openOf('b'));
  loser.send(20, 'b', notification(6, 7)).fin(21, 'b').send(22, 'a', announce(['203.0.113.0/24']));
  winner.send(30, 'a', keepalive).send(31, 'b', keepalive).send(1000, 'a', announce(['192.0.2.0/24']));
  return wire;
}
