/** One topic of the embedded log in one SQLite file. */
import { randomUUID } from 'node:crypto';
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { faultPoint } from '../../contract/fault-points.ts';
import type { Bounds, LogRecord } from '../../contract/log.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS log (identity TEXT NOT NULL, partitions INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS bounds (partition INTEGER PRIMARY KEY, first_offset INTEGER NOT NULL, next_offset INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS records (partition INTEGER, "offset" INTEGER, value BLOB NOT NULL, PRIMARY KEY (partition, "offset")) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS committed (consumer TEXT, partition INTEGER, next_offset INTEGER NOT NULL, PRIMARY KEY (consumer, partition)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS volumes (partition INTEGER PRIMARY KEY, bytes INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS segments (partition INTEGER, first_offset INTEGER, time_ms INTEGER NOT NULL, bytes_before INTEGER NOT NULL,
  PRIMARY KEY (partition, first_offset)) WITHOUT ROWID;
`;
/** A segment ends with so many bytes or after so long; retention deletes whole ones. */
const SEGMENT_BYTES = 1 << 20;
const SEGMENT_MS = 60_000;

/** Primary result codes: https://www.sqlite.org/rescode.html. */
const SQLITE_IOERR = 10;
const SQLITE_FULL = 13;
/** With less than this free an I/O error is one of room. */
const LITTLE_BYTES = 1 << 20;

/** There is no room to write; nothing of what was asked for was written. */
export class LogFullError extends Error {
  override readonly name = 'LogFullError';
  readonly code = 'ENOSPC';

  constructor(path: string, cause: unknown) {
    super(`no room to write ${path} (${cause instanceof Error ? cause.message : String(cause)})`, { cause });
  }
}

export class TopicFile {
  readonly identity: string;
  readonly partitions: number;
  private readonly path: string;
  private readonly database: DatabaseSync;
  private readonly topic: string;
  private readonly insert: StatementSync;
  private readonly advance: StatementSync;
  private readonly select: StatementSync;
  private readonly boundsOf: StatementSync;
  private readonly volumeOf: StatementSync;
  private readonly setVolume: StatementSync;
  private readonly lastSegment: StatementSync;
  private readonly addSegment: StatementSync;

  constructor(file: string, topic: string, partitions: number) {
    this.topic = topic;
    this.path = file;
    this.partitions = partitions;
    this.database = new DatabaseSync(file);
    try {
      this.database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 10000;');
      this.identity = this.setUp(partitions);
    } catch (error) {
      this.database.close();
      throw isDiskFull(error, file) ? new LogFullError(file, error) : error;
    }
    this.insert = this.database.prepare('INSERT INTO records (partition, "offset", value) VALUES (?, ?, ?)');
    this.advance = this.database.prepare('UPDATE bounds SET next_offset = ? WHERE partition = ?');
    this.select = this.database.prepare('SELECT "offset", value FROM records WHERE partition = ? AND "offset" >= ? ORDER BY "offset" LIMIT ?');
    this.select.setReadBigInts(true);
    this.boundsOf = this.database.prepare('SELECT first_offset, next_offset FROM bounds WHERE partition = ?');
    this.boundsOf.setReadBigInts(true);
    this.volumeOf = this.database.prepare('SELECT bytes FROM volumes WHERE partition = ?');
    this.setVolume = this.database.prepare('INSERT INTO volumes VALUES (?, ?) ON CONFLICT DO UPDATE SET bytes = excluded.bytes');
    this.lastSegment = this.database.prepare('SELECT time_ms, bytes_before FROM segments WHERE partition = ? ORDER BY first_offset DESC LIMIT 1');
    this.addSegment = this.database.prepare('INSERT OR IGNORE INTO segments VALUES (?, ?, ?, ?)');
  }

  /** Offset of the first value; all of them or none are there afterwards. */
  append(partition: number, values: readonly Uint8Array[]): bigint {
    const first = this.transaction(() => {
      const { next } = this.bounds(partition);
      values.forEach((value, index) => this.insert.run(partition, next + BigInt(index), value));
      this.advance.run(next + BigInt(values.length), partition);
      this.measure(partition, next, values);
      faultPoint(`append:${this.topic}:before-commit`);
      return next;
    });
    faultPoint(`append:${this.topic}:after-commit`);
    return first;
  }

  /** Counts the bytes of what is appended at `first` and begins a segment there if the last one is large or old. */
  private measure(partition: number, first: bigint, values: readonly Uint8Array[]): void {
    const before = Number(this.volumeOf.get(partition)?.['bytes'] ?? 0);
    const last = this.lastSegment.get(partition);
    const now = Date.now();
    const isFull = last === undefined || before - Number(last['bytes_before']) >= SEGMENT_BYTES || now - Number(last['time_ms']) >= SEGMENT_MS;
    if (isFull) this.addSegment.run(partition, first, now, before);
    this.setVolume.run(partition, before + values.reduce((bytes, value) => bytes + value.length, 0));
  }

  /**
   * The end of the oldest segment if it may go: `bytes` are kept behind it, or all of it was appended before `beforeMs`.
   * The last segment stays.
   */
  outlived(partition: number, bytes: number | undefined, beforeMs: number | undefined): bigint | undefined {
    const { first } = this.bounds(partition);
    const next = this.database.prepare('SELECT first_offset, time_ms, bytes_before FROM segments WHERE partition = ? AND first_offset > ? ORDER BY first_offset LIMIT 1').get(partition, first);
    if (next === undefined) return undefined;
    const kept = Number(this.volumeOf.get(partition)?.['bytes'] ?? 0) - Number(next['bytes_before']);
    const isOutlived = (bytes !== undefined && kept >= bytes) || (beforeMs !== undefined && Number(next['time_ms']) < beforeMs);
    return isOutlived ? BigInt(Number(next['first_offset'])) : undefined;
  }

  /** Takes the records before an offset out; offsets are not given again. */
  deleteBefore(partition: number, before: bigint): void {
    this.transaction(() => {
      const { first, next } = this.bounds(partition);
      const to = before > next ? next : before;
      if (to <= first) return;
      this.database.prepare('DELETE FROM records WHERE partition = ? AND "offset" < ?').run(partition, to);
      this.database.prepare('DELETE FROM segments WHERE partition = ? AND first_offset < ?').run(partition, to);
      this.database.prepare('UPDATE bounds SET first_offset = ? WHERE partition = ?').run(to, partition);
    });
  }

  /** The lowest offset that any group has committed; undefined without one. */
  lowestCommit(partition: number): bigint | undefined {
    const statement = this.database.prepare('SELECT min(next_offset) AS lowest FROM committed WHERE partition = ?');
    statement.setReadBigInts(true);
    return (statement.get(partition)?.['lowest'] ?? undefined) as bigint | undefined;
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
      this.measureOlder();
      this.database.exec('COMMIT');
      return identity;
    } catch (error) {
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
      throw error;
    }
  }

  /** A log of before there were segments: all that it holds is one, as old as this moment. */
  private measureOlder(): void {
    if (this.database.prepare('SELECT 1 FROM volumes LIMIT 1').get() !== undefined) return;
    this.database.prepare('INSERT INTO volumes SELECT partition, sum(length(value)) FROM records GROUP BY partition').run();
    this.database.prepare('INSERT INTO segments SELECT b.partition, b.first_offset, ?, 0 FROM bounds b JOIN volumes v ON v.partition = b.partition').run(Date.now());
  }

  private transaction<T>(work: () => T): T {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.database.exec('COMMIT');
      return result;
    } catch (error) {
      // On a full disk SQLite has rolled back already.
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
      throw isDiskFull(error, this.path) ? new LogFullError(this.path, error) : error;
    }
  }
}

/** Whether the disk of `path` is full; SQLite calls it an I/O error where a file cannot grow. */
function isDiskFull(error: unknown, path: string): boolean {
  const code = Number((error as { errcode?: number }).errcode) & 0xff;
  return code === SQLITE_FULL || (code === SQLITE_IOERR && freeBytes(path) < LITTLE_BYTES);
}

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(dirname(path));
  return bavail * bsize;
}
