/** State, offsets and outbox of the alert engine: one SQLite database, one transaction for each step. */
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { AlertNotice } from '../../contract/alert.ts';
import type { ModuleHashes, Position } from '../../contract/events-record.ts';
import { type Alert, fromJson, toJson } from './alert.ts';
import type { Changes, Transition } from './engine.ts';
import type { View } from './views.ts';

/** Notices whose ids are remembered: what is decided again after a takeover is no news. */
const MOST_KNOWN = 100_000;
/** Notices that wait for one channel at most; beyond them the oldest go, and are counted. */
const MOST_WAITING = 10_000;

/** How far a partition of the events log was read, and what its reader knew there. */
export interface Place {
  readonly next: bigint;
  readonly owner: string;
  readonly end: Position;
  readonly modules: ModuleHashes | undefined;
}

/** One notice that waits for one channel. */
export interface Waiting {
  readonly seq: number;
  readonly notice: AlertNotice;
}

export class AlertState {
  private readonly database: DatabaseSync;
  private readonly statements = new Map<string, StatementSync>();
  /** Names this state among all that ever were: who wrote a report. */
  readonly instance: string;

  constructor(file: string) {
    mkdirSync(dirname(file), { recursive: true });
    this.database = new DatabaseSync(file);
    this.database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;
      CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS places (partition INTEGER PRIMARY KEY, json TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS clocks (partition INTEGER PRIMARY KEY, ns TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS alerts (name TEXT PRIMARY KEY, json TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS memory (key TEXT PRIMARY KEY, json TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS views (key TEXT PRIMARY KEY, json TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS notices (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, json TEXT, report TEXT);
      CREATE TABLE IF NOT EXISTS outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, channel TEXT NOT NULL, notice TEXT NOT NULL, json TEXT NOT NULL, UNIQUE (channel, notice));`);
    this.instance = this.meta('instance') ?? randomUUID();
    this.setMeta('instance', this.instance);
  }

  close(): void {
    this.database.close();
  }

  /** All that `work` writes is written, or nothing. */
  transaction(work: () => void): void {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.database.exec('COMMIT');
    } catch (error) {
      this.database.exec('ROLLBACK');
      throw error;
    }
  }

  meta(key: string): string | undefined {
    return this.run('SELECT value FROM meta WHERE key = ?').get(key)?.['value'] as string | undefined;
  }

  setMeta(key: string, value: string): void {
    this.run('INSERT OR REPLACE INTO meta VALUES (?, ?)').run(key, value);
  }

  places(): Map<number, Place> {
    return new Map(this.run('SELECT partition, json FROM places').all().map((row) => [Number(row['partition']), fromJson(String(row['json'])) as Place]));
  }

  setPlace(partition: number, place: Place): void {
    this.run('INSERT OR REPLACE INTO places VALUES (?, ?)').run(partition, toJson(place));
  }

  /** The events log is another one: what was read of the last one says nothing of this one. */
  forgetPlaces(): void {
    for (const table of ['places', 'clocks', 'alerts', 'memory', 'views']) this.database.exec(`DELETE FROM ${table}`);
  }

  saved(): { alerts: Alert[]; memory: [string, unknown][]; views: [string, View][]; clocks: [number, bigint][] } {
    const pairs = <T>(table: string): [string, T][] => this.run(`SELECT key, json FROM ${table}`).all().map((row) => [String(row['key']), fromJson(String(row['json'])) as T]);
    return {
      alerts: this.run('SELECT json FROM alerts').all().map((row) => fromJson(String(row['json'])) as Alert),
      memory: pairs('memory'), views: pairs('views'),
      clocks: this.run('SELECT partition, ns FROM clocks').all().map((row) => [Number(row['partition']), BigInt(String(row['ns']))]),
    };
  }

  save(changes: Changes): void {
    this.put('alerts', 'name', changes.alerts);
    this.put('memory', 'key', changes.memory);
    this.put('views', 'key', changes.views);
    for (const [partition, ns] of changes.clocks) this.run('INSERT OR REPLACE INTO clocks VALUES (?, ?)').run(partition, String(ns));
  }

  /** Keeps new transitions for the reports and, as far as somebody is to be told, for each channel; those that are known are no news. */
  add(transitions: readonly Transition[], channels: readonly string[]): void {
    for (const transition of transitions) {
      const { notice } = transition;
      const { changes } = this.run('INSERT OR IGNORE INTO notices (id, json) VALUES (?, ?)').run(notice.id, toJson(transition));
      if (changes === 0 || transition.untold !== '') continue;
      for (const channel of channels) this.enqueue(channel, notice);
    }
  }

  enqueue(channel: string, notice: AlertNotice): void {
    this.run('INSERT OR IGNORE INTO outbox (channel, notice, json) VALUES (?, ?, ?)').run(channel, notice.id, toJson(notice));
  }

  /** The oldest notices of a channel. */
  waiting(channel: string, limit: number): Waiting[] {
    return this.run('SELECT seq, json FROM outbox WHERE channel = ? ORDER BY seq LIMIT ?').all(channel, limit).map((row) => ({ seq: Number(row['seq']), notice: fromJson(String(row['json'])) as AlertNotice }));
  }

  countWaiting(channel: string): number {
    return Number(this.run('SELECT count(*) AS n FROM outbox WHERE channel = ?').get(channel)!['n']);
  }

  delivered(seqs: readonly number[]): void {
    this.transaction(() => { for (const seq of seqs) this.run('DELETE FROM outbox WHERE seq = ?').run(seq); });
  }

  /** Lets the oldest go that are beyond what is kept for a channel; how many. */
  trim(channel: string): number {
    const excess = this.countWaiting(channel) - MOST_WAITING;
    if (excess <= 0) return 0;
    this.run('DELETE FROM outbox WHERE seq IN (SELECT seq FROM outbox WHERE channel = ? ORDER BY seq LIMIT ?)').run(channel, excess);
    return excess;
  }

  /** Notices of channels that are no longer there. */
  keepChannels(channels: readonly string[]): void {
    this.run(`DELETE FROM outbox WHERE channel NOT IN (SELECT value FROM json_each(?))`).run(JSON.stringify(channels));
  }

  countUnreported(): number {
    return Number(this.run('SELECT count(*) AS n FROM notices WHERE report IS NULL').get()!['n']);
  }

  /** Transitions that no report has yet, in order. */
  unreported(limit: number): Transition[] {
    return this.run('SELECT json FROM notices WHERE report IS NULL AND json IS NOT NULL ORDER BY seq LIMIT ?').all(limit).map((row) => fromJson(String(row['json'])) as Transition);
  }

  /** The notice stands in the report at that offset; whether it was known here. */
  reported(id: string, offset: bigint): boolean {
    const { changes } = this.run('UPDATE notices SET report = ?, json = NULL WHERE id = ?').run(String(offset), id);
    if (changes > 0) return true;
    this.run('INSERT INTO notices (id, report) VALUES (?, ?)').run(id, String(offset));
    return false;
  }

  /** Offset of the oldest report with a notice that a channel still waits for. */
  oldestUndelivered(): bigint | undefined {
    const row = this.run('SELECT min(CAST(n.report AS INTEGER)) AS offset FROM outbox o JOIN notices n ON n.id = o.notice WHERE n.report IS NOT NULL').get();
    return row?.['offset'] === null || row === undefined ? undefined : BigInt(Number(row['offset']));
  }

  /** Whoever was active has delivered all that stood in reports before that offset. */
  deliveredBefore(offset: bigint): void {
    this.run('DELETE FROM outbox WHERE notice IN (SELECT id FROM notices WHERE CAST(report AS INTEGER) < ?)').run(Number(offset));
  }

  forgetOldNotices(): void {
    this.run('DELETE FROM notices WHERE report IS NOT NULL AND seq < (SELECT max(seq) FROM notices) - ?').run(MOST_KNOWN);
  }

  private put(table: 'alerts' | 'memory' | 'views', key: 'name' | 'key', values: ReadonlyMap<string, unknown>): void {
    for (const [name, value] of values) {
      if (value === undefined) this.run(`DELETE FROM ${table} WHERE ${key} = ?`).run(name);
      else this.run(`INSERT OR REPLACE INTO ${table} VALUES (?, ?)`).run(name, toJson(value));
    }
  }

  private run(sql: string): StatementSync {
    const known = this.statements.get(sql) ?? this.database.prepare(sql);
    this.statements.set(sql, known);
    return known;
  }
}
