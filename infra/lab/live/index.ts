/** The live lab for those who start it: `make lab` and `routewatch demo --live`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { whyNotLive } from '../../../collectors/loader/testing.ts';
import { whyNotRunnable } from '../kit/command.ts';
import { type LabEvent, removeLeftovers } from '../labkit.ts';

export type { LabEvent } from '../labkit.ts';

/** What the lab may take to end once it was asked to, ms. */
const STOP_MS = 40_000;

/** Why the live lab cannot run here, with what helps; undefined where it can. */
export function liveLacking(): string | undefined {
  return whyNotRunnable() ?? whyNotLive();
}

export interface LiveLabOptions {
  /** The collectors' log: as of `routewatch collect --log`. */
  readonly log: string;
  /** A folder that is empty or not there: events.jsonl, config/, log/. */
  readonly out: string;
  /** The faults come again and again. */
  readonly isEndless?: boolean;
  readonly onEvent?: (event: LabEvent) => void;
}

/** Routers, their collectors and the faults, in a process of its own that cleans up whatever becomes of this one. */
export class LiveLab {
  readonly #child: ChildProcess;
  /** Resolves when the script has ended and everything is gone; rejects with why it ended otherwise. */
  readonly ended: Promise<void>;

  constructor({ log, out, isEndless = false, onEvent = () => undefined }: LiveLabOptions) {
    const words = ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'run.ts'), log.startsWith('kafka:') ? log : resolve(log), resolve(out), ...(isEndless ? ['--endless'] : [])];
    // A group of its own: Ctrl-C in a terminal is for us, and we tell it.
    // What Node makes of the sources is kept between runs: some twenty processes start here.
    const env = { NODE_COMPILE_CACHE: join(import.meta.dirname, '..', '..', '..', 'build', 'compile-cache'), ...process.env };
    this.#child = spawn(process.execPath, words, { stdio: ['ignore', 'inherit', 'pipe', 'ipc'], detached: true, env });
    this.#child.on('message', (event) => { onEvent(event as LabEvent); });
    let said = '';
    this.#child.stderr!.on('data', (bytes: Buffer) => { said += bytes.toString(); });
    this.ended = this.#end(() => said.trim());
    this.ended.catch(() => undefined);
  }

  async #end(said: () => string): Promise<void> {
    const [code, signal] = await once(this.#child, 'close') as [number | null, NodeJS.Signals | null];
    if (signal !== null) removeLeftovers();
    if (code !== 0) throw new Error(`the lab ended with ${code ?? signal}: ${said()}`);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Ends it, and waits until everything that it made is gone. */
  async stop(): Promise<void> {
    const isOver = this.ended.catch(() => undefined);
    this.#child.kill('SIGTERM');
    const inTime = await Promise.race([isOver.then(() => true), sleep(STOP_MS, false, { ref: false })]);
    if (inTime) return;
    this.#child.kill('SIGKILL');
    await isOver;
  }
}
