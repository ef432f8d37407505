/** Rules with details of their own: restart (I9), goodbye (I10), MTU and duplicate ids (I13, I14), errors by the minute, LSPs and taps. */
import { describe, expect, it } from 'vitest';
import { areas, AREA_1, type Bytes, lanHello, lsp, neighbors, p2pHello, prefixes, snpa, system, threeWay, tlv, u16 } from './crafted.ts';
import { Bench } from './testing.ts';

const NONE: Bytes = [];
const listing = (listed: readonly number[]): Bytes => (listed.length === 0 ? NONE : neighbors(...listed));
const hello = (n: number, listed: readonly number[], rest: Bytes = NONE, lanId?: Bytes): Bytes => lanHello(n, 2, 30, [...areas(AREA_1), ...listing(listed), ...rest], lanId);
/** Padding that fills a hello up to `bytes`. */
const padTo = (bytes: number, pdu: (padding: Bytes) => Bytes): Bytes => {
  let padding: number[] = [];
  for (let left = bytes - pdu(NONE).length; left > 2; left = bytes - pdu(padding).length) padding = [...padding, ...tlv(8, Array<number>(Math.min(left - 2, 255)).fill(0))];
  return pdu(padding);
};
const errors = (bench: Bench): string[] => bench.drain('protocol_errors', (row) => `${String(row['error'])} ${String(row['sender']).slice(-1)} ${String(row['receiver']).slice(-1)} ${String(row['count'])}`);

/** r1 and r2 up on a LAN at level 2 by second 4. */
function pairUp(): Bench {
  const bench = new Bench();
  bench.send(0, 1, hello(1, [])).send(1, 2, hello(2, [1])).send(3, 1, hello(1, [2])).send(4, 2, hello(2, [1])).send(6, 1, hello(1, [2])).send(7, 2, hello(2, [1]));
  bench.adjacencies();
  return bench;
}

const p2p = (n: number, rest: Parameters<typeof threeWay>, more: Bytes = NONE, type = 3): Bytes => p2pHello(n, type, 30, [...areas(AREA_1), ...threeWay(...rest), ...more]);

/** r1 and r2 up on a point-to-point link at both levels by second 1.2, hellos every 3 s to 13. */
function p2pUp(): Bench {
  const bench = new Bench();
  bench.send(0, 1, p2p(1, [2, 1])).send(1, 2, p2p(2, [2, 1])).send(1.1, 1, p2p(1, [1, 1, 2])).send(1.2, 2, p2p(2, [0, 1, 1]));
  for (let at = 4; at < 14; at += 3) bench.send(at, 1, p2p(1, [0, 1, 2])).send(at + 0.1, 2, p2p(2, [0, 1, 1]));
  bench.adjacencies();
  return bench;
}

