/** What the commands print: tables, JSON, progress; colours only on a terminal. */
import { SingleBar } from 'cli-progress';
import { once } from 'node:events';
import { styleText } from 'node:util';

export type Format = 'table' | 'csv' | 'json' | 'ndjson';

/** A mistake of the user's: its text says what, where and what to try; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What a start lacks, and a person has to see to: its text says what, where and what to try; exit code 69. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}

/** Exit codes of the command. */
export const EXIT = { ok: 0, failed: 1, usage: 2, partial: 3, unavailable: 69, internal: 70, interrupted: 130 } as const;

export type Record_ = Readonly<Record<string, unknown>>;

const wantsColour = (stream: { isTTY?: boolean }): boolean => stream.isTTY === true && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';

/** Colours text when standard output is a terminal and NO_COLOR is not set. */
export function colour(style: Parameters<typeof styleText>[0], text: string): string {
  return wantsColour(process.stdout) ? styleText(style, text, { validateStream: false }) : text;
}

/** Writes to standard output and waits while its reader is slow. */
export async function writeOut(piece: string | Uint8Array): Promise<void> {
  if (!process.stdout.write(piece) && !process.stdout.destroyed) await Promise.race([once(process.stdout, 'drain'), once(process.stdout, 'close')]);
}

/** Resolves when all that was printed is out, or its reader is gone: a pipe takes the rest only while the process lives. */
export async function flushed(): Promise<void> {
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise<void>((resolve) => {
    if (stream.destroyed) return resolve();
    stream.once('close', () => { resolve(); });
    stream.write('', () => { resolve(); });
  })));
}

/** A warning or error on standard error. */
export function complain(text: string): void {
  process.stderr.write(`routewatch: ${text}\n`);
}

/** Prints rows of our own making as a table or as JSON. */
export function printRows(rows: readonly Record_[], format: 'table' | 'json'): void {
  const names = Object.keys(rows[0] ?? {});
  process.stdout.write(format === 'json' ? `${JSON.stringify(rows, undefined, 2)}\n` : formatTable(names, rows.map((row) => names.map((name) => row[name]))));
}

/** Columns as wide as they must be; numbers to the right. No rows: a line that says so. */
export function formatTable(names: readonly string[], rows: readonly (readonly unknown[])[]): string {
  if (rows.length === 0) return 'no rows\n';
  const cells = rows.map((row) => names.map((_, i) => cell(row[i])));
  const widths = names.map((name, i) => cells.reduce((most, line) => Math.max(most, width(line[i]!)), width(name)));
  const draw = (line: readonly string[]): string => line.map((text, i) => text + ' '.repeat(widths[i]! - width(text))).join('  ').trimEnd();
  return `${[colour('bold', draw(names)), ...cells.map(draw)].join('\n')}\n`;
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Characters as people count them: not UTF-16 units, and a letter with its accents is one. */
function width(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : Array.from(graphemes.segment(text)).length;
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return harmless(value.map((each) => (typeof each === 'object' ? JSON.stringify(each) : String(each))).join(' '));
  if (typeof value === 'object') return harmless(JSON.stringify(value));
  // Nanoseconds that no capture had are left out.
  return harmless(String(value as string | number | boolean | bigint)).replace(/^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6})000$/, '$1');
}

/** Control characters of a hostile name must not reach the terminal. */
export function harmless(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, '\uFFFD');
}

/** A bar of bytes on standard error where that is a terminal; `undefined` elsewhere. */
export function progressBar(what: string, totalBytes: number): SingleBar | undefined {
  if (!process.stderr.isTTY || totalBytes === 0) return undefined;
  const bar = new SingleBar({
    format: `${what} {bar} {percentage}%  {note}`, hideCursor: true, clearOnComplete: true, stream: process.stderr, etaBuffer: 50, gracefulExit: false,
  });
  bar.start(totalBytes, 0, { note: '' });
  return bar;
}

/** JSON of rows whose numbers may be bigint: those become text. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner));
}
