/**
 * Inserts: the body goes to a spool file of our own and the statement reads it with `file()`.
 * Bytes never reach the engine inline: it would execute what follows a blank line in them as SQL.
 */
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Connection } from './engine.ts';
import { StoreError } from './errors.ts';
import { formatClause, isWord, quoteIdentifier, quoteString, tokens, type Token } from './sql-text.ts';

/** An insert body on disk. */
export interface SpoolFile {
  path: string;
  bytes: number;
}

/** The directory that holds insert bodies while the engine reads them. */
export class Spool {
  readonly #directory: string;
  readonly #limit: number;

  /** `limit` is the longest body in bytes. */
  constructor(directory: string, limit: number) {
    this.#directory = directory;
    this.#limit = limit;
  }

  /** Makes the directory and removes what a killed process left there. */
  async prepare(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#directory)) {
      if (/^insert-[0-9a-f]{32}$/.test(name)) await unlink(join(this.#directory, name));
    }
  }

  /** Writes a body to a fresh file; throws `TOO_MANY_BYTES` past the limit and leaves nothing. */
  async write(body: Readable): Promise<SpoolFile> {
    const path = join(this.#directory, `insert-${randomBytes(16).toString('hex')}`);
    let bytes = 0;
    const limit = this.#limit;
    const count = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        if (bytes <= limit) return done(null, chunk);
        return done(StoreError.of(307, `The insert body is longer than ${limit} bytes. `
          + 'Send it in several inserts, or raise limits.insertBytes'));
      },
    });
    try {
      await pipeline(body, count, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
    } catch (error) {
      await this.remove(path);
      throw error;
    }
    return { path, bytes };
  }

