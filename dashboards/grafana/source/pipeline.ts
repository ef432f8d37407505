/** Pipeline health: does everything arrive, how late, and what was lost or refused on the way. */
import { badIfAny, badIfNone, colors, row, stat, table, timeSeries, warnIfAny } from '../kit/panels.ts';
import { dashboard, domainVariable, uids } from '../kit/dashboard.ts';
import { only } from '../kit/query.ts';
import { protocolErrors } from './states.ts';

const domain = only('domain');

export const pipelineDashboard = dashboard({
  uid: uids.pipeline, title: 'RouteWatch: pipeline health', description: 'Taps, inserts, delays, quarantine and errors. What cannot be seen in rows (lag, queues, process state) is at /metrics of each process.',
  variables: [domainVariable],
  panels: [
    row('Seeing'),
    stat({
      title: 'Taps that see', width: 6, thresholds: badIfNone, description: 'Taps whose last coverage event at the end of the range is their opening or return.',
      sql: `SELECT countIf(last IN ('tap-opened', 'restored', 'carrier-restored')) AS seeing FROM (
  SELECT argMax(what, time) AS last FROM routewatch.coverage_events WHERE time <= $__toTime AND what NOT IN ('gap', 'state-reset') AND ${domain} GROUP BY domain, collector, tap
)`,
    }),
    stat({
      title: 'Taps that are blind', width: 6, thresholds: badIfAny, description: 'Taps that are lost, in doubt or without carrier. Nothing behind them is known to be up or down.',
      sql: `SELECT countIf(last IN ('coverage-lost', 'coverage-suspect', 'carrier-lost')) AS blind FROM (
  SELECT argMax(what, time) AS last FROM routewatch.coverage_events WHERE time <= $__toTime AND what NOT IN ('gap', 'state-reset') AND ${domain} GROUP BY domain, collector, tap
)`,
    }),
    stat({ title: 'Frames known to be lost', width: 6, thresholds: badIfAny, description: 'Sum of what the gaps within the range lost: ring overflows, spool at its limit, holes in a TCP stream.', sql: `SELECT sum(lost) AS lost FROM routewatch.coverage_events WHERE $__timeFilter(time) AND ${domain}` }),
    stat({ title: 'Frames in quarantine', width: 6, thresholds: warnIfAny, description: 'Frames within the range that could not be read.', sql: `SELECT count() AS frames FROM routewatch.quarantine WHERE $__timeFilter(time) AND ${domain}` }),
    table({
      title: 'Taps', width: 24, description: 'Each tap at the end of the range: its last coverage event, and how long ago its last row of any kind was.',
      sql: `SELECT c.domain AS Domain, c.collector AS Collector, c.tap AS Tap, argMax(c.what, c.time) AS Coverage, argMax(c.detail, c.time) AS Detail, max(c.time) AS Since, sum(c.lost) AS Lost
FROM routewatch.coverage_events AS c WHERE c.time <= $__toTime AND ${only('domain', 'c.domain')} GROUP BY c.domain, c.collector, c.tap ORDER BY Coverage IN ('tap-opened', 'restored', 'carrier-restored', 'tap-closed'), Domain, Tap LIMIT 500`,
      columns: {
        Coverage: { colors: { 'tap-opened': colors.good, restored: colors.good, 'carrier-restored': colors.good, 'tap-closed': colors.none, gap: colors.warn, 'state-reset': colors.warn, 'coverage-suspect': colors.warn, 'coverage-lost': colors.bad, 'carrier-lost': colors.bad }, width: 150 },
        Lost: { thresholds: badIfAny, width: 90 },
      },
    }),
    row('Storing'),
    stat({ title: 'Last insert', width: 6, unit: 's', thresholds: [[null, colors.good], [300, colors.warn], [900, colors.bad]], description: 'How long before the end of the range the sink wrote its last cut. Neighbour counts come every minute, so minutes without a cut mean that worker or sink stand still, or that no tap sees an IGP.', sql: `SELECT if(count() = 0, NULL, dateDiff('second', max(inserted_at), toDateTime64($__toTime, 3))) AS age FROM routewatch.ledger WHERE inserted_at <= $__toTime` }),
    stat({ title: 'Cuts', width: 6, description: 'Cuts of the events log that were inserted within the range, each exactly once.', sql: 'SELECT count() AS cuts FROM routewatch.ledger WHERE $__timeFilter(inserted_at)' }),
    stat({ title: 'Rows refused', width: 6, thresholds: badIfAny, description: 'Rows that the store would not take; their records are in quarantine.', sql: 'SELECT sum(arraySum(mapValues(refused))) AS refused FROM routewatch.ledger WHERE $__timeFilter(inserted_at)' }),
    stat({ title: 'Partitions written', width: 6, thresholds: badIfNone, description: 'Partitions with a cut within the range.', sql: 'SELECT uniqExact(log_id, partition) AS partitions FROM routewatch.ledger WHERE $__timeFilter(inserted_at)' }),
    timeSeries({
      title: 'Rows inserted by table', width: 12, bars: true, description: 'From the ledger: what the sink wrote.',
      sql: `SELECT $__timeInterval(inserted_at) AS bucket, name, sum(n) AS inserted FROM routewatch.ledger ARRAY JOIN mapKeys(rows) AS name, mapValues(rows) AS n
WHERE $__timeFilter(inserted_at) GROUP BY bucket, name ORDER BY bucket, name`,
    }),
    timeSeries({
      title: 'From cut to row', width: 12, unit: 's', description: 'How long after its cut a row was there: median and worst of each interval.',
      sql: `SELECT $__timeInterval(inserted_at) AS bucket, quantile(0.5)(delay) AS median, max(delay) AS worst FROM (
  SELECT inserted_at, toFloat64(inserted_at) - toFloat64(ingest_time) AS delay FROM routewatch.ledger WHERE $__timeFilter(inserted_at)
) GROUP BY bucket ORDER BY bucket`,
    }),
    timeSeries({
      title: 'From fact to knowledge', width: 12, unit: 's', description: 'Adjacency changes: how long after its effective time a change was decided, by reason. A hold timer\'s end is known when it passes; more than that is a late frame.',
      sql: `SELECT $__timeInterval(decided_time) AS bucket, toString(reason) AS reason, max(toFloat64(decided_time) - toFloat64(time)) AS delay FROM routewatch.adjacency_events
WHERE $__timeFilter(decided_time) AND NOT initial AND ${domain} GROUP BY bucket, reason ORDER BY bucket, reason`,
    }),
    table({
      title: 'Progress by partition', width: 12, height: 8, description: 'The last cut of each partition: position in the frames log and owner. Two owners in turn are a partition that moves to and fro.',
      sql: `SELECT log_id AS Log, partition AS Partition, argMax(owner, last_offset) AS Owner, max(end_offset) AS \`Frames offset\`, max(last_offset) AS \`Events offset\`, max(inserted_at) AS Inserted, count() AS Cuts FROM routewatch.ledger
WHERE inserted_at <= $__toTime GROUP BY log_id, partition ORDER BY Log, Partition`,
    }),
    row('Not read'),
    timeSeries({
      title: 'Quarantine by error', width: 12, bars: true, description: 'Frames that could not be used. A steady trickle from one sender is its bug; traps and watchdog are ours.',
      sql: `SELECT $__timeInterval(time) AS bucket, concat(protocol, ' ', error) AS error, count() AS frames FROM routewatch.quarantine WHERE $__timeFilter(time) AND ${domain} GROUP BY bucket, error ORDER BY bucket, error`,
    }),
    table({
      title: 'Quarantine', width: 12, height: 8, description: 'By error and tap, with an example: `routewatch packet EVENT` shows it.',
      sql: `SELECT protocol AS Protocol, error AS Error, tap AS Tap, source_line AS Source, count() AS Frames, toString(any(event_id)) AS Example, max(time) AS Last FROM routewatch.quarantine
WHERE $__timeFilter(time) AND ${domain} GROUP BY protocol, error, tap, source_line ORDER BY Frames DESC LIMIT 100`,
    }),
    table({
      title: 'Coverage events', width: 12, description: 'When we were blind, newest first. No row from that time is no evidence.',
      sql: `SELECT time AS Time, domain AS Domain, tap AS Tap, what AS What, subject AS Subject, from AS From, if(to = 0, '', toString(to)) AS To, lost AS Lost, detail AS Detail FROM routewatch.coverage_events
WHERE $__timeFilter(time) AND ${domain} ORDER BY time DESC LIMIT 200`,
    }),
    protocolErrors('1 = 1', 12),
    table({
      title: 'Decoders', width: 24, height: 6, description: 'Which module versions made the rows within the range.',
      sql: `SELECT decoder_version AS Decoder, min(time) AS First, max(time) AS Last, count() AS Rows FROM routewatch.lsdb_changes WHERE $__timeFilter(time) AND ${domain} GROUP BY decoder_version
UNION ALL SELECT decoder_version AS Decoder, min(time) AS First, max(time) AS Last, count() AS Rows FROM routewatch.session_events WHERE $__timeFilter(time) AND ${domain} GROUP BY decoder_version`,
    }),
  ],
});
