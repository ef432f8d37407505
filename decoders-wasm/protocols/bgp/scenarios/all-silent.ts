/**
 * Hold time 9 s. Neither end is heard behind second 6 (a mirror is unplugged), and both are again from second 30 on.
 * Coverage of the session is suspect, and restored: no end has lost it.
 */
import { Wire } from '../testing-wire.ts';

export function frames(): Wire {
  const wire = new Wire();
  const session = wire.connection().establish(0, { hold: 9 });
  for (const ms of [3000, 6000, 30_000, 33_000]) session.keepalives(ms, ms + 1, 1, 'a').keepalives(ms + 1, ms + 2, 1, 'b').acknowledge(ms + 2, 'a');
  return wire.until(35_000);
}
