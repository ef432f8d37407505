/** What the live proof asks of the store. */
import type { ClickHouseClient } from '@clickhouse/client';
import type { Row } from '../../../decoders-wasm/contract/row-reader.ts';

type Answer = Readonly<Record<string, unknown>>;

export class Rows {
  readonly #client: ClickHouseClient;

  constructor(client: ClickHouseClient) {
    this.#client = client;
  }

  async ask(query: string): Promise<Answer[]> {
    return (await this.#client.query({ query, format: 'JSONEachRow' })).json<Answer>();
  }

  /** Rows of a table in order of decision, `time` in ns since 1970. */
  async inOrder(table: 'adjacency_events' | 'session_events'): Promise<Row[]> {
    const rows = await this.ask(`SELECT * EXCEPT (event_id, time, decided_time), toString(toUnixTimestamp64Nano(time)) AS at FROM routewatch.${table}
      ORDER BY decided_time, frame_partition, frame_offset, frame_index, ordinal`);
    return rows.map(({ at, ...row }) => ({ ...row, time: BigInt(String(at)) }) as Row);
  }

  /** Changes of one prefix that `link`'s `sender` sent, in order: `tdown`, `tup`, ... */
  async changesOf(prefix: string, sender: string, from: bigint, to: bigint): Promise<string[]> {
    const rows = await this.ask(`SELECT change_class FROM routewatch.route_changes WHERE prefix = '${prefix}' AND sender = '${sender}'
      AND toUnixTimestamp64Nano(time) BETWEEN ${from} AND ${to} ORDER BY time`);
    return rows.map(({ change_class: change }) => String(change));
  }

  /** From the frame (or deadline) that decides a row to the cut that makes it durable, ms: median and 99th of a hundred. */
  async latency(): Promise<{ p50: number; p99: number }> {
    const one = ['adjacency_events', 'session_events', 'route_changes'].map((table) => `SELECT (toUnixTimestamp64Nano(ingest_time) - toUnixTimestamp64Nano(decided_time)) / 1e6 AS ms FROM routewatch.${table} WHERE evidence != 'timer'`);
    const [row] = await this.ask(`SELECT quantileExact(0.5)(ms) AS p50, quantileExact(0.99)(ms) AS p99 FROM (${one.join(' UNION ALL ')})`);
    return { p50: Number(row!['p50']), p99: Number(row!['p99']) };
  }

  /** What is told of the taps of a collector, or of all, by `what`: tap → intervals, ns since 1970. */
  async coverage(what: string, collector: string): Promise<{ tap: string; from: bigint; to: bigint }[]> {
    const rows = await this.ask(`SELECT subject, toString(toUnixTimestamp64Nano(from)) AS begin, toString(toUnixTimestamp64Nano(to)) AS end FROM routewatch.coverage_events
      WHERE what = '${what}' AND collector = '${collector}' AND subject = tap ORDER BY from`);
    return rows.map(({ subject, begin, end }) => ({ tap: String(subject), from: BigInt(String(begin)), to: BigInt(String(end)) }));
  }

  async count(table: string): Promise<number> {
    const [row] = await this.ask(`SELECT count() AS n FROM routewatch.${table}`);
    return Number(row!['n']);
  }
}
