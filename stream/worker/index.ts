/** The worker: owns partitions of the frames log, keeps their shadows, writes their rows to the events log. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DecoderThread, type LoadedModule, type RegisteredModule, loadModule, registry } from '../../decoders-wasm/contract/host.ts';
import { decodeEventsRecord } from '../contract/events-record.ts';
import { eventsTopic, framesTopic, type Log } from '../contract/log.ts';
import { lagMetric, type Metric } from '../contract/metrics.ts';
import { OwnedPartitions } from '../contract/owned-partitions.ts';
import { type WorkerConfig, type WorkerSettings, workerConfig } from './config.ts';
import { workerMetrics } from './figures.ts';
import { ModuleStore } from './module-store.ts';
import { type Adopted, PartitionWorker, WORKER_GROUP } from './partition-worker.ts';

export { modulesInForce } from './history.ts';
export { ModuleStore, ModuleStoreError } from './module-store.ts';
export type { Adopted } from './partition-worker.ts';
export { withinRetention, workerConfig, type WorkerConfig, type WorkerSettings } from './config.ts';

export interface WorkerOptions {
  readonly log: Log;
  readonly partitions: readonly number[];
  /** The partitions (all of the log) are shared out among the workers that are there; else they are ours alone. */
  readonly shared?: boolean;
  /** Unique to this start of this worker. */
  readonly owner: string;
  readonly config?: WorkerSettings;
  /** Decoders, in the order in which their rows stand; default: the registry. */
  readonly modules?: readonly RegisteredModule[];
  /** Where the decoders that ran are kept: without it a change of decoders amid a log is an error. */
  readonly modulesFolder?: string;
}

/** How often is looked whether others have done their part, ms. */
const POLL_MS = 100;

export class Worker {
  private readonly options: WorkerOptions;
  private readonly config: WorkerConfig;
  private readonly modules: readonly LoadedModule[];
  private readonly store: ModuleStore;
  private readonly owned: OwnedPartitions<PartitionWorker>;
  /** Claims made, by partition. */
  private readonly claims = new Map<number, number>();
  /** And in all: a partition that comes back is claimed by another owner. */
  private claimed = 0;

  constructor(options: WorkerOptions) {
    const config = this.config = workerConfig.parse(options.config ?? {});
    this.options = options;
    this.modules = (options.modules ?? registry).map(loadModule);
    this.store = new ModuleStore(options.modulesFolder);
    this.owned = new OwnedPartitions((partition) => {
      this.claims.set(partition, (this.claims.get(partition) ?? 0) + 1);
      return new PartitionWorker({
        log: options.log, partition, owner: options.shared === true ? `${options.owner}.${++this.claimed}` : options.owner, config, modules: this.modules, store: this.store,
      });
    });
  }

  /**
   * Claims the partitions, rebuilds their shadows in silence and goes on from there; resolves when they run. Where they
   * are shared it resolves at once: ours run as soon as the group has given them to us.
   */
  async start(): Promise<void> {
    this.store.refuseRetired(Object.fromEntries(this.modules.map(({ name, hash }) => [name, hash])));
    await this.keepModules();
    const { log, partitions, shared } = this.options;
    if (shared === true) this.owned.share(log, WORKER_GROUP, framesTopic);
    else {
      await this.owned.hold(partitions);
      this.store.prune(new Set([...this.owned.parts.values()].flatMap((partition) => partition.modulesInUse)));
    }
  }

  /** Keeps our modules with the versions of their states. Those are asked of a thread: a module of somebody else's may do anything. */
  private async keepModules(): Promise<void> {
    const { modules, store, config } = this;
    if (!store.keeps) return;
    const unknown = modules.filter(({ hash }) => store.statesOf(hash) === undefined);
    const thread = unknown.length === 0 ? undefined : new DecoderThread({ modules: unknown.map(asRegistered), seed: 1n, memoryLimitBytes: config.memoryLimitBytes, patienceMs: config.patienceMs });
    try {
      const states = await thread?.stateVersions() ?? [];
      for (const module of modules) store.keep(module, module.hash, store.statesOf(module.hash) ?? states[unknown.indexOf(module)]);
    } finally {
      await thread?.stop();
    }
  }

  /**
   * In place of `start`, in a log that has frames and no events yet: takes the frames over in silence, as those of the
   * generation before, whose rows are written. `adopted`, by partition: what was known there. Then stop it.
   */
  async adopt(adopted: ReadonlyMap<number, Adopted>): Promise<void> {
    await this.owned.hold(this.options.partitions, (worker, partition) => worker.adopt(adopted.get(partition) ?? {}));
  }

  /** Resolves when every frames record that the log holds now has been decoded, by whomever, and its rows are cut. */
  async drained(): Promise<void> {
    const { partitions, shared } = this.options;
    await Promise.race([this.failed, Promise.all(partitions.map((partition) => (shared === true ? this.decoded(partition) : this.owned.parts.get(partition)!.drained())))]);
  }

  /** Rejects when a partition cannot go on. */
  get failed(): Promise<never> {
    return this.owned.failed;
  }

  /** Partitions that are ours now. */
  get partitions(): readonly number[] {
    return [...this.owned.parts.keys()].sort((a, b) => a - b);
  }

  /** Whether all partitions that are ours now are being decoded; where they are shared: and the group has said which. */
  get isReady(): boolean {
    return this.owned.isReady;
  }

  /** Figures of our partitions as they stand now. */
  async metrics(): Promise<Metric[]> {
    const { log } = this.options;
    const lag = await lagMetric({ name: 'routewatch_worker_lag_records', help: 'Records of the frames log that are still to be decoded' }, { log, group: WORKER_GROUP, topic: framesTopic, partitions: this.partitions });
    return [...workerMetrics(new Map([...this.owned.parts].map(([partition, { now }]) => [partition, now])), this.claims), lag];
  }

  /** A frame record as JSON through its decoder. */
  explain(partition: number, protocol: number, frame: Uint8Array): Promise<unknown> {
    const owned = this.owned.parts.get(partition);
    if (owned === undefined) return Promise.reject(new Error(`partition ${partition} is not one of this worker's: ${this.partitions.join(', ')}`));
    return owned.explain(protocol, frame);
  }

  async stop(): Promise<void> {
    await this.owned.stop();
  }

  /** Waits for whoever owns the partition: it commits what it has decoded, and cuts in its own time. */
  private async decoded(partition: number): Promise<void> {
    const { log } = this.options;
    const { first, next } = await log.bounds(framesTopic, partition);
    while (next > first && (await log.committed(WORKER_GROUP, framesTopic, partition) ?? 0n) < next) await sleep(POLL_MS);
    while (!await this.endsInCut(partition)) await sleep(POLL_MS);
  }

  private async endsInCut(partition: number): Promise<boolean> {
    const { log } = this.options;
    const { first, next } = await log.bounds(eventsTopic, partition);
    if (next === first) return true;
    for await (const { value } of log.read(eventsTopic, partition, next - 1n)) return decodeEventsRecord(value).header.cut !== undefined;
    return false;
  }
}

/** What a thread can be told: without the compiled module. */
function asRegistered({ name, protocol, version, file }: LoadedModule): RegisteredModule {
  return { name, protocol, version, ...(file === undefined ? {} : { file }) };
}
