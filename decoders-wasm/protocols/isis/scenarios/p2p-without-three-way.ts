/**
 * Point-to-point hellos without TLV 240, on a link without addresses: up at the first hello (I6).
 * What the other hears is not known, so the rows are inferred.
 */
import { areas, AREA_1, p2pHello } from '../crafted.ts';
import { Bench } from '../testing.ts';

export function frames(): Bench {
  const plain = (n: number) => p2pHello(n, 2, 30, areas(AREA_1));
  return new Bench().send(0, undefined, plain(1)).send(1, undefined, plain(2)).send(3, undefined, plain(1));
}
