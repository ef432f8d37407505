/** The embedded log: a SQLite file a topic, offsets that are never given twice, durable appends. */
import { EventEmitter } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Bounds, checkpointsTopic, eventsTopic, framesTopic, type Log, type LogRecord, LogStartError, reportsTopic, type Membership, type MembershipHandler, type Subscription, type TopicSettings,
} from '../../contract/log.ts';
import { type Limit, type LogConfig, logConfig, type LogSettings } from './config.ts';
import { TopicFile } from './topic-file.ts';

/** Another process may append: a consumer that hears nothing looks again after this. */
const POLL_MS = 200;
/** Records and bytes that a consumer gets at a time at most. */
const MOST_RECORDS = 64;
const MOST_BYTES = 8 << 20;

/** How often is looked for what retention takes. */
const RETENTION_MS = 60_000;
const HOUR_MS = 3_600_000;

export { logConfig, type LogSettings } from './config.ts';

/** Opens (or makes) the log in a directory of its own; without `settings` it keeps everything. */
export function openEmbeddedLog(directory: string, settings: LogSettings = {}): EmbeddedLog {
  mkdirSync(directory, { recursive: true });
  return new EmbeddedLog(directory, logConfig.parse(settings));
}

export class EmbeddedLog implements Log {
  private readonly topics = new Map<string, TopicFile>();
  private readonly appended = new EventEmitter().setMaxListeners(0);
  private readonly subscriptions = new Set<Subscription>();
  private readonly directory: string;

  private readonly limits: ReadonlyMap<string, Limit>;
  private readonly retention: NodeJS.Timeout;
  private retained: Promise<void> = Promise.resolve();

  constructor(directory: string, config: LogConfig) {
    this.directory = directory;
    this.limits = new Map<string, Limit>([[framesTopic, config.frames], [eventsTopic, config.events], [checkpointsTopic, config.checkpoints], [reportsTopic, config.events]]);
    // What cannot be deleted now (another process holds the file) is tried again the next time.
    this.retention = setInterval(() => { this.retained = this.retain(Date.now()).catch(() => undefined); }, RETENTION_MS).unref();
  }

  /** Deletes what is beyond the limits at `nowMs`, a segment at a time, so that appends hardly wait. */
  async retain(nowMs: number): Promise<void> {
    for (const [topic, { bytes, hours }] of this.limits) {
      const file = this.topics.get(topic);
      if (file === undefined || (bytes === undefined && hours === undefined)) continue;
      for (let partition = 0; partition < file.partitions; partition++) {
        const floor = topic === checkpointsTopic ? file.lowestCommit(partition) : undefined;
        for (;;) {
          const before = file.outlived(partition, bytes, hours === undefined ? undefined : nowMs - hours * HOUR_MS);
          if (before === undefined || (floor !== undefined && before > floor) || !this.topics.has(topic)) break;
          file.deleteBefore(partition, before);
          await new Promise((resolve) => { setImmediate(resolve); });
        }
      }
    }
  }

  /** Deletes the records before an offset. */
  async deleteBefore(topic: string, partition: number, before: bigint): Promise<void> {
    this.file(topic).deleteBefore(partition, before);
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
    if (from < first) throw new LogStartError(`${topic} partition ${partition}`, from, first);
    for (let at = from; at < next;) {
      const records = file.read(partition, at, next, MOST_RECORDS, MOST_BYTES);
      refuseLeap(`${topic} partition ${partition}`, at, records);
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
        refuseLeap(`${topic} partition ${partition}`, at, records);
        if (records.length === 0) refuseBelow(`${topic} partition ${partition}`, at, file.bounds(partition).first);
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

  /** One process uses a directory: it gets all partitions. */
  join(_group: string, topic: string, handler: MembershipHandler): Membership {
    const all = Array.from({ length: this.file(topic).partitions }, (_, partition) => partition);
    const { promise: failed, reject } = Promise.withResolvers<never>();
    failed.catch(() => undefined);
    let isMember = false;
    const begin = async (): Promise<void> => {
      await handler.assigned(all);
      isMember = true;
    };
    let turn = begin();
    turn.catch(reject);
    return {
      failed,
      get isMember() { return isMember; },
      release: (partition) => {
        turn = turn.then(() => handler.assigned([partition]));
        turn.catch(reject);
      },
      stop: async () => {
        await turn.catch(() => undefined);
        await handler.revoked(all);
      },
    };
  }

  async close(): Promise<void> {
    clearInterval(this.retention);
    await this.retained;
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

/** Records follow one another without a hole: where the first that is there is a later one, retention came in between. */
function refuseLeap(where: string, at: bigint, records: readonly LogRecord[]): void {
  if (records.length > 0) refuseBelow(where, at, records[0]!.offset);
}

function refuseBelow(where: string, at: bigint, first: bigint): void {
  if (at < first) throw new LogStartError(where, at, first);
}
