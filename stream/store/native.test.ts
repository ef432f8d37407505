/** Native blocks for clients that name a protocol revision, against the engine's own bytes and a reader of the same types. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkRevision, withRevision } from './native.ts';
import { openTestStore, send, type TestStore } from './testing.ts';

let test: TestStore;
beforeAll(async () => { test = await openTestStore(); });
afterAll(async () => { await test.close(); });

/** Every kind of column, with nested ones, NULLs and a dictionary that grows beyond a byte. */
const columns = [
  'number AS n', 'toString(number) AS s', "toFixedString('abc', 3) AS f", 'toDecimal32(number, 2) AS d32', 'toDecimal128(number, 20) AS d128', 'toDecimal256(number, 50) AS d256', "toDateTime64('2026-01-01 00:00:00', 9, 'UTC') AS t",
  'generateUUIDv4() AS u', "toIPv6('::1') AS v6", 'if(number % 2 = 0, NULL, number) AS nullable', 'range(number % 5) AS list', "[['a'], [], ['b', 'c']] AS lists",
  'toLowCardinality(toString(number % 300)) AS dictionary', "toLowCardinality(if(number % 3 = 0, NULL, 'x')) AS nullable_dictionary", "[toLowCardinality('q'), toLowCardinality(toString(number))] AS dictionaries",
  "tuple(number, 'a, b)', [toLowCardinality('z')])::Tuple(`odd, name` UInt64, b String, c Array(LowCardinality(String))) AS named", "map('k', [number, 2]) AS m", "map(toLowCardinality('k'), tuple(1, 'x')) AS m2",
  "CAST('a', 'Enum8(\\'a\\' = 1, \\'b)\\' = 2)') AS e", 'true AS b', 'INTERVAL 3 DAY AS i', '[] AS nothing', 'toBFloat16(1.5) AS bf', 'NULL AS null', 'tuple() AS unit',
];

async function native(sql: string, revision?: number): Promise<Buffer> {
  const search = { default_format: 'Native', ...(revision === undefined ? {} : { client_protocol_version: String(revision) }) };
  const { status, body } = await send(test.store, { search, body: sql });
  expect(status, body.toString('latin1').slice(0, 300)).toBe(200);
  return body;
}

/** Takes what `withRevision` puts in out again: its blocks begin with the info, and names and types tell where the flags stand. */
function withoutInfo(bytes: Buffer, names: readonly string[], revision: number): Buffer {
  const info = Buffer.from([1, 0, 2, 0xff, 0xff, 0xff, 0xff, 0]);
  expect(bytes.subarray(0, info.length)).toEqual(info);
  let rest = bytes.subarray(info.length);
  if (revision < 54_454) return rest;
  let from = 0;
  for (const name of names) {
    const at = rest.indexOf(Buffer.concat([Buffer.from([name.length]), Buffer.from(name)]), from);
    const type = at + 1 + name.length;
    const flag = type + 1 + rest[type]!;
    expect(rest[flag], name).toBe(0);
    rest = Buffer.concat([rest.subarray(0, flag), rest.subarray(flag + 1)]);
    from = flag;
  }
  return rest;
}

describe('Native by revision', () => {
  const sql = `SELECT ${columns.map((column) => column.replace('generateUUIDv4()', "toUUID('1fe917fb-4a75-41c1-e550-e94b3e6aaaab')")).join(', ')} FROM numbers(1000)`;
  const names = columns.map((column) => column.split(' AS ').at(-1)!);

  it.each([54_405, 54_460])('adds to every column of every type what revision %i has, and nothing else', async (revision) => {
    expect(withoutInfo(await native(sql, revision), names, revision)).toEqual(await native(sql));
  });

  it('walks several blocks', async () => {
    const many = 'SELECT number AS n, toLowCardinality(toString(number)) AS s FROM numbers(200000)';
    const plain = await native(many);
    const blocks = (await native(many, 54_405)).length - plain.length;
    expect(blocks % 8).toBe(0);
    expect(blocks / 8).toBeGreaterThan(1);
  });

  it('leaves an empty answer and revision 0 as they are', async () => {
    expect(withRevision(new Uint8Array(0), 54_460)).toEqual(Buffer.alloc(0));
    expect(await native('SELECT 1 AS n', 0)).toEqual(await native('SELECT 1 AS n'));
  });

  it('refuses what it cannot write, with what to do', async () => {
    const { status, body } = await send(test.store, { search: { default_format: 'Native', client_protocol_version: '54460' }, body: "SELECT sumState(1) AS s" });
    expect([status, body.toString()]).toEqual([expect.any(Number), expect.stringMatching(/AggregateFunction.*Cast it/s)]);
    expect(status).toBeGreaterThan(399);
    expect(() => checkRevision(54_480)).toThrow(/newer than the embedded store writes/);
    const worded = await send(test.store, { search: { default_format: 'Native', client_protocol_version: 'x' }, body: 'SELECT 1' });
    expect(worded.status).toBe(400);
  });

  it('stops at bytes that end amid a column', () => {
    expect(() => withRevision(Buffer.from([1, 2, 1, 0x61, 6, ...Buffer.from('UInt64'), 1, 0, 0]), 54_460)).toThrow(RangeError);
  });
});
