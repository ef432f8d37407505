/**
 * Four segments that cut messages anywhere come in the wrong order, one of them twice (B9).
 * The routes are those of the stream in order; there is no gap.
 */
import { announce, Wire } from '../testing-wire.ts';

export function frames(): Wire {
  const wire = new Wire();
  const session = wire.connection().establish(0);
  const stream = Buffer.concat(['10.1.0.0/16', '10.2.0.0/16', '10.3.0.0/16'].map((prefix) => announce([prefix])));
  const start = session.next('a');
  for (const [index, at] of [40, 0, 80, 40, 120].entries()) session.segment(1000 + index, 'a', stream.subarray(at, at + 40), { sequence: start + at });
  return wire;
}
