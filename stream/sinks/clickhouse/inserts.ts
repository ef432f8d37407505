/** What every insert of this sink shares: token, patience, ledger. */
import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client';
import { Readable } from 'node:stream';
import type { Position } from '../../contract/events-record.ts';
import { tableOf } from '../../../decoders-wasm/contract/row-reader.ts';
import { isRefusal, quarantineRow, type RefusedPart } from './refused.ts';
import { insertSettings, insertStatement } from './statement.ts';

/** Pause before an insert is tried again, ms; the same bytes under the same token. */
const RETRY_MS = [200, 500, 1000, 2000, 5000];
/** Pause where the store says that it cannot read the bytes, ms: a wait will hardly help. */
const REFUSED_MS = 100;

/** What the ledger says of a cut beside its name. */
export interface LedgerEntry {
  readonly logId: string;
  readonly partition: number;
  /** Empty: the records were gone before they could be inserted. */
  readonly owner: string;
  readonly first: bigint;
  readonly last: bigint;
  readonly end: Position;
  readonly token: string;
  /** Rows by table. */
  readonly rows: Readonly<Record<string, number>>;
  readonly refused?: Readonly<Record<string, number>>;
  readonly quarantined?: number;
  readonly ingestTimeNs: string;
}

/** What a cut has come to so far, for the ledger. */
export interface CutCounts {
  readonly rows: Record<string, number>;
  readonly refused: Record<string, number>;
  quarantined: number;
}

/** Rows of one record in one layout, and how they are inserted. */
export interface PartInsert extends Omit<RefusedPart, 'error'> {
  readonly rows: number;
  readonly sql: string;
  readonly token: string;
  /** Who made the rows. */
  readonly decoderVersion: string;
}

export function countRows(counts: Record<string, number>, table: string, rows: number): void {
  counts[table] = (counts[table] ?? 0) + rows;
}

/** The newest cut of a log that the ledger has: its last record, whose it was, and where it ends. */
export interface LastCut {
  readonly offset: bigint;
  readonly owner: string;
  readonly end: Position;
}

export class Inserts {
  private readonly client: ClickHouseClient;
  private readonly suffix: string;
  /** Nothing is tried again. */
  stopping = false;
  /** Time that inserts took, with their repeats, ms; and how many were tried again. */
  insertMs = 0;
  retries = 0;

  constructor(client: ClickHouseClient, suffix = '') {
    this.client = client;
    this.suffix = suffix;
  }

  async insert(sql: string, bytes: readonly Uint8Array[], token: string): Promise<void> {
    await this.patiently(async () => {
      const { stream } = await this.client.exec({
        query: sql,
        values: Readable.from(bytes, { objectMode: false }),
        clickhouse_settings: insertSettings(token) as ClickHouseSettings,
      });
      for await (const piece of stream) void piece;
    });
  }

  /** Inserts a record's rows; what the store refuses for good goes to quarantine. */
  async insertPart(part: PartInsert, counts: CutCounts): Promise<void> {
    const { name } = tableOf(part.layout);
    try {
      await this.insert(part.sql, [part.bytes], part.token);
      countRows(counts.rows, name, part.rows);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      await this.quarantine({ ...part, error }, counts);
      countRows(counts.refused, name, part.rows);
    }
  }

  /** Keeps what cannot be stored where it belongs. */
  async quarantine({ token, decoderVersion, ...part }: RefusedPart & Pick<PartInsert, 'token' | 'decoderVersion'>, counts: CutCounts): Promise<void> {
    const { sql } = insertStatement(tableOf('quarantine').layout, { contexts: new Map(), taps: new Map() }, { ingestTimeNs: part.ingestTimeNs, partition: part.partition, decoderVersion, suffix: this.suffix });
    await this.insert(sql, [quarantineRow(part)], `${token}/quarantine`);
    countRows(counts.rows, 'quarantine', 1);
    counts.quarantined += 1;
  }

  async writeLedger({ logId, first, last, end, ingestTimeNs, partition, owner, token, ...counts }: LedgerEntry): Promise<void> {
    await this.patiently(() => this.client.insert({
      table: `routewatch.ledger${this.suffix}`,
      format: 'JSONEachRow',
      values: [{
        log_id: logId, partition, owner, first_offset: String(first), last_offset: String(last), token, ...counts,
        end_offset: end.offset, end_rows: end.rows,
        ingest_time: `${ingestTimeNs.slice(0, -9)}.${ingestTimeNs.slice(-9)}`,
      }],
      clickhouse_settings: { insert_deduplication_token: token },
    }));
  }

  async lastCut(logId: string, partition: number): Promise<LastCut | undefined> {
    const result = await this.client.query({
      query: `SELECT toString(last_offset) AS last, owner, toString(end_offset) AS end_offset, toUInt32(end_rows) AS end_rows FROM routewatch.ledger${this.suffix} AS ledger
        WHERE log_id = {log:String} AND partition = {partition:UInt32} ORDER BY ledger.last_offset DESC LIMIT 1`,
      query_params: { log: logId, partition },
      format: 'JSONEachRow',
    });
    const [row] = await result.json<{ last: string; owner: string; end_offset: string; end_rows: number }>();
    return row === undefined ? undefined : { offset: BigInt(row.last), owner: row.owner, end: { offset: row.end_offset, rows: row.end_rows } };
  }

  /** Tries until it holds or the sink stops: what was asked for is asked for again, never another cut of it. */
  private async patiently(work: () => Promise<unknown>): Promise<void> {
    const began = performance.now();
    for (let attempt = 0; ; attempt++) {
      try {
        await work();
        this.insertMs += performance.now() - began;
        return;
      } catch (error) {
        if (this.stopping || attempt >= RETRY_MS.length) throw error;
        this.retries += 1;
        await new Promise((resolve) => { setTimeout(resolve, isRefusal(error) ? REFUSED_MS : RETRY_MS[attempt]); });
      }
    }
  }
}
