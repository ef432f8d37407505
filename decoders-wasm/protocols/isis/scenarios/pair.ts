/** The routers that most scenarios are about, r1 and r2, on a LAN (level 2) or on a point-to-point link (both levels). */
import { areas, AREA_1, type Bytes, lanHello, neighbors, p2pHello, threeWay, tlv, u16 } from '../crafted.ts';
import { Bench } from '../testing.ts';

export const NONE: Bytes = [];
/** TLV 211 (RFC 5306): flags 1 RR, 2 RA, 4 SA. */
export const restart = (flags: number): Bytes => tlv(211, [flags, ...u16(0)]);
/** TLV 10 with an HMAC-MD5 digest that nobody verifies. */
export const md5 = tlv(10, [54, ...Array<number>(16).fill(7)]);

/** LAN hello of router n, hold 30 s, that lists these routers; more TLVs and a LAN id if given. */
export function hello(n: number, listed: readonly number[], rest: Bytes = NONE, lanId?: Bytes): Bytes {
  return lanHello(n, 2, 30, [...areas(AREA_1), ...(listed.length === 0 ? NONE : neighbors(...listed)), ...rest], lanId);
}

/** Point-to-point hello of router n, hold 30 s, with `state, circuit, neighbour` of TLV 240. */
export function p2p(n: number, rest: Parameters<typeof threeWay>, more: Bytes = NONE, circuitType = 3): Bytes {
  return p2pHello(n, circuitType, 30, [...areas(AREA_1), ...threeWay(...rest), ...more]);
}

/** r1 and r2 up on a LAN by second 4, hellos every 3 s. */
export function lanUp(): Bench {
  return bothHear(new Bench().send(0, 1, hello(1, [])).send(1, 2, hello(2, [1])), 3, 9);
}

/** Both list each other every 3 s from `from` to before `until`, r2 a second behind r1. */
export function bothHear(bench: Bench, from: number, until: number): Bench {
  for (let at = from; at < until; at += 3) bench.tick(at - 0.5).send(at, 1, hello(1, [2])).send(at + 1, 2, hello(2, [1]));
  return bench;
}

/** One router's hellos every 3 s. */
export function every3(bench: Bench, from: number, until: number, n: number, pdu: Bytes): Bench {
  for (let at = from; at < until; at += 3) bench.tick(at - 0.5).send(at, n, pdu);
  return bench;
}

/** r1 and r2 up on a point-to-point link by second 1.2, hellos every 3 s to 13. */
export function p2pUp(): Bench {
  const bench = new Bench().send(0, 1, p2p(1, [2, 1])).send(1, 2, p2p(2, [2, 1])).send(1.1, 1, p2p(1, [1, 1, 2])).send(1.2, 2, p2p(2, [0, 1, 1]));
  for (let at = 4; at < 14; at += 3) bench.send(at, 1, p2p(1, [0, 1, 2])).send(at + 0.1, 2, p2p(2, [0, 1, 1]));
  return bench;
}
