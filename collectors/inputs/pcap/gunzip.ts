/** Decompresses gzip (RFC 1952, any number of members) and loses no byte that stands before a fault. */
import { createGunzip } from 'node:zlib';
import type { Gunzip } from 'node:zlib';
import type { ByteSource } from './bytes.ts';

/** Bytes of output that zlib gives at once. */
const OUTPUT_BYTES = 256 * 1024;
/** Compressed bytes fed at once: bounds what one step can put out (1,032 times as much). */
export const GZIP_PIECE_BYTES = 64 * 1024;

/** zlib, one piece at a time: what a piece gave is there when `feed` returns, also when it failed. */
class Inflater {
  readonly #stream: Gunzip = createGunzip({ chunkSize: OUTPUT_BYTES });
  #output: Uint8Array[] = [];
  #error: Error | undefined;
  #wake: () => void = () => undefined;
  ended = false;

  constructor() {
    this.#stream.on('data', (bytes: Uint8Array) => this.#output.push(bytes));
    this.#stream.on('error', (error: Error) => {
      this.#error = error;
      this.#wake();
    });
    this.#stream.on('end', () => {
      this.ended = true;
      this.#wake();
    });
  }

  /** Feeds a piece, or the end; returns zlib's error if it has one. */
  async feed(piece: Uint8Array | undefined): Promise<Error | undefined> {
    if (this.#error !== undefined || this.ended) return this.#error;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (piece === undefined) this.#stream.end();
      else this.#stream.write(piece, () => resolve());
    });
    return this.#error;
  }

  take(): Uint8Array[] {
    const output = this.#output;
    this.#output = [];
    return output;
  }

  close(): void {
    this.#stream.destroy();
  }
}

/**
 * The decompressed bytes of `source`; throws after the last good byte. zlib drops what the failing step
 * had put out, so with `reopen` the file is read again up to there, then byte by byte; without it (a
 * stream) up to 256 KB before corrupt data, though never before a mere cut, are not to be had.
 */
export class GunzipSource implements ByteSource {
  readonly #source: ByteSource;
  readonly #reopen: (() => Promise<ByteSource>) | undefined;
  readonly #inflater = new Inflater();
  #ready: Uint8Array[] = [];
  #fed = 0;
  #given = 0;
  #error: Error | undefined;
  #done = false;

  constructor(source: ByteSource, reopen?: () => Promise<ByteSource>) {
    this.#source = source;
    this.#reopen = reopen;
  }

  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const bytes = this.#ready.shift();
      if (bytes !== undefined) {
        this.#given += bytes.length;
        return bytes;
      }
      if (this.#error !== undefined) throw this.#error;
      if (this.#done) return undefined;
      await this.#step();
    }
  }

  async #step(): Promise<void> {
    const piece = await this.#source.next();
    const error = await this.#inflater.feed(piece);
    this.#ready.push(...this.#inflater.take());
    if (error !== undefined) {
      this.#error = describe(error, this.#fed, piece?.length ?? 0);
      if (piece !== undefined && this.#reopen !== undefined) await this.#recover(this.#reopen);
    } else if (piece === undefined || this.#inflater.ended) this.#done = true;
    this.#fed += piece?.length ?? 0;
  }

  /** Reads again what the failing step lost. */
  async #recover(reopen: () => Promise<ByteSource>): Promise<void> {
    const known = this.#given + this.#ready.reduce((sum, each) => sum + each.length, 0);
    const again = await reopen();
    const inflater = new Inflater();
    let fed = 0;
    let skipped = 0;
    try {
      for (let piece = await again.next(); piece !== undefined; piece = await again.next()) {
        const careful = fed + piece.length > this.#fed;
        for (let at = 0; at < piece.length; at += careful ? 1 : piece.length) {
          const part = careful ? piece.subarray(at, at + 1) : piece;
          const error = await inflater.feed(part);
          for (const bytes of inflater.take()) {
            const fresh = bytes.subarray(Math.max(0, Math.min(bytes.length, known - skipped)));
            skipped += bytes.length - fresh.length;
            if (fresh.length > 0) this.#ready.push(fresh);
          }
          if (error !== undefined) return;
        }
        fed += piece.length;
      }
    } finally {
      inflater.close();
      await again.close();
    }
  }

  async close(): Promise<void> {
    this.#inflater.close();
    await this.#source.close();
  }
}

function describe(error: Error, fed: number, length: number): Error {
  if (length === 0) {
    return new Error(`the gzip stream is cut off after ${fed} compressed bytes (${error.message})`);
  }
  return new Error(
    `the gzip stream is corrupt between compressed bytes ${fed} and ${fed + length} (${error.message})`,
  );
}
