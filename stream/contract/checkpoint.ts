/** The records of the checkpoints topic: the shadows' state in chunks, then the manifest that makes them count. */
import { createHash } from 'node:crypto';
import type { ShadowState } from '../../decoders-wasm/contract/host.ts';
import type { Position } from './events-record.ts';
import { checkpointsTopic, type Log } from './log.ts';
import { RecordError, packRecord, unpackRecord } from './record.ts';

const CHUNK_MAGIC = 'RWCC';
const MANIFEST_MAGIC = 'RWCM';
const STATE_MAGIC = 'RWCS';
const VERSION = 1;
/** Bytes of state in one record. */
const CHUNK_BYTES = 4 << 20;

/** Written behind its chunks: a checkpoint counts from here on. */
export interface Manifest {
  readonly owner: string;
  readonly partition: number;
  /** Ids of the logs whose offsets stand here. */
  readonly framesLog: string;
  readonly eventsLog: string;
  /** Events offset of the owner's claim. */
  readonly claim: string;
  /** The state is that behind the frames before this offset. */
  readonly frames: string;
  /** Events offset of the owner's record that ends there: acknowledged before the state was written. */
  readonly events: string;
  /** Module name to SHA-256 of the .wasm that wrote the state. */
  readonly modules: Readonly<Record<string, string>>;
  /** Offsets of its chunks in the checkpoints topic (those of another owner may stand between), bytes and SHA-256 of their content. */
  readonly chunks: readonly string[];
  readonly bytes: number;
  readonly checksum: string;
}

/** The position of a checkpoint: always between two frame batches. */
export function positionOf(manifest: Manifest): Position {
  return { offset: manifest.frames, rows: 0 };
}

/** A state as bytes: equal states give equal bytes. */
export function encodeState(state: ShadowState): Uint8Array {
  const modules = state.modules.map(({ protocol, state: exported }) => ({ protocol, bytes: exported.length }));
  return packRecord(STATE_MAGIC, VERSION, { ...state, modules }, state.modules.map((module) => module.state));
}

/** Throws RecordError on what is no state. */
export function decodeState(bytes: Uint8Array): ShadowState {
  const { header, body } = unpackRecord(STATE_MAGIC, VERSION, bytes);
  const state = header as Omit<ShadowState, 'modules'> & { readonly modules: readonly { readonly protocol: number; readonly bytes: number }[] };
  let at = 0;
  const modules = state.modules.map(({ protocol, bytes: length }) => {
    if (at + length > body.length) throw new RecordError(`the state of protocol ${protocol} ends beyond the checkpoint`);
    const part = body.slice(at, at + length);
    at = Math.ceil((at + length) / 8) * 8;
    return { protocol, state: part };
  });
  return { ...state, modules };
}

export function chunksOf(bytes: Uint8Array): Uint8Array[] {
  const count = Math.ceil(bytes.length / CHUNK_BYTES);
  return Array.from({ length: count }, (_, index) => packRecord(CHUNK_MAGIC, VERSION, { index, count }, [bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES)]));
}

export function checksumOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function encodeManifest(manifest: Manifest): Uint8Array {
  return packRecord(MANIFEST_MAGIC, VERSION, manifest, []);
}

/** The manifest, or undefined when the record is a chunk; RecordError when it is neither. */
export function decodeManifest(record: Uint8Array): Manifest | undefined {
  if (Buffer.from(record.buffer, record.byteOffset, 4).toString('latin1') === CHUNK_MAGIC) return undefined;
  return unpackRecord(MANIFEST_MAGIC, VERSION, record).header as Manifest;
}

/** The manifests of a partition's checkpoints from an offset on, oldest first; whether they count is another question. */
export async function readManifests(log: Log, partition: number, from: bigint): Promise<Manifest[]> {
  const found: Manifest[] = [];
  for await (const { value } of log.read(checkpointsTopic, partition, from)) {
    const manifest = decodeManifest(value);
    if (manifest !== undefined) found.push(manifest);
  }
  return found;
}

/** The state that a manifest's chunks in the log hold; undefined when one is gone or spoiled: an older checkpoint will do. */
export async function readState(log: Log, { partition, ...manifest }: Manifest): Promise<ShadowState | undefined> {
  const { first } = await log.bounds(checkpointsTopic, partition);
  const records: Uint8Array[] = [];
  for (const chunk of manifest.chunks.map(BigInt)) {
    if (chunk < first) return undefined;
    for await (const { value } of log.read(checkpointsTopic, partition, chunk)) {
      records.push(value);
      break;
    }
  }
  try {
    return joinChunks(manifest, records);
  } catch (error) {
    if (error instanceof RecordError) return undefined;
    throw error;
  }
}

/** The state that a manifest's chunks hold; RecordError when they are not whole. */
export function joinChunks(manifest: Pick<Manifest, 'bytes' | 'checksum' | 'chunks'>, records: readonly Uint8Array[]): ShadowState {
  const pieces = records.map((record, index) => {
    const { header, body } = unpackRecord(CHUNK_MAGIC, VERSION, record);
    if ((header as { index: number }).index !== index) throw new RecordError(`chunk ${index} of the checkpoint is not where its manifest says`);
    return body;
  });
  const bytes = Buffer.concat(pieces).subarray(0, manifest.bytes);
  if (bytes.length !== manifest.bytes || checksumOf(bytes) !== manifest.checksum) {
    throw new RecordError(`the checkpoint whose chunks begin at offset ${manifest.chunks[0] ?? 'none'} does not have the checksum that its manifest gives`);
  }
  return decodeState(new Uint8Array(bytes));
}
