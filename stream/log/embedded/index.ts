/** The embedded log: a SQLite file a topic, offsets that are never given twice, durable appends. */
import { EventEmitter } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Bounds, Log, LogRecord, Subscription, TopicSettings } from '../../contract/log.ts';
import { TopicFile } from './topic-file.ts';

/** Another process may append: a consumer that hears nothing looks again after this. */
const POLL_MS = 200;
/** Records and bytes that a consumer gets at a time at most. */
const MOST_RECORDS = 64;
const MOST_BYTES = 8 << 20;

/** Opens (or makes) the log in a directory of its own. */
export function openEmbeddedLog(directory: string): Log {
  mkdirSync(directory, { recursive: true });
  return new EmbeddedLog(directory);
}

class EmbeddedLog implements Log {
  private readonly topics = new Map<string, TopicFile>();
  private readonly appended = new EventEmitter().setMaxListeners(0);
  private readonly subscriptions = new Set<Subscription>();
  private readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  async identity(topic: string): Promise<string> {
    return this.file(topic).identity;
  }

  async ensureTopics(topics: readonly TopicSettings[]): Promise<void> {
    for (const { topic, partitions } of topics) {
      if (this.topics.has(topic)) continue;
      this.topics.set(topic, new TopicFile(join(this.directory, `${topic}.sqlite`), topic, partitions));
    }
  }

  async append(topic: string, partition: number, values: readonly Uint8Array[]): Promise<bigint> {
    const first = this.file(topic).append(partition, values);
    this.appended.emit(`${topic}/${partition}`);
    return first;
  }

  async *read(topic: string, partition: number, from: bigint): AsyncIterable<LogRecord> {
    const file = this.file(topic);
    const { first, next } = file.bounds(partition);
    if (from < first) {
      throw new Error(`${topic} partition ${partition}: offset ${from} is below the first one kept, ${first}; what was before is gone by retention`);
    }
    for (let at = from; at < next;) {
      const records = file.read(partition, at, next, MOST_RECORDS, MOST_BYTES);
      if (records.length === 0) return;
      yield* records;
      at = records.at(-1)!.offset + 1n;
    }
  }

  async bounds(topic: string, partition: number): Promise<Bounds> {
    return this.file(topic).bounds(partition);
  }

  consume(
    options: { readonly topic: string; readonly partition: number; readonly from: bigint },
    handler: (records: readonly LogRecord[]) => Promise<void>,
  ): Subscription {
    const { topic, partition } = options;
    const stop = new AbortController();
    const file = this.file(topic);
    const run = async (): Promise<void> => {
      let at = options.from;
      while (!stop.signal.aborted) {
        const records = file.read(partition, at, undefined, MOST_RECORDS, MOST_BYTES);
        if (records.length === 0) await this.wait(`${topic}/${partition}`, stop.signal);
        else {
          await handler(records);
          at = records.at(-1)!.offset + 1n;
        }
      }
    };
    const running = run();
    const failed = new Promise<never>((_, reject) => { running.catch(reject); });
    failed.catch(() => undefined);
    const subscription: Subscription = {
      failed,
      stop: async () => {
        stop.abort();
        this.subscriptions.delete(subscription);
        await running.catch(() => undefined);
      },
    };
    this.subscriptions.add(subscription);
    return subscription;
  }

  async committed(group: string, topic: string, partition: number): Promise<bigint | undefined> {
    return this.file(topic).committed(group, partition);
  }

  async commit(group: string, topic: string, partition: number, next: bigint): Promise<void> {
    this.file(topic).commit(group, partition, next);
  }

  async lag(group: string, topic: string, partition: number): Promise<bigint> {
    const file = this.file(topic);
    const { first, next } = file.bounds(partition);
    return next - (file.committed(group, partition) ?? first);
  }

  async close(): Promise<void> {
    await Promise.all([...this.subscriptions].map((subscription) => subscription.stop()));
    for (const file of this.topics.values()) file.close();
    this.topics.clear();
  }

  private file(topic: string): TopicFile {
    const file = this.topics.get(topic);
    if (file === undefined) throw new Error(`topic ${topic} is not open: call ensureTopics first`);
    return file;
  }

  private async wait(event: string, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.appended.off(event, done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, POLL_MS);
      this.appended.on(event, done);
      signal.addEventListener('abort', done);
    });
  }
}
