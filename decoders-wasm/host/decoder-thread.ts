/** A decoder thread seen from the worker: requests in order, and a watchdog, since WASM has no fuel. */
import { Worker } from 'node:worker_threads';
import { join } from 'node:path';
import type { FrameBatch } from '../contract/batch.ts';
import type { ChangePlace } from './instance.ts';
import type { Answer, Request } from './messages.ts';
import type { ForgottenKeys, PartitionLoss } from './losses.ts';
import type { RegisteredModule } from './registry.ts';
import type { ChangedModule } from './decoders.ts';
import type { ShadowState } from './shadow-state.ts';
import type { StateForms, StateVersions } from './state-versions.ts';
import { NOTHING_PASSED_OVER, type PassedOver, type Stretch } from './stretch.ts';
import type { TrapLimits } from './traps.ts';

/** A decoder trapped, lied or did not end: its thread is of no use before it is cleared, and after the watchdog for good. */
export class DecoderFault extends Error {
  override readonly name = 'DecoderFault';
  readonly error: 'trap' | 'watchdog';
  readonly module: string;
  /** Index in its batch of the frame to blame; undefined when it is not known (then ask again stepwise). */
  readonly frameIndex: number | undefined;
  /** Whether that is a frame, and no tick; a decoder that hung is believed to have done so at one. */
  readonly isFrame: boolean;
  readonly sourceLine: string;

  constructor(error: 'trap' | 'watchdog', message: string, where: { module: string; frameIndex: number | undefined; isFrame: boolean; sourceLine: string }) {
    super(message);
    this.error = error;
    this.module = where.module;
    this.frameIndex = where.frameIndex;
    this.isFrame = where.isFrame;
    this.sourceLine = where.sourceLine;
  }
}

export interface DecoderThreadOptions {
  readonly modules: readonly RegisteredModule[];
  /** Seed of the hash tables: it never shows in rows. */
  readonly seed: bigint;
  /** Most bytes of memory for each module instance. */
  readonly memoryLimitBytes: number;
  /** A request that takes longer is ended with the thread, ms. */
  readonly patienceMs: number;
  /** When traps reset a key. */
  readonly trapLimits?: TrapLimits;
}