describe('restart TLV (I9, RFC 5306)', () => {
  const restart = (flags: number): Bytes => tlv(211, [flags, ...u16(0)]);

  it('renews the hold at a hello with RA, and at the first with RR only', () => {
    const bench = pairUp();
    bench.send(9, 2, hello(2, [1], restart(2)));
    for (let at = 9.5; at < 40; at += 3) bench.send(at, 1, hello(1, [2]));
    expect(bench.adjacencies()).toContain('39: r1>r2 L2 up>down hold-timer-expired');
    const other = pairUp();
    other.send(9, 2, hello(2, [], restart(1))).send(12, 2, hello(2, [], restart(1)));
    for (let at = 12.5; at < 40; at += 3) other.send(at, 1, hello(1, [2]));
    const late = other.rows.filter((row) => row['reason'] === 'hold-timer-expired');
    expect(late.map((row) => [row['router'], row['detail'], Bench.seconds(row['time'])])).toEqual([['0000.0000.0001', 'restart', 39]]);
  });

  it('ends with the restart: a hello without RR that lists nobody is a loss again', () => {
    const bench = pairUp();
    bench.send(9, 2, hello(2, [], restart(1))).send(9.5, 1, hello(1, [2])).send(10, 2, hello(2, [1])).send(12, 1, hello(1, [2]));
    expect(bench.adjacencies()).toEqual([]);
    bench.send(13, 2, hello(2, []));
    expect(bench.adjacencies()).toContain('13: r1>r2 L2 up>init neighbor-restarted');
  });

  it('suspends a point-to-point adjacency at both levels, until its hold runs out', () => {
    const bench = p2pUp();
    bench.send(16, 2, p2p(2, [2, 1], restart(1))).send(16.1, 1, p2p(1, [0, 1, 2], restart(2))).send(17, 2, p2p(2, [1, 1, 1], restart(1)));
    expect(bench.adjacencies()).toEqual([]);
    for (let at = 19; at < 60; at += 3) bench.send(at, 1, p2p(1, [0, 1, 2]));
    const lost = bench.adjacencies().filter((text) => text.includes('r1>r2'));
    expect(lost).toEqual(['46: r1>r2 L1 up>down hold-timer-expired', '46: r1>r2 L2 up>down hold-timer-expired']);
  });

  it('goes on without a row when a point-to-point restart finishes', () => {
    const bench = p2pUp();
    bench.send(16, 2, p2p(2, [2, 1], restart(1))).send(16.1, 1, p2p(1, [0, 1, 2], restart(2))).send(16.2, 2, p2p(2, [0, 1, 1])).send(19, 1, p2p(1, [0, 1, 2]));
    expect(bench.adjacencies()).toEqual([]);
  });
});

describe('a router that restarts (C5)', () => {
  it('on a LAN: gives up its LAN id together with all its neighbours', () => {
    const id = [...system(3), 5];
    const bench = new Bench();
    const all = (at: number): void => {
      bench.send(at, 1, hello(1, [2, 3], NONE, id)).send(at + 0.1, 2, hello(2, [1, 3], NONE, id)).send(at + 0.2, 3, hello(3, [1, 2], NONE, id));
    };
    for (let at = 0; at < 10; at += 3) all(at);
    bench.adjacencies();
    bench.send(11, 2, hello(2, []));
    const own = bench.adjacencies().filter((text) => text.includes('r2>'));
    expect(own).toEqual(['11: r2>r1 L2 up>down router-restarted', '11: r2>r3 L2 up>down router-restarted']);
  });

  it('point-to-point: says Down after a silence, and hello-refused without one (C3)', () => {
    const bench = p2pUp();
    for (let at = 16; at < 30; at += 3) bench.send(at, 1, p2p(1, [0, 1, 2]));
    bench.send(31, 2, p2p(2, [2, 1]));
    expect(bench.adjacencies().filter((text) => text.includes('r2>'))).toEqual(['31: r2>r1 L1 up>down router-restarted', '31: r2>r1 L2 up>down router-restarted']);
    const other = p2pUp();
    other.send(16, 1, p2p(1, [0, 1, 2])).send(16.1, 2, p2p(2, [2, 1]));
    expect(other.adjacencies().filter((text) => text.includes('r2>'))).toEqual(['16.1: r2>r1 L1 up>down hello-refused', '16.1: r2>r1 L2 up>down hello-refused']);
  });
});

describe('a router that has said goodbye (I10)', () => {
  // Known fault: hellos of the others, who list it until its hold has passed, bring its views up again.
  it('stays down until it speaks again', () => {
    const bench = pairUp();
    bench.send(8, 2, lsp(2, 5, areas(AREA_1))).send(9, 2, lsp(2, 6, NONE, { lifetime: 0 }));
    bench.adjacencies();
    bench.send(12, 1, hello(1, [2]));
    expect(bench.adjacencies()).toEqual([]);
  });
});

describe('levels (I7)', () => {
  it('tells circuits without a common level once for both', () => {
    const bench = new Bench();
    bench.send(0, 1, p2p(1, [2, 1], NONE, 1)).send(1, 2, p2p(2, [2, 1], NONE, 2));
    expect(errors(bench)).toEqual(['1: isis.level_mismatch 2 1 1']);
  });
});

