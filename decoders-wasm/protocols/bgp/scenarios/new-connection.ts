/**
 * `a` dies without a word and opens a new connection 20 s later: the old session ends at its SYN (B3).
 * A forged SYN that nobody answers, before it, ends nothing.
 */
import { announce, Wire } from '../testing-wire.ts';

export function frames(): Wire {
  const wire = new Wire();
  wire.connection().establish(0).send(1000, 'a', announce(['192.0.2.0/24']));
  wire.connection([40002, 179]).segment(10_000, 'a', new Uint8Array(0), { flags: 2 });
  wire.connection([40001, 179]).establish(20_000).send(20_100, 'a', announce(['192.0.2.0/24']));
  return wire;
}
