import { gunzipSync } from 'node:zlib';
import { ClickHouseError, createClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asWriter, openTestStore, send, type TestStore } from './testing.ts';

let test: TestStore;

beforeAll(async () => { test = await openTestStore(); });
afterAll(() => test.close());

describe('the unmodified @clickhouse/client', () => {
  it('pings, by path and by query', async () => {
    expect(await test.reader.ping()).toEqual({ success: true });
    expect(await test.reader.ping({ select: true })).toEqual({ success: true });
  });

  it('creates, inserts objects and reads them back', async () => {
    await test.writer.command({
      query: 'CREATE TABLE people (id UInt32, name String, tags Array(String), '
        + "seen DateTime64(3, 'UTC') DEFAULT '2026-01-01 00:00:00', n LowCardinality(String) DEFAULT 'none') "
        + 'ENGINE = MergeTree ORDER BY id',
    });
    const inserted = await test.writer.insert({
      table: 'people', format: 'JSONEachRow',
      values: [{ id: 1, name: 'Radia', tags: ['a', "b'c"] }, { id: 2, name: 'Yakov\n\nDROP', n: 'x' }],
    });
    expect(inserted.summary?.written_rows).toBe('2');
    await test.writer.insert({
      table: 'people', columns: ['id', 'name'], format: 'JSONCompactEachRow', values: [[3, 'Tony']],
    });
    const rows = await test.reader.query({ query: 'SELECT * FROM people ORDER BY id', format: 'JSONEachRow' });
    expect(await rows.json()).toEqual([
      { id: 1, name: 'Radia', tags: ['a', "b'c"], seen: '2026-01-01 00:00:00.000', n: 'none' },
      { id: 2, name: 'Yakov\n\nDROP', tags: [], seen: '2026-01-01 00:00:00.000', n: 'x' },
      { id: 3, name: 'Tony', tags: [], seen: '2026-01-01 00:00:00.000', n: 'none' },
    ]);
  });

  it('gives the whole JSON document with the right number of rows', async () => {
    const result = await test.reader.query({ query: 'SELECT number FROM numbers(100000)', format: 'JSON' });
    const document = await result.json<{ number: string }>();
    expect([document.rows, document.data.length]).toEqual([100_000, 100_000]);
  });

  it('binds parameters of every kind, many at once', async () => {
    const text = 'tab\t line\n quote\' back\\slash é \u0001';
    const asked = Array.from({ length: 20 }, async (_, index) => {
      const result = await test.reader.query({
        query: 'SELECT {n:UInt32} AS n, {s:String} AS s, {a:Array(String)} AS a, {x:Nullable(String)} AS x',
        query_params: { n: index, s: text, a: [text, 'b'], x: null },
        format: 'JSONEachRow',
      });
      expect(await result.json()).toEqual([{ n: index, s: text, a: [text, 'b'], x: null }]);
    });
    await Promise.all(asked);
  });

  it('gets typed errors with the code and name of the engine', async () => {
    const error: unknown = await test.reader.query({ query: 'SELECT nope' }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ClickHouseError);
    expect(error).toMatchObject({ code: '47', type: 'UNKNOWN_IDENTIFIER' });
    await expect(test.reader.query({ query: 'SELEC 1' })).rejects.toMatchObject({ code: '62' });
    await expect(test.reader.query({ query: 'SELECT * FROM missing' })).rejects.toMatchObject({ code: '60' });
  });

  it('gets an error that comes in the middle of a stream', async () => {
    const result = await test.reader.query({
      query: 'SELECT throwIf(number = 900000) FROM numbers(1000000)',
      format: 'JSONEachRow', clickhouse_settings: { max_block_size: '10000' },
    });
    await expect(result.json()).rejects.toMatchObject({ code: '395' });
  });

  it('streams a large result without holding it', async () => {
    const result = await test.writer.query({ query: 'SELECT number FROM numbers(3000000)', format: 'JSONCompactEachRow' });
    let rows = 0;
    for await (const batch of result.stream()) rows += batch.length;
    expect(rows).toBe(3_000_000);
  });

  it('survives a client that goes away in the middle of a stream', async () => {
    const abort = new AbortController();
    const result = await test.writer.query({
      query: 'SELECT number FROM system.numbers', format: 'JSONEachRow', abort_signal: abort.signal,
    });
    const stream = result.stream();
    stream.on('error', () => undefined);
    await new Promise((resolve) => { stream.once('data', resolve); });
    abort.abort();
    stream.destroy();
    expect((await test.reader.ping()).success).toBe(true);
  });

  it('ends the query of a client that goes away while it waits', async () => {
    const abort = new AbortController();
    const asked = test.writer.query({
      query: 'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1', format: 'JSON',
      abort_signal: abort.signal,
    }).catch((error: unknown) => String(error));
    const running = async (): Promise<unknown> => {
      const result = await test.writer.query({
        query: "SELECT count() AS n FROM system.processes WHERE query LIKE '%sipHash64%' AND query NOT LIKE '%processes%'",
        format: 'JSONEachRow',
      });
      return result.json();
    };
    await expect.poll(running, { timeout: 10_000 }).toEqual([{ n: 1 }]);
    abort.abort();
    expect(await asked).toMatch(/abort/);
    await expect.poll(running, { timeout: 10_000 }).toEqual([{ n: 0 }]);
  });

  it('compresses requests and responses when asked to', async () => {
    const client = createClient({
      url: test.store.url, username: 'writer', password: test.store.writerToken,
      compression: { request: true, response: true },
    });
    await client.command({ query: 'CREATE TABLE zipped (a UInt32) ENGINE = MergeTree ORDER BY a' });
    await client.insert({ table: 'zipped', format: 'JSONEachRow', values: [{ a: 7 }] });
    const result = await client.query({ query: 'SELECT a FROM zipped', format: 'JSONEachRow' });
    expect(await result.json()).toEqual([{ a: 7 }]);
    await client.close();
  });
});

