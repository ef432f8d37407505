/**
 * Two routers whose hellos share no topology (RFC 5120): each must refuse the other (I13).
 * An error row, no adjacency.
 */
import { areas, AREA_1, p2pHello, threeWay, tlv, u16 } from '../crafted.ts';
import { Bench } from '../testing.ts';

export function frames(): Bench {
  const of = (n: number, topology: number) => p2pHello(n, 2, 30, [...areas(AREA_1), ...threeWay(2, 1), ...tlv(229, u16(topology))]);
  return new Bench().send(0, 1, of(1, 2)).send(1, 2, of(2, 3));
}
