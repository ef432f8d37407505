/** The whole system, wired: log (embedded, or on Kafka), store, worker, sinks. One process tree on one data directory. */
import type { ClickHouseClient } from '@clickhouse/client';
import { randomUUID } from 'node:crypto';
import { accessSync, constants, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AlertChannel } from '../../stream/contract/alert.ts';
import type { OperatorStatements } from '../../stream/contract/operations.ts';
import { type Log, reportTopics } from '../../stream/contract/log.ts';
import { KafkaLog, type KafkaSettings } from '../../stream/log/kafka/index.ts';
import type { LogSettings } from '../../stream/log/embedded/index.ts';
import { openAll, openCurrent } from '../../stream/log/embedded/manifest.ts';
import { AlertSink, alertsConfig, type AlertsConfig, rules } from '../../stream/sinks/alerts/index.ts';
import { ClickHouseSink, migrations } from '../../stream/sinks/clickhouse/index.ts';
import { LiveSink } from '../../stream/sinks/live/index.ts';
import { migrate, startStore, type Store } from '../../stream/store/index.ts';
import { withinRetention, Worker, type WorkerSettings } from '../../stream/worker/index.ts';
import { quietClient } from './client.ts';
import { alertsFile, modulesFolder } from './data-dir.ts';
import { numbersTo, openKafka, stopWithin } from './kafka.ts';
import { newlyLost } from './lost-logs.ts';
import { openSwap } from './redecode-swap.ts';
import { UsageError, complain } from './output.ts';

/** How long a store may take to say that it is there, ms. */
const PING_MS = 3000;

export interface SystemOptions {
  readonly dataDir: string;
  readonly storePort?: number;
  readonly worker?: WorkerSettings;
  /** What the log in the data directory keeps; default: everything. */
  readonly log?: LogSettings;
  /** The log is on Kafka: its partitions are shared with the workers that are there. */
  readonly kafka?: KafkaSettings | undefined;
  /** Partitions of the log, should it be made now; one that is there keeps its own. */
  readonly partitions?: number;
  /** Default: alerts are recorded, and there is nobody to be told. */
  readonly alerts?: { readonly config: AlertsConfig; readonly channels: readonly AlertChannel[]; readonly operators?: OperatorStatements };
}

/** Where a running system of a data directory can be asked. */
export interface Endpoint {
  readonly pid: number;
  readonly storeUrl: string;
  readonly webUrl?: string;
}

export class System {
  readonly log: Log;
  /** Partitions of the log. */
  readonly partitions: number;
  readonly store: Store;
  readonly worker: Worker;
  readonly sink: ClickHouseSink;
  readonly live: LiveSink;
  readonly alerts: AlertSink;
  readonly dataDir: string;
  readonly writer: ClickHouseClient;

  private constructor(parts: Pick<System, 'log' | 'partitions' | 'store' | 'worker' | 'sink' | 'live' | 'alerts' | 'dataDir' | 'writer'>) {
    this.log = parts.log;
    this.partitions = parts.partitions;
    this.store = parts.store;
    this.worker = parts.worker;
    this.sink = parts.sink;
    this.live = parts.live;
    this.alerts = parts.alerts;
    this.dataDir = parts.dataDir;
    this.writer = parts.writer;
  }

  /** Starts every part in the order in which the data moves backwards, so that nothing waits for a part to come. */
  static async start(options: SystemOptions): Promise<System> {
    await refuseSecond(options.dataDir);
    makeDirectory(options.dataDir);
    const undo: (() => Promise<unknown>)[] = [];
    try {
      return await System.wire(options, undo);
    } catch (error) {
      for (const step of undo.toReversed()) await step().catch(() => undefined);
      throw error;
    }
  }

