/** The rules one by one, on PDUs made by hand: what the captures of the labs do not show. */
import { describe, expect, it } from 'vitest';
import {
  areas, AREA_1, AREA_2, Bench, type Bytes, hostname, lanHello, lsp, neighbors, p2pHello, prefixes, reach, system, threeWay, tlv, u16,
} from './crafted.ts';

const NONE: Bytes = [];
const hello = (n: number, ...listed: number[]): Bytes => lanHello(n, 2, 30, [...areas(AREA_1), ...(listed.length === 0 ? NONE : neighbors(...listed))]);

/** r1 and r2 up on a LAN at level 2 by second 4, hellos every 3 s from 0 and 1. */
function pairUp(): Bench {
  const bench = new Bench();
  bench.send(0, 1, hello(1)).send(1, 2, hello(2, 1)).send(3, 1, hello(1, 2)).send(4, 2, hello(2, 1)).send(6, 1, hello(1, 2)).send(7, 2, hello(2, 1));
  return bench;
}

describe('LAN', () => {
  it('goes down, init, up in each view (I1, I2)', () => {
    expect(pairUp().adjacencies()).toEqual([
      // r2 lists r1 in the first hello that is seen of it: it was there before us (C6).
      '1: r2>r1 L2 unknown>init first-seen',
      '1: r1>r2 L2 down>init hello-received', '1: r1>r2 L2 init>up two-way-received', '3: r2>r1 L2 init>up two-way-received',
    ]);
  });

  it('joined midway tells one first-seen row for each view (C6)', () => {
    const bench = new Bench();
    bench.send(0, 1, hello(1, 2)).send(1, 2, hello(2, 1));
    expect(bench.rows.filter((row) => row.table === 'adjacency_events').every((row) => row['initial'] === true)).toBe(true);
    expect(bench.adjacencies().toSorted()).toEqual(['1: r1>r2 L2 unknown>up first-seen', '1: r2>r1 L2 unknown>up first-seen']);
  });

  it('expires at the last hello plus its hold, and folds a silent router into one reason (I4, C4)', () => {
    const bench = pairUp();
    bench.adjacencies();
    for (let at = 9; at < 60; at += 3) bench.tick(at - 0.5).send(at, 1, hello(1, ...(at < 37 ? [2] : [])));
    expect(bench.adjacencies()).toEqual(['37: r2>r1 L2 up>down router-silent', '37: r1>r2 L2 up>down hold-timer-expired']);
  });

  it('says one-way, and restarted where there is no list at all (I3)', () => {
    const bench = pairUp();
    bench.adjacencies();
    bench.send(9, 2, lanHello(2, 2, 30, [...areas(AREA_1), ...neighbors(9)]));
    expect(bench.adjacencies()).toContain('9: r1>r2 L2 up>init one-way-received');
    const other = pairUp();
    other.adjacencies();
    other.send(9, 2, hello(2));
    expect(other.adjacencies()).toContain('9: r1>r2 L2 up>init neighbor-restarted');
  });

  it('keeps the adjacency while a neighbour restarts with RR (I9), until its hold runs out', () => {
    const bench = pairUp();
    bench.adjacencies();
    const restarting = lanHello(2, 2, 30, [...areas(AREA_1), ...tlv(211, [1, ...u16(0)])]);
    bench.send(9, 2, restarting).send(9.1, 1, hello(1, 2)).send(12, 2, restarting).send(12.1, 1, hello(1, 2));
    expect(bench.adjacencies()).toEqual([]);
    for (let at = 15; at < 48; at += 3) bench.send(at, 1, hello(1, 2));
    // The first RR hello renewed the hold, the second did not (RFC 5306 3.2.1).
    expect(bench.adjacencies()).toContain('39: r1>r2 L2 up>down hold-timer-expired');
  });

  it('takes the adjacency down when the area list changes at level 1, and tells a mismatch otherwise (I8)', () => {
    const bench = new Bench();
    const at = (n: number, area: Bytes, ...listed: number[]): Bytes => lanHello(n, 1, 30, [...areas(area), ...neighbors(...listed)]);
    bench.send(0, 1, at(1, AREA_1)).send(1, 2, at(2, AREA_1, 1)).send(2, 1, at(1, AREA_1, 2)).send(3, 2, at(2, AREA_1, 1));
    bench.adjacencies();
    bench.send(5, 2, at(2, AREA_2, 1));
    expect(bench.rows.find((row) => row.table === 'protocol_errors')).toMatchObject({ error: 'isis.area_mismatch', sender: '0000.0000.0002', receiver: '0000.0000.0001', count: 1 });
    expect(bench.adjacencies()).toEqual(['5: r1>r2 L1 up>down area-mismatch']);
  });

  it('refuses another type of authentication and lets the hold run out (C1, I13)', () => {
    const bench = new Bench();
    const md5 = tlv(10, [54, ...Array<number>(16).fill(7)]);
    const at = (n: number, auth: Bytes, ...listed: number[]): Bytes => lanHello(n, 2, 10, [...auth, ...areas(AREA_1), ...neighbors(...listed)]);
    bench.send(0, 1, at(1, md5)).send(1, 2, at(2, md5, 1)).send(3, 1, at(1, md5, 2)).send(4, 2, at(2, md5, 1));
    bench.adjacencies();
    for (let t = 6; t < 18; t += 3) bench.tick(t - 0.1).send(t, 1, at(1, md5, 2)).send(t + 1, 2, at(2, [], 1));
    expect(bench.rows.filter((row) => row.table === 'protocol_errors').map((row) => row['error'])).toEqual(['isis.authentication_type_failure']);
    expect(bench.adjacencies()).toContain('14: r1>r2 L2 up>down hold-timer-expired');
  });

  it('believes the router when it stops listing a neighbour whose hellos pass the tap (C3), and when it lists it again (C2)', () => {
    const bench = pairUp();
    bench.adjacencies();
    for (let at = 9; at < 36; at += 3) bench.send(at, 1, hello(1, 2)).send(at + 1, 2, hello(2, 1));
    // r1 has refused r2 since the hello of second 7, which holds to 37; it says so at 37.2.
    bench.send(36, 1, hello(1, 2)).send(36.5, 2, hello(2, 1)).send(37.2, 1, hello(1));
    bench.send(39, 2, hello(2, 1)).send(40, 1, hello(1)).send(42, 2, hello(2, 1)).send(43, 1, hello(1, 2));
    expect(bench.adjacencies()).toEqual([
      '37: r1>r2 L2 up>down hello-refused', '37.2: r2>r1 L2 up>init neighbor-restarted',
      '42: r1>r2 L2 down>init declared-by-router', '42: r1>r2 L2 init>up declared-by-router', '43: r2>r1 L2 init>up two-way-received',
    ]);
  });

  it('takes a purge of its own first fragment, and a hold of a second, for goodbye (I10)', () => {
    const bench = pairUp();
    bench.send(8, 2, lsp(2, 5, areas(AREA_1))).adjacencies();
    bench.send(9, 2, lsp(2, 6, NONE, { lifetime: 0 }));
    expect(bench.adjacencies()).toEqual(['9: r2>r1 L2 up>down router-shutdown']);
    const other = pairUp();
    other.adjacencies();
    other.send(9, 2, lanHello(2, 2, 1, [...areas(AREA_1), ...neighbors(1)])).tick(10.5);
    expect(other.adjacencies()).toEqual(['9: r2>r1 L2 up>down router-shutdown', '10: r1>r2 L2 up>down hold-timer-expired']);
  });

  it('tells of two stations with one system id, once a minute (I14)', () => {
    const bench = new Bench();
    for (let at = 0; at < 50; at += 5) bench.send(at, 1, hello(1)).send(at + 1, 7, hello(1));
    const errors = bench.rows.filter((row) => row.table === 'protocol_errors');
    expect(errors.every((row) => row['error'] === 'isis.duplicate_system_id')).toBe(true);
    expect(errors.length).toBeLessThanOrEqual(2);
  });
});

