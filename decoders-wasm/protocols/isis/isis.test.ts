/** Rules on PDUs made by hand where one case turns on a detail; whole stories are in scenarios/. */
import { describe, expect, it } from 'vitest';
import {
  areas, AREA_1, AREA_2, type Bytes, hostname, lanHello, lsp, neighbors, p2pHello, prefixes, reach, system, threeWay, tlv, u16,
} from './crafted.ts';
import { Bench } from './testing.ts';

const NONE: Bytes = [];
const hello = (n: number, ...listed: number[]): Bytes => lanHello(n, 2, 30, [...areas(AREA_1), ...(listed.length === 0 ? NONE : neighbors(...listed))]);

/** r1 and r2 up on a LAN at level 2 by second 4, hellos every 3 s from 0 and 1. */
function pairUp(): Bench {
  const bench = new Bench();
  bench.send(0, 1, hello(1)).send(1, 2, hello(2, 1)).send(3, 1, hello(1, 2)).send(4, 2, hello(2, 1)).send(6, 1, hello(1, 2)).send(7, 2, hello(2, 1));
  return bench;
}

describe('LAN', () => {
  it('expires at the last hello plus its hold, and folds a silent router into one reason (I4, C4)', () => {
    const bench = pairUp();
    bench.adjacencies();
    for (let at = 9; at < 60; at += 3) bench.tick(at - 0.5).send(at, 1, hello(1, ...(at < 37 ? [2] : [])));
    expect(bench.adjacencies()).toEqual(['37: r2>r1 L2 up>down router-silent', '37: r1>r2 L2 up>down hold-timer-expired']);
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
});

describe('point-to-point', () => {
  const p2p = (n: number, ...rest: Parameters<typeof threeWay>): Bytes => p2pHello(n, 3, 30, [...areas(AREA_1), ...threeWay(...rest)]);

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

  it('does not take a name for wrong before anybody else was seen (joined midway)', () => {
    const bench = new Bench();
    bench.send(0, 1, p2p(1, 0, 1, 2)).send(1, 2, p2p(2, 0, 1, 1));
    expect(bench.rows.filter((row) => row.table === 'protocol_errors')).toEqual([]);
    expect(bench.adjacencies().filter((text) => text.includes('L2'))).toEqual(['1: r2>r1 L2 unknown>up first-seen', '1: r1>r2 L2 unknown>up first-seen']);
  });

  it('says why a router gives up a neighbour that changed its topologies (I13, C3)', () => {
    const bench = new Bench();
    const mt = (n: number, id: number, ...rest: Parameters<typeof threeWay>): Bytes =>
      p2pHello(n, 2, 10, [...areas(AREA_1), ...threeWay(...rest), ...tlv(229, u16(id))]);
    bench.send(0, 1, mt(1, 2, 2, 1)).send(1, 2, mt(2, 2, 2, 1)).send(1.1, 1, mt(1, 2, 1, 1, 2)).send(1.2, 2, mt(2, 2, 0, 1, 1)).adjacencies();
    for (let at = 3; at < 11; at += 2) bench.tick(at - 0.1).send(at, 2, mt(2, 3, 0, 1, 1)).send(at + 0.1, 1, mt(1, 2, at < 9 ? 0 : 2, 1));
    expect(bench.adjacencies()).toContain('9.1: r1>r2 L2 up>down topology-mismatch');
  });
});

describe('several taps on one link (C8)', () => {
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
});

describe('bad input', () => {
  const quarantined = (pdu: Bytes, cut?: number): string[] => {
    const bench = new Bench();
    bench.send(0, 1, pdu, cut === undefined ? {} : { cut });
    return bench.drain('quarantine', (row) => `${String(row['error'])} ${String(row['error_offset'])}`);
  };

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
