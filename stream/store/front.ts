/** The HTTP front: one request in ClickHouse's protocol from its first header to its last byte. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { decoded, joined, readText } from './body.ts';
import type { StoreConfig } from './config.ts';
import { Counters } from './counters.ts';
import type { Connection, Engine } from './engine.ts';
import { StoreError, exceptionText, fromEngine } from './errors.ts';
import { Spool, readFromSpool, splitInlineRows, type SpoolFile } from './insert.ts';
import { Lane } from './lane.ts';
import { checkRevision, withRevision } from './native.ts';
import { AllowedFunctions, UnknownFunction, checkReaderStatement, formatStatement, parseStatement,
  type Statement } from './reader-check.ts';
import { Recent } from './recent.ts';
import { readerSettings, writerSettings } from './request-settings.ts';
import { foreignSource, parseRequest, type StoreRequest } from './request.ts';
import { isStreamed, sendBuffer, sendError, sendStream, setQueryHeaders, setSummary,
  type Summary } from './response.ts';
import { firstWord, formatClause } from './sql-text.ts';

/** How long a client may take to send a request, in ms. */
const BODY_PATIENCE = 300_000;
const MAX_CONNECTIONS = 512;
/** Longest request head, bytes: an insert carries the names behind its codes in the URL, as a ClickHouse server takes it (http_max_uri_size is 1 MB). */
const LONGEST_HEAD_BYTES = 4 << 20;

/** The front over an open engine; inert until `listen`. */
export class Front {
  readonly #engine: Engine;
  readonly #config: StoreConfig;
  readonly #token: string;
  readonly #spool: Spool;
  readonly #functions = new AllowedFunctions();
  readonly #readers: Lane;
  readonly #counters = new Counters();
  readonly #writer = new Lane(1, 256);
  readonly #statements = new Recent<Statement>(256, 16_384);
  readonly #inserts = new Recent<string>(64, 65_536);
  /** Rows that the engine had written after the last insert; undefined after any other change. */
  #insertedRows: number | undefined;
  readonly #server: Server;
  #port = 0;

