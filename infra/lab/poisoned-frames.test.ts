/** Records of the frames log that are no frame batches: each has a row, and nothing else comes of it. */
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { registry } from '../../decoders-wasm/contract/host.ts';
import { encodeFrameBatch } from '../../stream/contract/frame-batch.ts';
import { checkpointsTopic, eventsTopic, framesTopic } from '../../stream/contract/log.ts';
import kafkajs, { Kafka, logLevel } from 'kafkajs';
import { openKafkaLog } from '../../stream/log/kafka/index.ts';
import { readResume } from '../../collectors/batching/resume.ts';
import { KafkaBroker, kafkaLacking } from '../dev/kafka/broker.ts';
import { Folders, logged, type LoggedRow, openFreshLog, run } from './log-runs.ts';
import { batchesOf } from './testing.ts';

const folders = new Folders('poisoned-frames');
afterAll(() => { folders.remove(); });

const lacking = kafkaLacking();
if (lacking !== undefined) console.warn(`not run: a poison batch on a real Kafka: ${lacking}`);

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

it.skipIf(lacking !== undefined)(`a record batch on Kafka that would fill the memory has one row, and the partition goes on${lacking === undefined ? '' : ` (not run: ${lacking})`}`, async () => {
  const batches = (await batchesOf(join(import.meta.dirname, 'captures', 'isis-lan3', 'lan0.pcap.gz'), 20_000)).slice(0, 6).map(encodeFrameBatch);
  const broker = await KafkaBroker.start();
  try {
    const log = await openKafkaLog({ brokers: [broker.address] }, { createTopics: true });
    await log.ensureTopics([framesTopic, eventsTopic, checkpointsTopic].map((topic) => ({ topic, partitions: 1 })));
    const producer = new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING }).producer();
    await producer.connect();
    await log.append(framesTopic, 0, batches.slice(0, 3));
    await producer.send({ topic: framesTopic, compression: kafkajs.CompressionTypes.GZIP, messages: [{ value: Buffer.alloc(40 << 20), partition: 0 }] });
    await log.append(framesTopic, 0, batches.slice(3));
    await producer.disconnect();
    const folder = folders.fresh();
    await run(log, registry, folder);
    await run(log, registry, folder);
    const { rows } = await logged(log);
    expect(rows.filter(({ row }) => row['error'] === 'frame-batch').map(({ row }) => [row['frame_offset'], row['source_line']])).toEqual([
      [3n, 'the record batch that ends with offset 3 is more than 16777216 bytes when it is decompressed (gzip)'],
    ]);
    expect(rows.some(({ batch }) => batch > 3)).toBe(true);
    await log.close();
  } finally {
    await broker.stop();
  }
});
