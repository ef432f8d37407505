/** Panels of the link-state databases, alike for IS-IS and OSPF. */
import { table, timeSeries, type Draft } from '../kit/panels.ts';
import { nameOr, only } from '../kit/query.ts';

/** LSPs and LSAs over time. */
export function lsdbOverTime(protocol: string, width: number): Draft {
  return timeSeries({
    title: 'Database changes', width, bars: true,
    description: 'Newer instances that were flooded: new, changed, refreshed with equal content, purged, expired. Many refreshes are a timer; many changes are somebody who flaps.',
    sql: `SELECT $__timeInterval(time) AS bucket, toString(change) AS change, count() AS instances
FROM routewatch.lsdb_changes
WHERE $__timeFilter(time) AND NOT initial AND ${protocol} AND ${only('domain')} AND ${only('router', 'advertising_router')}
GROUP BY bucket, change ORDER BY bucket, change`,
  });
}

/** The databases now. */
export function lsdbTable(protocol: string, width: number): Draft {
  return table({
    title: 'Database now', width,
    description: 'LSPs or LSAs that are valid now, whatever the time range says. Since: when this instance was first seen.',
    sql: `SELECT ${nameOr('advertising_router_name', 'advertising_router')} AS Router, level AS Level, area AS Area, lsa_type AS Type, lsa_id AS Id, hex(sequence) AS Sequence, lifetime AS Age, change AS Change, since AS Since
FROM routewatch.lsdb
WHERE ${protocol} AND ${only('domain')} AND ${only('router', 'advertising_router')}
ORDER BY Since DESC LIMIT 1000`,
    columns: { Age: { unit: 's', width: 90 }, Type: { width: 70 }, Level: { width: 70 } },
  });
}

/** What changed in the graph. */
export function graphChanges(protocol: string, width: number): Draft {
  return table({
    title: 'Changes of the graph', width,
    description: 'Nodes, links and prefixes that appeared, vanished or changed, newest first; a link is A -> B, seen from the router that advertises it.',
    sql: `SELECT time AS Time, ${nameOr('router_name', 'router')} AS Router, object_type AS Object, object_key AS Key, change AS Change, field AS Field,
  ifNull(toString(old_number), old_text) AS Before, ifNull(toString(new_number), new_text) AS After
FROM routewatch.topology_changes
WHERE $__timeFilter(time) AND NOT initial AND ${protocol} AND ${only('domain')} AND ${only('router')}
ORDER BY time DESC, frame_offset DESC, frame_index DESC, ordinal DESC LIMIT 500`,
  });
}