describe('MTU hint (I13)', () => {
  const long = (n: number, listed: readonly number[], bytes = 1497): Bytes => padTo(bytes, (padding) => hello(n, listed, padding));

  it('comes with the third hello that does not list a neighbour whose padded hellos pass', () => {
    const bench = new Bench();
    for (let at = 0; at < 12; at += 3) bench.send(at, 2, long(2, [1], 9000)).send(at + 1, 1, long(1, []));
    // The first hello of r1 comes before any of r2's can have been answered.
    expect(errors(bench)).toEqual(['10: isis.mtu 2 1 1']);
  });

  it('does not come for short hellos, for one that was listed before, nor where others as long are listed', () => {
    const bench = new Bench();
    for (let at = 0; at < 12; at += 3) bench.send(at, 2, hello(2, [1])).send(at + 1, 1, hello(1, []));
    expect(errors(bench)).toEqual([]);
    const listed = new Bench();
    for (let at = 0; at < 24; at += 3) listed.send(at, 2, long(2, [1])).send(at + 1, 1, long(1, at < 6 ? [2] : []));
    expect(errors(listed)).toEqual([]);
    const other = new Bench();
    for (let at = 0; at < 12; at += 3) other.send(at, 2, long(2, [1])).send(at + 0.5, 3, long(3, [1])).send(at + 1, 1, long(1, [3]));
    expect(errors(other)).toEqual([]);
  });

  it('does not come where the neighbour hears hellos as long the other way, nor for another type of authentication', () => {
    const bench = new Bench();
    for (let at = 0; at < 12; at += 3) bench.send(at, 2, long(2, [1])).send(at + 1, 1, long(1, []));
    expect(errors(bench)).toEqual([]);
    const md5 = tlv(10, [54, ...Array<number>(16).fill(7)]);
    const keyed = new Bench();
    for (let at = 0; at < 12; at += 3) keyed.send(at, 2, long(2, [])).send(at + 1, 1, padTo(1497, (padding) => hello(1, [], [...md5, ...padding])));
    expect(errors(keyed).filter((text) => text.includes('mtu 2 1'))).toEqual([]);
  });

  it('comes on a point-to-point link too, once for both levels', () => {
    const bench = new Bench();
    for (let at = 0; at < 9; at += 3) bench.send(at, 2, padTo(9000, (padding) => p2p(2, [2, 1], padding))).send(at + 1, 1, padTo(1497, (padding) => p2p(1, [2, 1], padding)));
    expect(errors(bench)).toEqual(['7: isis.mtu 2 1 1']);
  });
});

describe('a router with a new address (I14)', () => {
  it('is no second router: the old view ends with its hold, and nothing is told of a duplicate', () => {
    const bench = pairUp();
    for (let at = 9; at < 50; at += 3) bench.send(at, 1, hello(1, [at < 37 ? 2 : 9, 9])).send(at + 1, 9, hello(2, [1]));
    expect(bench.rows.filter((row) => row.table === 'protocol_errors')).toEqual([]);
    expect(bench.adjacencies()).toContain('37: r1>r2 L2 up>down hold-timer-expired');
  });

  it('is one on a point-to-point link where both addresses speak in turn', () => {
    const bench = new Bench();
    for (let at = 0; at < 9; at += 3) bench.send(at, 1, p2p(1, [2, 1])).send(at + 1, 7, p2p(1, [2, 1]));
    expect(errors(bench)).toEqual(['3: isis.duplicate_system_id 1  1']);
  });
});

