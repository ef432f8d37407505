/** A decoder of an older version, for tests: isis.wasm compiled without one of its TLVs, perhaps with rows of the first layouts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';
import type { RegisteredModule } from '../../decoders-wasm/contract/host.ts';

const root = join(import.meta.dirname, '..', '..');
/** A code point that no TLV has: what is looked for under it is never found. */
const NO_TLV = 0;

type Change = readonly [string, RegExp, string];

/** The row writers as they were before the column `reason`. */
const earlier: readonly Change[] = [
  ['generated/topology-changes.ts', / *RowWriter\.u8\(TopologyChanges\.reason\);/, ''],
  ['generated/router-names.ts', / *RowWriter\.u8\(RouterNames\.reason\);/, ''],
  ['generated/layouts.ts', /( *if .* return 2;\n)+/, ''],
];

/**
 * Compiles the IS-IS decoder into `file` with the TLV constant of its iana.ts (`TLV_IPV6_REACH`) at a code point that
 * nobody uses; `firstLayouts`: with rows that lack what later layouts added (`reason`).
 */
export async function compileIsisWithout(constant: string, file: string, firstLayouts = false): Promise<RegisteredModule> {
  const changes: readonly Change[] = [
    ['protocols/isis/assembly/iana.ts', new RegExp(`(const ${constant}: u8 = )\\d+`), `$1${NO_TLV}`],
    ...(firstLayouts ? earlier : []),
  ];
  const changed = new Set<string>();
  const { error, stderr } = await asc.main(
    ['decoders-wasm/protocols/isis/assembly/index.ts', '--baseDir', root, '--outFile', file, '--runtime', 'stub', '-O3', '--enable', 'simd'],
    {
      readFile: (name: string, baseDir: string): string | null => {
        const text = readOrNull(join(baseDir, name));
        const change = changes.find(([path]) => name.endsWith(path));
        if (text === null || change === undefined) return text;
        const [path, what, by] = change;
        if (what.test(text)) changed.add(path);
        return text.replace(what, by);
      },
    },
  );
  if (error !== null) throw new Error(`the decoder without ${constant} was not compiled: ${stderr.toString()}`);
  for (const [path, what] of changes) if (!changed.has(path)) throw new Error(`${path} has no ${what.source}`);
  return { name: 'isis', protocol: 1, version: '0.0.9', file };
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
