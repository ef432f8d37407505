/** `routewatch sink` where ClickHouse does not let it in: told once, tried until it holds, nothing lost. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KafkaBroker, kafkaLacking } from '../../infra/dev/kafka/broker.ts';
import { numbersTo, openKafka } from '../lib/kafka.ts';
import { openCaptures } from '../lib/captures.ts';
import { quietClient } from '../lib/client.ts';
import { replayInto } from '../lib/replay.ts';
import { ensureKafkaTopics } from '../../stream/log/kafka/index.ts';
import { type Store, startStore } from '../../stream/store/index.ts';
import { Worker } from '../../stream/worker/index.ts';
import { labCaptures, launcher, scratch } from '../testing.ts';

const lacking = kafkaLacking();
if (lacking !== undefined) console.warn(`not run: a sink whose ClickHouse lets nobody in: ${lacking}`);
const PARTITIONS = 2;

describe.skipIf(lacking !== undefined)(`routewatch sink${lacking === undefined ? '' : ` (${lacking})`}`, () => {
  const place = scratch();
  let broker: KafkaBroker;
  let store: Store;
  beforeAll(async () => {
    [broker, store] = await Promise.all([KafkaBroker.start(), startStore({ dataDir: place.path('store') })]);
    await ensureKafkaTopics({ brokers: [broker.address] }, { partitions: PARTITIONS, plan: {}, isCheckOnly: false });
    const { log } = await openKafka({ brokers: [broker.address] });
    const files = labCaptures('isis-lan3');
    await replayInto({ log, partitions: PARTITIONS }, { captures: await openCaptures(files), tapNames: files.map((file) => basename(file)), domain: 'lab', shiftNs: 0n, batchBytes: 20_000 });
    const worker = new Worker({ log, partitions: numbersTo(PARTITIONS), owner: 'worker' });
    await worker.start();
    await worker.drained();
    await worker.stop();
    await log.close();
  }, 240_000);
  afterAll(async () => {
    await store?.stop();
    await broker?.stop();
    place.remove();
  });

  it('waits for the right password, says so once, and then all rows are there', async () => {
    const passwordFile = place.path('password');
    const config = place.path('sink.json');
    writeFileSync(passwordFile, 'wrong\n', { mode: 0o600 });
    writeFileSync(config, JSON.stringify({ kafka: { brokers: [broker.address] }, clickhouse: { url: store.url, username: 'writer', passwordFile } }));
    const child = spawn(process.execPath, [launcher, 'sink', '--config', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    const exit = once(child, 'exit');
    let said = '';
    child.stderr.on('data', (bytes: Buffer) => { said += bytes.toString(); });
    const lines = (): string[] => said.split('\n').filter((line) => line !== '');
    try {
      await expect.poll(lines, { timeout: 60_000 }).toEqual([expect.stringMatching(/^routewatch: ClickHouse at .* does not let writer in: user or password are wrong\. Write the right password .*nothing is lost/)]);
      await sleep(3000);
      expect([lines().length, child.exitCode], said).toEqual([1, null]);
      expect(said).not.toContain('wrong\n');
      writeFileSync(passwordFile, `${store.writerToken}\n`);
      const client = quietClient({ url: store.url, username: 'writer', password: store.writerToken });
      const count = async (): Promise<unknown> => (await client.query({ query: 'SELECT toUInt32(count()) AS n, toUInt32(uniqExact(event_id)) AS u FROM routewatch.adjacency_events', format: 'JSONEachRow' })).json();
      await expect.poll(() => count().catch(() => undefined), { timeout: 60_000 }).toEqual([{ n: 78, u: 78 }]);
      await client.close();
      child.kill('SIGTERM');
      expect(await exit, said).toEqual([0, null]);
      expect(lines()).toHaveLength(1);
    } finally {
      child.kill('SIGKILL');
    }
  }, 180_000);
});
