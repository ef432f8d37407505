/** Rows against the daemons' own logs and tables, over captures of real routers. */
import { join } from 'node:path';
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { type OspfNeighborChange, readOspfLogs } from '../../../infra/lab/truth/frr-log.ts';
import type { Row } from '../../contract/row-reader.ts';
import { compareSteps, type Comparison, distance, type Step, stepsOfLog, stepsOfRows } from './equality.ts';
import { decodeOspf, repository } from './testing.ts';

const captures = join(repository, 'infra/lab/captures');

interface Case {
  rows: Map<string, Row[]>;
  changes: OspfNeighborChange[];
  lastNs: bigint;
  comparison: Comparison;
}

async function decodeCase(name: string, files: readonly string[], vlanOf?: (router: string) => number): Promise<Case> {
  const folder = join(captures, name);
  const { rows, lastNs } = await decodeOspf(files.map((file) => join(folder, file)));
  const changes = readOspfLogs(join(folder, 'log'));
  const adjacencies = rows.get('adjacency_events') ?? [];
  return { rows, changes, lastNs, comparison: compareSteps(stepsOfLog(changes, lastNs, vlanOf), stepsOfRows(adjacencies, lastNs)) };
}

const farthestNs = (comparison: Comparison) =>
  comparison.matched.reduce((most, { log, row }) => (distance(log.time, row.time) > most ? distance(log.time, row.time) : most), 0n);

describe('ospf-lan: two taps, 106 AdjChg lines', () => {
  let lan: Case;
  beforeAll(async () => {
    lan = await decodeCase('ospf-lan', ['lan0.pcap.gz', 'l34.pcap.gz']);
  });

  it('has 6 lines of the teardown behind the last frame and 48 settled states before it', () => {
    expect(lan.changes).toHaveLength(106);
    expect(lan.changes.filter((change) => change.time > lan.lastNs)).toHaveLength(6);
    expect(stepsOfLog(lan.changes, lan.lastNs).filter((step) => step.what !== 'left full')).toHaveLength(48);
  });

  it('gives 46 of them in order, one row each, within 10 ms; the two others are carrier down of r2, which no frame shows', () => {
    expect(lan.comparison.matched.filter(({ log }) => log.what !== 'left full')).toHaveLength(46);
    expect(farthestNs(lan.comparison)).toBeLessThan(10_000_000n);
    const missing = lan.comparison.missing.filter((step) => step.what !== 'left full');
    expect(missing.map(({ view, what, why }) => ({ view, what, why }))).toEqual([
      { view: '10.0.0.2 -> 10.0.0.3', what: 'down', why: 'KillNbr' },
      { view: '10.0.0.2 -> 10.0.0.1', what: 'down', why: 'KillNbr' },
    ]);
  });

  it('has exactly 4 rows more: the killed r1 twice, r2 twice at its restart 9.4 s after it lost its carrier', () => {
    const extra = lan.comparison.extra.filter((step) => step.what !== 'left full');
    expect(extra.map(({ view, what, why }) => `${view} ${what} ${why}`).toSorted()).toEqual([
      '10.0.0.1 -> 10.0.0.2 down router-silent',
      '10.0.0.1 -> 10.0.0.3 down router-silent',
      '10.0.0.2 -> 10.0.0.1 down router-restarted',
      '10.0.0.2 -> 10.0.0.3 down router-restarted',
    ]);
  });

  it('has all 18 entries into full right, within 1 ms, with no entry more', () => {
    const full = lan.comparison.matched.filter(({ log }) => log.what === 'full');
    expect(full).toHaveLength(18);
    for (const { log, row } of full) expect(distance(log.time, row.time), log.view).toBeLessThan(1_000_000n);
    expect(lan.comparison.extra.filter((step) => step.what === 'full')).toEqual([]);
  });

  it('back-dates both refusals of the wrong MD5 key; r3 -> r4 passes through init on the way', () => {
    const rows = (lan.rows.get('adjacency_events') ?? []).filter((row) => row['reason'] === 'hello-refused');
    expect(rows.map((row) => `${String(row['router'])} ${String(row['prev_state'])} ${String(row['time'])}`)).toEqual([
      '10.255.0.4 full 1795227675945106000',
      '10.255.0.3 init 1795227675996965000',
    ]);
  });

  it('tells why by the protocol, not by what the lab did', () => {
    const reasons = new Map(lan.comparison.matched.map(({ log, row }) => [`${log.why} ${log.what}`, row.why]));
    expect(reasons.get('InactivityTimer down')).toMatch(/inactivity-timer|hello-refused/);
    expect(reasons.get('1-WayReceived init')).toBe('one-way-received');
    expect(reasons.get('KillNbr down')).toBe('router-shutdown');
  });

  it('shows the same neighbour states as `show ip ospf neighbor` at each truth, daemon up and linked', () => {
    const seen = compareNeighborTables('ospf-lan', lan.rows, { from: 1_795_227_705.63, to: 1_795_227_715.02, address: '10.0.0.2' });
    expect(seen.differences).toEqual([]);
    expect(seen.compared).toBe(52);
  });

  it('holds the same LSDB as `show ip ospf database` at each truth: id, router, sequence, checksum', () => {
    const seen = compareDatabases('ospf-lan', lan.rows);
    // A router with no neighbour left on the link has nobody to flood its own LSAs to: those instances passed no tap.
    expect(seen.differences.map((one) => one.split(':')[0])).toEqual([
      '1795227680.32357 r3 0.0.0.1 10.255.0.3 10.255.0.3',
      '1795227680.644628 r4 0.0.0.1 10.255.0.4 10.255.0.4',
      '1795227713.96529 r2 0.0.0.0 10.255.0.2 10.255.0.2',
      '1795227714.250068 r3 0.0.0.1 10.255.0.3 10.255.0.3',
      '1795227731.145442 r3 0.0.0.1 10.255.0.3 10.255.0.3',
      '1795227731.145442 r3 0.0.0.1 10.255.0.2 10.255.0.3',
    ]);
    expect(seen.compared).toBeGreaterThan(150);
  });
});

