import { access } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as lists from './reader-lists.ts';
import { asWriter, openTestStore, send, type TestStore } from './testing.ts';

let test: TestStore;

beforeAll(async () => {
  test = await openTestStore({ limits: { resultRows: 100_000, seconds: 2 } });
  await test.writer.command({ query: 'CREATE TABLE t (a UInt32, b String) ENGINE = MergeTree ORDER BY a' });
  await test.writer.command({ query: "INSERT INTO t VALUES (1, 'x'), (2, 'y')" });
});
afterAll(() => test.close());

async function ask(sql: string, search: Record<string, string> = {}): Promise<{ status: number; text: string }> {
  const { status, body } = await send(test.store, { body: sql, search });
  return { status, text: body.toString() };
}

describe('what a reader may not do', () => {
  const outside = join('/tmp', `routewatch-outfile-${process.pid}`);
  const refused: Record<string, [string, RegExp]> = {
    'file() as a scalar function': ["SELECT file('/etc/hostname')", /446.*file\(\)/],
    'file() hidden in a WITH': ["WITH file('/etc/hostname') AS x SELECT x", /446/],
    'file() in any letter case': ["SELECT FILE('/etc/hostname')", /446/],
    'file() in a subquery of a function': ["SELECT arrayMap(x -> file(x), ['/etc/hostname'])", /446/],
    'file() by APPLY': ["SELECT * APPLY(file) FROM (SELECT '/etc/hostname')", /497.*Apply/],
    'file() by APPLY with a lambda': ["SELECT * APPLY(x -> file(x)) FROM (SELECT '/etc/hostname')", /497.*Apply/],
    'file() as a table': ["SELECT * FROM file('/etc/passwd', 'LineAsString')", /497.*table function file/],
    'file() as a table after IN': ["SELECT 1 IN file('/etc/passwd', 'LineAsString')", /446/],
    'file() in a join': ["SELECT * FROM t, file('/etc/passwd', 'LineAsString') AS f", /497/],
    'file() in a DESCRIBE': ["DESCRIBE TABLE file('/etc/passwd')", /497/],
    'file() in an EXPLAIN': ["EXPLAIN SELECT * FROM file('/etc/passwd')", /497/],
    'url()': ["SELECT * FROM url('http://127.0.0.1/', 'CSV', 'a String')", /497.*url/],
    's3()': ["SELECT * FROM s3('http://127.0.0.1/b/k', 'CSV', 'a String')", /497/],
    'remote()': ["SELECT * FROM remote('127.0.0.1', system.one)", /497.*remote/],
    'executable()': ["SELECT * FROM executable('x.sh', 'CSV', 'a String')", /497.*executable/],
    'input()': ["SELECT * FROM input('a String')", /497/],
    'merge() over other databases': ["SELECT * FROM merge('system', '.*')", /497/],
    'a file by INTO OUTFILE': [`SELECT 1 INTO OUTFILE '${outside}'`, /497.*OUTFILE/],
    'a file by INTO OUTFILE of SHOW': [`SHOW TABLES INTO OUTFILE '${outside}'`, /497.*OUTFILE/],
    'SETTINGS readonly': ['SELECT 1 SETTINGS readonly = 0', /164.*readonly/],
    'SETTINGS readonly behind FORMAT': ['SELECT 1 FORMAT CSV SETTINGS readonly = 0', /164|497/],
    'SETTINGS readonly inside': ['SELECT * FROM (SELECT 1 SETTINGS readonly = 0)', /164|497/],
    'SETTINGS in a subquery': ['SELECT * FROM (SELECT 1 SETTINGS max_threads = 3)', /497.*URL parameters/],
    'a second statement': ['SELECT 1; SELECT 2', /62.*Multi-statements/],
    'a second statement that drops': ['SELECT 1; DROP TABLE t', /62/],
    'a second statement behind a quote': ["SELECT '1'; DROP TABLE t; --'", /62/],
    'closing our own quotes': ["1') ; DROP TABLE t; SELECT ('", /62/],
    'file() in the WHERE of SHOW TABLES': ["SHOW TABLES WHERE name = file('/etc/hostname')", /497.*form of SHOW/],
    'file() in the WHERE of SHOW COLUMNS': ["SHOW COLUMNS FROM t WHERE file('/etc/hostname') != ''", /497.*form of SHOW/],
    'file() in the WHERE of SHOW INDEX': ["SHOW INDEX FROM t WHERE file('/etc/hostname') = ''", /497.*form of SHOW/],
    'file() in the WHERE of SHOW DICTIONARIES': ["SHOW DICTIONARIES WHERE throwIf(length(file('/etc/hostname')) > 0)", /497.*form of SHOW/],
    'a system table in the WHERE of SHOW': ['SHOW TABLES WHERE name IN system.processes', /497.*form of SHOW/],
    'SHOW behind a quoted name': ["SHOW TABLES FROM `a' WHERE file('x')` WHERE file('/etc/hostname') = ''", /497/],
    'file() as a parameter of an aggregate': ["SELECT quantile(length(file('/etc/hostname')))(a) FROM t", /446/],
    'file() in a window frame': ["SELECT sum(a) OVER (ORDER BY a ROWS BETWEEN length(file('/etc/hostname')) PRECEDING AND CURRENT ROW) FROM t", /446/],
    'file() in INTERPOLATE': ["SELECT a, b FROM t ORDER BY a WITH FILL INTERPOLATE (b AS file('/etc/hostname'))", /446/],
    'file() in LIMIT BY': ["SELECT a FROM t LIMIT length(file('/etc/hostname')) BY a", /446/],
    'file() in QUALIFY': ["SELECT a FROM t QUALIFY length(file('/etc/hostname')) > 0", /446/],
    'file() in view()': ["SELECT * FROM view(SELECT file('/etc/hostname'))", /446/],
    'file() behind a name in quotes': ["SELECT `file`('/etc/hostname')", /446/],
    'cluster()': ["SELECT * FROM cluster('default', system.one)", /497.*cluster/],
    'generateRandom()': ["SELECT * FROM generateRandom('a String', 1, 1000000000)", /497/],
    'sleep()': ['SELECT sleep(3)', /446/],
    'sleepEachRow()': ['SELECT sleepEachRow(3) FROM numbers(1000)', /446/],
    'a comparison of all with all': ['SELECT arrayLevenshteinDistance(range(100000), range(100000))', /446/],
    'EXPLAIN of another statement': ['EXPLAIN AST DROP TABLE t', /497.*DropQuery/],
    'EXPLAIN of an INSERT': ["EXPLAIN INSERT INTO FUNCTION file('x') SELECT 1", /497.*InsertQuery/],
    'PARALLEL WITH': ['SELECT 1 PARALLEL WITH DROP TABLE t', /164/],
    'EXECUTE AS': ['EXECUTE AS default SELECT 1', /164/],
    'the headers of other requests': ["SELECT getClientHTTPHeader('authorization')", /446/],
    INSERT: ["INSERT INTO t VALUES (3, 'z')", /164.*InsertQuery/],
    DROP: ['DROP TABLE t', /164.*DropQuery/],
    CREATE: ['CREATE TABLE u (a UInt8) ENGINE = Memory', /164/],
    ALTER: ['ALTER TABLE t DELETE WHERE 1', /164/],
    SET: ['SET max_threads = 1', /164/],
    SYSTEM: ['SYSTEM FLUSH LOGS', /164/],
    KILL: ['KILL QUERY WHERE 1', /164/],
    'other system tables': ['SELECT * FROM system.processes', /497.*system\.processes/],
    'other system tables after IN': ["SELECT 'a' IN system.users", /497/],
    'forged lines of a syntax tree': ["SELECT 1 AS `x\n Function count`, file('/etc/passwd')", /497|446/],
  };
  for (const [what, [sql, expected]] of Object.entries(refused)) {
    it(`refuses ${what}`, async () => {
      const { status, text } = await ask(sql);
      expect(text).toMatch(expected);
      expect(status).toBeGreaterThanOrEqual(400);
    });
  }

  it('wrote no file and dropped no table', async () => {
    await expect(access(outside)).rejects.toThrow('ENOENT');
    expect((await ask('SELECT count() FROM t')).text).toBe('2\n');
  });

  it('refuses settings that are not its own, also in the URL', async () => {
    expect((await ask('SELECT 1', { readonly: '0' })).text).toMatch(/164/);
    expect((await ask('SELECT 1', { allow_introspection_functions: '1' })).text).toMatch(/164/);
    expect((await ask('SELECT 1', { output_format_schema: '/tmp/x' })).text).toMatch(/164/);
    expect((await ask('SELECT 1 FORMAT Template', { format_template_row: '/etc/passwd' })).text).toMatch(/164/);
    expect((await ask('SELECT 1', { user_files_path: '/' })).text).toMatch(/164/);
    expect((await ask('SELECT length(range(100000000))', { function_range_max_elements_in_block: '1e9' })).text).toMatch(/164/);
    expect((await ask('SELECT 1', { database: 'system' })).text).toMatch(/497/);
    expect((await ask('SELECT 1', { 'max_threads=1, readonly': '0' })).text).toMatch(/115/);
  });

  it('cannot name a refused table through a parameter', async () => {
    const { text } = await ask('SELECT * FROM {d:Identifier}.{t:Identifier}',
      { param_d: 'system', param_t: 'users' });
    expect(text).toMatch(/497/);
  });

  it('keeps limits that a query cannot raise', async () => {
    const rows = await ask('SELECT number FROM numbers(1000000) FORMAT JSON', { max_result_rows: '0' });
    expect(rows.text).toMatch(/Code: 396.*TOO_MANY_ROWS_OR_BYTES/);
    const slow = await ask('SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1');
    expect(slow.text).toMatch(/Code: 159.*TIMEOUT_EXCEEDED/);
    expect((await ask('SELECT length(range(100000000))')).text).toMatch(/Code: 69/);
    const large = await ask('SELECT length(groupArray(number)) FROM numbers(100000000)',
      { max_memory_usage: '50000000' });
    expect(large.text).toMatch(/Code: 241.*MEMORY_LIMIT_EXCEEDED/);
  });

  it('may not use GET for writing, even with the token', async () => {
    const { body } = await send(test.store, {
      method: 'GET', search: { query: 'DROP TABLE t' }, headers: asWriter(test.store),
    });
    expect(body.toString()).toMatch(/164/);
  });

  it('is refused with a wrong token', async () => {
    const { status, headers, body } = await send(test.store, {
      body: 'SELECT 1', headers: { 'X-ClickHouse-User': 'writer', 'X-ClickHouse-Key': 'x'.repeat(20) },
    });
    expect(status).toBe(403);
    expect(headers['x-clickhouse-exception-code']).toBe('516');
    expect(body.toString()).toContain('AUTHENTICATION_FAILED');
  });
});

