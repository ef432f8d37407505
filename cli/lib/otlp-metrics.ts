/** Metrics pushed to an OpenTelemetry collector (OTLP http/protobuf), where the configuration names one. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';
import type { Metric } from '../../stream/contract/metrics.ts';
import { readSecret, secret } from '../../stream/contract/secret.ts';
import { complain } from './output.ts';

const otlpConfig = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('of the collector, with its path: http://HOST:4318/v1/metrics'),
  bearer: secret.optional().describe('token sent as Authorization: Bearer'),
  caFile: z.string().min(1).optional().describe('certificates (PEM) of whom to trust, where the system\'s do not do'),
  intervalMs: z.number().int().min(1000).max(3_600_000).default(60_000),
});

export const telemetryConfig = z.strictObject({
  otlp: otlpConfig.optional().describe('url, bearer, caFile, intervalMs; default: metrics are not pushed'),
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
 * Pushes what `metrics` gives, from now on and once more at the end. What does not arrive is not sent again: the next one
 * says more. The libraries are loaded here, so that who pushes nothing starts without them.
 */
export async function pushMetrics({ url, bearer, caFile, intervalMs }: OtlpConfig, metrics: () => Promise<readonly Metric[]>): Promise<{ stop(): Promise<void> }> {
  const [{ OTLPMetricExporter }, { AggregationTemporality, DataPointType }, { resourceFromAttributes }, { ValueType }] = await Promise.all([
    import('@opentelemetry/exporter-metrics-otlp-proto'), import('@opentelemetry/sdk-metrics'), import('@opentelemetry/resources'), import('@opentelemetry/api'),
  ]);
  const exporter = new OTLPMetricExporter({
    url,
    timeoutMillis: PUSH_MS,
    ...(bearer === undefined ? {} : { headers: { authorization: `Bearer ${readSecret('telemetry.otlp.bearer', bearer)}` } }),
    ...(caFile === undefined ? {} : { httpAgentOptions: { ca: readFileSync(caFile), keepAlive: true } }),
  });
  const resource = resourceFromAttributes({ 'service.name': 'routewatch', 'service.instance.id': randomUUID(), 'host.name': hostname() });
  const began = hrTime(Date.now());
  const dataOf = (metric: Metric, now: [number, number]): object => ({
    descriptor: { ...openTelemetryName(metric), description: metric.help, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    ...(metric.type === 'counter' ? { dataPointType: DataPointType.SUM, isMonotonic: true } : { dataPointType: DataPointType.GAUGE }),
    dataPoints: metric.samples.map(({ labels, value }) => ({ startTime: began, endTime: now, attributes: labels, value })),
  });
  let isTold = false;
  const push = async (): Promise<void> => {
    const now = hrTime(Date.now());
    const scopeMetrics = [{ scope: { name: 'routewatch' }, metrics: (await metrics()).filter(({ samples }) => samples.length > 0).map((metric) => dataOf(metric, now)) }];
    const failure = await new Promise<Error | undefined>((resolve) => {
      exporter.export({ resource, scopeMetrics } as Parameters<typeof exporter.export>[0], ({ error }) => { resolve(error); });
    });
    if (failure !== undefined && !isTold) complain(`metrics do not reach ${url}: ${failure.message}; it is tried again every ${intervalMs / 1000} s`);
    isTold = failure !== undefined;
  };
  let running: Promise<void> | undefined;
  const once = (): Promise<void> => running ??= push().catch((error: unknown) => { complain(`metrics could not be pushed: ${String(error)}`); }).finally(() => { running = undefined; });
  const timer = setInterval(() => { void once(); }, intervalMs).unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.race([once().then(() => exporter.shutdown()), new Promise((resolve) => { setTimeout(resolve, END_MS); })]);
    },
  };
}

function hrTime(ms: number): [number, number] {
  return [Math.floor(ms / 1000), (ms % 1000) * 1_000_000];
}
