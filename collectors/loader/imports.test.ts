/** The loader runs with capabilities: nothing but Node, koffi and its own files may be loaded with it. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

describe('the loader', () => {
  it('imports Node, koffi, its own files and the generated layouts only', () => {
    const files = globSync(join(import.meta.dirname, '*.ts')).filter((path) => !/\.test\.ts$|testing/.test(path));
    expect(files.length).toBeGreaterThan(10);
    for (const path of files) {
      const imported = [...readFileSync(path, 'utf8').matchAll(/(?:\bfrom|\bimport) ?\(?'([^']+)'/g)].map((match) => match[1]!);
      for (const name of imported) expect(name, path).toMatch(/^(?:node:|koffi$|\.\/|\.\.\/generated\/)/);
    }
  });
});
