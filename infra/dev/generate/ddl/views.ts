/** The SQL views with fixed names: what is current, and the same at a time. */
import { catalogue, envelope } from '../../../../decoders-wasm/catalogue/index.ts';
import { rowOrder, saneTime } from './events.ts';
import { global, onCluster, type Mode } from './engine.ts';

/** Parameter of the views at a time. */
export const atParameter = "{at:DateTime64(9, 'UTC')}";

/** CREATE VIEW of a text whose columns are all named. */
export function view(mode: Mode, name: string, sql: string): string {
  return `CREATE OR REPLACE VIEW routewatch.${name}${onCluster(mode)} AS\n${sql}`;
}

/** The newest row of each thing: from its table of current rows, or (`at`) from the events up to then. */
export interface Newest {
  /** Name of a `current` of the catalogue. */
  readonly current: string;
}

/** Rows that nobody has touched for longer than their events are kept still count: they stand in the current table. */
export function newest(source: Newest, at: boolean): string {
  if (!at) return `(SELECT * FROM routewatch.${source.current} FINAL)`;
  const table = catalogue.find((candidate) => candidate.current?.some((current) => current.name === source.current));
  const current = table?.current?.find((candidate) => candidate.name === source.current);
  if (table === undefined || current === undefined) throw new Error(`the catalogue keeps no ${source.current}`);
  const stored = [...envelope, ...table.columns].filter((column) => column.stored !== false && column.clause === undefined && column.migration === undefined).map((column) => column.name);
  const made = current.made ?? [];
  const list = [...stored, ...made.map((column) => column.name), 'version'].join(', ');
  const fromEvents = [...stored, ...made.map((column) => `CAST(${column.select}, '${column.type}') AS ${column.name}`), `${rowOrder} AS version`].join(', ');
  return `(
    SELECT * FROM
    (
        SELECT ${list} FROM routewatch.${source.current} FINAL WHERE time <= ${atParameter}
        UNION ALL
        SELECT ${fromEvents} FROM routewatch.${table.name} WHERE time <= ${atParameter} AND ${saneTime}${current.where === undefined ? '' : ` AND ${current.where}`}
    )
    ORDER BY version DESC
    LIMIT 1 BY ${current.key.join(', ')}
)`;
}

/** Hostnames from the wire by system id, router id or BGP identifier. */
const hostnames = `SELECT toString(domain) AS domain, toString(router) AS identity, argMax(value, version) AS wire_name
    FROM routewatch.router_names_state FINAL WHERE attribute = 'hostname'
    GROUP BY domain, identity`;

/** Names of addresses: interfaces and session ends of who has a hostname; an address that two routers use (in two network instances) has none. */
function addressNames(mode: Mode): string {
  return `SELECT o.domain AS domain, o.address AS identity, any(h.wire_name) AS wire_name
    FROM
    (
        SELECT toString(domain) AS domain, toString(router) AS address, toString(router_id) AS owner FROM routewatch.sessions_state FINAL WHERE router_id != ''
        UNION ALL
        SELECT toString(domain) AS domain, value AS address, toString(router) AS owner FROM routewatch.router_names_state FINAL
        WHERE attribute = 'interface-address' AND value != ''
    ) AS o
    ${global(mode)}LEFT ANY JOIN (${hostnames}) AS h ON h.domain = o.domain AND h.identity = o.owner
    WHERE o.address != o.owner
    GROUP BY domain, identity
    HAVING uniqExact(h.wire_name) = 1 AND wire_name != ''`;
}