describe('file() wherever it may hide', () => {
  const scalar = fc.constantFrom<(inner: string) => string>(
    (inner) => `(SELECT ${inner})`, (inner) => `length(${inner})`, (inner) => `[${inner}][1]`,
    (inner) => `CASE WHEN 1 THEN ${inner} ELSE '' END`, (inner) => `arrayMap(x -> ${inner}, [1])`,
    (inner) => `max(${inner}) OVER (ORDER BY ${inner})`, (inner) => `tuple(${inner}).1`,
    (inner) => `/* ' */ ${inner} -- '\n`, (inner) => `${inner}::String`, (inner) => `'\\'' || ${inner}`,
    (inner) => `if(1 IN (${inner}), 1, 2)`, (inner) => `{p:String} || ${inner}`,
  );
  const query = fc.constantFrom<(inner: string) => string>(
    (inner) => `SELECT ${inner}`, (inner) => `WITH ${inner} AS x SELECT x`,
    (inner) => `WITH x AS (SELECT ${inner}) SELECT * FROM x`, (inner) => `SELECT 1 WHERE ${inner} = ''`,
    (inner) => `SELECT 1 UNION ALL SELECT ${inner}`, (inner) => `SELECT 1 ORDER BY ${inner}`,
    (inner) => `SELECT 1 LIMIT length(${inner})`, (inner) => `SELECT * FROM numbers(length(${inner}))`,
    (inner) => `SELECT * REPLACE (${inner} AS a) FROM t`, (inner) => `FROM t SELECT ${inner} GROUP BY ${inner}`,
    (inner) => `SELECT * FROM t ARRAY JOIN [${inner}] AS y`, (inner) => `SELECT 1 INTERSECT SELECT ${inner}`,
    (inner) => `SELECT * FROM t AS l JOIN t AS r ON l.b = ${inner}`, (inner) => `EXPLAIN PLAN SELECT ${inner}`,
    (inner) => `SELECT sum(a) OVER w FROM t WINDOW w AS (ORDER BY ${inner})`,
    (inner) => `SELECT a FROM t ORDER BY a WITH FILL FROM length(${inner})`,
  );

  it('is refused', async () => {
    await fc.assert(fc.asyncProperty(query, fc.array(scalar, { maxLength: 4 }), async (outer, inner) => {
      const sql = outer(inner.reduce((text, wrap) => wrap(text), "file('/etc/hostname')"));
      const { status, text } = await ask(sql, { param_p: '' });
      expect([status, text], sql).toEqual([403, expect.stringMatching(/^Code: (446|497)/)]);
    }), { numRuns: 150 });
  });
});

