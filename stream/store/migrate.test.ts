import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MigrationError, migrate, type Migration } from './index.ts';
import { openTestStore, type TestStore } from './testing.ts';

let test: TestStore;

beforeAll(async () => { test = await openTestStore(); });
afterAll(() => test.close());

const first: Migration = {
  number: 1, name: 'first tables',
  statements: [
    'CREATE TABLE IF NOT EXISTS routewatch.a (x UInt8) ENGINE = MergeTree ORDER BY x',
    'CREATE VIEW IF NOT EXISTS routewatch.v AS SELECT x FROM routewatch.a',
  ],
};
const second: Migration = {
  number: 2, name: 'a column', statements: ['ALTER TABLE routewatch.a ADD COLUMN IF NOT EXISTS y String'],
};

describe('migrations', () => {
  it('apply once, in order, and only what is missing', async () => {
    expect(await migrate(test.writer, [first])).toEqual({ applied: [1], version: 1 });
    expect(await migrate(test.writer, [first])).toEqual({ applied: [], version: 1 });
    expect(await migrate(test.writer, [first, second])).toEqual({ applied: [2], version: 2 });
    const columns = await test.reader.query({ query: 'DESCRIBE TABLE routewatch.a', format: 'JSONEachRow' });
    expect((await columns.json<{ name: string }>()).map((column) => column.name)).toEqual(['x', 'y']);
  });

  it('refuse a store that is newer than the program', async () => {
    await expect(migrate(test.writer, [first])).rejects.toThrow(/newer than this program.*migration 2 "a column"/);
  });

  it('refuse when an applied one was changed', async () => {
    const changed = { ...first, statements: [...first.statements, 'SELECT 1'] };
    await expect(migrate(test.writer, [changed, second])).rejects.toThrow(/Migration 1 "first tables" was changed/);
  });

  it('refuse numbers with gaps', async () => {
    await expect(migrate(test.writer, [first, { ...second, number: 3 }])).rejects.toThrow(/without gaps/);
  });

  it('name the statement that failed, and go on from there', async () => {
    const broken: Migration = { number: 3, name: 'third', statements: ['CREATE DATABASE IF NOT EXISTS ok', 'CREATE TABLE x (y Nonsense) ENGINE = Memory'] };
    const error: unknown = await migrate(test.writer, [first, second, broken]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MigrationError);
    expect(String(error)).toMatch(/Migration 3 "third" failed in statement 2 of 2: .*Nonsense/s);
    const repaired = { ...broken, statements: ['CREATE DATABASE IF NOT EXISTS ok'] };
    expect(await migrate(test.writer, [first, second, repaired])).toEqual({ applied: [3], version: 3 });
  });
});
