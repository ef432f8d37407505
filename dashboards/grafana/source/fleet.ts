/** Fleet overview: is anything down, was anything, and can it be believed. */
import { badIfAny, badIfNone, colors, neutral, stat, table, timeSeries, warnIfAny, row } from '../kit/panels.ts';
import { dashboard, domainVariable, linkTo, uids } from '../kit/dashboard.ts';
import { nameOr, only } from '../kit/query.ts';
import { adjacencyColors, eventTable, restingStates, toProtocol } from './states.ts';

const domain = only('domain');

export const fleet = dashboard({
  uid: uids.fleet, title: 'RouteWatch: fleet', description: 'All domains and protocols: what is down, what happened, what we cannot see.',
  variables: [domainVariable],
  panels: [
    row('At the end of the range'),
    stat({
      title: 'Adjacencies at rest', width: 4, thresholds: badIfNone, links: [toProtocol.isis, toProtocol.ospf], description: 'Views of neighbours that are up, full or 2-way.',
      sql: `SELECT count() AS up FROM routewatch.adjacencies_at(at = $__toTime) WHERE state IN ${restingStates} AND ${domain}`,
    }),
    stat({
      title: 'Adjacencies down', width: 4, thresholds: badIfAny, links: [toProtocol.isis, toProtocol.ospf], description: 'Views of neighbours that are not. The table below says which and why.',
      sql: `SELECT count() AS down FROM routewatch.adjacencies_at(at = $__toTime) WHERE state NOT IN ${restingStates} AND ${domain}`,
    }),
    stat({
      title: 'BGP views established', width: 4, thresholds: badIfNone, links: [toProtocol.sessions], description: 'Ends of BGP sessions that are established: two for each session.',
      sql: `SELECT count() AS established FROM routewatch.sessions_at(at = $__toTime) WHERE state = 'established' AND ${domain}`,
    }),
    stat({
      title: 'BGP views not established', width: 4, thresholds: badIfAny, links: [toProtocol.sessions], description: 'Ends of BGP sessions that were seen and are not established.',
      sql: `SELECT count() AS down FROM routewatch.sessions_at(at = $__toTime) WHERE state != 'established' AND ${domain}`,
    }),
    stat({
      title: 'Expected neighbours missing now', width: 4, thresholds: badIfAny, description: 'What the inventory expects and no tap sees up. Now, whatever the time range says.',
      sql: `SELECT count() AS missing FROM routewatch.missing_neighbors WHERE ${domain}`,
    }),
    stat({
      title: 'Taps that see', width: 4, thresholds: badIfNone, links: [linkTo('pipeline', 'Pipeline health')], description: 'Taps whose last coverage event is their opening or return. Blind is not down: what a lost tap would show is unknown.',
      sql: `SELECT countIf(last IN ('tap-opened', 'restored', 'carrier-restored')) AS seeing FROM (
  SELECT tap, argMax(what, time) AS last FROM routewatch.coverage_events WHERE time <= $__toTime AND what NOT IN ('gap', 'state-reset') AND ${domain} GROUP BY domain, collector, tap
)`,
    }),
    table({
      title: 'Alerts at the end of the range', width: 24, height: 7,
      description: 'What the alert engine held for firing, worst and oldest first; told is empty where an incident, a maintenance window or its age kept it back.',
      sql: `SELECT severity AS Severity, rule AS Rule, since AS Since, subject AS Subject, summary AS Summary, reason AS Reason, if(told, 'yes', toString(untold)) AS Told, domain AS Domain, toString(alert_id) AS Alert
FROM routewatch.open_alerts_at(at = $__toTime)
WHERE ${domain}
ORDER BY indexOf(['critical', 'error', 'warning', 'info'], toString(severity)), since
LIMIT 500`,
      columns: { Severity: { colors: { critical: 'dark-red', error: colors.bad, warning: colors.warn, info: colors.rest }, width: 90 } },
    }),
    table({
      title: 'Down at the end of the range', width: 24, height: 8,
      description: 'Adjacencies and BGP views that are not at rest, longest first, with the reason of the last change.',
      sql: `SELECT domain AS Domain, protocol AS Protocol, ${nameOr('router_name', 'router')} AS Router, ${nameOr('neighbor_name', 'neighbor')} AS Neighbor, link AS Link, state AS State, reason AS Reason, since AS Since,
  dateDiff('second', since, toDateTime64($__toTime, 9, 'UTC')) AS For
FROM (
  SELECT toString(domain) AS domain, toString(protocol) AS protocol, toString(router_name) AS router_name, toString(router) AS router, toString(neighbor_name) AS neighbor_name, toString(neighbor) AS neighbor, toString(link) AS link, toString(state) AS state, toString(reason) AS reason, since
  FROM routewatch.adjacencies_at(at = $__toTime) WHERE state NOT IN ${restingStates}
  UNION ALL
  SELECT toString(domain), 'bgp', toString(router_name), toString(router), toString(peer_name), toString(peer), toString(link), toString(state), toString(reason), since
  FROM routewatch.sessions_at(at = $__toTime) WHERE state != 'established'
)
WHERE ${domain}
ORDER BY since
LIMIT 500`,
      columns: { State: { colors: { ...adjacencyColors, idle: colors.bad, connect: colors.warn, opensent: 'yellow', openconfirm: 'yellow' }, width: 90 }, For: { unit: 's', width: 110 } },
    }),
    row('Within the range'),
    timeSeries({
      title: 'Changes by kind', width: 16, bars: true, description: 'State changes of adjacencies and sessions, changes of the graph and of routes. A burst in all at once is one event; click into the time and read the table below.',
      sql: `SELECT bucket, kind, sum(n) AS changes FROM (
  SELECT $__timeInterval(time) AS bucket, 'adjacency' AS kind, count() AS n FROM routewatch.adjacency_events WHERE $__timeFilter(time) AND NOT initial AND ${domain} GROUP BY bucket
  UNION ALL SELECT $__timeInterval(time) AS bucket, 'session' AS kind, count() AS n FROM routewatch.session_events WHERE $__timeFilter(time) AND NOT initial AND ${domain} GROUP BY bucket
  UNION ALL SELECT $__timeInterval(time) AS bucket, 'topology' AS kind, count() AS n FROM routewatch.topology_changes WHERE $__timeFilter(time) AND NOT initial AND ${domain} GROUP BY bucket
  UNION ALL SELECT $__timeInterval(time) AS bucket, 'route' AS kind, count() AS n FROM routewatch.route_changes WHERE $__timeFilter(time) AND NOT initial AND ${domain} GROUP BY bucket
) GROUP BY bucket, kind ORDER BY bucket, kind`,
    }),
    table({
      title: 'Routers with most losses', width: 8, height: 8, description: 'Adjacencies and established BGP views that each router lost.',
      sql: `SELECT Router, sum(n) AS Losses, max(last) AS Last FROM (
  SELECT if(any(router_name) = '', toString(router), toString(any(router_name))) AS Router, count() AS n, max(time) AS last FROM routewatch.adjacency_events
  WHERE $__timeFilter(time) AND NOT initial AND prev_state IN ('up', 'full') AND state NOT IN ('up', 'full') AND ${domain} GROUP BY router
  UNION ALL
  SELECT toString(router) AS Router, count() AS n, max(time) AS last FROM routewatch.session_events
  WHERE $__timeFilter(time) AND NOT initial AND prev_state = 'established' AND state != 'established' AND ${domain} GROUP BY router
) GROUP BY Router ORDER BY Losses DESC, Last DESC LIMIT 20`,
      columns: { Losses: { thresholds: [[null, colors.none], [5, colors.warn], [20, colors.bad]], width: 80 } },
    }),
    timeSeries({
      title: 'Alerts that began', width: 24, height: 6, bars: true, description: 'Alerts that were told, by rule.',
      sql: `SELECT $__timeInterval(time) AS bucket, toString(rule) AS rule, count() AS alerts FROM routewatch.alerts
WHERE $__timeFilter(time) AND state = 'firing' AND told AND ${domain} GROUP BY bucket, rule ORDER BY bucket, rule`,
    }),
    eventTable('What happened', ['adjacency', 'session', 'coverage', 'rib', 'error', 'quarantine'], ''),
    row('What we know'),
    stat({ title: 'Routers', width: 6, thresholds: neutral, description: 'Routers and BGP speakers that any protocol named. Now.', sql: `SELECT uniqExact(domain, if(name = '', router, name)) AS routers FROM routewatch.routers WHERE ${domain}` }),
    stat({ title: 'Links in the graphs', width: 6, links: [linkTo('topology', 'Topology')], description: 'Directed links of all link-state graphs at the end of the range.', sql: `SELECT count() AS links FROM routewatch.links_at(at = $__toTime) WHERE ${domain}` }),
    stat({ title: 'Route changes', width: 6, links: [linkTo('routes', 'Routes')], description: 'Announcements, withdrawals and replacements within the range; repeats without a difference are not counted.', sql: `SELECT count() AS changes FROM routewatch.route_changes WHERE $__timeFilter(time) AND NOT initial AND change_class IN ('tup', 'tdown', 'aadiff') AND ${domain}` }),
    stat({ title: 'Frames in quarantine', width: 6, thresholds: warnIfAny, links: [linkTo('pipeline', 'Pipeline health')], description: 'Frames within the range that could not be read.', sql: `SELECT count() AS frames FROM routewatch.quarantine WHERE $__timeFilter(time) AND ${domain}` }),
  ],
});
