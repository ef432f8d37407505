/**
 * Opens record batches as brokers keep them (message format 2): one at a time and within bounds, since a small one may
 * decompress to anything. What cannot be opened becomes one record that says why: a partition does not stop for it.
 */
import { promisify } from 'node:util';
import { constants, gunzip, zstdDecompress } from 'node:zlib';
import type { LogRecord } from '../../contract/log.ts';

/** Bytes of records in a batch, decompressed; topics take as much uncompressed. */
export const MOST_BATCH_BYTES = 16 << 20;
/** Records of a batch. */
export const MOST_BATCH_RECORDS = 1 << 16;

/** Where fields of a record batch stand. */
const LENGTH_AT = 8;
const FORMAT_AT = 16;
const ATTRIBUTES_AT = 21;
const LAST_DELTA_AT = 23;
const COUNT_AT = 57;
const RECORDS_AT = 61;
/** Base offset and length, which the length does not count. */
const HEAD_BYTES = 12;
const FORMAT = 2;
const CODEC_MASK = 7;
const CONTROL_FLAG = 0x20;
/** By the number that stands in the attributes. */
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
/** A frame with a larger window is nobody's here, and would have its memory at once. */
const MOST_WINDOW_LOG = 24;

const gunzipped = promisify(gunzip);
const zstdDecompressed = promisify(zstdDecompress) as (bytes: Buffer, options: { maxOutputLength: number; params: Record<number, number> }) => Promise<Buffer>;

/** A record batch that has not been opened; valid as long as the bytes that it came in. */
export interface RawBatch {
  /** Offset behind its last record. */
  readonly next: bigint;
  readonly bytes: Buffer;
}

/**
 * RecordBatch => base_offset length leader_epoch magic crc attributes last_offset_delta base_timestamp max_timestamp
 *     producer_id producer_epoch base_sequence count [records]
 *   base_offset => INT64, length => INT32, leader_epoch => INT32, magic => INT8, crc => UINT32, attributes => INT16
 *   last_offset_delta => INT32, base_timestamp, max_timestamp, producer_id => INT64, producer_epoch => INT16
 *   base_sequence => INT32, count => INT32
 * The batches of a record set that are whole: a broker may cut off the last one.
 */
export function batchesOf(set: Buffer): RawBatch[] {
  const batches: RawBatch[] = [];
  for (let at = 0; at + HEAD_BYTES <= set.length;) {
    const length = HEAD_BYTES + set.readInt32BE(at + LENGTH_AT);
    if (length < RECORDS_AT || at + length > set.length) break;
    const bytes = set.subarray(at, at + length);
    const base = bytes.readBigInt64BE(0);
    const isKnown = bytes.readInt8(FORMAT_AT) === FORMAT;
    batches.push({ bytes, next: base + 1n + (isKnown ? BigInt(Math.max(0, bytes.readInt32BE(LAST_DELTA_AT))) : 0n) });
    at += length;
  }
  if (batches.length === 0 && set.length > 0) throw new Error(`the broker's answer has ${set.length} bytes, but no whole record batch`);
  return batches;
}

/** The records of a batch from offset `from` on: copies. Of one that cannot be opened, one record with the reason, at its last offset. */
export async function openBatch({ bytes, next }: RawBatch, from: bigint): Promise<LogRecord[]> {
  try {
    if ((bytes.readInt16BE(ATTRIBUTES_AT) & CONTROL_FLAG) !== 0) return [];
    if (bytes.readInt8(FORMAT_AT) !== FORMAT) throw new Unreadable(`is of message format ${bytes.readInt8(FORMAT_AT)}`);
    const count = bytes.readInt32BE(COUNT_AT);
    if (count < 0 || count > MOST_BATCH_RECORDS) throw new Unreadable(`has ${count} records, more than ${MOST_BATCH_RECORDS}`);
    return recordsOf(await decompressed(bytes), count, bytes.readBigInt64BE(0)).filter(({ offset }) => offset >= from);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const unreadable = `the record batch that ends with offset ${next - 1n} ${error.message}`;
    return next > from ? [{ offset: next - 1n, value: new Uint8Array(bytes.subarray(0, HEAD_OF_UNREADABLE)), unreadable }] : [];
  }
}

/** Bytes of a batch that cannot be opened which its record has. */
const HEAD_OF_UNREADABLE = 1024;

class Unreadable extends Error {}

async function decompressed(bytes: Buffer): Promise<Buffer> {
  const codec = bytes.readInt16BE(ATTRIBUTES_AT) & CODEC_MASK;
  const records = bytes.subarray(RECORDS_AT);
  const name = CODECS[codec] ?? `codec ${codec}`;
  const limit = { maxOutputLength: MOST_BATCH_BYTES };
  try {
    if (name === 'none') return records;
    if (name === 'gzip') return await gunzipped(records, limit);
    if (name === 'zstd') return await zstdDecompressed(records, { ...limit, params: { [constants.ZSTD_d_windowLogMax]: MOST_WINDOW_LOG } });
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new Unreadable(isTooLarge ? `is more than ${MOST_BATCH_BYTES} bytes when it is decompressed (${name})` : `cannot be decompressed (${name}: ${error instanceof Error ? error.message : String(error)})`);
  }
  throw new Unreadable(`is compressed with ${name}, which is not read here: zstd, gzip or nothing`);
}

/**
 * Record => length attributes timestamp_delta offset_delta key value [headers]
 *   length, offset_delta => VARINT, attributes => INT8, timestamp_delta => VARLONG
 *   key, value => VARINT for the length, -1 for none, then BYTES
 */
function recordsOf(bytes: Buffer, count: number, base: bigint): LogRecord[] {
  const cursor = new Varints(bytes);
  const records: LogRecord[] = [];
  for (let record = 0; record < count; record++) {
    const length = cursor.varint();
    const end = cursor.at + length;
    if (length < 0 || end > bytes.length) throw new Unreadable(`ends amid record ${record}`);
    cursor.skip(1);
    cursor.skipVarint();
    const offset = base + BigInt(cursor.varint());
    cursor.skip(cursor.varint());
    const size = Math.max(0, cursor.varint());
    if (cursor.at + size > end) throw new Unreadable(`has a value of ${size} bytes in record ${record}, which has ${length}`);
    // A copy: a view would hold the whole answer, and its memory is not aligned.
    records.push({ offset, value: new Uint8Array(bytes.subarray(cursor.at, cursor.at + size)) });
    cursor.at = end;
  }
  return records;
}

/** Zigzag varints, as records have them. */
class Varints {
  at = 0;
  private readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.next();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    throw new Unreadable('has a number of more than 5 bytes where a length should stand');
  }

  /** Over so many bytes; none where the number is negative, which stands for nothing. */
  skip(bytes: number): void {
    this.at += Math.max(0, bytes);
  }

  /** Over one of up to 64 bits. */
  skipVarint(): void {
    for (let bytes = 0; bytes < 10; bytes++) if (this.next() < 0x80) return;
    throw new Unreadable('has a time of more than 10 bytes');
  }

  private next(): number {
    if (this.at >= this.bytes.length) throw new Unreadable('ends amid a record');
    return this.bytes[this.at++]!;
  }
}
