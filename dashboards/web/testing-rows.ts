/** Rows of a small network with a morning's faults, for the tests of the page. */
import { randomUUID } from 'node:crypto';
import type { ClickHouseClient } from '@clickhouse/client';

type Row = Record<string, unknown>;

const CORE: Record<string, string> = {
  par1: '0100.0000.0001', ams1: '0100.0000.0002', fra1: '0100.0000.0003', lon1: '0100.0000.0004',
};
const AREA: Record<string, string> = { fra1: '10.255.0.3', cust1: '10.255.0.21' };
/** Link, both routers, protocol. */
const LINKS: readonly (readonly [string, string, string, 'isis' | 'ospfv2'])[] = [
  ['core-lan', 'par1', 'ams1', 'isis'], ['core-lan', 'par1', 'fra1', 'isis'], ['core-lan', 'ams1', 'fra1', 'isis'],
  ['par1-lon1', 'par1', 'lon1', 'isis'], ['ams1-lon1', 'ams1', 'lon1', 'isis'], ['fra1-cust1', 'fra1', 'cust1', 'ospfv2'],
];
/** A name as a stranger might choose it: markup, and a mark that turns the direction of writing. */
export const hostileName = '<img src=x onerror=alert(1)>\u202etxt';

/** Milliseconds since 1970 as the store's text. */
export const at = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', '');

/** Inserts the rows, as if they had happened up to `now`. */
export async function insertNetwork(writer: ClickHouseClient, now: number): Promise<void> {
  const begin = now - 50 * 60_000;
  const adjacencies: Row[] = [];
  const counts: Row[] = [];
  for (const [link, left, right, protocol] of LINKS) {
    for (const [router, neighbor] of [[left, right], [right, left]] as const) {
      const id = (name: string): string => (protocol === 'isis' ? CORE[name] : AREA[name]) ?? name;
      const common = {
        link, protocol, level: protocol === 'isis' ? 2 : 0, area: protocol === 'isis' ? '' : '0.0.0.10', router: id(router), neighbor: id(neighbor),
        router_name: protocol === 'isis' ? router : '', neighbor_name: protocol === 'isis' ? neighbor : '', hold_time: protocol === 'isis' ? 9 : 40,
        neighbor_address: '10.0.0.1', local_address: '10.0.0.2',
      };
      const up = protocol === 'isis' ? 'up' : 'full';
      adjacencies.push({ ...common, time: at(begin + 1000), prev_state: 'unknown', state: up, reason: 'first-seen', initial: true });
      if (link === 'par1-lon1') {
        adjacencies.push({ ...common, time: at(now - 21 * 60_000), prev_state: up, state: 'down', reason: router === 'par1' ? 'hold-timer-expired' : 'declared-by-router' });
        adjacencies.push({ ...common, time: at(now - 19 * 60_000), prev_state: 'down', state: 'init', reason: 'hello-received' });
        adjacencies.push({ ...common, time: at(now - 19 * 60_000 + 900), prev_state: 'init', state: up, reason: 'three-way-received' });
      }
      if (link === 'fra1-cust1') adjacencies.push({ ...common, time: at(now - 95_000), prev_state: up, state: 'down', reason: 'inactivity-timer' });
      if (link === 'ams1-lon1' && router === 'ams1') {
        adjacencies.push({ ...common, time: at(now - 12_000), prev_state: up, state: 'init', reason: 'one-way-received' });
      }
    }
  }
  adjacencies.push({
    time: at(begin + 3000), link: 'core-lan', protocol: 'isis', level: 2, area: '', router: '0666.0000.0001', router_name: hostileName,
    neighbor: CORE['par1'], neighbor_name: 'par1', prev_state: 'unknown', state: 'unknown', reason: 'first-seen', initial: true, hold_time: 9,
  });
  const counted: readonly (readonly [string, string, number])[] = [
    ['par1', 'core-lan', 2], ['ams1', 'core-lan', 2], ['fra1', 'core-lan', 2], ['par1', 'par1-lon1', 1], ['lon1', 'par1-lon1', 1],
    ['ams1', 'ams1-lon1', 1], ['lon1', 'ams1-lon1', 1],
  ];
  for (const [router, link, normal] of counted) {
    for (let time = begin; time < now; time += 60_000) {
      const ago = now - time;
      const lost = (link === 'par1-lon1' && ago <= 21 * 60_000 && ago > 19 * 60_000) || (router === 'fra1' && ago < 33 * 60_000 && ago > 24 * 60_000);
      counts.push({
        time: at(time), link, protocol: 'isis', level: 2, area: '', router: CORE[router], router_name: router, adjacencies: lost ? normal - 1 : normal,
        neighbors: lost ? normal - 1 : normal, full: normal, two_way: 0, coverage: router === 'ams1' && ago < 14 * 60_000 && ago > 8 * 60_000 ? 'suspect' : 'full',
      });
    }
    if (router === 'ams1' && link === 'ams1-lon1') {
      counts.push({ time: at(now - 12_000), link, protocol: 'isis', level: 2, area: '', router: CORE[router], router_name: router, adjacencies: 0, neighbors: 0, full: 0, two_way: 0, coverage: 'full' });
    }
  }
  await insert(writer, 'adjacency_events', adjacencies);
  await insert(writer, 'neighbor_counts', counts);
  await insert(writer, 'session_events', sessionRows(now, begin));
  await insert(writer, 'coverage_events', coverageRows(now, begin));
  const routes = routeRows(begin);
  await insert(writer, 'path_attributes', routes.attributes);
  await insert(writer, 'route_changes', routes.changes);
  await insert(writer, 'rib_marks', [{
    time: at(now - 6 * 60_000), link: 'lon1-transit1', sender: '192.0.2.2', receiver: '192.0.2.1', afi_safi: 'ipv4-unicast', mark: 'stale', reason: 'graceful-restart', routes: 1,
  }]);
}

