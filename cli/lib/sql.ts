/** One SELECT over the store's HTTP protocol: its answer as rows for us, or printed as it comes in the format asked for. */
import { type Format, type Record_, formatTable, writeOut } from './output.ts';

/** Values of `{name:Type}` in a statement. */
export type SqlParameters = Readonly<Record<string, string | number>>;

/** A statement that the store refused or could not finish; `usersOwn` when the one who wrote it can mend it. */
export class SqlError extends Error {
  override readonly name = 'SqlError';
  readonly usersOwn: boolean;

  constructor(message: string, usersOwn: boolean) {
    super(message);
    this.usersOwn = usersOwn;
  }
}

/** What the engine writes for each format of ours. */
const engineFormats: Readonly<Record<Format, string>> = {
  table: 'JSONCompactEachRowWithNames', csv: 'CSVWithNames', json: 'JSONEachRow', ndjson: 'JSONEachRow',
};

/** The rows of a statement, objects by column; 64-bit numbers are JSON numbers. */
export async function askRows(url: string, sql: string, parameters: SqlParameters = {}): Promise<Record_[]> {
  const rows: Record_[] = [];
  for await (const line of lines(await ask(url, sql, parameters, 'ndjson'))) rows.push(JSON.parse(line) as Record_);
  return rows;
}

/** Prints the answer to standard output; a statement with a FORMAT of its own as the engine writes that. */
export async function printAnswer(url: string, sql: string, parameters: SqlParameters, format: Format): Promise<void> {
  const response = await ask(url, sql, parameters, format);
  const ours = response.headers.get('x-clickhouse-format') === engineFormats[format];
  if (ours && format === 'table') await printTable(response);
  else if (ours && format === 'json') await printArray(response);
  else for await (const bytes of parts(response)) await writeOut(bytes);
}

async function printTable(response: Response): Promise<void> {
  const rows: unknown[][] = [];
  for await (const line of lines(response)) rows.push(JSON.parse(line) as unknown[]);
  await writeOut(formatTable((rows[0] ?? []).map(String), rows.slice(1)));
}

/** One row a line, numbers as the engine wrote them. */
async function printArray(response: Response): Promise<void> {
  let before = '[\n';
  for await (const line of lines(response)) {
    await writeOut(`${before}  ${line}`);
    before = ',\n';
  }
  await writeOut(before === '[\n' ? '[]\n' : '\n]\n');
}

async function ask(url: string, sql: string, parameters: SqlParameters, format: Format): Promise<Response> {
  const address = new URL(url);
  address.searchParams.set('database', 'routewatch');
  address.searchParams.set('default_format', engineFormats[format]);
  if (format === 'table') address.searchParams.set('output_format_json_quote_64bit_integers', '1');
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(`param_${name}`, escaped(String(value)));
  const response = await fetch(address, { method: 'POST', body: sql });
  if (!response.ok || response.headers.has('x-clickhouse-exception-code')) throw failure(await response.text(), sql, response.status < 500);
  return response;
}

/** Values of parameters are read as TSV has them. */
function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n');
}

/** The engine's words without its wrapping; for a syntax error the place in the statement. */
function failure(text: string, sql: string, usersOwn: boolean): SqlError {
  const plain = text.trim().replace(/^(Code: \d+\. )?(DB::Exception: )?/, '').replace(/ \([A-Z_0-9]+\) \(version [^)]*\)?\)\s*$/, '').replace(/\.$/, '');
  const unknown = /Unknown table expression identifier '([^']+)'/.exec(plain);
  if (unknown !== null) return new SqlError(`there is no table or view "${unknown[1]!}": routewatch query "SHOW TABLES" lists them, EVENTS.md explains them`, true);
  const place = /failed at position (\d+)/.exec(plain);
  if (place === null) return new SqlError(plain.replace(/\s*Expected one of: .*$/s, ''), usersOwn);
  const at = Number(place[1]) - 1;
  const rest = sql.slice(at, at + 40).split('\n')[0]!.trim();
  return new SqlError(`the statement cannot be read at character ${at + 1}${rest === '' ? ' (its end)' : `: "${rest}"`}`, true);
}

async function* lines(response: Response): AsyncGenerator<string> {
  let held = '';
  for await (const part of parts(response)) {
    const pieces = (held + part).split('\n');
    held = pieces.pop()!;
    yield* pieces.filter((line) => line !== '');
  }
  if (held !== '') yield held;
}

/** The body as text; an error that the engine met while it wrote stands at the end behind a tag and is thrown. */
async function* parts(response: Response): AsyncGenerator<string> {
  const tag = response.headers.get('x-clickhouse-exception-tag');
  const marker = tag === null ? undefined : `__exception__\r\n${tag}\r\n`;
  const decoder = new TextDecoder();
  let held = '';
  let failed = false;
  for await (const bytes of response.body ?? []) {
    held += decoder.decode(bytes as Uint8Array, { stream: true });
    if (marker === undefined) {
      yield held;
      held = '';
    } else if (!failed) {
      const found = held.indexOf(marker);
      failed = found !== -1;
      const safe = failed ? found : Math.max(0, held.length - marker.length);
      if (safe > 0) yield held.slice(0, safe).replace(/\r\n$/, failed ? '' : '$&');
      held = held.slice(safe);
    }
  }
  if (failed) throw failure(held.slice(marker!.length).split('\n')[0]!, '', false);
  if (held !== '') yield held;
}
