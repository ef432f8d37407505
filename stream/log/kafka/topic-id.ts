/** Asks for a topic's id: Metadata in version 10, which kafkajs does not know (KIP-516; brokers from 2.8 on). */
import { type CustomRequest, encoded } from './kafkajs.ts';

const METADATA = 3;
const VERSION = 10;

export interface TopicId {
  readonly error: number;
  /** UUID in hexadecimal with dashes. */
  readonly id: string;
}

/**
 * Metadata Request (Version: 10) => TAG_BUFFER [topics] allow_auto_topic_creation include_cluster include_topic TAG_BUFFER
 *   (the first TAG_BUFFER ends request header 2, behind the client's id)
 *   topics => topic_id name TAG_BUFFER
 *     topic_id => UUID
 *     name => COMPACT_NULLABLE_STRING
 */
export function topicIdRequest(topic: string): CustomRequest<TopicId> {
  const name = Buffer.from(topic, 'utf8');
  const body = Buffer.concat([
    Buffer.from([0, 2]), Buffer.alloc(16), uvarint(name.length + 1), name, Buffer.from([0]),
    Buffer.from([0, 0, 0, 0]),
  ]);
  return {
    request: { apiKey: METADATA, apiVersion: VERSION, apiName: 'Metadata', encode: async () => encoded(body) },
    response: { decode: async (raw) => raw, parse: async (raw) => parseTopicId(raw) },
  };
}

/** Versions of Metadata that a broker has to serve. */
export const topicIdVersion = { apiKey: METADATA, apiVersion: VERSION };

/**
 * Metadata Response (Version: 10) => TAG_BUFFER throttle_time_ms [brokers] cluster_id controller_id [topics] ...
 *   brokers => node_id host port rack TAG_BUFFER
 *     node_id => INT32, host => COMPACT_STRING, port => INT32, rack => COMPACT_NULLABLE_STRING
 *   cluster_id => COMPACT_NULLABLE_STRING
 *   controller_id => INT32
 *   topics => error_code name topic_id ...
 *     error_code => INT16, name => COMPACT_STRING, topic_id => UUID
 */
function parseTopicId(raw: Buffer): TopicId {
  const cursor = new Cursor(raw);
  cursor.tags();
  cursor.skip(4);
  for (let brokers = cursor.uvarint() - 1; brokers > 0; brokers--) {
    cursor.skip(4);
    cursor.string();
    cursor.skip(4);
    cursor.string();
    cursor.tags();
  }
  cursor.string();
  cursor.skip(4);
  if (cursor.uvarint() !== 2) throw new Error('the answer about one topic is not one topic');
  const error = cursor.int16();
  cursor.string();
  const hex = cursor.bytes(16).toString('hex');
  return { error, id: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') };
}

function uvarint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left > 0x7f; left >>>= 7) bytes.push((left & 0x7f) | 0x80);
  return Buffer.from([...bytes, left]);
}

class Cursor {
  private readonly raw: Buffer;
  private at = 0;

  constructor(raw: Buffer) {
    this.raw = raw;
  }

  bytes(length: number): Buffer {
    this.skip(length);
    return this.raw.subarray(this.at - length, this.at);
  }

  skip(length: number): void {
    this.at += length;
    if (this.at > this.raw.length) throw new Error(`the answer about a topic ends after ${this.raw.length} bytes`);
  }

  int16(): number {
    this.skip(2);
    return this.raw.readInt16BE(this.at - 2);
  }

  uvarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes(1)[0]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new Error('a length in the answer about a topic has more than 5 bytes');
  }

  /** COMPACT_STRING and COMPACT_NULLABLE_STRING: length + 1, 0 for none. */
  string(): void {
    const length = this.uvarint() - 1;
    if (length > 0) this.skip(length);
  }

  /** TAG_BUFFER: count, then tag, length and bytes each. */
  tags(): void {
    for (let count = this.uvarint(); count > 0; count--) {
      this.uvarint();
      this.skip(this.uvarint());
    }
  }
}
