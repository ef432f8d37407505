/** link.wasm on crafted frames: what each layer leads to, what the record says, fragments, keys. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LinkClassifier } from '../contract/link-classifier.ts';
import type { LinkKey, LinkOptions, LinkPacket } from '../contract/link-classifier.ts';
import { LINK_OUTCOMES, LINK_PROTOCOLS, LINK_TUNNELS } from '../contract/link.ts';
import { cases } from './testing-cases.ts';
import type { Case, Expected } from './testing-cases.ts';
import { ISIS_GROUP, KEEPALIVE, OSPF_PDU, ethernet, ieee8023, ipv4, ipv6, fragmentHeader, tagged, tcp, udp, vxlan } from './testing-frames.ts';
import type { Bytes } from './testing-frames.ts';
import { readRecords } from './testing-records.ts';
import type { Found } from './testing-records.ts';

const vectors = join(import.meta.dirname, 'vectors/layers.jsonl');

function packet(bytes: Bytes, more: Partial<LinkPacket> = {}): LinkPacket {
  return { timeNs: 1_000n, linkType: 1, originalLength: bytes.length, data: Uint8Array.from(bytes), ...more };
}

function classify(packets: LinkPacket[], options: LinkOptions = {}): { records: Found[]; keys: LinkKey[]; link: LinkClassifier } {
  const link = LinkClassifier.load(options);
  return { records: readRecords(link.classify(packets, 3)), keys: link.newKeys(), link };
}

function outcomes(link: LinkClassifier): string[] {
  const counters = link.counters();
  return LINK_OUTCOMES.filter((name) => counters[name] > 0);
}

function tunnelTexts(key: LinkKey): string[] {
  return key.tunnels.map(({ kind, id, endpoints }) => `${kind}:${endpoints === undefined ? id : endpoints.join('-')}`);
}

describe('a record says what the frame\'s layers say', () => {
  it.each(cases)('$about', ({ bytes, linkType, expected }: Case) => {
    const { records, keys, link } = classify([packet(bytes, { linkType })]);
    if (typeof expected === 'string') {
      expect(records).toEqual([]);
      expect(outcomes(link)).toEqual([expected]);
      return;
    }
    expect(outcomes(link)).toEqual([expected.protocol]);
    const [record] = records;
    expect(records).toHaveLength(1);
    expectRecord(record!, bytes, expected);
    expect(keys).toHaveLength(1);
    const vlans = expected.vlans ?? [];
    expect(keys[0]!.vlans).toEqual(vlans.map((tci) => tci & 0xfff).filter((id) => id !== 0));
    expect(tunnelTexts(keys[0]!)).toEqual(expected.tunnels ?? []);
    expect(keys[0]!.pppoeSession).toBe(expected.pppoeSession);
    expect(keys[0]).toMatchObject({ index: 0, tap: 3, protocol: expected.protocol });
  });

  it('and the vectors for the kernel\'s matcher are current (UPDATE_GOLDEN=1 writes them)', () => {
    const text = cases.map(({ about, linkType, bytes, expected }) => `${JSON.stringify({
      about, linkType, hex: Buffer.from(bytes).toString('hex'), expected,
    })}\n`).join('');
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(vectors, text);
    expect(existsSync(vectors) ? readFileSync(vectors, 'utf8') : '').toBe(text);
  });
});

function expectRecord(record: Found, bytes: Bytes, expected: Expected): void {
  const vlans = expected.vlans ?? [];
  expect(record).toMatchObject({
    tap: 3, number: 1, bootNs: 1_000n, key: 0, originalLength: bytes.length, capturedLength: bytes.length,
    payloadLength: expected.payloadLength, flags: expected.flags ?? 0, direction: expected.direction ?? 0,
    vlans: vlans.slice(0, 2), vlanCount: vlans.length, tunnelDepth: expected.tunnels?.length ?? 0,
  });
  expect([...record.bytes]).toEqual([...bytes]);
  const first = { isis: 0x83, ospfv2: 2, ospfv3: 3, bgp: record.bytes[record.payload]! }[expected.protocol];
  expect(record.bytes[record.payload]).toBe(first);
  expect(record.link !== 0xffff).toBe(expected.link);
  expectTunnels(record, expected.tunnels ?? []);
}

/** Kind and id of the innermost tunnel, and of the outermost where there are more. */
function expectTunnels(record: Found, tunnels: string[]): void {
  const parts = tunnels.map((text) => text.split(':')).map(([kind = '', id = '']) => [
    LINK_TUNNELS.indexOf(kind as 'gre'), /^\d+$/.test(id) ? Number(id) : 0,
  ]);
  expect([record.tunnelKind, record.tunnelId]).toEqual(parts.at(-1) ?? [0, 0]);
  expect([record.outerTunnelKind, record.outerTunnelId]).toEqual(parts.length > 1 ? parts[0] : [0, 0]);
}

