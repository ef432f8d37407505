/** Where a data directory is when nobody says so, and what lies where in it. */
import { join } from 'node:path';

export const defaultDataDir = 'routewatch-data';

/** Where the decoders that ran on a data directory are kept. */
export function modulesFolder(dataDir: string): string {
  return join(dataDir, 'modules');
}

/** State, offsets and outbox of the alert engine. */
export function alertsFile(dataDir: string): string {
  return join(dataDir, 'alerts.sqlite');
}
