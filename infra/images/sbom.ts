/** The bill of materials of one role (CycloneDX 1.6): packages with their checksums and licences, the runtime, and what we compiled. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Package } from './closure.ts';

const root = join(import.meta.dirname, '..', '..');

export interface SbomInput {
  readonly role: string;
  readonly version: string;
  readonly about: string;
  readonly packages: readonly Package[];
  /** Compiled files of ours, by path from the project's root. */
  readonly compiled: readonly string[];
  /** Names of the packages that the role's own code imports. */
  readonly imported: readonly string[];
  /** Seconds since 1970 that the package bears. */
  readonly time: number;
}

/** As an object to be written as JSON; the same input gives the same. */
export function sbomOf(input: SbomInput): object {
  const { role, version, about, packages, compiled, imported, time } = input;
  const own = `routewatch-${role}@${version}`;
  const files = compiled.map((path) => ({
    type: 'file', 'bom-ref': path, name: path.split('/').at(-1)!, version,
    hashes: [{ alg: 'SHA-256', content: createHash('sha256').update(readFileSync(join(root, path))).digest('hex') }],
  }));
  const components = [...packages.map(component), ...files];
  const direct = packages.filter(({ path, name }) => imported.includes(name) && path === `node_modules/${name}`).map(({ path }) => path);
  const body = {
    metadata: {
      timestamp: new Date(time * 1000).toISOString(),
      component: { type: 'application', 'bom-ref': own, name: `routewatch-${role}`, version, description: about, licenses: [{ license: { id: 'Apache-2.0' } }] },
    },
    components,
    dependencies: [{ ref: own, dependsOn: [...direct, ...compiled] }, ...packages.map(({ path, needs }) => ({ ref: path, dependsOn: needs }))],
  };
  return { bomFormat: 'CycloneDX', specVersion: '1.6', serialNumber: `urn:uuid:${uuidOf(JSON.stringify(body))}`, version: 1, ...body };
}

function component({ path, name, version, integrity, license }: Package): object {
  const [, digest] = /^sha512-(.+)$/.exec(integrity ?? '') ?? [];
  return {
    type: 'library', 'bom-ref': path, name, version, purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    ...(digest === undefined ? {} : { hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }] }),
    ...(license === undefined ? {} : { licenses: [/[\s()]/.test(license) ? { expression: license } : { license: { id: license } }] }),
  };
}

/** A UUID (version 8, RFC 9562 section 5.8) of the content. */
function uuidOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