describe('point-to-point', () => {
  const p2p = (n: number, ...rest: Parameters<typeof threeWay>): Bytes => p2pHello(n, 3, 30, [...areas(AREA_1), ...threeWay(...rest)]);

  it('runs the three-way handshake at both levels (I5, I7)', () => {
    const bench = new Bench();
    bench.send(0, 1, p2p(1, 2, 1)).send(1, 2, p2p(2, 2, 1)).send(1.1, 1, p2p(1, 1, 1, 2)).send(1.2, 2, p2p(2, 0, 1, 1));
    expect(bench.adjacencies()).toEqual([1, 2].flatMap((level) => [
      `1: r1>r2 L${level} down>init hello-received`,
      `1.1: r2>r1 L${level} down>init hello-received`, `1.1: r2>r1 L${level} init>up three-way-received`,
      `1.2: r1>r2 L${level} init>up three-way-received`,
    ]).toSorted((a, b) => Number.parseFloat(a) - Number.parseFloat(b)));
  });

  it('without TLV 240 is up at the first hello, inferred (I6)', () => {
    const bench = new Bench();
    const plain = (n: number): Bytes => p2pHello(n, 2, 30, areas(AREA_1));
    bench.send(0, undefined, plain(1)).send(1, undefined, plain(2)).send(3, undefined, plain(1));
    expect(bench.rows.filter((row) => row.table === 'adjacency_events').map((row) => row['evidence'])).toEqual(['inferred', 'inferred']);
    expect(bench.adjacencies()).toEqual(['1: r1>r2 L2 down>up hello-received', '3: r2>r1 L2 down>up hello-received']);
  });

  it('has level 2 alone where no area is shared, and nothing for level 1 with level 1 (I7)', () => {
    const at = (n: number, type: number, area: Bytes, state: number): Bytes => p2pHello(n, type, 30, [...areas(area), ...threeWay(state, 1)]);
    const both = new Bench();
    both.send(0, 1, at(1, 3, AREA_1, 2)).send(1, 2, at(2, 3, AREA_2, 2));
    expect(both.adjacencies()).toEqual(['1: r1>r2 L2 down>init hello-received']);
    const ones = new Bench();
    ones.send(0, 1, at(1, 1, AREA_1, 2)).send(1, 2, at(2, 1, AREA_2, 2));
    expect(ones.rows.find((row) => row.table === 'protocol_errors')?.['error']).toBe('isis.area_mismatch');
    expect(ones.adjacencies()).toEqual([]);
  });

  it('ignores a hello that names another system, and says so', () => {
    const bench = new Bench();
    bench.send(0, 1, p2p(1, 2, 1)).send(1, 2, p2p(2, 1, 1, 9));
    expect(bench.rows.find((row) => row.table === 'protocol_errors')).toMatchObject({ error: 'isis.wrong_system', sender: '0000.0000.0002' });
    expect(bench.adjacencies()).toEqual([]);
  });

  it('does not take a name for wrong before anybody else was seen (joined midway)', () => {
    const bench = new Bench();
    bench.send(0, 1, p2p(1, 0, 1, 2)).send(1, 2, p2p(2, 0, 1, 1));
    expect(bench.rows.filter((row) => row.table === 'protocol_errors')).toEqual([]);
    expect(bench.adjacencies().filter((text) => text.includes('L2'))).toEqual(['1: r2>r1 L2 unknown>up first-seen', '1: r1>r2 L2 unknown>up first-seen']);
  });

  it('refuses a neighbour without a common topology (I13, RFC 5120)', () => {
    const bench = new Bench();
    const mt = (n: number, id: number): Bytes => p2pHello(n, 2, 30, [...areas(AREA_1), ...threeWay(2, 1), ...tlv(229, u16(id))]);
    bench.send(0, 1, mt(1, 2)).send(1, 2, mt(2, 3));
    expect(bench.rows.find((row) => row.table === 'protocol_errors')?.['error']).toBe('isis.topology_mismatch');
    expect(bench.adjacencies()).toEqual([]);
  });

  it('says why a router gives up a neighbour that changed its topologies (I13, C3)', () => {
    const bench = new Bench();
    const mt = (n: number, id: number, ...rest: Parameters<typeof threeWay>): Bytes =>
      p2pHello(n, 2, 10, [...areas(AREA_1), ...threeWay(...rest), ...tlv(229, u16(id))]);
    bench.send(0, 1, mt(1, 2, 2, 1)).send(1, 2, mt(2, 2, 2, 1)).send(1.1, 1, mt(1, 2, 1, 1, 2)).send(1.2, 2, mt(2, 2, 0, 1, 1)).adjacencies();
    for (let at = 3; at < 11; at += 2) bench.tick(at - 0.1).send(at, 2, mt(2, 3, 0, 1, 1)).send(at + 0.1, 1, mt(1, 2, at < 9 ? 0 : 2, 1));
    expect(bench.adjacencies()).toContain('9.1: r1>r2 L2 up>down topology-mismatch');
  });

  it('withdraws with the LSP that no longer names the neighbour (I11)', () => {
    const bench = new Bench();
    bench.send(0, 1, p2p(1, 2, 1)).send(1, 2, p2p(2, 2, 1)).send(1.1, 1, p2p(1, 1, 1, 2)).send(1.2, 2, p2p(2, 0, 1, 1));
    bench.send(2, 1, lsp(1, 2, reach([2, 0, 10]))).adjacencies();
    bench.send(5, 1, lsp(1, 3, areas(AREA_1)));
    expect(bench.adjacencies()).toEqual(['5: r1>r2 L2 up>down link-withdrawn']);
  });
});

