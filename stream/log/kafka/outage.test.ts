import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KafkaBroker, kafkaLacking } from '../../../infra/dev/kafka/broker.ts';
import { framesTopic } from '../../contract/log.ts';
import { type KafkaLog, openKafkaLog } from './index.ts';

const lacking = kafkaLacking();
if (lacking !== undefined) console.warn(`not run: Kafka that goes and comes back: ${lacking}`);

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const warnings: string[] = [];
process.on('warning', ({ name }) => { warnings.push(name); });

describe.skipIf(lacking !== undefined)(`a real Kafka that goes and comes back${lacking === undefined ? '' : ` (${lacking})`}`, () => {
  let broker: KafkaBroker;
  const logs: KafkaLog[] = [];
  const told: string[] = [];
  const open = async (prefix: string): Promise<KafkaLog> => {
    const log = await openKafkaLog({ brokers: [broker.address], prefix }, { createTopics: true, tell: (line) => { told.push(line); } });
    logs.push(log);
    await log.ensureTopics([{ topic: framesTopic, partitions: 2 }]);
    return log;
  };
  beforeAll(async () => { broker = await KafkaBroker.start(); });
  afterAll(async () => {
    await Promise.all(logs.map((log) => log.close()));
    await broker?.stop();
  });

  it('loses, doubles and reorders nothing while the broker is killed, started again, and frozen', async () => {
    const log = await open('');
    const other = await open('');
    const partitions = [0, 1];
    const seen: string[][] = [[], []];
    const subscriptions = partitions.map((partition) => other.consume({ topic: framesTopic, partition, from: 0n }, async (records) => {
      seen[partition]!.push(...records.map(({ value }) => Buffer.from(value).toString()));
    }));
    const sent: string[][] = [[], []];
    let isSending = true;
    const senders = partitions.map(async (partition) => {
      for (let count = 0; isSending; count++) {
        const offset = await log.append(framesTopic, partition, [bytes(String(count))]);
        expect(offset).toBe(BigInt(count));
        sent[partition]!.push(String(count));
        await sleep(2);
      }
    });
    await sleep(300);
    await broker.kill();
    await sleep(300);
    await broker.restart();
    await sleep(1000);
    broker.freeze();
    await sleep(1500);
    broker.thaw();
    await sleep(500);
    await expect.poll(() => Math.min(...sent.map(({ length }) => length)), { timeout: 20_000 }).toBeGreaterThan(50);
    isSending = false;
    await Promise.all(senders);
    for (const partition of partitions) {
      await expect.poll(() => seen[partition]!.length, { timeout: 20_000 }).toBe(sent[partition]!.length);
      expect(seen[partition]).toEqual(sent[partition]);
    }
    expect(told.join('\n')).toMatch(/cannot be used .*: trying again until it can\n[^]*Kafka answers again after \d+ s/);
    await Promise.all(subscriptions.map((subscription) => subscription.stop()));
    expect(warnings).not.toContain('TimeoutNegativeWarning');
  }, 120_000);

  it('ends in a moment while the broker is silent', async () => {
    const log = await open('b.');
    const subscription = log.consume({ topic: framesTopic, partition: 0, from: 0n }, async () => undefined);
    await log.append(framesTopic, 0, [bytes('a')]);
    broker.freeze();
    const lost = expect(log.append(framesTopic, 0, [bytes('b')])).rejects.toThrow('closed before a record was acknowledged');
    await sleep(300);
    const began = performance.now();
    await subscription.stop();
    await log.close();
    await lost;
    expect(performance.now() - began).toBeLessThan(2000);
    broker.thaw();
  });

  it('ends with an error when a topic was deleted and made again', async () => {
    const prefix = `r${randomBytes(3).toString('hex')}.`;
    const log = await open(prefix);
    const subscription = log.consume({ topic: framesTopic, partition: 0, from: 0n }, async () => undefined);
    await log.append(framesTopic, 0, [bytes('a')]);
    const admin = new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [prefix + framesTopic] });
    await sleep(500);
    await admin.createTopics({ topics: [{ topic: prefix + framesTopic, numPartitions: 2 }] });
    await admin.disconnect();
    await expect(subscription.failed).rejects.toMatchObject({ name: 'KafkaError', fault: 'topic-replaced' });
    await subscription.stop();
  });

  it('refuses what no record batch can hold, and says how large it is', async () => {
    const log = await open('');
    const value = new Uint8Array(9 << 20);
    await expect(log.append(framesTopic, 0, [value, value])).rejects.toThrow(/18874\d+ bytes in one append are more than the 16777216/);
  });
});
