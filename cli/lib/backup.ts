/** Backups of a data directory: a copy of log and store, with a manifest that says what stands in it, and the way back. */
import { createHash } from 'node:crypto';
import { closeSync, constants, cpSync, createReadStream, existsSync, fsyncSync, lstatSync, mkdirSync, openSync, readFileSync, readdirSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { type Log, logTopics, reportTopics, type TopicSettings } from '../../stream/contract/log.ts';
import { copyLog } from '../../stream/log/embedded/copy.ts';
import { openAll } from '../../stream/log/embedded/manifest.ts';
import type { KafkaSettings } from '../../stream/log/kafka/index.ts';
import { copyStoreFiles } from '../../stream/store/index.ts';
import { numbersTo, openKafka } from './kafka.ts';
import { alertsFile, copyDatabase } from './data-dir.ts';
import { operationsFile } from './operations.ts';
import { UsageError } from './output.ts';
import { withReader } from './reader.ts';
import { runningSystem } from './system.ts';

const FILE = 'backup.json';
const MODULES = 'modules';
export type Part = 'log' | 'store';
const parts: readonly Part[] = ['log', 'store'];

const backupManifest = z.object({
  version: z.literal(1),
  madeAt: z.string(),
  /**
   * Every topic of every generation: its id, and by partition the first offset kept and the next to be given. Of a log on
   * Kafka, which stays where it is, as it was when the copy began; `prefix` names its topics.
   */
  log: z.array(z.object({
    generation: z.int(), prefix: z.string().optional(), topic: z.string(), identity: z.string(),
    partitions: z.array(z.object({ first: z.string(), next: z.string() })),
  })),
  /** The newest cut that the ledger has, by log and partition. */
  ledger: z.array(z.object({ logId: z.string(), partition: z.int(), lastOffset: z.string(), endOffset: z.string(), cuts: z.int(), cutAt: z.string() })),
  /** Files and links by path: bytes and SHA-256; of a link its target. */
  files: z.record(z.string(), z.object({ bytes: z.int(), sha256: z.string() })),
});

export type BackupManifest = z.infer<typeof backupManifest>;

/**
 * Copies the data directory, which no system may have open, to a directory that is not there yet; whole or not at all.
 * Where the log is on Kafka the copy is of the store alone.
 */
export async function makeBackup(dataDir: string, to: string, kafka?: KafkaSettings): Promise<BackupManifest> {
  await refuseRunning(dataDir, 'A backup is a copy at rest');
  const here = kafka === undefined ? parts : parts.filter((part) => part !== 'log');
  for (const part of here) if (!existsSync(join(dataDir, part))) throw new UsageError(`there is no ${part} in ${dataDir}: nothing to back up`);
  if (existsSync(to)) throw new UsageError(`${to} is there already: a backup makes its own directory`);
  const partial = `${to}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true, mode: 0o700 });
  try {
    // Offsets first: what comes to Kafka meanwhile is not in the store's copy.
    const away = kafka === undefined ? [] : await logOnKafka(kafka);
    const ledger = await ledgerOf(dataDir);
    copyStoreFiles(join(dataDir, 'store'), join(partial, 'store'));
    if (kafka === undefined) copyLog(join(dataDir, 'log'), join(partial, 'log'));
    // The decoders that wrote the log's last rows: a later version resumes under them.
    if (existsSync(join(dataDir, MODULES))) cpSync(join(dataDir, MODULES), join(partial, MODULES), { recursive: true });
    for (const fileOf of [operationsFile, alertsFile]) copyDatabase(fileOf(dataDir), fileOf(partial));
    const manifest: BackupManifest = { version: 1, madeAt: new Date().toISOString(), log: kafka === undefined ? await logOf(join(partial, 'log')) : away, ledger, files: await sumsOf(partial) };
    writeFileSync(join(partial, FILE), `${JSON.stringify(manifest, undefined, 1)}\n`, { mode: 0o600 });
    flush(join(partial, FILE));
    renameSync(partial, to);
    flush(dirname(to));
    return manifest;
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw error;
  }
}

/** The manifest of a backup whose every file has the bytes that it says. */
export async function checkBackup(from: string): Promise<BackupManifest> {
  const file = join(from, FILE);
  if (!existsSync(file)) throw new UsageError(`${from} is no backup: it has no ${FILE}${existsSync(`${from}.partial`) ? ' (one was begun there and not finished)' : ''}`);
  const manifest = backupManifest.parse(JSON.parse(readFileSync(file, 'utf8')));
  const found = await sumsOf(from);
  const wrong = [...new Set([...Object.keys(manifest.files), ...Object.keys(found)])].filter((path) => manifest.files[path]?.sha256 !== found[path]?.sha256);
  if (wrong.length === 0) return manifest;
  throw new UsageError(`${from} is spoiled, nothing was restored: ${wrong.slice(0, 3).join(', ')}${wrong.length > 3 ? ` and ${wrong.length - 3} more` : ''} ${wrong.length === 1 ? 'is' : 'are'} not what ${FILE} says`);
}

/** Puts parts of a backup into a data directory. What is there is refused, or with `replace` moved aside; gives where to. */
export async function restoreBackup(from: string, dataDir: string, wanted: readonly Part[], replace: boolean): Promise<{ readonly manifest: BackupManifest; readonly aside: readonly string[] }> {
  await refuseRunning(dataDir, 'A restore needs it at rest');
  const present = wanted.filter((part) => existsSync(join(dataDir, part)));
  if (present.length > 0 && !replace) throw new UsageError(`${dataDir} has a ${present.join(' and a ')} already: with --replace that is moved aside, not removed`);
  const manifest = await checkBackup(from);
  for (const part of wanted) if (!existsSync(join(from, part))) throw new UsageError(`${from} has no ${part}${part === 'log' ? ': it was on Kafka, and stays there' : ''}`);
  mkdirSync(dataDir, { recursive: true });
  const aside: string[] = [];
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  for (const part of wanted) {
    const fresh = join(dataDir, `${part}.restoring`);
    rmSync(fresh, { recursive: true, force: true });
    cpSync(join(from, part), fresh, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
    for (const path of walk(fresh)) if (!lstatSync(path).isSymbolicLink()) flush(path);
  }
  for (const part of wanted) {
    if (existsSync(join(dataDir, part))) {
      aside.push(join(dataDir, `${part}.before-${stamp}`));
      renameSync(join(dataDir, part), aside.at(-1)!);
    }
    renameSync(join(dataDir, `${part}.restoring`), join(dataDir, part));
  }
  // Their names are their content: what is there already stays.
  if (wanted.includes('log') && existsSync(join(from, MODULES))) cpSync(join(from, MODULES), join(dataDir, MODULES), { recursive: true, force: false });
  // What operators say now counts, and a token that was revoked since must not come back.
  if (existsSync(operationsFile(from)) && !existsSync(operationsFile(dataDir))) cpSync(operationsFile(from), operationsFile(dataDir));
  aside.push(...restoreAlerts(from, dataDir, wanted, stamp));
  flush(dataDir);
  return { manifest, aside };
}

/** The state of the alerts belongs to the log that it was made from, and goes with it; beside a log on Kafka what is there stays. */
function restoreAlerts(from: string, dataDir: string, wanted: readonly Part[], stamp: string): string[] {
  const [kept, file] = [alertsFile(from), alertsFile(dataDir)];
  const isOfLog = wanted.includes('log');
  if (!existsSync(kept) || (!isOfLog && (existsSync(join(from, 'log')) || existsSync(file)))) return [];
  const aside: string[] = [];
  for (const end of ['', '-wal', '-shm']) {
    if (!existsSync(`${file}${end}`)) continue;
    aside.push(`${file}.before-${stamp}${end}`);
    renameSync(`${file}${end}`, aside.at(-1)!);
  }
  cpSync(kept, file);
  flush(file);
  return aside.slice(0, 1);
}

async function refuseRunning(dataDir: string, why: string): Promise<void> {
  const running = await runningSystem(dataDir);
  if (running !== undefined) throw new UsageError(`${dataDir} is in use by process ${running.pid}. ${why}: stop that one first`);
}

async function ledgerOf(dataDir: string): Promise<BackupManifest['ledger']> {
  const rows = await withReader(dataDir, (reader) => reader.rows(`SELECT log_id, partition, toString(max(ledger.last_offset)) AS last, toString(max(ledger.end_offset)) AS end, count() AS cuts, toString(max(ledger.ingest_time)) AS at
    FROM routewatch.ledger AS ledger GROUP BY log_id, partition ORDER BY log_id, partition`));
  return rows.map((row) => ({
    logId: String(row['log_id']), partition: Number(row['partition']), lastOffset: String(row['last']), endOffset: String(row['end']), cuts: Number(row['cuts']), cutAt: String(row['at']),
  }));
}

async function logOf(directory: string): Promise<BackupManifest['log']> {
  const found: BackupManifest['log'] = [];
  for (const { log, number, partitions } of await openAll(directory)) {
    for (const topic of await standOf(log, [...logTopics(partitions), ...reportTopics])) found.push({ generation: number, ...topic });
    await log.close();
  }
  return found;
}

async function logOnKafka(kafka: KafkaSettings): Promise<BackupManifest['log']> {
  const { log, partitions } = await openKafka(kafka);
  try {
    await log.ensureTopics(reportTopics);
    return (await standOf(log, [...logTopics(partitions), ...reportTopics])).map((topic) => ({ generation: 1, prefix: kafka.prefix ?? '', ...topic }));
  } finally {
    await log.close();
  }
}

async function standOf(log: Log, topics: readonly TopicSettings[]): Promise<Pick<BackupManifest['log'][number], 'topic' | 'identity' | 'partitions'>[]> {
  return Promise.all(topics.map(async ({ topic, partitions }) => {
    const bounds = await Promise.all(numbersTo(partitions).map((partition) => log.bounds(topic, partition)));
    return { topic, identity: await log.identity(topic), partitions: bounds.map(({ first, next }) => ({ first: String(first), next: String(next) })) };
  }));
}

async function sumsOf(directory: string): Promise<BackupManifest['files']> {
  const sums: BackupManifest['files'] = {};
  for (const path of walk(directory)) {
    const name = relative(directory, path);
    if (name === FILE) continue;
    const found = lstatSync(path);
    const hash = createHash('sha256');
    if (found.isSymbolicLink()) hash.update(readlinkSync(path));
    else for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
    sums[name] = { bytes: found.size, sha256: hash.digest('hex') };
  }
  return sums;
}

/** Files and links below a directory, in order. */
function walk(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true }).filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name)).toSorted();
}

function flush(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
