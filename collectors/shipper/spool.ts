/** The spool: batches on disk from before they are sent until the log has them, and where the shipper stands. Bounded. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { decodeFrameBatch, encodeFrameBatch, type FrameBatch } from '../../stream/contract/frame-batch.ts';
import { isBare, joined, without, WORTHS, worthOf } from './drop.ts';
import { parseStand } from './stand.ts';

const FILE = 'spool.sqlite';
/** After dropping the spool has room again: this much of its bound is left in use. */
const LOW_WATER = 0.9;
/** What a row takes besides its value, for the bound. */
const ROW_BYTES = 128;
/** Batches looked through at a time when something has to go. */
const DROP_ROWS = 64;

/** A finished batch; `oldest...`: of its first frame, on both clocks, ns. */
export interface SpooledBatch {
  readonly partition: number;
  readonly value: Uint8Array;
  readonly oldestBootNs: bigint;
  readonly oldestWallNs: bigint;
}

export interface WaitingBatch extends SpooledBatch {
  readonly id: bigint;
  /** Of the ring: boot times of another one are not comparable. */
  readonly ring: string;
}

export interface SpoolCounters {
  batches: number;
  bytes: number;
  /** Frames and refreshes dropped, by worth; whole batches behind them. */
  readonly dropped: number[];
  droppedBatches: number;
}

export class Spool {
  readonly counters: SpoolCounters = { batches: 0, bytes: 0, dropped: WORTHS.map(() => 0), droppedBatches: 0 };
  private readonly database: DatabaseSync;
  private readonly mostBytes: number;
  private readonly insert: StatementSync;
  private readonly setState: StatementSync;
  private readonly behindRow: StatementSync;
  private readonly deleteRow: StatementSync;
  /** Sent and acknowledged, to be deleted with the next commit. */
  private acknowledged: { readonly id: bigint; readonly bytes: number }[] = [];

  /** Opens (or makes) `spool.sqlite` in a directory; `mostBytes` bounds the batches in it. Not durable: for simulations. */
  constructor(directory: string, mostBytes: number, isDurable = true) {
    this.mostBytes = mostBytes;
    this.database = openDatabase(directory, `PRAGMA journal_mode=${isDurable ? 'WAL' : 'MEMORY'}; PRAGMA synchronous=${isDurable ? 'FULL' : 'OFF'}; PRAGMA busy_timeout=5000;
      CREATE TABLE IF NOT EXISTS batches (id INTEGER PRIMARY KEY AUTOINCREMENT, partition INTEGER NOT NULL, ring TEXT NOT NULL,
        oldest_boot INTEGER NOT NULL, oldest_wall INTEGER NOT NULL, ${WORTHS.map((_, worth) => `worth${worth} INTEGER NOT NULL, `).join('')}bytes INTEGER NOT NULL, value BLOB NOT NULL);
      CREATE INDEX IF NOT EXISTS by_partition ON batches (partition, id);
      CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT NOT NULL);`);
    this.insert = this.database.prepare(`INSERT INTO batches (partition, ring, oldest_boot, oldest_wall, ${WORTHS.map((_, worth) => `worth${worth}, `).join('')}bytes, value) VALUES (?, ?, ?, ?, ${'?, '.repeat(WORTHS.length)}?, ?)`);
    this.setState = this.database.prepare('INSERT INTO state (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value');
    this.behindRow = this.database.prepare('SELECT id, ring, oldest_boot, oldest_wall, value FROM batches WHERE partition = ? AND id > ? ORDER BY id');
    this.behindRow.setReadBigInts(true);
    this.deleteRow = this.database.prepare('DELETE FROM batches WHERE id = ?');
    this.count();
  }

  state(name: string): string | undefined {
    return this.database.prepare('SELECT value FROM state WHERE name = ?').get(name)?.['value'] as string | undefined;
  }

  /** Batches and state in one transaction, durable when it returns; `busy` are rows that are being sent and stay as they are. */
  commit(ring: string, batches: readonly SpooledBatch[], state: Readonly<Record<string, string>>, busy: (partition: number) => bigint = () => 0n): void {
    const deleted = this.acknowledged;
    this.inTransaction(() => {
      this.deleteRows(deleted.map(({ id }) => id));
      for (const batch of batches) this.put(ring, batch);
      for (const [name, value] of Object.entries(state)) this.setState.run(name, value);
    });
    this.acknowledged = this.acknowledged.slice(deleted.length);
    this.counters.batches += batches.length - deleted.length;
    this.counters.bytes += batches.reduce((sum, { value }) => sum + value.length + ROW_BYTES, 0) - deleted.reduce((sum, { bytes }) => sum + bytes, 0);
    if (this.counters.bytes > this.mostBytes) this.shrink(busy);
  }

  /** Batches of a partition behind the row `after`, in order, about `mostBytes` of them. */
  waiting(partition: number, after: bigint, mostBytes: number): WaitingBatch[] {
    const found: WaitingBatch[] = [];
    let bytes = 0;
    for (const row of this.behindRow.iterate(partition, after)) {
      const value = row['value'] as Uint8Array;
      if (found.length > 0 && bytes + value.length > mostBytes) break;
      bytes += value.length;
      found.push({ partition, value, id: row['id'] as bigint, ring: row['ring'] as string, oldestBootNs: row['oldest_boot'] as bigint, oldestWallNs: row['oldest_wall'] as bigint });
    }
    return found;
  }

  /** The log has these: they go with the next commit. A crash before it sends them again, which the worker notices. */
  done(batches: readonly WaitingBatch[]): void {
    for (const { id, value } of batches) this.acknowledged.push({ id, bytes: value.length + ROW_BYTES });
  }

