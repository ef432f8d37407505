/** The frame batch: one record of the frames log, from the collector to the worker. */
import { packRecord, unpackRecord } from './record.ts';

const MAGIC = 'RWFB';
const VERSION = 1;

/** `lost` and `closed` end a tap; `idle` taps are never missed. */
export type TapState = 'open' | 'idle' | 'closed';

export interface BatchTap {
  readonly name: string;
  /** 16 bytes in hex: what (tap, tap epoch) is in every event id. */
  readonly identity: string;
  readonly state: TapState;
  /** Boot clock of the tap when the batch was closed (a watermark), ns; null where it did not move. */
  readonly clockNs: string | null;
  /** Wall time = boot time + this, ns. */
  readonly wallOffsetNs: string;
  /** First batch of this tap in this partition. */
  readonly opened?: true;
  /** Frames that the tap lost since its last batch. */
  readonly dropped?: number;
}

/** A (shadow key, link) pair; frames name it by its index. */
export interface BatchKey {
  /** `igp/<domain>/<instance>/<protocol>`, `tcp/<domain>/<instance>/<lower address>|<higher address>`, `link/...`. */
  readonly key: string;
  readonly domain: string;
  readonly networkInstance: string;
  readonly link: string;
  /** Of a session: both addresses, the numerically lower first. */
  readonly addresses?: readonly [string, string];
}

/** Frames that a tap is known to have missed between two boot times. */
export interface BatchGap {
  readonly tap: number;
  readonly fromNs: string;
  readonly toNs: string;
  readonly lost: number;
  readonly detail: string;
}

export interface FrameBatchHeader {
  readonly collector: string;
  /** One start of a collector; decimal. */
  readonly epoch: string;
  readonly partition: number;
  /** From 1 within (collector, epoch, partition), durable before the first send. */
  readonly sequence: number;
  readonly taps: readonly BatchTap[];
  readonly keys: readonly BatchKey[];
  readonly gaps: readonly BatchGap[];
  /** Age of the frames at shipping, ns. */
  readonly ageNs: string;
}

export interface FrameBatch {
  readonly header: FrameBatchHeader;
  /** Frame records (bpf/frame.h) one behind the other; tap_id and key_index point into the header. */
  readonly frames: Uint8Array;
}

export function encodeFrameBatch(batch: FrameBatch): Uint8Array {
  return packRecord(MAGIC, VERSION, batch.header, [batch.frames]);
}

/** Throws RecordError on what is no frame batch. */
export function decodeFrameBatch(record: Uint8Array): FrameBatch {
  const { header, body } = unpackRecord(MAGIC, VERSION, record);
  return { header: header as FrameBatchHeader, frames: body };
}
