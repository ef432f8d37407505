/** Which neighbours routers should have: set by hand, learned from what is there, frozen so that nobody changes it by mistake. */
import type { DatabaseSync } from 'node:sqlite';
import type { ExpectedNeighbor } from '../../../stream/contract/operations.ts';
import { bump } from './version.ts';

/** An entry that was added or taken back. */
export interface ExpectedChange extends ExpectedNeighbor {
  readonly removed: boolean;
}

/** The domain is frozen. */
export class FrozenError extends Error {
  override readonly name = 'FrozenError';
}

const columns = 'domain, protocol, router, neighbor, link';

export class ExpectedNeighbors {
  private readonly database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.database = database;
  }

  list(): ExpectedNeighbor[] {
    return this.database.prepare(`SELECT ${columns} FROM expected_neighbors WHERE removed = 0 ORDER BY ${columns}`).all() as unknown as ExpectedNeighbor[];
  }

  page(domain: string, limit: number, offset: number): ExpectedNeighbor[] {
    return this.database.prepare(`SELECT ${columns} FROM expected_neighbors WHERE removed = 0 AND (?1 = '' OR domain = ?1) ORDER BY ${columns} LIMIT ?2 OFFSET ?3`).all(domain, limit, offset) as unknown as ExpectedNeighbor[];
  }

  /** Adds these; how many of them are new. */
  add(entries: readonly ExpectedNeighbor[]): number {
    return this.put(entries.map((entry) => ({ ...entry, removed: false })));
  }

  /** Takes these back; how many of them were there. */
  remove(entries: readonly ExpectedNeighbor[]): number {
    return this.put(entries.map((entry) => ({ ...entry, removed: true })));
  }

  /** Makes these the whole set of a domain. */
  replace(domain: string, entries: readonly ExpectedNeighbor[]): { readonly added: number; readonly removed: number } {
    const wanted = new Set(entries.map(keyOf));
    const removed = this.remove(this.list().filter((entry) => entry.domain === domain && !wanted.has(keyOf(entry))));
    return { added: this.add(entries), removed };
  }

  freeze(domain: string, frozen: boolean): void {
    this.database.prepare(frozen ? 'INSERT OR IGNORE INTO frozen_domains VALUES (?)' : 'DELETE FROM frozen_domains WHERE domain = ?').run(domain);
  }

  frozen(): string[] {
    return (this.database.prepare('SELECT domain FROM frozen_domains ORDER BY domain').all() as unknown as { domain: string }[]).map(({ domain }) => domain);
  }

  /** Changes that have not been told to the store yet, and the mark to give to `published` when they have. */
  unpublished(): { readonly changes: ExpectedChange[]; readonly mark: number } {
    const changes = this.database.prepare(`SELECT ${columns}, removed, change FROM expected_neighbors WHERE change > (SELECT value FROM counters WHERE name = 'published') ORDER BY change`)
      .all() as unknown as (ExpectedNeighbor & { removed: number; change: number })[];
    return {
      changes: changes.map(({ domain, protocol, router, neighbor, link, removed }) => ({ domain, protocol, router, neighbor, link, removed: removed !== 0 })),
      mark: changes.at(-1)?.change ?? 0,
    };
  }

  published(mark: number): void {
    this.database.prepare("UPDATE counters SET value = max(value, ?) WHERE name = 'published'").run(mark);
  }

  /** Makes these changes in their order; how many of them changed anything. */
  put(changes: readonly ExpectedChange[]): number {
    const frozen = new Set(this.frozen());
    const stopped = changes.find(({ domain }) => frozen.has(domain));
    if (stopped !== undefined) throw new FrozenError(`The expected neighbours of domain "${stopped.domain}" are frozen: thaw them first`);
    const change = changes.length === 0 ? 0 : bump(this.database);
    const there = this.database.prepare('SELECT removed FROM expected_neighbors WHERE domain = ? AND protocol = ? AND router = ? AND neighbor = ? AND link = ?');
    const write = this.database.prepare(`INSERT OR REPLACE INTO expected_neighbors (${columns}, removed, change) VALUES (?, ?, ?, ?, ?, ?, ?)`);
    let count = 0;
    for (const { domain, protocol, router, neighbor, link, removed } of changes) {
      const known = there.get(domain, protocol, router, neighbor, link) as { removed: number } | undefined;
      if (known === undefined ? removed : (known.removed !== 0) === removed) continue;
      write.run(domain, protocol, router, neighbor, link, removed ? 1 : 0, change);
      count += 1;
    }
    return count;
  }
}

function keyOf({ domain, protocol, router, neighbor, link }: ExpectedNeighbor): string {
  return JSON.stringify([domain, protocol, router, neighbor, link]);
}
