/**
 * Messages that cannot be read: each is one quarantine row and nothing of it is applied; the stream goes on.
 * Routes with a bad attribute count as withdrawn (RFC 7606); the error is told at once, its repetitions after a minute.
 */
import { attribute, basicAttributes, message, update } from '../generate.ts';
import { announce, Wire } from '../testing-wire.ts';

export function frames(): Wire {
  const wire = new Wire();
  const none = Buffer.alloc(0);
  const prefixOf33 = update(none, basicAttributes([65001]), Buffer.from('21c0000201ff', 'hex'));
  const badCommunity = announce(['192.0.2.0/24'], [65001], attribute(0xc0, 8, Buffer.alloc(5)));
  const session = wire.connection().establish(0).send(1000, 'a', announce(['192.0.2.0/24'])).send(2000, 'a', prefixOf33, message(2, Buffer.from('0000ffff', 'hex')), announce(['198.51.100.0/24']));
  for (const ms of [3000, 4000, 5000, 65_000]) session.send(ms, 'a', badCommunity);
  return wire;
}
