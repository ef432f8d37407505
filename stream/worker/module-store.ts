/**
 * The decoders that workers of a data directory ran, by SHA-256: what one of them left half done is finished under it,
 * and only then handed over. `<sha256>.wasm` with a `<sha256>.json` beside it, and `retired.json` once `finalize` ran.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { commonVersion, type RegisteredModule, type StateForms, type StateVersions, versionsText, wasmFile } from '../../decoders-wasm/contract/host.ts';

/** Modules of one name that are kept: the one that runs and the one before. */
const KEPT = 2;

const description = z.object({
  name: z.string(), protocol: z.number().int(), version: z.string(),
  /** Versions of its states; absent where it says nothing of them. */
  states: z.object({ oldest: z.number().int(), newest: z.number().int() }).optional(),
});
const retired = z.object({ hashes: z.array(z.string()), time: z.string() });

/** A module is not there any more, or may not be used any more; the text says what to do. */
export class ModuleStoreError extends Error {
  override readonly name = 'ModuleStoreError';
}

/** A module of that name takes over from another one; their SHA-256. */
export interface ModuleChange {
  readonly name: string;
  readonly protocol: number;
  readonly from: string;
  readonly to: string;
}

interface Kept {
  readonly hash: string;
  readonly module: z.infer<typeof description>;
  /** When it was last started, ms. */
  readonly usedMs: number;
}

export class ModuleStore {
  private readonly folder: string | undefined;

  /** Without a folder nothing is kept: a change of modules then needs the older ones as the worker's own. */
  constructor(folder: string | undefined) {
    this.folder = folder;
  }

  /** Whether there is a folder to keep them in. */
  get keeps(): boolean {
    return this.folder !== undefined;
  }

  /** Keeps a copy of the module, durable enough to outlive this process; `hash` is that of its file, `states` what versions of states it knows. */
  keep(module: RegisteredModule, hash: string, states: StateVersions | undefined): void {
    if (this.folder === undefined) return;
    mkdirSync(this.folder, { recursive: true });
    if (this.find(hash) === undefined) {
      const bytes = readFileSync(wasmFile(module));
      if (createHash('sha256').update(bytes).digest('hex') !== hash) throw new ModuleStoreError(`${wasmFile(module)} was built anew while it was started: start again`);
      this.write(`${hash}.wasm`, bytes);
      this.write(`${hash}.json`, JSON.stringify({ name: module.name, protocol: module.protocol, version: module.version, states }));
    }
    const now = new Date();
    utimesSync(join(this.folder, `${hash}.json`), now, now);
  }

  /** The module of that hash; undefined when it is not kept or its file is not what its name says. */
  find(hash: string): RegisteredModule | undefined {
    if (this.folder === undefined || !/^[0-9a-f]{64}$/.test(hash)) return undefined;
    const file = join(this.folder, `${hash}.wasm`);
    const about = join(this.folder, `${hash}.json`);
    if (!existsSync(file) || !existsSync(about)) return undefined;
    if (createHash('sha256').update(readFileSync(file)).digest('hex') !== hash) return undefined;
    const { name, protocol, version } = description.parse(JSON.parse(readFileSync(about, 'utf8')));
    return { name, protocol, version, file };
  }

  /** The state version in which each of `modules`, by name, writes checkpoints: the one before it can read them too, until `finalize`. */
  checkpointForms(modules: Readonly<Record<string, string>>): StateForms {
    const kept = [...Map.groupBy(this.all(), ({ module }) => module.name).values()].flatMap((all) => newestFirst(all).slice(0, KEPT));
    return Object.fromEntries(kept.flatMap(({ hash, module }) => {
      const states = this.statesOf(hash);
      if (modules[module.name] !== hash || states === undefined) return [];
      const readers = kept.filter((other) => other.module.name === module.name).flatMap((other) => this.statesOf(other.hash) ?? []);
      return [[module.protocol, Math.max(states.oldest, Math.min(...readers.map(({ newest }) => newest)))]];
    }));
  }

