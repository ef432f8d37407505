/** The import rule of ARCHITECTURE.md, checked: `node infra/dev/check-imports.ts`; part of `make lint`. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** One break of the rule: where it stands, what it is, and what to do instead. */
export interface Breach {
  file: string;
  line: number;
  what: string;
  instead: string;
}

/** Source text by path from the project's root. */
export type Sources = ReadonlyMap<string, string>;

/** For each top-level folder, the contracts of other folders that it may import; cli and infra may import all. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  collectors: ['stream/contract', 'decoders-wasm/contract'],
  stream: ['decoders-wasm/contract'],
  'decoders-wasm': [],
  dashboards: ['stream/contract', 'decoders-wasm/contract'],
  bpf: [],
};

/** Within decoders-wasm: what each part may import beside itself. */
const DECODER_PARTS: Record<string, readonly string[]> = {
  base: [],
  catalogue: [],
  host: ['contract'],
  contract: ['host', 'catalogue'],
  link: ['base', 'contract'],
  protocols: ['base', 'contract'],
};

/** What lies in the way of a path: folder of the house, and stage, protocol or part within it. */
function place(path: string): { top: string; part: string } {
  const [top = '', second = '', third = ''] = path.split('/');
  const deep = (top === 'stream' && second === 'sinks') || (top === 'decoders-wasm' && second === 'protocols');
  return { top, part: deep ? `${second}/${third}` : second };
}

/** Tests may use what they test with: other stages, the labs, real parts. So may their helpers, `testing*.ts`. */
function isTest(path: string): boolean {
  return /\.test\.ts$|(^|\/)testing([-./]|$)|contract-suite\.ts$|\/browser\.test/.test(path);
}

/** AssemblyScript is compiled as one program: files of one module may need each other. */
function isAssembly(path: string): boolean {
  return path.includes('/assembly/');
}

