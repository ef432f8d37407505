/** The decoders of one partition: which modules run, and how others take over from them. */
import { randomBytes } from 'node:crypto';
import { DecoderThread, type LoadedModule, type RegisteredModule, type ShadowState, type Stretch } from '../../decoders-wasm/contract/host.ts';
import { murmur128 } from '../../decoders-wasm/contract/murmur.ts';
import { sameModules } from '../contract/events-reader.ts';
import type { ModuleHashes } from '../contract/events-record.ts';
import { framesTopic, type Log } from '../contract/log.ts';
import type { WorkerConfig } from './config.ts';
import type { ModuleStore } from './module-store.ts';

export interface DecodersOptions {
  readonly log: Log;
  readonly partition: number;
  readonly config: WorkerConfig;
  readonly modules: readonly LoadedModule[];
  readonly store: ModuleStore;
}

/** Where other modules take over: before the frames record `next`, by the claim at the events offset `claimed`. */
export interface ChangePlace {
  readonly next: bigint;
  readonly claimed: bigint;
}

export class Decoders {
  /** Our own modules. */
  readonly hashes: ModuleHashes;
  thread: DecoderThread;
  private readonly options: DecodersOptions;
  /** Those in `thread`. */
  private running: ModuleHashes;

  constructor(options: DecodersOptions) {
    this.options = options;
    this.hashes = this.running = Object.fromEntries(options.modules.map((module) => [module.name, module.hash]));
    this.thread = this.newThread();
  }

  /** The module of that hash: ours or a kept one. */
  find(name: string, hash: string): RegisteredModule | undefined {
    const own = this.options.modules.find((module) => module.name === name);
    return own?.hash === hash ? own : this.options.store.find(hash);
  }

  /** In the order in which their rows stand; throws ModuleStoreError where one is gone. */
  registered(modules: ModuleHashes): RegisteredModule[] {
    return Object.entries(modules).map(([name, hash]) => {
      const found = this.find(name, hash);
      if (found === undefined) throw this.options.store.missing(name, hash);
      return { name: found.name, protocol: found.protocol, version: found.version, ...(found.file === undefined ? {} : { file: found.file }) };
    });
  }

  /** Fresh decoders of those modules (default: those that run), with a state; a thread of its own only where it must be. */
  async restart(modules = this.running, state?: ShadowState): Promise<void> {
    if (!sameModules(modules, this.running) || !await this.thread.clear()) {
      await this.thread.stop();
      this.running = modules;
      this.thread = this.newThread();
    }
    if (state !== undefined) await this.thread.importState(state);
  }

  /** Hands the state from the modules that run to others; gives the rows of what those read otherwise. */
  async change(to: ModuleHashes, { next, claimed }: ChangePlace): Promise<Stretch> {
    const { log, partition, store } = this.options;
    const from = this.running;
    const modules = this.registered(to);
    const changes = modules.flatMap(({ name, protocol }) => (from[name] === undefined ? [] : [{ name, protocol, from: from[name], to: to[name]! }]));
    const state = await this.thread.exportState(store.takeOverForms(changes));
    await this.restart(to, { ...state, modules: state.modules.filter(({ protocol }) => modules.some((module) => module.protocol === protocol)) });
    const logId = await log.identity(framesTopic);
    return this.thread.differences(changes.filter((change) => change.from !== change.to).map(({ name, protocol, ...change }) => ({
      // The claim tells two upgrades between the same modules at the same position apart.
      protocol, identity: murmur128(Buffer.from(['upgrade', logId, partition, claimed, name, change.from, change.to].join('\n'), 'utf8')),
    })), { next, turn: claimed });
  }

  stop(): Promise<void> {
    return this.thread.stop();
  }

  private newThread(): DecoderThread {
    const { config } = this.options;
    return new DecoderThread({
      modules: this.registered(this.running),
      seed: randomBytes(8).readBigUInt64LE(),
      memoryLimitBytes: config.memoryLimitBytes,
      patienceMs: config.patienceMs,
      trapLimits: { mostTraps: config.mostTraps, windowNs: BigInt(config.trapWindowMs) * 1_000_000n },
    });
  }
}

/** `module@version` of each. */
export function versionsOf(modules: readonly RegisteredModule[]): string {
  return modules.map(({ name, version }) => `${name}@${version}`).join(' ');
}
