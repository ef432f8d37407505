/**
 * `b` resets the connection without a word: both views end at that segment (B3).
 * The routes of both directions are flushed, with their number.
 */
import { announce, Wire } from '../testing-wire.ts';

export function frames(): Wire {
  const wire = new Wire();
  wire.connection().establish(0).send(1000, 'a', announce(['192.0.2.0/24', '198.51.100.0/24'])).reset(4000, 'b');
  return wire;
}
