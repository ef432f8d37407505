/** Spans of what a stage does, by the OpenTelemetry API: nothing happens where no SDK was started (cli/lib/otlp.ts). */
import { SpanStatusCode, trace } from '@opentelemetry/api';

/** What a stage does with records of a log partition. */
export interface RecordsSpan {
  readonly topic: string;
  readonly partition: number;
  readonly records: number;
  /** Of the first one, where it is known already. */
  readonly offset?: bigint;
}

/** Does `work` within a span, which ends with it; an error is noted and passed on. Names and attributes stand in docs/telemetry.md. */
export async function traced<T>(name: 'ship' | 'decode' | 'insert', { topic, partition, records, offset }: RecordsSpan, work: () => Promise<T>): Promise<T> {
  const attributes = {
    'messaging.destination.name': topic, 'messaging.destination.partition.id': String(partition), 'messaging.batch.message_count': records,
    ...(offset === undefined ? {} : { 'messaging.offset': String(offset) }),
  };
  return trace.getTracer('routewatch').startActiveSpan(`routewatch.${name}`, { attributes }, async (span) => {
    try {
      return await work();
    } catch (error) {
      span.recordException(error instanceof Error ? error : String(error));
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}
