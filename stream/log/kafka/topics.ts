/** The settings that the topics need on Kafka: what they are made with, and what is refused of those that are there. */
import kafkajs, { type Admin, type ITopicConfig } from 'kafkajs';
import { checkpointsTopic, eventsTopic, framesTopic, reportsTopic, type TopicSettings } from '../../contract/log.ts';
import { MOST_BATCH_BYTES } from './record-batch.ts';

/** A record batch of this size has to fit, also where it is not compressed. */
export const MAX_MESSAGE_BYTES = MOST_BATCH_BYTES;
/** Brokers may compress again by the topic's setting; readers know these. */
const READ_COMPRESSIONS = ['producer', 'zstd', 'gzip', 'uncompressed'];
const HOUR_MS = 3_600_000;
/** A checkpoint outlives its frames: it is made from frames that may be gone soon. */
const CHECKPOINT_TIMES = 3;
/** Retention takes whole segments: a new one begins so often, at least. */
const MOST_SEGMENT_MS = 6 * HOUR_MS;

export interface TopicPlan {
  readonly replication: number;
  readonly framesHours: number;
  readonly eventsHours: number;
}

/** Raw frames for three days, events for a week; three copies where there are three brokers. */
export function defaultPlan(brokers: number): TopicPlan {
  return { replication: Math.min(3, brokers), framesHours: 72, eventsHours: 168 };
}

/** Hours that a topic (by its name without prefix) keeps its records. */
function hoursOf(topic: string, { framesHours, eventsHours }: TopicPlan): number {
  return topic === framesTopic ? framesHours : topic === checkpointsTopic ? CHECKPOINT_TIMES * framesHours : eventsHours;
}

/** How a topic is made; `name` is the one in Kafka. */
export function topicToCreate(topic: string, name: string, partitions: number, plan: TopicPlan): ITopicConfig {
  const retentionMs = hoursOf(topic, plan) * HOUR_MS;
  const settings: Readonly<Record<string, string | number | boolean>> = {
    'cleanup.policy': 'delete',
    'retention.ms': retentionMs,
    'segment.ms': Math.min(MOST_SEGMENT_MS, retentionMs),
    'max.message.bytes': MAX_MESSAGE_BYTES,
    'min.insync.replicas': plan.replication >= 3 ? 2 : 1,
    'unclean.leader.election.enable': false,
    // By the broker's clock: a producer whose clock is wrong would have its records deleted at once, or never.
    'message.timestamp.type': 'LogAppendTime',
  };
  return {
    topic: name, numPartitions: topic === reportsTopic ? 1 : partitions, replicationFactor: plan.replication,
    configEntries: Object.entries(settings).map(([key, value]) => ({ name: key, value: String(value) })),
  };
}

/** A topic as it is. */
export interface FoundTopic {
  /** Name without prefix. */
  readonly topic: string;
  readonly partitions: number;
  /** Copies of its partitions, the fewest. */
  readonly replication: number;
  readonly settings: ReadonlyMap<string, string>;
}

/** What is there of the topics, by names without prefix. */
export async function findTopics(admin: Admin, prefix: string, topics: readonly string[]): Promise<FoundTopic[]> {
  const existing = new Set(await admin.listTopics());
  const names = topics.filter((topic) => existing.has(prefix + topic));
  if (names.length === 0) return [];
  const [{ topics: metadata }, { resources }] = await Promise.all([
    admin.fetchTopicMetadata({ topics: names.map((topic) => prefix + topic) }),
    admin.describeConfigs({ includeSynonyms: false, resources: names.map((topic) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name: prefix + topic })) }),
  ]);
  return names.map((topic) => {
    const { partitions } = metadata.find(({ name }) => name === prefix + topic)!;
    const { configEntries } = resources.find(({ resourceName }) => resourceName === prefix + topic)!;
    return {
      topic, partitions: partitions.length, replication: Math.min(...partitions.map(({ replicas }) => replicas.length)),
      settings: new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    };
  });
}

/** What is wrong with topics that are there, one sentence each with what to change. */
export function topicProblems(found: readonly FoundTopic[]): string[] {
  const frames = found.find(({ topic }) => topic === framesTopic);
  return [...found.flatMap((topic) => settingProblems(topic, frames)), ...partitionProblems(found)];
}

