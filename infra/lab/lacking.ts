/** Decoders of older versions, for tests: a protocol's module compiled with some of its lines changed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';
import { type RegisteredModule, registry } from '../../decoders-wasm/contract/host.ts';

const root = join(import.meta.dirname, '..', '..');

/** A line of a source file: where its path ends, what is looked for (it must be there), what stands in its place. */
export type Change = readonly [string, RegExp, string];

/** The row writers as they were before the column `reason`. */
export const firstLayouts: readonly Change[] = [
  ['generated/topology-changes.ts', /store<u8>\(at, TopologyChanges\.reason\);\s*RowWriter\.end\(at \+ 1\);/, 'RowWriter.end(at);'],
  ['generated/router-names.ts', /store<u8>\(at, RouterNames\.reason\);\s*RowWriter\.end\(at \+ 1\);/, 'RowWriter.end(at);'],
  ['generated/layouts.ts', /( *if .* return \d+;\n)+/, ''],
];

/** The constant of `protocol`'s iana.ts at a code point that nothing has: what is looked for under it is never found. */
export function without(protocol: string, constant: string, nothing = 0): Change {
  return [`protocols/${protocol}/assembly/iana.ts`, new RegExp(`(const ${constant}: u\\d+ = )\\d+`), `$1${nothing}`];
}

/** Compiles the decoder of that name into `file` with the changes applied, one after the other. */
export async function compileChanged(name: string, changes: readonly Change[], file: string): Promise<RegisteredModule> {
  const registered = registry.find((one) => one.name === name);
  if (registered === undefined) throw new Error(`no decoder is called ${name}`);
  const done = new Set<Change>();
  const { error, stderr } = await asc.main(
    [`decoders-wasm/protocols/${name}/assembly/index.ts`, '--baseDir', root, '--outFile', file, '--runtime', 'stub', '-O3', '--enable', 'simd'],
    {
      readFile: (source: string, baseDir: string): string | null => {
        let text = readOrNull(join(baseDir, source));
        for (const change of changes) {
          const [path, what, by] = change;
          if (text === null || !source.endsWith(path)) continue;
          if (what.test(text)) done.add(change);
          text = text.replace(what, by);
        }
        return text;
      },
    },
  );
  if (error !== null) throw new Error(`the changed decoder ${name} was not compiled: ${stderr.toString()}`);
  for (const change of changes) if (!done.has(change)) throw new Error(`${change[0]} has no ${change[1].source}`);
  return { name, protocol: registered.protocol, version: '0.0.9', file };
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
