/** A cold copy of a store's directory: chdb has no BACKUP to a place outside its confinement, and parts never change. */
import { constants, cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { holdStore } from './lock.ts';

/** Copies the engine's files to a new directory while the store's lock is held: no store may run there. */
export function copyStoreFiles(directory: string, to: string): void {
  const release = holdStore(directory);
  try {
    mkdirSync(to, { recursive: true, mode: 0o700 });
    cpSync(join(directory, 'engine'), join(to, 'engine'), { recursive: true, verbatimSymlinks: true, preserveTimestamps: true, mode: constants.COPYFILE_FICLONE, errorOnExist: true, force: false });
  } finally {
    release();
  }
}
