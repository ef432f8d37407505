/** Routers that send anything at any time, for tests. */
import { lsa, quad, routerBody } from './crafted.ts';
import { allRouters, type End, Wire } from './testing-wire.ts';

/** A generator of its own: a failing seed can be run again. */
function generator(seed: number): (most: number) => number {
  let state = seed >>> 0;
  return (most) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
}

const ends: End[] = [1, 2, 3, 4, 5].map((n) => ({ id: `${n}.${n}.${n}.${n}`, address: `10.0.0.${n}`, area: n === 5 ? '0.0.0.1' : '0.0.0.0' }));

/** An LSA of a few kinds whose instances and contents vary. */
function anyLsa(pick: (most: number) => number): number[] {
  const owner = ends[pick(4)]!;
  const other = ends[pick(4)]!;
  const common = { router: owner.id, sequence: 0x80000001 + pick(6), age: pick(10) === 0 ? 3600 : pick(5) };
  switch (pick(6)) {
    case 0: return lsa({ ...common, type: 1, id: owner.id, body: routerBody([[1, other.id, owner.address, pick(3) * 10], [2, ends[0]!.address, owner.address, 10]]) });
    case 1: return lsa({ ...common, type: 2, id: ends[pick(2)]!.address, body: [255, 255, 255, 0, ...ends.slice(0, 1 + pick(4)).flatMap((end) => quad(end.id))] });
    case 2: return lsa({ ...common, type: 3, id: `192.0.${pick(3)}.0`, body: [255, 255, 255, 0, 0, 0, 0, pick(4)] });
    case 3: return lsa({ ...common, type: 5, id: '198.51.100.0', body: [255, 255, 255, 0, pick(2) * 128, 0, 0, pick(4), 0, 0, 0, 0, 0, 0, 0, pick(2)] });
    case 4: return lsa({ ...common, type: 9, id: '3.0.0.0', body: [0, 1, 0, 4, 0, 0, 0, 10 + pick(60)] });
    default: return lsa({ ...common, type: 1, id: owner.id, body: routerBody([[3, '10.9.9.0', '255.255.255.0', pick(9)]], pick(8)) });
  }
}

/** `packets` packets of five routers, the same ones for the same seed. */
export function anyTraffic(seed: number, packets: number): Wire {
  const pick = generator(seed);
  const wire = new Wire();
  for (let i = 0, ms = 0; i < packets; i++) {
    ms += pick(8) === 0 ? pick(20_000) : pick(400);
    const from = ends[pick(ends.length)]!;
    const peer = ends[pick(ends.length)]!;
    const to = pick(2) === 0 ? allRouters : peer.address;
    const lsas = Array.from({ length: pick(3) }, () => anyLsa(pick));
    switch (pick(9)) {
      case 0: wire.description(ms, from, to, 100 + pick(4), pick(8), lsas, pick(5) === 0 ? 9000 : 1500); break;
      case 1: wire.description(ms, from, to, 100 + pick(4), [7, 0, 1, 2, 3][pick(5)]!, lsas); break;
      case 2: wire.request(ms, from, to, lsas); break;
      case 3: wire.update(ms, from, pick(3) === 0 ? '224.0.0.6' : to, lsas); break;
      case 4: wire.packet(ms, from, to, 5, lsas.flatMap((one) => one.slice(0, 20))); break;
      default: wire.hello(ms, from, {
        dr: ['0.0.0.0', '10.0.0.1', '10.0.0.2'][pick(3)]!, bdr: ['0.0.0.0', '10.0.0.3'][pick(2)]!, options: pick(10) === 0 ? 0x22 : 2,
        interval: 2, dead: 8, neighbors: ends.filter(() => pick(3) !== 0).map((end) => end.id),
      }, pick(12) === 0 ? peer.address : allRouters);
    }
  }
  return wire;
}