function settingProblems({ topic, replication, settings }: FoundTopic, frames: FoundTopic | undefined): string[] {
  const problems: string[] = [];
  const number = (name: string): number => Number(settings.get(name));
  const set = (name: string, value: string | number, why: string): void => { problems.push(`${topic}: ${name} is ${settings.get(name)}; set it to ${value} (${why})`); };
  if (settings.get('cleanup.policy') !== 'delete') set('cleanup.policy', 'delete', 'compaction would take records that only look like older ones');
  if (number('max.message.bytes') < MAX_MESSAGE_BYTES) set('max.message.bytes', MAX_MESSAGE_BYTES, 'a record of rows or of a checkpoint may be that large');
  if (settings.get('unclean.leader.election.enable') === 'true') set('unclean.leader.election.enable', 'false', 'acknowledged records would be lost');
  const compression = settings.get('compression.type');
  if (compression !== undefined && !READ_COMPRESSIONS.includes(compression)) set('compression.type', 'producer', `the broker would compress again, with what is not read here`);
  if (number('min.insync.replicas') > replication) set('min.insync.replicas', replication, `there are ${replication} copies: nothing could be written`);
  if (topic === checkpointsTopic && frames !== undefined && isShorter(number('retention.ms'), CHECKPOINT_TIMES * Number(frames.settings.get('retention.ms')))) {
    const needed = Number(frames.settings.get('retention.ms'));
    set('retention.ms', needed < 0 ? -1 : CHECKPOINT_TIMES * needed, `${CHECKPOINT_TIMES} times that of ${framesTopic}: a state has to outlive the frames it was made from`);
  }
  return problems;
}

/** Whether records are kept for less time; negative: for ever. */
function isShorter(ms: number, neededMs: number): boolean {
  if (ms < 0) return false;
  return neededMs < 0 || ms < neededMs;
}

function partitionProblems(found: readonly FoundTopic[]): string[] {
  const counts = new Map(found.filter(({ topic }) => topic !== reportsTopic).map(({ topic, partitions }) => [topic, partitions]));
  const problems = new Set(counts.values()).size <= 1 ? []
    : [`${[...counts].map(([topic, count]) => `${topic} has ${count} partitions`).join(', ')}: they need the same count, fixed for the life of a log. Delete those that hold nothing yet and run this again`];
  const reports = found.find(({ topic }) => topic === reportsTopic);
  if (reports !== undefined && reports.partitions !== 1) problems.push(`${reportsTopic} has ${reports.partitions} partitions; it needs 1`);
  return problems;
}

export interface EnsureOptions {
  /** In place of the defaults for this cluster. */
  readonly plan: Partial<TopicPlan>;
  /** Make nothing. */
  readonly isCheckOnly: boolean;
}

export interface TopicReport {
  readonly topics: readonly (FoundTopic & { readonly state: 'there' | 'made' | 'missing' })[];
  readonly problems: readonly string[];
}

/** Makes what is missing of the topics and says what is wrong with those that are there. */
export async function ensureTopics(admin: Admin, prefix: string, wanted: readonly TopicSettings[], { plan, isCheckOnly }: EnsureOptions): Promise<TopicReport> {
  const names = wanted.map(({ topic }) => topic);
  const before = await findTopics(admin, prefix, names);
  const missing = wanted.filter(({ topic }) => !before.some((each) => each.topic === topic));
  const problems = [...topicProblems(before)];
  // New ones have the count of those that are there: it is fixed for the life of the log.
  const count = before.find(({ topic }) => topic !== reportsTopic)?.partitions;
  if (missing.length > 0 && !isCheckOnly && problems.length === 0) {
    const { brokers } = await admin.describeCluster();
    const full = { ...defaultPlan(brokers.length), ...plan };
    await admin.createTopics({ waitForLeaders: true, topics: missing.map(({ topic, partitions }) => topicToCreate(topic, prefix + topic, count ?? partitions, full)) });
  }
  const after = await findTopics(admin, prefix, names);
  return {
    topics: wanted.map(({ topic }) => {
      const found = after.find((each) => each.topic === topic);
      if (found === undefined) return { topic, partitions: 0, replication: 0, settings: new Map<string, string>(), state: 'missing' };
      return { ...found, state: before.some((each) => each.topic === topic) ? 'there' : 'made' };
    }),
    problems: [...problems, ...wanted.filter(({ topic }) => !after.some((each) => each.topic === topic)).map(({ topic }) => `${prefix}${topic} is missing`)],
  };
}

/** All topics of a log. */
export const allTopics = [framesTopic, eventsTopic, checkpointsTopic, reportsTopic] as const;