describe('several taps on one link (C8)', () => {
  it('makes one row of what two taps see, by the first', () => {
    const bench = new Bench();
    const both = (at: number, from: number, pdu: Bytes): void => {
      bench.send(at, from, pdu).send(at + 0.001, from, pdu, { tap: 1 });
    };
    both(0, 1, hello(1));
    both(1, 2, hello(2));
    both(3, 1, hello(1, 2));
    both(4, 2, hello(2, 1));
    expect(bench.adjacencies()).toEqual([
      '1: r1>r2 L2 down>init hello-received', '3: r2>r1 L2 down>init hello-received', '3: r2>r1 L2 init>up two-way-received',
      '4: r1>r2 L2 init>up two-way-received',
    ]);
  });

  it('lets a deadline pass only when it has passed on every open tap', () => {
    const bench = pairUp();
    bench.send(7.5, 1, hello(1, 2), { tap: 1 }).adjacencies();
    bench.tick(60, 0);
    expect(bench.adjacencies()).toEqual([]);
    bench.tick(60, 1);
    expect(bench.adjacencies().length).toBeGreaterThan(0);
  });

  it('leaves a closed tap out, and fires nothing when none is left (C7)', () => {
    const bench = pairUp();
    bench.send(7.5, 1, hello(1, 2), { tap: 1 }).adjacencies();
    bench.closeTap(0).closeTap(1).tick(100);
    expect(bench.adjacencies()).toEqual([]);
  });

  it('says changed-while-blind for what is different after blindness, and nothing for what is not', () => {
    const bench = pairUp();
    bench.adjacencies();
    bench.closeTap(0).tick(100).openTap(0).send(100, 1, hello(1, 2)).send(101, 2, hello(2, 1));
    expect(bench.adjacencies()).toEqual([]);
    bench.closeTap(0).tick(200).openTap(0);
    bench.send(200, 1, hello(1, 2)).send(203, 1, hello(1, 2)).send(206, 1, hello(1, 2)).send(209, 1, hello(1));
    expect(bench.adjacencies()).toEqual(['209: r1>r2 L2 up>down changed-while-blind']);
  });
});

