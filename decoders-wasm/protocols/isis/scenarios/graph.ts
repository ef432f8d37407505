/**
 * Two routers with two links between them: a link is there when both ends say so, parallel ones are numbered.
 * A metric changes, one link goes, a name comes, and r1 sets its overload bit.
 */
import { hostname, lsp, reach } from '../crafted.ts';
import { Bench } from '../testing.ts';

export function frames(): Bench {
  const bench = new Bench().send(0, 1, lsp(1, 2, reach([2, 0, 10], [2, 0, 20]))).send(1, 2, lsp(2, 2, reach([1, 0, 10], [1, 0, 10])));
  bench.send(2, 1, lsp(1, 3, reach([2, 0, 15], [2, 0, 20]))).send(3, 1, lsp(1, 4, reach([2, 0, 15])));
  return bench.send(4, 1, lsp(1, 5, [...reach([2, 0, 15]), ...hostname('ams1')])).send(5, 1, lsp(1, 6, [...reach([2, 0, 15]), ...hostname('ams1')], { bits: 7 }));
}