/** Ids of alerts, as notices have them. */
export const alertIds = { incident: 'a'.repeat(32), part: 'b'.repeat(32), session: 'c'.repeat(32), overload: 'd'.repeat(32) } as const;

/** An incident with a part and a lost session that fire, and a warning that is resolved. */
export async function insertAlerts(writer: ClickHouseClient, now: number): Promise<void> {
  const alert = (id: string, values: Row): Row => ({
    alert_id: id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'), since: values['time'], evidence: 'timer', protocol: 'isis', told: true, untold: '', incident: '', labels: '{}', related: '', events: randomUUID(), ...values,
  });
  const overload = { rule: 'router-overloaded', severity: 'warning', link: '', router: CORE['fra1'], router_name: 'fra1', subject: 'router fra1 (0100.0000.0003), isis L2', summary: 'fra1 (0100.0000.0003) is overloaded by its own isis L2 LSP.', reason: 'overload' };
  await insert(writer, 'alerts', [
    alert(alertIds.incident, {
      time: at(now - 60_000), rule: 'router-silent', severity: 'critical', state: 'firing', link: '', router: CORE['lon1'], router_name: 'lon1', subject: 'router lon1 (0100.0000.0004), isis: all its adjacencies',
      summary: 'lon1 (0100.0000.0004) lost all its isis adjacencies.', reason: 'router-silent', related: 'par1 -> lon1: up -> down (hold-timer-expired)\n<b>ams1</b> -> lon1: up -> init', labels: '{"domain":"core","tap":"par1-lon1"}',
    }),
    alert(alertIds.part, {
      time: at(now - 60_000), rule: 'adjacency-lost', severity: 'error', state: 'firing', link: 'par1-lon1', router: CORE['par1'], router_name: 'par1', neighbor: CORE['lon1'], neighbor_name: 'lon1',
      subject: 'adjacency par1 -> lon1, isis L2, link par1-lon1', summary: 'par1 lost lon1.', reason: 'hold-timer-expired', told: false, untold: 'incident', incident: alertIds.incident,
    }),
    alert(alertIds.session, {
      time: at(now - 6 * 60_000), rule: 'session-lost', severity: 'error', state: 'firing', link: 'lon1-transit1', protocol: 'bgp', router: '192.0.2.1', neighbor: '192.0.2.2', evidence: 'received',
      subject: 'BGP session 192.0.2.1 AS64500 - 192.0.2.2 AS64496', summary: 'The BGP session left established.', reason: 'notification-received 6/2 "<i>fibre work</i>"',
    }),
    alert(alertIds.overload, { time: at(now - 30 * 60_000), state: 'firing', ...overload }),
    alert(alertIds.overload, { time: at(now - 25 * 60_000), since: at(now - 30 * 60_000), state: 'resolved', ...overload }),
  ]);
}