describe('LSDB and graph', () => {
  const topology = (bench: Bench): string[] => bench.drain('topology_changes', (row) =>
    `${String(row['object_key'])} ${String(row['change'])} ${String(row['field'])} ${String(row['old_number'])} ${String(row['new_number'])}`);
  const changes = (bench: Bench): string[] => bench.drain('lsdb_changes', (row) => `${String(row['lsa_id'])} ${String(row['change'])} ${String(row['sequence'])}`);

  it('adopts what is newer, tells refresh from change, purges and expires', () => {
    const bench = new Bench();
    bench.send(0, 1, lsp(1, 3, prefixes([1, 10]))).send(1, 1, lsp(1, 4, prefixes([1, 10]))).send(2, 2, lsp(1, 3, prefixes([1, 10])));
    bench.send(3, 1, lsp(1, 5, prefixes([1, 20]))).send(4, 2, lsp(1, 5, NONE, { lifetime: 0 })).send(5, 1, lsp(1, 6, prefixes([1, 20]), { lifetime: 30 }));
    bench.tick(34).tick(36);
    expect(changes(bench)).toEqual([
      '0: 0000.0000.0001.00-00 new 3', '1: 0000.0000.0001.00-00 refreshed 4', '3: 0000.0000.0001.00-00 changed 5',
      '4: 0000.0000.0001.00-00 purged 5', '5: 0000.0000.0001.00-00 new 6', '35: 0000.0000.0001.00-00 expired 6',
    ]);
  });

  it('makes a link only when both ends state it, and numbers parallel ones', () => {
    const bench = new Bench();
    bench.send(0, 1, lsp(1, 2, reach([2, 0, 10], [2, 0, 20])));
    expect(topology(bench).filter((text) => text.includes('->'))).toEqual([]);
    bench.send(1, 2, lsp(2, 2, reach([1, 0, 10], [1, 0, 10])));
    expect(topology(bench).filter((text) => text.includes('->'))).toEqual([
      '1: 0000.0000.0001 -> 0000.0000.0002 added exists null 10', '1: 0000.0000.0001 -> 0000.0000.0002#2 added exists null 20',
      '1: 0000.0000.0002 -> 0000.0000.0001 added exists null 10', '1: 0000.0000.0002 -> 0000.0000.0001#2 added exists null 10',
    ]);
    bench.send(2, 1, lsp(1, 3, reach([2, 0, 10])));
    expect(topology(bench)).toEqual([
      '2: 0000.0000.0001 -> 0000.0000.0002#2 removed exists 20 null', '2: 0000.0000.0002 -> 0000.0000.0001#2 removed exists 10 null',
    ]);
  });

  it('makes no row of a DIS change, nor of a prefix that moves to another fragment', () => {
    const bench = new Bench();
    const on = (n: number, dis: number, sequence: number): Bytes => lsp(n, sequence, [...hostname(`n${n}`), ...reach([dis, 5, 10])]);
    const pseudonode = (dis: number, sequence: number): Bytes => lsp(dis, sequence, reach([1, 0, 0], [2, 0, 0]), { pseudonode: 5 });
    bench.send(0, 1, on(1, 1, 2)).send(0, 2, on(2, 1, 2)).send(0, 1, pseudonode(1, 1));
    expect(topology(bench).filter((text) => text.includes('->'))).toHaveLength(2);
    bench.send(10, 2, pseudonode(2, 1)).send(10.1, 1, lsp(1, 2, NONE, { pseudonode: 5, lifetime: 0 })).send(11, 1, on(1, 2, 3)).send(12, 2, on(2, 2, 3)).tick(60);
    expect(topology(bench)).toEqual([]);
    bench.send(70, 1, lsp(1, 1, prefixes([9, 10]), { fragment: 1 }));
    topology(bench);
    bench.send(71, 1, lsp(1, 2, tlv(8, [0]), { fragment: 1 })).send(71.5, 1, lsp(1, 4, [...hostname('n1'), ...reach([2, 5, 10]), ...prefixes([9, 10])])).tick(90);
    expect(topology(bench)).toEqual([]);
  });

  it('tells a loss that lasts, dated to when it began', () => {
    const bench = new Bench();
    const on = (n: number, sequence: number): Bytes => lsp(n, sequence, reach([1, 5, 10]));
    bench.send(0, 1, on(1, 2)).send(0, 2, on(2, 2)).send(0, 1, lsp(1, 1, reach([1, 0, 0], [2, 0, 0]), { pseudonode: 5 }));
    topology(bench);
    bench.send(10, 2, lsp(2, 3, areas(AREA_1))).tick(19.9);
    expect(topology(bench)).toEqual([]);
    bench.tick(20.1);
    expect(topology(bench)).toEqual(['10: 0000.0000.0001 -> 0000.0000.0002 removed exists 10 null', '10: 0000.0000.0002 -> 0000.0000.0001 removed exists 10 null']);
  });

  it('has an event of its own for the overload bit', () => {
    const bench = new Bench();
    bench.send(0, 1, lsp(1, 2, areas(AREA_1))).send(1, 1, lsp(1, 3, areas(AREA_1), { bits: 7 }));
    const overload = bench.rows.filter((row) => row['event_type'] === 'isis.database_overload');
    expect(overload.map((row) => [row['old_number'], row['new_number']])).toEqual([[0n, 1n]]);
  });
});

