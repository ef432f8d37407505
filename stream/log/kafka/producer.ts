/** Appends to partitions: idempotent, acknowledged by all replicas, one at a time in each partition, through any outage. */
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { Kafka, type Producer } from 'kafkajs';
import { type Connector, type Trial, within } from './client.ts';
import { KafkaError } from './errors.ts';
import type { Partition } from './subscription.ts';

const RETRY_MS = 200;
/** What a record batch has around its records, and a record around its value: an upper bound. */
const BATCH_BYTES = 128;
const RECORD_BYTES = 32;
/** Smaller appends go as they are. */
const LEAST_COMPRESSED = 512;

export class KafkaProducer {
  private readonly connector: Connector;
  private readonly closing = new AbortController();
  private readonly sockets = new Set<Socket>();
  private producer: Promise<Producer> | undefined;
  /** By topic and partition. */
  private readonly turns = new Map<string, Promise<unknown>>();

  constructor(connector: Connector) {
    this.connector = connector;
  }

  /**
   * Appends the values as one record batch (all or none); gives the offset of the first. Serial in each partition:
   * kafkajs hands a failed batch's sequence number to whoever sends next, whose records the broker would then drop as
   * a repeat.
   */
  append({ topic, partition }: Partition, values: readonly Uint8Array[]): Promise<bigint> {
    const key = `${topic}/${partition}`;
    const result = (this.turns.get(key) ?? Promise.resolve()).then(() => this.send(topic, partition, values));
    this.turns.set(key, result.catch(() => undefined));
    return result;
  }

  async close(): Promise<void> {
    const producer = await Promise.race([this.producer?.catch(() => undefined), sleep(0)]);
    this.closing.abort();
    await Promise.all(this.turns.values());
    await Promise.race([producer?.disconnect().catch(() => undefined), sleep(500, undefined, { ref: false })]);
    for (const socket of this.sockets) socket.destroy();
  }

  /** The same bytes again until they are acknowledged: the broker knows a repeat by its sequence number. */
  private async send(topic: string, partition: number, values: readonly Uint8Array[]): Promise<bigint> {
    const where = `${topic} partition ${partition}`;
    const trial: Trial = {};
    const messages = values.map((value) => ({ value: Buffer.from(value.buffer, value.byteOffset, value.byteLength), partition }));
    const compression = this.connector.config.compression === 'none' || batchBytes(values) < LEAST_COMPRESSED ? kafkajs.CompressionTypes.None : kafkajs.CompressionTypes.ZSTD;
    for (;;) {
      if (this.closing.signal.aborted) throw new KafkaError('closed', `${where}: the log was closed before a record was acknowledged`);
      try {
        const producer = await this.connected();
        const [answer] = await within(producer.send({ topic, acks: -1, compression, messages }), where, this.closing.signal);
        if (answer?.baseOffset === undefined) throw new Error(`${where}: an acknowledgement without an offset`);
        this.connector.isWell();
        return BigInt(answer.baseOffset);
      } catch (error) {
        const end = this.closing.signal.aborted ? undefined : this.connector.judge(error, where, trial);
        if (end !== undefined) {
          if (end instanceof KafkaError && end.fault === 'producer') await this.forget();
          throw end;
        }
        await sleep(RETRY_MS, undefined, { signal: this.closing.signal }).catch(() => undefined);
      }
    }
  }

  private connected(): Promise<Producer> {
    this.producer ??= this.connect().catch((error: unknown) => {
      this.producer = undefined;
      throw error;
    });
    return this.producer;
  }

  private async connect(): Promise<Producer> {
    const kafka = new Kafka(this.connector.kafkaConfig(this.sockets));
    const producer = kafka.producer({
      idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false, createPartitioner: () => ({ message }) => message.partition!,
    });
    await within(producer.connect(), 'login', this.closing.signal);
    return producer;
  }

  private async forget(): Promise<void> {
    const producer = await this.producer?.catch(() => undefined);
    this.producer = undefined;
    producer?.disconnect().catch(() => undefined);
  }
}

/** Bytes of a record batch with those values, at most. */
export function batchBytes(values: readonly Uint8Array[]): number {
  return values.reduce((bytes, value) => bytes + value.length + RECORD_BYTES, BATCH_BYTES);
}
