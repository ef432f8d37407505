/** Rules on the health of the pipeline: they tell when nobody else can, for the alert engine is a part of it. */
import type { RuleGroup } from '../kit/rule.ts';
import { pipelineDashboard } from '../source/pipeline.ts';
import { blindStates, tapStates } from './blind.ts';

export const pipelineRules: RuleGroup = {
  name: 'routewatch-pipeline', interval: '1m', paused: false, source: 'routewatch-pipeline',
  rules: [
    {
      name: 'pipeline-stalled', title: 'RouteWatch: nothing is stored any more', severity: 'critical', range: 3600, for: '2m', above: 300, panel: [pipelineDashboard, 'Last insert'],
      summary: 'The last rows were stored {{ $values.A.Value }} s ago although taps are open.',
      description: 'Worker, sink or store stand still. Until they go on nothing that happens in the network is known here; the frames are kept in the log.',
      sql: `SELECT dateDiff('second', max(inserted_at), toDateTime64($__toTime, 3)) AS age FROM routewatch.ledger
WHERE inserted_at <= $__toTime AND (SELECT count() FROM (${tapStates}) WHERE last != 'tap-closed') > 0
HAVING count() > 0`,
    },
    {
      name: 'tap-blind', title: 'RouteWatch: a tap is blind', severity: 'warning', range: 3600, for: '1m', above: 0, panel: [pipelineDashboard, 'Taps'],
      summary: 'Tap {{ $labels.tap }} of {{ $labels.collector }}: {{ $labels.coverage }}.',
      description: 'Nothing behind this tap is known to be up or down until it is back.',
      sql: `SELECT toString(domain) AS domain, toString(collector) AS collector, toString(tap) AS tap, last AS coverage, 1 AS blind FROM (${tapStates}) WHERE last IN ${blindStates}`,
    },
    {
      name: 'frames-lost', title: 'RouteWatch: frames are lost', severity: 'warning', range: 900, for: '0s', above: 0, panel: [pipelineDashboard, 'Frames known to be lost'],
      summary: '{{ $values.A.Value }} frames or bytes were lost at tap {{ $labels.tap }} of {{ $labels.collector }} within 15 minutes.',
      description: 'The ring ran over, the spool reached its limit, or a stream has a hole. What the lost frames said is not known.',
      sql: `SELECT toString(domain) AS domain, toString(collector) AS collector, toString(tap) AS tap, sum(lost) AS missing FROM routewatch.coverage_events
WHERE $__timeFilter(time) AND lost > 0 GROUP BY domain, collector, tap`,
    },
    {
      name: 'quarantine-growing', title: 'RouteWatch: frames cannot be read', severity: 'warning', range: 900, for: '0s', above: 10, panel: [pipelineDashboard, 'Quarantine'],
      summary: '{{ $values.A.Value }} {{ $labels.protocol }} frames went into quarantine within 15 minutes: {{ $labels.error }}.',
      description: 'A sender builds what no decoder of ours accepts, or a decoder of ours fails. The frames are kept and can be decoded again.',
      sql: `SELECT toString(domain) AS domain, toString(protocol) AS protocol, toString(error) AS error, count() AS frames FROM routewatch.quarantine
WHERE $__timeFilter(time) GROUP BY domain, protocol, error`,
    },
    {
      name: 'rows-refused', title: 'RouteWatch: the store refuses rows', severity: 'critical', range: 900, for: '0s', above: 0, panel: [pipelineDashboard, 'Rows refused'],
      summary: '{{ $values.A.Value }} rows of {{ $labels.table }} were refused within 15 minutes.',
      description: 'The schema of the store does not fit what the workers write, most often after an upgrade of one side. The records are in quarantine.',
      sql: `SELECT name AS table, sum(n) AS refused_rows FROM routewatch.ledger ARRAY JOIN mapKeys(refused) AS name, mapValues(refused) AS n
WHERE $__timeFilter(inserted_at) GROUP BY name`,
    },
    {
      name: 'storing-slow', title: 'RouteWatch: rows are stored late', severity: 'warning', range: 900, for: '5m', above: 30, panel: [pipelineDashboard, 'From cut to row'],
      summary: 'Half of the cuts of the last 15 minutes were stored more than {{ $values.A.Value }} s late.',
      description: 'The sink does not keep up: the store is slow or was away. Alerts of the engine do not wait for it; dashboards and queries do.',
      sql: `SELECT quantile(0.5)(toFloat64(inserted_at) - toFloat64(ingest_time)) AS delay FROM routewatch.ledger WHERE $__timeFilter(inserted_at) HAVING count() > 0`,
    },
  ],
};
