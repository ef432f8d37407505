/** The worker: owns partitions of the frames log, keeps their shadows, writes their rows to the events log. */
import { DecoderThread, type LoadedModule, type RegisteredModule, loadModule, registry } from '../../decoders-wasm/contract/host.ts';
import type { Log } from '../contract/log.ts';
import { type WorkerConfig, type WorkerSettings, workerConfig } from './config.ts';
import { ModuleStore } from './module-store.ts';
import { type AdoptedSkip, PartitionWorker } from './partition-worker.ts';

export { ModuleStore, ModuleStoreError } from './module-store.ts';
export type { AdoptedSkip } from './partition-worker.ts';
export { workerConfig, type WorkerConfig, type WorkerSettings } from './config.ts';

export interface WorkerOptions {
  readonly log: Log;
  readonly partitions: readonly number[];
  /** Unique to this start of this worker. */
  readonly owner: string;
  readonly config?: WorkerSettings;
  /** Decoders, in the order in which their rows stand; default: the registry. */
  readonly modules?: readonly RegisteredModule[];
  /** Where the decoders that ran are kept: without it a change of decoders amid a log is an error. */
  readonly modulesFolder?: string;
}

export class Worker {
  private readonly config: WorkerConfig;
  private readonly modules: readonly LoadedModule[];
  private readonly store: ModuleStore;
  private readonly partitions: PartitionWorker[];
  private readonly byNumber: ReadonlyMap<number, PartitionWorker>;

  constructor(options: WorkerOptions) {
    const config = this.config = workerConfig.parse(options.config ?? {});
    this.modules = (options.modules ?? registry).map(loadModule);
    this.store = new ModuleStore(options.modulesFolder);
    this.partitions = options.partitions.map((partition) => new PartitionWorker({
      log: options.log, partition, owner: options.owner, config, modules: this.modules, store: this.store,
    }));
    this.byNumber = new Map(options.partitions.map((partition, index) => [partition, this.partitions[index]!]));
  }

  /** Claims the partitions, rebuilds their shadows in silence and goes on from there; resolves when they run. */
  async start(): Promise<void> {
    this.store.refuseRetired(Object.fromEntries(this.modules.map(({ name, hash }) => [name, hash])));
    await this.keepModules();
    await Promise.all(this.partitions.map((partition) => partition.start()));
    this.store.prune(new Set(this.partitions.flatMap((partition) => partition.modulesInUse)));
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
   * generation before, whose rows are written. `skipped` are frames that trapped there, by partition. Then stop it.
   */
  async adopt(skipped: ReadonlyMap<number, readonly AdoptedSkip[]>): Promise<void> {
    for (const [partition, worker] of this.byNumber) await worker.adopt(skipped.get(partition) ?? []);
  }

  /** Resolves when every frames record that the log holds now has been decoded and its rows are cut. */
  async drained(): Promise<void> {
    await Promise.race([this.failed, Promise.all(this.partitions.map((partition) => partition.drained()))]);
  }

  /** Rejects when a partition cannot go on. */
  get failed(): Promise<never> {
    return Promise.race(this.partitions.map((partition) => partition.failed));
  }

  /** A frame record as JSON through its decoder. */
  explain(partition: number, protocol: number, frame: Uint8Array): Promise<unknown> {
    const owned = this.byNumber.get(partition);
    if (owned === undefined) return Promise.reject(new Error(`partition ${partition} is not one of this worker's: ${[...this.byNumber.keys()].join(', ')}`));
    return owned.explain(protocol, frame);
  }

  async stop(): Promise<void> {
    await Promise.all(this.partitions.map((partition) => partition.stop()));
  }
}

/** What a thread can be told: without the compiled module. */
function asRegistered({ name, protocol, version, file }: LoadedModule): RegisteredModule {
  return { name, protocol, version, ...(file === undefined ? {} : { file }) };
}
