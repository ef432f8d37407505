/** The embedded system, wired: log, store, worker, sinks. One process tree on one data directory. */
import type { ClickHouseClient } from '@clickhouse/client';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkpointsTopic, eventsTopic, framesTopic, type Log } from '../../stream/contract/log.ts';
import { openEmbeddedLog } from '../../stream/log/embedded/index.ts';
import { ClickHouseSink, migrations } from '../../stream/sinks/clickhouse/index.ts';
import { LiveSink } from '../../stream/sinks/live/index.ts';
import { migrate, startStore, type Store } from '../../stream/store/index.ts';
import { Worker, type WorkerSettings } from '../../stream/worker/index.ts';
import { quietClient } from './client.ts';
import { UsageError } from './output.ts';

/** Partitions of an embedded log, fixed for its life. */
export const EMBEDDED_PARTITIONS = 2;

export interface SystemOptions {
  readonly dataDir: string;
  readonly storePort?: number;
  readonly worker?: WorkerSettings;
}

/** Where a running system of a data directory can be asked. */
export interface Endpoint {
  readonly pid: number;
  readonly storeUrl: string;
  readonly webUrl?: string;
}

export class System {
  readonly log: Log;
  readonly store: Store;
  readonly worker: Worker;
  readonly sink: ClickHouseSink;
  readonly live: LiveSink;
  readonly dataDir: string;
  private readonly writer: ClickHouseClient;

  private constructor(parts: Pick<System, 'log' | 'store' | 'worker' | 'sink' | 'live' | 'dataDir'> & { writer: ClickHouseClient }) {
    this.log = parts.log;
    this.store = parts.store;
    this.worker = parts.worker;
    this.sink = parts.sink;
    this.live = parts.live;
    this.dataDir = parts.dataDir;
    this.writer = parts.writer;
  }

  /** Starts every part in the order in which the data moves backwards, so that nothing waits for a part to come. */
  static async start(options: SystemOptions): Promise<System> {
    refuseSecond(options.dataDir);
    mkdirSync(options.dataDir, { recursive: true });
    const store = await startStore({ dataDir: join(options.dataDir, 'store'), ...(options.storePort === undefined ? {} : { port: options.storePort }) });
    const writer = quietClient({ url: store.url, username: 'writer', password: store.writerToken, request_timeout: 120_000 });
    await migrate(writer, migrations);
    const log = openEmbeddedLog(join(options.dataDir, 'log'));
    await log.ensureTopics([framesTopic, eventsTopic, checkpointsTopic].map((topic) => ({ topic, partitions: EMBEDDED_PARTITIONS })));
    const partitions = Array.from({ length: EMBEDDED_PARTITIONS }, (_, partition) => partition);
    const live = new LiveSink(log, EMBEDDED_PARTITIONS);
    const sink = new ClickHouseSink({ log, client: writer, partitions });
    const worker = new Worker({ log, partitions, owner: randomUUID(), ...(options.worker === undefined ? {} : { config: options.worker }) });
    await live.start();
    await sink.start();
    await worker.start();
    const system = new System({ log, store, worker, sink, live, dataDir: options.dataDir, writer });
    system.announce({});
    return system;
  }

  /** Writes the endpoint file, by which other commands find the running system. */
  announce(more: Pick<Endpoint, 'webUrl'>): void {
    writeFileSync(endpointFile(this.dataDir), JSON.stringify({ pid: process.pid, storeUrl: this.store.url, ...more } satisfies Endpoint));
  }

  /** Resolves when every row of what the log holds now can be queried; rejects when a part cannot go on. */
  async drained(): Promise<void> {
    await Promise.race([this.failed, (async () => {
      await this.worker.drained();
      await this.sink.drained();
    })()]);
  }

  /** Rejects with what went wrong in any part. */
  get failed(): Promise<never> {
    return Promise.race([
      this.worker.failed, this.sink.failed, this.live.failed,
      this.store.exited.then((exit) => (exit.clean ? new Promise<never>(() => undefined) : Promise.reject(new Error(`the store ${exit.message}`)))),
    ]);
  }

  async stop(): Promise<void> {
    await this.worker.stop();
    await this.sink.stop();
    await this.live.stop();
    await this.log.close();
    await this.writer.close();
    await this.store.stop();
    rmSync(endpointFile(this.dataDir), { force: true });
  }
}

function endpointFile(dataDir: string): string {
  return join(dataDir, 'running.json');
}

/** The endpoint of the system that runs on this data directory, if one does. */
export function runningSystem(dataDir: string): Endpoint | undefined {
  try {
    const endpoint = JSON.parse(readFileSync(endpointFile(dataDir), 'utf8')) as Endpoint;
    process.kill(endpoint.pid, 0);
    return endpoint;
  } catch {
    return undefined;
  }
}

function refuseSecond(dataDir: string): void {
  const running = runningSystem(dataDir);
  if (running !== undefined) {
    throw new UsageError(`${dataDir} is in use by process ${running.pid} (its SQL endpoint is ${running.storeUrl}). Stop it, or name another directory with --data`);
  }
}