describe('two routers that claim one id on two point-to-point links (I14)', () => {
  /** Router 7 (by address) says it is router 1 too, on the second link. */
  const hellos = (bench: Bench, at: number): void => {
    bench.send(at, 1, p2p(1, [0, 1, 2])).send(at, 2, p2p(2, [0, 1, 1]));
    bench.send(at, 7, p2p(1, [0, 1, 3]), { link: 1, tap: 1 }).send(at, 3, p2p(3, [0, 1, 1]), { link: 1, tap: 1 });
  };

  it('are told when they outbid each other, and no adjacency flaps', () => {
    const bench = new Bench();
    for (let at = 0; at < 10; at += 3) hellos(bench, at);
    bench.adjacencies();
    for (let round = 0; round < 4; round++) {
      bench.send(10 + round, 1, lsp(1, 2 + 2 * round, prefixes([1, 10]))).send(10.5 + round, 7, lsp(1, 3 + 2 * round, prefixes([7, 10])), { link: 1, tap: 1 });
    }
    expect(bench.rows.filter((row) => row.table === 'adjacency_events')).toEqual([]);
    expect(errors(bench)).toEqual(['12: isis.duplicate_system_id 1  1', '12.5: isis.duplicate_system_id 1  1']);
  });

  it('are not mistaken for one router on two links, whatever it changes', () => {
    const bench = new Bench();
    for (let at = 0; at < 10; at += 3) hellos(bench, at);
    for (let round = 0; round < 8; round++) {
      const own = lsp(1, 2 + round, prefixes([round % 2, 10]));
      const [first, second] = round % 3 === 0 ? [0, 1] : [1, 0];
      bench.send(10 + round, first === 0 ? 1 : 7, own, { link: first, tap: first }).send(10.01 + round, second === 0 ? 1 : 7, own, { link: second, tap: second });
    }
    expect(errors(bench)).toEqual([]);
  });
});

describe('room for new stations', () => {
  it('says evicted of a view that was not down: its router is overdue, the neighbour silent', () => {
    const bench = new Bench();
    const short = (n: number, hold: number, listed: readonly number[]): Bytes => lanHello(n, 2, hold, [...areas(AREA_1), ...listing(listed)]);
    for (let at = 0; at < 10; at += 3) bench.send(at, 1, short(1, 300, [2])).send(at, 2, short(2, 120, [1]));
    // r3 shows that the link can be seen.
    bench.send(100, 3, lanHello(3, 2, 60, areas(AREA_1))).adjacencies();
    // r1 is overdue from 99 on; the hold of r2 passes at 129 and is withheld (C4).
    bench.tick(130);
    expect(bench.adjacencies()).toEqual(['129: r2>r1 L2 up>down router-silent']);
    for (let n = 3; n <= 257; n++) bench.send(131, n & 0xff, lanHello(n, 2, 60, areas(AREA_1)));
    expect(bench.adjacencies().filter((text) => text.includes('r1>r2'))).toEqual(['131: r1>r2 L2 up>down evicted']);
    expect(snpa(1)).toHaveLength(6);
  });
});

describe('errors by the minute', () => {
  const wrong = (bench: Bench, at: number): void => {
    bench.send(at, 1, p2p(1, [2, 1])).send(at, 2, p2p(2, [1, 1, 9]));
  };

  it('tells the first at once and the rest when the minute is over, even if the cause has stopped', () => {
    const bench = new Bench();
    for (let at = 0; at < 30; at += 3) wrong(bench, at);
    expect(errors(bench)).toEqual(['0: isis.wrong_system 2  1']);
    bench.tick(59.9);
    expect(errors(bench)).toEqual([]);
    bench.tick(60);
    expect(errors(bench)).toEqual(['60: isis.wrong_system 2  9']);
    bench.tick(600);
    expect(errors(bench)).toEqual([]);
    wrong(bench, 601);
    expect(errors(bench)).toEqual(['601: isis.wrong_system 2  1']);
  });

  it('counts every one of a cause that goes on', () => {
    const bench = new Bench();
    for (let at = 0; at < 300; at += 5) wrong(bench, at);
    bench.tick(400);
    const rows = bench.rows.filter((row) => row.table === 'protocol_errors');
    expect(rows.map((row) => Bench.seconds(row['time']))).toEqual([0, 60, 120, 180, 240, 300]);
    expect(rows.reduce((sum, row) => sum + Number(row['count']), 0)).toBe(60);
  });

  it('tells the rest after a checkpoint too', () => {
    const bench = new Bench();
    for (let at = 0; at < 30; at += 3) wrong(bench, at);
    errors(bench);
    expect(errors(bench.reload(9n).tick(60))).toEqual(['60: isis.wrong_system 2  9']);
  });
});

