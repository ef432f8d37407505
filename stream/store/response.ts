/** Writes results and errors as a ClickHouse server does over HTTP. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createGzip } from 'node:zlib';
import type { Writable } from 'node:stream';
import { StoreError, exceptionText, httpStatus } from './errors.ts';
import type { StoreRequest } from './request.ts';

/** Formats whose output can leave in pieces; others carry totals that need the whole result. */
const STREAMED_FORMAT = /^(JSONEachRow|NDJSON|JSONLines|JSONStringsEachRow|JSONCompact(Strings)?EachRow(WithNames|WithNamesAndTypes)?|(CSV|TSV|TSVRaw|TabSeparated|TabSeparatedRaw|RowBinary)(WithNames|WithNamesAndTypes)?|TSKV|Native|LineAsString|Values|RawBLOB)$/;

/** Whether the engine can stream this format without changing its bytes. */
export function isStreamed(format: string): boolean {
  return STREAMED_FORMAT.test(format);
}

/** Numbers of the `X-ClickHouse-Summary` header. */
export interface Summary {
  writtenRows?: number;
  writtenBytes?: number;
  elapsedNanoseconds?: number;
}

/** Sets the headers that every answer to a query has. */
export function setQueryHeaders(
  response: ServerResponse, request: StoreRequest, format: string, version: string,
): void {
  response.setHeader('X-ClickHouse-Query-Id', request.queryId);
  response.setHeader('X-ClickHouse-Format', format);
  response.setHeader('X-ClickHouse-Timezone', 'UTC');
  response.setHeader('X-ClickHouse-Server-Display-Name', `routewatch-embedded-${version}`);
  response.setHeader('Content-Type', contentType(format));
}

/** Sets `X-ClickHouse-Summary`; what the engine does not tell is 0. */
export function setSummary(response: ServerResponse, summary: Summary): void {
  const rows = String(summary.writtenRows ?? 0);
  const bytes = String(summary.writtenBytes ?? 0);
  response.setHeader('X-ClickHouse-Summary', JSON.stringify({
    read_rows: rows,
    read_bytes: bytes,
    written_rows: rows,
    written_bytes: bytes,
    total_rows_to_read: '0',
    result_rows: rows,
    result_bytes: bytes,
    elapsed_ns: String(summary.elapsedNanoseconds ?? 0),
  }));
}

function contentType(format: string): string {
  if (/EachRow|NDJSON|JSONLines/.test(format)) return 'application/x-ndjson; charset=UTF-8';
  if (format.startsWith('JSON')) return 'application/json; charset=UTF-8';
  if (format.startsWith('CSV')) return 'text/csv; charset=UTF-8; header=absent';
  if (/^(TSV|TabSeparated)/.test(format)) return 'text/tab-separated-values; charset=UTF-8';
  if (/^(Pretty|Vertical|Markdown|Values|XML)/.test(format)) return 'text/plain; charset=UTF-8';
  return 'application/octet-stream';
}

/** Sends a whole result. */
export async function sendBuffer(
  response: ServerResponse, bytes: Uint8Array, compress: boolean,
): Promise<void> {
  const output = startBody(response, compress);
  output.end(bytes);
  await finished(response);
}

/**
 * Sends pieces as they come and waits for a slow client at most `patience` ms. An error before the
 * first piece is thrown; a later one is written into the body as newer ClickHouse servers do, and
 * the connection is cut so that no client takes the result for whole.
 */
export async function sendStream(
  response: ServerResponse, pieces: AsyncGenerator<Uint8Array>, compress: boolean,
  patience: number, describe: (error: unknown) => string,
): Promise<void> {
  const tag = randomBytes(8).toString('hex');
  const first = await pieces.next();
  response.setHeader('X-ClickHouse-Exception-Tag', tag);
  const output = startBody(response, compress);
  try {
    if (!first.done) await writePiece(output, first.value, patience);
    for await (const piece of pieces) await writePiece(output, piece, patience);
  } catch (error) {
    const text = describe(error);
    const length = Buffer.byteLength(text);
    output.end(`\r\n__exception__\r\n${tag}\r\n${text}${length} ${tag}\r\n__exception__\r\n`);
    await finished(response);
    return;
  } finally {
    await pieces.return(undefined);
  }
  output.end();
  await finished(response);
}

function startBody(response: ServerResponse, compress: boolean): Writable {
  if (!compress) return response;
  response.setHeader('Content-Encoding', 'gzip');
  const gzip = createGzip({ level: 3 });
  response.once('close', () => gzip.destroy());
  gzip.pipe(response);
  return gzip;
}

/** Writes one piece and waits until there is room for the next; throws when the client is gone. */
async function writePiece(output: Writable, piece: Uint8Array, patience: number): Promise<void> {
  if (output.destroyed) throw CLIENT_GONE;
  if (output.write(piece)) return;
  const settled = new AbortController();
  const signal = AbortSignal.any([settled.signal, AbortSignal.timeout(patience)]);
  try {
    await Promise.race([once(output, 'drain', { signal }), once(output, 'close', { signal })]);
  } finally {
    settled.abort();
  }
  if (output.destroyed) throw CLIENT_GONE;
}

const CLIENT_GONE = StoreError.of(394, 'The client has gone');

async function finished(response: ServerResponse): Promise<void> {
  if (response.writableFinished || response.destroyed) return;
  await Promise.race([once(response, 'finish'), once(response, 'close')]);
}

/** Sends an error as ClickHouse does: status, code header and text. */
export function sendError(response: ServerResponse, error: StoreError, version: string): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  response.statusCode = httpStatus(error);
  response.setHeader('X-ClickHouse-Exception-Code', String(error.code));
  for (const name of ['Content-Encoding', 'X-ClickHouse-Summary', 'X-ClickHouse-Exception-Tag']) {
    response.removeHeader(name);
  }
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8');
  response.end(exceptionText(error, version));
}