  /** `undo` gets how each part is let go of, should a later one fail. */
  private static async wire(options: SystemOptions, undo: (() => Promise<unknown>)[]): Promise<System> {
    const { dataDir } = options;
    const begun = openSwap(dataDir);
    if (begun !== undefined) throw new UsageError(`a swap of rows (run ${begun.run}) was broken off in ${dataDir}: \`routewatch redecode --data ${dataDir}\` finishes it`);
    // First what needs no time to say that it is not there.
    const kafka = options.kafka === undefined ? undefined : await openKafka(options.kafka);
    if (kafka !== undefined) undo.push(() => kafka.log.close());
    const store = await startStore({ dataDir: join(dataDir, 'store'), ...(options.storePort === undefined ? {} : { port: options.storePort }) })
      .catch((error: unknown) => { throw inUse(error, dataDir); });
    undo.push(() => store.stop());
    const writer = quietClient({ url: store.url, username: 'writer', password: store.writerToken, request_timeout: 120_000 });
    undo.push(() => writer.close());
    await migrate(writer, migrations);
    const { log, partitions: count } = kafka ?? await openCurrent(join(dataDir, 'log'), options.partitions, options.log);
    if (kafka === undefined) {
      undo.push(() => log.close());
      for (const loss of await newlyLost(join(dataDir, 'log'), writer)) complain(loss);
      await fillFromEarlier(join(dataDir, 'log'), writer);
    }
    if (kafka !== undefined) await log.ensureTopics(reportTopics);
    const partitions = numbersTo(count);
    const live = new LiveSink(log, count, { reports: true });
    const sink = new ClickHouseSink({ log, client: writer, partitions, reports: true });
    const alerts = new AlertSink({ log, partitions: count, file: alertsFile(dataDir), rules, complain, ...(options.alerts ?? { config: alertsConfig.parse({}), channels: [] }) });
    const worker = new Worker({ log, partitions, shared: kafka !== undefined, owner: randomUUID(), modulesFolder: modulesFolder(dataDir), config: withinRetention(options.worker ?? {}, options.log?.frames ?? {}) });
    undo.push(() => live.stop());
    await live.start();
    undo.push(() => sink.stop());
    await sink.start();
    undo.push(() => alerts.stop());
    await alerts.start();
    undo.push(() => worker.stop());
    await worker.start();
    const system = new System({ log, partitions: count, store, worker, sink, live, alerts, dataDir, writer });
    system.announce({});
    return system;
  }

  /** Writes the endpoint file, by which other commands find the running system. */
  announce(more: Pick<Endpoint, 'webUrl'>): void {
    writeFileSync(tokenFile(this.dataDir), this.store.writerToken, { mode: 0o600 });
    writeFileSync(endpointFile(this.dataDir), JSON.stringify({ pid: process.pid, storeUrl: this.store.url, ...more } satisfies Endpoint));
  }

  /** Resolves when every row of what the log holds now can be queried; rejects when a part cannot go on. */
  async drained(): Promise<void> {
    await Promise.race([this.failed, (async () => {
      await this.worker.drained();
      await this.alerts.drained();
      await this.sink.drained();
      await this.live.drained();
    })()]);
  }

  /** Rejects with what went wrong in any part. */
  get failed(): Promise<never> {
    return Promise.race<never>([
      this.worker.failed, this.sink.failed, this.live.failed, this.alerts.failed,
      this.store.exited.then((exit) => (exit.clean ? new Promise<never>(() => undefined) : Promise.reject(new Error(`the store ${exit.message}`)))),
    ]).catch((error: unknown) => { throw withPlace(error, this.dataDir); });
  }

  /** Stops every part, also where one of them has failed; the first failure is thrown at the end. */
  async stop(): Promise<void> {
    const failures: unknown[] = [];
    const patiently = this.log instanceof KafkaLog ? stopWithin : (_name: string, stop: () => Promise<unknown>): Promise<unknown> => stop();
    const parts = [() => patiently('worker', () => this.worker.stop()), () => patiently('sink', () => this.sink.stop()), () => patiently('alert engine', () => this.alerts.stop()), () => this.live.stop(), () => this.log.close(), () => this.writer.close(), () => this.store.stop()];
    for (const stop of parts) await (stop() as Promise<unknown>).catch((error: unknown) => { failures.push(error); });
    for (const file of [endpointFile(this.dataDir), tokenFile(this.dataDir)]) rmSync(file, { force: true });
    if (failures.length > 0) throw failures[0];
  }
}

