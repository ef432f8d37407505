/** Alerts as OpenTelemetry log records over OTLP http/protobuf. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, type ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { AlertChannel, AlertNotice } from '../../../contract/alert.ts';
import { readSecret } from '../../../contract/secret.ts';
import { severities } from '../severity.ts';
import type { OpenTelemetryConfig } from './config.ts';
import { reasonOf } from './post.ts';

/** What a receiver says of records that it took in part; the SDK tells it nowhere else, and no sending again would help (OTLP, partial success). */
let refusal = '';
diag.setLogger({
  error: () => undefined, info: () => undefined, debug: () => undefined, verbose: () => undefined,
  warn: (text, ...more) => {
    if (!text.includes('Partial Success')) return;
    refusal = more.join(' ');
    // It is told just before the callback of its export; that of another export is none of ours.
    queueMicrotask(() => { refusal = ''; });
  },
}, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });

/** Longest that `close` waits for what is still on its way, ms. */
const CLOSE_MS = 1000;

/** Attributes of the record; receivers drop the second of equal `log.record.uid`. */
export function logAttributes(notice: AlertNotice): Record<string, string | string[]> {
  const { page, query, runbook } = notice.links;
  const labels = Object.entries(notice.labels).map(([name, value]) => [name === 'protocol' ? 'network.protocol.name' : `routewatch.${name}`, value]);
  return {
    'log.record.uid': notice.id,
    'routewatch.alert.id': notice.alertId,
    'routewatch.alert.rule': notice.rule,
    'routewatch.alert.state': notice.state,
    'routewatch.alert.since': String(notice.since),
    'routewatch.alert.subject': notice.subject,
    'routewatch.reason': notice.reason,
    'routewatch.evidence': notice.evidence,
    ...Object.fromEntries(labels) as Record<string, string>,
    'routewatch.alert.related': [...notice.related],
    'routewatch.alert.events': [...notice.events],
    ...(page === '' ? {} : { 'url.full': page }),
    ...(query === '' ? {} : { 'routewatch.alert.query': query }),
    'routewatch.alert.runbook': runbook,
  };
}

/** Seconds and nanoseconds. */
function hrTime(ns: bigint): [number, number] {
  return [Number(ns / 1_000_000_000n), Number(ns % 1_000_000_000n)];
}

/**
 * Records go through the exporter one call at a time, never through the SDK's batch queue: that drops in silence what it
 * could not send, while the exporter's callback says whether the receiver has it. The exporter cannot be broken off: after
 * an abort it may still deliver, so the receiver may get a notice twice, with the same id.
 */
export function createOpenTelemetry(config: OpenTelemetryConfig): AlertChannel {
  const { name, url, bearer, caFile, timeoutMs } = config;
  const made: ReadableLogRecord[] = [];
  let token = '';
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({ 'service.name': 'routewatch', 'host.name': hostname() }),
    processors: [{ onEmit: (record) => { made.push(record); }, forceFlush: () => Promise.resolve(), shutdown: () => Promise.resolve() }],
  });
  const logger = provider.getLogger('routewatch.alerts');
  const exporter = new OTLPLogExporter({
    url,
    timeoutMillis: timeoutMs,
    ...(bearer === undefined ? {} : { headers: () => Promise.resolve({ authorization: `Bearer ${token}` }) }),
    ...(caFile === undefined ? {} : { httpAgentOptions: { ca: readFileSync(caFile), keepAlive: true } }),
  });
  const recordsOf = (notices: readonly AlertNotice[]): ReadableLogRecord[] => {
    for (const notice of notices) {
      const { number, text } = severities[notice.severity].openTelemetry;
      logger.emit({
        eventName: `routewatch.alert.${notice.state}`,
        timestamp: hrTime(notice.changed),
        severityNumber: number,
        severityText: text,
        body: notice.summary,
        attributes: logAttributes(notice),
      });
    }
    return made.splice(0);
  };
  return {
    name,
    async send(notices, signal) {
      signal.throwIfAborted();
      if (bearer !== undefined) token = readSecret(`channel ${name}, bearer`, bearer);
      const ended = Promise.withResolvers<undefined>();
      signal.addEventListener('abort', () => { ended.reject(new Error(`${url}: broken off`)); }, { once: true });
      exporter.export(recordsOf(notices), ({ code, error }) => {
        if (refusal !== '') process.emitWarning(`channel ${name}: ${url} has refused records: ${refusal}`);
        const result: number = code;
        if (result === 0) ended.resolve(undefined);
        else ended.reject(new Error(`${url}: ${error === undefined ? 'not acknowledged' : reasonOf(error)}`, { cause: error }));
      });
      await ended.promise;
    },
    async close() {
      await Promise.race([exporter.shutdown(), new Promise((resolve) => { setTimeout(resolve, CLOSE_MS).unref(); })]);
    },
  };
}