function sessionRows(now: number, begin: number): Row[] {
  const rows: Row[] = [];
  const pair = (left: string, leftAs: number, right: string, rightAs: number, link: string, change: Row): void => {
    for (const [router, router_as, peer, peer_as] of [[left, leftAs, right, rightAs], [right, rightAs, left, leftAs]] as const) {
      rows.push({ router, router_as, peer, peer_as, link, code: 0, subcode: 0, shutdown_text: '', hold_time: 15, coverage: 'full', ...change });
    }
  };
  const seen = { time: at(begin + 2000), prev_state: 'unknown', state: 'established', reason: 'first-seen', capability_source: 'inferred', initial: true };
  pair('10.255.0.1', 64500, '10.255.0.2', 64500, 'core-lan', seen);
  pair('10.255.0.1', 64500, '10.255.0.3', 64500, 'core-lan', seen);
  pair('10.255.0.1', 64500, '10.255.0.4', 64500, 'par1-lon1', { ...seen, capability_source: 'open' });
  pair('192.0.2.1', 64500, '192.0.2.2', 64496, 'lon1-transit1', { ...seen, capability_source: 'open' });
  pair('2001:db8:ffff::1', 64500, '2001:db8:ffff::2', 65540, 'ams1-peer1', seen);
  pair('192.0.2.1', 64500, '192.0.2.2', 64496, 'lon1-transit1', {
    time: at(now - 6 * 60_000), prev_state: 'established', state: 'idle', reason: 'notification-received', code: 6, subcode: 2,
    shutdown_text: 'maintenance CHG-4711 <b>until 13:00</b>', capability_source: 'open',
  });
  return rows;
}

function coverageRows(now: number, begin: number): Row[] {
  const taps = ['core-lan', 'par1-lon1', 'ams1-lon1', 'fra1-cust1', 'lon1-transit1', 'ams1-peer1'];
  const rows: Row[] = taps.map((tap) => ({ time: at(begin), link: tap, tap, what: 'tap-opened', subject: tap, from: at(begin), to: 0, lost: 0, detail: 'first batch' }));
  rows.push({ time: at(now - 9 * 60_000), link: 'ams1-peer1', tap: 'ams1-peer1', what: 'coverage-lost', subject: 'ams1-peer1', from: at(now - 10 * 60_000), to: 0, lost: 0, detail: 'no frame and no tick for 60 s' });
  rows.push({ time: at(now - 14 * 60_000), link: 'core-lan', tap: 'core-lan', what: 'gap', subject: 'core-lan', from: at(now - 14 * 60_000), to: at(now - 14 * 60_000 + 4000), lost: 311, detail: 'ring buffer full' });
  return rows;
}

function routeRows(begin: number): { changes: Row[]; attributes: Row[] } {
  const changes: Row[] = [];
  const attributes: Row[] = [];
  const path = (prefix: string, sender: string, receiver: string, as_path: number[], more: Row = {}): void => {
    const [address = '', length = ''] = prefix.split('/');
    const v6 = address.includes(':');
    const hash = String(attributes.length + 1);
    const time = at(begin + 5000);
    attributes.push({
      time, attributes: hash, origin: 'igp', as_path, as_path_text: as_path.join(' '), origin_as: as_path.at(-1) ?? 0, first_as: as_path[0] ?? 0,
      next_hop: sender, med: null, local_pref: 100, communities: ['64500:100'], large_communities: [], ...more,
    });
    changes.push({
      time, sender, receiver, afi_safi: v6 ? 'ipv6-unicast' : 'ipv4-unicast', prefix_address: v6 ? address : `::ffff:${address}`,
      prefix_length: Number(length), change_class: 'tup', attributes: hash, prev_attributes: '0', origin_as: as_path.at(-1) ?? 0, initial: true,
    });
  };
  path('0.0.0.0/0', '192.0.2.2', '192.0.2.1', [64496], { med: 50 });
  path('198.51.100.0/24', '10.255.0.4', '10.255.0.1', [64496, 64511]);
  path('198.51.100.0/24', '10.255.0.2', '10.255.0.1', [65540, 64499, 64511], { local_pref: 200, communities: ['64500:200', '65540:1'] });
  path('198.51.100.128/25', '10.255.0.2', '10.255.0.1', [65540, 64511], { large_communities: ['65540:1:7'] });
  path('203.0.113.0/24', '10.255.0.3', '10.255.0.1', [], { origin: 'incomplete' });
  path('2001:db8::/32', '2001:db8:ffff::2', '2001:db8:ffff::1', [65540], { local_pref: null });
  path('2001:db8:1::/48', '2001:db8:ffff::2', '2001:db8:ffff::1', [65540, 64499]);
  return { changes, attributes };
}

let order = 0;

/** Inserts rows into a table with an envelope; `time` is as `at` gives it. */
export async function insert(writer: ClickHouseClient, table: string, values: readonly Row[]): Promise<void> {
  const ingest_time = at(Date.now());
  const rows = values.map((row) => ({
    event_id: randomUUID(), decided_time: row['time'], ingest_time, domain: 'core', network_instance: 'default', tap: row['link'], collector: 'c1',
    frame_offset: order++, ...row,
  }));
  await writer.insert({ table: `routewatch.${table}`, values: rows, format: 'JSONEachRow', clickhouse_settings: { date_time_input_format: 'best_effort' } });
}
