/** Follows one partition from an offset on, by fetches of its own: no consumer group, nothing that goes back to the beginning by itself. */
import { type LogRecord, LogStartError, type Subscription } from '../../contract/log.ts';
import { type KafkaClient, StopTrying } from './client.ts';
import { KafkaError, typeOf } from './errors.ts';
import { fetchRequest } from './fetch.ts';
import { openBatch, type RawBatch } from './record-batch.ts';

/** Records that a handler gets at a time at most, and about so many bytes. */
const MOST_RECORDS = 64;
const MOST_BYTES = 4 << 20;
const READ_UNCOMMITTED = 0;
/** A leader that has just been chosen may not know yet how far it may read; then the end is lost. */
const END_MS = 10_000;

export interface Partition {
  /** Name in Kafka. */
  readonly topic: string;
  readonly partition: number;
}

export interface FetchOptions {
  /** The broker waits so long for a record. */
  readonly waitMs: number;
  readonly bytes: number;
}

/** Asks once for the record batches from `at` on; a LogStartError where the log begins later. */
export function fetchFrom(client: KafkaClient, { topic, partition }: Partition, at: bigint, { waitMs, bytes }: FetchOptions, check: () => Promise<void>): Promise<RawBatch[]> {
  const where = `${topic} partition ${partition}`;
  let failed = false;
  let beyondSince: number | undefined;
  return client.call(where, async (cluster) => {
    try {
      if (failed) await check().catch((error: Error) => { throw new StopTrying(error); });
      const broker = await client.leader(cluster, topic, partition);
      return await broker.connectionPool.send(fetchRequest({ topic, partition, from: at, waitMs, bytes }));
    } catch (error) {
      failed = true;
      if (typeOf(error) !== 'OFFSET_OUT_OF_RANGE') throw error;
      beyondSince ??= performance.now();
      throw await outOfRange(client, { topic, partition }, at, beyondSince, error);
    }
  });
}

/** First and next offset of a partition. */
export function boundsOf(client: KafkaClient, { topic, partition }: Partition): Promise<{ first: bigint; next: bigint }> {
  return client.call(`${topic} partition ${partition}`, async (cluster) => {
    const broker = await client.leader(cluster, topic, partition);
    const ask = async (timestamp: string): Promise<bigint> => {
      const { responses } = await broker.listOffsets({ isolationLevel: READ_UNCOMMITTED, topics: [{ topic, partitions: [{ partition, timestamp }] }] });
      return BigInt(responses[0]!.partitions[0]!.offset);
    };
    const [first, next] = await Promise.all([ask('-2'), ask('-1')]);
    return { first, next };
  });
}

export interface FollowOptions extends Partition {
  readonly from: bigint;
  /** Connections for this subscription alone: a fetch that waits holds up what comes behind it. */
  readonly client: KafkaClient;
  readonly fetch: FetchOptions;
  /** Throws where the topic is not the one that it was. */
  readonly check: () => Promise<void>;
}

/** Delivers records to the handler until it is stopped or cannot go on. */
export function follow(options: FollowOptions, handler: (records: readonly LogRecord[]) => Promise<void>): Subscription {
  const { client } = options;
  let isStopped = false;
  const run = async (): Promise<void> => {
    for (let at = options.from; !isStopped;) {
      const batches = await fetchFrom(client, options, at, options.fetch, options.check);
      for await (const records of portionsOf(batches, at)) {
        if (isStopped) return;
        await handler(records);
      }
      at = batches.at(-1)?.next ?? at;
    }
  };
  const running = run().catch((error: unknown) => {
    if (isStopped && error instanceof KafkaError && error.fault === 'closed') return;
    throw error;
  });
  const failed = new Promise<never>((_, reject) => { running.catch(reject); });
  failed.catch(() => undefined);
  return {
    failed,
    stop: async () => {
      isStopped = true;
      client.close();
      await running.catch(() => undefined);
    },
  };
}

/** Records of the batches from `from` on, a few at a time; a batch is opened when its turn has come. */
async function* portionsOf(batches: readonly RawBatch[], from: bigint): AsyncGenerator<LogRecord[]> {
  let portion: LogRecord[] = [];
  let bytes = 0;
  for (const batch of batches) {
    for (const record of await openBatch(batch, from)) {
      portion.push(record);
      bytes += record.value.length;
      if (portion.length < MOST_RECORDS && bytes < MOST_BYTES) continue;
      yield portion;
      portion = [];
      bytes = 0;
    }
  }
  if (portion.length > 0) yield portion;
}

/** What to end with where the broker has not that offset, or the error again where it may have it in a moment. */
async function outOfRange(client: KafkaClient, place: Partition, at: bigint, since: number, error: unknown): Promise<unknown> {
  const { first, next } = await boundsOf(client, place);
  const where = `${place.topic} partition ${place.partition}`;
  if (at < first) return new StopTrying(new LogStartError(where, at, first));
  if (at <= next || performance.now() - since < END_MS) return error;
  return new StopTrying(new KafkaError('lost-end', `${where} ends before offset ${next}, but was read up to ${at} before: the log has lost its end (unclean.leader.election.enable?)`));
}
