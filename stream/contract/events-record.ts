/** The events record: all rows of one stretch of frames, atomic; claims and cuts. */
import { z } from 'zod';
import { type BatchKey, batchKey } from './frame-batch.ts';
import { checkHeader, count, decimal, packRecord, RecordError, unpackRecord, unsigned } from './record.ts';

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

/** Module name to SHA-256 of its .wasm. */
export type ModuleHashes = Readonly<Record<string, string>>;

export interface EventsHeader {
  /** `upgrade`: from this position on other modules are in force; its rows are what they read otherwise. */
  readonly kind: 'claim' | 'rows' | 'upgrade';
  /** Who wrote it: unique to one start of one worker. */
  readonly owner: string;
  readonly partition: number;
  readonly begin: Position;
  readonly end: Position;
  /** For a claim: the modules of its owner. Those in force are the ones of the first claim, until an upgrade. */
  readonly modules?: ModuleHashes;
  /** For an upgrade, whose begin and end are one: the modules that were in force, and those that are from here on. */
  readonly upgrade?: { readonly from: ModuleHashes; readonly to: ModuleHashes };
  readonly cut?: Cut;
  readonly sections: readonly Section[];
  /** The codes that the rows use. */
  readonly contexts: readonly CodedContext[];
  readonly taps: readonly CodedTap[];
  /** Frames that were skipped after a trap: replay skips them by this. */
  readonly skipped?: readonly { readonly offset: string; readonly index: number; readonly error: string; readonly sourceLine: string }[];
  /** State that was dropped before the frame of that index: of a shadow key, or all of a decoder's (its protocol). */
  readonly resets?: readonly { readonly offset: string; readonly index: number; readonly key?: string; readonly protocol?: number }[];
  /** The rows say that the frames before this offset were gone from the log: the state that follows begins there. */
  readonly lostUpTo?: string;
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

const position = z.object({ offset: unsigned, rows: count });

const hashes = z.record(z.string(), z.string());

const eventsHeader = z.object({
  kind: z.enum(['claim', 'rows', 'upgrade']),
  owner: z.string(),
  partition: count,
  begin: position,
  end: position,
  modules: hashes.optional(),
  upgrade: z.object({ from: hashes, to: hashes }).optional(),
  cut: z.object({ ingestTimeNs: decimal }).optional(),
  sections: z.array(z.object({ table: count, layout: z.string(), rows: count, bytes: count })),
  contexts: z.array(batchKey.extend({ code: count })),
  taps: z.array(z.object({ code: count, tap: z.string(), collector: z.string() })),
  skipped: z.array(z.object({ offset: unsigned, index: count, error: z.string(), sourceLine: z.string() })).optional(),
  resets: z.array(z.object({ offset: unsigned, index: count, key: z.string().optional(), protocol: count.optional() })).optional(),
  lostUpTo: unsigned.optional(),
  decoderVersion: z.string(),
});

/** Throws RecordError on what is no events record. */
export function decodeEventsRecord(value: Uint8Array): EventsRecord {
  const { header: read, body, bodyAt } = unpackRecord(MAGIC, VERSION, value);
  const header = checkHeader(MAGIC, eventsHeader, read);
  return { header: header as EventsHeader, rows: splitSections(MAGIC, header.sections, body, bodyAt) };
}

/** The bytes of each section of a record's body, which begins at its byte `bodyAt`. */
export function splitSections(magic: string, sections: readonly Section[], body: Uint8Array, bodyAt: number): Uint8Array[] {
  let at = 0;
  const rows = sections.map((section, index) => {
    if (at + section.bytes > body.length) {
      throw new RecordError(`${magic} section ${index} of ${section.bytes} bytes reaches beyond the record`, { at: bodyAt + at });
    }
    const bytes = body.subarray(at, at + section.bytes);
    at = Math.ceil((at + section.bytes) / 8) * 8;
    return bytes;
  });
  if (at < body.length) throw new RecordError(`${magic} record has ${body.length - at} bytes behind its last section`, { at: bodyAt + at });
  return rows;
}
