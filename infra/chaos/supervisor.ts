/** Starts the parts of a system as processes, disturbs them and starts them again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readEndpoint } from './part.ts';
import type { Decoders } from './setup.ts';

export type PartName = 'store' | 'worker' | 'sink' | 'replay' | 'collector';

/** Longest that a part may take to start, or to end once it has been told to, ms. */
const PATIENCE_MS = 120_000;
/** How long after a harm a part may still end for it, ms. */
const LINGER_MS = 15_000;

/** One process of a part. */
export class Part {
  readonly name: PartName;
  readonly child: ChildProcess;
  /** How it ended: `0`, `1` or a signal's name. */
  readonly exited: Promise<string>;
  private words = '';

  constructor(name: PartName, directory: string, options: { readonly given?: readonly string[]; readonly fault?: string } = {}) {
    this.name = name;
    this.child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'part.ts'), name, directory, ...options.given ?? []], {
      stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ROUTEWATCH_FAULT: options.fault ?? '' },
    });
    this.child.stderr!.on('data', (text: Buffer) => { this.words += text.toString(); });
    this.exited = once(this.child, 'exit').then(([code, signal]) => String(signal ?? code));
  }

  /** What it wrote to standard error. */
  get said(): string {
    return this.words.trim();
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Resolves when it works, or has ended before that. */
  async started(): Promise<void> {
    await this.within(Promise.race([once(this.child.stdout!, 'data'), this.exited]), 'start');
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<string> {
    this.child.kill(signal);
    return this.ended();
  }

  /** How it ended, once it has. */
  ended(): Promise<string> {
    return this.within(this.exited, 'end');
  }

  private async within<T>(work: Promise<T>, what: string): Promise<T> {
    const late = sleep(PATIENCE_MS, undefined, { ref: false }).then(() => { throw new Error(`${this.name} did not ${what} within ${PATIENCE_MS / 1000} s: ${this.said}`); });
    return Promise.race([work, late]);
  }
}

/** The parts of one system but those that bring its input. */
export class Supervisor {
  /** With which the next worker is started. */
  decoders: Decoders = 'own';
  /** Inserts that starts of the store took back because their rows were not there. */
  repaired = 0;
  private readonly directory: string;
  private readonly parts = new Map<PartName, Part>();
  /** Until when a part may end by itself, ms. */
  private readonly mayEndUntil = new Map<PartName, number>();

  constructor(directory: string) {
    this.directory = directory;
  }

  part(name: PartName): Part {
    const part = this.parts.get(name);
    if (part === undefined) throw new Error(`${name} has not been started`);
    return part;
  }

  /** Starts a part (in place of the one that ended); with `fault` it kills itself at that place. */
  async start(name: PartName, fault?: string): Promise<Part> {
    const part = new Part(name, this.directory, { given: name === 'worker' ? [this.decoders] : [], ...(fault === undefined ? {} : { fault }) });
    this.parts.set(name, part);
    await part.started();
    if (name === 'store' && part.isRunning) this.repaired += readEndpoint(this.directory).repaired;
    return part;
  }

  /**
   * Starts whatever is not running: the store first, and the sink anew with it, as it has another address. Throws where a
   * part ended by itself that is not in `mayEnd` (now or shortly before: what ends for a harm takes its time), or does not
   * start again.
   */
  async heal(mayEnd: readonly PartName[] = []): Promise<void> {
    const now = performance.now();
    for (const name of mayEnd) this.mayEndUntil.set(name, now + LINGER_MS);
    for (const part of this.parts.values()) {
      if (part.child.exitCode !== null && now > (this.mayEndUntil.get(part.name) ?? 0)) throw new Error(`${part.name} ended by itself with ${part.child.exitCode}: ${part.said}`);
    }
    if (!this.part('store').isRunning) {
      await this.start('store');
      await this.part('sink').kill();
    }
    for (const name of ['worker', 'sink'] as const) if (!this.part(name).isRunning) await this.start(name);
    for (const part of this.parts.values()) if (!part.isRunning) throw new Error(`${part.name} does not start again: ${part.said}`);
  }

  /** kill -9 of the process that holds the store's engine. */
  async killStore(): Promise<void> {
    process.kill(readEndpoint(this.directory).pid, 'SIGKILL');
    await this.part('store').ended();
  }

  /** Ends what runs, however it is. */
  async end(): Promise<void> {
    for (const part of this.parts.values()) {
      part.child.kill('SIGCONT');
      if (part.isRunning) await part.kill(part.name === 'store' ? 'SIGTERM' : 'SIGKILL');
    }
  }
}
