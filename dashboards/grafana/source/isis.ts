/** IS-IS: adjacencies, neighbours, link-state database, overload, errors. */
import { badIfAny, badIfNone, stat, row, timeSeries, warnIfAny } from '../kit/panels.ts';
import { dashboard, domainVariable, routerVariable, uids } from '../kit/dashboard.ts';
import { only } from '../kit/query.ts';
import { graphChanges, lsdbTable, lsdbOverTime } from './linkstate.ts';
import { adjacencyTable, adjacencyTimeline, lossesOverTime, neighborCounts, protocolErrors, restingStates, topFlappers } from './states.ts';

const isis = "protocol = 'isis'";
const shown = `${isis} AND ${only('domain')} AND ${only('router')}`;

export const isisDashboard = dashboard({
  uid: uids.isis, title: 'RouteWatch: IS-IS', description: 'Adjacencies, neighbours and link-state database of IS-IS, both levels.',
  variables: [domainVariable, routerVariable(['isis'])],
  panels: [
    row('At the end of the range'),
    stat({ title: 'Adjacencies up', width: 6, thresholds: badIfNone, description: 'Views that are up: two for each adjacency.', sql: `SELECT count() AS up FROM routewatch.adjacencies_at(at = $__toTime) WHERE state = 'up' AND ${shown}` }),
    stat({ title: 'Adjacencies not up', width: 6, thresholds: badIfAny, description: 'Views that are down, failed or init.', sql: `SELECT count() AS down FROM routewatch.adjacencies_at(at = $__toTime) WHERE state NOT IN ${restingStates} AND ${shown}` }),
    stat({ title: 'Routers in the graphs', width: 6, thresholds: badIfNone, description: 'Routers with an LSP, over both levels.', sql: `SELECT uniqExact(domain, node) AS routers FROM routewatch.nodes_at(at = $__toTime) WHERE ${isis} AND ${only('domain')} AND ${only('router', 'node')}` }),
    stat({ title: 'Overloaded', width: 6, thresholds: warnIfAny, description: 'Routers that set the overload bit: no traffic goes through them. Right in maintenance and while starting.', sql: `SELECT uniqExact(domain, node) AS overloaded FROM routewatch.nodes_at(at = $__toTime) WHERE overload AND ${isis} AND ${only('domain')} AND ${only('router', 'node')}` }),
    adjacencyTimeline(isis),
    adjacencyTable(isis),
    row('Within the range'),
    lossesOverTime(isis, 12), neighborCounts(isis, 12), topFlappers(isis, 12), protocolErrors(isis, 12),
    row('Link-state database'),
    lsdbOverTime(isis, 12),
    timeSeries({
      title: 'LSPs purged or expired', width: 12, bars: true, description: 'A purge by another router, or the end of a lifetime that nobody refreshed: the originator is gone or cut off.',
      sql: `SELECT $__timeInterval(time) AS bucket, toString(change) AS change, count() AS lsps FROM routewatch.lsdb_changes
WHERE $__timeFilter(time) AND change IN ('purged', 'expired') AND ${isis} AND ${only('domain')} AND ${only('router', 'advertising_router')} GROUP BY bucket, change ORDER BY bucket, change`,
    }),
    lsdbTable(isis, 12), graphChanges(isis, 12),
  ],
});
