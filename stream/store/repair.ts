/**
 * Repairs deduplication logs before the engine opens its directory. A plain MergeTree writes an
 * insert's token to the log before it renames the part into place; a kill between the two loses the
 * rows, and the repeated insert would be dropped as known. Entries that no part covers are taken out.
 */
import { closeSync, existsSync, fsyncSync, lstatSync, openSync, readFileSync, readdirSync, renameSync,
  writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a repair found. */
export interface RepairResult {
  /** Tables that keep a deduplication log. */
  tables: number;
  /** Entries that were taken out: inserts whose rows are not there. */
  entries: number;
}

/** Blocks that a part holds, as its name says: `partition_first_last_level`, then the mutation. */
interface PartRange {
  partition: string;
  first: number;
  last: number;
}

const LOG_FOLDER = 'deduplication_logs';
const LOG_FILE = /^deduplication_log_\d+\.txt$/;
/** Operation (1 an insert, 2 its removal), part name, block id. */
const ENTRY = /^([12])\t([^\t]+)\t([^\t]+)$/;
const PART_NAME = /^([^_]+)_(\d+)_(\d+)_\d+(?:_\d+)?$/;

/** Goes through all tables under the engine's directory, which nobody may have open. */
export function repairDeduplicationLogs(engineDir: string): RepairResult {
  const result: RepairResult = { tables: 0, entries: 0 };
  for (const table of tableFolders(engineDir)) {
    const logs = join(table, LOG_FOLDER);
    if (!existsSync(logs)) continue;
    result.tables++;
    const parts = readdirSync(table).flatMap((name) => partRange(name) ?? []);
    for (const name of readdirSync(logs).filter((file) => LOG_FILE.test(file))) {
      result.entries += repairLog(join(logs, name), parts, join(engineDir, 'repaired.tmp'));
    }
  }
  return result;
}

/** `store/<abc>/<uuid>` of Atomic databases, and `data/<database>/<table>` of older ones. */
function tableFolders(engineDir: string): string[] {
  return ['store', 'data'].flatMap((kind) => subfolders(join(engineDir, kind))).flatMap(subfolders);
}

function subfolders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => join(folder, name))
    .filter((path) => lstatSync(path).isDirectory());
}

function repairLog(path: string, parts: readonly PartRange[], temporary: string): number {
  const text = readFileSync(path, 'utf8');
  const lines = text.split('\n');
  // A line without its end was cut by a kill: its part cannot be in place.
  const torn = lines.pop() === '' ? 0 : 1;
  const kept = lines.filter((line) => isCovered(line, parts));
  const dropped = lines.length - kept.length + torn;
  if (dropped > 0) replaceFile(path, kept.map((line) => `${line}\n`).join(''), temporary);
  return dropped;
}

/** Only what is surely an insert without a part is dropped; an unknown line stays for the engine. */
function isCovered(line: string, parts: readonly PartRange[]): boolean {
  const [, operation, name = ''] = ENTRY.exec(line) ?? [];
  const entry = partRange(name);
  if (operation !== '1' || !entry) return true;
  return parts.some((part) => part.partition === entry.partition
    && part.first <= entry.first && part.last >= entry.last);
}

function partRange(name: string): PartRange | undefined {
  const [, partition, first, last] = PART_NAME.exec(name) ?? [];
  if (partition === undefined) return undefined;
  return { partition, first: Number(first), last: Number(last) };
}

/** The new text stands beside the engine's files until it is on disk: log folders hold only logs. */
function replaceFile(path: string, text: string, temporary: string): void {
  const descriptor = openSync(temporary, 'w', 0o600);
  try {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, path);
}
