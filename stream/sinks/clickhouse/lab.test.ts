/** The lab's BGP captures in the store: what the decoder counted when it dropped routes is what the views had. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tableOf } from '../../../decoders-wasm/contract/row-reader.ts';
import { decodeCaptures } from '../../../infra/lab/decode.ts';
import type { InsertCodes } from './index.ts';
import { SchemaStore } from './testing.ts';

const folder = join(import.meta.dirname, '../../../infra/lab/captures/bgp-basic');

let store: SchemaStore;

beforeAll(async () => {
  store = await SchemaStore.open();
  const inserts: { table: string; bytes: Uint8Array; codes: InsertCodes }[] = [];
  const files = readdirSync(folder).filter((name) => name.endsWith('.full.pcap.gz')).map((name) => join(folder, name));
  await decodeCaptures(files, {}, ({ blocks, contexts, taps }) => {
    const codes = {
      contexts: new Map(contexts.map((context) => [context.code, context])),
      taps: new Map(taps.map((tap) => [tap.code, { tap: tap.name, collector: tap.collector }])),
    };
    for (const block of blocks) inserts.push({ table: tableOf(block.table).name, bytes: block.bytes.slice(), codes });
  });
  for (const { table, bytes, codes } of inserts) await store.send(table, bytes, { codes });
});

afterAll(async () => { await store.close(); });

interface Mark {
  readonly ns: string;
  readonly sender: string;
  readonly receiver: string;
  readonly afi_safi: string;
  readonly mark: 'flush' | 'stale' | 'sweep';
  readonly routes: number;
}

describe('bgp-basic in the store', () => {
  it('has at each flush and stale mark as many routes as it says, and at each sweep as many stale ones', async () => {
    const marks = await store.query<Mark>('SELECT toString(toUnixTimestamp64Nano(time)) AS ns, sender, receiver, afi_safi, mark, routes FROM routewatch.rib_marks ORDER BY time');
    expect(marks.length).toBeGreaterThan(20);
    const found: string[] = [];
    for (const mark of marks) {
      const [row] = await store.query<{ n: number }>(`SELECT toUInt32(${mark.mark === 'sweep' ? 'countIf(stale)' : 'count()'}) AS n
        FROM routewatch.rib_at(at = fromUnixTimestamp64Nano(toInt64(${BigInt(mark.ns) - 1n}), 'UTC'))
        WHERE sender = '${mark.sender}' AND receiver = '${mark.receiver}' AND afi_safi = '${mark.afi_safi}'`);
      if (row?.n !== mark.routes) found.push(`${JSON.stringify(mark)}: the view has ${row?.n}`);
    }
    expect(found).toEqual([]);
  });

  it('has the attributes of every route', async () => {
    expect(await store.query('SELECT prefix FROM routewatch.route_changes WHERE attributes != 0 AND attributes NOT IN (SELECT attributes FROM routewatch.path_attributes)')).toEqual([]);
    expect(await store.query("SELECT prefix FROM routewatch.rib WHERE next_hop = ''")).toEqual([]);
  });

  it('has now what it has at the end of time', async () => {
    const columns = 'sender, receiver, prefix, path_id, as_path_text, stale, since';
    expect(await store.query(`SELECT ${columns} FROM routewatch.rib EXCEPT SELECT ${columns} FROM routewatch.rib_at(at = '2200-01-01 00:00:00')`)).toEqual([]);
    expect(await store.query(`SELECT ${columns} FROM routewatch.rib_at(at = '2200-01-01 00:00:00') EXCEPT SELECT ${columns} FROM routewatch.rib`)).toEqual([]);
    expect(await store.query("SELECT router, peer, state FROM routewatch.sessions_at(at = '2200-01-01 00:00:00') EXCEPT SELECT router, peer, state FROM routewatch.sessions")).toEqual([]);
  });
});
