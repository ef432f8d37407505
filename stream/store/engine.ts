/** The embedded engine: connections of its own for each request, and errors in our terms. */
import { Session, drainPending } from 'chdb';
import { fromEngine } from './errors.ts';
import { quoteIdentifier, quoteString } from './sql-text.ts';

/** What a connection is told before its statement. */
export interface ConnectionSetup {
  /** A name for `Engine.cancel`. */
  tag?: string;
  database?: string | undefined;
  /** Values for `{name:Type}`, in ClickHouse's escaped text form. */
  parameters?: ReadonlyMap<string, string>;
  settings?: ReadonlyMap<string, string>;
  /** Nothing can be written or set after this, not even by the statement's own SETTINGS. */
  readonly?: boolean;
}

/** Result of a statement that was not streamed. */
export interface BufferedResult {
  bytes: Uint8Array;
  elapsedNanoseconds: number;
}

/**
 * One connection: about 0.3 ms to open, with settings and parameters of its own. Parameters are
 * set with `SET param_x`, not bound by the addon, whose binding is shared by the whole process.
 */
export class Connection {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Applies database, parameters, settings and read-only mode, in this order. */
  configure(setup: ConnectionSetup): void {
    const assignments: string[] = [];
    for (const [name, value] of setup.parameters ?? []) {
      assignments.push(`${quoteIdentifier(`param_${name}`)} = ${quoteString(value)}`);
    }
    for (const [name, value] of setup.settings ?? []) {
      assignments.push(`${name} = ${quoteString(value)}`);
    }
    try {
      if (setup.tag !== undefined) assignments.push(`log_comment = ${quoteString(setup.tag)}`);
      if (setup.database) this.#session.query(`USE ${quoteIdentifier(setup.database)}`);
      if (assignments.length > 0) this.#session.query(`SET ${assignments.join(', ')}`);
      if (setup.readonly) this.#session.query('SET readonly = 1');
    } catch (error) {
      throw fromEngine(error);
    }
  }

  /** Runs a statement off the main thread and gives its whole output. */
  async run(sql: string, format: string): Promise<BufferedResult> {
    try {
      const result = await this.#session.queryAsync(sql, { format });
      return { bytes: result.bytes(), elapsedNanoseconds: Math.round(result.elapsed * 1e9) };
    } catch (error) {
      throw fromEngine(error);
    }
  }

  /** Runs a statement and gives its rows with each value as text. */
  async rows(sql: string): Promise<string[][]> {
    const { bytes } = await this.run(sql, 'JSONCompactStringsEachRow');
    const text = Buffer.from(bytes).toString('utf8').trim();
    return text === '' ? [] : text.split('\n').map(parseRow);
  }

  /** Streams the output of a SELECT; leaving the loop early cancels the query in the engine. */
  async *stream(sql: string, format: string): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of this.#session.queryStream(sql, { format })) yield chunk.raw();
    } catch (error) {
      throw fromEngine(error);
    }
  }

  close(): void {
    this.#session.close();
  }
}

function parseRow(line: string): string[] {
  const row: unknown = JSON.parse(line);
  return Array.isArray(row) ? row.map(String) : [];
}

/** The engine over one data directory; there can be one in a process. */
export class Engine {
  readonly #directory: string;
  #keeper: Session | undefined;
  #version = '';

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Opens the directory; throws if the engine cannot read it. */
  open(): void {
    this.#keeper = new Session(this.#directory, {
      connectionArgs: ['--async_load_databases=0', '--async_load_system_database=0'],
    });
    this.#version = this.#keeper.query('SELECT version()', 'TSVRaw').trim();
  }

  /** The engine's version, such as `26.7.2.1`. */
  get version(): string {
    return this.#version;
  }

  /** A fresh connection to the open directory; the caller closes it. */
  connect(): Connection {
    return new Connection(new Session(this.#directory));
  }

  /** Ends the statement that runs on the connection with this tag; it then throws. */
  async cancel(tag: string): Promise<void> {
    const connection = this.connect();
    try {
      await connection.run(
        `KILL QUERY WHERE Settings['log_comment'] = ${quoteString(tag)} ASYNC`, 'Null');
    } finally {
      connection.close();
    }
  }

  /** Waits for what still runs, then closes the directory. */
  async close(): Promise<void> {
    await drainPending();
    this.#keeper?.close();
    this.#keeper = undefined;
    await drainPending();
  }
}
