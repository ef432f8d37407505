/** Record batches as a real broker keeps them, compressed by whomever and how; and what cannot be opened. */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import kafkajs, { Kafka, logLevel, type Producer } from 'kafkajs';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KafkaBroker, kafkaLacking } from '../../../infra/dev/kafka/broker.ts';
import { framesTopic, type LogRecord } from '../../contract/log.ts';
import { type KafkaLog, openKafkaLog } from './index.ts';
import { batchesOf, MOST_BATCH_BYTES, MOST_BATCH_RECORDS, openBatch } from './record-batch.ts';

const lacking = kafkaLacking();
if (lacking !== undefined) console.warn(`not run: compressed record batches on a real Kafka: ${lacking}`);

/** A long text as its length. */
const texts = (records: readonly LogRecord[]): string[] => records.map(({ value, unreadable }) => unreadable ?? (value.length > 1000 ? String(value.length) : Buffer.from(value).toString()));

/** A batch of format 2 at offset 7 with those values (of less than 64 bytes), as a producer makes it. */
function batchOf(values: readonly string[], codec = 0, compress: (records: Buffer) => Buffer = (records) => records): Buffer {
  const zigzag = (value: number): number => value * 2;
  const records = compress(Buffer.concat(values.map((value, delta) => {
    const body = Buffer.concat([Buffer.from([0, 0, zigzag(delta), 1, zigzag(value.length)]), Buffer.from(value), Buffer.from([0])]);
    return Buffer.concat([Buffer.from([zigzag(body.length)]), body]);
  })));
  const head = Buffer.alloc(61);
  head.writeBigInt64BE(7n, 0);
  head.writeInt32BE(head.length + records.length - 12, 8);
  head.writeInt8(2, 16);
  head.writeInt16BE(codec, 21);
  head.writeInt32BE(values.length - 1, 23);
  head.writeInt32BE(values.length, 57);
  return Buffer.concat([head, records]);
}

describe('a record batch', () => {
  it.each([[0, undefined], [1, gzipSync], [4, zstdCompressSync]] as const)('of codec %i gives its records from an offset on', async (codec, compress) => {
    const [batch] = batchesOf(batchOf(['a', 'bc', ''], codec, compress));
    expect(batch!.next).toBe(10n);
    expect(await openBatch(batch!, 0n)).toEqual([['a', 7n], ['bc', 8n], ['', 9n]].map(([text, offset]) => ({ offset, value: new Uint8Array(Buffer.from(text as string)) })));
    expect(texts(await openBatch(batch!, 9n))).toEqual(['']);
  });

  it('is left out where the broker has cut it off, and is told where it cannot be opened', async () => {
    const whole = batchOf(['a', 'b']);
    expect(batchesOf(Buffer.concat([whole, whole.subarray(0, -1)]))).toHaveLength(1);
    const open = async (bytes: Buffer): Promise<LogRecord[]> => openBatch(batchesOf(bytes)[0]!, 0n);
    expect(await open(batchOf(['a', 'b'], 4))).toMatchObject([{ offset: 8n, unreadable: expect.stringContaining('ends with offset 8 cannot be decompressed (zstd: ') as string }]);
    expect(texts(await open(batchOf(['a'], 3)))).toEqual(['the record batch that ends with offset 7 is compressed with lz4, which is not read here: zstd, gzip or nothing']);
    for (const [codec, compress] of [[1, gzipSync], [4, zstdCompressSync]] as const) {
      expect(texts(await open(batchOf(['a'], codec, () => compress(Buffer.alloc(MOST_BATCH_BYTES + 1)))))).toEqual([expect.stringMatching(`is more than ${MOST_BATCH_BYTES} bytes when it is decompressed`)]);
    }
    const many = batchOf(['a']);
    many.writeInt32BE(MOST_BATCH_RECORDS + 1, 57);
    expect(texts(await open(many))).toEqual([expect.stringContaining(`has ${MOST_BATCH_RECORDS + 1} records`)]);
  });

  it('never does worse, whatever its bytes are', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 16, max: 90 }), fc.integer({ min: 0, max: 255 }), fc.constantFrom(0, 1, 4), async (at, byte, codec) => {
      const bytes = batchOf(['first', 'second', 'third'], codec, [(all: Buffer) => all, gzipSync, undefined, undefined, zstdCompressSync][codec]);
      bytes[Math.min(at, bytes.length - 1)] = byte;
      for (const batch of batchesOf(bytes)) expect((await openBatch(batch, 0n)).length).toBeLessThanOrEqual(3);
    }), { numRuns: 2000 });
  });
});

