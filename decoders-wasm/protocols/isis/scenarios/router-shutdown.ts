/**
 * r2 purges its own first LSP fragment: it says goodbye (I10).
 * Its own view ends at the purge; that of r1 waits for its own evidence.
 */
import { areas, AREA_1, lsp } from '../crafted.ts';
import { NONE, lanUp } from './pair.ts';
import type { Bench } from '../testing.ts';

export function frames(): Bench {
  const bench = lanUp().send(9, 2, lsp(2, 5, areas(AREA_1))).send(10, 2, lsp(2, 6, NONE, { lifetime: 0 }));
  return bench.tick(11);
}
