/** Reads from the store as its reader: rows, pages, streams of lines, and somebody's own SELECT. */
import { once } from 'node:events';
import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import type { Response } from 'express';
import type { WebConfig } from './config.ts';
import { isConnectionError } from './problem.ts';

export type Row = Record<string, unknown>;

/** A list as the API gives it. */
export interface List {
  readonly rows: readonly Row[];
  /** Whether rows were left out behind this page. */
  readonly more: boolean;
}

/** Which part of a list. */
export interface Page {
  readonly limit: number;
  readonly offset: number;
}

/** Result of somebody's own query: values as text, number, array or null. */
export interface QueryResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
  readonly more: boolean;
  readonly elapsedMs: number;
}

/** 64-bit integers as strings: JavaScript's numbers would round them. */
const FORMAT = {
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_denormals: 1,
} as const;

/** `signal` ends a query whose caller has gone. */
export class ReadStore {
  readonly #client: ClickHouseClient;
  readonly #config: WebConfig;

  constructor(config: WebConfig) {
    this.#config = config;
    this.#client = createClient({
      url: config.storeUrl,
      database: 'routewatch',
      request_timeout: (config.limits.querySeconds + 5) * 1000,
      max_open_connections: 16,
      application: 'routewatch-web',
      log: { level: ClickHouseLogLevel.OFF },
    });
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  /** Rows of one SELECT, objects by column. */
  async rows(sql: string, parameters: Row, signal: AbortSignal): Promise<Row[]> {
    return retried(signal, async () => {
      const result = await this.#client.query({ ...this.#asked(sql, parameters, signal), format: 'JSONEachRow' });
      return result.json<Row>();
    });
  }

  /** One page of a SELECT in a fixed order. */
  async page(sql: string, parameters: Row, { limit, offset }: Page, signal: AbortSignal): Promise<List> {
    const rows = await this.rows(`${sql} LIMIT {page_rows:UInt32} OFFSET {page_offset:UInt32}`, { ...parameters, page_rows: limit + 1, page_offset: offset }, signal);
    return { rows: rows.slice(0, limit), more: rows.length > limit };
  }

  /** Writes rows as lines of JSON as they come, at the pace of who reads them; the last line has the count. */
  async stream(sql: string, parameters: Row, limit: number, signal: AbortSignal, response: Response): Promise<void> {
    const result = await this.#client.query({ ...this.#asked(`${sql} LIMIT {page_rows:UInt32}`, { ...parameters, page_rows: limit + 1 }, signal), format: 'JSONEachRow' });
    response.type('application/x-ndjson');
    let rows = 0;
    let more = false;
    for await (const chunk of result.stream<Row>()) {
      const lines = chunk.slice(0, limit - rows);
      more ||= lines.length < chunk.length;
      rows += lines.length;
      if (lines.length > 0 && !response.write(`${lines.map(({ text }) => text).join('\n')}\n`)) await once(response, 'drain', { signal });
    }
    response.end(`${JSON.stringify({ end: true, rows, more })}\n`);
  }

  /** Somebody's own SELECT; the store checks it. Throws ClickHouseError with the store's words. */
  async query(sql: string, signal: AbortSignal): Promise<QueryResult> {
    const { queryRows, queryBytes, queryMemoryBytes, querySeconds } = this.#config.limits;
    const begun = performance.now();
    const { meta, data } = await retried(signal, async () => {
      const result = await this.#client.query({
        query: sql,
        format: 'JSONCompact',
        abort_signal: signal,
        clickhouse_settings: {
          ...FORMAT,
          limit: String(queryRows + 1),
          max_result_bytes: String(queryBytes),
          max_memory_usage: String(queryMemoryBytes),
          max_execution_time: querySeconds,
        },
      });
      return result.json<unknown[]>();
    });
    return {
      columns: (meta ?? []).map(({ name, type }) => ({ name, type })),
      rows: data.slice(0, queryRows),
      more: data.length > queryRows,
      elapsedMs: Math.round((performance.now() - begun) * 10) / 10,
    };
  }

  #asked(query: string, parameters: Row, signal: AbortSignal) {
    return {
      query, query_params: parameters, abort_signal: signal,
      clickhouse_settings: { ...FORMAT, max_execution_time: this.#config.limits.querySeconds },
    };
  }
}

/** Reads again, once, when a kept connection turned out to be closed: reading twice does no harm. */
async function retried<T>(signal: AbortSignal, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (signal.aborted || !isConnectionError(error)) throw error;
    return read();
  }
}
