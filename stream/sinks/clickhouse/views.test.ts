/** The views on the real engine: what is current, what was at a time, and what a clock cannot take away. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SchemaStore } from './testing.ts';

let store: SchemaStore;

const SECOND = 1_000_000_000n;
const DAY = 86_400n * SECOND;
const T = 1_790_000_000n * SECOND;
const at = (ns: bigint): string => `fromUnixTimestamp64Nano(toInt64(${ns}), 'UTC')`;
const text = (ns: bigint): string => `${new Date(Number(ns / 1_000_000n)).toISOString().replace('T', ' ').replace('Z', '')}000000`;

beforeAll(async () => { store = await SchemaStore.open(); });
afterAll(async () => { await store.close(); });

describe('adjacencies', () => {
  const isis = { protocol: 'isis', level: 2, router: '0000.0000.0001', neighbor: '0000.0000.0002', neighbor_snpa: '02:00:00:00:00:02', local_address: '10.0.0.1' };

  it('shows the last of three transitions that one frame made', async () => {
    const same = { ...isis, time: T, frame_offset: 5n, frame_index: 3 };
    await store.insert('adjacency_events', [
      { ...same, prev_state: 'init', state: 'up', reason: 'three-way-received', ordinal: 2 },
      { ...same, prev_state: 'up', state: 'down', reason: 'neighbor-restarted', ordinal: 0 },
      { ...same, prev_state: 'down', state: 'init', reason: 'hello-received', ordinal: 1 },
    ]);
    await store.insert('adjacency_events', [{ ...isis, time: T - SECOND, prev_state: 'unknown', state: 'up', reason: 'first-seen', initial: true }]);
    expect(await store.query('SELECT state, reason, since FROM routewatch.adjacencies')).toEqual([{ state: 'up', reason: 'three-way-received', since: text(T) }]);
  });

  it('keeps views on parallel links and levels apart', async () => {
    await store.insert('adjacency_events', [
      { ...isis, context: 1, time: T, state: 'down' },
      { ...isis, level: 1, time: T, state: 'init' },
      { ...isis, neighbor_snpa: '02:00:00:00:00:99', time: T, state: 'failed' },
    ]);
    expect(await store.query('SELECT toUInt32(count()) AS n FROM routewatch.adjacencies')).toEqual([{ n: 4 }]);
  });

  it('says what was at a time', async () => {
    const row = await store.query(`SELECT state, reason FROM routewatch.adjacencies_at(at = ${at(T - 1n)}) WHERE neighbor = '0000.0000.0002'`);
    expect(row).toEqual([{ state: 'up', reason: 'first-seen' }]);
    expect(await store.query(`SELECT toUInt32(count()) AS n FROM routewatch.adjacencies_at(at = '2001-01-01 00:00:00')`)).toEqual([{ n: 0 }]);
  });

  it('takes names from the wire first, then from the inventory, and joins site, interface and expectation', async () => {
    await store.test.writer.command({ query: `INSERT INTO routewatch.router_inventory (domain, name, site, role, system_id, router_ids) VALUES
      ('d', 'inventory-1', 'zrh', 'core', '0000.0000.0001', ['10.0.0.1']), ('d', 'inventory-2', 'gva', 'edge', '0000.0000.0002', [])` });
    await store.test.writer.command({ query: "INSERT INTO routewatch.interfaces (domain, router_name, interface_name, address) VALUES ('d', 'inventory-1', 'xe-0/0/1', '10.0.0.1')" });
    await store.test.writer.command({ query: `INSERT INTO routewatch.expected_neighbors (domain, protocol, router, neighbor, link) VALUES
      ('d', 'isis', '0000.0000.0001', '0000.0000.0002', ''), ('d', 'isis', '0000.0000.0001', '0000.0000.0007', 'lan0')` });
    await store.insert('router_names', [{ time: T, protocol: 'isis', router: '0000.0000.0001', attribute: 'hostname', value: 'r1' }]);
    expect(await store.query("SELECT router_name, neighbor_name, router_site, neighbor_site, interface_name, expected FROM routewatch.adjacencies WHERE state = 'up'"))
      .toEqual([{ router_name: 'r1', neighbor_name: 'inventory-2', router_site: 'zrh', neighbor_site: 'gva', interface_name: 'xe-0/0/1', expected: true }]);
    expect(await store.query("SELECT name, hostname, site, role FROM routewatch.routers WHERE router = '0000.0000.0001'")).toEqual([{ name: 'r1', hostname: 'r1', site: 'zrh', role: 'core' }]);
    expect(await store.query("SELECT dictGet('routewatch.routers_dictionary', 'site', ('d', '0000.0000.0002')) AS site")).toEqual([{ site: 'gva' }]);
  });

  it('names neighbours that are expected and missing', async () => {
    expect(await store.query('SELECT router, neighbor, neighbor_name, link, state, since FROM routewatch.missing_neighbors'))
      .toEqual([{ router: '0000.0000.0001', neighbor: '0000.0000.0007', neighbor_name: '', link: 'lan0', state: '', since: null }]);
  });
});

describe('rib', () => {
  const path = { context: 2, afi_safi: 'ipv4-unicast', change_class: 'tup', attributes: 77n, origin_as: 65001 };

  it('shows what was announced and not withdrawn, with its attributes', async () => {
    await store.insert('path_attributes', [
      { time: T, attributes: 77n, origin: 'igp', as_path: [65002, 65001], as_path_text: '65002 65001', next_hop: '10.0.0.1', med: 5, communities: ['65002:1'], large_communities: ['65002:1:2'], ext_communities: ['rt:65000:99'] },
    ]);
    await store.insert('route_changes', [
      { ...path, time: T, prefix_address: '192.0.2.0', prefix_length: 24 },
      { ...path, time: T, prefix_address: '198.51.100.0', prefix_length: 24, path_id: 3 },
      { ...path, time: T + 1n, prefix_address: '198.51.100.0', prefix_length: 24, path_id: 3, change_class: 'tdown', attributes: 0n, prev_attributes: 77n },
      { ...path, time: T, afi_safi: 'ipv6-unicast', prefix_address: '2001:db8::', prefix_length: 32 },
    ]);
    const rows = await store.query('SELECT * EXCEPT (prefix_address, prefix_length, first_as, originator_id, cluster_list, aggregator, attributes, domain, network_instance, link, tap, event_id) FROM routewatch.rib ORDER BY afi_safi');
    const attributes = { origin: 'igp', as_path: [65002, 65001], as_path_text: '65002 65001', next_hop: '10.0.0.1', med: 5, local_pref: null, communities: ['65002:1'], large_communities: ['65002:1:2'], ext_communities: ['rt:65000:99'] };
    expect(rows).toEqual([
      { sender: '10.0.0.1', receiver: '10.0.0.2', afi_safi: 'ipv4-unicast', prefix: '192.0.2.0/24', path_id: 0, ...attributes, stale: false, since: text(T), origin_as: 65001 },
      { sender: '10.0.0.1', receiver: '10.0.0.2', afi_safi: 'ipv6-unicast', prefix: '2001:db8::/32', path_id: 0, ...attributes, stale: false, since: text(T), origin_as: 65001 },
    ]);
    expect(await store.query("SELECT router, peer, prefix FROM routewatch.adj_rib_in_pre WHERE router = '10.0.0.2' AND afi_safi = 'ipv4-unicast'")).toEqual([{ router: '10.0.0.2', peer: '10.0.0.1', prefix: '192.0.2.0/24' }]);
    expect(await store.query("SELECT router, peer FROM routewatch.adj_rib_out_post WHERE prefix = '192.0.2.0/24'")).toEqual([{ router: '10.0.0.1', peer: '10.0.0.2' }]);
  });

  it('has of several readings of one attribute set the newest', async () => {
    const set = { attributes: 78n, origin: 'igp', as_path: [65009] };
    const reading = async (): Promise<unknown> => store.query("SELECT med FROM routewatch.rib WHERE prefix = '192.168.77.0/24'");
    await store.insert('path_attributes', [{ ...set, time: T + 2n, med: 2, reason: 'decoder-upgrade' }, { ...set, time: T, med: 1 }]);
    await store.insert('route_changes', [{ ...path, attributes: 78n, time: T, prefix_address: '192.168.77.0', prefix_length: 24 }]);
    expect(await reading()).toEqual([{ med: 2 }]);
    await store.insert('path_attributes', [{ ...set, time: T + 2n, ordinal: 1, med: 3, reason: 'decoder-upgrade' }]);
    expect(await reading()).toEqual([{ med: 3 }]);
    await store.insert('route_changes', [{ ...path, time: T + 1n, prefix_address: '192.168.77.0', prefix_length: 24, change_class: 'tdown', attributes: 0n, prev_attributes: 78n }]);
  });

  const prefixes = async (source = 'routewatch.rib'): Promise<unknown> => (await store.query<{ p: string }>(`SELECT concat(prefix, if(stale, ' stale', '')) AS p FROM ${source} WHERE sender = '10.0.0.2' ORDER BY p`)).map((row) => row.p);
  const mark = { context: 2, from_higher: 1, afi_safi: 'ipv4-unicast' };

  it('goes through a graceful restart: stale, announced again, swept', async () => {
    const back = { ...path, from_higher: 1 };
    await store.insert('route_changes', [
      { ...back, time: T, prefix_address: '10.1.0.0', prefix_length: 16 },
      { ...back, time: T, prefix_address: '10.2.0.0', prefix_length: 16 },
    ]);
    await store.insert('rib_marks', [{ ...mark, time: T + 10n, mark: 'stale', reason: 'graceful-restart' }]);
    expect(await prefixes()).toEqual(['10.1.0.0/16 stale', '10.2.0.0/16 stale']);
    await store.insert('route_changes', [{ ...back, time: T + 20n, prefix_address: '10.1.0.0', prefix_length: 16, change_class: 'aadup', prev_attributes: 77n }]);
    expect(await prefixes()).toEqual(['10.1.0.0/16', '10.2.0.0/16 stale']);
    await store.insert('rib_marks', [{ ...mark, time: T + 30n, mark: 'sweep', reason: 'end-of-rib-sweep' }]);
    expect(await prefixes()).toEqual(['10.1.0.0/16']);
    await store.insert('rib_marks', [{ ...mark, time: T + 40n, mark: 'stale', reason: 'graceful-restart' }]);
    expect(await prefixes()).toEqual(['10.1.0.0/16 stale']);
    await store.insert('rib_marks', [{ ...mark, time: T + 50n, mark: 'flush', reason: 'restart-timer-expired' }]);
    expect(await prefixes()).toEqual([]);
    await store.insert('route_changes', [{ ...back, time: T + 60n, prefix_address: '10.3.0.0', prefix_length: 16 }]);
    expect(await prefixes()).toEqual(['10.3.0.0/16']);
  });

  it('answers each of those moments afterwards', async () => {
    const moment = (ns: bigint): Promise<unknown> => prefixes(`routewatch.rib_at(at = ${at(T + ns)})`);
    expect(await moment(-1n)).toEqual([]);
    expect(await moment(5n)).toEqual(['10.1.0.0/16', '10.2.0.0/16']);
    expect(await moment(15n)).toEqual(['10.1.0.0/16 stale', '10.2.0.0/16 stale']);
    expect(await moment(25n)).toEqual(['10.1.0.0/16', '10.2.0.0/16 stale']);
    expect(await moment(35n)).toEqual(['10.1.0.0/16']);
    expect(await moment(45n)).toEqual(['10.1.0.0/16 stale']);
    expect(await moment(55n)).toEqual([]);
    expect(await moment(65n)).toEqual(['10.3.0.0/16']);
  });

  it('counts a flush and the routes behind it in one frame in their order', async () => {
    const same = { time: T + 70n, frame_offset: 900n, frame_index: 1 };
    await store.insert('route_changes', [{ ...path, from_higher: 1, ...same, ordinal: 1, prefix_address: '10.4.0.0', prefix_length: 16 }]);
    await store.insert('rib_marks', [{ ...mark, ...same, ordinal: 0, mark: 'flush', reason: 'session-down' }]);
    expect(await prefixes()).toEqual(['10.4.0.0/16']);
  });

  it('finds what covers a prefix and what a prefix covers', async () => {
    const found = async (condition: string): Promise<unknown> => (await store.query<{ prefix: string }>(`SELECT prefix FROM routewatch.rib WHERE ${condition} ORDER BY prefix`)).map((row) => row.prefix);
    expect(await found("covered_by(prefix_address, prefix_length, '10.0.0.0/8')")).toEqual(['10.4.0.0/16']);
    expect(await found("covered_by(prefix_address, prefix_length, '::/0')")).toEqual(['2001:db8::/32']);
    expect(await found("covered_by(prefix_address, prefix_length, '0.0.0.0/0')")).toEqual(['10.4.0.0/16', '192.0.2.0/24']);
    expect(await found("covers(prefix_address, prefix_length, '192.0.2.7/32')")).toEqual(['192.0.2.0/24']);
    expect(await found("covers(prefix_address, prefix_length, '2001:db8:1::/48')")).toEqual(['2001:db8::/32']);
    expect(await found("covers(prefix_address, prefix_length, '10.0.0.0/8')")).toEqual([]);
  });
});

describe('sessions, counts, databases and graph', () => {
  it('shows both ends of a session, by name where an address is of one router only', async () => {
    await store.insert('session_events', [
      { time: T, context: 2, from_higher: 0, router_as: 65001, router_id: '10.0.0.1', state: 'established', prev_state: 'openconfirm', reason: 'keepalive-received' },
      { time: T, context: 2, from_higher: 1, state: 'established', prev_state: 'openconfirm', reason: 'keepalive-received' },
      { time: T + 1n, context: 2, from_higher: 1, state: 'idle', prev_state: 'established', reason: 'notification-received', code: 6, subcode: 2, shutdown_text: 'maintenance' },
    ]);
    expect(await store.query('SELECT router, peer, router_name, state, shutdown_text FROM routewatch.sessions ORDER BY router')).toEqual([
      { router: '10.0.0.1', peer: '10.0.0.2', router_name: 'inventory-1', state: 'established', shutdown_text: '' },
      { router: '10.0.0.2', peer: '10.0.0.1', router_name: '', state: 'idle', shutdown_text: 'maintenance' },
    ]);
    await store.insert('router_names', [{ time: T, protocol: 'bgp', router: '9.0.0.2', attribute: 'hostname', value: 'r9' }]);
    await store.insert('session_events', [
      { time: T + 2n, context: 3, from_higher: 1, router_as: 65009, router_id: '9.0.0.2', state: 'idle', prev_state: 'established', reason: 'hold-timer-expired' },
    ]);
    expect(await store.query("SELECT router, router_name, new FROM routewatch.timeline WHERE router_name = 'r9'")).toEqual([{ router: '172.31.0.2', router_name: 'r9', new: 'idle' }]);
    await store.insert('session_events', [{ time: T + 3n, context: 4, from_higher: 1, router_id: '9.0.0.3', state: 'idle' }]);
    expect(await store.query("SELECT router FROM routewatch.timeline WHERE router_name = 'r9'")).toEqual([]);
    expect(await store.query(`SELECT state FROM routewatch.sessions_at(at = ${at(T)}) WHERE router = '10.0.0.2'`)).toEqual([{ state: 'established' }]);
  });

  it('counts neighbours with what is expected', async () => {
    const row = { protocol: 'isis', router: '0000.0000.0001', level: 2, adjacencies: 2, neighbors: 2, coverage: 'full' };
    await store.insert('neighbor_counts', [{ ...row, time: T }, { ...row, time: T + SECOND, neighbors: 1 }]);
    expect(await store.query('SELECT neighbors, expected FROM routewatch.neighbor_counts_now')).toEqual([{ neighbors: 1, expected: 1 }]);
    expect(await store.query(`SELECT neighbors FROM routewatch.neighbor_counts_at(at = ${at(T)})`)).toEqual([{ neighbors: 2 }]);
    expect(await store.query('SELECT expected FROM routewatch.neighbor_counts LIMIT 1')).toEqual([{ expected: 1 }]);
  });

  it('keeps the content of an LSP through refreshes and drops purged ones', async () => {
    const lsp = { protocol: 'isis', level: 2, advertising_router: '0000.0000.0001' };
    await store.insert('lsdb_changes', [
      { ...lsp, time: T, lsa_id: 'a', change: 'new', sequence: 1, pdu: 'ff01' },
      { ...lsp, time: T + 1n, lsa_id: 'a', change: 'refreshed', sequence: 2 },
      { ...lsp, time: T, lsa_id: 'b', change: 'new', sequence: 1, pdu: 'ff02' },
      { ...lsp, time: T + 1n, lsa_id: 'b', change: 'purged', sequence: 1 },
    ]);
    expect(await store.query('SELECT lsa_id, sequence, hex(pdu) AS pdu, advertising_router_name FROM routewatch.lsdb')).toEqual([{ lsa_id: 'a', sequence: 2, pdu: 'FF01', advertising_router_name: 'r1' }]);
  });

  it('builds the graph from its changes', async () => {
    const link = { protocol: 'isis', level: 2, object_type: 'link', object_key: '0000.0000.0001 -> 0000.0000.0002', router: '0000.0000.0001', neighbor: '0000.0000.0002' };
    await store.insert('topology_changes', [
      { ...link, time: T, field: 'exists', change: 'added' },
      { ...link, time: T, field: 'metric', change: 'added', new_number: 10n },
      { ...link, time: T + 5n, field: 'metric', change: 'changed', old_number: 10n, new_number: 20n },
      { ...link, time: T, object_type: 'node', object_key: '0000.0000.0001', neighbor: '', field: 'exists', change: 'added' },
      { ...link, time: T, object_type: 'node', object_key: '0000.0000.0001', neighbor: '', field: 'overload', change: 'added', new_number: 1n },
      { ...link, time: T, object_type: 'prefix', object_key: '0000.0000.0001 10.0.0.0/24', prefix: '10.0.0.0/24', neighbor: '', field: 'exists', change: 'added' },
      { ...link, time: T, object_type: 'prefix', object_key: '0000.0000.0001 10.0.0.0/24', prefix: '10.0.0.0/24', neighbor: '', field: 'metric', change: 'added', new_number: 30n },
    ]);
    expect(await store.query('SELECT router_name, neighbor, toInt32(metric) AS metric, since FROM routewatch.links')).toEqual([{ router_name: 'r1', neighbor: '0000.0000.0002', metric: 20, since: text(T) }]);
    expect(await store.query(`SELECT toInt32(metric) AS metric FROM routewatch.links_at(at = ${at(T + 1n)})`)).toEqual([{ metric: 10 }]);
    expect(await store.query('SELECT node, name, site, overload FROM routewatch.nodes')).toEqual([{ node: '0000.0000.0001', name: 'r1', site: 'zrh', overload: true }]);
    expect(await store.query('SELECT prefix, toInt32(metric) AS metric FROM routewatch.prefixes')).toEqual([{ prefix: '10.0.0.0/24', metric: 30 }]);
    expect(await store.query('SELECT * FROM routewatch.grafana_node_graph_edges'), 'no edge to a node that is not there').toEqual([]);
    await store.insert('topology_changes', [{ ...link, time: T + 6n, object_type: 'node', object_key: '0000.0000.0002', neighbor: '', field: 'exists', change: 'added' }]);
    const edge = { source: 'd/default/isis/2//0000.0000.0001', target: 'd/default/isis/2//0000.0000.0002', secondarystat: 'one way' };
    expect(await store.query('SELECT source, target, mainstat, secondarystat FROM routewatch.grafana_node_graph_edges')).toEqual([{ ...edge, mainstat: '20' }]);
    expect(await store.query(`SELECT * FROM routewatch.grafana_node_graph_edges_at(at = ${at(T + 5n)})`)).toEqual([]);
    await store.insert('topology_changes', [{ ...link, time: T + 7n, object_type: 'node', object_key: '0000.0000.0002', neighbor: '', field: 'exists', change: 'removed' }]);
    await store.insert('topology_changes', [{ ...link, time: T + 10n, field: 'exists', change: 'removed' }]);
    expect(await store.query('SELECT * FROM routewatch.links')).toEqual([]);
    await store.insert('topology_changes', [{ ...link, time: T + 11n, field: 'exists', change: 'added' }]);
    expect(await store.query('SELECT metric, fields FROM routewatch.links')).toEqual([{ metric: null, fields: {} }]);
    await store.insert('topology_changes', [{ ...link, time: T + 12n, field: 'exists', change: 'removed' }, { ...link, time: T + 13n, field: 'exists', change: 'added', new_number: 40n }]);
    expect(await store.query('SELECT toInt32(metric) AS metric FROM routewatch.links')).toEqual([{ metric: 40 }]);
    await store.insert('topology_changes', [{ ...link, time: T + 14n, field: 'metric', change: 'changed', old_number: 40n, new_number: 41n }]);
    expect(await store.query('SELECT toInt32(metric) AS metric FROM routewatch.links')).toEqual([{ metric: 41 }]);
  });

  it('writes everything on one timeline', async () => {
    await store.insert('coverage_events', [{ time: T + DAY, tap: 1, what: 'tap-closed', detail: 'end of file' }]);
    await store.insert('protocol_errors', [{ time: T + DAY, protocol: 'isis', sender: '0000.0000.0001', error: 'area-mismatch', detail: '49.0001, not 49.0002' }]);
    await store.insert('quarantine', [{ time: T + DAY, protocol: 'isis', error: 'isis.pdu-short', bytes: '83' }]);
    const kinds = await store.query<{ kind: string }>('SELECT DISTINCT kind FROM routewatch.timeline ORDER BY kind');
    expect(kinds.map((row) => row.kind)).toEqual(['adjacency', 'coverage', 'error', 'quarantine', 'rib', 'route', 'session', 'topology']);
    expect(await store.query(`SELECT time, router_name, kind, prev, new, reason FROM routewatch.timeline WHERE kind = 'session' AND new = 'idle' AND router = '10.0.0.2'`))
      .toEqual([{ time: text(T + 1n).slice(0, -1) + '1', router_name: '', kind: 'session', prev: 'established', new: 'idle', reason: 'notification-received 6/2: maintenance' }]);
    expect(await store.query(`SELECT router_name FROM routewatch.timeline WHERE kind = 'error'`)).toEqual([{ router_name: 'r1' }]);
    expect((await store.query('SELECT * FROM routewatch.grafana_annotations')).length).toBeGreaterThan(3);
    expect((await store.query('SELECT * FROM routewatch.grafana_adjacency_states')).length).toBeGreaterThan(3);
    expect((await store.query('SELECT * FROM routewatch.grafana_node_graph_nodes')).length).toBe(1);
  });
});

describe('time', () => {
  const old = T - 3n * 365n * DAY;

  it('loses nothing current to a row a year old and a clock moved by three years', async () => {
    const route = { context: 2, afi_safi: 'ipv4-unicast', change_class: 'tup', attributes: 77n, prefix_address: '203.0.113.0', prefix_length: 24 };
    const bytes = store.rows('route_changes', [{ ...route, time: old }]);
    await store.send('route_changes', bytes, { ingestTimeNs: old });
    await store.send('adjacency_events', store.rows('adjacency_events', [{ time: old, protocol: 'ospfv2', router: '9.9.9.9', neighbor: '8.8.8.8', state: 'full' }]), { ingestTimeNs: old });
    await store.send('neighbor_counts', store.rows('neighbor_counts', [{ time: old, protocol: 'ospfv2', router: '9.9.9.9', neighbors: 4 }]), { ingestTimeNs: old });
    await store.send('lsdb_changes', store.rows('lsdb_changes', [{ time: old, protocol: 'ospfv2', lsa_id: 'old', change: 'new', pdu: '01' }]), { ingestTimeNs: old });
    await store.send('session_events', store.rows('session_events', [{ time: old, context: 2, from_higher: 0, router_id: '9.9.9.9', state: 'established' }, { time: old, context: 5, from_higher: 0, state: 'established' }]), { ingestTimeNs: old });
    await store.send('topology_changes', store.rows('topology_changes', ['node', 'link', 'prefix'].map((type) => (
      { time: old, protocol: 'ospfv2', object_type: type, object_key: `old ${type}`, router: '9.9.9.9', prefix: 'old', field: 'exists', change: 'added', new_number: 7n }))), { ingestTimeNs: old });
    await store.send('router_names', store.rows('router_names', [{ time: old, protocol: 'ospfv2', router: '9.9.9.9', attribute: 'hostname', value: 'old9' }]), { ingestTimeNs: old });
    await store.send('rib_marks', store.rows('rib_marks', [{ time: old, context: 2, from_higher: 0, afi_safi: 'ipv6-unicast', mark: 'stale' }]), { ingestTimeNs: old });
    const everyTable = await store.query<{ name: string }>("SELECT name FROM system.tables WHERE database = 'routewatch' AND engine LIKE '%MergeTree'");
    expect(everyTable.length).toBeGreaterThan(20);
    for (const { name: table } of everyTable) {
      await store.test.writer.command({ query: `OPTIMIZE TABLE routewatch.${table} FINAL` });
    }
    const n = async (sql: string): Promise<unknown> => (await store.query<{ n: number }>(`SELECT toUInt32(count()) AS n FROM ${sql}`))[0]?.n;
    expect(await n("routewatch.route_changes WHERE prefix = '203.0.113.0/24'")).toBe(0);
    expect(await n("routewatch.neighbor_counts WHERE router = '9.9.9.9'")).toBe(0);
    expect(await n("routewatch.rib WHERE prefix = '203.0.113.0/24' AND origin = 'igp'")).toBe(1);
    expect(await n(`routewatch.rib_at(at = ${at(old + DAY)}) WHERE prefix = '203.0.113.0/24'`)).toBe(1);
    expect(await n("routewatch.adjacencies WHERE router = '9.9.9.9' AND state = 'full'")).toBe(1);
    expect(await n("routewatch.neighbor_counts_now WHERE router = '9.9.9.9' AND neighbors = 4")).toBe(1);
    expect(await n("routewatch.lsdb WHERE lsa_id = 'old' AND pdu != ''")).toBe(1);
    expect(await n("routewatch.sessions WHERE router = '172.31.9.1' AND state = 'established'")).toBe(1);
    expect(await n("routewatch.links WHERE link_key = 'old link' AND metric = 7")).toBe(1);
    expect(await n("routewatch.nodes WHERE node = 'old node'")).toBe(1);
    expect(await n("routewatch.prefixes WHERE prefix = 'old' AND metric = 7")).toBe(1);
    expect(await n("routewatch.routers WHERE hostname = 'old9'")).toBe(1);
    expect(await n("routewatch.rib_marks WHERE time < '2025-01-01'")).toBe(1);
  });

  it('is ruled by no row from further ahead than a day: what comes after still counts', async () => {
    const ingestTimeNs = T + 10n * SECOND;
    const ahead = T + 3n * 365n * DAY;
    const send = async (table: string, ...rows: Parameters<SchemaStore['rows']>[1]): Promise<void> => { await store.send(table, store.rows(table, rows), { ingestTimeNs }); };
    const isis = { protocol: 'isis', level: 2, router: 'ahead', neighbor: 'y' };
    const route = { context: 5, afi_safi: 'ipv4-unicast', attributes: 77n, prefix_address: '203.0.115.0', prefix_length: 24 };
    await send('adjacency_events', { ...isis, time: ahead, state: 'down' });
    await send('adjacency_events', { ...isis, time: T, state: 'up' });
    await send('rib_marks', { context: 5, afi_safi: 'ipv4-unicast', time: ahead, mark: 'flush' });
    await send('route_changes', { ...route, time: ahead, change_class: 'tdown', attributes: 0n });
    await send('route_changes', { ...route, time: T, change_class: 'tup' });
    await send('neighbor_counts', { time: ahead, protocol: 'isis', router: 'ahead', neighbors: 0 });
    await send('neighbor_counts', { time: T, protocol: 'isis', router: 'ahead', neighbors: 2 });
    expect(await store.query("SELECT state FROM routewatch.adjacencies WHERE router = 'ahead'")).toEqual([{ state: 'up' }]);
    expect(await store.query("SELECT prefix FROM routewatch.rib WHERE prefix = '203.0.115.0/24'")).toEqual([{ prefix: '203.0.115.0/24' }]);
    expect(await store.query("SELECT neighbors FROM routewatch.neighbor_counts_now WHERE router = 'ahead'")).toEqual([{ neighbors: 2 }]);
    expect(await store.query(`SELECT state FROM routewatch.adjacencies_at(at = ${at(ahead + DAY)}) WHERE router = 'ahead'`)).toEqual([{ state: 'up' }]);
  });

  it('stores old events that are read in today: a replay of an old capture loses no rows', async () => {
    const bytes = store.rows('route_changes', [{ context: 2, time: old, afi_safi: 'ipv4-unicast', change_class: 'tup', attributes: 77n, prefix_address: '203.0.114.0', prefix_length: 24 }]);
    await store.send('route_changes', bytes, { ingestTimeNs: BigInt(Date.now()) * 1_000_000n });
    await store.test.writer.command({ query: 'OPTIMIZE TABLE routewatch.route_changes FINAL' });
    expect(await store.query("SELECT toUInt32(count()) AS n FROM routewatch.route_changes WHERE prefix = '203.0.114.0/24'")).toEqual([{ n: 1 }]);
  });

  it('is not turned back by a row of before', async () => {
    const isis = { protocol: 'isis', level: 2, router: 'x', neighbor: 'y' };
    await store.insert('adjacency_events', [{ ...isis, time: T, state: 'up' }]);
    await store.insert('adjacency_events', [{ ...isis, time: T - 5n * SECOND, state: 'down', late: true }]);
    expect(await store.query("SELECT state FROM routewatch.adjacencies WHERE router = 'x'")).toEqual([{ state: 'up' }]);
  });
});
