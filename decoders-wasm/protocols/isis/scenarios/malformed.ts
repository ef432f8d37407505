/**
 * PDUs that cannot be read: short, wrong version, id length, header length, type, PDU length, TLV length, circuit type 0, hold 0, checksum.
 * Each is a quarantine row and changes nothing; a bad TLV is an error row, and the rest of its hello counts.
 */
import { areas, AREA_1, lanHello, lsp, tlv } from '../crafted.ts';
import { hello } from './pair.ts';
import { Bench } from '../testing.ts';

export function frames(): Bench {
  const good = hello(1, []);
  const cut = (at: number, ...bytes: number[]) => [...good.slice(0, at), ...bytes, ...good.slice(at + bytes.length)];
  const bad = [
    good.slice(0, 12), cut(2, 2), cut(3, 4), cut(1, 26), cut(4, 9), good.slice(0, -1), lanHello(1, 2, 30, [1, 9, 3]), cut(8, 0),
    lanHello(1, 2, 0, areas(AREA_1)), [...lsp(1, 2, areas(AREA_1)).slice(0, -1), 99],
  ];
  const bench = new Bench();
  for (const [at, pdu] of bad.entries()) bench.send(at, 1, pdu);
  return bench.send(20, 1, good).send(21, 2, lanHello(2, 2, 30, [...areas(AREA_1), ...tlv(6, [1, 2, 3])]));
}