/** The relative imports of a source text, with their lines; `new URL('./x.ts', import.meta.url)` counts too. */
export function importsOf(text: string): { target: string; line: number; typeOnly: boolean }[] {
  const blank = (comment: string): string => comment.replaceAll(/[^\n]/g, ' ');
  const code = text.replaceAll(/^[ \t]*\/\*[\s\S]*?\*\//gm, blank).replaceAll(/^[ \t]*\/\/.*$/gm, blank);
  const pattern = /(?:\b(?:from|import)\s*\(?\s*|\bnew URL\(\s*)['"](\.[^'"\n]+)['"]/g;
  return [...code.matchAll(pattern)].map((match) => {
    const before = code.slice(0, match.index);
    const statement = before.slice(Math.max(before.lastIndexOf(';'), before.lastIndexOf('\n\n')) + 1);
    return {
      target: match[1] ?? '',
      line: before.split('\n').length,
      typeOnly: /\b(?:import|export) type\b[^;]*$/.test(statement),
    };
  });
}

/** Why `from` may not import `to`, with what to do instead; undefined if it may. */
function forbidden(from: string, to: string): Omit<Breach, 'file' | 'line'> | undefined {
  const here = place(from);
  const there = place(to);
  if (here.top === there.top) return forbiddenWithin(here.top, here.part, there.part);
  const allowed = MAY_IMPORT[here.top];
  if (allowed === undefined || !(there.top in MAY_IMPORT || there.top === 'cli' || there.top === 'infra')) return undefined;
  if (allowed.some((contract) => to.startsWith(`${contract}/`))) return undefined;
  const instead = allowed.length === 0
    ? `${here.top}/ imports no other folder: hand over what is needed as an argument, or write it beside its consumer with make generate.`
    : `Import from ${allowed.join(' or ')}, move what is shared there, or let cli/ hand it over.`;
  return { what: `${here.top}/ imports ${to}`, instead };
}

function forbiddenWithin(top: string, from: string, to: string): Omit<Breach, 'file' | 'line'> | undefined {
  if (from === to || to === '' || !(top === 'stream' || top === 'decoders-wasm')) return undefined;
  if (top === 'stream') {
    if (to === 'contract') return undefined;
    return {
      what: `stage stream/${from} imports its sibling stream/${to}`,
      instead: 'Put the shared type into stream/contract, or let cli/ hand the part over as an argument.',
    };
  }
  const kind = (part: string): string => part.split('/')[0] ?? '';
  if (kind(from) !== kind(to) && (DECODER_PARTS[kind(from)] ?? []).includes(kind(to))) return undefined;
  const instead = kind(from) === 'protocols' && kind(to) === 'protocols'
    ? 'No protocol imports another: what both need belongs into decoders-wasm/base.'
    : `decoders-wasm/${kind(from)} may import ${[...(DECODER_PARTS[kind(from)] ?? []), 'itself'].join(', ')} only.`;
  return { what: `decoders-wasm/${from} imports decoders-wasm/${to}`, instead };
}

/** Ways into the engine by which bytes of rows are run as SQL; only the spool file's path is safe. */
function unsafeInserts(file: string, text: string): Breach[] {
  if (!file.startsWith('stream/store/') || isTest(file)) return [];
  return text.split('\n').flatMap((content, index) => {
    const code = content.replace(/^\s*(?:\/\/|\/?\*).*$/, '');
    const what = /\binsertRaw/i.test(code)
      ? "uses the addon's InsertRaw, which executes what follows a blank line as SQL"
      : /INSERT\b[^'"`]*FORMAT\s+RowBinary/i.test(code)
        ? 'writes an inline FORMAT RowBinary insert, whose bytes the engine may execute as SQL'
        : undefined;
    const instead = 'Write the bytes to a spool file and run INSERT ... SELECT ... FROM file(...) (stream/store/insert.ts).';
    return what === undefined ? [] : [{ file, line: index + 1, what, instead }];
  });
}

/** The circles of a graph of imports, by their files in order. */
export function cycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file]);
    if (done.has(file) || path.includes(file)) return;
    path.push(file);
    for (const next of graph.get(file) ?? []) visit(next);
    path.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return found;
}

interface Import {
  to: string;
  line: number;
  typeOnly: boolean;
}

/** What tests work with: files that are imported, but by tests, by infra/ and by each other only. */
function testSupport(imports: ReadonlyMap<string, readonly Import[]>): Set<string> {
  const importers = new Map<string, string[]>();
  for (const [file, targets] of imports) {
    for (const { to } of targets) importers.set(to, [...(importers.get(to) ?? []), file]);
  }
  const support = new Set(importers.keys());
  for (let before = -1; before !== support.size;) {
    before = support.size;
    for (const file of support) {
      const usedByProduct = importers.get(file)?.some((by) => !isTest(by) && !by.startsWith('infra/') && !support.has(by));
      if (usedByProduct === true) support.delete(file);
    }
  }
  return support;
}

/** All breaches of the rule in the given sources. */
export function check(sources: Sources): Breach[] {
  const breaches: Breach[] = [];
  const imports = new Map([...sources].map(([file, text]): [string, Import[]] => [
    file, importsOf(text).map(({ target, ...rest }) => ({ to: normalize(join(dirname(file), target)), ...rest })),
  ]));
  const support = testSupport(imports);
  const graph = new Map<string, string[]>();
  for (const [file, targets] of imports) {
    graph.set(file, targets.filter(({ to, typeOnly }) => sources.has(to) && !typeOnly && !isAssembly(file)).map(({ to }) => to));
    for (const { to, line } of targets) {
      const why = isTest(file) || support.has(file) ? undefined : forbidden(file, to);
      if (why !== undefined) breaches.push({ file, line, ...why });
    }
    breaches.push(...unsafeInserts(file, sources.get(file) ?? ''));
  }
  for (const cycle of cycles(graph)) {
    breaches.push({
      file: cycle[0] ?? '',
      line: 1,
      what: `imports itself in a circle: ${cycle.join(' → ')}`,
      instead: 'Move what both need into a file of its own, or import the type only (import type).',
    });
  }
  return breaches;
}

/** The folders of the house. */
const FOLDERS = ['bpf', 'collectors', 'decoders-wasm', 'stream', 'dashboards', 'cli', 'infra'];

function readSources(root: string): Sources {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
  );
  const code = files.filter((path) => /\.(?:ts|js|mjs)$/.test(path));
  return new Map(code.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

if (import.meta.main) {
  const sources = readSources(join(import.meta.dirname, '..', '..'));
  const breaches = check(sources);
  for (const { file, line, what, instead } of breaches) console.error(`${file}:${line}: ${what}\n  ${instead}`);
  console.error(`import rule: ${sources.size} files, ${breaches.length} breaches`);
  process.exitCode = breaches.length === 0 ? 0 : 1;
}
