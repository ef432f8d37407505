/** The embedded store: an engine in a confined process of its own behind ClickHouse's HTTP protocol. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { storeConfig, type StoreConfig, type StoreOptions } from './config.ts';
import { parseMessage, type ConfinementReport, type ReadyMessage } from './messages.ts';
import type { RepairResult } from './repair.ts';

export { storeConfig, type StoreConfig, type StoreLimits, type StoreOptions } from './config.ts';
export type { ConfinementReport } from './messages.ts';
export type { RepairResult } from './repair.ts';
export { copyStoreFiles } from './copy.ts';
export { holdStore } from './lock.ts';
export { migrate, MigrationError, type Migration, type MigrationResult } from './migrate.ts';

/** How the store's process ended. */
export interface StoreExit {
  /** It was asked to stop, or had closed its data before it ended. */
  clean: boolean;
  /** What happened, with the process's last lines where it was not asked to stop. */
  message: string;
}

/** A running store. */
export interface Store {
  /** `http://address:port`, for `@clickhouse/client` and curl. */
  url: string;
  port: number;
  /** Password of the user `writer`; the user `default` without password only reads. */
  writerToken: string;
  pid: number;
  engineVersion: string;
  /** What the repair of deduplication logs found before the engine opened its directory. */
  repaired: RepairResult;
  /** What the kernel could confine. */
  confinement: ConfinementReport;
  /** Ends the process and waits until its data is closed. */
  stop(): Promise<StoreExit>;
  /** Settles when the process ends, for whatever reason; never rejects. */
  exited: Promise<StoreExit>;
}

const START_PATIENCE = 60_000;
const STOP_PATIENCE = 30_000;
const KEPT_LINES = 20;
/** libuv threads besides those of the reader's queries: the writer, files, compression. */
const OTHER_THREADS = 6;

/**
 * Starts the store's process and waits until it answers. It ends with this process.
 * Throws with the process's own words if it cannot start.
 */
export async function startStore(options: StoreOptions): Promise<Store> {
  const config = storeConfig.parse(options);
  config.dataDir = resolve(config.dataDir);
  config.spoolDir = resolve(config.spoolDir ?? join(config.dataDir, 'spool'));
  const child = spawnLauncher(config);
  const pid = child.pid ?? 0;
  const output = watchOutput(child);
  child.stdin?.on('error', () => undefined);
  child.stdin?.write(`${JSON.stringify(config)}\n`);

  const late = AbortSignal.timeout(START_PATIENCE);
  const ready = await Promise.race([
    output.ready,
    output.exited.then((exit) => { throw new Error(`The store did not start: ${exit.message}`); }),
    new Promise<never>((_, reject) => {
      late.addEventListener('abort', () => reject(new Error('The store did not start in time')));
    }),
  ]).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });

  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  return {
    url: `http://${host}:${ready.port}`,
    port: ready.port,
    writerToken: ready.writerToken,
    pid,
    engineVersion: ready.engineVersion,
    repaired: ready.repaired,
    confinement: ready.confinement,
    exited: output.exited,
    stop: () => stopProcess(child, output),
  };
}

function spawnLauncher(config: StoreConfig): ChildProcess {
  const given = [
    config.dataDir,
    config.spoolDir ?? join(config.dataDir, 'spool'),
    String(config.port),
    String(config.limits.concurrentQueries + OTHER_THREADS),
    config.requireConfinement ? 'required' : 'wanted',
  ];
  const launcher = join(import.meta.dirname, 'launcher.ts');
  return spawn(process.execPath,
    ['--disable-warning=ExperimentalWarning', launcher, ...given],
    // Ctrl-C in a terminal goes to its whole process group: the store is ended by us alone, or when we are gone.
    { stdio: ['pipe', 'pipe', 'pipe'], env: {}, detached: true });
}

interface Output {
  ready: Promise<ReadyMessage>;
  exited: Promise<StoreExit>;
  /** Set before a stop is asked for. */
  asked: boolean;
}

function watchOutput(child: ChildProcess): Output {
  const lines: string[] = [];
  let stopped = false;
  let tellReady: (message: ReadyMessage) => void;
  const output: Output = {
    asked: false,
    ready: new Promise((settle) => { tellReady = settle; }),
    exited: new Promise((settle) => {
      child.once('error', (error) => settle({ clean: false, message: error.message }));
      child.once('close', (code, signal) => {
        const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
        const words = lines.length > 0 ? `: ${lines.join('\n')}` : '';
        const clean = stopped || (output.asked && code === 0);
        settle({ clean, message: clean ? 'stopped' : `ended with ${how}${words}` });
      });
    }),
  };
  if (child.stderr) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
    });
  }
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const message = parseMessage(line);
      if (message === undefined) lines.push(line);
      else if ('ready' in message) tellReady(message);
      else stopped = true;
    });
  }
  return output;
}

async function stopProcess(child: ChildProcess, output: Output): Promise<StoreExit> {
  output.asked = true;
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_PATIENCE);
  const exit = await output.exited;
  clearTimeout(force);
  return exit;
}
