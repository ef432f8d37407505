/** Opens a capture, whatever its format: pcap or pcapng, gzipped or not, a file or standard input. */
import { basename } from 'node:path';
import { FileSource, ReadAheadSource, StreamSource, UnreadSource } from './bytes.ts';
import type { ByteSource } from './bytes.ts';
import { CaptureError, ReadState } from './capture.ts';
import type { OpenCapture } from './capture.ts';
import { GunzipSource, GZIP_PIECE_BYTES } from './gunzip.ts';
import { GZIP_MAGIC, OTHER_COMPRESSIONS } from './iana.ts';
import { isPcap, PcapReader } from './pcap.ts';
import { isPcapng, PcapngReader } from './pcapng.ts';
import { CaptureReader } from './reader.ts';

export type { CapturedPacket, CaptureFault, CaptureInterface, CaptureResult } from './capture.ts';
export type { OpenCapture } from './capture.ts';
export { CaptureError } from './capture.ts';

const FILE_PIECE_BYTES = 1024 * 1024;
const DETECT_BYTES = 12;

/**
 * Opens the capture at `path`, `-` for standard input, and reads its header.
 * Throws a CaptureError if it cannot be read, is empty, or is no capture.
 */
export async function openCapture(path: string): Promise<OpenCapture> {
  if (path === '-') return openCaptureStream('-', process.stdin, () => process.stdin.destroy());
  const file = await openFile(path, FILE_PIECE_BYTES);
  const regular = await file.isRegular();
  const reopen = regular ? () => openFile(path, GZIP_PIECE_BYTES) : undefined;
  const capture = await openSource(basename(path), file, { reopen, readAhead: regular });
  capture.bytesRead = () => file.bytesRead;
  return capture;
}

/** Opens a capture that comes as a stream; `stop` is called where nobody wants the rest. */
export function openCaptureStream(
  name: string,
  stream: AsyncIterable<Uint8Array>,
  stop: () => void = () => undefined,
): Promise<OpenCapture> {
  return openSource(name, new StreamSource(stream, stop), { reopen: undefined, readAhead: false });
}

interface SourceKind {
  reopen: (() => Promise<ByteSource>) | undefined;
  readAhead: boolean;
}

async function openSource(name: string, raw: ByteSource, kind: SourceKind): Promise<OpenCapture> {
  let source = raw;
  try {
    let first = await peek(name, raw);
    source = first.source;
    if (startsWith(first.bytes, GZIP_MAGIC)) {
      source = new GunzipSource(cutPieces(source), kind.reopen);
      first = await peek(name, source);
      source = first.source;
    }
    if (kind.readAhead) source = new ReadAheadSource(source);
    const state = new ReadState();
    const capture = new CaptureReader(name, source, chooseReader(name, first.bytes, state), state);
    await capture.readHeader();
    return capture;
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function openFile(path: string, pieceBytes: number): Promise<FileSource> {
  try {
    return await FileSource.open(path, pieceBytes);
  } catch (error) {
    throw new CaptureError('unreadable', `${path}: cannot be opened: ${textOf(error)}`);
  }
}

/** The first bytes (12 unless there are fewer) and the source as if they had not been read. */
async function peek(
  name: string,
  source: ByteSource,
): Promise<{ bytes: Uint8Array; source: ByteSource }> {
  let bytes: Uint8Array = new Uint8Array(0);
  try {
    while (bytes.length < DETECT_BYTES) {
      const more = await source.next();
      if (more === undefined) break;
      bytes = bytes.length === 0 ? more : Buffer.concat([bytes, more]);
    }
  } catch (error) {
    if (bytes.length === 0) throw new CaptureError('unreadable', `${name}: ${textOf(error)}`);
  }
  if (bytes.length === 0) {
    throw new CaptureError('empty', `${name}: empty, not even a capture's header is in it`);
  }
  return { bytes, source: new UnreadSource(bytes, source) };
}

function chooseReader(name: string, bytes: Uint8Array, state: ReadState): PcapReader | PcapngReader {
  if (bytes.length >= 4) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (isPcap(view)) return new PcapReader(name, state);
    if (isPcapng(view)) return new PcapngReader(name, state);
  }
  const shown = [...bytes.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const taken = 'pcap and pcapng are taken, each also gzipped';
  const other = OTHER_COMPRESSIONS.find(({ magic }) => startsWith(bytes, magic));
  const advice =
    other === undefined
      ? 'other formats of captures: convert with editcap -F pcapng IN OUT'
      : `this is ${other.name}: pipe it in with ${other.tool} ${name}, and - as the file`;
  throw new CaptureError('not-a-capture', `${name}: begins with ${shown}, no capture (${taken}); ${advice}`);
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

/** Pieces small enough that decompressing one gives no flood. */
function cutPieces(source: ByteSource): ByteSource {
  let rest: Uint8Array = new Uint8Array(0);
  return {
    async next() {
      if (rest.length === 0) {
        const more = await source.next();
        if (more === undefined) return undefined;
        rest = more;
      }
      const piece = rest.subarray(0, GZIP_PIECE_BYTES);
      rest = rest.subarray(GZIP_PIECE_BYTES);
      return piece;
    },
    close: () => source.close(),
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
