/**
 * The privileged process: `node collectors/loader/main.ts CONFIG COMMAND [ARGUMENT ...]`. Attaches the filter, then runs the
 * command (the shipper) without privileges, with the ring, the hello table and the counters as descriptors 4, 5 and 6.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import koffi from 'koffi';
import type { LoaderConfig } from './config.ts';
import { Loader } from './index.ts';
import { type HandOver, packTaps, type Taps } from './messages.ts';

/** The loader's configuration, and as whom the shipper runs. */
export interface LoaderProcessConfig extends LoaderConfig {
  readonly uid?: number;
  readonly gid?: number;
}

const [CHANNEL, RING_FD, HELLOS_FD, COUNTERS_FD] = ['ipc', 4, 5, 6] as const;
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_CLEAR_ALL = 4;
const LEAST_PAUSE_MS = 1000;
const MOST_PAUSE_MS = 30_000;
/** Exit codes by which a shipper says that it is of no use to start it again (usage, unavailable: cli/lib/output.ts). */
const FINAL_CODES = [2, 69];

class LoaderProcess {
  readonly #config: LoaderProcessConfig;
  readonly #command: readonly string[];
  readonly #loader: Loader;
  #shipper: ChildProcess | undefined;
  #stopping = false;

  constructor(config: LoaderProcessConfig, command: readonly string[]) {
    this.#config = config;
    this.#command = command;
    this.#loader = new Loader(config, { taps: () => { this.#sendTaps(); }, warn: (message) => { say(message); } });
  }

  /** Until the shipper ends well, or says that somebody has to change something first, or a signal comes; gives the exit code. */
  async run(): Promise<number> {
    this.#loader.start();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => { this.#stop(); });
    let pause = LEAST_PAUSE_MS;
    for (;;) {
      const began = performance.now();
      const code = await this.#runShipper();
      if (this.#stopping || code === 0 || FINAL_CODES.includes(code)) {
        this.#loader.stop();
        return this.#stopping ? 0 : code;
      }
      // What comes meanwhile waits in the ring.
      if (performance.now() - began > MOST_PAUSE_MS) pause = LEAST_PAUSE_MS;
      say(`the shipper ended with code ${code}; it is started again in ${pause / 1000} s`);
      await sleep(pause);
      pause = Math.min(pause * 2, MOST_PAUSE_MS);
    }
  }

  /** The shipper ships what it has and ends; a second signal does not wait for that. */
  #stop(): void {
    // It has a process group of its own: a signal from the terminal reaches it here only.
    this.#shipper?.kill(this.#stopping ? 'SIGKILL' : 'SIGTERM');
    this.#stopping = true;
  }

  #runShipper(): Promise<number> {
    if (this.#stopping) return Promise.resolve(0);
    dropAmbient();
    const [program = '', ...args] = this.#command;
    const { uid, gid } = this.#config;
    const shipper = spawn(program, args, {
      stdio: ['inherit', 'inherit', 'inherit', CHANNEL, this.#loader.mapFd('ring'), this.#loader.mapFd('hellos'), this.#loader.mapFd('counters')],
      detached: true, ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }),
    });
    this.#shipper = shipper;
    // The first message of the shipper says that it listens.
    shipper.on('message', () => { shipper.send(this.#handOver()); });
    return new Promise((resolve) => {
      shipper.on('error', (error) => {
        say(`${program} cannot be run: ${error.message}`);
        resolve(127);
      });
      shipper.on('exit', (code, signal) => {
        this.#shipper = undefined;
        if (signal !== null) say(`the shipper was ended by ${signal}`);
        resolve(code ?? 1);
      });
    });
  }

  #handOver(): HandOver {
    return {
      kind: 'hand-over', epoch: String(this.#loader.epoch), ringBytes: this.#loader.ringBytes,
      ringFd: RING_FD, hellosFd: HELLOS_FD, countersFd: COUNTERS_FD, taps: packTaps(this.#loader.taps()),
    };
  }

  #sendTaps(): void {
    const message: Taps = { kind: 'taps', taps: packTaps(this.#loader.taps()) };
    if (this.#shipper?.connected === true) this.#shipper.send(message);
  }
}

/** What the loader may do, the shipper must not: ambient capabilities would pass to it. */
function dropAmbient(): void {
  const prctl = koffi.load('libc.so.6').func('int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)');
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

function say(message: string): void {
  process.stderr.write(`loader: ${message}\n`);
}

if (import.meta.main) {
  const [config, ...command] = process.argv.slice(2);
  try {
    if (config === undefined || command.length === 0) throw new Error('use: node collectors/loader/main.ts CONFIG COMMAND [ARGUMENT ...], CONFIG as JSON');
    process.exitCode = await new LoaderProcess(JSON.parse(config) as LoaderProcessConfig, command).run();
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
