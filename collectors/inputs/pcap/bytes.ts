/** Where a capture's bytes come from: files, streams, and either of them read ahead. */
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

/** Bytes in order; each buffer is given away and never written again. */
export interface ByteSource {
  /** The next bytes (never empty), or undefined at the end. */
  next(): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}

/** Reads a file (or a FIFO, as its bytes come) in pieces of `pieceBytes` at most. */
export class FileSource implements ByteSource {
  readonly #handle: FileHandle;
  readonly #pieceBytes: number;
  /** Bytes read so far. */
  bytesRead = 0;

  private constructor(handle: FileHandle, pieceBytes: number) {
    this.#handle = handle;
    this.#pieceBytes = pieceBytes;
  }

  static async open(path: string, pieceBytes: number): Promise<FileSource> {
    return new FileSource(await open(path, 'r'), pieceBytes);
  }

  /** Whether the file can be read a second time. */
  async isRegular(): Promise<boolean> {
    return (await this.#handle.stat()).isFile();
  }

  async next(): Promise<Uint8Array | undefined> {
    const buffer = Buffer.allocUnsafeSlow(this.#pieceBytes);
    const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, null);
    this.bytesRead += bytesRead;
    return bytesRead === 0 ? undefined : buffer.subarray(0, bytesRead);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** Reads a stream as its bytes come; `stop` ends it without waiting for more. */
export class StreamSource implements ByteSource {
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #stop: () => void;

  constructor(stream: AsyncIterable<Uint8Array>, stop: () => void) {
    this.#iterator = stream[Symbol.asyncIterator]();
    this.#stop = stop;
  }

  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const { value, done } = await this.#iterator.next();
      if (done === true) return undefined;
      if (value.length > 0) return value;
    }
  }

  async close(): Promise<void> {
    this.#stop();
  }
}

/** A source with bytes put back in front of it. */
export class UnreadSource implements ByteSource {
  #front: Uint8Array | undefined;
  readonly #source: ByteSource;

  constructor(front: Uint8Array, source: ByteSource) {
    this.#front = front.length > 0 ? front : undefined;
    this.#source = source;
  }

  async next(): Promise<Uint8Array | undefined> {
    const front = this.#front;
    this.#front = undefined;
    return front ?? this.#source.next();
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}

/** Fetches the next piece while the last one is worked on; for sources that never wait for a sender. */
export class ReadAheadSource implements ByteSource {
  readonly #source: ByteSource;
  #pending: Promise<Uint8Array | undefined> | undefined;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  async next(): Promise<Uint8Array | undefined> {
    const bytes = await (this.#pending ?? this.#source.next());
    this.#pending = undefined;
    if (bytes !== undefined) {
      this.#pending = this.#source.next();
      this.#pending.catch(() => undefined); // thrown where it is awaited
    }
    return bytes;
  }

  async close(): Promise<void> {
    await this.#pending?.catch(() => undefined);
    await this.#source.close();
  }
}
