/**
 * Packets that cannot be read: cut short, wrong version, wrong lengths, unknown type, a count beyond the end.
 * Each is a quarantine row and changes nothing.
 */
import { helloBody, ipv4Frame, ospfPacket } from '../crafted.ts';
import { allRouters, routerLsaOf, Wire } from '../testing-wire.ts';
import { a, bothHear } from './pair.ts';

export function frames(): Wire {
  const bad = (packet: readonly number[]) => ipv4Frame(a.address, allRouters, packet);
  const hello = ospfPacket({ type: 1, router: a.id, area: '0.0.0.0', body: helloBody({}) });
  const of = (type: number, body: readonly number[], more = {}) => bad(ospfPacket({ type, router: a.id, area: '0.0.0.0', body, ...more }));
  return bothHear(new Wire(), 0, 30_000)
    .frame(1000, bad(hello.slice(0, 10))).frame(1100, of(1, helloBody({}), { version: 3 })).frame(1200, of(1, helloBody({}), { length: 4000 }))
    .frame(1300, of(9, [])).frame(1400, of(1, [1, 2, 3, 4])).frame(1500, of(1, [...helloBody({}), 1, 2])).frame(1600, of(2, [0, 0]))
    .frame(1700, of(2, [0, 0, 0, 0, 0, 0, 0, 0, 1])).frame(1800, of(3, [1])).frame(1900, of(4, [0])).frame(2000, of(4, [0, 0, 0, 9]))
    .frame(2100, of(4, [0, 0, 0, 1, ...routerLsaOf(a, 1, []).slice(0, 18), 0, 5])).frame(2200, of(5, [1, 2]))
    .frame(2300, of(1, helloBody({}), { checksum: 1 }));
}
