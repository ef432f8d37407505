/** The codec of the frame batch: one record of the frames log, from the collector to the worker. */
import type { FrameBatch, FrameBatchHeader } from '../../decoders-wasm/contract/batch.ts';
import { packRecord, unpackRecord } from './record.ts';

export type { BatchGap, BatchKey, BatchTap, FrameBatch, FrameBatchHeader, TapState } from '../../decoders-wasm/contract/batch.ts';

const MAGIC = 'RWFB';
const VERSION = 1;

export function encodeFrameBatch(batch: FrameBatch): Uint8Array {
  return packRecord(MAGIC, VERSION, batch.header, [batch.frames]);
}

/** Throws RecordError on what is no frame batch. */
export function decodeFrameBatch(record: Uint8Array): FrameBatch {
  const { header, body } = unpackRecord(MAGIC, VERSION, record);
  return { header: header as FrameBatchHeader, frames: body };
}
