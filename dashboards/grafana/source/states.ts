/** Colours of states, and the tables of views and changes that several dashboards show. */
import { colors, stateTimeline, table, timeSeries, type Draft } from '../kit/panels.ts';
import { linkTo } from '../kit/dashboard.ts';
import { nameOr, only, onlyEither } from '../kit/query.ts';

export const adjacencyColors = {
  up: colors.good, full: colors.good, '2-way': 'dark-green', loading: 'yellow', exchange: 'yellow', exstart: 'yellow', init: colors.warn, attempt: colors.warn,
  down: colors.bad, failed: 'dark-red', unknown: colors.none,
} as const;

export const sessionColors = {
  established: colors.good, openconfirm: 'yellow', opensent: 'yellow', active: colors.warn, connect: colors.warn, idle: colors.bad, unknown: colors.none,
} as const;

/** States in which a view of a neighbour rests when all is well. */
export const restingStates = "('up', 'full', '2-way')";

/** The bands of all adjacencies: what was at the begin of the range, then each change. */
export function adjacencyTimeline(protocol: string): Draft {
  const where = `${protocol} AND ${only('domain')} AND ${only('router')}`;
  return stateTimeline({
    title: 'Adjacency states', width: 24, height: 12, colors: adjacencyColors,
    description: 'What each router believes of each neighbour: two bands a link. A band that turns red on one side only is a one-way fault.',
    sql: `SELECT time, series, state FROM (
  SELECT toDateTime64($__fromTime, 9, 'UTC') AS time, series, state FROM routewatch.grafana_adjacency_states_at(at = $__fromTime) WHERE ${where}
  UNION ALL
  SELECT time, series, state FROM routewatch.grafana_adjacency_states WHERE $__timeFilter(time) AND ${where}
)
ORDER BY series, time
LIMIT 20000`,
  });
}

/** Every adjacency at the end of the time range. */
export function adjacencyTable(protocol: string, width = 24): Draft {
  return table({
    title: 'Adjacencies at the end of the range', width,
    description: 'What each router believes of each neighbour at the end of the time range: move the range to look back. Those not at rest come first.',
    sql: `SELECT ${nameOr('router_name', 'router')} AS Router, ${nameOr('neighbor_name', 'neighbor')} AS Neighbor, protocol AS Protocol, level AS Level, area AS Area, link AS Link,
  state AS State, reason AS Reason, since AS Since, hold_time AS \`Hold time\`, evidence AS Evidence, tap AS Tap
FROM routewatch.adjacencies_at(at = $__toTime)
WHERE ${protocol} AND ${only('domain')} AND ${only('router')}
ORDER BY state IN ${restingStates}, Router, Neighbor
LIMIT 1000`,
    columns: { State: { colors: adjacencyColors, width: 90 }, 'Hold time': { unit: 's', width: 90 } },
  });
}

/** Losses of adjacencies by reason. */
export function lossesOverTime(protocol: string, width: number): Draft {
  return timeSeries({
    title: 'Adjacencies lost, by reason', width, bars: true,
    description: 'Views that left up or full. hold-timer-expired: hellos stopped; one-way-received: the neighbour no longer hears us; declared-by-router or router-shutdown: somebody did it.',
    sql: `SELECT $__timeInterval(time) AS bucket, toString(reason) AS reason, count() AS losses
FROM routewatch.adjacency_events
WHERE $__timeFilter(time) AND NOT initial AND prev_state IN ('up', 'full') AND state NOT IN ('up', 'full')
  AND ${protocol} AND ${only('domain')} AND ${onlyEither('router', ['router', 'neighbor'])}
GROUP BY bucket, reason ORDER BY bucket, reason`,
  });
}

/** Who lost most. */
export function topFlappers(protocol: string, width: number): Draft {
  return table({
    title: 'Most losses', width,
    description: 'Adjacencies by how often they were lost within the time range, with the reasons.',
    sql: `SELECT if(any(router_name) = '', toString(router), any(router_name)) AS Router, if(any(neighbor_name) = '', toString(neighbor), any(neighbor_name)) AS Neighbor, link AS Link,
  count() AS Losses, arrayStringConcat(arraySort(groupUniqArray(toString(reason))), ', ') AS Reasons, max(time) AS Last
FROM routewatch.adjacency_events
WHERE $__timeFilter(time) AND NOT initial AND prev_state IN ('up', 'full') AND state NOT IN ('up', 'full') AND ${protocol} AND ${only('domain')} AND ${only('router')}
GROUP BY router, neighbor, link ORDER BY Losses DESC, Last DESC LIMIT 50`,
    columns: { Losses: { thresholds: [[null, colors.none], [3, colors.warn], [10, colors.bad]], width: 80 } },
  });
}

/** Neighbours of each router over time, and how many the inventory expects. */
export function neighborCounts(protocol: string, width: number): Draft {
  return timeSeries({
    title: 'Neighbours by router', width,
    description: 'Distinct neighbours of each router over all links, last count of each interval. Counts are written on change and once a minute; a router that stops here is silent or not seen any more.',
    sql: `SELECT bucket, router AS router, sum(links.neighbors) AS neighbors FROM (
  SELECT $__timeInterval(time) AS bucket, if(any(router_name) = '', toString(c.router), toString(any(router_name))) AS router, argMax(neighbors, c.time) AS neighbors
  FROM routewatch.neighbor_counts AS c
  WHERE $__timeFilter(c.time) AND ${protocol} AND ${only('domain')} AND ${only('router', 'c.router')}
  GROUP BY bucket, c.domain, c.protocol, c.router, c.link, c.level, c.area
) AS links GROUP BY bucket, router ORDER BY bucket, router`,
  });
}

/** Everything that happened, newest first. */
export function eventTable(title: string, kinds: readonly string[], more: string, width = 24): Draft {
  return table({
    title, width,
    description: 'One line for each change, newest first. First sights of what was there before are left out.',
    sql: `SELECT time AS Time, ${nameOr('router_name', 'router')} AS Router, kind AS Kind, subject AS Subject, prev AS Before, new AS After, reason AS Reason, tap AS Tap, toString(event_id) AS Event
FROM routewatch.timeline
WHERE $__timeFilter(time) AND NOT initial AND kind IN (${kinds.map((kind) => `'${kind}'`).join(', ')}) AND ${only('domain')}${more}
ORDER BY time DESC, frame_offset DESC, frame_index DESC, ordinal DESC
LIMIT 500`,
    columns: { After: { colors: { ...adjacencyColors, ...sessionColors } } },
  });
}

/** Rows of `protocol_errors`. */
export function protocolErrors(protocol: string, width: number): Draft {
  return table({
    title: 'Who does something wrong', width,
    description: 'Refused hellos, bad TLVs and attributes by sender and cause, within the time range. area_mismatch and the like are configuration; the rest is worth a look at the packet.',
    sql: `SELECT protocol AS Protocol, sender AS Sender, error AS Error, any(detail) AS Example, sum(count) AS Times, min(time) AS First, max(time) AS Last
FROM routewatch.protocol_errors
WHERE $__timeFilter(time) AND ${protocol} AND ${only('domain')}
GROUP BY protocol, sender, error ORDER BY Times DESC LIMIT 100`,
  });
}

/** A link to the dashboard of a protocol. */
export const toProtocol: Readonly<Record<'isis' | 'ospf' | 'sessions', { title: string; url: string }>> = {
  isis: linkTo('isis', 'IS-IS'), ospf: linkTo('ospf', 'OSPF'), sessions: linkTo('sessions', 'BGP sessions'),
};
