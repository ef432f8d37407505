/** The envelope of every log record: magic, version, JSON header, then binary sections at 8-byte boundaries. */
import { z } from 'zod';

const FIXED_BYTES = 12;

/** A record that is not what its topic promises; nothing of it was used. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
  /** Byte of the record at which the fault stands, where it has one. */
  readonly at: number | undefined;

  constructor(message: string, options: ErrorOptions & { readonly at?: number } = {}) {
    super(options.at === undefined ? message : `${message} (byte ${options.at} of the record)`, options);
    this.at = options.at;
  }
}

/** Joins a header and binary sections: `magic` is 4 ASCII letters. */
export function packRecord(magic: string, version: number, header: unknown, sections: readonly Uint8Array[]): Uint8Array {
  const text = Buffer.from(JSON.stringify(header), 'utf8');
  let length = align(FIXED_BYTES + text.length);
  for (const section of sections) length = align(length + section.length);
  const record = new Uint8Array(length);
  const view = new DataView(record.buffer);
  record.set(Buffer.from(magic, 'latin1'), 0);
  view.setUint16(4, version, true);
  view.setUint32(8, text.length, true);
  record.set(text, FIXED_BYTES);
  let at = align(FIXED_BYTES + text.length);
  for (const section of sections) {
    record.set(section, at);
    at = align(at + section.length);
  }
  return record;
}

/** Takes a record apart: the parsed header, and all bytes behind it (a view, not a copy) from `bodyAt` on. */
export function unpackRecord(magic: string, version: number, record: Uint8Array): { header: unknown; body: Uint8Array; bodyAt: number } {
  if (record.length < FIXED_BYTES) throw new RecordError(`${record.length} bytes are too few for a ${magic} record`, { at: record.length });
  const found = Buffer.from(record.buffer, record.byteOffset, 4).toString('latin1');
  if (found !== magic) throw new RecordError(`expected a ${magic} record, found magic ${JSON.stringify(found)}`, { at: 0 });
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  const written = view.getUint16(4, true);
  if (written !== version) throw new RecordError(`${magic} record of version ${written}; this program reads version ${version}`, { at: 4 });
  const headerBytes = view.getUint32(8, true);
  if (FIXED_BYTES + headerBytes > record.length) {
    throw new RecordError(`${magic} header of ${headerBytes} bytes in a record of ${record.length}`, { at: 8 });
  }
  const text = Buffer.from(record.buffer, record.byteOffset + FIXED_BYTES, headerBytes).toString('utf8');
  const bodyAt = Math.min(align(FIXED_BYTES + headerBytes), record.length);
  return { header: parseJson(magic, text), body: record.subarray(bodyAt), bodyAt };
}

function parseJson(magic: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RecordError(`${magic} header is no JSON: ${error instanceof Error ? error.message : String(error)}`, { at: FIXED_BYTES, cause: error });
  }
}

/** The header of a record as `schema` has it. */
export function checkHeader<T>(magic: string, schema: z.ZodType<T>, header: unknown): T {
  const parsed = schema.safeParse(header);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new RecordError(`${magic} header: ${issue.path.join('.') || 'the whole'}: ${issue.message}`, { at: FIXED_BYTES, cause: parsed.error });
}

/** A decimal integer of at most 64 bits, as text. */
export const decimal = z.string().regex(/^-?\d{1,20}$/, 'is no decimal integer');
/** One that is not negative. */
export const unsigned = z.string().regex(/^\d{1,20}$/, 'is no decimal integer');
/** A count or an index. */
export const count = z.number().int().nonnegative();

function align(length: number): number {
  return Math.ceil(length / 8) * 8;
}
