/** One topic of the embedded log in one SQLite file. */
import { randomUUID } from 'node:crypto';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { faultPoint } from '../../contract/fault-points.ts';
import type { Bounds, LogRecord } from '../../contract/log.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS log (identity TEXT NOT NULL, partitions INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS bounds (partition INTEGER PRIMARY KEY, first_offset INTEGER NOT NULL, next_offset INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS records (partition INTEGER, "offset" INTEGER, value BLOB NOT NULL, PRIMARY KEY (partition, "offset")) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS committed (consumer TEXT, partition INTEGER, next_offset INTEGER NOT NULL, PRIMARY KEY (consumer, partition)) WITHOUT ROWID;
`;

export class TopicFile {
  readonly identity: string;
  private readonly database: DatabaseSync;
  private readonly topic: string;
  private readonly insert: StatementSync;
  private readonly advance: StatementSync;
  private readonly select: StatementSync;
  private readonly boundsOf: StatementSync;

  constructor(file: string, topic: string, partitions: number) {
    this.topic = topic;
    this.database = new DatabaseSync(file);
    this.database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 10000;');
    this.identity = this.setUp(partitions);
    this.insert = this.database.prepare('INSERT INTO records (partition, "offset", value) VALUES (?, ?, ?)');
    this.advance = this.database.prepare('UPDATE bounds SET next_offset = ? WHERE partition = ?');
    this.select = this.database.prepare('SELECT "offset", value FROM records WHERE partition = ? AND "offset" >= ? ORDER BY "offset" LIMIT ?');
    this.select.setReadBigInts(true);
    this.boundsOf = this.database.prepare('SELECT first_offset, next_offset FROM bounds WHERE partition = ?');
    this.boundsOf.setReadBigInts(true);
  }

  /** Offset of the first value; all of them or none are there afterwards. */
  append(partition: number, values: readonly Uint8Array[]): bigint {
    const first = this.transaction(() => {
      const { next } = this.bounds(partition);
      values.forEach((value, index) => this.insert.run(partition, next + BigInt(index), value));
      this.advance.run(next + BigInt(values.length), partition);
      faultPoint(`append:${this.topic}:before-commit`);
      return next;
    });
    faultPoint(`append:${this.topic}:after-commit`);
    return first;
  }

  bounds(partition: number): Bounds {
    const row = this.boundsOf.get(partition);
    if (row === undefined) throw new Error(`${this.topic} has no partition ${partition}`);
    return { first: row['first_offset'] as bigint, next: row['next_offset'] as bigint };
  }

  /** Records from `from` up to (not including) `end`, at most so many and so many bytes, but at least one. */
  read(partition: number, from: bigint, end: bigint | undefined, mostRecords: number, mostBytes: number): LogRecord[] {
    const records: LogRecord[] = [];
    let bytes = 0;
    for (const row of this.select.iterate(partition, from, mostRecords)) {
      const offset = row['offset'] as bigint;
      const value = row['value'] as Uint8Array;
      if (end !== undefined && offset >= end) break;
      records.push({ offset, value });
      bytes += value.length;
      if (bytes >= mostBytes) break;
    }
    return records;
  }

  committed(group: string, partition: number): bigint | undefined {
    const statement = this.database.prepare('SELECT next_offset FROM committed WHERE consumer = ? AND partition = ?');
    statement.setReadBigInts(true);
    return statement.get(group, partition)?.['next_offset'] as bigint | undefined;
  }

  commit(group: string, partition: number, next: bigint): void {
    this.database.prepare('INSERT INTO committed VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET next_offset = excluded.next_offset')
      .run(group, partition, next);
  }

  close(): void {
    this.database.close();
  }

  private setUp(partitions: number): string {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      this.database.exec(SCHEMA);
      const known = this.database.prepare('SELECT identity, partitions FROM log').get();
      if (known !== undefined && known['partitions'] !== partitions) {
        throw new Error(`${this.topic} has ${String(known['partitions'])} partitions; ${partitions} were asked for. `
          + 'The count is fixed for the life of a log: use its own, or another data directory');
      }
      const identity = (known?.['identity'] as string | undefined) ?? randomUUID();
      if (known === undefined) {
        this.database.prepare('INSERT INTO log VALUES (?, ?)').run(identity, partitions);
        const add = this.database.prepare('INSERT INTO bounds VALUES (?, 0, 0)');
        for (let partition = 0; partition < partitions; partition++) add.run(partition);
      }
      this.database.exec('COMMIT');
      return identity;
    } catch (error) {
      this.database.exec('ROLLBACK');
      throw error;
    }
  }

  private transaction<T>(work: () => T): T {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.database.exec('COMMIT');
      return result;
    } catch (error) {
      this.database.exec('ROLLBACK');
      throw error;
    }
  }
}
