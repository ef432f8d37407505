/**
 * The tap opens on a session that has been up for long, in the middle of a message (B7).
 * First sights are `initial`; AS numbers of four bytes and path ids are read by what fits.
 */
import { basicAttributes, keepalive, prefix, update } from '../generate.ts';
import { Wire } from '../testing-wire.ts';

export function frames(): Wire {
  const wire = new Wire();
  const none = Buffer.alloc(0);
  const path = (id: number) => Buffer.concat([Buffer.from([0, 0, 0, id]), prefix('192.0.2.0/24')]);
  const both = update(none, basicAttributes([65001, 4200000001]), Buffer.concat([path(1), path(2)]));
  wire.connection().segment(0, 'a', both.subarray(30)).send(1000, 'a', both).send(2000, 'b', keepalive).send(3000, 'a', update(path(1), none, none));
  return wire;
}
