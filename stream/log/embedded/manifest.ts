/** The manifest of an embedded log: its generations, each with its count of partitions, fixed for its life. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { eventsTopic, framesTopic, type Log, logTopics, reportTopics } from '../../contract/log.ts';
import { type LogSettings, openEmbeddedLog } from './index.ts';

/** Partitions of a new embedded log. */
export const DEFAULT_PARTITIONS = 2;

const FILE = 'manifest.json';

const generation = z.object({
  number: z.int().positive(),
  /** Folder of its topics below the log's directory. */
  folder: z.string().regex(/^(\.|generation-\d+)$/),
  partitions: z.int().min(1).max(256),
});

const logManifest = z.object({
  version: z.literal(1),
  /** Oldest first; the last one is written to. */
  generations: z.array(generation).min(1),
  /** Ids of lost logs whose rows are in the store, which has been told. */
  lost: z.array(z.string()).default([]),
});

export type Generation = z.infer<typeof generation>;
export type LogManifest = z.infer<typeof logManifest>;

export interface OpenGeneration extends Generation {
  readonly log: Log;
}

/** The manifest of the log in a directory; a log from before there were manifests gets one, a new one has `partitions`. */
export function ensureManifest(directory: string, partitions = DEFAULT_PARTITIONS): LogManifest {
  const known = readManifest(directory);
  if (known !== undefined) return known;
  const made: LogManifest = { version: 1, generations: [{ number: 1, folder: '.', partitions: countOf(directory) ?? partitions }], lost: [] };
  writeManifest(directory, made);
  return made;
}

/** Undefined where there is none; an error that names the file where it cannot be read. */
export function readManifest(directory: string): LogManifest | undefined {
  const file = join(directory, FILE);
  if (!existsSync(file)) return undefined;
  try {
    return logManifest.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new Error(`${file} is no manifest of a log that this version can read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** Atomic and durable: the one step by which a new generation takes over. */
export function writeManifest(directory: string, manifest: LogManifest): void {
  mkdirSync(directory, { recursive: true });
  const temporary = join(directory, `${FILE}.new`);
  writeFileSync(temporary, `${JSON.stringify(manifest, undefined, 2)}\n`);
  for (const path of [temporary, directory]) {
    const descriptor = openSync(path, 'r');
    fsyncSync(descriptor);
    closeSync(descriptor);
    if (path === temporary) renameSync(temporary, join(directory, FILE));
  }
}

/** Opens one generation with its topics. */
export async function openGeneration(directory: string, given: Generation, settings: LogSettings = {}): Promise<OpenGeneration> {
  const log = openEmbeddedLog(join(directory, given.folder), settings);
  try {
    await log.ensureTopics([...logTopics(given.partitions), ...reportTopics]);
    return { ...given, log };
  } catch (error) {
    await log.close();
    throw error;
  }
}

/** Opens the generation that is written to, or makes the log; `settings` say what it keeps. */
export function openCurrent(directory: string, partitions?: number, settings: LogSettings = {}): Promise<OpenGeneration> {
  return openGeneration(directory, ensureManifest(directory, partitions).generations.at(-1)!, settings);
}

/** All generations whose files are still there, oldest first. */
export async function openAll(directory: string): Promise<OpenGeneration[]> {
  const { generations } = ensureManifest(directory);
  const opened: OpenGeneration[] = [];
  for (const each of generations) {
    if (each === generations.at(-1) || existsSync(join(directory, each.folder, `${eventsTopic}.sqlite`))) opened.push(await openGeneration(directory, each));
  }
  return opened;
}

/** Partitions by a topic file that is there already. */
function countOf(directory: string): number | undefined {
  const file = join(directory, `${framesTopic}.sqlite`);
  if (!existsSync(file)) return undefined;
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return Number(database.prepare('SELECT partitions FROM log').get()?.['partitions'] ?? DEFAULT_PARTITIONS);
  } finally {
    database.close();
  }
}
