import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KafkaBroker, kafkaLacking } from '../../../infra/dev/kafka/broker.ts';
import { framesTopic, type Membership } from '../../contract/log.ts';
import { type KafkaLog, openKafkaLog } from './index.ts';

const lacking = kafkaLacking();
if (lacking !== undefined) console.warn(`not run: consumer groups on a real Kafka: ${lacking}`);

const PARTITIONS = 8;

/** One process of a group. */
interface Process {
  readonly log: KafkaLog;
  readonly membership: Membership;
  readonly held: Set<number>;
}

describe.skipIf(lacking !== undefined)(`a group on a real Kafka${lacking === undefined ? '' : ` (${lacking})`}`, () => {
  let broker: KafkaBroker;
  const logs: KafkaLog[] = [];
  const overlaps: number[] = [];
  const all: Process[] = [];
  const start = async (): Promise<Process> => {
    const log = await openKafkaLog({ brokers: [broker.address] }, { createTopics: true });
    logs.push(log);
    await log.ensureTopics([{ topic: framesTopic, partitions: PARTITIONS }]);
    const held = new Set<number>();
    const membership = log.join('test', framesTopic, {
      assigned: async (partitions) => {
        for (const partition of partitions) {
          if (all.some((other) => other.held.has(partition))) overlaps.push(partition);
          held.add(partition);
        }
      },
      revoked: async (partitions) => {
        await sleep(50);
        for (const partition of partitions) held.delete(partition);
      },
    });
    const process = { log, membership, held };
    all.push(process);
    return process;
  };
  const shares = (): number[] => all.map(({ held }) => held.size).sort((a, b) => a - b);
  beforeAll(async () => { broker = await KafkaBroker.start(); });
  afterAll(async () => {
    await Promise.all(logs.map((log) => log.close()));
    await broker?.stop();
  });

  it('shares partitions evenly, never gives one to two, and passes on those of a member that leaves or dies', async () => {
    const first = await start();
    await expect.poll(shares, { timeout: 10_000 }).toEqual([8]);
    const second = await start();
    await expect.poll(shares, { timeout: 10_000 }).toEqual([4, 4]);
    const kept = new Set(first.held);
    const third = await start();
    await expect.poll(shares, { timeout: 10_000 }).toEqual([2, 3, 3]);
    expect([...first.held].filter((partition) => !kept.has(partition))).toEqual([]);
    await third.membership.stop();
    expect(third.held.size).toBe(0);
    all.splice(all.indexOf(third), 1);
    await expect.poll(shares, { timeout: 10_000 }).toEqual([4, 4]);
    const before = all.map(({ held }) => [...held]);
    await broker.kill();
    await sleep(1000);
    await broker.restart();
    await sleep(4000);
    expect(all.map(({ held }) => [...held]), 'a broker that comes back changes nothing').toEqual(before);
    // As by kill -9: no word to the group.
    all.splice(all.indexOf(first), 1);
    const began = performance.now();
    await first.log.close();
    await expect.poll(shares, { timeout: 15_000 }).toEqual([8]);
    expect(performance.now() - began).toBeLessThan(10_000);
    second.membership.release(3);
    second.held.delete(3);
    await expect.poll(shares, { timeout: 10_000 }).toEqual([8]);
    await second.membership.stop();
    expect(overlaps).toEqual([]);
  }, 180_000);
});
