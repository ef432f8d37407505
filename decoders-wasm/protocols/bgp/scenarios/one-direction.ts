/**
 * Hold time 9 s, and from second 3 on no tap shows what `a` sends; only the acknowledgements of `b` do (B8).
 * While these advance, `a` is alive; the hold timer of `b` runs from the last that did.
 */
import { Wire } from '../testing-wire.ts';

export function frames(): Wire {
  const wire = new Wire();
  const session = wire.connection().establish(0, { hold: 9 });
  for (let ms = 3000; ms < 30_000; ms += 3000) session.unseen('a', ms < 15_000 ? 19 : 0).keepalives(ms, ms + 1, 1, 'b');
  return wire.until(30_000);
}
