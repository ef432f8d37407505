/**
 * A LAN changes its DR: two routers, full until then, are neither DR nor BDR any more.
 * Full falls to 2-way; the change of the DR is a row of its own and no link changes.
 */
import { allRouters, Wire } from '../testing-wire.ts';
import { a, b, networkLsa } from './pair.ts';

export function frames(): Wire {
  const c = { id: '3.3.3.3', address: '10.0.0.3' };
  const d = { id: '4.4.4.4', address: '10.0.0.4' };
  const all = [a.id, b.id, c.id, d.id];
  const lan = (wire: Wire, ms: number, dr: string, bdr: string) => {
    [a, b, c, d].forEach((end, index) => wire.hello(ms + index, end, { dr, bdr, neighbors: all.filter((id) => id !== end.id) }));
    return wire;
  };
  const wire = lan(new Wire(), 0, a.address, b.address).update(2000, a, allRouters, [networkLsa(a, all)]);
  lan(wire, 10_000, a.address, b.address);
  return lan(lan(wire, 20_000, c.address, d.address), 30_000, c.address, d.address);
}