/** Identities by any name: (domain, identity) to name, site and role; names from the wire come first. */
export function identities(mode: Mode): string[] {
  return [
    view(mode, 'router_identities', `SELECT
    domain, identity,
    argMaxIf(wire_name, rank, wire_name != '') AS wire_name,
    anyIf(inventory_name, inventory_name != '') AS inventory_name,
    if(wire_name != '', wire_name, inventory_name) AS name,
    anyIf(site, site != '') AS site,
    anyIf(role, role != '') AS role
FROM
(
    SELECT
        toString(domain) AS domain, arrayJoin(arrayDistinct(arrayFilter(x -> x != '', arrayConcat([name, system_id], router_ids, addresses)))) AS identity,
        '' AS wire_name, 0 AS rank, name AS inventory_name, toString(site) AS site, toString(role) AS role
    FROM routewatch.router_inventory FINAL WHERE NOT removed
    UNION ALL
    SELECT domain, identity, wire_name, 2 AS rank, '' AS inventory_name, '' AS site, '' AS role FROM (${hostnames})
    UNION ALL
    SELECT domain, identity, wire_name, 1 AS rank, '' AS inventory_name, '' AS site, '' AS role FROM (${addressNames(mode)})
)
GROUP BY domain, identity`),
    view(mode, 'routers', `SELECT
    w.domain AS domain, w.router AS router, w.protocols AS protocols,
    i.name AS name, i.site AS site, i.role AS role,
    w.hostname AS hostname, w.te_router_id AS te_router_id, w.as_number AS as_number,
    w.areas AS areas, w.addresses AS addresses, w.since AS since
FROM
(
    SELECT
        toString(domain) AS domain, router,
        arraySort(groupUniqArray(toString(protocol))) AS protocols,
        argMaxIf(value, version, attribute = 'hostname') AS hostname,
        argMaxIf(value, version, attribute = 'te-router-id') AS te_router_id,
        toUInt32OrZero(argMaxIf(value, version, attribute = 'as-number')) AS as_number,
        arraySort(groupUniqArrayIf(value, attribute = 'area' AND value != '')) AS areas,
        arraySort(groupUniqArrayIf(value, attribute = 'interface-address' AND value != '')) AS addresses,
        min(time) AS since
    FROM
    (
        SELECT domain, toString(protocol) AS protocol, toString(router) AS router, toString(attribute) AS attribute, value, version, time
        FROM routewatch.router_names_state FINAL
        UNION ALL
        SELECT domain, arrayJoin(['isis', 'ospfv2', 'bgp']) AS protocol,
            arrayJoin(if(protocol = 'isis', [system_id], router_ids)) AS router, 'inventory' AS attribute, name AS value, toUInt256(0) AS version,
            toDateTime64(updated_at, 9, 'UTC') AS time
        FROM routewatch.router_inventory FINAL WHERE NOT removed
    )
    WHERE router != ''
    GROUP BY domain, router
) AS w
${global(mode)}LEFT ANY JOIN routewatch.router_identities AS i ON i.domain = w.domain AND i.identity = w.router`),
    `CREATE DICTIONARY IF NOT EXISTS routewatch.routers_dictionary${onCluster(mode)}
(domain String, identity String, name String, site String, role String)
PRIMARY KEY domain, identity
SOURCE(CLICKHOUSE(QUERY 'SELECT domain, identity, name, site, role FROM routewatch.router_identities'))
LAYOUT(COMPLEX_KEY_DIRECT())`,
  ];
}

const adjacencyRows: Newest = { current: 'adjacencies_state' };