describe('bad input', () => {
  const quarantined = (pdu: Bytes, cut?: number): string[] => {
    const bench = new Bench();
    bench.send(0, 1, pdu, cut === undefined ? {} : { cut });
    return bench.drain('quarantine', (row) => `${String(row['error'])} ${String(row['error_offset'])}`);
  };

  it.each([
    ['isis.pdu-short 8', hello(1).slice(0, 12)],
    ['isis.version 2', [0x83, 27, 2, ...hello(1).slice(3)]],
    ['isis.id-length-mismatch 3', [0x83, 27, 1, 4, ...hello(1).slice(4)]],
    ['isis.header-length 1', [0x83, 26, 1, 0, ...hello(1).slice(4)]],
    ['isis.pdu-type-unknown 4', [0x83, 27, 1, 0, 9, ...hello(1).slice(5)]],
    ['isis.pdu-length 17', hello(1).slice(0, -1)],
    ['isis.tlv-length 27', lanHello(1, 2, 30, [1, 9, 3])],
    ['isis.circuit-type-zero 8', [...hello(1).slice(0, 8), 0, ...hello(1).slice(9)]],
    ['isis.field-zero 15', lanHello(1, 2, 0, areas(AREA_1))],
    ['isis.lsp-checksum 24', [...lsp(1, 2, areas(AREA_1)).slice(0, -1), 99]],
  ] as [string, number[]][])('ends in quarantine: %s', (expected, pdu) => {
    const offset = expected.startsWith('isis.pdu-short') ? /^0: isis\.pdu-short \d+$/ : new RegExp(`^0: ${expected}$`);
    const found = quarantined(pdu);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(offset);
  });

  it('does not judge the checksum of what was redacted, and reads a hello that was cut in its padding', () => {
    const bench = new Bench();
    bench.send(0, 1, [...lsp(1, 2, areas(AREA_1)).slice(0, -1), 99], { flags: 1 });
    const padded = lanHello(2, 2, 30, [...areas(AREA_1), ...tlv(8, Array<number>(100).fill(0))]);
    bench.send(1, 2, padded, { cut: 80 });
    expect(bench.drain('quarantine', () => '')).toEqual([]);
    expect(quarantined(padded, 30)).toHaveLength(1);
  });

  it('reports a bad TLV, keeps it raw, and uses the rest', () => {
    const bench = new Bench();
    bench.send(0, 1, hello(1)).send(1, 2, lanHello(2, 2, 30, [...areas(AREA_1), ...tlv(6, [1, 2, 3])]));
    expect(bench.rows.find((row) => row.table === 'protocol_errors')).toMatchObject({ error: 'isis.tlv_error', sender: '0000.0000.0002' });
    expect(bench.adjacencies()).toEqual(['1: r1>r2 L2 down>init hello-received']);
  });

  it('survives ten thousand random changes to good PDUs', () => {
    const bench = new Bench();
    const good = [hello(1, 2), p2pHello(1, 3, 30, [...areas(AREA_1), ...threeWay(1, 1, 2)]), lsp(1, 2, [...reach([2, 0, 10]), ...prefixes([1, 1])]), [...lsp(1, 3, hostname('x'))]];
    let random = 12345;
    const next = (most: number): number => (random = (random * 1103515245 + 12345) & 0x7fffffff) % most;
    for (let round = 0; round < 10_000; round++) {
      const pdu = [...good[round % good.length]!];
      for (let change = next(4); change >= 0; change--) pdu[next(pdu.length)] = next(256);
      bench.send(round / 100, 1 + next(3), pdu, { flags: next(2) });
      if (round % 1000 === 0) bench.rows.length = 0;
    }
    expect(bench.decoder.counter(0)).toBe(10_000n);
  });
});

