/** The IGP tables of truth: counts over whole captures, and table against log at the same moment. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readIsisLogs, readOspfLogs } from './frr-log.ts';
import { isisDatabaseOf, isisNeighborsOf, ospfNeighborsOf } from './igp.ts';
import { readTruthFolder, type Truth } from './tables.ts';

const captures = join(import.meta.dirname, '../captures');
const truthsOf = (lab: string) => readTruthFolder(join(captures, lab, 'truth'));

function truthAt(lab: string, label: string): Truth {
  const truth = truthsOf(lab).find((candidate) => candidate.label === label);
  if (truth === undefined) throw new Error(`${lab} has no truth ${label}`);
  return truth;
}

/** What a log says at `seconds`: the last state of each key. */
function statesAt<T extends { time: bigint; state: string }>(
  changes: T[],
  seconds: number,
  key: (change: T) => string,
): string[] {
  const last = new Map<string, string>();
  for (const change of changes) {
    if (Number(change.time) / 1e9 < seconds) last.set(key(change), change.state);
  }
  return [...last].filter(([, state]) => state !== 'down' && state !== 'deleted').map(String);
}

/** Both spellings of a neighbour in these labs: the last digit of the system id tells who it is. */
const HOSTNAMES: Record<string, string[]> = {
  'isis-ring': ['r1', 'r2', 'r3', 'r4'],
  demo: ['par1', 'ams1', 'fra1', 'lon1'],
  'vlan-twins': ['left', 'right'],
};

function hostname(lab: string, neighbor: string): string {
  const number = /^\d{4}\.\d{4}\.\d{3}(\d)$/.exec(neighbor)?.[1];
  return number === undefined ? neighbor : (HOSTNAMES[lab]?.[Number(number) - 1] ?? neighbor);
}

describe('IS-IS adjacencies', () => {
  it.each(['isis-ring', 'demo', 'vlan-twins'])(
    'agree with the logs at every moment of %s',
    (lab) => {
      const changes = readIsisLogs(join(captures, lab, 'log'));
      let compared = 0;
      for (const item of truthsOf(lab).flatMap((truth) => truth.items)) {
        const neighbors = isisNeighborsOf(item);
        if (neighbors === undefined) continue;
        const logged = statesAt(
          changes.filter((change) => change.router === item.node),
          item.t,
          (change) =>
            `${change.interface} ${hostname(lab, change.neighbor)} ${change.levels.join('+')}`,
        );
        const shown = neighbors
          .filter((neighbor) => neighbor.state !== 'down')
          .map((one) => `${one.interface} ${one.neighbor} ${one.levels.join('+')},${one.state}`);
        expect(shown.toSorted(), `${item.node} at ${item.t}`).toEqual(logged.toSorted());
        compared += shown.length;
      }
      expect(compared).toBeGreaterThan(10);
    },
  );

  it('reads levels, states and the time left', () => {
    const item = truthAt('isis-ring', 'steady').items.find((one) => isisNeighborsOf(one));
    expect(
      item &&
        isisNeighborsOf(item)?.map((one) => [one.neighbor, one.interface, one.levels, one.state]),
    ).toEqual([
      ['r2', 'to2a', [1, 2], 'up'],
      ['r2', 'to2b', [1, 2], 'up'],
      ['r4', 'to4', [1, 2], 'up'],
    ]);
  });
});

describe('OSPF neighbours', () => {
  it.each(['ospf-lan', 'demo', 'vlan-twins'])(
    'agree with the logs at every moment of %s',
    (lab) => {
      const changes = readOspfLogs(join(captures, lab, 'log'));
      let compared = 0;
      for (const item of truthsOf(lab).flatMap((truth) => truth.items)) {
        const neighbors = ospfNeighborsOf(item);
        if (neighbors === undefined) continue;
        const logged = statesAt(
          changes.filter((change) => change.router === item.node),
          item.t,
          (change) => `${change.interface} ${change.neighborId}`,
        );
        const shown = neighbors.map((one) => `${one.interface} ${one.neighborId},${one.state}`);
        expect(shown.toSorted(), `${item.node} at ${item.t}`).toEqual(logged.toSorted());
        compared += shown.length;
      }
      expect(compared).toBeGreaterThan(5);
    },
  );
});

describe('the IS-IS database', () => {
  it('shows overload, both levels and pseudonodes in isis-lan3', () => {
    const item = truthAt('isis-lan3', 'overload').items.find(
      (one) => one.node === 'r1' && isisDatabaseOf(one),
    );
    const lsps = (item && isisDatabaseOf(item)) ?? [];
    expect(lsps.map((lsp) => `${lsp.level} ${lsp.lspId}${lsp.overload ? ' OL' : ''}`)).toEqual(
      [1, 2].flatMap((level) =>
        ['r1.00-00', 'r2.00-00', 'r3.00-00 OL', 'r3.02-00'].map((id) => `${level} ${id}`),
      ),
    );
    expect(lsps[0]).toEqual({
      level: 1,
      lspId: 'r1.00-00',
      isOwn: true,
      sequence: 5,
      checksum: 0xd085,
      lifetime: 1165,
      attached: true,
      overload: false,
      neighbors: [{ to: '0000.0000.0003.02', metric: 25 }],
      prefixes: [
        { to: '10.0.0.0/24', metric: 25 },
        { to: '10.255.0.1/32', metric: 10 },
        { to: '2001:db8::/64', metric: 25 },
        { to: '2001:db8:ff::1/128', metric: 10 },
      ],
    });
  });

  it('keeps parallel links apart in isis-ring', () => {
    const item = truthAt('isis-ring', 'link-cut').items.find(
      (one) => one.node === 'r1' && isisDatabaseOf(one),
    );
    const own = item && isisDatabaseOf(item)?.find((lsp) => lsp.isOwn && lsp.level === 2);
    expect(
      own?.neighbors
        .filter((reach) => reach.to === '0000.0000.0002.00')
        .map((reach) => reach.metric),
    ).toEqual([40, 10]);
  });

  it('shows that r2 keeps the link to r3 although r3 refuses it (FRR 8.4.4)', () => {
    const item = truthAt('isis-ring', 'one-way').items.find(
      (one) => one.node === 'r1' && isisDatabaseOf(one),
    );
    const lsps = (item && isisDatabaseOf(item)) ?? [];
    const links = (id: string) =>
      lsps.find((lsp) => lsp.level === 2 && lsp.lspId === id)?.neighbors.map((reach) => reach.to);
    expect(links('r2.00-00')).toContain('0000.0000.0003.00');
    expect(links('r3.00-00')).not.toContain('0000.0000.0002.00');
  });
});
