/** Records of the frames log that are no frame batches: each has a row, and nothing else comes of it. */
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { registry } from '../../decoders-wasm/contract/host.ts';
import { encodeFrameBatch } from '../../stream/contract/frame-batch.ts';
import { framesTopic } from '../../stream/contract/log.ts';
import { readResume } from '../../collectors/batching/resume.ts';
import { Folders, logged, type LoggedRow, openFreshLog, run } from './log-runs.ts';
import { batchesOf } from './testing.ts';

const folders = new Folders('poisoned-frames');
afterAll(() => { folders.remove(); });

const ids = (rows: readonly LoggedRow[]): string[] => rows.map(({ table, row }) => `${table} ${String(row['event_id'])}`).toSorted();

it('what is no frame batch goes to quarantine with its first bytes, and the partition goes on', async () => {
  const batches = (await batchesOf(join(import.meta.dirname, 'captures', 'isis-lan3', 'lan0.pcap.gz'), 20_000)).map(encodeFrameBatch);
  const clean = await openFreshLog(folders);
  await clean.append(framesTopic, 0, batches);
  await run(clean, registry, folders.fresh());
  const cut = batches[0]!.slice(0, -40);
  const spoiled = [Uint8Array.of(1, 2, 3), new Uint8Array(5000).fill(0x41), cut];
  const log = await openFreshLog(folders);
  const folder = folders.fresh();
  await log.append(framesTopic, 0, [spoiled[0]!, ...batches.slice(0, 3), spoiled[1]!]);
  await run(log, registry, folder);
  await log.append(framesTopic, 0, [...batches.slice(3), spoiled[2]!]);
  await run(log, registry, folder);
  await run(log, registry, folder);
  const { rows } = await logged(log);
  const told = rows.filter(({ row }) => row['error'] === 'frame-batch');
  expect(told.map(({ row }) => [row['tap'], row['frame_offset'], row['source_line']])).toEqual([
    ['frames-log', 0n, '3 bytes are too few for a RWFB record (byte 3 of the record)'],
    ['frames-log', 4n, expect.stringContaining('expected a RWFB record')],
    ['frames-log', BigInt(batches.length + 2), expect.stringContaining('RWFB frame record of length')],
  ]);
  expect(ids(rows.filter((row) => !told.includes(row)))).toEqual(ids((await logged(clean)).rows));
  expect((await readResume(log, 1, 'replay', '0')).partitions.size).toBe(1);
  await Promise.all([log.close(), clean.close()]);
});
