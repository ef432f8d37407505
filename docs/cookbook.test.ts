/** Every question of the cookbook runs on the lab's captures, and those that must find something do. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tableOf } from '../decoders-wasm/contract/row-reader.ts';
import { decodeCaptures } from '../infra/lab/decode.ts';
import type { InsertCodes } from '../stream/sinks/clickhouse/index.ts';
import { SchemaStore } from '../stream/sinks/clickhouse/testing.ts';
import { readCookbook } from './cookbook.ts';

const captures = join(import.meta.dirname, '../infra/lab/captures');

/** Questions whose answer on the lab's captures is not empty. */
const answered = new Set([
  'What went down at a router, and why?', 'What is down now?', 'Which neighbours are missing?', 'Which neighbours went missing without an inventory?',
  'Which prefixes have more than one origin AS?', 'Who announces this prefix now?', 'What became of a prefix over time?', 'When did that metric change?', 'What changed in the graph?', 'Who announced it at T?',
  'What did a router see at T?', 'What happened in the ten seconds around T?', 'Was I blind?',
  'Who are the top flappers?', 'Which prefixes flap most?', 'How many route changes came from which origin AS?',
  'Who ended that session, and with which text?', 'Which routes went with a session?', 'How many neighbours did each router have over time?',
  'How long after the fact was it known?', 'Who is who?',
]);

let store: SchemaStore;

beforeAll(async () => {
  store = await SchemaStore.open();
  await insertLab('demo');
  await insertLab('isis-ring');
  await insertLab('demo', await duringTheLastOutage(), 'outage');
  // Of these neighbours the first is there, the second is not: as of a router that was taken away.
  await store.test.writer.command({ query: `INSERT INTO routewatch.expected_neighbors (domain, protocol, router, neighbor) VALUES
    ('demo', 'isis', '0100.0000.0001', '0100.0000.0004'), ('demo', 'isis', '0100.0000.0001', '0100.0000.0009')` });
}, 120_000);

afterAll(async () => { await store.close(); });

/** A second after an IS-IS adjacency of the demo went down: at the end of the captures all are up again. */
async function duringTheLastOutage(): Promise<bigint> {
  const [row] = await store.query<{ ns: string }>(`SELECT toString(max(toUnixTimestamp64Nano(time))) AS ns FROM routewatch.adjacency_events
    WHERE domain = 'demo' AND protocol = 'isis' AND state = 'down' AND NOT initial`);
  return BigInt(row!.ns) + 1_000_000_000n;
}

/** Decodes the captures of a lab as taps of one domain, into the store. */
async function insertLab(name: string, untilNs?: bigint, domain = name): Promise<void> {
  const folder = join(captures, name);
  const inserts: { table: string; bytes: Uint8Array; codes: InsertCodes }[] = [];
  const files = readdirSync(folder).filter((file) => file.endsWith('.pcap.gz')).map((file) => join(folder, file));
  await decodeCaptures(files, { domain, ...(untilNs === undefined ? {} : { untilNs }) }, ({ blocks, contexts, taps }) => {
    const codes = {
      contexts: new Map(contexts.map((context) => [context.code, context])),
      taps: new Map(taps.map((tap) => [tap.code, { tap: tap.name, collector: tap.collector }])),
    };
    for (const block of blocks) inserts.push({ table: tableOf(block.table).name, bytes: block.bytes.slice(), codes });
  });
  for (const { table, bytes, codes } of inserts) await store.send(table, bytes, { codes });
}

describe('the SQL cookbook', () => {
  const entries = readCookbook();

  it('has at least twelve questions, each with a query and a word about it', () => {
    expect(entries.length).toBeGreaterThanOrEqual(12);
    expect(new Set(entries.map((entry) => entry.title)).size).toBe(entries.length);
    for (const entry of entries) expect(entry.text).not.toBe('');
    for (const title of answered) expect(entries.map((entry) => entry.title)).toContain(title);
  });

  it.each(entries.map((entry) => [entry.title, entry.sql] as const))('%s', async (title, sql) => {
    const rows = await store.query(sql);
    if (answered.has(title)) expect(rows.length).toBeGreaterThan(0);
  });
});
