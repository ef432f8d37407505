/** `timeline`: one line for everything; and the shapes that Grafana's panels want. */
import { global, type Mode } from './engine.ts';
import { view } from './views.ts';

interface Line {
  readonly table: string;
  readonly kind: string;
  readonly router: string;
  readonly wireName: string;
  readonly subject: string;
  readonly prev: string;
  readonly next: string;
  readonly reason: string;
}

const lines: readonly Line[] = [
  {
    table: 'adjacency_events', kind: 'adjacency', router: 'router', wireName: 'router_name',
    subject: "concat(protocol, if(level = 0, '', concat(' L', toString(level))), ' neighbor ', if(neighbor_name != '', concat(neighbor_name, ' (', neighbor, ')'), neighbor), ' on ', link)",
    prev: 'prev_state', next: 'state', reason: "if(detail = '', toString(reason), concat(reason, ': ', detail))",
  },
  {
    table: 'session_events', kind: 'session', router: 'router', wireName: "''", subject: "concat('bgp peer ', peer)", prev: 'prev_state', next: 'state',
    reason: "concat(reason, if(code = 0, '', concat(' ', toString(code), '/', toString(subcode))), if(shutdown_text = '', '', concat(': ', shutdown_text)))",
  },
  {
    table: 'topology_changes', kind: 'topology', router: 'router', wireName: 'router_name', subject: "concat(protocol, ' ', object_type, ' ', object_key, ' ', field)",
    prev: 'ifNull(toString(old_number), old_text)', next: 'ifNull(toString(new_number), new_text)', reason: 'change',
  },
  {
    table: 'rib_marks', kind: 'rib', router: 'receiver', wireName: "''", subject: "concat(toString(routes), ' ', afi_safi, ' routes from ', sender)",
    prev: "''", next: 'mark', reason: 'reason',
  },
  {
    table: 'route_changes', kind: 'route', router: 'sender', wireName: "''", subject: "concat(prefix, ' to ', receiver)",
    prev: "if(prev_attributes = 0, 'absent', 'present')", next: "if(attributes = 0, 'absent', 'present')", reason: 'change_class',
  },
  { table: 'protocol_errors', kind: 'error', router: 'sender', wireName: "''", subject: "concat(protocol, ' ', if(receiver = '', 'to all', concat('to ', receiver)), ' on ', link)", prev: "''", next: 'error', reason: 'detail' },
  { table: 'coverage_events', kind: 'coverage', router: "''", wireName: "''", subject: "concat(tap, if(subject = '' OR subject = tap, '', concat(' ', subject)))", prev: "''", next: 'what', reason: 'detail' },
  { table: 'quarantine', kind: 'quarantine', router: "''", wireName: "''", subject: "concat(protocol, ' frame at ', tap)", prev: "''", next: 'error', reason: 'source_line' },
];

function line(source: Line): string {
  return `    SELECT time, decided_time, toString(domain) AS domain, toString(${source.router}) AS router, toString(${source.wireName}) AS wire_name, '${source.kind}' AS kind,
        ${source.subject} AS subject, toString(${source.prev}) AS prev, toString(${source.next}) AS new, toString(${source.reason}) AS reason,
        toString(tap) AS tap, initial, event_id, frame_offset, frame_index, ordinal
    FROM routewatch.${source.table}`;
}

/** The timeline, and node graph, state timeline and annotations for Grafana. */
export function timelineViews(mode: Mode): string[] {
  return [
    view(mode, 'timeline', `SELECT
    t.time AS time, t.domain AS domain, t.router AS router, if(t.wire_name != '', t.wire_name, r.name) AS router_name, t.kind AS kind,
    t.subject AS subject, t.prev AS prev, t.new AS new, t.reason AS reason, t.event_id AS event_id,
    t.decided_time AS decided_time, t.initial AS initial, t.tap AS tap,
    t.frame_offset AS frame_offset, t.frame_index AS frame_index, t.ordinal AS ordinal
FROM
(
${lines.map(line).join('\n    UNION ALL\n')}
) AS t
${global(mode)}LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = t.domain AND r.identity = t.router`),
    view(mode, 'grafana_node_graph_nodes', `SELECT
    concat(protocol, '/', toString(level), '/', area, '/', node) AS id, if(name = '', node, name) AS title, node AS subtitle,
    protocol AS mainstat, site AS secondarystat, if(overload, 1, 0) AS arc__overload, if(overload, 0, 1) AS arc__forwarding, domain AS detail__domain
FROM routewatch.nodes`),
    view(mode, 'grafana_node_graph_edges', `SELECT
    concat(protocol, '/', toString(level), '/', area, '/', link_key) AS id, concat(protocol, '/', toString(level), '/', area, '/', router) AS source,
    concat(protocol, '/', toString(level), '/', area, '/', neighbor) AS target, toString(metric) AS mainstat, domain AS detail__domain
FROM routewatch.links`),
    view(mode, 'grafana_adjacency_states', `SELECT
    time, concat(if(router_name = '', router, router_name), ' -> ', if(neighbor_name = '', neighbor, neighbor_name), ' ', link, if(level = 0, '', concat(' L', toString(level)))) AS series,
    state, domain, protocol, router, neighbor, link
FROM routewatch.adjacency_events`),
    view(mode, 'grafana_session_states', `SELECT time, concat(router, ' -> ', peer) AS series, state, domain, router, peer FROM routewatch.session_events`),
    view(mode, 'grafana_annotations', `SELECT
    time, concat(if(router_name = '', router, router_name), ' ', subject, ': ', prev, ' -> ', new) AS title, reason AS text, [kind, domain] AS tags, event_id
FROM routewatch.timeline
WHERE kind IN ('adjacency', 'session', 'coverage', 'rib') AND NOT initial`),
    view(mode, 'missing_neighbors', `SELECT
    e.domain AS domain, e.protocol AS protocol, e.router AS router, r.name AS router_name, e.neighbor AS neighbor, n.name AS neighbor_name, e.link AS link,
    s.state AS state, s.reason AS reason, if(s.state = '', NULL, s.since) AS since
FROM (SELECT * FROM routewatch.expected_neighbors FINAL WHERE NOT removed) AS e
${global(mode)}LEFT ANY JOIN (
    SELECT domain, protocol, router, neighbor, link, argMax(view_state, rank) AS state, argMax(view_reason, rank) AS reason, argMax(view_since, rank) AS since
    FROM (
        SELECT domain, toString(protocol) AS protocol, toString(router) AS router, toString(neighbor) AS neighbor, arrayJoin(['', toString(link)]) AS link,
            toString(state) AS view_state, toString(reason) AS view_reason, time AS view_since, (view_state IN ('up', 'full', '2-way'), time) AS rank
        FROM routewatch.adjacencies_state FINAL
        UNION ALL
        SELECT domain, 'bgp' AS protocol, toString(router) AS router, toString(peer) AS neighbor, arrayJoin(['', toString(link)]) AS link,
            toString(state) AS view_state, toString(reason) AS view_reason, time AS view_since, (view_state = 'established', time) AS rank
        FROM routewatch.sessions_state FINAL
    )
    GROUP BY domain, protocol, router, neighbor, link
) AS s ON s.domain = e.domain AND s.protocol = e.protocol AND s.router = e.router AND s.neighbor = e.neighbor AND s.link = e.link
${global(mode)}LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = e.domain AND r.identity = e.router
${global(mode)}LEFT ANY JOIN routewatch.router_identities AS n ON n.domain = e.domain AND n.identity = e.neighbor
WHERE s.state NOT IN ('up', 'full', '2-way', 'established')`),
  ];
}