async function known(column: string, table: string): Promise<string[]> {
  const rows = await test.writer.query({
    query: `SELECT DISTINCT ${column} AS x FROM system.${table}`, format: 'JSONEachRow',
  });
  return (await rows.json<{ x: string }>()).map((row) => row.x);
}

describe('the lists of what a reader may name', () => {
  it('hold nothing that the engine does not know', async () => {
    const madeByParser = ['lambda', 'exists', 'grouping', 'untuple', 'countDistinct'];
    expect(await known('categories', 'functions')).toEqual(expect.arrayContaining([...lists.functionCategories]));
    expect([...await known('name', 'functions'), ...madeByParser])
      .toEqual(expect.arrayContaining([...lists.functionExceptions, ...lists.functionRefusals]));
    expect(await known('name', 'table_functions')).toEqual(expect.arrayContaining([...lists.tableFunctions]));
    expect(await known('name', "tables WHERE database = 'system'"))
      .toEqual(expect.arrayContaining([...lists.systemTables]));
  });
});

describe('where a request may come from', () => {
  it.each(['evil.example', 'evil.example:80', '127.0.0.1', 'localhost:1'])(
    'refuses the Host "%s"', async (host) => {
      const { status, body } = await send(test.store, { body: 'SELECT 1', headers: { host } });
      expect([status, body.toString().slice(0, 9)]).toEqual([403, 'Code: 497']);
    });

  it('refuses a request without a Host', async () => {
    const socket = connect(test.store.port, '127.0.0.1');
    socket.end('GET /?query=SELECT+1 HTTP/1.0\r\n\r\n');
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    expect(answer).toMatch(/^HTTP\/1.1 40[03] /);
  });

  it.each(['http://evil.example', 'null', 'https://127.0.0.1', 'http://127.0.0.1:1'])(
    'refuses the Origin "%s"', async (origin) => {
      const { status } = await send(test.store, { body: 'SELECT 1', headers: { origin } });
      expect(status).toBe(403);
    });

  it('refuses what a page of another site loads without an Origin', async () => {
    const { status } = await send(test.store, {
      method: 'GET', search: { query: 'SELECT 1' }, headers: { 'sec-fetch-site': 'cross-site' },
    });
    expect(status).toBe(403);
  });

  it('refuses a foreign Host for /ping too', async () => {
    const { status } = await send(test.store, { method: 'GET', path: '/ping', headers: { host: 'evil.example' } });
    expect(status).toBe(403);
  });

  it('takes loopback names and its own origin', async () => {
    for (const name of ['127.0.0.1', 'localhost', '[::1]']) {
      const host = `${name}:${test.store.port}`;
      const { status } = await send(test.store, {
        body: 'SELECT 1', headers: { host, origin: `http://${host}` },
      });
      expect(status).toBe(200);
    }
  });
});

