/**
 * The LSP of r1 names r2 no more while hellos say nothing (I11).
 * The view of r1 goes down with the LSP, the link leaves the graph.
 */
import { areas, AREA_1, lsp, reach } from '../crafted.ts';
import { p2pUp } from './pair.ts';
import type { Bench } from '../testing.ts';

export function frames(): Bench {
  const bench = p2pUp().send(16, 1, lsp(1, 2, reach([2, 0, 10]))).send(16.1, 2, lsp(2, 2, reach([1, 0, 10])));
  return bench.send(20, 1, lsp(1, 3, areas(AREA_1)));
}
