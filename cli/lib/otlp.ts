/** Metrics and traces pushed to an OpenTelemetry collector (OTLP http/protobuf), where the configuration names one. */
import type { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { CollectionResult, MetricData } from '@opentelemetry/sdk-metrics';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';
import type { Metric } from '../../stream/contract/metrics.ts';
import { readSecret, secret } from '../../stream/contract/secret.ts';
import { complain } from './output.ts';

const otlpConfig = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('of the collector, with its path: http://HOST:4318/v1/metrics'),
  tracesUrl: z.url({ protocol: /^https?$/ }).optional().describe('of the collector for traces: http://HOST:4318/v1/traces; which share by the variables OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG'),
  bearer: secret.optional().describe('token sent as Authorization: Bearer'),
  caFile: z.string().min(1).optional().describe('certificates (PEM) of whom to trust, where the system\'s do not do'),
  intervalMs: z.number().int().min(1000).max(3_600_000).default(60_000),
});

export const telemetryConfig = z.strictObject({
  otlp: otlpConfig.optional().describe('url, tracesUrl, bearer, caFile, intervalMs; default: nothing is pushed'),
});

export type OtlpConfig = z.infer<typeof otlpConfig>;

/** Longest that a push waits for its acknowledgement, and the end for the last push, ms. */
const PUSH_MS = 5000;
const END_MS = 1000;

/** Those of a process have names in OpenTelemetry's semantic conventions. */
const PROCESS: Readonly<Record<string, string>> = {
  process_cpu_seconds_total: 'process.cpu.time',
  process_resident_memory_bytes: 'process.memory.usage',
  process_start_time_seconds: 'process.start_time',
};

/** A metric's name and unit as OpenTelemetry has them: no unit in the name, dots between project, part and figure; no unit for counts. */
export function openTelemetryName({ name, type }: Pick<Metric, 'name' | 'type'>): { readonly name: string; readonly unit: string } {
  const bare = type === 'counter' ? name.replace(/_total$/, '') : name;
  const [, stem = bare, word = ''] = /^(.*)_(seconds|bytes)$/.exec(bare) ?? [];
  return { name: PROCESS[name] ?? stem.replace('_', '.').replace('_', '.'), unit: word === 'seconds' ? 's' : word === 'bytes' ? 'By' : '' };
}

/**
 * Starts OpenTelemetry's SDK: pushes what `metrics` gives, from now on and once more at the end, and, where `tracesUrl` is
 * set, the spans of stream/contract/traces.ts. What does not arrive is not sent again: the next push says more. The
 * libraries are loaded here, so that who pushes nothing starts without them.
 */
export async function startTelemetry(config: OtlpConfig, metrics: () => Promise<readonly Metric[]>): Promise<{ stop(): Promise<void> }> {
  const { url, tracesUrl, bearer, caFile, intervalMs } = config;
  const [{ NodeSDK }, { OTLPMetricExporter }, { AggregationTemporality, DataPointType, PeriodicExportingMetricReader }, { resourceFromAttributes }, { ValueType }] = await Promise.all([
    import('@opentelemetry/sdk-node'), import('@opentelemetry/exporter-metrics-otlp-proto'), import('@opentelemetry/sdk-metrics'), import('@opentelemetry/resources'), import('@opentelemetry/api'),
  ]);
  const receiver = {
    timeoutMillis: PUSH_MS,
    ...(bearer === undefined ? {} : { headers: { authorization: `Bearer ${readSecret('telemetry.otlp.bearer', bearer)}` } }),
    ...(caFile === undefined ? {} : { httpAgentOptions: { ca: readFileSync(caFile), keepAlive: true } }),
  };
  const resource = resourceFromAttributes({ 'service.name': 'routewatch', 'service.instance.id': randomUUID(), 'host.name': hostname() });
  const began = hrTime(Date.now());
  const dataOf = (metric: Metric, now: [number, number]): MetricData => ({
    descriptor: { ...openTelemetryName(metric), description: metric.help, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    ...(metric.type === 'counter' ? { dataPointType: DataPointType.SUM, isMonotonic: true } : { dataPointType: DataPointType.GAUGE }),
    dataPoints: metric.samples.map(({ labels, value }) => ({ startTime: began, endTime: now, attributes: labels, value })),
  });
  const collect = async (): Promise<CollectionResult> => {
    const now = hrTime(Date.now());
    const told = (await metrics()).filter(({ samples }) => samples.length > 0).map((metric) => dataOf(metric, now));
    return { resourceMetrics: { resource, scopeMetrics: [{ scope: { name: 'routewatch' }, metrics: told }] }, errors: [] };
  };
  const metricExporter = new OTLPMetricExporter({ ...receiver, url });
  metricExporter.export = complaining(metricExporter.export.bind(metricExporter), (why) => `metrics do not reach ${url}: ${why}; it is tried again every ${intervalMs / 1000} s`);
  const sdk = new NodeSDK({
    resource,
    autoDetectResources: false,
    metricReaders: [new PeriodicExportingMetricReader({
      exporter: metricExporter,
      exportIntervalMillis: intervalMs, exportTimeoutMillis: Math.min(PUSH_MS, intervalMs), metricProducers: [{ collect }],
    })],
    // Empty lists: else the SDK takes exporters of its own choice from the environment.
    ...(tracesUrl === undefined ? { spanProcessors: [] } : { traceExporter: await spanExporter({ ...receiver, url: tracesUrl }) }),
    logRecordProcessors: [],
  });
  sdk.start();
  return {
    stop: async () => { await Promise.race([sdk.shutdown().catch(() => undefined), new Promise((resolve) => { setTimeout(resolve, END_MS); })]); },
  };
}

async function spanExporter(receiver: { readonly url: string } & ConstructorParameters<typeof OTLPTraceExporter>[0]): Promise<OTLPTraceExporter> {
  const { OTLPTraceExporter: Exporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
  const exporter = new Exporter(receiver);
  exporter.export = complaining(exporter.export.bind(exporter), (why) => `traces do not reach ${receiver.url}: ${why}`);
  return exporter;
}

type Export<T> = (data: T, done: (result: { readonly code: number; readonly error?: Error }) => void) => void;

/** The same, with the first of several failures told. */
function complaining<T>(send: Export<T>, words: (why: string) => string): Export<T> {
  let isTold = false;
  return (data, done) => {
    send(data, (result) => {
      if (result.error !== undefined && !isTold) complain(words(result.error.message));
      isTold = result.error !== undefined;
      done(result);
    });
  };
}

function hrTime(ms: number): [number, number] {
  return [Math.floor(ms / 1000), (ms % 1000) * 1_000_000];
}
