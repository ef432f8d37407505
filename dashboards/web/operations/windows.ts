/** Maintenance windows: planned work during which alerts are silent. */
import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { MaintenanceWindow } from '../../../stream/contract/operations.ts';
import { bump } from './version.ts';

/** A window, and who made it. */
export interface OwnedWindow extends MaintenanceWindow {
  readonly createdBy: string;
}

interface Row { readonly id: string; readonly domain: string; readonly routers: string; readonly links: string; readonly from_ns: bigint; readonly to_ns: bigint; readonly reason: string; readonly created_by: string }

export class MaintenanceWindows {
  private readonly database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.database = database;
  }

  /** Windows that end after `after`, in order of their begin. */
  list(after: bigint, limit = -1, offset = 0): OwnedWindow[] {
    const statement = this.database.prepare('SELECT * FROM maintenance_windows WHERE to_ns > ? ORDER BY from_ns, id LIMIT ? OFFSET ?');
    statement.setReadBigInts(true);
    return (statement.all(after, limit, offset) as unknown as Row[]).map(windowOf);
  }

  add(window: Omit<OwnedWindow, 'id'>): OwnedWindow {
    const id = randomUUID();
    bump(this.database);
    this.database.prepare('INSERT INTO maintenance_windows VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
      .run(id, window.domain, JSON.stringify(window.routers), JSON.stringify(window.links), window.from, window.to, window.reason, window.createdBy);
    return { id, ...window };
  }

  /** Whether there was one. */
  remove(id: string): boolean {
    bump(this.database);
    return this.database.prepare('DELETE FROM maintenance_windows WHERE id = ?').run(id).changes > 0;
  }
}

function windowOf(row: Row): OwnedWindow {
  return {
    id: row.id, domain: row.domain, routers: JSON.parse(row.routers) as string[], links: JSON.parse(row.links) as string[],
    from: row.from_ns, to: row.to_ns, reason: row.reason, createdBy: row.created_by,
  };
}
