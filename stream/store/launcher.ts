/**
 * First program of the store process: takes the directory's lock, confines itself, and then executes
 * the store in its place, so that every thread of it (Node's, libuv's, the engine's) is confined.
 * Landlock binds a thread and its children only; threads that exist already would stay free.
 *
 * Arguments: data directory, spool directory, port, threads, and "required" or "wanted" for the
 * confinement. Standard input is left unread for the store.
 */
import { mkdirSync, realpathSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import koffi from 'koffi';
import { confine, missingConfinement } from './confine.ts';
import { takeLock } from './lock.ts';

const libc = koffi.load('libc.so.6');
const fcntl = libc.func('int fcntl(int descriptor, int command, long argument)');
const SET_DESCRIPTOR_FLAGS = 2; // F_SETFD

function main(): void {
  const [dataDir = '', spoolDir = '', port = '0', threads = '8', wish] = process.argv.slice(2);
  for (const directory of [dataDir, spoolDir]) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }
  // Held by the store that is executed in this program's place, too.
  fcntl(takeLock(dataDir), SET_DESCRIPTOR_FLAGS, 0);
  const program = realpathSync(process.execPath);
  const own = [realpathSync(dataDir), realpathSync(spoolDir)];
  const report = confine(own, Number(port), program);
  const missing = missingConfinement(report);
  if (wish === 'required' && missing !== '') {
    throw new Error(`The kernel cannot confine ${missing}. Start without requireConfinement, `
      + 'or on a newer kernel');
  }
  const store = join(import.meta.dirname, 'process.ts');
  process.execve?.(program, [program, '--disable-warning=ExperimentalWarning', store,
    JSON.stringify(report)], {
    HOME: dataDir,
    TMPDIR: spoolDir,
    TZ: 'UTC',
    OPENSSL_CONF: '/dev/null',
    UV_THREADPOOL_SIZE: threads,
  });
  throw new Error('This Node cannot execute a program in its place. Use Node 24.6 or newer');
}

try {
  process.removeAllListeners('warning');
  main();
} catch (error) {
  writeSync(2, `${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
