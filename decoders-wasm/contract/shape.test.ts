/** Every protocol folder has the common shape, and each scenario what it expects. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const protocols = join(import.meta.dirname, '../protocols');

describe.each(readdirSync(protocols))('protocols/%s', (name) => {
  const folder = join(protocols, name);

  it.each([
    'README.md', 'assembly/iana.ts', 'assembly/index.ts', 'assembly/shadow.ts', 'assembly/rows.ts', 'assembly/explain.ts', 'vectors',
    'scenarios', 'scenarios.test.ts', 'testing.ts', `${name}.test.ts`, `${name}.equality.test.ts`,
  ])('has %s', (path) => {
    expect(existsSync(join(folder, path))).toBe(true);
  });

  it('has vectors that say what they are and where they come from', () => {
    const vectors = readdirSync(join(folder, 'vectors')).map((file) => JSON.parse(readFileSync(join(folder, 'vectors', file), 'utf8')) as Record<string, unknown>);
    expect(vectors.length).toBeGreaterThan(0);
    for (const vector of vectors) expect(vector).toMatchObject({ about: expect.stringMatching(/./), source: expect.stringMatching(/./), expected: expect.anything() });
  });

  it('has scenarios with a story each and the rows that it gives, and no rows without a story', () => {
    const files = readdirSync(join(folder, 'scenarios')).filter((file) => file !== 'pair.ts');
    const stories = files.filter((file) => file.endsWith('.ts')).map((file) => file.slice(0, -3));
    const expected = files.filter((file) => file.endsWith('.expected.txt')).map((file) => file.slice(0, -'.expected.txt'.length));
    expect(stories.length).toBeGreaterThan(0);
    expect(expected).toEqual(stories);
    for (const story of stories) expect(readFileSync(join(folder, 'scenarios', `${story}.ts`), 'utf8'), story).toMatch(/^\/\*\*/);
  });
});
