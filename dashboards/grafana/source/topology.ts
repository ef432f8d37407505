/** Topology: the graph that the link-state databases describe, at the end of the time range. */
import { colors, nodeGraph, row, table, timeSeries } from '../kit/panels.ts';
import { dashboard, domainVariable, queryVariable, uids } from '../kit/dashboard.ts';
import { nameOr, only } from '../kit/query.ts';

const protocolVariable = queryVariable({
  name: 'protocol', label: 'Protocol', description: 'IS-IS, OSPFv2 or OSPFv3: each has graphs of its own', sql: `SELECT DISTINCT protocol FROM routewatch.topology_state WHERE ${only('domain')} ORDER BY protocol`,
});
const levelVariable = queryVariable({
  name: 'level', label: 'Level', description: 'IS-IS level; 0 is OSPF', sql: `SELECT DISTINCT toString(level) AS level FROM routewatch.topology_state WHERE ${only('domain')} AND ${only('protocol')} ORDER BY level`,
});

const shown = `${only('domain')} AND ${only('protocol')} AND ${only('level', 'toString(level)')}`;

export const topologyDashboard = dashboard({
  uid: uids.topology, title: 'RouteWatch: topology', description: 'The graph of routers and links as the routers flood it, at the end of the time range: move the range to look back.',
  variables: [domainVariable, protocolVariable, levelVariable], from: 'now-6h',
  panels: [
    nodeGraph({
      title: 'Graph at the end of the range', width: 24, arcs: { arc__overload: colors.bad, arc__forwarding: colors.good },
      description: 'A router has a node in each graph that it is in: level or area. A red ring is the overload bit. An edge is one direction with its metric; a dashed one is advertised from one side only. Grafana shows at most 1500 nodes.',
      nodes: `SELECT id, title, subtitle, mainstat, secondarystat, arc__overload, arc__forwarding, detail__domain, detail__site, detail__role, detail__since
FROM routewatch.grafana_node_graph_nodes_at(at = $__toTime) WHERE ${shown} ORDER BY id LIMIT 1500`,
      edges: `SELECT id, source, target, mainstat, secondarystat, strokeDasharray, detail__domain, detail__from, detail__to, detail__since
FROM routewatch.grafana_node_graph_edges_at(at = $__toTime) WHERE ${shown}
  AND source GLOBAL IN (SELECT id FROM routewatch.grafana_node_graph_nodes_at(at = $__toTime) WHERE ${shown} ORDER BY id LIMIT 1500)
  AND target GLOBAL IN (SELECT id FROM routewatch.grafana_node_graph_nodes_at(at = $__toTime) WHERE ${shown} ORDER BY id LIMIT 1500)
ORDER BY id LIMIT 10000`,
    }),
    row('Changes within the range'),
    timeSeries({
      title: 'Changes of the graph', width: 12, bars: true, description: 'Nodes, links and prefixes that appeared, vanished or changed.',
      sql: `SELECT $__timeInterval(time) AS bucket, concat(object_type, ' ', change) AS what, count() AS changes FROM routewatch.topology_changes
WHERE $__timeFilter(time) AND NOT initial AND ${shown} GROUP BY bucket, what ORDER BY bucket, what`,
    }),
    table({
      title: 'Metrics that changed', width: 12, height: 8, description: 'Old and new metric of each link, newest first.',
      sql: `SELECT time AS Time, ${nameOr('router_name', 'router')} AS Router, object_key AS Link, level AS Level, area AS Area, old_number AS Before, new_number AS After FROM routewatch.topology_changes
WHERE $__timeFilter(time) AND NOT initial AND object_type = 'link' AND field = 'metric' AND ${shown} ORDER BY time DESC LIMIT 200`,
    }),
    table({
      title: 'Links and routers that came and went', width: 24, description: 'Newest first. A link that goes in one direction only is a one-way fault or a withdrawal by one router.',
      sql: `SELECT time AS Time, domain AS Domain, protocol AS Protocol, level AS Level, area AS Area, object_type AS Object, object_key AS Key, ${nameOr('router_name', 'router')} AS Router, change AS Change FROM routewatch.topology_changes
WHERE $__timeFilter(time) AND NOT initial AND object_type IN ('node', 'link') AND field = 'exists' AND ${shown} ORDER BY time DESC, Key LIMIT 500`,
      columns: { Change: { colors: { added: colors.good, removed: colors.bad }, width: 90 } },
    }),
  ],
});
