import { existsSync } from 'node:fs';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, expect, it } from 'vitest';
import { KafkaBroker, kafkaLacking } from './broker.ts';

const lacking = kafkaLacking();
if (lacking !== undefined) console.warn(`not run: tests with a real Kafka: ${lacking}`);

let broker: KafkaBroker | undefined;
afterAll(() => broker?.stop());

async function topics(address: string): Promise<string[]> {
  const admin = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const names = await admin.listTopics();
  await admin.disconnect();
  return names;
}

it.skipIf(lacking !== undefined)(`a broker starts, comes back after kill -9 with its data, and leaves nothing behind${lacking === undefined ? '' : ` (${lacking})`}`, async () => {
  broker = await KafkaBroker.start();
  const admin = new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 1 }] });
  await admin.disconnect();
  const { pid } = broker;
  await broker.kill();
  expect(broker.isRunning).toBe(false);
  await broker.restart();
  expect(broker.pid).not.toBe(pid);
  expect(await topics(broker.address)).toEqual(['kept']);
  const second = broker.pid;
  await broker.stop();
  expect(() => process.kill(second, 0)).toThrow('ESRCH');
  expect(existsSync(broker.directory)).toBe(false);
});