describe('LSPs and closed taps (C7, C8)', () => {
  const changes = (bench: Bench): string[] => bench.drain('lsdb_changes', (row) => `${String(row['lsa_id'])} ${String(row['change'])}`);
  const short = (sequence: number): Bytes => lsp(1, sequence, prefixes([1, 10]), { lifetime: 60 });

  it('goes on with another tap of the link', () => {
    const bench = new Bench();
    bench.send(0, 2, hello(2, []), { tap: 1 }).send(1, 1, short(2)).closeTap(0);
    changes(bench);
    bench.tick(62);
    expect(changes(bench)).toEqual(['61: 0000.0000.0001.00-00 expired']);
  });

  it('goes on with a tap of another link that has shown it', () => {
    const bench = new Bench();
    bench.send(1, 1, short(2)).send(1.1, 2, short(2), { link: 1, tap: 1 }).closeTap(0);
    changes(bench);
    bench.reload(3n).tick(62);
    expect(changes(bench)).toEqual(['61: 0000.0000.0001.00-00 expired']);
  });

  it('has its lifetime to show itself after a gap, whose frames may have refreshed it', () => {
    const bench = new Bench();
    bench.send(1, 1, short(2)).closeTap(0, 4).openTap(0);
    changes(bench);
    bench.send(55, 2, hello(2, [])).tick(114.9);
    expect(changes(bench)).toEqual([]);
    bench.tick(115.1);
    expect(changes(bench)).toEqual(['115: 0000.0000.0001.00-00 expired']);
  });

  it('stands still where both taps of its link missed frames, and goes on with the other where one did', () => {
    const bench = new Bench();
    bench.send(0.5, 2, hello(2, []), { tap: 1 }).send(1, 1, short(2)).closeTap(0, 4).openTap(0).closeTap(0, 4).closeTap(1, 4).openTap(0).openTap(1);
    changes(bench);
    bench.tick(80).send(90, 2, hello(2, []), { tap: 1 }).reload(7n).tick(149.9);
    expect(changes(bench)).toEqual([]);
    bench.tick(150.1);
    expect(changes(bench)).toEqual(['150: 0000.0000.0001.00-00 expired']);
  });

  it('stands still while nobody on its link is heard, however coarse the ticks are', () => {
    for (const step of [0.5, 7, 150]) {
      const bench = new Bench();
      for (const at of [0, 10, 20, 30]) bench.send(at, 1, hello(1, [2])).send(at + 1, 2, hello(2, [1]));
      bench.send(31.5, 1, lsp(1, 2, prefixes([1, 10]), { lifetime: 60 }));
      for (let at = 32; at < 200; at += step) bench.tick(at);
      bench.tick(200).reload(4n);
      expect(changes(bench)).toEqual(['31.5: 0000.0000.0001.00-00 new']);
      bench.send(210, 1, hello(1, [2])).tick(269.9);
      expect(changes(bench)).toEqual([]);
      bench.tick(270.1);
      expect(changes(bench)).toEqual(['270: 0000.0000.0001.00-00 expired']);
    }
  });

  it('stands still while no open tap has shown it, and has its lifetime when sight is restored', () => {
    const bench = new Bench();
    bench.send(0, 2, hello(2, []), { link: 1, tap: 1 }).send(1, 1, short(2)).closeTap(0);
    changes(bench);
    bench.tick(300);
    expect(changes(bench)).toEqual([]);
    bench.openTap(0).tick(301).send(302, 2, hello(2, []));
    bench.tick(361.9);
    expect(changes(bench)).toEqual([]);
    bench.reload(5n).tick(362.1);
    expect(changes(bench)).toEqual(['362: 0000.0000.0001.00-00 expired']);
  });
});
