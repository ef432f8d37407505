/** Views in the shapes that Grafana's panels want: node graph, state timeline, annotations. */
import { global, type Mode } from './engine.ts';
import { links, nodes } from './topology.ts';
import { newest, view } from './views.ts';

/** Graphs of different domains, instances, protocols, levels and areas stay apart: their routers may have equal ids. */
function graphId(node: string): string {
  return `concat(domain, '/', network_instance, '/', protocol, '/', toString(level), '/', area, '/', ${node})`;
}

const scope = 'domain, network_instance, protocol, level, area';
const graph = "if(level != 0, concat(protocol, ' L', toString(level)), if(area != '', concat(protocol, ' area ', area), toString(protocol)))";

function nodeGraphNodes(mode: Mode, at: boolean): string {
  return `SELECT
    ${graphId('node')} AS id, if(name = '', toString(node), toString(name)) AS title, toString(node) AS subtitle,
    ${graph} AS mainstat, toString(site) AS secondarystat,
    if(overload, 1., 0.) AS arc__overload, if(overload, 0., 1.) AS arc__forwarding,
    toString(domain) AS detail__domain, toString(site) AS detail__site, toString(role) AS detail__role, toString(since) AS detail__since,
    domain, protocol, level, area, node
FROM (${nodes(mode, at)}) AS shown`;
}

/** Grafana's panel fails on an edge to a node that is not there, so links to routers whose own LSP or LSA is unknown are left out. */
function nodeGraphEdges(mode: Mode, at: boolean): string {
  const known = `(SELECT ${scope}, node FROM (${nodes(mode, at)}) AS known)`;
  return `SELECT
    ${graphId('link_key')} AS id, ${graphId('router')} AS source, ${graphId('neighbor')} AS target,
    ifNull(toString(metric), '') AS mainstat, if(two_way, '', 'one way') AS secondarystat, if(two_way, '', '6 4') AS strokeDasharray,
    toString(domain) AS detail__domain, toString(router_name) AS detail__from, toString(neighbor_name) AS detail__to, toString(since) AS detail__since,
    domain, protocol, level, area, router, neighbor, metric
FROM (
    SELECT *, (${scope}, neighbor, router) ${global(mode)}IN (SELECT ${scope}, router, neighbor FROM (${links(mode, at)}) AS back) AS two_way
    FROM (${links(mode, at)}) AS shown
    WHERE (${scope}, router) ${global(mode)}IN ${known} AND (${scope}, neighbor) ${global(mode)}IN ${known}
) AS drawn`;
}

/** One series a view: its name has the names of today, for a name that is learned later must not begin a second one. */
function adjacencyStates(mode: Mode, source: string): string {
  const name = (known: string, id: string): string => `if(${known} != '', ${known}, toString(${id}))`;
  const join = `${global(mode)}LEFT ANY JOIN routewatch.router_identities`;
  return `SELECT
    e.time AS time, concat(${name('r.name', 'e.router')}, ' -> ', ${name('n.name', 'e.neighbor')}, ' on ', e.link, if(e.level = 0, '', concat(' L', toString(e.level)))) AS series,
    toString(e.state) AS state, toString(e.reason) AS reason, e.domain AS domain, e.protocol AS protocol, e.level AS level, e.router AS router, e.neighbor AS neighbor, e.link AS link
FROM ${source} AS e
${join} AS r ON r.domain = e.domain AND r.identity = e.router
${join} AS n ON n.domain = e.domain AND n.identity = e.neighbor`;
}

function sessionStates(mode: Mode, source: string): string {
  const name = (known: string, address: string): string => `if(${known} != '', concat(${known}, ' (', e.${address}, ')'), toString(e.${address}))`;
  const join = `${global(mode)}LEFT ANY JOIN routewatch.router_identities`;
  return `SELECT
    e.time AS time, concat(${name('r.name', 'router')}, ' -> ', ${name('p.name', 'peer')}, if(e.network_instance = 'default', '', concat(' in ', e.network_instance))) AS series,
    toString(e.state) AS state, toString(e.reason) AS reason, e.domain AS domain, e.router AS router, e.peer AS peer
FROM ${source} AS e
${join} AS r ON r.domain = e.domain AND r.identity = e.router
${join} AS p ON p.domain = e.domain AND p.identity = e.peer`;
}

/** The views of Grafana's shapes; those ending in `_at` say what was at a time. */
export function grafanaViews(mode: Mode): string[] {
  return [
    view(mode, 'grafana_node_graph_nodes', nodeGraphNodes(mode, false)),
    view(mode, 'grafana_node_graph_nodes_at', nodeGraphNodes(mode, true)),
    view(mode, 'grafana_node_graph_edges', nodeGraphEdges(mode, false)),
    view(mode, 'grafana_node_graph_edges_at', nodeGraphEdges(mode, true)),
    view(mode, 'grafana_adjacency_states', adjacencyStates(mode, 'routewatch.adjacency_events')),
    view(mode, 'grafana_adjacency_states_at', adjacencyStates(mode, newest({ current: 'adjacencies_state' }, true))),
    view(mode, 'grafana_session_states', sessionStates(mode, 'routewatch.session_events')),
    view(mode, 'grafana_session_states_at', sessionStates(mode, newest({ current: 'sessions_state' }, true))),
    view(mode, 'grafana_annotations', `SELECT
    time, concat(if(router_name = '', '', concat(router_name, ' ')), subject, ': ', if(prev = '', '', concat(prev, ' -> ')), new) AS title, reason AS text,
    concat(kind, ',', domain) AS tags, event_id, kind, domain, router
FROM routewatch.timeline
WHERE kind IN ('adjacency', 'session', 'coverage', 'rib') AND NOT initial`),
  ];
}