function adjacencies(mode: Mode, at: boolean): string {
  const join = `${global(mode)}LEFT ANY JOIN`;
  return `SELECT
    s.domain AS domain, s.network_instance AS network_instance, s.link AS link, s.protocol AS protocol, s.level AS level, s.area AS area,
    s.router AS router, s.neighbor AS neighbor,
    if(s.router_name != '', toString(s.router_name), r.name) AS router_name,
    if(s.neighbor_name != '', toString(s.neighbor_name), n.name) AS neighbor_name,
    r.site AS router_site, n.site AS neighbor_site,
    if(ia.interface_name != '', ia.interface_name, il.interface_name) AS interface_name,
    s.local_address AS local_address, s.neighbor_address AS neighbor_address, s.neighbor_snpa AS neighbor_snpa,
    s.circuit_id AS circuit_id, s.vlan AS vlan,
    s.state AS state, s.time AS since, s.prev_state AS prev_state, s.reason AS reason, s.detail AS detail,
    s.evidence AS evidence, s.confidence AS confidence, s.initial AS initial, s.hold_time AS hold_time, s.last_hello AS last_hello,
    toBool(e.expected_router != '') AS expected, s.tap AS tap, s.event_id AS event_id
FROM ${newest(adjacencyRows, at)} AS s
${join} routewatch.router_identities AS r ON r.domain = s.domain AND r.identity = s.router
${join} routewatch.router_identities AS n ON n.domain = s.domain AND n.identity = s.neighbor
${join} (SELECT domain, address, interface_name FROM routewatch.interfaces FINAL WHERE NOT removed AND address != '') AS ia
    ON ia.domain = s.domain AND ia.address = s.local_address
${join} (SELECT f.domain AS domain, f.link AS link, f.interface_name AS interface_name, i.identity AS identity
    FROM routewatch.interfaces AS f FINAL INNER JOIN routewatch.router_identities AS i ON i.domain = f.domain AND i.inventory_name = f.router_name
    WHERE NOT f.removed AND f.link != '') AS il
    ON il.domain = s.domain AND il.link = s.link AND il.identity = s.router
${join} (SELECT domain, protocol, router AS expected_router, neighbor FROM routewatch.expected_neighbors FINAL WHERE NOT removed) AS e
    ON e.domain = s.domain AND e.protocol = s.protocol AND e.expected_router = s.router AND e.neighbor = s.neighbor`;
}

const sessionRows: Newest = { current: 'sessions_state' };

function sessions(mode: Mode, at: boolean): string {
  const join = `${global(mode)}LEFT ANY JOIN routewatch.router_identities`;
  return `SELECT
    s.domain AS domain, s.network_instance AS network_instance, s.link AS link, s.router AS router, s.peer AS peer,
    if(r.name != '', r.name, ri.name) AS router_name, if(p.name != '', p.name, pi.name) AS peer_name,
    s.router_as AS router_as, s.peer_as AS peer_as, s.router_id AS router_id, s.peer_id AS peer_id,
    s.state AS state, s.time AS since, s.prev_state AS prev_state, s.reason AS reason, s.code AS code, s.subcode AS subcode,
    s.shutdown_text AS shutdown_text, s.capability_source AS capability_source, s.capabilities AS capabilities,
    s.hold_time AS hold_time, s.coverage AS coverage, s.evidence AS evidence, s.confidence AS confidence, s.initial AS initial,
    s.tap AS tap, s.event_id AS event_id
FROM ${newest(sessionRows, at)} AS s
${join} AS r ON r.domain = s.domain AND r.identity = s.router
${join} AS p ON p.domain = s.domain AND p.identity = s.peer
${join} AS ri ON ri.domain = s.domain AND ri.identity = s.router_id
${join} AS pi ON pi.domain = s.domain AND pi.identity = s.peer_id`;
}

const pathRows: Newest = { current: 'rib_paths' };

/** The last flush and stale mark of each direction and family, and the last stale mark that a sweep followed. */
function marks(at: boolean): string {
  return `(
    SELECT
        domain, network_instance, if(startsWith(sender, 'fe80:'), link, '') AS session_link, sender, receiver, afi_safi,
        maxIf(${rowOrder}, mark = 'flush') AS flushed,
        maxIf(${rowOrder}, mark = 'stale') AS staled,
        maxIf(${rowOrder}, mark = 'sweep') AS last_sweep,
        arrayMax(arrayFilter(x -> x < last_sweep, arrayPushBack(groupArrayIf(${rowOrder}, mark = 'stale'), toUInt256(0)))) AS swept
    FROM routewatch.rib_marks
    WHERE ${saneTime}${at ? ` AND time <= ${atParameter}` : ''}
    GROUP BY domain, network_instance, session_link, sender, receiver, afi_safi
)`;
}

/** The newest row of each attribute set: another decoder may have read it otherwise. */
const newestAttributes = `(SELECT * FROM routewatch.path_attributes ORDER BY attributes, ${rowOrder} DESC LIMIT 1 BY attributes)`;

