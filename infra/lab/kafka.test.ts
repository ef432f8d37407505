/** The whole path over a real Kafka: workers and sinks as processes that share the work, and die amid it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCaptures } from '../../cli/lib/captures.ts';
import { quietClient } from '../../cli/lib/client.ts';
import { openKafka, type OpenKafka } from '../../cli/lib/kafka.ts';
import { replayInto } from '../../cli/lib/replay.ts';
import { labCaptures, printed, routewatch, type Running, startDirectly } from '../../cli/testing.ts';
import { audit } from '../../stream/audit/index.ts';
import { eventsTopic, type Log, logTopics } from '../../stream/contract/log.ts';
import { decodeEventsRecord } from '../../stream/contract/events-record.ts';
import { openEmbeddedLog } from '../../stream/log/embedded/index.ts';
import { type Store, startStore } from '../../stream/store/index.ts';
import { Worker } from '../../stream/worker/index.ts';
import { KafkaBroker, kafkaLacking } from '../dev/kafka/broker.ts';
import { ids, loggedRows } from './testing.ts';

const lacking = kafkaLacking();
if (lacking !== undefined) console.warn(`not run: the whole path over a real Kafka: ${lacking}`);

const PARTITIONS = 4;
const files = labCaptures('demo');
const middle = files.length >> 1;
const replay = async (log: Log, some: readonly string[]): Promise<unknown> => replayInto({ log, partitions: PARTITIONS }, {
  captures: await openCaptures(some), tapNames: some.map((file) => basename(file)), domain: 'demo', shiftNs: 0n, batchBytes: 20_000,
});

/** Partition → newest claim in the events log. */
async function claims(log: Log): Promise<string[]> {
  const owners: string[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for await (const { value } of log.read(eventsTopic, partition, 0n)) {
      const { header } = decodeEventsRecord(value);
      if (header.kind === 'claim') owners[partition] = header.owner.split('.')[0]!;
    }
  }
  return owners;
}

describe.skipIf(lacking !== undefined)(`over a real Kafka${lacking === undefined ? '' : ` (${lacking})`}`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'routewatch-kafka-lab-'));
  const running: Running[] = [];
  let broker: KafkaBroker;
  let kafka: OpenKafka;
  let store: Store;
  beforeAll(async () => {
    [broker, store] = await Promise.all([KafkaBroker.start(), startStore({ dataDir: join(directory, 'store') })]);
    process.env['ROUTEWATCH_CLICKHOUSE_PASSWORD'] = store.writerToken;
  });
  afterAll(async () => {
    for (const { process: child } of running) child.kill('SIGKILL');
    delete process.env['ROUTEWATCH_CLICKHOUSE_PASSWORD'];
    await kafka?.log.close();
    await store?.stop();
    await broker?.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  const startPart = async (name: 'worker' | 'sink', ...more: string[]): Promise<Running> => {
    const part = startDirectly([name, '--log', `kafka://${broker.address}`, ...more]);
    running.push(part);
    await printed(part, `${name}: a share of ${PARTITIONS} partitions`);
    return part;
  };

  it('two workers give the rows of the embedded log, each once, also when a third comes and goes, and one of them and a sink are killed amid the work', async () => {
    const embedded = openEmbeddedLog(join(directory, 'log'));
    await embedded.ensureTopics(logTopics(PARTITIONS));
    const worker = new Worker({ log: embedded, partitions: [0, 1, 2, 3], owner: 'embedded' });
    await worker.start();
    for (const some of [files.slice(0, middle), files.slice(middle)]) await replay(embedded, some);
    await worker.drained();
    await worker.stop();
    const expected = ids(await loggedRows(embedded, PARTITIONS));
    await embedded.close();

    expect((await routewatch(['topics', '--log', `kafka://${broker.address}`, '--partitions', String(PARTITIONS)])).code).toBe(0);
    kafka = await openKafka({ brokers: [broker.address] });
    const { log } = kafka;
    const owners = async (): Promise<number> => new Set(await claims(log)).size;
    const [first, , sink] = await Promise.all([
      startPart('worker', '--data', join(directory, 'w1')), startPart('worker', '--data', join(directory, 'w2')),
      startPart('sink', '--store', store.url.replace('//', '//writer@')), startPart('sink', '--store', store.url.replace('//', '//writer@')),
    ]);
    await expect.poll(owners, { timeout: 15_000 }).toBe(2);
    const feeding = replay(log, files.slice(0, middle));
    const third = await startPart('worker', '--data', join(directory, 'w3'));
    await expect.poll(owners, { timeout: 15_000 }).toBe(3);
    await feeding;
    third.process.kill('SIGTERM');
    expect((await third.ended).code).toBe(0);
    await expect.poll(owners, { timeout: 15_000 }).toBe(2);
    const began = performance.now();
    first.process.kill('SIGKILL');
    sink.process.kill('SIGKILL');
    await replay(log, files.slice(middle));
    await expect.poll(owners, { timeout: 20_000 }).toBe(1);
    const takeover = performance.now() - began;
    console.log(`the partitions of a killed worker had a new owner after ${(takeover / 1000).toFixed(1)} s`);
    expect(takeover).toBeLessThan(10_000);

    const watcher = new Worker({ log, partitions: [0, 1, 2, 3], shared: true, owner: 'watcher' });
    await watcher.drained();
    expect(ids(await loggedRows(log, PARTITIONS))).toEqual(expected);
    const client = quietClient({ url: store.url });
    const audited = (): ReturnType<typeof audit> => audit({ log, partitions: PARTITIONS, rows: async (query) => (await client.query({ query, format: 'JSONEachRow' })).json() });
    await expect.poll(async () => (await audited()).partitions.reduce((sum, { waiting }) => sum + waiting, 0), { timeout: 20_000 }).toBe(0);
    const { findings, tables } = await audited();
    await client.close();
    expect(findings).toEqual([]);
    expect(tables.reduce((sum, { stored }) => sum + stored, 0)).toBe(expected.length);
  }, 180_000);

  it('a worker and a sink that are asked to end leave at once, with nothing open', async () => {
    const rest = running.filter(({ process: child }) => child.exitCode === null && child.signalCode === null);
    expect(rest).toHaveLength(2);
    for (const { process: child } of rest) child.kill('SIGTERM');
    for (const { ended } of rest) expect((await ended).code).toBe(0);
  });
});