describe('what a reader may do', () => {
  const allowed: Record<string, string> = {
    'a plain SELECT': 'SELECT b FROM t WHERE a = 1',
    'WITH and subqueries': 'WITH x AS (SELECT max(a) AS m FROM t) SELECT b FROM t WHERE a = (SELECT m FROM x)',
    'joins, windows and arrays': 'SELECT t.a, sum(a) OVER (ORDER BY a), arrayMap(x -> x + 1, [a]) FROM t '
      + 'LEFT JOIN (SELECT 1 AS a) AS u USING (a) ARRAY JOIN [1] AS z',
    'aggregates with combinators': 'SELECT sumIf(a, b = \'x\'), uniqExactOrNull(b), quantilesTDigest(0.5)(a), COUNT(*) FROM t',
    'intervals, CASE and CAST': "SELECT toStartOfInterval(now64(9), INTERVAL 5 MINUTE), CASE WHEN a = 1 THEN 'x' END, a::String FROM t",
    'UNION ALL': 'SELECT 1 UNION ALL SELECT 2',
    'EXCEPT columns': 'SELECT * EXCEPT (b) FROM t',
    'numbers()': 'SELECT * FROM numbers(3)',
    'values()': "SELECT * FROM values('a UInt8', 1, 2)",
    'IPv6 and string functions': "SELECT isIPAddressInRange('10.0.0.1', '10.0.0.0/8'), toIPv6('::1'), splitByChar(' ', 'a b')",
    'transform()': "SELECT transform(a, [1], ['one'], 'other') FROM t",
    SHOW: 'SHOW TABLES',
    'SHOW in its simple forms': "SHOW TABLES FROM default NOT LIKE 'a\\'b%' LIMIT 3 FORMAT CSV",
    'SHOW COLUMNS': 'SHOW FULL COLUMNS FROM `t` FROM default',
    'SHOW DATABASES': 'SHOW DATABASES',
    DESCRIBE: 'DESCRIBE TABLE t',
    EXISTS: 'EXISTS TABLE t',
    EXPLAIN: 'EXPLAIN indexes = 1 SELECT * FROM t WHERE a = 1',
    'SHOW CREATE': 'SHOW CREATE TABLE t',
    'short system tables': 'SELECT name FROM system.tables WHERE database = currentDatabase()',
    'a comment and a trailing semicolon': 'SELECT 1 -- one\n;',
    'words that only look dangerous': "SELECT 'file(1); DROP TABLE t INTO OUTFILE' AS `url()`",
  };
  for (const [what, sql] of Object.entries(allowed)) {
    it(`runs ${what}`, async () => {
      const { status, text } = await ask(sql);
      expect(text).not.toMatch(/DB::Exception/);
      expect(status).toBe(200);
    });
  }

  it('reads views with parameters by their full name', async () => {
    await test.writer.command({ query: 'CREATE VIEW pv AS SELECT b FROM default.t WHERE a = {a:UInt32}' });
    expect((await ask('SELECT * FROM default.pv(a = 2)')).text).toBe('y\n');
    expect((await ask("SELECT * FROM default.file('/etc/passwd')")).text).toMatch(/UNKNOWN_FUNCTION|Exception/);
    expect((await ask("SELECT * FROM default.pv(a = length(file('/etc/passwd')))")).text).toMatch(/446/);
  });

  it('uses SQL functions and dictionaries that the writer made', async () => {
    await test.writer.command({ query: 'CREATE FUNCTION plus_one AS (x) -> x + 1' });
    await test.writer.command({ query: 'CREATE DICTIONARY d (a UInt64, b String) PRIMARY KEY a '
      + "SOURCE(CLICKHOUSE(QUERY 'SELECT toUInt64(a) AS a, b FROM default.t')) LAYOUT(FLAT()) LIFETIME(0)" });
    expect((await ask("SELECT plus_one(1), dictGet('d', 'b', toUInt64(2))")).text).toBe('2\ty\n');
  });
});
