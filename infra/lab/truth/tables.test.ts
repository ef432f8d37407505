/** The readers of truth: each daemon's format, and daemons against each other over the same session. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseBirdRoutes } from './bird.ts';
import {
  readText,
  readTruthFolder,
  tableOf,
  tablesOf,
  type TruthRoute,
  type TruthTable,
} from './tables.ts';

const captures = join(import.meta.dirname, '../captures');
const full = join(import.meta.dirname, '../../../../shared/lab/captures/bgp-full');
const withoutShared = !existsSync(full);
if (withoutShared)
  console.warn(
    'not run: BIRD against expected routes of bgp-full (no ../shared beside the project)',
  );

const basic = readTruthFolder(join(captures, 'bgp-basic/truth'));

function tableAt(
  label: string,
  node: string,
  kind: TruthTable['kind'],
  neighbor?: string,
): TruthTable {
  const truth = basic.find((candidate) => candidate.label === label);
  const found =
    truth &&
    tablesOf(truth).find(
      (table) => table.node === node && table.kind === kind && table.neighbor === neighbor,
    );
  if (found === undefined) throw new Error(`no ${kind} table of ${node} in ${label}`);
  return found;
}

const route = (table: TruthTable, prefix: string) =>
  table.routes.find((candidate) => candidate.prefix === prefix);

describe('bgp-basic', () => {
  it('holds nine moments in order', () => {
    expect(basic.map((truth) => truth.label)).toEqual([
      'steady',
      'after-flaps',
      'b1-stopped',
      'l3-back',
      'gr-stale',
      'gr-done',
      'shutdowns',
      'after-loss',
      'final',
    ]);
    expect(basic.every((truth, index) => truth.t > (basic[index - 1]?.t ?? 0))).toBe(true);
  });

  it('reads what FRR received', () => {
    const table = tableAt('steady', 'f1', 'received', '10.1.0.2');
    expect(route(table, '100.64.1.0/24')).toEqual({
      prefix: '100.64.1.0/24',
      origin: 'igp',
      asPathText: '65010',
      asPath: [65010],
      nextHop: '10.1.0.2',
      med: 10,
      localPref: 100,
    });
  });

  it('reads what FRR advertised', () => {
    expect(route(tableAt('steady', 'f1', 'advertised', '10.2.0.2'), '100.64.3.0/24')).toEqual({
      prefix: '100.64.3.0/24',
      origin: 'incomplete',
      asPathText: '65010',
      asPath: [65010],
      nextHop: '0.0.0.0',
      med: null,
      localPref: 100,
    });
  });

  it("reads FRR's whole table with AS sets, IPv6 next hops and stale marks", () => {
    const truth = basic[0];
    const tables = tablesOf(truth ?? { label: '', rel: 0, t: 0, items: [] }).filter(
      (table) => table.node === 'f2' && table.kind === 'all',
    );
    const routes = tables.flatMap((table) => table.routes);
    expect(routes.find((candidate) => candidate.prefix === '100.64.2.0/24')?.asPathText).toBe(
      '65010 65020 65021 {65022}',
    );
    expect(routes.find((candidate) => candidate.prefix === '2001:db8:c0de::/48')?.nextHop).toBe(
      '2001:db8:1::1',
    );
    expect(
      tableAt('gr-stale', 'f1', 'all').routes.filter((candidate) => candidate.stale === true),
    ).not.toHaveLength(0);
    expect(
      tableAt('gr-done', 'f1', 'all').routes.filter((candidate) => candidate.stale === true),
    ).toHaveLength(0);
  });

  it('reads BIRD', () => {
    const table = tableAt('after-flaps', 'b1', 'all');
    expect(
      table.routes.find(
        (candidate) => candidate.prefix === '100.64.1.0/24' && candidate.peer === 'f1',
      ),
    ).toEqual({
      prefix: '100.64.1.0/24',
      origin: 'igp',
      asPathText: '65001 65010',
      asPath: [65001, 65010],
      nextHop: '10.2.0.1',
      med: null,
      localPref: 100,
      communities: ['65010:1', '65010:2'],
      largeCommunities: [],
      peer: 'f1',
      best: false,
    });
    expect(
      table.routes.find((candidate) => candidate.largeCommunities?.[0] === '65010:1:1')?.prefix,
    ).toBe('100.64.3.0/24');
  });

  it('reads GoBGP', () => {
    const table = tableAt('steady', 'g1', 'advertised', '10.3.0.1');
    expect(route(table, '100.64.2.0/24')).toEqual({
      prefix: '100.64.2.0/24',
      origin: 'incomplete',
      asPathText: '65010 65020 65021 {65022}',
      asPath: [65010, 65020, 65021, 65022],
      nextHop: '10.3.0.2',
      med: null,
      localPref: null,
      communities: ['65535:65282'],
      largeCommunities: [],
      best: false,
      stale: false,
    });
  });

  it('gives nothing for what is no table or was refused', () => {
    const items = basic.flatMap((truth) => truth.items);
    expect(
      tableOf(
        items.find((item) => item.cmd === 'show bgp summary json') ?? {
          t: 0,
          node: '',
          via: '',
          cmd: '',
        },
      ),
    ).toBeUndefined();
    expect(
      tableOf({ t: 0, node: 'f1', via: 'vt', cmd: 'show bgp ipv4 unicast json', text: 'ERROR' }),
    ).toBeUndefined();
  });

  it('says the same at both ends: GoBGP sent to BIRD what BIRD holds from GoBGP', () => {
    const compared = ['steady', 'after-flaps', 'l3-back', 'gr-done', 'after-loss'].map((label) => {
      const sent = tableAt(label, 'g1', 'advertised', '10.4.0.1').routes.filter(
        (candidate) => !candidate.asPath.includes(4200000001),
      );
      const held = tableAt(label, 'b1', 'all').routes.filter(
        (candidate) => candidate.peer === 'g1' && !candidate.prefix.includes(':'),
      );
      expect(held.map(comparable).toSorted()).toEqual(sent.map(comparable).toSorted());
      return held.length;
    });
    expect(compared).toEqual([5, 15, 15, 15, 215]);
  });
});

/** What both ends of a session must agree on. */
function comparable({
  prefix,
  origin,
  asPathText,
  nextHop,
  med,
  communities,
  largeCommunities,
}: TruthRoute): string {
  return JSON.stringify([prefix, origin, asPathText, nextHop, med, communities, largeCommunities]);
}

