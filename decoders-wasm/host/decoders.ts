/** The decoder instances of one partition: one a module, from its first frame on; each knows every tap and context. */
import { TAP_CLOSED, TAP_IDLE, TAP_LOST } from '../contract/abi.ts';
import { murmur128 } from '../contract/murmur.ts';
import { type CodedContext, type CodedTap, type Codes, isOpen } from './codes.ts';
import { type ChangePlace, DecoderInstance, type Drained } from './instance.ts';
import type { LoadedModule } from './registry.ts';
import type { ShadowState } from './shadow-state.ts';
import type { StateForms } from './state-versions.ts';

export interface DecodersOptions {
  /** In the order in which their rows stand. */
  readonly modules: readonly LoadedModule[];
  readonly seed: bigint;
  readonly memoryLimitBytes: number;
}

/** A module that took over from another one, and what stands for a frame's identity in the ids of its differences. */
export interface ChangedModule {
  readonly protocol: number;
  readonly identity: Uint8Array;
}

export class Decoders {
  readonly modules: readonly LoadedModule[];
  private readonly options: DecodersOptions;
  private readonly codes: Codes;
  private readonly instances = new Map<number, DecoderInstance>();

  constructor(options: DecodersOptions, codes: Codes) {
    this.options = options;
    this.modules = options.modules;
    this.codes = codes;
  }

  /** Undefined before the first frame of its protocol. */
  of(protocol: number): DecoderInstance | undefined {
    return this.instances.get(protocol);
  }

  /** The instances that there are, in the order of their modules. */
  all(): DecoderInstance[] {
    return this.modules.flatMap(({ protocol }) => this.instances.get(protocol) ?? []);
  }

  get isEmpty(): boolean {
    return this.instances.size === 0;
  }

  /** The instance of a module, made if it is not there yet. */
  need(module: LoadedModule, seed = this.options.seed): DecoderInstance {
    const known = this.instances.get(module.protocol);
    if (known !== undefined) return known;
    const instance = new DecoderInstance({ name: module.name, module: module.module, seed, memoryLimitBytes: this.options.memoryLimitBytes, lend: true, verify: module.file !== undefined });
    for (const tap of this.codes.taps) addTap(instance, tap);
    for (const context of this.codes.contexts) addContext(instance, context);
    this.instances.set(module.protocol, instance);
    return instance;
  }

  /** A fresh decoder in place of one whose state makes it trap; the name of its module, undefined where there is none. */
  replace(protocol: number): string | undefined {
    const module = this.module(protocol);
    if (module === undefined || !this.instances.delete(protocol)) return undefined;
    return this.need(module).name;
  }

  /** Each learns a tap that is new, with its state. */
  learnTap(tap: CodedTap): void {
    for (const instance of this.all()) addTap(instance, tap);
  }

  /** Each learns a context that is new. */
  learnContext(context: CodedContext): void {
    for (const instance of this.all()) addContext(instance, context);
  }

  /** Opens a tap, or brings its wall offset up to date. */
  openTap({ code, identity, wallOffset }: CodedTap): void {
    for (const instance of this.all()) instance.addTap(code, identity, wallOffset);
  }

  closeTap(tap: CodedTap, why: number, drain: (rows: Drained) => void): void {
    for (const instance of this.all()) instance.closeTap(tap.code, why, drain);
  }

  /** One frame record as JSON, through the decoder of its protocol (which is made if there is none yet). */
  explain(protocol: number, frame: Uint8Array): string {
    const module = this.module(protocol);
    if (module === undefined) throw new Error(`no decoder takes protocol ${protocol}`);
    return this.need(module).explain(frame);
  }

  /** Replaces each instance by a fresh one with its exported state, as a restart from a checkpoint does. */
  reload(seed: bigint): void {
    for (const module of this.modules) {
      const old = this.instances.get(module.protocol);
      if (old === undefined) continue;
      const state = old.exportState();
      this.instances.delete(module.protocol);
      this.need(module, seed).importState(state);
    }
  }

  /** The exports of all, in those versions; throws ModuleFault when memory refuses one. */
  exportStates(forms: StateForms): ShadowState['modules'] {
    return this.modules.flatMap(({ protocol }) => {
      const instance = this.instances.get(protocol);
      return instance === undefined ? [] : [{ protocol, state: instance.exportState(forms[protocol]) }];
    });
  }

  /** Takes over exports; ModuleFault when a module cannot read its own. */
  importStates(states: ShadowState['modules']): void {
    for (const { protocol, state } of states) {
      const module = this.module(protocol);
      if (module === undefined) throw new Error(`the state has a part of protocol ${protocol}, which no decoder here takes`);
      this.need(module).importState(state);
    }
  }

  /** What those named read otherwise than the modules whose states they took over; see DecoderInstance. */
  differences(changed: readonly ChangedModule[], place: ChangePlace, drain: (rows: Drained) => void): void {
    for (const { protocol, identity } of changed) this.instances.get(protocol)?.differences(identity, place, drain);
  }

  private module(protocol: number): LoadedModule | undefined {
    return this.modules.find((one) => one.protocol === protocol);
  }
}

function addTap(instance: DecoderInstance, tap: CodedTap): void {
  instance.addTap(tap.code, tap.identity, tap.wallOffset);
  if (!isOpen(tap)) instance.closeTap(tap.code, tap.isLost ? TAP_LOST : tap.state === 'idle' ? TAP_IDLE : TAP_CLOSED, () => undefined);
}

function addContext(instance: DecoderInstance, context: CodedContext): void {
  instance.addContext(context.code, context.shadow, context.linkCode, murmur128(Buffer.from(context.key, 'utf8')));
}