function rib(mode: Mode, at: boolean, attributes = 'routewatch.path_attributes'): string {
  const join = `${global(mode)}LEFT ANY JOIN`;
  return `SELECT
    p.sender AS sender, p.receiver AS receiver, p.afi_safi AS afi_safi,
    concat(if(p.afi_safi LIKE 'ipv4%', substring(toString(p.prefix_address), 8), toString(p.prefix_address)), '/', toString(p.prefix_length)) AS prefix,
    p.path_id AS path_id, a.origin AS origin, a.as_path AS as_path, a.as_path_text AS as_path_text, a.next_hop AS next_hop,
    a.med AS med, a.local_pref AS local_pref, a.communities AS communities, a.large_communities AS large_communities,
    a.ext_communities AS ext_communities, toBool(p.version < m.staled) AS stale, p.time AS since,
    p.prefix_address AS prefix_address, p.prefix_length AS prefix_length, p.origin_as AS origin_as, a.first_as AS first_as,
    a.originator_id AS originator_id, a.cluster_list AS cluster_list, a.aggregator AS aggregator, p.attributes AS attributes,
    p.domain AS domain, p.network_instance AS network_instance, p.link AS link, p.tap AS tap, p.event_id AS event_id
FROM ${newest(pathRows, at)} AS p
${join} ${marks(at)} AS m
    ON m.domain = p.domain AND m.network_instance = p.network_instance AND m.session_link = p.session_link
    AND m.sender = p.sender AND m.receiver = p.receiver AND m.afi_safi = p.afi_safi
${join} ${attributes} AS a ON a.attributes = p.attributes
WHERE p.attributes != 0 AND p.version >= m.flushed AND p.version >= m.swept`;
}

const countRows: Newest = { current: 'neighbor_counts_state' };

function neighborCounts(mode: Mode, at: boolean): string {
  const join = `${global(mode)}LEFT ANY JOIN`;
  return `SELECT
    s.domain AS domain, s.network_instance AS network_instance, s.link AS link, s.protocol AS protocol, s.level AS level, s.area AS area,
    s.router AS router, if(s.router_name != '', toString(s.router_name), r.name) AS router_name, r.site AS router_site,
    s.adjacencies AS adjacencies, s.neighbors AS neighbors, s.full AS full, s.two_way AS two_way, s.coverage AS coverage,
    if(e.router = '', NULL, e.expected) AS expected, s.time AS time, s.event_id AS event_id
FROM ${newest(countRows, at)} AS s
${join} routewatch.router_identities AS r ON r.domain = s.domain AND r.identity = s.router
${join} routewatch.expected_counts AS e ON e.domain = s.domain AND e.protocol = s.protocol AND e.router = s.router AND e.link = s.link`;
}

/** The views of routes with the newest reading of their attributes. */
export function routeViews(mode: Mode): string[] {
  return [view(mode, 'rib', rib(mode, false, newestAttributes)), view(mode, 'rib_at', rib(mode, true, newestAttributes))];
}

/** Adjacencies, sessions, routes and counts, now and at a time. */
export function currentViews(mode: Mode): string[] {
  return [
    view(mode, 'adjacencies', adjacencies(mode, false)),
    view(mode, 'adjacencies_at', adjacencies(mode, true)),
    view(mode, 'sessions', sessions(mode, false)),
    view(mode, 'sessions_at', sessions(mode, true)),
    view(mode, 'rib', rib(mode, false)),
    view(mode, 'rib_at', rib(mode, true)),
    view(mode, 'neighbor_counts_now', neighborCounts(mode, false)),
    view(mode, 'neighbor_counts_at', neighborCounts(mode, true)),
    view(mode, 'adj_rib_in_pre', 'SELECT receiver AS router, sender AS peer, * FROM routewatch.rib'),
    view(mode, 'adj_rib_out_post', 'SELECT sender AS router, receiver AS peer, * FROM routewatch.rib'),
  ];
}
