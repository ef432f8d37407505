/** Fetch in version 11, whose answer keeps the record batches as they are: kafkajs' own opens all of them at once and without a bound. */
import { type CustomRequest, encoded, errorOf } from './kafkajs.ts';
import { batchesOf, type RawBatch } from './record-batch.ts';

const FETCH = 1;
const VERSION = 11;
const NOBODY = -1;
const READ_UNCOMMITTED = 0;
const NO_SESSION = -1;
const UNKNOWN_EPOCH = -1;
const SUCCESS = 0;
const ABORTED_BYTES = 16;

export interface FetchAsked {
  readonly topic: string;
  readonly partition: number;
  readonly from: bigint;
  /** The broker waits so long for a record, ms. */
  readonly waitMs: number;
  /** Bytes asked for; the first batch comes whole however large it is. */
  readonly bytes: number;
}

/**
 * Fetch Request (Version: 11) => replica_id max_wait_ms min_bytes max_bytes isolation_level session_id session_epoch
 *     [topics] [forgotten_topics_data] rack_id
 *   replica_id, max_wait_ms, min_bytes, max_bytes, session_id, session_epoch => INT32, isolation_level => INT8
 *   topics => topic [partitions]
 *     topic => STRING
 *     partitions => partition current_leader_epoch fetch_offset log_start_offset partition_max_bytes
 *       partition, current_leader_epoch, partition_max_bytes => INT32, fetch_offset, log_start_offset => INT64
 *   rack_id => STRING
 */
export function fetchRequest(asked: FetchAsked): CustomRequest<RawBatch[]> {
  const { topic, partition, from, waitMs, bytes } = asked;
  const name = Buffer.from(topic, 'utf8');
  const head = Buffer.alloc(31);
  for (const [index, value] of [NOBODY, waitMs, 1, bytes].entries()) head.writeInt32BE(value, index * 4);
  head.writeInt8(READ_UNCOMMITTED, 16);
  head.writeInt32BE(0, 17);
  head.writeInt32BE(NO_SESSION, 21);
  head.writeInt32BE(1, 25);
  head.writeInt16BE(name.length, 29);
  // One partition, no forgotten topics, no rack.
  const tail = Buffer.alloc(38);
  tail.writeInt32BE(1, 0);
  tail.writeInt32BE(partition, 4);
  tail.writeInt32BE(UNKNOWN_EPOCH, 8);
  tail.writeBigInt64BE(from, 12);
  tail.writeBigInt64BE(-1n, 20);
  tail.writeInt32BE(bytes, 28);
  return {
    request: { apiKey: FETCH, apiVersion: VERSION, apiName: 'Fetch', encode: async () => encoded(Buffer.concat([head, name, tail])) },
    response: {
      decode: async (raw) => Object.assign(raw, { clientSideThrottleTime: raw.readInt32BE(0) }),
      parse: async (raw) => batchesOf(recordSetOf(raw)),
    },
  };
}

/**
 * Fetch Response (Version: 11) => throttle_time_ms error_code session_id [responses]
 *   throttle_time_ms, session_id => INT32, error_code => INT16
 *   responses => topic [partitions]
 *     topic => STRING
 *     partitions => partition error_code high_watermark last_stable_offset log_start_offset [aborted_transactions]
 *         preferred_read_replica records
 *       partition, preferred_read_replica => INT32, error_code => INT16
 *       high_watermark, last_stable_offset, log_start_offset => INT64
 *       aborted_transactions => producer_id first_offset (INT64 each)
 *       records => INT32 for the length, then RECORDS
 */
function recordSetOf(raw: Buffer): Buffer {
  refuse(raw.readInt16BE(4));
  if (raw.readInt32BE(10) === 0) return Buffer.alloc(0);
  // Behind the topic's name: count of partitions, and its number.
  let at = 16 + raw.readInt16BE(14) + 8;
  refuse(raw.readInt16BE(at));
  at += 26;
  at += 4 + Math.max(0, raw.readInt32BE(at)) * ABORTED_BYTES + 4;
  const length = Math.max(0, raw.readInt32BE(at));
  return raw.subarray(at + 4, at + 4 + length);
}

function refuse(code: number): void {
  if (code !== SUCCESS) throw errorOf(code);
}
