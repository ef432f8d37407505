/** Tables and SQL views that the page reads, for its tests. */
import type { Migration } from '../../stream/store/index.ts';

const TIME = "DateTime64(9, 'UTC')";
const ENVELOPE = `event_id UUID DEFAULT generateUUIDv4(), time ${TIME}, decided_time ${TIME} DEFAULT time, domain String DEFAULT 'core',
  network_instance String DEFAULT 'default', link String, tap String DEFAULT link, collector String DEFAULT 'c1', initial Bool DEFAULT 0`;

const table = (name: string, columns: string): string =>
  `CREATE TABLE IF NOT EXISTS routewatch.${name} (${ENVELOPE}, ${columns}) ENGINE = MergeTree ORDER BY time`;

export const migrations: Migration[] = [{
  number: 1,
  name: 'page',
  statements: [
    table('adjacency_events', `protocol String, level UInt8, area String, router String, neighbor String, router_name String, neighbor_name String,
      local_address String, neighbor_address String, vlan UInt16, prev_state String, state String, reason String, hold_time UInt32`),
    table('neighbor_counts', `protocol String, router String, router_name String, level UInt8, area String, adjacencies UInt32, neighbors UInt32,
      full UInt32, two_way UInt32, coverage String`),
    table('session_events', `router String, peer String, router_as UInt32, peer_as UInt32, router_id String, peer_id String, prev_state String, state String,
      reason String, code UInt8, subcode UInt8, shutdown_text String, capability_source String, hold_time UInt16, coverage String`),
    table('coverage_events', `what String, subject String, \`from\` ${TIME}, \`to\` ${TIME}, lost UInt64, detail String`),
    `CREATE TABLE IF NOT EXISTS routewatch.rib (sender String, receiver String, afi_safi String, prefix String, path_id UInt32, origin String,
      as_path Array(UInt32), as_path_text String, next_hop String, med Nullable(UInt32), local_pref Nullable(UInt32), communities Array(String),
      large_communities Array(String), ext_communities Array(String), stale Bool, since ${TIME}) ENGINE = MergeTree ORDER BY prefix`,
    `CREATE VIEW IF NOT EXISTS routewatch.adjacencies AS SELECT * EXCEPT time, time AS since FROM routewatch.adjacency_events
      ORDER BY time DESC LIMIT 1 BY domain, network_instance, link, protocol, level, area, router, neighbor`,
    `CREATE VIEW IF NOT EXISTS routewatch.sessions AS SELECT * EXCEPT time, time AS since FROM routewatch.session_events
      ORDER BY time DESC LIMIT 1 BY domain, network_instance, link, router, peer`,
    `CREATE VIEW IF NOT EXISTS routewatch.timeline AS
      SELECT time, domain, router, router_name, 'adjacency' AS kind, concat(protocol, ' neighbour ', if(neighbor_name = '', neighbor, neighbor_name)) AS subject,
        prev_state AS prev, state AS new, reason, event_id FROM routewatch.adjacency_events
      UNION ALL SELECT time, domain, router, '', 'session', concat('bgp peer ', peer), prev_state, state, reason, event_id FROM routewatch.session_events
      UNION ALL SELECT time, domain, '', '', 'coverage', concat('tap ', subject), '', what, detail, event_id FROM routewatch.coverage_events`,
  ],
}];
