/** What a program needs to run: its source files by following their imports, and the packages by package-lock.json. */
import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin, stripTypeScriptTypes } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { z } from 'zod';

const root = join(import.meta.dirname, '..', '..');

/** Sources, packages and other files that they name, all by path from the project's root. */
export interface Closure {
  readonly sources: readonly string[];
  /** Packages by name, as the sources import them. */
  readonly imported: readonly string[];
  /** Files and folders beside the code that the sources name by `import.meta.dirname`. */
  readonly named: readonly string[];
}

/** Follows imports, and the paths of other programs (threads, child processes), from `entry`. */
export function closureOf(entry: string): Closure {
  const sources = new Set<string>();
  const imported = new Set<string>();
  const named = new Set<string>();
  const visit = (file: string): void => {
    if (sources.has(file)) return;
    sources.add(file);
    // What Node runs is what is left when the types are gone.
    const code = stripTypeScriptTypes(readFileSync(join(root, file), 'utf8'));
    for (const specifier of specifiers(code)) {
      if (specifier.startsWith('.')) visit(normalize(join(dirname(file), specifier)));
      else if (!isBuiltin(specifier)) imported.add(packageName(specifier));
    }
    for (const path of besides(code)) {
      const at = normalize(join(dirname(file), path));
      if (at.endsWith('.ts')) visit(at);
      else if (!isAbove(at)) named.add(at);
    }
  };
  visit(normalize(entry));
  return { sources: [...sources].toSorted(), imported: [...imported].toSorted(), named: [...named].toSorted() };
}

/** `from '...'`, `import '...'`, `import('...')`, `require('...')` at the places where code has them. */
function specifiers(code: string): string[] {
  return [...code.matchAll(/(?:^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*|^\s*import\s*|\bimport\s*\(\s*|\brequire\s*\(\s*)['"]([^'"\n]+)['"]/gm)].map(([, specifier]) => specifier!);
}

/** Paths relative to the file: `join(import.meta.dirname, 'a', 'b')`, `new URL('a', import.meta.url)`. */
function besides(code: string): string[] {
  const joined = [...code.matchAll(/\bjoin\(\s*import\.meta\.dirname((?:\s*,\s*'[^'\n]*')+)\s*\)/g)].map(([, list]) => join(...[...list!.matchAll(/'([^']*)'/g)].map(([, part]) => part!)));
  const urls = [...code.matchAll(/\bnew URL\(\s*'([^'\n]+)'\s*,\s*import\.meta\.url\s*\)/g)].map(([, path]) => path!);
  return [...joined, ...urls];
}

/** The project's root itself, or what is around it. */
function isAbove(path: string): boolean {
  return path === '.' || path === './' || path.startsWith('..');
}

function packageName(specifier: string): string {
  return specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

const Words = z.union([z.array(z.string()), z.string().transform((word) => [word])]).optional();
const Names = z.record(z.string(), z.string()).default({});
const Entry = z.object({
  version: z.string().default(''), integrity: z.string().optional(), license: z.string().optional(), hasInstallScript: z.boolean().default(false),
  os: Words, cpu: Words, libc: Words,
  dependencies: Names, optionalDependencies: Names, peerDependencies: Names,
});
const Lock = z.object({ packages: z.record(z.string(), Entry) });

/** A package of package-lock.json. */
export interface Package extends z.infer<typeof Entry> {
  /** `node_modules/...` */
  readonly path: string;
  readonly name: string;
  /** Paths of the packages that it needs itself. */
  readonly needs: readonly string[];
}

/** The packages with these names and all that they need here (Linux x86_64, glibc), by path; throws where one is not installed. */
export function packagesOf(names: readonly string[]): Package[] {
  const { packages } = Lock.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
  const found = new Map<string, Package>();
  const find = (from: string, name: string): string | undefined => lookedIn(from).map((folder) => `${folder}node_modules/${name}`).find((path) => path in packages);
  const visit = (path: string): void => {
    if (found.has(path)) return;
    const entry = packages[path]!;
    const wanted = Object.keys({ ...entry.dependencies, ...entry.optionalDependencies, ...entry.peerDependencies });
    const needs = wanted.flatMap((name) => find(path, name) ?? []).filter((at) => !isForeign(packages[at]!) && existsSync(join(root, at))).toSorted();
    for (const name of Object.keys(entry.dependencies)) {
      if (!needs.some((at) => at.endsWith(`node_modules/${name}`))) throw new Error(`${path} needs ${name}, which is not installed: run make setup`);
    }
    found.set(path, { ...entry, path, name: path.split('node_modules/').at(-1)!, needs });
    for (const at of needs) visit(at);
  };
  for (const name of names) {
    const path = `node_modules/${name}`;
    if (!(path in packages) || !existsSync(join(root, path))) throw new Error(`the package ${name} is imported, and is not in package-lock.json or not installed`);
    visit(path);
  }
  return [...found.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Folders in which Node looks for what the package at `path` requires, nearest first. */
function lookedIn(path: string): string[] {
  const folders: string[] = [];
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) folders.push(`${at}/`);
  return [...folders, ''];
}

function isForeign({ os, cpu, libc }: z.infer<typeof Entry>): boolean {
  const elsewhere = (allowed: string[] | undefined, here: string): boolean => allowed !== undefined && !allowed.includes(here);
  return elsewhere(os, 'linux') || elsewhere(cpu, 'x64') || elsewhere(libc, 'glibc');
}