  /** The state version in which each module is to write what another one takes over; ModuleStoreError where there is none. */
  takeOverForms(changes: readonly ModuleChange[]): StateForms {
    return Object.fromEntries(changes.flatMap(({ name, protocol, from, to }) => {
      const [writer, reader] = [from, to].map((hash) => this.statesOf(hash));
      if (writer === undefined || reader === undefined) return [];
      const version = commonVersion(writer, reader);
      if (version !== undefined) return [[protocol, version]];
      throw new ModuleStoreError(`${name}.wasm with SHA-256 ${to} reads states of ${versionsText(reader)}, but ${from}, which decoded the log, writes ${versionsText(writer)}: `
        + 'start the versions of the program in between first, one after the other');
    }));
  }

  /** Versions of states of a module that is kept; undefined when it says nothing of them. */
  statesOf(hash: string): StateVersions | undefined {
    const about = join(this.folder ?? '', `${hash}.json`);
    return this.folder !== undefined && existsSync(about) ? description.parse(JSON.parse(readFileSync(about, 'utf8'))).states : undefined;
  }

  /** What is to be said where a module is needed that is gone. */
  missing(name: string, hash: string): ModuleStoreError {
    return new ModuleStoreError(`the log was decoded by ${name}.wasm with SHA-256 ${hash}, which is neither this program's nor kept in ${this.folder ?? 'a module store'}: `
      + `put that file there as ${hash}.wasm with its ${hash}.json, or start the version of the program that has it once more; nothing is decoded by another module in silence`);
  }

  /** Throws when one of the modules was left behind by `finalize`: what it would have to read may be newer than it. */
  refuseRetired(hashes: Readonly<Record<string, string>>): void {
    const gone = this.retired();
    for (const [name, hash] of Object.entries(hashes)) {
      if (!gone.hashes.includes(hash)) continue;
      throw new ModuleStoreError(`${name}.wasm with SHA-256 ${hash} was left behind by \`routewatch finalize\` on ${gone.time}: `
        + 'there is no way back to it; start the newer version, or restore a backup from before');
    }
  }

  /** Drops what is neither among the newest of its name nor in `live`. */
  prune(live: ReadonlySet<string>): void {
    for (const { hash } of this.older(KEPT)) if (!live.has(hash)) this.drop(hash);
  }

  /** Drops every module but `current` and remembers that they must not come back; gives what was dropped. */
  finalize(current: Readonly<Record<string, string>>): readonly string[] {
    const stay = new Set(Object.values(current));
    const going = this.all().filter(({ hash }) => !stay.has(hash));
    const hashes = [...new Set([...this.retired().hashes.filter((hash) => !stay.has(hash)), ...going.map(({ hash }) => hash)])];
    if (this.folder !== undefined) this.write('retired.json', JSON.stringify({ hashes, time: new Date().toISOString() }));
    for (const { hash } of going) this.drop(hash);
    return going.map(({ hash, module }) => `${module.name} ${module.version} (${hash.slice(0, 12)})`);
  }

  private older(newest: number): Kept[] {
    const byName = Map.groupBy(this.all(), ({ module }) => module.name);
    return [...byName.values()].flatMap((kept) => newestFirst(kept).slice(newest));
  }

  private all(): Kept[] {
    const { folder } = this;
    if (folder === undefined || !existsSync(folder)) return [];
    return readdirSync(folder).filter((name) => /^[0-9a-f]{64}\.json$/.test(name)).map((name) => ({
      hash: name.slice(0, 64), module: description.parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))), usedMs: statSync(join(folder, name)).mtimeMs,
    }));
  }

  private retired(): z.infer<typeof retired> {
    const file = this.folder === undefined ? '' : join(this.folder, 'retired.json');
    return file !== '' && existsSync(file) ? retired.parse(JSON.parse(readFileSync(file, 'utf8'))) : { hashes: [], time: '' };
  }

  private drop(hash: string): void {
    for (const ending of ['json', 'wasm']) rmSync(join(this.folder!, `${hash}.${ending}`), { force: true });
  }

  private write(name: string, content: string | Uint8Array): void {
    const file = join(this.folder!, name);
    writeFileSync(`${file}.new`, content, { flush: true });
    renameSync(`${file}.new`, file);
  }
}

function newestFirst(kept: readonly Kept[]): Kept[] {
  return kept.toSorted((a, b) => b.usedMs - a.usedMs);
}