describe('keys', () => {
  const bgp = (source: Bytes, destination: Bytes): LinkPacket => packet(ethernet(0x0800, ipv4(6, tcp(KEEPALIVE), { source, destination })));

  it('both directions of a session have one key, its addresses sorted as numbers', () => {
    const { records, keys } = classify([bgp([10, 0, 0, 9], [10, 0, 0, 10]), bgp([10, 0, 0, 10], [10, 0, 0, 9]), bgp([10, 0, 0, 9], [9, 0, 0, 10])]);
    expect(records.map(({ key }) => key)).toEqual([0, 0, 1]);
    expect(keys.map(({ addresses, linkLocal }) => [addresses, linkLocal])).toEqual([[['10.0.0.9', '10.0.0.10'], false], [['9.0.0.10', '10.0.0.9'], false]]);
  });

  it('link-local sessions are marked', () => {
    const { keys } = classify([packet(ethernet(0x86dd, ipv6(6, tcp(KEEPALIVE)))), bgp([169, 254, 0, 1], [169, 254, 0, 2])]);
    expect(keys.map(({ addresses, linkLocal }) => [addresses, linkLocal])).toEqual([[['fe80::1', 'fe80::2'], true], [['169.254.0.1', '169.254.0.2'], true]]);
  });

  it('tap, protocol, tags and tunnels make a key; priority does not', () => {
    const hello = ipv4(89, OSPF_PDU);
    const link = LinkClassifier.load();
    const tagOf = (tci: number): LinkPacket => packet(tagged([{ type: 0x8100, tci }], 0x0800, hello));
    const keysOf = (packets: LinkPacket[], tap: number): number[] => readRecords(link.classify(packets, tap)).map(({ key }) => key);
    expect(keysOf([packet(ethernet(0x0800, hello)), tagOf(0xe000), tagOf(10), tagOf(0x200a), tagOf(11)], 0)).toEqual([0, 0, 1, 1, 2]);
    expect(keysOf([packet(ethernet(0x0800, hello))], 1)).toEqual([3]);
    expect(link.newKeys().map(({ index, tap, vlans }) => [index, tap, vlans])).toEqual([[0, 0, []], [1, 0, [10]], [2, 0, [11]], [3, 1, []]]);
    expect(keysOf([packet(ethernet(0x0800, ipv4(17, udp(4789, vxlan(1, ethernet(0x0800, hello))))))], 1)).toEqual([4]);
    expect(link.newKeys().map(({ index }) => index)).toEqual([4]);
    expect(link.newKeys()).toEqual([]);
  });

  it('beyond the limit a packet is counted, the known keys go on', () => {
    const { records, link } = classify([bgp([10, 0, 0, 1], [10, 0, 0, 2]), bgp([10, 0, 0, 1], [10, 0, 0, 3]), bgp([10, 0, 0, 2], [10, 0, 0, 1])], { keyLimit: 1 });
    expect(records).toHaveLength(2);
    expect(link.counters()['key-refused']).toBe(1);
  });
});

