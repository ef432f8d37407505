/**
 * 200 bytes of `a` never pass the tap, but `b` acknowledges them (B9): a gap row with their number.
 * The stream goes on at the next marker; what lay in the hole is not known.
 */
import { announce, Wire } from '../testing-wire.ts';

export function frames(): Wire {
  const wire = new Wire();
  const session = wire.connection().establish(0).send(1000, 'a', announce(['10.1.0.0/16']));
  session.unseen('a', 200).acknowledge(2000, 'b').send(2001, 'a', announce(['10.2.0.0/16'])).send(3000, 'a', announce(['10.3.0.0/16']));
  return wire;
}