  /** `token` is the writer's password; `spoolDir` holds insert bodies. */
  constructor(engine: Engine, config: StoreConfig, token: string, spoolDir: string) {
    this.#engine = engine;
    this.#config = config;
    this.#token = token;
    this.#spool = new Spool(spoolDir, config.limits.insertBytes);
    this.#readers = new Lane(config.limits.concurrentQueries, config.limits.queuedQueries);
    this.#server = createServer({ maxHeaderSize: LONGEST_HEAD_BYTES }, (request, response) => void this.#answer(request, response));
    this.#server.requestTimeout = BODY_PATIENCE;
    this.#server.keepAliveTimeout = 10_000;
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** Starts to listen and gives the port. */
  async listen(): Promise<number> {
    await this.#spool.prepare();
    await this.#withConnection((connection) => this.#functions.load(connection));
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#config.port, this.#config.host, resolve);
    });
    const address = this.#server.address();
    this.#port = typeof address === 'object' && address !== null ? address.port : 0;
    return this.#port;
  }

  /** Takes no new requests and waits up to `patience` ms for those that run. */
  async close(patience: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const cut = setTimeout(() => this.#server.closeAllConnections(), patience);
    await closed;
    clearTimeout(cut);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    request.on('error', () => response.destroy());
    response.on('error', () => response.destroy());
    try {
      await this.#route(request, response);
    } catch (error) {
      if (!request.complete) response.setHeader('Connection', 'close');
      const known = fromEngine(error);
      this.#counters.add('routewatch_store_errors_total', 1, `type="${known.type}"`);
      sendError(response, known, this.#engine.version);
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const foreign = foreignSource(request, this.#config, this.#port);
    if (foreign !== undefined) {
      this.#counters.add('routewatch_store_foreign_requests_total', 1);
      throw StoreError.of(497, foreign);
    }
    allowOrigin(request, response);
    const path = (request.url ?? '/').split('?', 1)[0];
    if (path === '/ping') return plain(response, 200, 'Ok.\n');
    if (path === '/metrics') return plain(response, 200, this.#counters.text());
    if (path !== '/') return plain(response, 404, 'Nothing is here. Use /, /ping or /metrics\n');
    if (request.method === 'OPTIONS') return plain(response, 204, '');
    if (request.method !== 'GET' && request.method !== 'POST') {
      return plain(response, 405, 'Use GET or POST\n');
    }
    const asked = parseRequest(request, this.#token);
    if (request.method === 'GET') asked.user = 'reader';
    return firstWord(asked.query) === 'INSERT'
      ? this.#insertFromUrl(asked, decoded(request), response)
      : this.#statement(asked, decoded(request), response);
  }

  /** The statement is in the URL and its rows are the body, or both are in the URL. */
  async #insertFromUrl(asked: StoreRequest, body: Readable, response: ServerResponse): Promise<void> {
    if (asked.user !== 'writer') {
      throw StoreError.of(164, 'A reader may not insert. Use POST as the user "writer" with its token');
    }
    const inline = splitInlineRows(asked.query);
    if (!inline) return this.#spoolAndInsert(asked, body, response);
    asked.query = inline.statement;
    const rows = inline.rows === '' ? body : Readable.from(joined(inline.rows, body));
    return this.#spoolAndInsert(asked, rows, response);
  }

  /** URL and body together are one statement, for an INSERT with its rows behind it. */
  async #statement(asked: StoreRequest, body: Readable, response: ServerResponse): Promise<void> {
    const text = await readText(body, this.#config.limits.statementBytes);
    const sql = [asked.query, text].filter((part) => part !== '').join('\n');
    const first = firstWord(sql);
    if (first === '') throw StoreError.of(62, 'Empty query: send it in ?query= or as the body');
    const inline = asked.user === 'writer' && first === 'INSERT' ? splitInlineRows(sql) : undefined;
    if (inline) {
      asked.query = inline.statement;
      return this.#spoolAndInsert(asked, Readable.from([Buffer.from(inline.rows)]), response);
    }
    this.#counters.add('routewatch_store_queries_total', 1, `user="${asked.user}"`);
    const lane = asked.user === 'reader' || QUERY_WORDS.has(first) ? this.#readers : this.#writer;
    return lane.run(() => {
      if (lane === this.#writer) this.#insertedRows = undefined;
      return this.#query(asked, sql, response);
    });
  }

  /** Any statement that is text alone. */
  async #query(asked: StoreRequest, sql: string, response: ServerResponse): Promise<void> {
    if (response.destroyed) return;
    const tag = randomUUID();
    await this.#withConnection(async (connection) => {
      this.#configure(connection, asked, tag);
      const statement = await this.#parse(connection, asked, sql);
      const text = asked.user === 'reader' ? statement.formatted : sql;
      const format = formatClause(statement.formatted)?.name ?? asked.defaultFormat;
      setQueryHeaders(response, asked, format, this.#engine.version);
      const revision = format === 'Native' ? asked.protocolRevision : 0;
      checkRevision(revision);
      if (statement.tree.kind === 'SelectWithUnionQuery' && isStreamed(format) && revision === 0) {
        setSummary(response, {});
        await sendStream(response, connection.stream(text, format), asked.compressResponse,
          this.#config.limits.seconds * 1000,
          (error) => exceptionText(fromEngine(error), this.#engine.version));
        return;
      }
      const { bytes, elapsedNanoseconds } = await this.#cancelWith(
        response, tag, () => connection.run(text, format));
      setSummary(response, { elapsedNanoseconds });
      await sendBuffer(response, withRevision(bytes, revision), asked.compressResponse);
    });
  }

  /** A client that goes away, also at a stop, ends its query; a stream sees that by itself. */
  async #cancelWith<T>(response: ServerResponse, tag: string, run: () => Promise<T>): Promise<T> {
    const cancel = (): void => void this.#engine.cancel(tag).catch(() => undefined);
    response.once('close', cancel);
    try {
      return await run();
    } finally {
      response.off('close', cancel);
    }
  }

  /** `INSERT ... FORMAT x` in the URL with rows as the body. */
  async #spoolAndInsert(
    asked: StoreRequest, body: Readable, response: ServerResponse,
  ): Promise<void> {
    const file = await this.#spool.write(body);
    try {
      const summary = await this.#writer.run(
        () => this.#withConnection((connection) => this.#insert(connection, asked, file)));
      this.#counters.add('routewatch_store_inserts_total', 1);
      this.#counters.add('routewatch_store_inserted_rows_total', summary.writtenRows);
      this.#counters.add('routewatch_store_inserted_bytes_total', summary.writtenBytes);
      setQueryHeaders(response, asked, asked.defaultFormat, this.#engine.version);
      setSummary(response, summary);
      await sendBuffer(response, new Uint8Array(0), false);
    } finally {
      await this.#spool.remove(file.path);
    }
  }

  async #insert(
    connection: Connection, asked: StoreRequest, file: SpoolFile,
  ): Promise<Required<Summary>> {
    this.#configure(connection, asked);
    const formatted = await this.#inserts.get(
      asked.query, () => formatStatement(connection, asked.query));
    const inSpool = formatClause(formatted) !== undefined || file.bytes > 0;
    const sql = inSpool ? await readFromSpool(connection, formatted, file.path) : asked.query;
    const nothing = { writtenRows: 0, writtenBytes: 0, elapsedNanoseconds: 0 };
    if (inSpool && file.bytes === 0) return nothing;
    const before = this.#insertedRows ?? await insertedRows(connection);
    this.#insertedRows = undefined;
    const { elapsedNanoseconds } = await connection.run(sql, asked.defaultFormat);
    const after = await insertedRows(connection);
    this.#insertedRows = after;
    return { writtenRows: after - before, writtenBytes: file.bytes, elapsedNanoseconds };
  }

  #configure(connection: Connection, asked: StoreRequest, tag?: string): void {
    const reader = asked.user === 'reader';
    if (reader && asked.database?.toLowerCase() === 'system') {
      throw StoreError.of(497, 'A reader may not take system as its database: '
        + 'name its tables in full, such as system.tables');
    }
    connection.configure({
      ...(tag === undefined ? {} : { tag }),
      database: asked.database,
      parameters: asked.parameters,
      settings: reader
        ? readerSettings(asked.settings, this.#config.limits)
        : writerSettings(asked.settings, this.#config.limits),
      readonly: reader,
    });
  }

  /** Parses and checks a statement, or remembers that it did with the same parameters. */
  #parse(connection: Connection, asked: StoreRequest, sql: string): Promise<Statement> {
    const key = JSON.stringify([asked.user, sql, ...asked.parameters]);
    return this.#statements.get(key, async () => {
      const statement = await parseStatement(connection, sql);
      if (asked.user === 'reader') await this.#check(connection, statement);
      else refuseMissingRows(statement);
      return statement;
    });
  }

  /** The writer may have made SQL functions since the list was read: each is looked up once. */
  async #check(connection: Connection, statement: Statement): Promise<void> {
    for (;;) {
      try {
        return checkReaderStatement(statement, this.#functions);
      } catch (error) {
        if (!(error instanceof UnknownFunction)) throw error;
        if (!await this.#functions.learn(connection, error.functionName)) throw error;
      }
    }
  }

  async #withConnection<T>(use: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = this.#engine.connect();
    try {
      return await use(connection);
    } finally {
      connection.close();
    }
  }
}

/** A page whose Origin has been found good may read the answer. */
function allowOrigin(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers.origin === undefined) return;
  response.setHeader('Access-Control-Allow-Origin', request.headers.origin);
  response.setHeader('Access-Control-Allow-Headers', 'Content-Type, Authorization');
  response.setHeader('Vary', 'Origin');
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=UTF-8' }).end(text);
}

/** Statements that only read need not wait for the inserts. */
const QUERY_WORDS = new Set(['SELECT', 'WITH', 'SHOW', 'DESCRIBE', 'DESC', 'EXISTS', 'EXPLAIN']);

/** An INSERT that names a format but has no rows would have the engine read its standard input. */
function refuseMissingRows(statement: Statement): void {
  if (statement.tree.kind !== 'InsertQuery' || !formatClause(statement.formatted)) return;
  throw StoreError.of(36, 'The INSERT has no rows. '
    + 'Send the statement as the URL parameter query and the rows alone as the body');
}

/** Rows that the engine has written since it started; inserts run one at a time, so a difference is one insert's. */
async function insertedRows(connection: Connection): Promise<number> {
  const rows = await connection.rows(
    "SELECT value FROM system.events WHERE event = 'InsertedRows'");
  return Number(rows[0]?.[0] ?? 0);
}
