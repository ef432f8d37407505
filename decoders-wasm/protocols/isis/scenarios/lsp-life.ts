/**
 * An LSP is new, refreshed, changed, purged by another router, new again, and expires by its lifetime of 30 s.
 * An older one in between changes nothing.
 */
import { lsp, prefixes } from '../crafted.ts';
import { NONE } from './pair.ts';
import { Bench } from '../testing.ts';

export function frames(): Bench {
  const bench = new Bench().send(0, 1, lsp(1, 3, prefixes([1, 10]))).send(1, 1, lsp(1, 4, prefixes([1, 10]))).send(2, 2, lsp(1, 3, prefixes([1, 10])));
  bench.send(3, 1, lsp(1, 5, prefixes([1, 20]))).send(4, 2, lsp(1, 5, NONE, { lifetime: 0 })).send(5, 1, lsp(1, 6, prefixes([1, 20]), { lifetime: 30 }));
  return bench.tick(34).tick(36);
}
