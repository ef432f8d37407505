/** The lock of a store's directory: one process has it open. */
import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import koffi from 'koffi';

const flock = koffi.load('libc.so.6').func('int flock(int descriptor, int operation)');
const EXCLUSIVE_NOW = 2 | 4; // LOCK_EX | LOCK_NB

/** Takes the lock and gives its descriptor: it is held until that is closed, or the process ends, however it ends. */
export function takeLock(directory: string): number {
  const descriptor = openSync(join(directory, 'store.lock'), constants.O_RDWR | constants.O_CREAT, 0o600);
  if (Number(flock(descriptor, EXCLUSIVE_NOW)) === 0) return descriptor;
  closeSync(descriptor);
  throw new Error(`Another store process has ${directory} open. Stop it, or use another directory`);
}

/** Keeps every store from the directory until the function that this gives is called. */
export function holdStore(directory: string): () => void {
  const descriptor = takeLock(directory);
  return () => { closeSync(descriptor); };
}
