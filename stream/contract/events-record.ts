/** The events record: all rows of one stretch of frames, atomic; claims and cuts. */
import { packRecord, unpackRecord } from './record.ts';
import type { BatchKey } from './frame-batch.ts';

const MAGIC = 'RWEV';
const VERSION = 1;

/** (frame offset, rows emitted within it): everything before `offset` is done, and `rows` rows of what stands at it. */
export interface Position {
  /** Offset in the frames log; decimal. */
  readonly offset: string;
  readonly rows: number;
}

/** Ends an insert stretch; its time is the `ingest_time` of all rows since the cut before. */
export interface Cut {
  readonly ingestTimeNs: string;
}

export interface Section {
  readonly table: number;
  /** `<table id>.<version>` of the catalogue. */
  readonly layout: string;
  readonly rows: number;
  readonly bytes: number;
}

export interface CodedContext extends BatchKey {
  readonly code: number;
}

export interface CodedTap {
  readonly code: number;
  readonly tap: string;
  readonly collector: string;
}

export interface EventsHeader {
  readonly kind: 'claim' | 'rows';
  /** Who wrote it: unique to one start of one worker. */
  readonly owner: string;
  readonly partition: number;
  readonly begin: Position;
  readonly end: Position;
  /** For a claim: module name to SHA-256 of its .wasm. */
  readonly modules?: Readonly<Record<string, string>>;
  readonly cut?: Cut;
  readonly sections: readonly Section[];
  /** The codes that the rows use. */
  readonly contexts: readonly CodedContext[];
  readonly taps: readonly CodedTap[];
  /** Frames that were skipped after a trap: replay skips them by this. */
  readonly skipped?: readonly { readonly offset: string; readonly index: number; readonly error: string; readonly sourceLine: string }[];
  /** Module name@version that made the rows. */
  readonly decoderVersion: string;
}

export interface EventsRecord {
  readonly header: EventsHeader;
  /** RowBinary of each section, in the order of `header.sections`. */
  readonly rows: readonly Uint8Array[];
}

export function encodeEventsRecord(record: EventsRecord): Uint8Array {
  return packRecord(MAGIC, VERSION, record.header, record.rows);
}

/** Throws RecordError on what is no events record. */
export function decodeEventsRecord(value: Uint8Array): EventsRecord {
  const { header, body } = unpackRecord(MAGIC, VERSION, value);
  const events = header as EventsHeader;
  let at = 0;
  const rows = events.sections.map((section) => {
    const bytes = body.subarray(at, at + section.bytes);
    at = Math.ceil((at + section.bytes) / 8) * 8;
    return bytes;
  });
  return { header: events, rows };
}
