/** What the tests of the statements share: a store with the schema, and rows written as a worker writes them. */
import { Readable } from 'node:stream';
import type { TapNames } from '../../../decoders-wasm/contract/row-reader.ts';
import { DECIDED_BY_FRAME, writeRow, type RowValues } from '../../../decoders-wasm/contract/row-writer.ts';
import { tableOf, type ContextNames } from '../../../decoders-wasm/contract/row-reader.ts';
import { migrate } from '../../store/index.ts';
import { openTestStore, type TestStore } from '../../store/testing.ts';
import { embeddedMigrations, insertSettings, insertStatement, type InsertCodes } from './index.ts';

export const codes: { contexts: Map<number, ContextNames>; taps: Map<number, TapNames> } = {
  contexts: new Map<number, ContextNames>([
    [0, { key: 'igp/d/default/isis', domain: 'd', networkInstance: 'default', link: 'lan0' }],
    [1, { key: 'igp/d/default/isis', domain: 'd', networkInstance: 'default', link: "o'b\\lan\n1" }],
    [2, { key: 'tcp/d/default/10.0.0.1/10.0.0.2', domain: 'd', networkInstance: 'default', link: 'lan0', addresses: ['10.0.0.1', '10.0.0.2'] }],
    [3, { key: 'tcp/d/default/172.31.0.1/172.31.0.2', domain: 'd', networkInstance: 'default', link: 'lan0', addresses: ['172.31.0.1', '172.31.0.2'] }],
    [4, { key: 'tcp/d/vrf/172.31.0.1/172.31.0.2', domain: 'd', networkInstance: 'vrf', link: 'lan1', addresses: ['172.31.0.1', '172.31.0.2'] }],
    [5, { key: 'tcp/d/default/172.31.9.1/172.31.9.2', domain: 'd', networkInstance: 'default', link: 'lan0', addresses: ['172.31.9.1', '172.31.9.2'] }],
  ]),
  taps: new Map([[0, { tap: 'tap0', collector: 'c0' }], [1, { tap: 'tap1', collector: 'c*0' }]]),
};

const tapIdentity = Uint8Array.from({ length: 16 }, (_, index) => index);

/** A store with the schema; `insert` writes the rows of one cut, each decided by a frame of its own. */
export class SchemaStore {
  readonly test: TestStore;
  private frame = 0n;
  private cuts = 0;

  private constructor(test: TestStore) {
    this.test = test;
  }

  static async open(): Promise<SchemaStore> {
    const test = await openTestStore();
    await migrate(test.writer, embeddedMigrations);
    return new SchemaStore(test);
  }

  /** Bytes of rows of a table; `time` is in ns, `frame_offset` counts up unless given. */
  rows(table: string, rows: readonly RowValues[]): Uint8Array {
    return Buffer.concat(rows.map((values) => {
      this.frame += 1n;
      return writeRow(table, { identity: tapIdentity, kind: DECIDED_BY_FRAME, number: this.frame, key: 'k' }, { frame_offset: this.frame, ...values });
    }));
  }

  /** Sends bytes as one cut. */
  async send(table: string, bytes: Uint8Array, options: { token?: string; ingestTimeNs?: bigint; codes?: InsertCodes } = {}): Promise<void> {
    this.cuts += 1;
    const { sql } = insertStatement(tableOf(table).layout, options.codes ?? codes, { ingestTimeNs: options.ingestTimeNs ?? 1_800_000_000_000_000_000n, partition: 3, decoderVersion: 'test@1' });
    const { stream } = await this.test.writer.exec({
      query: sql, values: Readable.from([bytes]), clickhouse_settings: insertSettings(options.token ?? `log/3/${this.cuts}/${table}`),
    });
    for await (const _ of stream) { /* drained */ }
  }

  async insert(table: string, rows: readonly RowValues[]): Promise<void> {
    await this.send(table, this.rows(table, rows));
  }

  /** Rows of a query of the reading user. */
  async query<T = Record<string, unknown>>(sql: string): Promise<T[]> {
    const result = await this.test.reader.query({ query: sql, format: 'JSONEachRow' });
    return result.json<T>();
  }

  async close(): Promise<void> {
    await this.test.close();
  }
}