describe('fragments', () => {
  const payload = tcp(Array.from({ length: 4096 }, (_, index) => index & 255));
  const piece = (offset: number, end: number, more = end < payload.length, id = 1): LinkPacket =>
    packet(ethernet(0x0800, ipv4(6, payload.slice(offset, end), { offset, more, id })));
  const piece6 = (offset: number, end: number): LinkPacket =>
    packet(ethernet(0x86dd, ipv6(44, fragmentHeader(6, offset, end < payload.length, payload.slice(offset, end)))));

  it.each([
    ['in order', [[0, 1480], [1480, 2960], [2960, 4116]]],
    ['backwards', [[2960, 4116], [1480, 2960], [0, 1480]]],
    ['with copies', [[1480, 2960], [1480, 2960], [0, 1480], [0, 1480], [2960, 4116]]],
    ['with overlap of equal bytes', [[0, 1480], [1400, 2960], [2000, 4116]]],
  ])('of both versions are joined: %s', (_, places) => {
    for (const make of [piece, piece6]) {
      const packets = places.map(([offset, end]) => make(offset!, end!));
      const { records, link } = classify(packets);
      expect(records).toHaveLength(1);
      const [record] = records;
      expect(record).toMatchObject({ number: packets.length, flags: 2, payloadLength: payload.length, source: make === piece ? '10.0.0.2' : 'fe80::2' });
      expect([...record!.bytes.subarray(record!.payload)]).toEqual(payload);
      expect(link.counters()).toMatchObject({ joined: 1, 'fragment-held': packets.length - 1 });
    }
  });

  it.each([
    ['other bytes at the same place', (): LinkPacket[] => [piece(0, 1480), packet(ethernet(0x0800, ipv4(6, Array.from({ length: 80 }, () => 1), { offset: 800, more: true }))), piece(1480, 2960), piece(2960, 4116)]],
    ['two ends', (): LinkPacket[] => [piece(0, 1480), piece(2960, 4116), piece(1480, 2960, false)]],
    ['bytes beyond the end', (): LinkPacket[] => [piece(1480, 2960, false), piece(2960, 4112, true), piece(0, 1480)]],
    ['a middle part that is no multiple of 8', (): LinkPacket[] => [piece(0, 1479, true)]],
    ['beyond 65,535 bytes', (): LinkPacket[] => [packet(ethernet(0x0800, ipv4(6, payload.slice(0, 80), { offset: 65_528, more: true })))]],
  ])('refused: %s', (_, make) => {
    const { records, link } = classify(make());
    expect(records).toEqual([]);
    expect(link.counters()['fragment-refused']).toBeGreaterThan(0);
  });

  it('another id, protocol or VLAN is another datagram', () => {
    const { records } = classify([
      piece(0, 2960), piece(2960, 4116, false, 2), packet(tagged([{ type: 0x8100, tci: 5 }], 0x0800, ipv4(6, payload.slice(2960), { offset: 2960 }))),
    ]);
    expect(records).toEqual([]);
  });

  it('those of others are not kept, and time frees what never ends', () => {
    const other = packet(ethernet(0x0800, ipv4(17, udp(53, KEEPALIVE).slice(0, 24), { more: true })));
    const late = { ...piece(1480, 2960), timeNs: 40_000_000_000n };
    const { link } = classify([other, piece(0, 1480), late]);
    expect(link.counters()).toMatchObject({ 'fragment-other': 1, 'fragment-held': 2, expired: 1 });
  });

  it('memory and count stay within bounds under a flood', () => {
    const flood = Array.from({ length: 20_000 }, (_, id) => piece(0, 1480, true, id & 0xffff));
    const { link } = classify(flood);
    expect(link.counters().evicted).toBeGreaterThan(18_000);
    expect(link.counters().memoryBytes).toBeLessThan(32 << 20);
  });

  it('in a tunnel whose packets are fragments too', () => {
    const within = (bytes: Bytes, id: number): LinkPacket[] => {
      const datagram = udp(4789, vxlan(6, ethernet(0x0800, bytes)));
      return [
        packet(ethernet(0x0800, ipv4(17, datagram.slice(0, 800), { id, more: true }))),
        packet(ethernet(0x0800, ipv4(17, datagram.slice(800), { id, offset: 800 }))),
      ];
    };
    const { records, keys } = classify([
      ...within(ipv4(6, payload.slice(0, 2000), { more: true }), 10), ...within(ipv4(6, payload.slice(2000), { offset: 2000 }), 11),
    ]);
    expect(records).toHaveLength(1);
    expect([...records[0]!.bytes.subarray(records[0]!.payload)]).toEqual(payload);
    expect(tunnelTexts(keys[0]!)).toEqual(['vxlan:6']);
  });
});

describe('bulk', () => {
  it('numbers packets within a tap unless the capture does, and keeps order over full areas', () => {
    const frame = ethernet(0x0800, ipv4(6, tcp(Array.from({ length: 60_000 }, () => 7))));
    const { records, link } = classify(Array.from({ length: 100 }, () => packet(frame)), { outputBytes: 1, inputBytes: 1 });
    expect(records.map(({ number }) => number)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    const [next] = readRecords(link.classify([packet(frame, { packetNumber: 2 ** 33 + 5, timeNs: 2n ** 62n, direction: 2 })], 3));
    expect(next).toMatchObject({ number: 2 ** 33 + 5, bootNs: 2n ** 62n, direction: 2 });
  });

  it('a frame cut by the snap length is marked, or counted when too little is left', () => {
    const frame = ethernet(0x0800, ipv4(6, tcp(KEEPALIVE)));
    const { records, link } = classify([60, 54, 40, 20].map((length) => packet(frame.slice(0, length), { originalLength: frame.length })));
    expect(records.map(({ flags, payloadLength, originalLength }) => [flags, payloadLength, originalLength])).toEqual([[4, 39, 73], [4, 39, 73]]);
    expect(link.counters().truncated).toBe(2);
  });

  it('a packet beyond all bounds is handed over cut', () => {
    const data = new Uint8Array(400_000);
    data.set(ieee8023([0xfe, 0xfe, 3, 0x83], ISIS_GROUP));
    const { records } = classify([{ timeNs: 0n, linkType: 1, originalLength: data.length, data }]);
    expect(records).toMatchObject([{ capturedLength: 262_144, originalLength: 400_000, payloadLength: 1 }]);
  });

  it('names of the contract are those of bpf/frame.h', () => {
    const header = readFileSync(join(import.meta.dirname, '../../bpf/frame.h'), 'utf8');
    const numbers = (prefix: string): string[] => [...header.matchAll(new RegExp(`#define RW_${prefix}_(\\w+) (\\d+)`, 'g'))]
      .filter(([, , value]) => value !== '255').map(([, name = '']) => name.toLowerCase());
    expect(LINK_PROTOCOLS).toEqual(numbers('PROTOCOL'));
    expect(LINK_TUNNELS.map((name) => name === 'pw' ? 'pseudowire' : name)).toEqual(numbers('TUNNEL'));
  });
});