describe.skipIf(lacking !== undefined)(`on a real Kafka${lacking === undefined ? '' : ` (${lacking})`}`, () => {
  let broker: KafkaBroker;
  let producer: Producer;
  const logs: KafkaLog[] = [];
  beforeAll(async () => {
    broker = await KafkaBroker.start();
    producer = new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING }).producer({ allowAutoTopicCreation: false });
    await producer.connect();
  });
  afterAll(async () => {
    await producer?.disconnect();
    await Promise.all(logs.map((log) => log.close()));
    await broker?.stop();
  });

  async function open(settings: { readonly compression?: 'zstd' | 'none' } = {}, prefix = `t${randomBytes(4).toString('hex')}.`): Promise<{ log: KafkaLog; topic: string; all: (from?: bigint) => Promise<LogRecord[]> }> {
    const log = await openKafkaLog({ brokers: [broker.address], prefix, ...settings }, { createTopics: true });
    logs.push(log);
    await log.ensureTopics([{ topic: framesTopic, partitions: 1 }]);
    return { log, topic: prefix + framesTopic, all: async (from = 0n) => {
      const records: LogRecord[] = [];
      for await (const record of log.read(framesTopic, 0, from)) records.push(record);
      return records;
    } };
  }
  const send = (topic: string, compression: kafkajs.CompressionTypes, values: readonly Buffer[]): Promise<unknown> => producer.send({ topic, compression, messages: values.map((value) => ({ value, headers: { from: 'elsewhere' } })) });

  it('records of one partition are read in order, whoever wrote them and however compressed', async () => {
    const { log, topic, all } = await open();
    const long = 'x'.repeat(5000);
    await log.append(framesTopic, 0, [Buffer.from('0'), Buffer.from(long)]);
    await send(topic, kafkajs.CompressionTypes.None, [Buffer.from('2'), Buffer.from('3')]);
    await send(topic, kafkajs.CompressionTypes.GZIP, [Buffer.from(long), Buffer.from('5')]);
    const { log: plain } = await open({ compression: 'none' }, topic.slice(0, -framesTopic.length));
    await plain.append(framesTopic, 0, [Buffer.from(long)]);
    expect(texts(await all())).toEqual(['0', '5000', '2', '3', '5000', '5', '5000']);
    expect(texts(await all(4n))).toEqual(['5000', '5', '5000']);
  });

  it('what is large when it is decompressed is one record that says so, and the partition goes on', async () => {
    const { log, topic, all } = await open();
    await send(topic, kafkajs.CompressionTypes.GZIP, [Buffer.from('0'), Buffer.alloc(40 << 20)]);
    await log.append(framesTopic, 0, [Buffer.from('behind')]);
    const records = await all();
    expect(records.map(({ offset }) => offset)).toEqual([1n, 2n]);
    expect(texts(records)).toEqual([expect.stringContaining('offset 1 is more than 16777216 bytes when it is decompressed (gzip)'), 'behind']);
    expect(await all(1n), 'from amid it on').toHaveLength(2);
    const seen: LogRecord[] = [];
    const subscription = log.consume({ topic: framesTopic, partition: 0, from: 0n }, (some) => {
      seen.push(...some);
      return Promise.resolve();
    });
    await expect.poll(() => seen, { timeout: 20_000 }).toHaveLength(2);
    await subscription.stop();
  });

  it('what the broker compresses again in its own way is told, and the check of the topics asks to leave it', async () => {
    const { topic, all, log } = await open();
    await log.withAdmin((admin) => admin.alterConfigs({ validateOnly: false, resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries: [{ name: 'compression.type', value: 'lz4' }] }] }));
    await expect.poll(async () => {
      await log.append(framesTopic, 0, [new Uint8Array(2000)]);
      return (await all()).at(-1)?.unreadable;
    }, { timeout: 20_000 }).toMatch(/is compressed with lz4, which is not read here/);
  });
});
