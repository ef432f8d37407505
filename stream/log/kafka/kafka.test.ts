import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe } from 'vitest';
import { KafkaBroker, kafkaLacking } from '../../../infra/dev/kafka/broker.ts';
import { logContract } from '../contract-suite.ts';
import { type KafkaLog, openKafkaLog } from './index.ts';

const lacking = kafkaLacking();
if (lacking !== undefined) console.warn(`not run: the log on a real Kafka: ${lacking}`);

let broker: KafkaBroker;
const newPrefix = (): string => `t${randomBytes(4).toString('hex')}.`;

describe.skipIf(lacking !== undefined)(`on a real Kafka${lacking === undefined ? '' : ` (${lacking})`}`, () => {
  let prefix = newPrefix();
  beforeAll(async () => { broker = await KafkaBroker.start(); });
  afterAll(() => broker?.stop());

  logContract<KafkaLog>('the log on Kafka',
    // Few bytes at a time, so that retention can overtake a consumer.
    () => openKafkaLog({ brokers: [broker.address], prefix, fetchBytes: 1000 }, { createTopics: true }),
    async () => { prefix = newPrefix(); },
    (log, topic, partition, before) => log.deleteBefore(topic, partition, before));
});
