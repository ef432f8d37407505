/** The import rule finds each kind of breach and lets the allowed ways through. */
import { describe, expect, it } from 'vitest';
import { check, cycles, importsOf } from './check-imports.ts';

/** What is found in one file of that text, besides the files it imports. */
function found(file: string, text: string, others: Record<string, string> = {}): string[] {
  return check(new Map([[file, text], ...Object.entries(others)])).map(({ file: where, line, what }) => `${where}:${line}: ${what}`);
}

describe('import rule', () => {
  it('lets the data go its way', () => {
    expect(found('collectors/main.ts', "import { a } from '../stream/contract/log.ts';")).toEqual([]);
    expect(found('stream/worker/index.ts', "import { a } from '../../decoders-wasm/contract/host.ts';")).toEqual([]);
    expect(found('stream/sinks/live/index.ts', "import { a } from '../../contract/live.ts';")).toEqual([]);
    expect(found('decoders-wasm/protocols/bgp/assembly/rows.ts', "import { a } from '../../../base/assembly/rows.ts';")).toEqual([]);
    expect(found('cli/main.ts', "import { a } from '../stream/store/index.ts';")).toEqual([]);
  });

  it.each([
    ['collectors/main.ts', '../stream/store/index.ts', 'collectors/ imports stream/store/index.ts'],
    ['collectors/main.ts', '../cli/main.ts', 'collectors/ imports cli/main.ts'],
    ['decoders-wasm/host/a.ts', '../../stream/contract/log.ts', 'decoders-wasm/ imports stream/contract/log.ts'],
    ['stream/worker/a.ts', '../../decoders-wasm/host/registry.ts', 'stream/ imports decoders-wasm/host/registry.ts'],
    ['dashboards/web/a.ts', '../../stream/store/index.ts', 'dashboards/ imports stream/store/index.ts'],
    ['stream/worker/a.ts', '../store/index.ts', 'stage stream/worker imports its sibling stream/store'],
    ['stream/sinks/live/a.ts', '../clickhouse/index.ts', 'stage stream/sinks/live imports its sibling stream/sinks/clickhouse'],
    ['stream/contract/a.ts', '../log/embedded/index.ts', 'stage stream/contract imports its sibling stream/log'],
    ['decoders-wasm/protocols/bgp/assembly/a.ts', '../../isis/assembly/b.ts', 'decoders-wasm/protocols/bgp imports decoders-wasm/protocols/isis'],
    ['decoders-wasm/base/assembly/a.ts', '../../link/assembly/b.ts', 'decoders-wasm/base imports decoders-wasm/link'],
  ])('refuses %s importing %s', (file, target, what) => {
    expect(found(file, `\nimport { a } from '${target}';`)).toEqual([`${file}:2: ${what}`]);
  });

  it('lets tests and their helpers use real parts of other stages', () => {
    expect(found('stream/worker/index.test.ts', "import { a } from '../store/index.ts';")).toEqual([]);
    expect(found('dashboards/web/testing.ts', "import { a } from '../../stream/store/index.ts';")).toEqual([]);
  });

  it('lets what only tests and infra/ import do the same, until the product uses it', () => {
    const helper = "import { a } from '../../infra/lab/truth.ts';";
    const test = { 'stream/worker/index.test.ts': "import { b } from './truth.ts';", 'infra/lab/c.ts': "import { b } from '../../stream/worker/truth.ts';" };
    expect(found('stream/worker/truth.ts', helper, test)).toEqual([]);
    expect(found('stream/worker/truth.ts', helper, { ...test, 'stream/worker/index.ts': "import { b } from './truth.ts';" })).toHaveLength(1);
  });

  it('sees every way to import and no comment', () => {
    const text = [
      "// from './no.ts'", "/* import './no.ts' */", "import './a.ts';", "export * from './b.ts';",
      "const c = await import('./c.ts');", "new Worker(new URL('./d.ts', import.meta.url));", "import type { E } from './e.ts';",
    ].join('\n');
    expect(importsOf(text).map(({ target, line, typeOnly }) => [target, line, typeOnly])).toEqual([
      ['./a.ts', 3, false], ['./b.ts', 4, false], ['./c.ts', 5, false], ['./d.ts', 6, false], ['./e.ts', 7, true],
    ]);
  });

  it('finds circles of code, not of types, and not inside one AssemblyScript module', () => {
    expect(cycles(new Map([['a', ['b']], ['b', ['c']], ['c', ['b']]]))).toEqual([['b', 'c', 'b']]);
    const circle = (folder: string, word: string): string[] =>
      found(`${folder}/a.ts`, "import { b } from './b.ts';", { [`${folder}/b.ts`]: `import ${word}{ a } from './a.ts';` });
    expect(circle('cli', '')).toEqual(['cli/a.ts:1: imports itself in a circle: cli/a.ts → cli/b.ts → cli/a.ts']);
    expect(circle('cli', 'type ')).toEqual([]);
    expect(circle('decoders-wasm/link/assembly', '')).toEqual([]);
  });

  it('keeps row bytes away from the engine', () => {
    expect(found('stream/store/insert.ts', 'connection.InsertRawBinary(x)')).toHaveLength(1);
    expect(found('stream/store/insert.ts', "query('INSERT INTO t FORMAT RowBinary\\n' + body)")).toHaveLength(1);
    expect(found('stream/store/insert.ts', '// INSERT INTO t FORMAT RowBinary is what clients send')).toEqual([]);
    expect(found('stream/store/insert.test.ts', "send('INSERT INTO t FORMAT RowBinary')")).toEqual([]);
  });
});
