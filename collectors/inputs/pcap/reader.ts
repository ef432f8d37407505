/** Drives a format's reader over a source of bytes: the life of a capture from its first byte to its result. */
import { CaptureError, ReadState } from './capture.ts';
import type { CapturedPacket, CaptureResult, OpenCapture, RecordReader } from './capture.ts';
import type { ByteSource } from './bytes.ts';

/** An open capture of either format; give it to the user once `readHeader` has returned. */
export class CaptureReader implements OpenCapture {
  readonly name: string;
  readonly packets: AsyncIterable<CapturedPacket[]>;
  bytesRead?: () => number;
  readonly #source: ByteSource;
  readonly #records: RecordReader;
  readonly #state: ReadState;
  /** Bytes at hand, and where among them the next record begins. */
  #buffer: Uint8Array = new Uint8Array(0);
  #position = 0;
  /** File offset of the buffer's first byte. */
  #base = 0;
  /** True when the buffer holds no whole record. */
  #starving = true;
  #ready: CapturedPacket[][] = [];
  #ended = false;
  #pulling: Promise<void> | undefined;

  constructor(name: string, source: ByteSource, records: RecordReader, state: ReadState) {
    this.name = name;
    this.#source = source;
    this.#records = records;
    this.#state = state;
    this.packets = { [Symbol.asyncIterator]: () => this.#iterate() };
  }

  /** Reads the file's header; throws a CaptureError if it has no valid one. */
  async readHeader(): Promise<void> {
    while (!this.#records.headerRead && !this.#ended) await this.#pull();
    if (this.#records.headerRead) return;
    const fault = this.#state.fault?.message ?? `it ends within its ${this.#records.describeCut()}`;
    throw new CaptureError('bad-header', `${this.name}: ${fault}; nothing was read`);
  }

  result(): CaptureResult {
    return this.#state.result();
  }

  async identity(): Promise<Uint8Array> {
    while (this.#state.identity === undefined && !this.#ended) await this.#pull();
    return this.#state.identity ?? this.#state.closeIdentity();
  }

  async close(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#source.close();
  }

  async *#iterate(): AsyncGenerator<CapturedPacket[]> {
    try {
      for (;;) {
        const packets = this.#ready.shift();
        if (packets !== undefined) yield packets;
        else if (this.#ended) return;
        else await this.#pull();
      }
    } finally {
      await this.close();
    }
  }

  /** One step at a time, whoever asks for it. */
  #pull(): Promise<void> {
    this.#pulling ??= this.#step().finally(() => {
      this.#pulling = undefined;
    });
    return this.#pulling;
  }

  /** Reads one chunk of packets off the buffer, or gets more bytes. */
  async #step(): Promise<void> {
    if (this.#starving && !(await this.#fill())) return;
    const packets: CapturedPacket[] = [];
    const before = this.#position;
    this.#position = this.#records.read(this.#buffer, before, this.#base, packets);
    if (packets.length > 0) this.#ready.push(packets);
    if (this.#records.stopped) return this.close();
    const left = this.#buffer.length - this.#position;
    this.#starving = left < this.#records.needed;
  }

  /** Adds bytes until the reader has what it needs; false at the end. */
  async #fill(): Promise<boolean> {
    const pieces = [this.#buffer.subarray(this.#position)];
    let length = this.#buffer.length - this.#position;
    this.#base += this.#position;
    let fault: string | undefined;
    let more: Uint8Array | undefined;
    do {
      try {
        more = await this.#source.next();
      } catch (error) {
        fault = error instanceof Error ? error.message : String(error);
        more = undefined;
      }
      if (more === undefined) break;
      pieces.push(more);
      length += more.length;
    } while (length < this.#records.needed);
    this.#buffer = pieces.length === 2 && pieces[0]?.length === 0 && more ? more : join(pieces, length);
    this.#position = 0;
    if (more !== undefined) return true;
    await this.#end(length, fault);
    return false;
  }

  /** `left` bytes of a record that is not whole remain. */
  async #end(left: number, fault: string | undefined): Promise<void> {
    if (this.#ended) return; // closed while it waited: nothing is wrong with the capture
    const used = `the ${this.#state.packets} packets before it were used`;
    const cut = `the ${this.#records.describeCut()} at byte ${this.#base}`;
    if (fault !== undefined) {
      const offset = this.#base + left;
      this.#state.addFault(offset, `${fault}, which is byte ${offset} of the capture; ${used}`);
    } else if (left > 0 && this.#records.headerRead) {
      const has = `is cut off: the file ends after ${left} of its ${this.#records.needed} bytes`;
      this.#state.addFault(this.#base, `${cut} ${has}; ${used}`);
    }
    if (this.#records.headerRead) this.#state.closeIdentity();
    await this.close();
  }
}

function join(pieces: Uint8Array[], length: number): Uint8Array {
  const whole = Buffer.allocUnsafeSlow(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
