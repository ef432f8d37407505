/** docs/telemetry.md names every metric that the parts tell, and no other: compared with the code and with a running system. */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { shipperMetrics } from '../../collectors/shipper/figures.ts';
import { OtelCollector, collectorLacking, freePort } from '../../infra/dev/otelcol/collector.ts';
import type { Metric } from '../../stream/contract/metrics.ts';
import { alertMetrics } from '../../stream/sinks/alerts/figures.ts';
import { sinkMetrics, SinkFigures } from '../../stream/sinks/clickhouse/figures.ts';
import { PartitionFigures, workerMetrics } from '../../stream/worker/figures.ts';
import { scratch, startDirectly } from '../testing.ts';
import { processMetrics } from './health.ts';
import { openTelemetryName } from './otlp.ts';

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'telemetry.md'), 'utf8');
const place = scratch();
afterAll(() => { place.remove(); });
const lacking = collectorLacking();
if (lacking !== undefined) console.warn(`not run: metrics pushed to a real collector: ${lacking}`);

/** Lags are asked of the log, so they are made where a log is. */
const lags: readonly Metric[] = [
  { name: 'routewatch_worker_lag_records', type: 'gauge', help: 'Records of the frames log that are still to be decoded', samples: [{ labels: { partition: '0' }, value: 0 }] },
  { name: 'routewatch_sink_lag_records', type: 'gauge', help: 'Records of the events log whose rows are not all in the store', samples: [{ labels: { partition: '0' }, value: 0 }] },
];

/** Every metric of every part, each with at least one sample. */
function everything(): Metric[] {
  const worker = new PartitionFigures();
  worker.rows.set(1, 1);
  worker.taps.set('t', { tap: 'eth0', collector: 'c', upTo: 0 });
  const sink = new SinkFigures();
  sink.lastCut = 0;
  const tap = { id: 1, name: 'eth0', openedNs: 0n, carrier: { isUp: true, changes: 0, atNs: 0n } };
  return [
    ...processMetrics(),
    ...shipperMetrics({
      counters: { frames: 0, frameBytes: 0, batches: 0, refreshes: 0 }, spool: { batches: 0, bytes: 0, dropped: [], droppedBatches: 0 },
      taps: [tap], drops: [{ tap: 1, lost: { 'ring-full': 1 } }], watermarkLagNs: 0n,
    }),
    ...workerMetrics(new Map([[0, Object.assign(worker, { replayBytes: 0 })]]), new Map([[0, 1]])),
    ...sinkMetrics(new Map([[0, { figures: sink, passedOver: 0, insertMs: 0, retries: 0 }]])),
    ...alertMetrics({ isActive: true, channels: [{ channel: 'c', waiting: 0, sent: 0, failures: 0, dropped: 0, circuit: 'closed', lastError: '' }], firing: new Map([['r', 1]]), unreported: 0 }),
    ...lags,
  ];
}

/** A line of the page's tables for a metric. */
function line(metric: Metric): string {
  const { name, unit } = openTelemetryName(metric);
  const attributes = Object.keys(metric.samples[0]?.labels ?? {}).map((label) => `\`${label}\``).join(', ');
  return `| \`${metric.name}\` | \`${name}\` | ${metric.type} | ${unit} | ${attributes} | ${metric.help} |`;
}

const listed = [...page.matchAll(/^\| `((?:routewatch|process)_[a-z_]+)` \|.*$/gm)].map(([whole, name]) => ({ whole, name: name! }));

describe('the instrumentation page', () => {
  it('has a line for each metric, with its OpenTelemetry name, kind, unit, attributes and meaning, and for no other', () => {
    const store = [...readFileSync(join(root, 'stream/store/counters.ts'), 'utf8').matchAll(/'(routewatch_store_[a-z_]+)'/g)].map(([, name]) => name!);
    expect(listed.filter(({ name }) => !store.includes(name)).map(({ whole }) => whole).toSorted()).toEqual(everything().map(line).toSorted());
    expect(listed.map(({ name }) => name).filter((name) => name.startsWith('routewatch_store_')).toSorted()).toEqual(store.toSorted());
  });

  it('misses no metric that the code names', () => {
    const files = globSync('{cli,collectors,stream,dashboards/web}/**/*.ts', { cwd: root }).filter((file) => !/\.test\.ts$|generated|assembly/.test(file));
    for (const file of files) {
      const code = readFileSync(join(root, file), 'utf8');
      for (const [, name = ''] of code.matchAll(/\bname: '(routewatch_[a-z_]+)'/g)) expect(listed.map((one) => one.name), file).toContain(name);
      // A part that makes names of a prefix has to be among those compared above.
      for (const [, part = ''] of code.matchAll(/`routewatch_([a-z]+)_\$\{/g)) expect(['worker', 'sink', 'alerts', 'collector'], `${file} makes metrics that are not compared with docs/telemetry.md`).toContain(part);
    }
  });
});

it(`is what a running system tells at /metrics${lacking === undefined ? ', and pushes with its spans to a real OpenTelemetry Collector' : ` (pushing not run: ${lacking})`}`, async () => {
  const collector = lacking === undefined ? await OtelCollector.start() : undefined;
  try {
    const port = await freePort();
    const file = place.path('routewatch.json');
    writeFileSync(file, JSON.stringify({ web: { port: 0 }, storePort: 0, data: place.path('data'), ...(collector === undefined ? {} : { telemetry: { otlp: { url: `${collector.url}/v1/metrics`, tracesUrl: `${collector.url}/v1/traces`, intervalMs: 1000 } } }) }));
    const up = startDirectly(['up', '--config', file, '--health', String(port)]);
    let text = '';
    for (let tries = 0; tries < 300 && !text.includes('routewatch_sink_lag_records{'); tries++) {
      await sleep(100);
      text = await fetch(`http://127.0.0.1:${port}/metrics`).then((response) => response.text(), () => '');
    }
    const names = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`);
    const documented = everything().filter(({ name }) => !name.startsWith('routewatch_collector_')).map(({ name, type }) => `${name} ${type}`);
    expect(names.toSorted()).toEqual(documented.toSorted());
    expect(text).toMatch(/^routewatch_worker_lag_records\{partition="0"\} 0$/m);
    const wanted = ['process.memory.usage', 'routewatch.sink.lag_records', 'routewatch.worker.partitions'];
    const pushed = (): string[] => wanted.filter((name) => collector?.metricNames().includes(name));
    for (let tries = 0; tries < 150 && collector !== undefined && pushed().length < wanted.length; tries++) await sleep(100);
    if (collector !== undefined) expect(pushed()).toEqual(wanted);
    up.process.kill('SIGTERM');
    await up.ended;
    // The worker's claim is a cut.
    for (let tries = 0; tries < 50 && collector?.spanNames().length === 0; tries++) await sleep(100);
    if (collector !== undefined) expect(collector.spanNames()).toContain('routewatch.insert');
  } finally {
    await collector?.stop();
  }
});
