/** A store with the rows of all lab captures in it, and what stands beside them on a live system: ledger, inventory, quarantine. */
import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { tableOf } from '../../../decoders-wasm/contract/row-reader.ts';
import { decodeCaptures } from '../../../infra/lab/decode.ts';
import type { InsertCodes } from '../../../stream/sinks/clickhouse/index.ts';
import { SchemaStore } from '../../../stream/sinks/clickhouse/testing.ts';

const captures = join(import.meta.dirname, '../../../infra/lab/captures');
const labs = ['demo', 'isis-ring', 'isis-lan3', 'ospf-lan', 'bgp-basic'];

/** Decodes the captures of a lab into the store, as taps of a domain of its name. */
async function insertLab(store: SchemaStore, lab: string): Promise<void> {
  const folder = join(captures, lab);
  const inserts: { table: string; bytes: Uint8Array; codes: InsertCodes }[] = [];
  const files = readdirSync(folder).filter((file) => file.endsWith('.pcap.gz')).map((file) => join(folder, file));
  await decodeCaptures(files, { domain: lab }, ({ blocks, contexts, taps }) => {
    const codes = {
      contexts: new Map(contexts.map((context) => [context.code, context])),
      taps: new Map(taps.map((tap) => [tap.code, { tap: tap.name, collector: tap.collector }])),
    };
    for (const block of blocks) inserts.push({ table: tableOf(block.table).name, bytes: block.bytes.slice(), codes });
  });
  for (const { table, bytes, codes } of inserts) await store.send(table, bytes, { codes });
}

/** The store, and the range (ms) in which everything of the lab called demo happened. */
export interface LabStore {
  readonly store: SchemaStore;
  readonly from: number;
  readonly to: number;
}

export async function openLabStore(): Promise<LabStore> {
  const store = await SchemaStore.open();
  for (const lab of labs) await insertLab(store, lab);
  const [range] = await store.query<{ from: string; to: string }>(`SELECT toString(toUnixTimestamp64Milli(toDateTime64(min(time), 3))) AS from, toString(toUnixTimestamp64Milli(toDateTime64(max(time), 3))) AS to
    FROM routewatch.coverage_events`);
  const from = Number(range!.from) - 1000;
  const to = Number(range!.to) + 1000;
  await insertBeside(store, BigInt(to) - 30_000n);
  return { store, from, to };
}

/** No capture has these; written as sink, import and host write them, at a time (ms) within the range. */
async function insertBeside(store: SchemaStore, at: bigint): Promise<void> {
  await store.test.writer.command({ query: `INSERT INTO routewatch.ledger (log_id, partition, owner, first_offset, last_offset, end_offset, end_rows, token, rows, refused, quarantined, ingest_time, inserted_at) VALUES
    ('log', 0, 'worker', 0, 1, 5, 0, 'log/0/0-1', {'adjacency_events': 12, 'route_changes': 40}, {}, 0, fromUnixTimestamp64Milli(${at - 5000n}), fromUnixTimestamp64Milli(${at - 4900n})),
    ('log', 1, 'worker', 0, 3, 9, 0, 'log/1/0-3', {'adjacency_events': 2}, {'route_changes': 1}, 1, fromUnixTimestamp64Milli(${at}), fromUnixTimestamp64Milli(${at + 200n}))` });
  await store.test.writer.command({ query: `INSERT INTO routewatch.expected_neighbors (domain, protocol, router, neighbor) VALUES
    ('demo', 'isis', '0100.0000.0001', '0100.0000.0004'), ('demo', 'isis', '0100.0000.0001', '0100.0000.0009')` });
  const time = at * 1_000_000n;
  const alert = { at: Number(at), domain: 'demo', rule: 'adjacency-lost', state: 'firing', protocol: 'isis', router: '0100.0000.0001', subject: 'adjacency par1 -> lon1', summary: 'par1 lost lon1.', reason: 'hold-timer-expired' };
  await insertAlerts(store, [
    { ...alert, alert_id: '00000000-0000-4000-8000-000000000001', severity: 'error', told: true },
    { ...alert, alert_id: '00000000-0000-4000-8000-000000000002', severity: 'warning', told: false, untold: 'maintenance' },
  ]);
  await store.insert('quarantine', [{ time, protocol: 'isis', error: 'isis.pdu-short', bytes: '83' }]);
  await store.insert('coverage_events', [{ time, tap: 1, what: 'gap', subject: 'tap1', lost: 7n, detail: 'ring was full' }]);
  await store.insert('protocol_errors', [
    { time, protocol: 'bgp', sender: '10.0.0.1', error: 'bgp.attribute-flags', detail: 'ORIGIN' },
    { time, protocol: 'ospfv2', sender: '10.0.0.1', error: 'ospf.hello-interval-mismatch', detail: '10, not 5' },
  ]);
}

/** Transitions of alerts at a time (ms), in the columns of the table; the engine's own way into it is a report. */
export async function insertAlerts(store: SchemaStore, rows: readonly ({ readonly at: number } & Readonly<Record<string, unknown>>)[]): Promise<void> {
  const values = rows.map(({ at, ...row }) => {
    const time = new Date(at).toISOString().replace('T', ' ').replace('Z', '');
    return { event_id: randomUUID(), event_type: 'alert.state_change', time, decided_time: time, ingest_time: time, since: time, ...row };
  });
  await store.test.writer.insert({ table: 'routewatch.alerts', values, format: 'JSONEachRow' });
}
