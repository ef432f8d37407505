/** Rules straight on the event tables, for those who want Grafana to be the engine; shipped disabled, so that nobody is paged twice. */
import type { RuleGroup } from '../kit/rule.ts';
import { fleet } from '../source/fleet.ts';
import { isisDashboard } from '../source/isis.ts';
import { routesDashboard } from '../source/routes.ts';
import { sessionsDashboard } from '../source/sessions.ts';
import { restingStates } from '../source/states.ts';
import { tapSees } from './blind.ts';

const DAY = 86_400;

export const eventRules: RuleGroup = {
  name: 'routewatch-events', interval: '30s', paused: true, source: 'routewatch-events',
  rules: [
    {
      name: 'adjacency-lost', title: 'Adjacency lost', severity: 'critical', range: DAY, for: '0s', above: 0, panel: [fleet, 'Down at the end of the range'],
      summary: '{{ $labels.protocol }}: {{ $labels.router_name }} ({{ $labels.router }}) lost {{ $labels.neighbor_name }} ({{ $labels.neighbor }}) on {{ $labels.link }}: {{ $labels.reason }}.',
      description: 'The view of one router of its neighbour left up or full and has not come back. Two views of one link are two alerts. Ends by itself after a day: routers that are taken away stay down.',
      sql: `SELECT toString(domain) AS domain, toString(protocol) AS protocol, toString(router) AS router, any(router_name) AS router_name, toString(neighbor) AS neighbor, any(neighbor_name) AS neighbor_name,
  toString(link) AS link, toString(level) AS level, toString(any(state)) AS state, toString(any(reason)) AS reason, count() AS views
FROM (SELECT * FROM routewatch.adjacencies_at(at = $__toTime) WHERE state NOT IN ${restingStates} AND NOT initial AND since >= $__fromTime) AS lost
WHERE ${tapSees}
GROUP BY domain, protocol, router, neighbor, link, level`,
    },
    {
      name: 'session-lost', title: 'BGP session lost', severity: 'critical', range: DAY, for: '0s', above: 0, panel: [sessionsDashboard, 'Sessions at the end of the range'],
      summary: 'BGP {{ $labels.router }} -> {{ $labels.peer }}: {{ $labels.reason }}.',
      description: 'One end of a session was established within the last day and is not now. Its routes went with it.',
      sql: `SELECT toString(s.domain) AS domain, toString(s.router) AS router, any(s.router_name) AS router_name, toString(s.peer) AS peer, any(s.peer_name) AS peer_name, toString(any(s.state)) AS state, toString(any(s.reason)) AS reason, count() AS ends
FROM (SELECT * FROM routewatch.sessions_at(at = $__toTime) WHERE state != 'established' AND ${tapSees}) AS s
WHERE (s.domain, s.router, s.peer) GLOBAL IN (SELECT domain, router, peer FROM routewatch.session_events WHERE $__timeFilter(time) AND prev_state = 'established')
GROUP BY domain, router, peer`,
    },
    {
      name: 'neighbor-missing', title: 'Expected neighbour missing', severity: 'warning', range: 3600, for: '5m', above: 0, panel: [fleet, 'Expected neighbours missing now'],
      summary: '{{ $labels.protocol }}: {{ $labels.router }} has no {{ $labels.neighbor }}, which the inventory expects.',
      description: 'No tap sees this neighbour up. Where it was taken away for good, take it out of the inventory.',
      sql: `SELECT toString(domain) AS domain, toString(protocol) AS protocol, toString(router) AS router, any(router_name) AS router_name, toString(neighbor) AS neighbor, toString(link) AS link, count() AS missing
FROM routewatch.missing_neighbors GROUP BY domain, protocol, router, neighbor, link`,
    },
    {
      name: 'adjacency-flapping', title: 'Adjacency flapping', severity: 'warning', range: 900, for: '0s', above: 2, panel: [isisDashboard, 'Most losses'],
      summary: '{{ $labels.protocol }}: {{ $labels.router }} lost {{ $labels.neighbor }} on {{ $labels.link }} {{ $values.A.Value }} times within 15 minutes.',
      description: 'Each loss makes every router of the area compute anew. A link with errors, a hold time at its margin, or a process that restarts.',
      sql: `SELECT toString(domain) AS domain, toString(protocol) AS protocol, toString(router) AS router, toString(neighbor) AS neighbor, toString(link) AS link, count() AS losses
FROM routewatch.adjacency_events
WHERE $__timeFilter(time) AND NOT initial AND prev_state IN ('up', 'full') AND state NOT IN ('up', 'full')
GROUP BY domain, protocol, router, neighbor, link`,
    },
    {
      name: 'router-overloaded', title: 'Router overloaded', severity: 'warning', range: 3600, for: '10m', above: 0, panel: [isisDashboard, 'Overloaded'],
      summary: 'IS-IS: {{ $labels.router_name }} ({{ $labels.router }}) has had the overload bit for 10 minutes.',
      description: 'No traffic goes through this router. Right in maintenance; otherwise it ran out of memory, or waits for BGP that does not come.',
      sql: `SELECT toString(domain) AS domain, toString(protocol) AS protocol, toString(node) AS router, any(name) AS router_name, toString(level) AS level, count() AS overloaded
FROM routewatch.nodes_at(at = $__toTime) WHERE overload GROUP BY domain, protocol, node, level`,
    },
    {
      name: 'route-churn', title: 'Many route changes', severity: 'warning', range: 300, for: '2m', above: 10_000, panel: [routesDashboard, 'Changes by class'],
      summary: '{{ $values.A.Value }} route changes from {{ $labels.sender }} within 5 minutes.',
      description: 'Repeats and what comes with a session are not counted apart: look whether a session was lost first.',
      sql: `SELECT toString(domain) AS domain, toString(sender) AS sender, toString(afi_safi) AS family, count() AS changes
FROM routewatch.route_changes WHERE $__timeFilter(time) AND NOT initial AND change_class IN ('tup', 'tdown', 'aadiff') GROUP BY domain, sender, afi_safi`,
    },
  ],
};
