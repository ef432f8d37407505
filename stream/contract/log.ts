/** The log port: what the stages need of a log, be it embedded or Kafka. */

export const framesTopic = 'routewatch.frames.v1';
export const eventsTopic = 'routewatch.events.v1';
export const checkpointsTopic = 'routewatch.checkpoints.v1';
export const reportsTopic = 'routewatch.reports.v1';

/** The topics of one log that are shared out by partition, as `ensureTopics` takes them. */
export function logTopics(partitions: number): TopicSettings[] {
  return [framesTopic, eventsTopic, checkpointsTopic].map((topic) => ({ topic, partitions }));
}

/** The topic of what is made behind the workers, as `ensureTopics` takes it: only sinks and alerters need it. */
export const reportTopics: readonly TopicSettings[] = [{ topic: reportsTopic, partitions: 1 }];

/** What was asked for stood before the first offset kept: retention has taken it. */
export class LogStartError extends Error {
  override readonly name = 'LogStartError';
  readonly first: bigint;

  constructor(where: string, asked: bigint, first: bigint) {
    super(`${where}: offset ${asked} is below the first one kept, ${first}; what was before is gone by retention`);
    this.first = first;
  }
}

export interface LogRecord {
  readonly offset: bigint;
  /** Where the log could not open what it has here, the first bytes of that. */
  readonly value: Uint8Array;
  /** And why it could not. */
  readonly unreadable?: string;
}

/** A partition as it stood when it was asked for: `first` is the oldest offset kept, `next` the one to be given next. */
export interface Bounds {
  readonly first: bigint;
  readonly next: bigint;
}

export interface TopicSettings {
  readonly topic: string;
  readonly partitions: number;
}

export interface Subscription {
  /** Stops delivering; resolves when the handler in progress has ended. */
  stop(): Promise<void>;
  /** Rejects with what ended the subscription against its will. */
  readonly failed: Promise<never>;
}

/** Our part of the partitions of a topic, which the members of a group share. */
export interface Membership {
  /** Whether the group has told us what is ours, and `assigned` is done with that: also where it is nothing. */
  readonly isMember: boolean;
  /** We have lost a partition by another's claim: it is shared out anew, perhaps to us again. */
  release(partition: number): void;
  /** Gives back what we hold, then leaves the group. */
  stop(): Promise<void>;
  /** Rejects with what ended the membership against its will, or what a handler threw. */
  readonly failed: Promise<never>;
}

/** One call at a time. */
export interface MembershipHandler {
  /** These are ours, beside those that we have. */
  assigned(partitions: readonly number[]): Promise<void>;
  /** These have to be given up: resolves when nothing of ours is under way there; another gets them then. */
  revoked(partitions: readonly number[]): Promise<void>;
}

export interface Log {
  /** The log's own id: a recreated one has another. */
  identity(topic: string): Promise<string>;
  /** Makes what is missing; refuses another count of partitions than the log was made with. */
  ensureTopics(topics: readonly TopicSettings[]): Promise<void>;
  /** Appends records in order, durable when it resolves; gives the offset of the first. */
  append(topic: string, partition: number, values: readonly Uint8Array[]): Promise<bigint>;
  /** Reads from `from` to the end known at the call. Below the first offset kept: a LogStartError, never a silent beginning. */
  read(topic: string, partition: number, from: bigint): AsyncIterable<LogRecord>;
  bounds(topic: string, partition: number): Promise<Bounds>;
  /**
   * Delivers records from `from` on, in order, a few at a time; the next ones after the handler's promise resolves.
   * Where retention has overtaken it the subscription fails with a LogStartError. Committed offsets belong to the group
   * that is named.
   */
  consume(
    options: { readonly topic: string; readonly partition: number; readonly from: bigint },
    handler: (records: readonly LogRecord[]) => Promise<void>,
  ): Subscription;
  /** Offset up to which `group` has done its work; undefined before its first commit. */
  committed(group: string, topic: string, partition: number): Promise<bigint | undefined>;
  commit(group: string, topic: string, partition: number, next: bigint): Promise<void>;
  /** Records behind: next offset minus committed. */
  lag(group: string, topic: string, partition: number): Promise<bigint>;
  /** Takes part in sharing the partitions of `topic` among the members of `group`: each has one owner, who may change. */
  join(group: string, topic: string, handler: MembershipHandler): Membership;
  close(): Promise<void>;
}
