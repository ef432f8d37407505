/** A copy of an embedded log as it stands: each topic whole and checked by SQLite, beside whoever writes. */
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { checkpointsTopic, eventsTopic, framesTopic, reportsTopic } from '../../contract/log.ts';
import { ensureManifest } from './manifest.ts';

/**
 * Copies reports, then events, then checkpoints, then frames of every generation to a new directory. `VACUUM INTO` reads one
 * snapshot of a topic, write-ahead log included. Ids and offsets stay: it is the same log.
 */
export function copyLog(directory: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const { folder } of ensureManifest(directory).generations) {
    mkdirSync(join(to, folder), { recursive: true });
    for (const topic of [reportsTopic, eventsTopic, checkpointsTopic, framesTopic]) copyTopic(join(directory, folder, `${topic}.sqlite`), join(to, folder, `${topic}.sqlite`));
  }
  copyFileSync(join(directory, 'manifest.json'), join(to, 'manifest.json'));
}

function copyTopic(file: string, to: string): void {
  if (!existsSync(file)) return;
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA busy_timeout = 10000;');
    database.prepare('VACUUM INTO ?').run(to);
  } finally {
    database.close();
  }
}
