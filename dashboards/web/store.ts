/** What the page reads from the store: one SQL query a list, over the catalogue's SQL views, as the reader. */
import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import type { z } from 'zod';
import type { WebConfig } from './config.ts';
import type { inputs } from './inputs.ts';
import { isConnectionError } from './problem.ts';

type Inputs = ReturnType<typeof inputs>;
type Row = Record<string, unknown>;

/** A list as the API gives it: at most `limit` rows, and how many there are in all where that is known. */
export interface List {
  readonly rows: readonly Row[];
  /** Whether rows were left out. */
  readonly more: boolean;
}

/** How many of what is known are in which state. */
export interface StateList extends List {
  readonly states: Readonly<Record<string, number>>;
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

const HOUR = 3_600_000_000_000n;

const TROUBLE_FIRST = "state IN ('up', 'full', '2-way', 'established')";

/** Reads for the page; `signal` ends a query whose page has gone. */
export class PageStore {
  readonly #client: ClickHouseClient;
  readonly #config: WebConfig;

  constructor(config: WebConfig) {
    this.#config = config;
    this.#client = createClient({
      url: config.storeUrl,
      request_timeout: (config.limits.querySeconds + 5) * 1000,
      max_open_connections: 16,
      application: 'routewatch-web',
      log: { level: ClickHouseLogLevel.OFF },
    });
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  /** Each router's current view of each neighbour; those in trouble come first. */
  adjacencies({ limit }: z.infer<Inputs['list']>, signal: AbortSignal): Promise<StateList> {
    return this.#stateList(`
      SELECT domain, network_instance, link, protocol, level, area, router, router_name, neighbor, neighbor_name,
        interface_name, local_address, neighbor_address, vlan, expected, prev_state, state, reason, hold_time,
        toString(toUnixTimestamp64Nano(a.since)) AS since_ns
      FROM routewatch.adjacencies AS a
      ORDER BY ${TROUBLE_FIRST}, if(router_name = '', router, router_name), neighbor_name, link, level
      LIMIT {rows:UInt32}`, 'routewatch.adjacencies', limit, signal);
  }

  /** Each end's current view of each BGP session; those in trouble come first. */
  sessions({ limit }: z.infer<Inputs['list']>, signal: AbortSignal): Promise<StateList> {
    return this.#stateList(`
      SELECT domain, network_instance, link, router, router_name, peer, peer_name, router_as, peer_as, router_id, peer_id, prev_state, state,
        reason, code, subcode, shutdown_text, capability_source, hold_time, coverage,
        toString(toUnixTimestamp64Nano(s.since)) AS since_ns
      FROM routewatch.sessions AS s
      ORDER BY ${TROUBLE_FIRST}, if(router_name = '', router, router_name), peer, link
      LIMIT {rows:UInt32}`, 'routewatch.sessions', limit, signal);
  }

  /** Current paths; with a prefix those that cover it (the longest first), then its more specifics. */
  routes({ prefix, limit }: z.infer<Inputs['routes']>, signal: AbortSignal): Promise<List> {
    const columns = `sender, receiver, afi_safi, prefix, path_id, origin, as_path_text, next_hop, med, local_pref,
        communities, large_communities, ext_communities, stale, toString(toUnixTimestamp64Nano(r.since)) AS since_ns`;
    if (prefix === undefined) {
      return this.#list(`SELECT ${columns}, '' AS relation FROM routewatch.rib AS r
        ORDER BY afi_safi, prefix_address, prefix_length, sender, receiver, path_id LIMIT {rows:UInt32}`, {}, limit, signal);
    }
    return this.#list(`
      SELECT ${columns},
        multiIf(prefix_length > {length:UInt8}, 'more-specific', prefix_length = {length:UInt8}, 'exact', 'covers') AS relation
      FROM routewatch.rib AS r
      WHERE covers(prefix_address, prefix_length, {given:String}) OR covered_by(prefix_address, prefix_length, {given:String})
      ORDER BY relation = 'more-specific', if(relation = 'more-specific', 1, -1) * prefix_length, prefix_address, sender, receiver, path_id
      LIMIT {rows:UInt32}`, { length: prefix.length, given: `${prefix.address}/${prefix.length}` }, limit, signal);
  }

  /**
   * Neighbour counts of each router and link, where they changed, from `since` ago to now; where the newest
   * count is older than that (a recording), to the newest.
   */
  async neighborCounts({ since, limit }: z.infer<Inputs['counts']>, signal: AbortSignal): Promise<List & { from: string; to: string; newest: string }> {
    const [newest] = await this.#rows(`
      SELECT toString(toUnixTimestamp64Nano(max(time))) AS newest_ns FROM routewatch.neighbor_counts`, {}, signal);
    const now = BigInt(Date.now()) * 1_000_000n;
    const last = BigInt(String(newest?.['newest_ns'] ?? '0'));
    const to = last > now - since ? now : last;
    const from = to - since;
    const list = await this.#list(`
      SELECT domain, network_instance, protocol, router, if(c.router_name != '', toString(c.router_name), e.name) AS router_name, level, area, link, adjacencies, neighbors, full, two_way, coverage,
        e.expected AS expected, toString(time_ns) AS time_ns
      FROM (
        SELECT *, toUnixTimestamp64Nano(time) AS time_ns,
          lagInFrame(adjacencies, 1, 4294967295) OVER series AS before,
          lagInFrame(toString(coverage), 1, '') OVER series AS coverage_before,
          lagInFrame(full, 1, 4294967295) OVER series AS full_before
        FROM routewatch.neighbor_counts
        WHERE time BETWEEN fromUnixTimestamp64Nano({from:Int64}) - INTERVAL 90 SECOND AND fromUnixTimestamp64Nano({to:Int64})
        WINDOW series AS (PARTITION BY protocol, domain, network_instance, router, link, level, area ORDER BY time, decided_time
          ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
      ) AS c
      LEFT ANY JOIN (
        SELECT domain, protocol, router, link, max(expected) AS expected, max(router_name) AS name
        FROM routewatch.neighbor_counts_now GROUP BY domain, protocol, router, link
      ) AS e USING (domain, protocol, router, link)
      WHERE before != adjacencies OR coverage_before != toString(coverage) OR full_before != full
      ORDER BY time_ns
      LIMIT {rows:UInt32}`, { from: from.toString(), to: to.toString() }, limit, signal);
    return { ...list, from: from.toString(), to: to.toString(), newest: last.toString() };
  }

  /** The newest lines of the timeline that fit, newest first; without `from`, the newest hour is tried before all of time. */
  async timeline(asked: z.infer<Inputs['timeline']>, signal: AbortSignal): Promise<List> {
    if (asked.from !== undefined) return this.#timelineFrom(asked, asked.from, signal);
    const end = asked.to ?? BigInt(Date.now()) * 1_000_000n;
    for (const span of [HOUR, 24n * HOUR]) {
      const list = await this.#timelineFrom(asked, end - span, signal);
      if (list.more) return list;
    }
    return this.#timelineFrom(asked, undefined, signal);
  }

  #timelineFrom(asked: z.infer<Inputs['timeline']>, from: bigint | undefined, signal: AbortSignal): Promise<List> {
    const conditions = [
      from === undefined ? '' : 't.time >= fromUnixTimestamp64Nano({from:Int64})',
      asked.to === undefined ? '' : 't.time <= fromUnixTimestamp64Nano({to:Int64})',
      asked.router === '' ? '' : '{router:String} IN (t.router, t.router_name)',
      asked.kind.length === 0 ? '' : 'has({kinds:Array(String)}, t.kind)',
      asked.initial === 'yes' ? '' : 'NOT t.initial',
      asked.text === '' ? ''
        : "positionCaseInsensitiveUTF8(concat(t.router, ' ', t.router_name, ' ', t.subject, ' ', t.reason), {text:String}) > 0",
    ].filter((condition) => condition !== '');
    return this.#list(`
      SELECT toString(toUnixTimestamp64Nano(t.time)) AS time_ns, toString(event_id) AS event_id, domain, router, router_name,
        kind, subject, prev, new, reason, initial
      FROM routewatch.timeline AS t
      ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
      ORDER BY t.time DESC, event_id
      LIMIT {rows:UInt32}`,
    {
      ...(from === undefined ? {} : { from: from.toString() }),
      ...(asked.to === undefined ? {} : { to: asked.to.toString() }),
      router: asked.router, kinds: asked.kind, text: asked.text,
    }, asked.limit, signal);
  }

  /** What each tap could and could not see, newest first. */
  coverage({ limit }: z.infer<Inputs['list']>, signal: AbortSignal): Promise<List> {
    return this.#list(`
      SELECT toString(toUnixTimestamp64Nano(c.time)) AS time_ns, toString(event_id) AS event_id, domain, tap, collector, what, subject,
        lost, detail, toString(toUnixTimestamp64Nano(c.from)) AS from_ns, toString(toUnixTimestamp64Nano(c.to)) AS to_ns
      FROM routewatch.coverage_events AS c
      ORDER BY c.time DESC, event_id
      LIMIT {rows:UInt32}`, {}, limit, signal);
  }

  /** Somebody's own SELECT; the store checks it. Throws ClickHouseError with the store's words. */
  async query(sql: string, signal: AbortSignal): Promise<QueryResult> {
    const { queryRows, queryBytes, querySeconds } = this.#config.limits;
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

  async #stateList(sql: string, view: string, limit: number, signal: AbortSignal): Promise<StateList> {
    const [list, counts] = await Promise.all([
      this.#list(sql, {}, limit, signal),
      this.#rows(`SELECT toString(state) AS name, count() AS rows FROM ${view} GROUP BY name`, {}, signal),
    ]);
    return { ...list, states: Object.fromEntries(counts.map((row) => [String(row['name']), Number(row['rows'])])) };
  }

  async #list(sql: string, parameters: Row, limit: number, signal: AbortSignal): Promise<List> {
    const rows = await this.#rows(sql, { ...parameters, rows: limit + 1 }, signal);
    return { rows: rows.slice(0, limit), more: rows.length > limit };
  }

  async #rows(sql: string, parameters: Row, signal: AbortSignal): Promise<Row[]> {
    return retried(signal, async () => {
      const result = await this.#client.query({
        query: sql,
        format: 'JSONEachRow',
        query_params: parameters,
        abort_signal: signal,
        clickhouse_settings: { ...FORMAT, max_execution_time: this.#config.limits.querySeconds },
      });
      return result.json<Row>();
    });
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
