/** What the commands print: tables, JSON, CSV, progress; colours only on a terminal. */
import { SingleBar } from 'cli-progress';
import { styleText } from 'node:util';

export type Format = 'table' | 'csv' | 'json' | 'ndjson';

/** A mistake of the user's: its text says what, where and what to try; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Exit codes of the command. */
export const EXIT = { ok: 0, failed: 1, usage: 2, partial: 3, unavailable: 69, internal: 70 } as const;

type Value = unknown;
export type Record_ = Readonly<Record<string, Value>>;

const colourful = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;

/** Colours text when standard output is a terminal. */
export function colour(style: Parameters<typeof styleText>[0], text: string): string {
  return colourful ? styleText(style, text) : text;
}

/** Prints rows in the format asked for; a table of no rows says so. */
export function printRows(rows: readonly Record_[], format: Format, columns?: readonly string[]): void {
  process.stdout.write(formatRows(rows, format, columns));
}

export function formatRows(rows: readonly Record_[], format: Format, columns: readonly string[] = rows[0] === undefined ? [] : Object.keys(rows[0])): string {
  switch (format) {
    case 'json': return `${JSON.stringify(rows, undefined, 2)}\n`;
    case 'ndjson': return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    case 'csv': return [columns, ...rows.map((row) => columns.map((name) => cell(row[name])))].map((line) => `${line.map(csv).join(',')}\n`).join('');
    case 'table': return table(rows, columns);
  }
}

function table(rows: readonly Record_[], columns: readonly string[]): string {
  if (rows.length === 0) return 'no rows\n';
  const lines = rows.map((row) => columns.map((name) => cell(row[name])));
  const widths = columns.map((name, i) => Math.max(name.length, ...lines.map((line) => line[i]!.length)));
  const draw = (line: readonly string[]): string => line.map((text, i) => text.padEnd(widths[i]!)).join('  ').trimEnd();
  return `${[colour('bold', draw(columns)), ...lines.map(draw)].join('\n')}\n`;
}

function cell(value: Value): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'object') return JSON.stringify(value);
  // Control characters of a hostile name must not reach the terminal.
  return String(value as string | number | boolean | bigint).replaceAll(/\p{Cc}/gu, '�');
}

function csv(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A bar on standard error where that is a terminal; `undefined` elsewhere. */
export function progressBar(what: string, total: number): SingleBar | undefined {
  if (!process.stderr.isTTY) return undefined;
  const bar = new SingleBar({ format: `${what} {bar} {percentage}% {value}/{total}`, hideCursor: true, clearOnComplete: true, stream: process.stderr });
  bar.start(total, 0);
  return bar;
}

/** JSON of rows whose numbers may be bigint: those become text. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner));
}
