/** Compiles the kernel programs into build/bpf/, if clang is here; what is newer than its sources is kept. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
/** The filter, and the one that does nothing, for the benchmark. */
const PROGRAMS = ['routewatch', 'empty'];

/** What the compiler needs beside itself, with the Debian package that brings it. */
const NEEDED: readonly [string, string][] = [
  ['/usr/include/bpf/bpf_helpers.h', 'libbpf-dev'],
  ['/usr/include/linux/bpf.h', 'linux-libc-dev'],
];

/** The packages that are missing. */
function missing(): string[] {
  const clang = spawnSync('clang', ['--version'], { stdio: 'ignore' }).status === 0;
  return [...(clang ? [] : ['clang']), ...NEEDED.filter(([path]) => !existsSync(path)).map(([, name]) => name)];
}

function isCurrent(object: string): boolean {
  if (!existsSync(join(root, object))) return false;
  const sources = readdirSync(join(root, 'bpf'), { recursive: true, encoding: 'utf8' }).filter((name) => /\.[ch]$/.test(name));
  const newest = Math.max(...sources.map((name) => statSync(join(root, 'bpf', name)).mtimeMs));
  return statSync(join(root, object)).mtimeMs > newest;
}

/** Compiles into a file of its own first: an object is there whole or not at all. */
function compile(name: string, object: string): boolean {
  mkdirSync(join(root, 'build/bpf'), { recursive: true });
  const temporary = `${object}.${process.pid}`;
  const multiarch = `/usr/include/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;
  const { status } = spawnSync('clang', [
    '-O2', '-g', '-Wall', '-Werror', '-target', 'bpf', '-mcpu=v3', `-I${multiarch}`,
    // No path of this machine goes into the object.
    `-fdebug-prefix-map=${root}=.`, '-c', `bpf/${name}.bpf.c`, '-o', temporary,
  ], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) return false;
  renameSync(join(root, temporary), join(root, object));
  process.stderr.write(`built ${object} (${statSync(join(root, object)).size} bytes)\n`);
  return true;
}

const wanted = PROGRAMS.map((name) => ({ name, object: `build/bpf/${name}.bpf.o` })).filter(({ object }) => !isCurrent(object));
const packages = wanted.length > 0 ? missing() : [];
if (packages.length > 0) {
  process.stderr.write(`not built: the kernel program of the live collector, for want of ${packages.join(', ')}. Captures can be replayed without it.\n`
    + `  To have it: sudo apt-get install --no-install-recommends ${packages.join(' ')}\n`);
} else if (!wanted.every(({ name, object }) => compile(name, object))) process.exitCode = 1;
