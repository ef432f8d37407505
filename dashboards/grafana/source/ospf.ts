/** OSPF: adjacencies, neighbours, designated routers, link-state database, errors. */
import { badIfAny, badIfNone, stat, row, table } from '../kit/panels.ts';
import { dashboard, domainVariable, queryVariable, routerVariable, uids } from '../kit/dashboard.ts';
import { only } from '../kit/query.ts';
import { graphChanges, lsdbOverTime, lsdbTable } from './linkstate.ts';
import { adjacencyTable, adjacencyTimeline, lossesOverTime, neighborCounts, protocolErrors, restingStates, topFlappers } from './states.ts';

const ospf = `protocol IN ('ospfv2', 'ospfv3') AND ${only('protocol')}`;
const shown = `${ospf} AND ${only('domain')} AND ${only('router')}`;

const protocolVariable = queryVariable({
  name: 'protocol', label: 'Protocol', description: 'OSPFv2 or OSPFv3',
  sql: "SELECT DISTINCT protocol FROM routewatch.adjacencies_state WHERE protocol IN ('ospfv2', 'ospfv3') ORDER BY protocol",
});

export const ospfDashboard = dashboard({
  uid: uids.ospf, title: 'RouteWatch: OSPF', description: 'Adjacencies, neighbours, designated routers and link-state database of OSPFv2 and OSPFv3.',
  variables: [domainVariable, protocolVariable, routerVariable(['ospfv2', 'ospfv3'])],
  panels: [
    row('At the end of the range'),
    stat({ title: 'Full or 2-way', width: 6, thresholds: badIfNone, description: 'Views at rest: full, or 2-way between two routers of which neither is designated.', sql: `SELECT count() AS resting FROM routewatch.adjacencies_at(at = $__toTime) WHERE state IN ${restingStates} AND ${shown}` }),
    stat({ title: 'Down', width: 6, thresholds: badIfAny, description: 'Views that are down.', sql: `SELECT count() AS down FROM routewatch.adjacencies_at(at = $__toTime) WHERE state = 'down' AND ${shown}` }),
    stat({ title: 'On the way', width: 6, thresholds: badIfAny, description: 'Views in init, exstart, exchange or loading. Those that stay there have an MTU mismatch, a filter or a one-way fault.', sql: `SELECT count() AS pending FROM routewatch.adjacencies_at(at = $__toTime) WHERE state NOT IN ${restingStates} AND state != 'down' AND ${shown}` }),
    stat({ title: 'Routers in the graphs', width: 6, thresholds: badIfNone, description: 'Routers with a router LSA, over all areas.', sql: `SELECT uniqExact(domain, node) AS routers FROM routewatch.nodes_at(at = $__toTime) WHERE ${ospf} AND ${only('domain')} AND ${only('router', 'node')}` }),
    adjacencyTimeline(ospf),
    adjacencyTable(ospf),
    row('Within the range'),
    lossesOverTime(ospf, 12), neighborCounts(ospf, 12), topFlappers(ospf, 12), protocolErrors(ospf, 12),
    table({
      title: 'Designated routers', width: 24, height: 7, description: 'Changes of the designated router and its backup on each LAN. A change without a loss beside it is an election that nobody needed.',
      sql: `SELECT time AS Time, domain AS Domain, area AS Area, object_key AS LAN, field AS Field, old_text AS Before, new_text AS After, router AS Router
FROM routewatch.topology_changes
WHERE $__timeFilter(time) AND object_type = 'lan' AND field IN ('dr', 'bdr') AND ${ospf} AND ${only('domain')} ORDER BY time DESC LIMIT 200`,
    }),
    row('Link-state database'),
    lsdbOverTime(ospf, 24), lsdbTable(ospf, 12), graphChanges(ospf, 12),
  ],
});
