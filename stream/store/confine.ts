/** What the store process may still touch once it has confined itself, and what the kernel granted. */
import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { restrictSelf, type LandlockPolicy } from './landlock.ts';
import type { ConfinementReport } from './messages.ts';
import { refuseOutgoingTraffic, setNoNewPrivileges } from './seccomp.ts';

/** Confines this thread and all that it executes; the caller then executes the real program. */
export function confine(own: string[], bindPort: number, program: string): ConfinementReport {
  setNoNewPrivileges();
  const landlock = restrictSelf({ bindPort, paths: allowedPaths(own, program) });
  const filter = refuseOutgoingTraffic();
  return { landlock, filter, files: landlock.files, network: landlock.network || filter };
}

/** What is missing for a full confinement, in words, or '' if nothing is. */
export function missingConfinement(report: ConfinementReport): string {
  const missing = [];
  if (!report.files) missing.push('files (Landlock needs Linux 5.13 with CONFIG_SECURITY_LANDLOCK)');
  if (!report.network) missing.push('outgoing connections (Landlock of Linux 6.7, or seccomp)');
  return missing.join(' and ');
}

/** The program, its libraries and packages, and what runtime and engine read of the machine. */
function allowedPaths(own: string[], program: string): LandlockPolicy['paths'] {
  const packages = ['chdb', 'zod'].flatMap((name) => packageDirectories(name));
  const read = [
    '/lib', '/lib64', '/usr/lib', '/usr/lib64', '/usr/local/lib', '/etc/ld.so.cache',
    '/usr/share/zoneinfo', '/etc/localtime',
    // The engine looks up localhost when a dictionary reads one of its own tables.
    '/etc/hosts', '/etc/host.conf', '/etc/nsswitch.conf', '/etc/gai.conf',
    '/proc/self', '/proc/meminfo', '/proc/cpuinfo', '/proc/stat', '/proc/version',
    '/proc/loadavg', '/proc/filesystems', '/proc/sys/vm', '/proc/sys/kernel', '/proc/sys/net/core',
    '/sys/devices/system', '/sys/fs/cgroup', '/sys/kernel/mm/transparent_hugepage',
    '/dev/urandom', '/dev/random', import.meta.dirname, ...packages, ...manifests(),
  ];
  return [
    ...read.map((path) => ({ path, use: 'read' as const })),
    ...[program, ...loaders(program)].map((path) => ({ path, use: 'execute' as const })),
    { path: '/dev/null', use: 'write' },
    ...own.map((path) => ({ path, use: 'own' as const })),
  ];
}

/** A package's directory and those of the native packages that it brings. */
function packageDirectories(name: string): string[] {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve(`${name}/package.json`);
  const directory = realpathSync(dirname(manifest));
  const native = optionalDependencies(manifest).flatMap((dependency) => {
    try {
      const found = createRequire(manifest).resolve(`${dependency}/package.json`);
      return [realpathSync(dirname(found))];
    } catch {
      return [];
    }
  });
  return [directory, ...native];
}

function optionalDependencies(manifest: string): string[] {
  const parsed: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
  if (typeof parsed !== 'object' || parsed === null) return [];
  return 'optionalDependencies' in parsed ? Object.keys(Object(parsed.optionalDependencies)) : [];
}

/** The `package.json` files above this one, which Node reads to know how to load a module. */
function manifests(): string[] {
  const found = [];
  for (let at = import.meta.dirname; at !== dirname(at); at = dirname(at)) {
    found.push(join(at, 'package.json'));
  }
  return found;
}

/** The dynamic loader that the kernel starts for the program (the ELF interpreter). */
function loaders(program: string): string[] {
  const start = readFileSync(program).subarray(0, 4096).toString('latin1');
  const interpreter = /\0(\/[\w./-]*ld[\w.-]*\.so[\w.]*)\0/.exec(start)?.[1];
  return interpreter === undefined ? [] : [realpathSync(interpreter)];
}