/** Generations of the log before this one are whole: what a store restored from a backup lacks of them is inserted. */
async function fillFromEarlier(directory: string, client: ClickHouseClient): Promise<void> {
  const generations = await openAll(directory);
  try {
    for (const { log, partitions } of generations.slice(0, -1)) {
      const sink = new ClickHouseSink({ log, client, partitions: numbersTo(partitions), reports: true });
      await sink.start();
      await sink.drained();
      await sink.stop();
    }
  } finally {
    for (const { log } of generations) await log.close();
  }
}

/** The engine's code for a disk without room. */
const NOT_ENOUGH_SPACE = '243';

/** A store without room says which directory it is. */
function withPlace(error: unknown, dataDir: string): unknown {
  if (!(error instanceof Error) || (error as { code?: unknown }).code !== NOT_ENOUGH_SPACE) return error;
  return Object.assign(new Error(`no room to write ${join(dataDir, 'store')} (${error.message.trim()})`, { cause: error }), { code: 'ENOSPC' });
}

function endpointFile(dataDir: string): string {
  return join(dataDir, 'running.json');
}

/** The writer's token of a running system, for the one who started it only. */
function tokenFile(dataDir: string): string {
  return join(dataDir, 'writer-token');
}

/** Runs `work` with a writer's client: of the system that runs on the data directory, or of one started for it. */
export async function withWriter<T>(dataDir: string, work: (writer: ClickHouseClient, storeUrl: string) => Promise<T>): Promise<T> {
  const running = await runningSystem(dataDir);
  if (running === undefined) {
    const system = await System.start({ dataDir });
    try {
      return await work(system.writer, system.store.url);
    } finally {
      await system.stop();
    }
  }
  const writer = quietClient({ url: running.storeUrl, username: 'writer', password: readToken(dataDir, running.pid) });
  try {
    return await work(writer, running.storeUrl);
  } finally {
    await writer.close();
  }
}

function readToken(dataDir: string, pid: number): string {
  try {
    return readFileSync(tokenFile(dataDir), 'utf8');
  } catch (error) {
    throw new UsageError(`${tokenFile(dataDir)} cannot be read: ${error instanceof Error ? error.message : String(error)}. Run this as the user who runs process ${pid}, or stop that one`);
  }
}

/** The endpoint of the system that runs on this data directory, if one answers there. */
export async function runningSystem(dataDir: string): Promise<Endpoint | undefined> {
  let endpoint: Endpoint;
  try {
    endpoint = JSON.parse(readFileSync(endpointFile(dataDir), 'utf8')) as Endpoint;
    const answer = await fetch(new URL('/ping', endpoint.storeUrl), { signal: AbortSignal.timeout(PING_MS) });
    return answer.ok ? endpoint : undefined;
  } catch {
    return undefined;
  }
}

async function refuseSecond(dataDir: string): Promise<void> {
  const running = await runningSystem(dataDir);
  if (running !== undefined) {
    throw new UsageError(`${dataDir} is in use by process ${running.pid} (its SQL endpoint is ${running.storeUrl}). Stop it, or name another directory with --data`);
  }
}

function inUse(error: unknown, dataDir: string): unknown {
  if (!(error instanceof Error) || !error.message.includes('Another store process')) return error;
  return new UsageError(`${dataDir} is in use by another command. Wait until it has ended, or name another directory with --data`);
}

function makeDirectory(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true });
    accessSync(dataDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new UsageError(`the data directory ${dataDir} cannot be used: ${error instanceof Error ? error.message : String(error)}. Name another one with --data`);
  }
}
