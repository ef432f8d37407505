/** What operators do and say, in one SQLite file: the API writes it, the alert engine reads it. */
import type { DatabaseSync } from 'node:sqlite';
import type { ExpectedNeighbor, MaintenanceWindow, OperatorStatements } from '../../../stream/contract/operations.ts';
import { type AuditEvent, AuditTrail } from './audit.ts';
import { inTransaction, openDatabase } from './database.ts';
import { ExpectedNeighbors } from './expected.ts';
import { Tokens } from './tokens.ts';
import { version } from './version.ts';
import { MaintenanceWindows } from './windows.ts';

export type { AuditEvent } from './audit.ts';
export { type ExpectedChange, FrozenError } from './expected.ts';
export { roles, type Role, type Token } from './tokens.ts';

/** Who makes a change. */
export type Actor = Pick<AuditEvent, 'actor' | 'role' | 'address' | 'request_id'>;

export class Operations implements OperatorStatements {
  readonly tokens: Tokens;
  readonly expected: ExpectedNeighbors;
  readonly windows: MaintenanceWindows;
  readonly audit: AuditTrail;
  private readonly database: DatabaseSync;

  /** Opens or makes the file; `:memory:` forgets all at the end. */
  constructor(file: string) {
    this.database = openDatabase(file);
    this.tokens = new Tokens(this.database);
    this.expected = new ExpectedNeighbors(this.database);
    this.windows = new MaintenanceWindows(this.database);
    this.audit = new AuditTrail(this.database);
  }

  version(): number {
    return version(this.database);
  }

  expectedNeighbors(): readonly ExpectedNeighbor[] {
    return this.expected.list();
  }

  maintenanceWindows(now: bigint): readonly MaintenanceWindow[] {
    return this.windows.list(now);
  }

  /** The change and its line in the trail: both or neither. */
  change<T>(actor: Actor, action: string, subject: string, work: () => T, detail?: unknown): T {
    return inTransaction(this.database, () => {
      const result = work();
      this.audit.add({ ...actor, action, subject, outcome: 'done', detail: JSON.stringify(detail ?? result ?? null, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)) });
      return result;
    });
  }

  /** A change that was not allowed. */
  refused(actor: Actor, action: string, detail: string): void {
    inTransaction(this.database, () => { this.audit.add({ ...actor, action, subject: '', outcome: 'refused', detail }); });
  }

  close(): void {
    this.database.close();
  }
}