describe('neighbor_counts', () => {
  it('has a row on change and one each minute, and says when a router is silent', () => {
    const bench = pairUp();
    for (let at = 9; at < 130; at += 3) bench.tick(at - 0.5).send(at, 1, hello(1, ...(at < 37 ? [2] : [])));
    const counts = bench.drain('neighbor_counts', (row) => `${String(row['router']).slice(-1)} ${String(row['adjacencies'])} ${String(row['coverage'])}`);
    expect(counts).toContain('3: 2 1 full');
    expect(counts).toContain('37: 2 0 router-silent');
    const minutes = counts.filter((text) => Number.parseFloat(text) % 60 === 20 && text.includes(': 1 '));
    expect(minutes.map((text) => text.replace(/.*: /, ''))).toEqual(['1 1 full', '1 0 full']);
  });

  it('gives rows of the same minute on two links ids of their own', () => {
    const bench = new Bench();
    for (const link of [0, 1]) bench.send(0, 1, p2pHello(1, 2, 300, [...areas(AREA_1), ...threeWay(2, 1 + link)]), { link, tap: link });
    bench.tick(130);
    const ids = bench.rows.filter((row) => row.table === 'neighbor_counts').map((row) => row['event_id']);
    expect(new Set(ids).size).toBe(ids.length);
    expect(system(1)).toHaveLength(6);
  });
});
