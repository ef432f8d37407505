/** RouteWatch as the live proof runs it: a real Kafka, two workers, a sink, an alerter, an embedded store, each a process of its own. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClickHouseClient } from '@clickhouse/client';
import { quietClient } from '../../../cli/lib/client.ts';
import { openKafka } from '../../../cli/lib/kafka.ts';
import { printed, routewatch, type Running, startDirectly } from '../../../cli/testing.ts';
import { type Store, startStore } from '../../../stream/store/index.ts';
import { Worker } from '../../../stream/worker/index.ts';
import { KafkaBroker } from '../../dev/kafka/broker.ts';
import { Rows } from './rows.ts';

/** Longer than any run. */
const LONGEST_MS = 400_000;
const WORKERS = 2;
const PASSWORD = 'ROUTEWATCH_CLICKHOUSE_PASSWORD';

export class Parts {
  readonly broker: KafkaBroker;
  readonly store: Store;
  /** What the store has. */
  readonly rows: Rows;
  readonly #client: ClickHouseClient;
  readonly #running: Running[] = [];

  private constructor(broker: KafkaBroker, store: Store) {
    this.broker = broker;
    this.store = store;
    this.#client = quietClient({ url: store.url });
    this.rows = new Rows(this.#client);
  }

  /** `channels` are those of the alerter's configuration. */
  static async start(directory: string, channels: readonly unknown[]): Promise<Parts> {
    const started = await Promise.allSettled([KafkaBroker.start(), startStore({ dataDir: join(directory, 'store') })]);
    const [broker, store] = started;
    if (broker.status === 'rejected' || store.status === 'rejected') {
      if (broker.status === 'fulfilled') await broker.value.stop();
      if (store.status === 'fulfilled') await store.value.stop();
      throw broker.status === 'rejected' ? broker.reason : (store as PromiseRejectedResult).reason;
    }
    const parts = new Parts(broker.value, store.value);
    try {
      await parts.#startOthers(directory, channels);
    } catch (error) {
      await parts.stop();
      throw error;
    }
    return parts;
  }

  /** As `--log` takes it. */
  get log(): string {
    return `kafka://${this.broker.address}`;
  }

  /** Rejects when a worker, the sink or the alerter ends. */
  get failed(): Promise<never> {
    return Promise.race(this.#running.map(async ({ ended }): Promise<never> => {
      const { code, err } = await ended;
      throw new Error(`a worker, the sink or the alerter ended with ${code}: ${err.trim()}`);
    }));
  }

  /** Resolves when workers have decoded what is in the log now; the sink may still be behind. */
  async decoded(): Promise<void> {
    const { log, partitions } = await openKafka({ brokers: [this.broker.address] });
    const watcher = new Worker({ log, partitions: Array.from({ length: partitions }, (_, partition) => partition), shared: true, owner: 'watcher' });
    await watcher.drained();
    await log.close();
  }

  async stop(): Promise<void> {
    // All that counts is judged by now, and nothing of it is kept.
    for (const { process: child } of this.#running) child.kill('SIGKILL');
    await Promise.all([...this.#running.map(({ ended }) => ended), this.#client.close(), this.store.stop(), this.broker.stop()]);
  }

  async #startOthers(directory: string, channels: readonly unknown[]): Promise<void> {
    const made = await routewatch(['topics', '--log', this.log]);
    if (made.code !== 0) throw new Error(`routewatch topics ended with ${made.code}: ${made.err}`);
    const start = async (name: 'worker' | 'sink' | 'alerter', ...more: string[]): Promise<void> => {
      const part = startDirectly([name, '--log', this.log, ...more], { longestMs: LONGEST_MS });
      this.#running.push(part);
      await printed(part, name === 'alerter' ? 'alerter: ' : `${name}: a share of`);
    };
    const config = join(directory, 'alerter.json');
    writeFileSync(config, JSON.stringify({ alerts: { channels } }));
    // A password comes by the environment only, which the child takes from ours.
    process.env[PASSWORD] = this.store.writerToken;
    try {
      await Promise.all([
        ...Array.from({ length: WORKERS }, (_, number) => start('worker', '--data', join(directory, `worker${number}`))),
        start('sink', '--store', this.store.url.replace('//', '//writer@')),
        start('alerter', '--config', config, '--data', join(directory, 'alerter')),
      ]);
    } finally {
      delete process.env[PASSWORD];
    }
  }
}
