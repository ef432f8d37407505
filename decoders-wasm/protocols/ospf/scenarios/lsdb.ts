/**
 * New, refreshed, changed, older, purged, late copy after the purge, begun anew, wrong checksum, bad body.
 * Refreshes are not changes; a copy of a purged instance does not come back.
 */
import { lsa, quad } from '../crafted.ts';
import { allRouters, Wire } from '../testing-wire.ts';
import { a, b, bothHear } from './pair.ts';

export function frames(): Wire {
  const stub = (sequence: number, metric: number, age = 1) => lsa({
    type: 5, id: '192.0.2.0', router: a.id, sequence: 0x80000000 + sequence, age, body: [...quad('255.255.255.0'), 0x80, 0, 0, metric, 0, 0, 0, 0, 0, 0, 0, 0],
  });
  const broken = stub(9, 1);
  broken[17]! ^= 1;
  return bothHear(new Wire(), 0, 100_000)
    .update(1000, a, allRouters, [stub(1, 10)]).update(2000, a, allRouters, [stub(2, 10)]).update(3000, a, allRouters, [stub(3, 20)])
    .update(4000, b, allRouters, [stub(2, 10, 3)]).update(5000, a, allRouters, [stub(3, 20, 3600)]).update(6000, b, allRouters, [stub(3, 20, 4)])
    .update(20_000, a, allRouters, [stub(1, 30)]).update(30_000, a, allRouters, [broken])
    .update(31_000, a, allRouters, [lsa({ type: 1, id: a.id, router: a.id, body: [0, 0, 0, 9] })]);
}