describe('vlan-twins: two VLANs with the same addresses and router ids on one trunk', () => {
  it('gives every settled state of all four routers; one init is first sight, 1.9 s after the frame that the daemon names', async () => {
    const twins = await decodeCase('vlan-twins', ['trunk.pcap.gz'], (router) => Number(/\d+$/.exec(router)?.[0] ?? 0));
    const describeStep = ({ view, what, why }: Step) => `${view} ${what} ${why}`;
    expect(twins.changes).toHaveLength(33);
    expect(twins.comparison.matched).toHaveLength(17);
    // C6: the first hello of left10 that passes the tap lists its neighbour, within one HelloInterval of the tap's first.
    expect(twins.comparison.missing.map(describeStep)).toEqual(['10: 10.0.0.1 -> 10.0.0.2 init HelloReceived']);
    expect(twins.comparison.extra.map(describeStep)).toEqual(['10: 10.0.0.1 -> 10.0.0.2 init first-seen']);
    expect(farthestNs(twins.comparison)).toBeLessThan(10_000_000n);
  });
});

describe('demo: one OSPF link among IS-IS and BGP', () => {
  it('gives every settled state and no row more', async () => {
    const demo = await decodeCase('demo', ['ams1-lon1', 'ams1-peer1', 'core-lan', 'fra1-cust1', 'lon1-transit1', 'par1-lon1'].map((name) => `${name}.pcap.gz`));
    expect(demo.comparison.missing).toEqual([]);
    expect(demo.comparison.extra).toEqual([]);
    expect(farthestNs(demo.comparison)).toBeLessThan(10_000_000n);
  });
});

// ---- truth tables ------------------------------------------------------------------------------------------------------

interface TruthItem { t: number; node: string; cmd: string; json?: unknown }
interface Unlinked { from: number; to: number; address: string }

