/** Numbered, checksummed migrations: what is missing is applied in order, what is there is checked. */
import { createHash } from 'node:crypto';
import type { ClickHouseClient } from '@clickhouse/client';

/** One step of the schema; its statements never change once it has been published. */
export interface Migration {
  /** From 1, without gaps. */
  number: number;
  name: string;
  statements: string[];
}

/** What `migrate` did. */
export interface MigrationResult {
  /** Numbers applied now. */
  applied: number[];
  /** Number of the newest migration that is now in the store. */
  version: number;
}

/** The store and the code do not agree about the schema; the text says what to do. */
export class MigrationError extends Error {
  override name = 'MigrationError';
}

const TABLE = 'routewatch.migrations';

/**
 * Brings the store up to the code's migrations with a client that may write. A statement that fails
 * leaves its migration unrecorded: statements must be repeatable (`IF NOT EXISTS`).
 * Throws `MigrationError` if an applied one was changed or the store is newer than the code.
 */
export async function migrate(
  client: ClickHouseClient, migrations: readonly Migration[],
): Promise<MigrationResult> {
  checkNumbers(migrations);
  await client.command({ query: 'CREATE DATABASE IF NOT EXISTS routewatch' });
  await client.command({
    query: `CREATE TABLE IF NOT EXISTS ${TABLE} (number UInt32, name String, checksum String, `
      + "applied_at DateTime64(3, 'UTC')) ENGINE = MergeTree ORDER BY number",
  });
  const present = await readApplied(client);
  checkApplied(present, migrations);
  const applied: number[] = [];
  for (const migration of migrations.slice(present.length)) {
    await apply(client, migration);
    applied.push(migration.number);
  }
  return { applied, version: migrations.length };
}

/** What is hashed is each statement with its length, so that no two lists have one checksum. */
export function migrationChecksum(migration: Migration): string {
  const hash = createHash('sha256');
  for (const statement of migration.statements) hash.update(`${statement.length}:${statement};`);
  return hash.digest('hex');
}

interface Applied {
  number: number;
  name: string;
  checksum: string;
}

async function readApplied(client: ClickHouseClient): Promise<Applied[]> {
  const rows = await client.query({
    query: `SELECT DISTINCT number, name, checksum FROM ${TABLE} ORDER BY number`,
    format: 'JSONEachRow',
  });
  return rows.json<Applied>();
}

function checkNumbers(migrations: readonly Migration[]): void {
  migrations.forEach((migration, index) => {
    if (migration.number !== index + 1) {
      throw new MigrationError(`Migration "${migration.name}" has number ${migration.number} in `
        + `place ${index + 1}: numbers count from 1 without gaps`);
    }
  });
}

function checkApplied(present: readonly Applied[], migrations: readonly Migration[]): void {
  const newest = present.at(-1);
  if (newest && newest.number > migrations.length) {
    throw new MigrationError(`The store is newer than this program: it has migration `
      + `${newest.number} "${newest.name}", the program knows ${migrations.length}. `
      + 'Use a newer RouteWatch, or restore a backup from before the upgrade');
  }
  present.forEach((found, index) => {
    const known = migrations[index];
    if (!known || found.number !== known.number) {
      throw new MigrationError(`The store lacks migration ${index + 1} but has ${found.number}: `
        + `look into ${TABLE} and restore a backup`);
    }
    if (found.checksum !== migrationChecksum(known)) {
      throw new MigrationError(`Migration ${known.number} "${known.name}" was changed after it had `
        + 'been applied here. Put its statements back and add a new migration for the change');
    }
  });
}

async function apply(client: ClickHouseClient, migration: Migration): Promise<void> {
  for (const [index, statement] of migration.statements.entries()) {
    try {
      await client.command({ query: statement });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new MigrationError(`Migration ${migration.number} "${migration.name}" failed in `
        + `statement ${index + 1} of ${migration.statements.length}: ${reason}`, { cause: error });
    }
  }
  await client.command({
    query: `INSERT INTO ${TABLE} SELECT {number:UInt32}, {name:String}, {checksum:String}, now64(3)`,
    query_params: {
      number: migration.number,
      name: migration.name,
      checksum: migrationChecksum(migration),
    },
  });
}
