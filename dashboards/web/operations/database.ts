/** The file of what operators do: tokens, expected neighbours, maintenance windows, and the trail of all changes. */
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** Another process (`routewatch token`) may be writing; ms. */
const PATIENCE_MS = 5000;

/** Each step stands once and is never changed; `user_version` says how many have been done. */
const steps: readonly string[] = [
  `CREATE TABLE tokens (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, role TEXT NOT NULL, hash BLOB NOT NULL,
    created_ns TEXT NOT NULL, expires_ns TEXT NOT NULL, revoked_ns TEXT NOT NULL DEFAULT ''
  ) STRICT;
  CREATE TABLE expected_neighbors (
    domain TEXT NOT NULL, protocol TEXT NOT NULL, router TEXT NOT NULL, neighbor TEXT NOT NULL, link TEXT NOT NULL,
    removed INTEGER NOT NULL DEFAULT 0, change INTEGER NOT NULL,
    PRIMARY KEY (domain, protocol, router, neighbor, link)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE frozen_domains (domain TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  CREATE TABLE maintenance_windows (
    id TEXT PRIMARY KEY, domain TEXT NOT NULL, routers TEXT NOT NULL, links TEXT NOT NULL, from_ns INTEGER NOT NULL, to_ns INTEGER NOT NULL,
    reason TEXT NOT NULL, created_by TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE audit_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, time_ns TEXT NOT NULL, actor TEXT NOT NULL, role TEXT NOT NULL, address TEXT NOT NULL, request_id TEXT NOT NULL,
    action TEXT NOT NULL, subject TEXT NOT NULL, outcome TEXT NOT NULL, detail TEXT NOT NULL
  ) STRICT;
  CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO counters VALUES ('statements', 0), ('published', 0);`,
  "INSERT INTO counters VALUES ('reported', 0)",
];

/** Opens or makes the file, for its owner only; `:memory:` keeps nothing. */
export function openDatabase(file: string): DatabaseSync {
  if (file !== ':memory:') closeSync(openSync(file, 'a', 0o600));
  const database = new DatabaseSync(file, { timeout: PATIENCE_MS });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
  inTransaction(database, () => {
    const { user_version: done } = database.prepare('PRAGMA user_version').get() as { user_version: number };
    if (done > steps.length) throw new Error(`${file} was written by a newer RouteWatch (its schema is ${done}, ours ${steps.length}). Use that one`);
    for (const step of steps.slice(done)) database.exec(step);
    database.exec(`PRAGMA user_version = ${steps.length}`);
  });
  return database;
}

/** All of `work` or nothing. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

/** ns since 1970 UTC, now. */
export function nowNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