describe('plain HTTP', () => {
  it('answers GET and POST as curl sends them', async () => {
    const got = await send(test.store, { method: 'GET', search: { query: 'SELECT 1 + 1' } });
    expect([got.status, got.body.toString()]).toEqual([200, '2\n']);
    const posted = await send(test.store, { search: { query: 'SELECT 1,' }, body: '2 FORMAT CSV' });
    expect([posted.body.toString(), posted.headers['x-clickhouse-format']]).toEqual(['1,2\n', 'CSV']);
  });

  it('takes database, default format, query id and session time zone from URL or headers', async () => {
    await test.writer.command({ query: 'CREATE DATABASE IF NOT EXISTS other' });
    const { body, headers } = await send(test.store, {
      search: { database: 'other', default_format: 'JSONCompactEachRow', query_id: 'mine', session_timezone: 'Asia/Tokyo' },
      body: "SELECT currentDatabase(), toString(toDateTime(0))",
    });
    expect(body.toString()).toBe('["other", "1970-01-01 09:00:00"]\n');
    expect(headers['x-clickhouse-query-id']).toBe('mine');
  });

  it('zips an answer only for who asks', async () => {
    const { headers, body } = await send(test.store, {
      search: { enable_http_compression: '1' }, headers: { 'accept-encoding': 'gzip' }, body: 'SELECT 1',
    });
    expect([headers['content-encoding'], gunzipSync(body).toString()]).toEqual(['gzip', '1\n']);
  });

  it('takes the token as Basic and Bearer authorization', async () => {
    const basic = Buffer.from(`writer:${test.store.writerToken}`).toString('base64');
    for (const authorization of [`Basic ${basic}`, `Bearer ${test.store.writerToken}`]) {
      const { status } = await send(test.store, { headers: { authorization }, body: 'CREATE DATABASE IF NOT EXISTS other' });
      expect(status).toBe(200);
    }
  });

  it('refuses a statement that is too long, empty or no text', async () => {
    const long = await send(test.store, { body: `SELECT '${'x'.repeat(5_000_000)}'` });
    expect([long.status, long.headers['x-clickhouse-exception-code']]).toEqual([413, '307']);
    expect((await send(test.store, { body: ' ' })).body.toString()).toMatch(/Code: 62/);
    expect((await send(test.store, { body: Buffer.from([0xff, 0xfe]) })).body.toString()).toMatch(/Code: 62/);
    expect((await send(test.store, { body: 'SELECT \0 1' })).body.toString()).toMatch(/Code: 62/);
  });

  it('knows no other paths and methods', async () => {
    expect((await send(test.store, { path: '/play' })).status).toBe(404);
    expect((await send(test.store, { method: 'PUT' })).status).toBe(405);
    expect((await send(test.store, { method: 'GET', path: '/ping' })).body.toString()).toBe('Ok.\n');
    const metrics = (await send(test.store, { method: 'GET', path: '/metrics' })).body.toString();
    expect(metrics).toMatch(/^routewatch_store_queries_total\{user="reader"\} \d+$/m);
  });

  it('refuses queries beyond those that run and wait', async () => {
    const small = await openTestStore({ limits: { concurrentQueries: 1, queuedQueries: 1 } });
    const answers = await Promise.all(Array.from({ length: 4 },
      () => send(small.store, { body: 'SELECT count() FROM numbers(40000000) WHERE sipHash64(number) = 1' })));
    expect(answers.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([200, 200, 429, 429]);
    await small.close();
  });

  it('lets the writer run one statement at a time only', async () => {
    const { body } = await send(test.store, { headers: asWriter(test.store), body: 'SELECT 1; SELECT 2' });
    expect(body.toString()).toMatch(/Multi-statements/);
  });
});