  /** Removes a file that may be gone already. */
  async remove(path: string): Promise<void> {
    try {
      await unlink(path);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }
}

/** Text formats: rows may follow their statement, and a field may be left out for its default. */
const TEXT_FORMAT = /^(Values|CSV|TSV|TabSeparated|JSON|NDJSON|TSKV)/;

/**
 * Splits an INSERT whose rows follow it in the same text, as `VALUES (...)` or after `FORMAT CSV`;
 * undefined where it takes its rows from a SELECT. Left together, the engine would execute what
 * follows the rows. Throws `BAD_ARGUMENTS` for rows in a binary format.
 */
export function splitInlineRows(sql: string): { statement: string; rows: string } | undefined {
  const all = tokens(sql);
  let previous: Token | undefined;
  let place = 0;
  for (const token of all) {
    if (token.depth === 0 && place++ > 2) {
      if (isWord(token, 'SELECT') || isWord(token, 'WITH')) return undefined;
      if (isWord(token, 'VALUES')) return splitAt(sql, token.end, 'Values');
      if (isWord(previous, 'FORMAT')) return splitAt(sql, token.end, token.text);
    }
    previous = token;
  }
  return undefined;
}

function splitAt(sql: string, end: number, format: string): { statement: string; rows: string } {
  const statement = sql.slice(0, end);
  const rows = sql.slice(end).replace(/^[ \t]*\r?\n?/, '');
  if (rows.trim() === '') return { statement, rows: '' };
  if (format.toUpperCase() === 'VALUES') return { statement, rows: withoutSemicolon(rows) };
  if (TEXT_FORMAT.test(format)) return { statement, rows };
  throw StoreError.of(36, `Rows in ${format} cannot follow their INSERT in the body. `
    + 'Send the statement as the URL parameter query and the rows alone as the body');
}

/** Values may end with a semicolon; the engine would leave out in silence what stands behind it. */
function withoutSemicolon(rows: string): string {
  let end: number | undefined;
  for (const token of tokens(rows)) {
    if (end !== undefined) {
      throw StoreError.of(62, 'Syntax error (Multi-statements are not allowed): text after VALUES');
    }
    if (token.text === ';' && token.depth === 0) end = token.start;
  }
  return rows.slice(0, end);
}

/**
 * Rewrites a formatted `INSERT ... FORMAT x` so that it reads the spool file in place of the body.
 * Throws `BAD_ARGUMENTS` where the statement takes no body.
 */
export async function readFromSpool(
  connection: Connection, formatted: string, file: string,
): Promise<string> {
  const format = formatClause(formatted);
  if (!format) {
    throw StoreError.of(36, 'The INSERT has a body but no FORMAT clause: '
      + 'end the statement with FORMAT and the name of the body\'s format');
  }
  const head = formatted.slice(0, format.start).trimEnd();
  const tail = formatted.slice(format.end);
  const all = [...tokens(head)];
  const inputs = all.filter((token, index) => isWord(token, 'INPUT') && all[index + 1]?.text === '(');
  if (inputs.length > 1) throw StoreError.of(36, 'The INSERT reads input() more than once');
  if (inputs[0]) return `${replaceInput(head, all, inputs[0], format.name, file)}${tail}`;
  return `${await addSelect(connection, head, all, format.name, file)}${tail}`;
}

/** `input('structure')` becomes `file('path', 'format', 'structure')`. */
function replaceInput(
  head: string, all: Token[], input: Token, format: string, file: string,
): string {
  const index = all.indexOf(input);
  const structure = all[index + 2];
  const close = all[index + 3];
  if (structure?.kind !== 'string' || close?.text !== ')') {
    throw StoreError.of(36, 'Write input(\'name Type, ...\') with one string literal');
  }
  const source = `file(${quoteString(file)}, ${quoteString(format)}, ${structure.text})`;
  return head.slice(0, input.start) + source + head.slice(close.end);
}

/** `INSERT INTO t (a, b)` gets a SELECT whose structure the engine gives for that table. */
async function addSelect(
  connection: Connection, head: string, all: Token[], format: string, file: string,
): Promise<string> {
  const target = insertTarget(head, all);
  const columns = await connection.rows(
    `DESCRIBE TABLE (SELECT ${target.columns} FROM ${target.table})`);
  const declared = await connection.rows(`DESCRIBE TABLE ${target.table}`);
  const defaulted = new Set(declared
    .filter(([, , defaultType]) => defaultType === 'DEFAULT').map(([name]) => name));
  const structure = columns.map(([name = '', type = '']) => {
    const mayBeLeftOut = TEXT_FORMAT.test(format) && defaulted.has(name);
    return `${quoteIdentifier(name)} ${mayBeLeftOut ? nullable(type) : type}`;
  }).join(', ');
  const names = columns.map(([name = '']) => quoteIdentifier(name)).join(', ');
  return `INSERT INTO ${target.table} (${names})${target.settings} SELECT ${names} FROM `
    + `file(${quoteString(file)}, ${quoteString(format)}, ${quoteString(structure)})`;
}

/** A left out field is then NULL, which `insert_null_as_default` turns into the column's default. */
function nullable(type: string): string {
  if (/^(Nullable|Array|Map|Tuple|Nested|Variant|Dynamic|JSON|LowCardinality\(Nullable)\b/.test(type)) {
    return type;
  }
  const inner = /^LowCardinality\((.*)\)$/s.exec(type)?.[1];
  return inner === undefined ? `Nullable(${type})` : `LowCardinality(Nullable(${inner}))`;
}

/** Table, column list and SETTINGS clause of a formatted `INSERT INTO table (columns) SETTINGS`. */
function insertTarget(
  head: string, all: Token[],
): { table: string; columns: string; settings: string } {
  const start = all[2];
  const into = isWord(all[0], 'INSERT') && isWord(all[1], 'INTO');
  if (!into || !start || isWord(start, 'FUNCTION')) {
    throw StoreError.of(36, 'Only INSERT INTO a table takes a body');
  }
  const rest = all.slice(2);
  const settings = rest.find((token) => token.depth === 0 && isWord(token, 'SETTINGS'));
  const query = rest.find((token) => isWord(token, 'SELECT') || isWord(token, 'WITH'));
  if (query) {
    throw StoreError.of(36, 'The INSERT has a SELECT and a body: '
      + 'read the body in it with input(\'name Type, ...\')');
  }
  const open = rest.find((token) => token.text === '(');
  const close = rest.findLast((token) => token.text === ')' && token.depth === 0);
  const tableEnd = open?.start ?? settings?.start ?? head.length;
  return {
    table: head.slice(start.start, tableEnd).trim(),
    columns: open && close ? head.slice(open.end, close.start) : '*',
    settings: settings ? ` ${head.slice(settings.start)}` : '',
  };
}
