/** Where a data directory is when nobody says so, and what lies where in it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export const defaultDataDir = 'routewatch-data';

/** Where the decoders that ran on a data directory are kept. */
export function modulesFolder(dataDir: string): string {
  return join(dataDir, 'modules');
}

/** State, offsets and outbox of the alert engine. */
export function alertsFile(dataDir: string): string {
  return join(dataDir, 'alerts.sqlite');
}

/** A copy of a SQLite database, whole whoever writes to it; nothing where there is none. */
export function copyDatabase(file: string, to: string): void {
  if (!existsSync(file)) return;
  const database = new DatabaseSync(file);
  try {
    database.prepare('VACUUM INTO ?').run(to);
  } finally {
    database.close();
  }
}