export class DecoderThread {
  private readonly options: DecoderThreadOptions;
  private readonly progress = new SharedArrayBuffer(4);
  private readonly thread: Worker;
  private isEnded = false;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(options: DecoderThreadOptions) {
    this.options = options;
    this.thread = new Worker(join(import.meta.dirname, 'thread-main.ts'), {
      workerData: { modules: options.modules, seed: options.seed, memoryLimitBytes: options.memoryLimitBytes, trapLimits: options.trapLimits, progress: this.progress },
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    this.thread.setMaxListeners(0);
  }

  /** Handles one record of the frames log; rejects with DecoderFault when a decoder trapped or hung. */
  async process(
    offset: bigint,
    batch: FrameBatch,
    how: { readonly passed?: PassedOver; readonly silent?: boolean; readonly stepwise?: boolean } = {},
  ): Promise<Stretch> {
    const answer = await this.ask({
      kind: 'process', offset, batch, passed: how.passed ?? NOTHING_PASSED_OVER, silent: how.silent ?? false, stepwise: how.stepwise ?? false,
    });
    if (answer.kind !== 'stretch') throw new Error(`decoder thread answered ${answer.kind} to process`);
    return answer.stretch;
  }

  /** Frames from here on are gone from the log: the rows that say so. */
  async lose(offset: bigint, loss: PartitionLoss): Promise<Stretch> {
    const answer = await this.ask({ kind: 'lose', offset, loss });
    if (answer.kind !== 'stretch') throw new Error(`decoder thread answered ${answer.kind} to lose`);
    return answer.stretch;
  }

  /** Keys whose state was not taken over in whole: the rows that say so. */
  async forget(offset: bigint, forgotten: ForgottenKeys): Promise<Stretch> {
    const answer = await this.ask({ kind: 'forget', offset, forgotten });
    if (answer.kind !== 'stretch') throw new Error(`decoder thread answered ${answer.kind} to forget`);
    return answer.stretch;
  }

  /** Begins with fresh decoders, as after a trap; false where the thread was ended by the watchdog. */
  async clear(): Promise<boolean> {
    if (this.isEnded) return false;
    await this.ask({ kind: 'clear' });
    return true;
  }

  /** Of each module, in their order: the versions of its states; undefined where it says nothing of them. */
  async stateVersions(): Promise<readonly (StateVersions | undefined)[]> {
    const answer = await this.ask({ kind: 'versions' });
    if (answer.kind !== 'versions') throw new Error(`decoder thread answered ${answer.kind} to versions`);
    return answer.versions;
  }

  /** All that the shadows know, for a checkpoint, the modules' parts in those versions. */
  async exportState(forms: StateForms = {}): Promise<ShadowState> {
    const answer = await this.ask({ kind: 'export', forms });
    if (answer.kind !== 'state') throw new Error(`decoder thread answered ${answer.kind} to export`);
    return answer.state;
  }

  /** Takes over a checkpoint; before the first frame only. DecoderFault when a module cannot read its part. */
  async importState(state: ShadowState): Promise<void> {
    await this.ask({ kind: 'import', state });
  }

  /** After an import from other modules: the rows of what those of `changed` read otherwise. */
  async differences(changed: readonly ChangedModule[], place: ChangePlace): Promise<Stretch> {
    const answer = await this.ask({ kind: 'differences', changed, place });
    if (answer.kind !== 'stretch') throw new Error(`decoder thread answered ${answer.kind} to differences`);
    return answer.stretch;
  }

  /** One frame record as JSON, through the decoder of its protocol. */
  async explain(protocol: number, frame: Uint8Array): Promise<unknown> {
    return JSON.parse(await this.text({ kind: 'explain', protocol, frame }));
  }

  /** A read of the state of one protocol's decoder; null before its first frame. */
  async query(protocol: number, request: unknown): Promise<unknown> {
    return JSON.parse(await this.text({ kind: 'query', protocol, request }));
  }

  async stop(): Promise<void> {
    await this.thread.terminate();
  }

  private async text(request: Request): Promise<string> {
    const answer = await this.ask(request);
    if (answer.kind !== 'text') throw new Error(`decoder thread answered ${answer.kind} to ${request.kind}`);
    return answer.text;
  }

  /** One request at a time, in the order in which they came. */
  private ask(request: Request): Promise<Answer> {
    const answer = this.turn.then(() => this.exchange(request));
    this.turn = answer.catch(() => undefined);
    return answer;
  }

  private async exchange(request: Request): Promise<Answer> {
    Atomics.store(new Int32Array(this.progress), 0, -1);
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const died = (code: number): void => { reject(new Error(`decoder thread ended with code ${code}`)); };
    this.thread.once('message', resolve);
    this.thread.once('error', reject);
    this.thread.once('exit', died);
    const watchdog = setTimeout(() => {
      const index = Atomics.load(new Int32Array(this.progress), 0);
      reject(new DecoderFault('watchdog', `a decoder did not end within ${this.options.patienceMs} ms`, {
        module: '', frameIndex: index < 0 ? undefined : index, isFrame: index >= 0, sourceLine: '',
      }));
      this.isEnded = true;
      void this.thread.terminate();
    }, this.options.patienceMs);
    try {
      this.thread.postMessage(request);
      const answer = await promise;
      if (answer.kind === 'fault') throw new DecoderFault('trap', answer.message, answer);
      if (answer.kind === 'error') throw new Error(answer.message);
      return answer;
    } finally {
      clearTimeout(watchdog);
      this.thread.off('message', resolve);
      this.thread.off('error', reject);
      this.thread.off('exit', died);
    }
  }
}
