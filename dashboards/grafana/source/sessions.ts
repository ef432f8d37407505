/** BGP sessions: which are established, who ended the others, and how. */
import { badIfAny, badIfNone, row, stat, stateTimeline, table, timeSeries } from '../kit/panels.ts';
import { dashboard, domainVariable, linkTo, queryVariable, uids } from '../kit/dashboard.ts';
import { nameOr, only, onlyEither } from '../kit/query.ts';
import { protocolErrors, sessionColors } from './states.ts';

/** Ends of sessions by address. */
export const speakerVariable = queryVariable({
  name: 'speaker', label: 'Speaker', description: 'Address of either end; shown with its name where one is known',
  sql: `SELECT router AS id, any(if(router_name = '', toString(router), concat(router_name, ' (', router, ')'))) AS text FROM routewatch.sessions WHERE ${only('domain')} GROUP BY id ORDER BY text`,
});

const shown = `${only('domain')} AND ${onlyEither('speaker', ['router', 'peer'])}`;

export const sessionsDashboard = dashboard({
  uid: uids.sessions, title: 'RouteWatch: BGP sessions', description: 'Both ends of every BGP session: state, reason of each loss, and the words that went with it.',
  variables: [domainVariable, speakerVariable],
  panels: [
    row('At the end of the range'),
    stat({ title: 'Established', width: 6, thresholds: badIfNone, description: 'Ends that are established: two for each session.', sql: `SELECT count() AS established FROM routewatch.sessions_at(at = $__toTime) WHERE state = 'established' AND ${shown}` }),
    stat({ title: 'Not established', width: 6, thresholds: badIfAny, description: 'Ends that were seen and are not established.', sql: `SELECT count() AS down FROM routewatch.sessions_at(at = $__toTime) WHERE state != 'established' AND ${shown}` }),
    stat({ title: 'Losses', width: 6, thresholds: badIfAny, description: 'Ends that left established within the range.', sql: `SELECT count() AS losses FROM routewatch.session_events WHERE $__timeFilter(time) AND NOT initial AND prev_state = 'established' AND state != 'established' AND ${shown}` }),
    stat({ title: 'One direction only', width: 6, thresholds: badIfAny, description: 'Ends whose session we see in one direction or with doubt: asymmetric routing past the tap, or a mirror of one direction. Their routes may be incomplete.', sql: `SELECT count() AS partial FROM routewatch.sessions_at(at = $__toTime) WHERE coverage NOT IN ('full', '') AND ${shown}` }),
    stateTimeline({
      title: 'Session states', width: 24, height: 12, colors: sessionColors, description: 'What each end believes of the session. `active` cannot be seen on the wire.',
      sql: `SELECT time, series, state FROM (
  SELECT toDateTime64($__fromTime, 9, 'UTC') AS time, series, state FROM routewatch.grafana_session_states_at(at = $__fromTime) WHERE ${shown}
  UNION ALL
  SELECT time, series, state FROM routewatch.grafana_session_states WHERE $__timeFilter(time) AND ${shown}
)
ORDER BY series, time
LIMIT 20000`,
    }),
    table({
      title: 'Sessions at the end of the range', width: 24, description: 'One line for each end. Hold time and capabilities are those negotiated; where they come from says the source.',
      sql: `SELECT ${nameOr('router_name', 'router')} AS Router, router AS Address, router_as AS AS, ${nameOr('peer_name', 'peer')} AS Peer, peer AS \`Peer address\`, peer_as AS \`Peer AS\`, state AS State, reason AS Reason, since AS Since,
  hold_time AS \`Hold time\`, capabilities AS Capabilities, capability_source AS Source, coverage AS Coverage, tap AS Tap
FROM routewatch.sessions_at(at = $__toTime) WHERE ${shown} ORDER BY state = 'established', Router, Peer LIMIT 1000`,
      columns: { State: { colors: sessionColors, width: 110 }, 'Hold time': { unit: 's', width: 90 }, Peer: { links: [linkTo('routes', 'Routes of this speaker', '&var-speaker=${__data.fields["Peer address"]}')] } },
    }),
    row('Within the range'),
    timeSeries({
      title: 'Losses by reason', width: 12, bars: true, description: 'Ends that left established. notification-sent and -received are two ends of one; tcp-rst and hold-timer-expired are faults of the path or a dead process.',
      sql: `SELECT $__timeInterval(time) AS bucket, toString(reason) AS reason, count() AS losses FROM routewatch.session_events
WHERE $__timeFilter(time) AND NOT initial AND prev_state = 'established' AND state != 'established' AND ${shown} GROUP BY bucket, reason ORDER BY bucket, reason`,
    }),
    timeSeries({
      title: 'Attempts', width: 12, bars: true, description: 'Connections opened, OPENs and refusals: a peer that tries again and again stands out.',
      sql: `SELECT $__timeInterval(time) AS bucket, toString(state) AS state, count() AS transitions FROM routewatch.session_events
WHERE $__timeFilter(time) AND NOT initial AND ${shown} GROUP BY bucket, state ORDER BY bucket, state`,
    }),
    table({
      title: 'Who ended it, and with which words', width: 24, description: 'Each loss with the NOTIFICATION (RFC 4271 section 6; 6/2 is an administrative shutdown) and the shutdown communication (RFC 9003).',
      sql: `SELECT time AS Time, router AS Router, peer AS Peer, reason AS Reason, code AS Code, subcode AS Subcode, shutdown_text AS Words, evidence AS Evidence, toString(event_id) AS Event FROM routewatch.session_events
WHERE $__timeFilter(time) AND NOT initial AND prev_state = 'established' AND state != 'established' AND ${shown} ORDER BY time DESC LIMIT 500`,
    }),
    protocolErrors("protocol = 'bgp'", 24),
  ],
});
