/** For tests: IS-IS PDUs made by hand. */

export type Bytes = readonly number[];

export const u16 = (value: number): Bytes => [value >>> 8 & 0xff, value & 0xff];
export const u32 = (value: number): Bytes => [...u16(value >>> 16), ...u16(value)];
/** `0000.0000.000n`, n in hexadecimal. */
export const system = (n: number): Bytes => [0, 0, 0, n >>> 16 & 0xff, n >>> 8 & 0xff, n & 0xff];
/** The station address of router n. */
export const snpa = (n: number): Bytes => [2, 0, 0, 0, n, 1];
export const tlv = (type: number, value: Bytes): Bytes => [type, value.length, ...value];
export const areas = (...list: Bytes[]): Bytes => tlv(1, list.flatMap((area) => [area.length, ...area]));
export const AREA_1: Bytes = [0x49, 0, 1];
export const AREA_2: Bytes = [0x49, 0, 2];
export const neighbors = (...list: number[]): Bytes => tlv(6, list.flatMap((n) => [...snpa(n)]));
/** TLV 240: 0 up, 1 initializing, 2 down. */
export const threeWay = (state: number, circuit: number, neighbor?: number, neighborCircuit = 1): Bytes =>
  tlv(240, [state, ...u32(circuit), ...(neighbor === undefined ? [] : [...system(neighbor), ...u32(neighborCircuit)])]);

function header(type: number, length: number): Bytes {
  return [0x83, length, 1, 0, type, 1, 0, 0];
}

/** LAN hello of router n at a level. */
export function lanHello(n: number, level: 1 | 2, hold: number, tlvs: Bytes, lanId: Bytes = [0, 0, 0, 0, 0, 0, 0]): Bytes {
  return [...header(14 + level, 27), 3, ...system(n), ...u16(hold), ...u16(27 + tlvs.length), 64, ...lanId, ...tlvs];
}

/** Point-to-point hello of router n; circuit type 1, 2 or 3. */
export function p2pHello(n: number, circuitType: number, hold: number, tlvs: Bytes): Bytes {
  return [...header(17, 20), circuitType, ...system(n), ...u16(hold), ...u16(20 + tlvs.length), 1, ...tlvs];
}

/** LSP `n.pseudonode-fragment` with a checksum that holds (ISO 8473 annex C). */
export function lsp(n: number, sequence: number, tlvs: Bytes, options: { level?: 1 | 2; lifetime?: number; pseudonode?: number; fragment?: number; bits?: number } = {}): Bytes {
  const { level = 2, lifetime = 1199, pseudonode = 0, fragment = 0, bits = 3 } = options;
  const pdu = [...header(level === 1 ? 18 : 20, 27), ...u16(27 + tlvs.length), ...u16(lifetime), ...system(n), pseudonode, fragment,
    ...u32(sequence), 0, 0, bits, ...tlvs];
  if (lifetime === 0) return pdu;
  let [c0, c1] = [0, 0];
  for (let at = 12; at < pdu.length; at++) {
    c0 = (c0 + pdu[at]!) % 255;
    c1 = (c1 + c0) % 255;
  }
  // Position of the field from the begin of what is covered: 24 - 12.
  const rest = pdu.length - 12 - 12 - 1;
  let x = (rest * c0 - c1) % 255;
  if (x <= 0) x += 255;
  let y = 510 - c0 - x;
  if (y > 255) y -= 255;
  pdu[24] = x;
  pdu[25] = y;
  return pdu;
}

/** CSNP of router n over all ids, with entries [router, fragment, sequence]. */
export function csnp(n: number, level: 1 | 2, ...entries: [number, number, number][]): Bytes {
  const tlvs = tlv(9, entries.flatMap(([of, fragment, sequence]) => [...u16(1199), ...system(of), 0, fragment, ...u32(sequence), 0, 0]));
  return [...header(23 + level, 33), ...u16(33 + tlvs.length), ...system(n), 0, ...Array<number>(8).fill(0), ...Array<number>(8).fill(255), ...tlvs];
}

/** TLV 22: neighbours as [router, pseudonode, metric]. */
export const reach = (...list: [number, number, number][]): Bytes =>
  tlv(22, list.flatMap(([n, pseudonode, metric]) => [...system(n), pseudonode, 0, ...u16(metric), 0]));
/** TLV 135: prefixes 10.n.0.0/16 with a metric. */
export const prefixes = (...list: [number, number][]): Bytes => tlv(135, list.flatMap(([n, metric]) => [...u32(metric), 16, 10, n]));
export const hostname = (name: string): Bytes => tlv(137, [...Buffer.from(name)]);
