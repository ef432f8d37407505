/** Routes and churn: how much changes, who causes it, and what became of a prefix. */
import { colors, neutral, row, stat, table, timeSeries, warnIfAny } from '../kit/panels.ts';
import { dashboard, domainVariable, queryVariable, textVariable, uids } from '../kit/dashboard.ts';
import { only, onlyEither } from '../kit/query.ts';
import { speakerVariable } from './sessions.ts';

const familyVariable = queryVariable({
  name: 'family', label: 'Family', description: 'Address family', sql: 'SELECT DISTINCT afi_safi FROM routewatch.rib_paths ORDER BY afi_safi',
});
const prefixVariable = textVariable('prefix', 'Prefix', 'Only this prefix and what lies in it, such as 198.18.0.0/15; empty: all');

/** An empty text must not reach the function, which takes prefixes only. */
const inPrefix = "(${prefix:sqlstring} = '' OR covered_by(prefix_address, prefix_length, if(${prefix:sqlstring} = '', '::/0', ${prefix:sqlstring})))";
const shown = `${only('domain')} AND ${only('family', 'afi_safi')} AND ${onlyEither('speaker', ['sender', 'receiver'])}`;
const changed = `$__timeFilter(time) AND NOT initial AND ${shown} AND ${inPrefix}`;

