/** The codec of the frame batch: one record of the frames log, from the collector to the worker. */
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import type { FrameBatch, FrameBatchHeader } from '../../decoders-wasm/contract/batch.ts';
import { z } from 'zod';
import type { LogRecord } from './log.ts';
import { checkHeader, count, decimal, packRecord, RecordError, unpackRecord, unsigned } from './record.ts';

export type { BatchCarrier, BatchGap, BatchKey, BatchRefresh, BatchTap, FrameBatch, FrameBatchHeader, TapState } from '../../decoders-wasm/contract/batch.ts';

const MAGIC = 'RWFB';
const VERSION = 1;

/** A (shadow key, link) pair as it stands in headers. */
export const batchKey = z.object({
  key: z.string(), domain: z.string(), networkInstance: z.string(), link: z.string(),
  addresses: z.tuple([z.string(), z.string()]).optional(),
});

const frameBatchHeader = z.object({
  collector: z.string(),
  epoch: z.string(),
  partition: count,
  sequence: count,
  firstSequence: count.optional(),
  taps: z.array(z.object({
    name: z.string(), identity: z.string().regex(/^[0-9a-f]{32}$/, 'is not 16 bytes of hex'), state: z.enum(['open', 'idle', 'closed']),
    clockNs: decimal.nullable(), wallOffsetNs: decimal, lastFrame: unsigned,
    key: count.optional(), openedNs: decimal.optional(), closedNs: decimal.optional(), closedBy: z.string().optional(),
  })),
  keys: z.array(batchKey),
  gaps: z.array(z.object({ tap: count, fromNs: decimal, toNs: decimal, lost: count, detail: z.string() })),
  carriers: z.array(z.object({ tap: count, isUp: z.boolean(), fromNs: decimal, atNs: decimal, changes: count })).optional(),
  hellos: z.array(z.tuple([count, count, z.number().int().min(-1).max(1)])).optional(),
  refreshedNs: unsigned.optional(),
  refreshes: z.array(z.object({ tap: count, key: count, hellos: z.array(z.array(count).min(1).max(4096)) })).optional(),
  ageNs: decimal,
  clockNs: unsigned.optional(),
});

export function encodeFrameBatch(batch: FrameBatch): Uint8Array {
  return packRecord(MAGIC, VERSION, batch.header, [batch.frames]);
}

/** Throws RecordError on what is no frame batch, or names a tap or key that its own tables do not have. */
export function decodeFrameBatch(record: Uint8Array): FrameBatch {
  const { header: read, body, bodyAt } = unpackRecord(MAGIC, VERSION, record);
  const header = checkHeader(MAGIC, frameBatchHeader, read);
  for (const tap of header.taps) {
    if (tap.key !== undefined && tap.key >= header.keys.length) throw new RecordError(`${MAGIC} header: tap ${tap.name} has key ${tap.key} of ${header.keys.length}`);
  }
  for (const carrier of header.carriers ?? []) {
    if (header.taps[carrier.tap]?.key === undefined) throw new RecordError(`${MAGIC} header: a carrier of tap ${carrier.tap}, which is not told of here`);
  }
  for (const gap of header.gaps) {
    if (gap.tap >= header.taps.length) throw new RecordError(`${MAGIC} header: a gap of tap ${gap.tap} of ${header.taps.length}`);
  }
  for (const { tap, key } of header.refreshes ?? []) {
    if (tap >= header.taps.length || key >= header.keys.length) throw new RecordError(`${MAGIC} header: a refresh of tap ${tap} and key ${key}, but the header has ${header.taps.length} taps and ${header.keys.length} keys`);
    if (header.refreshedNs === undefined) throw new RecordError(`${MAGIC} header: refreshes without refreshedNs`);
  }
  checkFrames(header.taps.length, header.keys.length, body, bodyAt);
  return { header: header as FrameBatchHeader, frames: body };
}

/** Bytes of a record that is no frame batch that its row keeps. */
const SPOILED_BYTES = 1024;

/** The batch; what is none becomes one that has nothing but its first bytes, of which a row tells: it must not stop the partition. */
export function readFrameBatch({ value, unreadable }: Pick<LogRecord, 'value' | 'unreadable'>, { log, partition }: { readonly log: string; readonly partition: number }): FrameBatch {
  try {
    if (unreadable !== undefined) throw new RecordError(unreadable);
    return decodeFrameBatch(value);
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    const header = { collector: '', epoch: '', partition, sequence: 0, taps: [], keys: [], gaps: [], ageNs: '0', spoiled: { log, error: error.message } };
    return { header, frames: value.slice(0, SPOILED_BYTES) };
  }
}

/** Whether the records follow one another to the end and name taps and keys of the header. */
function checkFrames(taps: number, keys: number, frames: Uint8Array, bodyAt: number): void {
  const view = new DataView(frames.buffer, frames.byteOffset, frames.length);
  let at = 0;
  const fault = (what: string): RecordError => new RecordError(`${MAGIC} frame record ${what}`, { at: bodyAt + at });
  while (at < frames.length) {
    const length = at + layout.FRAME_BYTES > frames.length ? 0 : view.getUint32(at + layout.FRAME_LENGTH, true);
    if (length < layout.FRAME_BYTES || length % 8 !== 0 || at + length > frames.length) throw fault(`of length ${length} with ${frames.length - at} bytes left`);
    if (view.getUint8(at + layout.FRAME_PROTOCOL) !== layout.PROTOCOL_TICK) {
      const tap = view.getUint16(at + layout.FRAME_TAP_ID, true);
      const key = view.getUint32(at + layout.FRAME_KEY_INDEX, true);
      if (tap >= taps) throw fault(`of tap ${tap}, but the header has ${taps}`);
      if (key >= keys) throw fault(`of key ${key}, but the header has ${keys}`);
    }
    at += length;
  }
}
