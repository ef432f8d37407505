/** The trail of what operators did and tried, in the file that also has what they changed. */
import type { DatabaseSync } from 'node:sqlite';
import { nowNs } from './database.ts';

export interface AuditEvent {
  readonly id: number;
  /** ns since 1970 UTC, decimal. */
  readonly time_ns: string;
  /** Name of the token; `command line` where somebody with access to the file did it. */
  readonly actor: string;
  readonly role: string;
  readonly address: string;
  readonly request_id: string;
  readonly action: string;
  readonly subject: string;
  readonly outcome: 'done' | 'refused';
  /** JSON, or what was said to the one who was refused. */
  readonly detail: string;
}

/** Refusals can be made by anybody: only so many are kept. */
const MOST_REFUSED = 10_000;
const LONGEST = 4000;

export class AuditTrail {
  private readonly database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.database = database;
  }

  /** To be called within the transaction of what it tells. */
  add(event: Omit<AuditEvent, 'id' | 'time_ns'>): void {
    this.database.prepare('INSERT INTO audit_events (time_ns, actor, role, address, request_id, action, subject, outcome, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
      .run(String(nowNs()), event.actor, event.role, event.address, event.request_id, event.action, event.subject.slice(0, LONGEST), event.outcome, event.detail.slice(0, LONGEST));
    if (event.outcome === 'refused') {
      this.database.prepare("DELETE FROM audit_events WHERE outcome = 'refused' AND id <= (SELECT id FROM audit_events WHERE outcome = 'refused' ORDER BY id DESC LIMIT 1 OFFSET ?)").run(MOST_REFUSED);
    }
  }

  /** Changes that were made and have not been told to the log, oldest first. */
  unreported(limit: number): AuditEvent[] {
    return this.database.prepare("SELECT * FROM audit_events WHERE outcome = 'done' AND id > (SELECT value FROM counters WHERE name = 'reported') ORDER BY id LIMIT ?").all(limit) as unknown as AuditEvent[];
  }

  /** All up to this one have been told. */
  reported(id: number): void {
    this.database.prepare("UPDATE counters SET value = max(value, ?) WHERE name = 'reported'").run(id);
  }

  /** Newest first. */
  list(limit: number, offset: number): AuditEvent[] {
    return this.database.prepare('SELECT * FROM audit_events ORDER BY id DESC LIMIT ? OFFSET ?').all(limit, offset) as unknown as AuditEvent[];
  }
}
