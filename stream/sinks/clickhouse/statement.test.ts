/** Insert statements on the real engine: each row is stored as the row reader reads it, and once. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRows, type Row } from '../../../decoders-wasm/contract/row-reader.ts';
import { tables } from '../../../decoders-wasm/contract/generated/tables.ts';
import type { RowValues } from '../../../decoders-wasm/contract/row-writer.ts';
import { clickhouseStructure, insertStatement } from './index.ts';
import { codes, SchemaStore } from './testing.ts';

let store: SchemaStore;

const T = 1_790_000_000_123_456_789n;

/** A row of every table with what is hard to carry: quotes, NULL, empty and full arrays, large numbers. */
const samples: Record<string, RowValues> = {
  adjacency_events: { time: T, context: 1, tap: 1, protocol: 'isis', level: 2, router: '0000.0000.0001', neighbor: "x'\\y\n\0z", state: 'up', prev_state: 'init', reason: 'three-way-received', evidence: 'timer', initial: true, late: true, hold_time: 4294967295, last_hello: T - 5n },
  neighbor_counts: { time: T, protocol: 'ospfv2', area: '0.0.0.0', router: '1.1.1.1', adjacencies: 3, neighbors: 2, full: 1, two_way: 2, coverage: 'partial' },
  topology_changes: { time: T, protocol: 'isis', object_type: 'link', object_key: 'a -> b', field: 'metric', change: 'changed', old_number: null, new_number: -5n, ordinal: 7 },
  route_changes: { time: T, context: 2, from_higher: 1, afi_safi: 'ipv4-unicast', prefix_address: '192.0.2.0', prefix_length: 24, path_id: 9, change_class: 'tup', attributes: 2n ** 127n + 1n, origin_as: 65001 },
  path_attributes: { time: T, attributes: 2n ** 127n + 1n, origin: 'incomplete', as_path: [65002, 4200000000], as_path_text: '65002 4200000000', med: 0, local_pref: null, communities: ['65002:1', '65535:65281'], large_communities: ['4200000000:1:2'], ext_communities: ['rt:65000:99', 'soo:10.0.0.1:7', 'rt:4200000000:3', '8001020304050607'], cluster_list: ['1.2.3.4'], raw: '00ff0d0a0d0a3b' },
  rib_marks: { time: T, context: 2, from_higher: 0, afi_safi: 'ipv6-unicast', mark: 'stale', reason: 'graceful-restart', routes: 12 },
  session_events: { time: T, context: 2, from_higher: 0, state: 'established', prev_state: 'openconfirm', reason: 'keepalive-received', router_as: 65001, shutdown_text: 'öffnen', code: 6 },
  protocol_errors: { time: T, protocol: 'bgp', sender: '10.0.0.1', error: 'attribute-flags', detail: 'd', count: 3 },
  coverage_events: { time: T, what: 'gap', subject: 'tap0', from: T - 10n, to: T, lost: 2n ** 64n - 1n, detail: 'ring full' },
  quarantine: { time: T, protocol: 'isis', error: 'isis.pdu-short', error_offset: 3, bytes: '0d0a0d0a44524f50205441424c45' },
  router_names: { time: T, protocol: 'isis', router: '0000.0000.0001', attribute: 'hostname', value: 'r1' },
  lsdb_changes: { time: T, protocol: 'isis', level: 1, lsa_id: '0000.0000.0001.00-00', advertising_router: '0000.0000.0001', change: 'new', sequence: 4294967295, checksum: 65535, lifetime: 1200, pdu: 'ff00' },
  alerts: {
    time: T, alert_id: '9fcdf443-9d52-438f-ee1c-b892064dc6d9', rule: 'adjacency-lost', severity: 'error', state: 'firing', since: T - 1n, protocol: 'isis', router: '0000.0000.0001', subject: "it's\nlost", summary: 's', reason: 'r', told: true,
    labels: '{"a":"b"}', related: 'one\ntwo', events: 'x y',
  },
  operator_changes: { time: T, action: 'add-maintenance-window', subject: "fra1's\nwindow", actor: 'command line', role: 'admin', request_id: '' },
};

