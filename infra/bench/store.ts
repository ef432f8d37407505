/** How fast rows get into the embedded store, by the sink's own statement and settings, over HTTP. */
import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client';
import { Readable } from 'node:stream';
import type { Stretch } from '../../decoders-wasm/contract/host.ts';
import { tableOf } from '../../decoders-wasm/contract/row-reader.ts';
import { embeddedMigrations, insertSettings, insertStatement, type InsertCodes } from '../../stream/sinks/clickhouse/index.ts';
import { migrate } from '../../stream/store/index.ts';
import { openTestStore } from '../../stream/store/testing.ts';
import { decodeCaptures } from '../lab/decode.ts';
import { type Spread, spread } from './cpu.ts';

/** As the worker makes them (stream/worker/config.ts). */
const CUT_BYTES = 16 << 20;
const SMALL_CUTS = 60;
/** ns since 1970; within the tables' retention whenever the bench runs. */
const INGEST_NS = BigInt(Date.now()) * 1_000_000n;

export interface StoreFigures {
  readonly rows: number;
  readonly rowBytes: number;
  readonly cuts: number;
  /** Rows a second over all inserts, one after the other as the sink does. */
  readonly rowsPerSecond: number;
  /** Rows that a query counts afterwards. */
  readonly counted: number;
  /** One cut with one row of one table, ms: what a cut costs whatever it holds. */
  readonly cutMs: Spread;
}

/** Rows of one table between two cuts. */
interface Section {
  readonly layout: string;
  readonly bytes: Uint8Array[];
  rows: number;
  size: number;
}

/** Inserts all rows of a capture into a fresh store, then many small cuts. */
export async function measureStore(file: string): Promise<StoreFigures> {
  const { cuts, codes } = await gatherCuts(file);
  const test = await openTestStore();
  try {
    await migrate(test.writer, embeddedMigrations);
    const began = performance.now();
    for (const [index, cut] of cuts.entries()) {
      for (const section of cut) await insert(test.writer, section, codes, `bench/0/${index}/${section.layout}`);
    }
    const seconds = (performance.now() - began) / 1000;
    const sections = cuts.flat();
    const rows = sections.reduce((sum, section) => sum + section.rows, 0);
    const tables = [...new Set(sections.map(({ layout }) => tableOf(Number(layout.split('.')[0])).name))];
    const counted = await countRows(test.reader, tables);
    const cutMs = await measureSmallCuts(test.writer, sections.find(({ layout }) => layout.startsWith(`${tableOf('route_changes').id}.`))!, codes);
    return { rows, rowBytes: sections.reduce((sum, section) => sum + section.size, 0), cuts: cuts.length, rowsPerSecond: rows / seconds, counted, cutMs };
  } finally {
    await test.close();
  }
}

/** The rows of a capture by cut and table, and the codes that they use. */
async function gatherCuts(file: string): Promise<{ cuts: Section[][]; codes: InsertCodes }> {
  const cuts: Section[][] = [];
  const codes = { contexts: new Map(), taps: new Map() } satisfies InsertCodes;
  let open = new Map<string, Section>();
  let size = 0;
  const close = (): void => {
    if (open.size > 0) cuts.push([...open.values()]);
    open = new Map();
    size = 0;
  };
  const take = (stretch: Stretch): void => {
    for (const context of stretch.contexts) codes.contexts.set(context.code, context);
    for (const tap of stretch.taps) codes.taps.set(tap.code, { tap: tap.name, collector: tap.collector });
    for (const block of stretch.blocks) {
      const { layout } = tableOf(block.table);
      const section = open.get(layout) ?? { layout, bytes: [], rows: 0, size: 0 };
      section.bytes.push(block.bytes);
      section.rows += block.rows;
      section.size += block.bytes.length;
      open.set(layout, section);
      size += block.bytes.length;
    }
    if (size >= CUT_BYTES) close();
  };
  await decodeCaptures([file], {}, take);
  close();
  return { cuts, codes };
}

async function insert(client: ClickHouseClient, section: Pick<Section, 'layout' | 'bytes'>, codes: InsertCodes, token: string): Promise<void> {
  const { sql } = insertStatement(section.layout, codes, { ingestTimeNs: INGEST_NS, partition: 0, decoderVersion: 'bench' });
  const { stream } = await client.exec({
    query: sql, values: Readable.from(section.bytes, { objectMode: false }), clickhouse_settings: insertSettings(token) as ClickHouseSettings,
  });
  for await (const piece of stream) void piece;
}

async function countRows(client: ClickHouseClient, tables: readonly string[]): Promise<number> {
  const counts = await Promise.all(tables.map(async (table) => {
    const result = await client.query({ query: `SELECT count() AS rows FROM routewatch.${table}`, format: 'JSONEachRow' });
    return Number((await result.json<{ rows: string }>())[0]?.rows);
  }));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function measureSmallCuts(client: ClickHouseClient, section: Section, codes: InsertCodes): Promise<Spread> {
  const row = section.bytes[0]!.subarray(0, section.size / section.rows);
  const times: number[] = [];
  for (let cut = 0; cut < SMALL_CUTS; cut++) {
    const began = performance.now();
    await insert(client, { layout: section.layout, bytes: [row] }, codes, `bench/1/${cut}/${section.layout}`);
    times.push(performance.now() - began);
  }
  return spread(times);
}