function truthItems(name: string, command: string): TruthItem[] {
  const folder = join(captures, name, 'truth');
  const files = ['00-steady', '01-after-prefix-events', '02-dr-failed', '03-r1-back', '04-md5-mismatch', '05-md5-fixed', '06-after-r4-stop', '07-final'];
  return files.flatMap((file) => {
    const path = join(folder, `${file}.json.gz`);
    if (!existsSync(path)) throw new Error(`${path} is not there`);
    const truth = JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as { items: TruthItem[] };
    return truth.items.filter((item) => item.cmd === command && item.json !== undefined && item.json !== null);
  });
}

function compareNeighborTables(name: string, rows: Map<string, Row[]>, unlinked: Unlinked): { compared: number; differences: string[] } {
  const events = rows.get('adjacency_events') ?? [];
  const differences: string[] = [];
  let compared = 0;
  for (const item of truthItems(name, 'show ip ospf neighbor json')) {
    const { neighbors } = item.json as { neighbors: Record<string, { nbrState: string; ifaceAddress: string; ifaceName: string }[]> };
    for (const one of Object.values(neighbors).flat()) {
      const local = one.ifaceName.split(':')[1] ?? '';
      if (local === unlinked.address && item.t >= unlinked.from && item.t <= unlinked.to) continue;
      const expected = one.nbrState.split('/')[0]?.toLowerCase();
      const state = stateAt(events, local, one.ifaceAddress, item.t);
      compared += 1;
      if (state !== expected) differences.push(`${item.t} ${local} -> ${one.ifaceAddress}: ${state}, daemon says ${expected}`);
    }
  }
  return { compared, differences };
}

function stateAt(events: readonly Row[], local: string, neighbor: string, t: number): string {
  let state = 'unknown';
  for (const row of events) {
    if (row['local_address'] === local && row['neighbor_address'] === neighbor && Number(row['time']) / 1e9 <= t) state = String(row['state']);
  }
  return state;
}

interface DatabaseLsa { lsId: string; advertisedRouter: string; sequenceNumber: string; checksum: string; lsaAge: number }
type Database = { areas?: Record<string, Record<string, DatabaseLsa[] | number>> } & Record<string, unknown>;

function compareDatabases(name: string, rows: Map<string, Row[]>): { compared: number; differences: string[] } {
  const changes = rows.get('lsdb_changes') ?? [];
  const differences: string[] = [];
  let compared = 0;
  for (const item of truthItems(name, 'show ip ospf database json')) {
    const database = item.json as Database;
    const ours = databaseAt(changes, item.t);
    for (const [area, lists] of [...Object.entries(database.areas ?? {}), ['', database] as const]) {
      for (const lsa of Object.values(lists as Record<string, unknown>).filter(Array.isArray).flat() as DatabaseLsa[]) {
        if (lsa.lsaAge >= 3600) continue;
        compared += 1;
        const key = `${area} ${lsa.lsId} ${lsa.advertisedRouter}`;
        const found = ours.get(key) ?? [];
        if (!found.includes(`${lsa.sequenceNumber} ${lsa.checksum}`)) differences.push(`${item.t} ${item.node} ${key}: ${found.join()}, daemon has ${lsa.sequenceNumber} ${lsa.checksum}`);
      }
    }
  }
  return { compared, differences };
}

/** By area, id and router: `sequence checksum` of each type's live instance. */
function databaseAt(changes: readonly Row[], t: number): Map<string, string[]> {
  const byType = new Map<string, { key: string; instance: string }>();
  for (const row of changes) {
    if (Number(row['time']) / 1e9 > t) continue;
    const key = `${String(row['area'])} ${String(row['lsa_id'])} ${String(row['advertising_router'])}`;
    const whole = `${String(row['lsa_type'])} ${key}`;
    if (row['change'] === 'purged' || row['change'] === 'expired') byType.delete(whole);
    else byType.set(whole, { key, instance: `${Number(row['sequence']).toString(16)} ${Number(row['checksum']).toString(16).padStart(4, '0')}` });
  }
  const live = new Map<string, string[]>();
  for (const { key, instance } of byType.values()) live.set(key, [...(live.get(key) ?? []), instance]);
  return live;
}