/** As the reader's objects: what ClickHouse's JSON writes, in the same kinds of values. */
function asRead(stored: Record<string, unknown>, row: Row): Record<string, unknown> {
  return Object.fromEntries(Object.keys(row).map((name) => {
    const value = stored[name];
    return [name, typeof row[name] === 'bigint' && value !== null ? BigInt(value as string) : value];
  }));
}

describe('insert statements', () => {
  beforeAll(async () => { store = await SchemaStore.open(); });
  afterAll(async () => { await store.close(); });

  it('has a sample of every table', () => {
    expect(Object.keys(samples).toSorted()).toEqual(tables.map((table) => table.name).toSorted());
  });

  it.each(tables.map((table) => [table.name, table] as const))('%s: stores what the row reader reads', async (name, table) => {
    const bytes = store.rows(name, [samples[name]!]);
    await store.send(name, bytes);
    const columns = table.columns.map((column) => {
      if (column.type.startsWith('DateTime64')) return `toString(toUnixTimestamp64Nano(${column.name})) AS ${column.name}`;
      if (column.binary === true) return `lower(hex(${column.name})) AS ${column.name}`;
      return ['u64', 'hash', 'i64'].includes(column.wire) ? `toString(${column.name}) AS ${column.name}` : column.name;
    });
    const [stored] = await store.query(`SELECT ${columns.join(', ')} FROM routewatch.${name}`);
    const [row] = readRows(name, bytes, codes);
    expect(asRead(stored!, row!)).toEqual(row);
    expect(stored).toMatchObject({ ingest_time: '1800000000000000000', decoder_version: 'test@1', frame_partition: 3 });
  });

  it('stores a repeated cut once, in the table and in what is current of it', async () => {
    const bytes = store.rows('rib_marks', [{ time: T, context: 2, afi_safi: 'ipv4-unicast', mark: 'flush' }]);
    for (let i = 0; i < 3; i++) await store.send('rib_marks', bytes, { token: 'log/1/5-9/rib_marks' });
    expect(await store.query("SELECT toUInt32(count()) AS n FROM routewatch.rib_marks WHERE mark = 'flush'")).toEqual([{ n: 1 }]);
    const adjacency = store.rows('adjacency_events', [{ time: T, protocol: 'ospfv2', router: '1.1.1.1', neighbor: '2.2.2.2', state: 'full' }]);
    for (let i = 0; i < 3; i++) await store.send('adjacency_events', adjacency, { token: 'log/1/5-9/adjacency_events' });
    expect(await store.query("SELECT toUInt32(count()) AS n FROM routewatch.adjacency_events WHERE router = '1.1.1.1'")).toEqual([{ n: 1 }]);
    expect(await store.query("SELECT toUInt32(count()) AS n FROM routewatch.adjacencies_state WHERE router = '1.1.1.1'")).toEqual([{ n: 1 }]);
  });

  it('stores equal rows of two cuts twice', async () => {
    const bytes = store.rows('protocol_errors', [{ time: T, protocol: 'isis', sender: 'twice', error: 'e' }]);
    await store.send('protocol_errors', bytes);
    await store.send('protocol_errors', bytes);
    expect(await store.query("SELECT toUInt32(count()) AS n FROM routewatch.protocol_errors WHERE sender = 'twice'")).toEqual([{ n: 2 }]);
  });

  it('keeps names with quotes, backslashes and line ends out of the statement', async () => {
    const rows = await store.query<{ link: string; neighbor: string }>("SELECT link, neighbor FROM routewatch.adjacency_events WHERE router = '0000.0000.0001'");
    expect(rows[0]).toEqual({ link: "o'b\\lan\n1", neighbor: "x'\\y\n\0z" });
  });

  it('refuses a layout of a newer worker', () => {
    expect(() => insertStatement('4.99', codes, { ingestTimeNs: 1n, partition: 0, decoderVersion: '' })).toThrow('upgrade the sink first');
    expect(clickhouseStructure('6.1')).toContain("mark Enum8(''=0,'flush'=1");
  });
});