export const routesDashboard = dashboard({
  uid: uids.routes, title: 'RouteWatch: routes and churn', description: 'What each speaker tells its peers: changes by class and origin, flapping prefixes, routes held, and the history of a prefix.',
  variables: [domainVariable, familyVariable, speakerVariable, prefixVariable], refresh: '1m',
  panels: [
    row('Churn within the range'),
    stat({ title: 'Changes', width: 6, thresholds: neutral, description: 'New, withdrawn, or replaced by something else (tup, tdown, aadiff).', sql: `SELECT count() AS changes FROM routewatch.route_changes WHERE ${changed} AND change_class IN ('tup', 'tdown', 'aadiff')` }),
    stat({ title: 'Repeats', width: 6, thresholds: neutral, description: 'Announced again without a difference or withdrawn twice (aadup, wwdup): a refresh or a poor implementation, no churn.', sql: `SELECT count() AS repeats FROM routewatch.route_changes WHERE ${changed} AND change_class IN ('aadup', 'wwdup')` }),
    stat({ title: 'Prefixes touched', width: 6, thresholds: neutral, description: 'Distinct prefixes that changed.', sql: `SELECT uniqExact(prefix_address, prefix_length) AS prefixes FROM routewatch.route_changes WHERE ${changed} AND change_class IN ('tup', 'tdown', 'aadiff')` }),
    stat({ title: 'Routes lost with sessions', width: 6, thresholds: warnIfAny, description: 'Routes that went with their session, in one row each time: they are no withdrawals and stand in no change count.', sql: `SELECT sum(routes) AS routes FROM routewatch.rib_marks WHERE $__timeFilter(time) AND mark = 'flush' AND ${shown}` }),
    timeSeries({
      title: 'Changes by class', width: 12, bars: true, description: 'tup new, tdown withdrawn, aadiff replaced with a difference, aadup repeated, wwdup withdrawn twice (Labovitz).',
      sql: `SELECT $__timeInterval(time) AS bucket, toString(change_class) AS class, count() AS changes FROM routewatch.route_changes WHERE ${changed} GROUP BY bucket, class ORDER BY bucket, class`,
    }),
    timeSeries({
      title: 'Changes by origin AS', width: 12, bars: true, description: 'The ten origin ASes with most changes in the range; AS0: originated by iBGP, or the path ends in a set.',
      sql: `SELECT $__timeInterval(time) AS bucket, concat('AS', toString(origin_as)) AS origin, count() AS changes FROM routewatch.route_changes
WHERE ${changed} AND change_class IN ('tup', 'tdown', 'aadiff')
  AND origin_as GLOBAL IN (SELECT origin_as FROM routewatch.route_changes WHERE ${changed} GROUP BY origin_as ORDER BY count() DESC LIMIT 10)
GROUP BY bucket, origin ORDER BY bucket, origin`,
    }),
    table({
      title: 'Prefixes that flap most', width: 12, description: 'Changes and repeats apart, by prefix and direction.',
      sql: `SELECT prefix AS Prefix, sender AS Sender, receiver AS Receiver, countIf(change_class IN ('tup', 'tdown', 'aadiff')) AS Changes, countIf(change_class IN ('aadup', 'wwdup')) AS Repeats, max(time) AS Last
FROM routewatch.route_changes WHERE ${changed} GROUP BY prefix, sender, receiver ORDER BY Changes DESC, Prefix LIMIT 100`,
      columns: { Changes: { thresholds: [[null, colors.none], [10, colors.warn], [100, colors.bad]], width: 90 } },
    }),
    table({
      title: 'Flushes, stale marks and sweeps', width: 12, description: 'What happened to all routes of a direction at once: a session was lost, a graceful restart began or ended.',
      sql: `SELECT time AS Time, sender AS Sender, receiver AS Receiver, afi_safi AS Family, mark AS Mark, reason AS Reason, routes AS Routes
FROM routewatch.rib_marks WHERE $__timeFilter(time) AND ${shown} ORDER BY time DESC LIMIT 200`,
      columns: { Mark: { colors: { flush: colors.bad, stale: colors.warn, sweep: colors.warn }, width: 80 } },
    }),
    row('Held now'),
    table({
      title: 'Routes by direction, now', width: 12, description: 'Routes that each speaker holds from each other one now, whatever the time range says. Stale: kept through a graceful restart only. Reads all current paths: with full tables it takes seconds.',
      sql: `SELECT sender AS Sender, receiver AS Receiver, afi_safi AS Family, count() AS Routes, uniqExact(origin_as) AS Origins, countIf(stale) AS Stale FROM routewatch.rib
WHERE ${shown} AND ${inPrefix} GROUP BY sender, receiver, afi_safi ORDER BY Routes DESC LIMIT 500`,
      columns: { Stale: { thresholds: warnIfAny, width: 80 } },
    }),
    table({
      title: 'Prefixes with several origins, now', width: 12, description: 'Anycast, multihoming with private AS numbers, or somebody who announces what is not his.',
      sql: `SELECT prefix AS Prefix, arrayStringConcat(arraySort(groupUniqArray(toString(origin_as))), ', ') AS Origins, arrayStringConcat(arraySort(groupUniqArray(toString(sender))), ', ') AS Senders FROM routewatch.rib
WHERE origin_as != 0 AND ${shown} AND ${inPrefix} GROUP BY prefix HAVING uniqExact(origin_as) > 1 ORDER BY prefix LIMIT 500`,
    }),
    row('History'),
    table({
      title: 'What became of the prefix', width: 24, height: 12, description: 'Every change within the range, with the path before and after: set the variable Prefix.',
      sql: `SELECT c.time AS Time, c.prefix AS Prefix, c.sender AS Sender, c.receiver AS Receiver, c.change_class AS Class, before.as_path_text AS \`Path before\`, after.as_path_text AS \`Path after\`, after.next_hop AS \`Next hop\`, toString(c.event_id) AS Event
FROM (SELECT *, prefix FROM routewatch.route_changes WHERE ${changed} ORDER BY time DESC LIMIT 500) AS c
GLOBAL LEFT ANY JOIN routewatch.path_attributes AS before ON before.attributes = c.prev_attributes
GLOBAL LEFT ANY JOIN routewatch.path_attributes AS after ON after.attributes = c.attributes
ORDER BY c.time DESC, c.prefix`,
      columns: { Class: { colors: { tup: colors.good, tdown: colors.bad, aadiff: colors.warn, aadup: colors.none, wwdup: colors.none }, width: 80 } },
    }),
  ],
});
