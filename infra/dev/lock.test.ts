/** The lock file is complete on every platform, names no address, and has a checksum for all that is installed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const root = join(import.meta.dirname, '..', '..');

/** Platforms that a package names: npm takes one word or a list. */
const Names = z.union([z.array(z.string()), z.string().transform((name) => [name])]).optional();

/** What is read here of one entry of package-lock.json (lockfileVersion 3), by its path in the tree. */
const Entry = z.object({
  version: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  optional: z.boolean().optional(),
  os: Names,
  cpu: Names,
  libc: Names,
  dependencies: z.record(z.string(), z.string()).optional(),
  devDependencies: z.record(z.string(), z.string()).optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
  peerDependencies: z.record(z.string(), z.string()).optional(),
  peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.boolean().optional() })).optional(),
});
type Entry = z.infer<typeof Entry>;
const Lock = z.object({ lockfileVersion: z.literal(3), packages: z.record(z.string(), Entry) });
type Packages = z.infer<typeof Lock>['packages'];

const { packages } = Lock.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));

/** Folders in which Node looks for what the package at `path` requires, nearest first. */
function lookedIn(path: string): string[] {
  const folders: string[] = [];
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) folders.push(`${at}/`);
  return [...folders, ''];
}

/** Dependencies that no entry answers, as `package: dependency`; optional peers may be missing. */
function unanswered(all: Packages): string[] {
  return Object.entries(all).flatMap(([path, entry]) => {
    const peers = Object.keys(entry.peerDependencies ?? {}).filter((name) => entry.peerDependenciesMeta?.[name]?.optional !== true);
    const wanted = [...Object.keys({ ...entry.dependencies, ...entry.devDependencies, ...entry.optionalDependencies }), ...peers];
    return wanted
      .filter((name) => !lookedIn(path).some((folder) => `${folder}node_modules/${name}` in all))
      .map((name) => `${path === '' ? 'package.json' : path}: ${name}`);
  });
}

/** True if npm never installs the package on the platform of this project, Linux x86_64 with glibc. */
function isForeign({ optional, os, cpu, libc }: Entry): boolean {
  const elsewhere = (allowed: string[] | undefined, here: string): boolean => allowed !== undefined && !allowed.includes(here);
  return optional === true && (elsewhere(os, 'linux') || elsewhere(cpu, 'x64') || elsewhere(libc, 'glibc'));
}

describe('package-lock.json', () => {
  it('names every dependency of every package, for all platforms (npm 11 refuses npm ci otherwise)', () => {
    expect(unanswered(packages)).toEqual([]);
  });

  it('shows a missing optional package to that check', () => {
    const name = 'node_modules/@oxlint/binding-linux-x64-gnu';
    const rest = Object.fromEntries(Object.entries(packages).filter(([path]) => path !== name));
    expect(name in packages).toBe(true);
    expect(unanswered(rest)).toEqual(['node_modules/oxlint: @oxlint/binding-linux-x64-gnu']);
  });

  it('has no download address: the registry is the user\'s to choose', () => {
    expect(Object.keys(packages).filter((path) => packages[path]?.resolved !== undefined)).toEqual([]);
    expect(readFileSync(join(root, '.npmrc'), 'utf8')).toMatch(/^omit-lockfile-registry-resolved=true$/m);
  });

  it('has a SHA-512 checksum for each package that is installed here', () => {
    const without = Object.entries(packages).filter(
      ([path, entry]) => path !== '' && entry.integrity?.startsWith('sha512-') !== true && !isForeign(entry),
    );
    expect(without.map(([path]) => path)).toEqual([]);
  });

  it('agrees with package.json, where every version is exact', () => {
    const wanted = Entry.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
    const locked = packages[''];
    for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies'] as const) {
      expect(locked?.[kind], kind).toEqual(wanted[kind]);
      for (const [name, version] of Object.entries(wanted[kind] ?? {})) {
        expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
        expect(packages[`node_modules/${name}`]?.version, name).toBe(version);
      }
    }
  });
});
