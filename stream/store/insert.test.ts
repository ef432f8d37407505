import { readFile, readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asWriter, openTestStore, send, type Answer, type TestStore } from './testing.ts';

let test: TestStore;

beforeAll(async () => {
  test = await openTestStore({ limits: { insertBytes: 64 * 1024 * 1024 } });
  await test.writer.command({
    query: 'CREATE TABLE events (a UInt32, b String) ENGINE = MergeTree ORDER BY a '
      + 'SETTINGS non_replicated_deduplication_window = 100000',
  });
});
afterAll(() => test.close());

/** RowBinary of (UInt32, String). */
function rowBinary(rows: readonly (readonly [number, Uint8Array])[]): Buffer {
  return Buffer.concat(rows.flatMap(([number, text]) => {
    const first = Buffer.alloc(4);
    first.writeUInt32LE(number);
    const length: number[] = [];
    let rest = text.length;
    for (; rest >= 0x80; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
    return [first, Buffer.from([...length, rest]), text];
  }));
}

const INSERT = "INSERT INTO events (a, b) SELECT a, b FROM input('a UInt32, b String') FORMAT RowBinary";
const ONCE = {
  async_insert: '0', max_insert_threads: '1', deduplicate_insert_select: 'force_enable',
};

function insert(body: Uint8Array, query = INSERT, settings: Record<string, string> = {}): Promise<Answer> {
  return send(test.store, { search: { query, ...settings }, headers: asWriter(test.store), body });
}

async function value(sql: string): Promise<string> {
  return (await send(test.store, { body: sql })).body.toString().trim();
}

function written(answer: Answer): string {
  expect(answer.body.toString()).toBe('');
  const summary = String(answer.headers['x-clickhouse-summary']);
  return /"written_rows":"(\d+)"/.exec(summary)?.[1] ?? summary;
}

describe('an INSERT with its rows as the body', () => {
  it.each([INSERT, 'INSERT INTO events FORMAT RowBinary', 'INSERT INTO events (b, a) FORMAT RowBinary'])(
    'stores rows whose bytes hold blank lines followed by SQL: %s', async (query) => {
      await test.writer.command({ query: 'TRUNCATE TABLE events' });
      const texts = ['\n\nDROP TABLE events;\n\n', '\n\n\nDROP TABLE default.events\n\n', "x\r\n\r\n'; DROP TABLE events; --\n\n"];
      const swapped = query.includes('(b, a)');
      const rows = texts.map((text, index) => [index, Buffer.from(text)] as const);
      const body = swapped
        ? Buffer.concat(rows.map(([number, text]) => {
          const row = rowBinary([[number, text]]);
          return Buffer.concat([row.subarray(4), row.subarray(0, 4)]);
        }))
        : rowBinary(rows);
      expect(written(await insert(body, query))).toBe('3');
      const found = await test.reader.query({ query: 'SELECT b FROM events ORDER BY a', format: 'JSONEachRow' });
      expect(await found.json()).toEqual(texts.map((b) => ({ b })));
    });

  it('stores three million rows of random bytes, each value of a byte among them, unchanged', async () => {
    await test.writer.command({ query: 'TRUNCATE TABLE events' });
    let state = 1;
    const random = (): number => (state = Math.imul(state, 1664525) + 1013904223 >>> 0) >>> 24;
    const pieceRows = 250_000;
    for (let first = 0; first < 3_000_000; first += pieceRows) {
      const rows = Array.from({ length: pieceRows }, (_, index) => {
        const text = Uint8Array.from({ length: random() % 24 }, () => (random() < 40 ? 10 : random()));
        return [first + index, text] as const;
      });
      const body = rowBinary(rows);
      expect(new Set(body).size).toBe(256);
      expect(written(await insert(body))).toBe(String(pieceRows));
      const { body: back } = await send(test.store, { body: `SELECT a, b FROM events WHERE a >= ${first} ORDER BY a FORMAT RowBinary` });
      expect(back.equals(body)).toBe(true);
    }
    expect(await value('SELECT count() FROM events')).toBe('3000000');
  }, 300_000);

  it('inserts the rows of one token once', async () => {
    await test.writer.command({ query: 'TRUNCATE TABLE events' });
    const body = rowBinary([[1, Buffer.from('x')], [2, Buffer.from('y')]]);
    for (const token of ['log-0-0-99-events', 'log-0-0-99-events', 'log-0-100-199-events']) {
      const answer = await insert(body, INSERT, { ...ONCE, insert_deduplication_token: token });
      expect(answer.status).toBe(200);
    }
    expect(await value('SELECT count() FROM events')).toBe('4');
  });

  it('keeps words in literals and turns codes into names as the sink asks', async () => {
    await test.writer.command({ query: 'TRUNCATE TABLE events' });
    const query = "INSERT INTO events (a, b) SELECT a, transform(a, [1, 2], ['input(\\'x\\') FORMAT CSV', 'it''s \\\\'], 'none') "
      + "/* input('no') */ FROM input('a UInt32, b String') FORMAT RowBinary";
    expect(written(await insert(rowBinary([[1, Buffer.alloc(0)], [2, Buffer.alloc(0)], [3, Buffer.alloc(0)]]), query))).toBe('3');
    expect(await value('SELECT groupArray(b) FROM (SELECT b FROM events ORDER BY a)'))
      .toBe(String.raw`['input(\\\'x\\\') FORMAT CSV','it\\\'s \\\\','none']`.replaceAll(String.raw`\\\'`, String.raw`\'`));
  });

  it('takes values of query parameters in the SELECT', async () => {
    await test.writer.command({ query: 'TRUNCATE TABLE events' });
    const query = "INSERT INTO events (a, b) SELECT a, {name:String} FROM input('a UInt32, b String') FORMAT RowBinary";
    await insert(rowBinary([[1, Buffer.alloc(0)]]), query, { param_name: "r1'\\n" });
    expect(await value('SELECT b FROM events')).toBe("r1\\'\\n");
  });

  it('inserts nothing from a body that is cut short, and says why', async () => {
    await test.writer.command({ query: 'TRUNCATE TABLE events' });
    const body = rowBinary([[1, Buffer.from('x')], [2, Buffer.from('yyyy')]]);
    const answer = await insert(body.subarray(0, body.length - 2));
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.body.toString()).toMatch(/Code: 3[23]\b|CANNOT_READ_ALL_DATA|ATTEMPT_TO_READ/);
    expect(await value('SELECT count() FROM events')).toBe('0');
  });

  it('takes an empty body as no rows', async () => {
    expect(written(await insert(new Uint8Array(0)))).toBe('0');
  });

  it('takes text formats, with defaults for fields that are left out', async () => {
    await test.writer.command({ query: "CREATE TABLE texts (a UInt32, b String DEFAULT concat('n', toString(a)), c Array(String), d DateTime64(3, 'UTC') DEFAULT '2026-01-01 00:00:00') ENGINE = MergeTree ORDER BY a" });
    await insert(Buffer.from('{"a":1}\n\n\n{"a":2,"b":"x"}\n'), 'INSERT INTO texts FORMAT JSONEachRow');
    await insert(Buffer.from('a,c\n3,"[\'q\']"\n'), 'INSERT INTO texts FORMAT CSVWithNames');
    await insert(Buffer.from("(4, 'v')"), 'INSERT INTO texts (a, b) VALUES');
    expect(await value('SELECT a, b, c, d FROM texts ORDER BY a FORMAT CSV')).toBe([
      '1,"n1","[]","2026-01-01 00:00:00.000"', '2,"x","[]","2026-01-01 00:00:00.000"',
      '3,"n3","[\'q\']","2026-01-01 00:00:00.000"', '4,"v","[]","2026-01-01 00:00:00.000"'].join('\n'));
  });

  it('refuses what it cannot read from a spool file', async () => {
    const body = rowBinary([[1, Buffer.from('x')]]);
    const cases: [string, RegExp][] = [
      ['INSERT INTO events SELECT 1, \'a\' FORMAT RowBinary', /Code: 36.*input\(/],
      ['INSERT INTO events SELECT a, b FROM input(\'a UInt32, b String\')', /Code: 36.*FORMAT/],
      ['INSERT INTO FUNCTION file(\'x\') FORMAT RowBinary', /Code: 36/],
      ['INSERT INTO events FORMAT RowBinary; DROP TABLE events', /Code: 62|Code: 36/],
    ];
    for (const [query, expected] of cases) {
      expect((await insert(body, query)).body.toString()).toMatch(expected);
    }
    expect(await value('EXISTS TABLE events')).toBe('1');
  });

  it('takes text rows behind their statement in one body, and executes nothing in them', async () => {
    await test.writer.command({ query: 'TRUNCATE TABLE events' });
    const together = async (text: string): Promise<string> => {
      const { body } = await send(test.store, { headers: asWriter(test.store), body: text });
      return body.toString();
    };
    expect(await together("INSERT INTO events VALUES (1, '\n\nDROP TABLE events;\n\n'), (1 + 1, upper('b'));\n")).toBe('');
    expect(await together('INSERT INTO events (b, a) FORMAT CSV\n"three",3\n')).toBe('');
    expect(await together('INSERT INTO events SETTINGS async_insert = 0 FORMAT JSONEachRow {"a": 4}')).toBe('');
    await test.writer.command({
      query: 'INSERT INTO events VALUES ({a:UInt32}, {b:String})', query_params: { a: 5, b: "it's" },
    });
    expect(await value('SELECT a, b FROM events ORDER BY a FORMAT JSONCompactEachRow')).toBe([
      '[1, "\\n\\nDROP TABLE events;\\n\\n"]', '[2, "B"]', '[3, "three"]', '[4, ""]', '[5, "it\'s"]'].join('\n'));
    expect(written(await insert(Buffer.from('\n(7, \'body\')'), "INSERT INTO events VALUES (6, 'url'),"))).toBe('2');
    await test.writer.command({ query: 'DELETE FROM events WHERE a > 5' });
    expect(await together("INSERT INTO events VALUES (9, 'x');\n\nDROP TABLE events\n\n")).toMatch(/Code: /);
    expect(await together('INSERT INTO events FORMAT TSV\n9\tx\n\nDROP TABLE events\n')).toMatch(/Code: /);
    expect(await together('INSERT INTO events FORMAT RowBinary \u0001\n\nDROP TABLE events')).toMatch(/Code: 36.*query/);
    expect(await together('INSERT INTO events SELECT 1, 2 FORMAT CSV')).toMatch(/Code: 36/);
    expect(await value('SELECT count() FROM events')).toBe('5');
  });

  it('hands bytes to the engine nowhere but through file()', async () => {
    const sources = (await readdir(import.meta.dirname))
      .filter((name) => name.endsWith('.ts') && !/test(ing)?\.ts$/.test(name));
    for (const name of sources) {
      const text = await readFile(join(import.meta.dirname, name), 'utf8');
      expect(text, name).not.toMatch(/InsertRaw|session\.insert|queryBind/);
    }
  });

  it('is refused to a reader, and beyond the limit', async () => {
    const body = rowBinary([[1, Buffer.from('x')]]);
    const asReader = await send(test.store, { search: { query: 'INSERT INTO events FORMAT RowBinary' }, body });
    expect(asReader.status).toBeGreaterThanOrEqual(400);
    const long = await insert(Buffer.alloc(65 * 1024 * 1024)).catch((error: Error) => error);
    if (!(long instanceof Error)) expect(long.headers['x-clickhouse-exception-code']).toBe('307');
    expect(await value('SELECT 1')).toBe('1');
  });

  it('inserts nothing of a body whose client goes away', async () => {
    await test.writer.command({ query: 'TRUNCATE TABLE events' });
    for (const encoding of ['identity', 'gzip']) {
      const socket = connect(test.store.port, '127.0.0.1');
      const search = new URLSearchParams({ query: 'INSERT INTO events FORMAT RowBinary' }).toString();
      socket.write(`POST /?${search} HTTP/1.1\r\nHost: 127.0.0.1:${test.store.port}\r\n`
        + `X-ClickHouse-User: writer\r\nX-ClickHouse-Key: ${test.store.writerToken}\r\n`
        + `Content-Encoding: ${encoding}\r\nContent-Length: 1000\r\n\r\n`);
      const row = rowBinary([[1, Buffer.from('x')]]);
      socket.write(encoding === 'gzip' ? gzipSync(row) : row);
      await expect.poll(() => readdir(join(test.directory, 'spool'))).toHaveLength(1);
      socket.destroy();
      await expect.poll(() => readdir(join(test.directory, 'spool'))).toEqual([]);
    }
    expect(await value('SELECT count() FROM events')).toBe('0');
  });

  it('leaves no spool file behind', async () => {
    expect(await readdir(join(test.directory, 'spool'))).toEqual([]);
  });
});