describe('demo', () => {
  it('shows 44 + 1 IPv4 and 16 IPv6 routes of transit1, and the same at both ends', () => {
    const steady = readTruthFolder(join(captures, 'demo/truth'))[0];
    const tables = tablesOf(steady ?? { label: '', rel: 0, t: 0, items: [] });
    const routes = (node: string, kind: string, neighbor: string) =>
      tables.find(
        (table) => table.node === node && table.kind === kind && table.neighbor === neighbor,
      )?.routes ?? [];
    expect(routes('lon1', 'received', '172.16.0.2')).toHaveLength(45);
    expect(routes('lon1', 'received', '2001:db8:f::2')).toHaveLength(16);
    // FRR sends transit1's own routes back to it; BIRD drops those (its AS in the path) before its import table.
    const accepted = routes('lon1', 'advertised', '172.16.0.2').filter(
      (sent) => !sent.asPath.includes(64496),
    );
    const held = routes('transit1', 'received', 'isp4.ipv4');
    expect(held.map((found) => found.prefix).toSorted()).toEqual(
      accepted.map((sent) => sent.prefix).toSorted(),
    );
    expect(held).toHaveLength(16);
    expect(
      held.filter(
        (found) => found.largeCommunities?.some((one) => one.startsWith('64500:1:')) ?? false,
      ),
    ).toHaveLength(4);
  });
});

const Expected = z.object({
  p: z.string(),
  path: z.array(z.union([z.number(), z.array(z.number())])),
  origin: z.string(),
  com: z.array(z.array(z.number())),
  lc: z.array(z.array(z.number())),
  med: z.number().nullable(),
});

function sameCommunities(left: string[] | undefined, right: number[][]): boolean {
  return (
    JSON.stringify(left?.toSorted()) ===
    JSON.stringify(right.map((numbers) => numbers.join(':')).toSorted())
  );
}

describe.skipIf(withoutShared)('bgp-full (needs ../shared beside the project)', () => {
  it("reads BIRD's 90,399 routes as the independent expectation has them", () => {
    const expected = readText(join(full, 'expected_initial.jsonl.gz'))
      .trim()
      .split('\n')
      .map((line) => Expected.parse(JSON.parse(line)));
    const got = new Map(
      parseBirdRoutes(readText(join(full, 'truth/full.dst.birdc_show_route_all.txt.gz'))).map(
        (found) => [found.prefix, found],
      ),
    );
    expect(got.size).toBe(90_399);
    const different = expected.filter(({ p, path, origin, com, lc, med }) => {
      const found = got.get(p);
      return !(
        found !== undefined &&
        found.origin === origin &&
        found.asPath.join() === path.flat().join() &&
        found.med === med &&
        sameCommunities(found.communities, com) &&
        sameCommunities(found.largeCommunities, lc)
      );
    });
    expect(different).toEqual([]);
  });
});