  close(): void {
    this.inTransaction(() => { this.deleteRows(this.acknowledged.map(({ id }) => id)); });
    this.acknowledged = [];
    this.database.close();
  }

  private put(ring: string, { partition, value, oldestBootNs, oldestWallNs }: SpooledBatch): void {
    this.insert.run(partition, ring, oldestBootNs, oldestWallNs, ...worthOf(decodeFrameBatch(value)), value.length + ROW_BYTES, value);
  }

  private deleteRows(ids: readonly bigint[]): void {
    for (const id of ids) this.deleteRow.run(id);
  }

  private count(): void {
    const row = this.database.prepare('SELECT count(*) AS batches, coalesce(sum(bytes), 0) AS bytes FROM batches').get()!;
    this.counters.batches = Number(row['batches']);
    this.counters.bytes = Number(row['bytes']);
  }

  private inTransaction(work: () => void): void {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.database.exec('COMMIT');
    } catch (error) {
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
      throw error;
    }
  }

  /** Drops the least valuable frames first, the oldest of them first; at last whole batches, whose sequence then jumps. */
  private shrink(busy: (partition: number) => bigint): void {
    const target = Math.floor(this.mostBytes * LOW_WATER);
    for (let worth = 0; worth < WORTHS.length; worth++) {
      for (let after = 0n; this.counters.bytes > target;) {
        const query = this.database.prepare(`SELECT id, partition FROM batches WHERE worth${worth} > 0 AND id > ? ORDER BY id LIMIT ${DROP_ROWS}`);
        query.setReadBigInts(true);
        const rows = query.all(after).map((row) => ({ id: row['id'] as bigint, partition: Number(row['partition']) }));
        if (rows.length === 0) break;
        after = rows.at(-1)!.id;
        this.inTransaction(() => { for (const { id, partition } of rows) if (id > busy(partition)) this.strip(id, partition, worth); });
        this.count();
      }
      if (this.counters.bytes <= target) return;
    }
    this.inTransaction(() => { this.dropOldest(target, busy); });
    this.count();
  }

  /** Takes the frames of one worth out of a batch; where nothing is left, its gaps go into the next that has something. */
  private strip(id: bigint, partition: number, worth: number): void {
    const batch = this.read(id);
    const rest = batch === undefined ? undefined : without(batch, worth, `the spool was full: ${WORTHS[worth]!} were dropped`);
    if (batch === undefined || rest === undefined) return;
    this.counters.dropped[worth]! += lostIn(rest) - lostIn(batch);
    let current = { id, batch: rest };
    while (isBare(current.batch)) {
      const next = this.behind(partition, current.id);
      if (next === undefined || next.batch.header.epoch !== batch.header.epoch) break;
      this.deleteRows([current.id]);
      current = { id: next.id, batch: joined(current.batch.header, next.batch) };
    }
    this.replace(current.id, current.batch);
  }

  private dropOldest(target: number, busy: (partition: number) => bigint): void {
    const query = this.database.prepare('SELECT id, partition, bytes FROM batches ORDER BY id');
    query.setReadBigInts(true);
    let bytes = this.counters.bytes;
    const gone: bigint[] = [];
    for (const row of query.iterate()) {
      if (bytes <= target) break;
      if ((row['id'] as bigint) <= busy(Number(row['partition']))) continue;
      gone.push(row['id'] as bigint);
      bytes -= Number(row['bytes']);
    }
    this.deleteRows(gone);
    this.counters.droppedBatches += gone.length;
  }

  private read(id: bigint): FrameBatch | undefined {
    const value = this.database.prepare('SELECT value FROM batches WHERE id = ?').get(id)?.['value'];
    return value === undefined ? undefined : decodeFrameBatch(value as Uint8Array);
  }

  private behind(partition: number, id: bigint): { readonly id: bigint; readonly batch: FrameBatch } | undefined {
    const query = this.database.prepare('SELECT id, value FROM batches WHERE partition = ? AND id > ? ORDER BY id LIMIT 1');
    query.setReadBigInts(true);
    const row = query.get(partition, id);
    return row === undefined ? undefined : { id: row['id'] as bigint, batch: decodeFrameBatch(row['value'] as Uint8Array) };
  }

  private replace(id: bigint, batch: FrameBatch): void {
    const value = encodeFrameBatch(batch);
    this.database.prepare(`UPDATE batches SET ${WORTHS.map((_, worth) => `worth${worth} = ?, `).join('')}bytes = ?, value = ? WHERE id = ?`)
      .run(...worthOf(batch), value.length + ROW_BYTES, value, id);
  }
}

/** Throws what to do where the directory or its disk is not fit for it. */
function openDatabase(directory: string, schema: string): DatabaseSync {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const database = new DatabaseSync(join(directory, FILE));
    database.exec(schema);
    return database;
  } catch (error) {
    throw new Error(`the spool in ${directory} cannot be opened (${error instanceof Error ? error.message : String(error)}): make room there or correct who may write, or name another directory as \`data\``, { cause: error });
  }
}

function lostIn({ header }: FrameBatch): number {
  return header.gaps.reduce((sum, { lost }) => sum + lost, 0);
}

/** The count of partitions that a spool was written for; undefined where there is none. */
export function partitionsOfSpool(directory: string): number | undefined {
  if (!existsSync(join(directory, FILE))) return undefined;
  const database = new DatabaseSync(join(directory, FILE), { readOnly: true });
  try {
    const text = database.prepare("SELECT value FROM state WHERE name = 'stand'").get()?.['value'];
    return typeof text === 'string' ? parseStand(text).partitions.length : undefined;
  } finally {
    database.close();
  }
}
