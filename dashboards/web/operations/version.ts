/** The number that rises with each change of what operators have said. */
import type { DatabaseSync } from 'node:sqlite';

/** The new number. */
export function bump(database: DatabaseSync): number {
  return (database.prepare("UPDATE counters SET value = value + 1 WHERE name = 'statements' RETURNING value").get() as { value: number }).value;
}

export function version(database: DatabaseSync): number {
  return (database.prepare("SELECT value FROM counters WHERE name = 'statements'").get() as { value: number }).value;
}
