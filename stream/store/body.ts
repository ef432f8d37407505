/** The body of a request: unpacked, bounded, as text or as it comes. */
import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { StoreError } from './errors.ts';

/** The body as it was before compression; throws `NOT_IMPLEMENTED` for encodings but gzip. */
export function decoded(request: IncomingMessage): Readable {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return request;
  if (encoding !== 'gzip') {
    throw StoreError.of(48, `Content-Encoding ${encoding} is not supported. Use gzip or none`);
  }
  // A client that goes away ends the unpacked stream with an error too.
  return pipeline(request, createGunzip(), () => undefined);
}

/** The whole body as text; throws past `limit` bytes and for what is not UTF-8. */
export async function readText(body: Readable, limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limit) {
      throw StoreError.of(307, `The statement is longer than ${limit} bytes. `
        + 'Rows of an INSERT go into the body with the statement in ?query=');
    }
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw StoreError.of(62, 'The statement is not UTF-8 text. '
      + 'Rows of an INSERT go into the body with the statement in ?query=');
  }
}

/** Text and then the body, as one. */
export async function* joined(rows: string, body: Readable): AsyncGenerator<Buffer> {
  yield Buffer.from(rows);
  for await (const chunk of body as AsyncIterable<Buffer>) yield chunk;
}
