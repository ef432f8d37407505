/**
 * A long segment is captured only in part: what was cut away is a gap (B9).
 * The message in it is lost, the next one is read.
 */
import { announce, Wire } from '../testing-wire.ts';

export function frames(): Wire {
  const wire = new Wire();
  const both = Buffer.concat([announce(['10.1.0.0/16']), announce(['10.2.0.0/16'])]);
  wire.connection().establish(0).segment(1000, 'a', both, { captured: 70 }).send(2000, 'a', announce(['10.3.0.0/16']));
  return wire;
}
