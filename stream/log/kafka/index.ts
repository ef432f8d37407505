/** The log on Kafka: behind the same port as the embedded one, over kafkajs. */
import type { Socket } from 'node:net';
import { type Admin, Kafka } from 'kafkajs';
import { faultPoint } from '../../contract/fault-points.ts';
import { type Bounds, framesTopic, type Log, type LogRecord, LogStartError, type Membership, type MembershipHandler, type Subscription, type TopicSettings } from '../../contract/log.ts';
import { aclsOf } from './acls.ts';
import { Connector, KafkaClient, StopTrying } from './client.ts';
import { kafkaConfig, type KafkaLogConfig, type KafkaSettings } from './config.ts';
import { KafkaError, missingTopic, notAllowed } from './errors.ts';
import { KafkaMembership } from './membership.ts';
import { batchBytes, KafkaProducer } from './producer.ts';
import { boundsOf, fetchFrom, follow, type Partition } from './subscription.ts';
import { MOST_BATCH_RECORDS, openBatch } from './record-batch.ts';
import { topicIdRequest, topicIdVersion } from './topic-id.ts';
import { allTopics, type EnsureOptions, ensureTopics, MAX_MESSAGE_BYTES, type TopicReport } from './topics.ts';

export { parseGrant } from './acls.ts';
export { kafkaConfig, type KafkaLogConfig, type KafkaSettings, parseKafkaAddress } from './config.ts';
export { KafkaError, type KafkaFault } from './errors.ts';

const DEFAULT_PARTITIONS = 8;
const SUCCESS = 0;
const UNKNOWN_TOPIC = 3;
const NOT_ALLOWED = 29;
/** A commit by nobody in particular: the group that it is for has no members of Kafka's. */
const NO_GENERATION = -1;

export interface KafkaLogOptions {
  /** Topics that are missing are made; else they are an error. */
  readonly createTopics?: boolean;
  /** Gets a line when brokers fall silent and one when they answer again. */
  readonly tell?: (line: string) => void;
}

/** Connects; rejects with a KafkaError that says what to change (address, login, certificate). */
export async function openKafkaLog(settings: KafkaSettings, options: KafkaLogOptions = {}): Promise<KafkaLog> {
  const log = new KafkaLog(kafkaConfig.parse(settings), options);
  try {
    await log.connect();
    return log;
  } catch (error) {
    await log.close();
    throw error;
  }
}

/** Makes the topics of a log that are missing (unless it is only to check) and says what is wrong with those that are there. */
export async function ensureKafkaTopics(settings: KafkaSettings, options: EnsureOptions & { readonly partitions?: number }): Promise<TopicReport> {
  const log = await openKafkaLog(settings);
  try {
    const known = await log.partitionsOf(framesTopic);
    const { partitions = known ?? DEFAULT_PARTITIONS } = options;
    const report = await log.withAdmin((admin) => ensureTopics(admin, settings.prefix ?? '', allTopics.map((topic) => ({ topic, partitions })), options));
    if (known === undefined || known === partitions) return report;
    return { ...report, problems: [...report.problems, `${framesTopic} has ${known} partitions; ${partitions} were asked for. The count is fixed for the life of a log: use another prefix for a new one`] };
  } finally {
    await log.close();
  }
}

/** Gives users the rights of their roles on the topics and groups of a log. */
export async function grantRoles(settings: KafkaSettings, grants: readonly { readonly role: string; readonly user: string }[]): Promise<void> {
  const log = await openKafkaLog(settings);
  try {
    await log.withAdmin((admin) => admin.createAcls({ acl: grants.flatMap(({ role, user }) => aclsOf(role, user, settings.prefix ?? '')) }));
  } finally {
    await log.close();
  }
}

interface OpenTopic {
  readonly name: string;
  readonly partitions: number;
  readonly identity: string;
}

export class KafkaLog implements Log {
  private readonly config: KafkaLogConfig;
  private readonly options: KafkaLogOptions;
  private readonly connector: Connector;
  private readonly client: KafkaClient;
  private readonly producer: KafkaProducer;
  private readonly topics = new Map<string, OpenTopic>();
  private readonly subscriptions = new Set<Subscription>();
  /** Connections of memberships: one that was not stopped before the log is closed is given up without a word to its group. */
  private readonly memberships = new Set<KafkaClient>();

  constructor(config: KafkaLogConfig, options: KafkaLogOptions) {
    this.config = config;
    this.options = options;
    this.connector = new Connector({ config, tell: options.tell });
    this.client = new KafkaClient(this.connector);
    this.producer = new KafkaProducer(this.connector);
  }

  /** Resolves when a broker has let us in and serves what is needed. */
  async connect(): Promise<void> {
    await this.client.call('login', async (cluster) => {
      const broker = await this.client.broker(cluster);
      const { apiKey, apiVersion } = topicIdVersion;
      if ((broker.versions?.[apiKey]?.maxVersion ?? 0) < apiVersion) {
        throw new StopTrying(new KafkaError('unsupported', `Kafka at ${this.config.brokers.join(', ')} is older than 2.8: its topics have no ids, by which a topic that was made again is known`));
      }
    });
  }

  async identity(topic: string): Promise<string> {
    return this.topic(topic).identity;
  }

  async ensureTopics(topics: readonly TopicSettings[]): Promise<void> {
    const wanted = topics.filter(({ topic }) => !this.topics.has(topic));
    if (wanted.length === 0) return;
    if (this.options.createTopics === true) await this.create(wanted);
    for (const { topic, partitions } of wanted) await this.openTopic(topic, partitions);
  }

  /** Partitions of a topic; undefined where there is no such topic. */
  async partitionsOf(topic: string): Promise<number | undefined> {
    const name = this.config.prefix + topic;
    return this.client.call(name, async (cluster) => {
      const { error } = await this.askTopic(topic);
      if (error === UNKNOWN_TOPIC) return undefined;
      await cluster.addTargetTopic(name);
      await cluster.refreshMetadata();
      return cluster.findTopicPartitionMetadata(name).length;
    });
  }

  async append(topic: string, partition: number, values: readonly Uint8Array[]): Promise<bigint> {
    const place = this.place(topic, partition);
    if (values.length === 0) return (await this.bounds(topic, partition)).next;
    const bytes = batchBytes(values);
    if (bytes > MAX_MESSAGE_BYTES) {
      throw new KafkaError('too-large', `${place.topic} partition ${partition}: ${bytes} bytes in one append are more than the ${MAX_MESSAGE_BYTES} that its record batch may have`);
    }
    if (values.length > MOST_BATCH_RECORDS) throw new KafkaError('too-large', `${place.topic} partition ${partition}: ${values.length} records in one append are more than the ${MOST_BATCH_RECORDS} that its readers take`);
    faultPoint(`append:${topic}:before-commit`);
    const first = await this.producer.append(place, values);
    faultPoint(`append:${topic}:after-commit`);
    return first;
  }

  async *read(topic: string, partition: number, from: bigint): AsyncIterable<LogRecord> {
    const place = this.place(topic, partition);
    const { first, next: end } = await boundsOf(this.client, place);
    if (from < first) throw new LogStartError(`${place.topic} partition ${partition}`, from, first);
    for (let at = from; at < end;) {
      const batches = await fetchFrom(this.client, place, at, { waitMs: this.config.waitMs, bytes: this.config.fetchBytes }, () => this.check(topic));
      for (const batch of batches) {
        for (const record of await openBatch(batch, at)) {
          if (record.offset >= end) return;
          yield record;
        }
      }
      at = batches.at(-1)?.next ?? at;
    }
  }

  async bounds(topic: string, partition: number): Promise<Bounds> {
    return boundsOf(this.client, this.place(topic, partition));
  }

  consume(
    { topic, partition, from }: { readonly topic: string; readonly partition: number; readonly from: bigint },
    handler: (records: readonly LogRecord[]) => Promise<void>,
  ): Subscription {
    const subscription = follow({
      ...this.place(topic, partition), from, client: new KafkaClient(this.connector),
      fetch: { waitMs: this.config.waitMs, bytes: this.config.fetchBytes }, check: () => this.check(topic),
    }, handler);
    const kept: Subscription = {
      failed: subscription.failed,
      stop: async () => {
        this.subscriptions.delete(kept);
        await subscription.stop();
      },
    };
    this.subscriptions.add(kept);
    return kept;
  }

  async committed(group: string, topic: string, partition: number): Promise<bigint | undefined> {
    const place = this.place(topic, partition);
    const groupId = this.groupId(group);
    return this.client.call(`group ${groupId}`, async (cluster) => {
      const broker = await this.client.coordinator(cluster, groupId);
      const { responses } = await broker.offsetFetch({ groupId, topics: [{ topic: place.topic, partitions: [{ partition, offset: '' }] }] });
      const offset = BigInt(responses[0]!.partitions[0]!.offset);
      return offset < 0n ? undefined : offset;
    });
  }

  async commit(group: string, topic: string, partition: number, next: bigint): Promise<void> {
    const place = this.place(topic, partition);
    const groupId = this.groupId(group);
    await this.client.call(`group ${groupId}`, async (cluster) => {
      const broker = await this.client.coordinator(cluster, groupId);
      await broker.offsetCommit({
        groupId, groupGenerationId: NO_GENERATION, memberId: '', topics: [{ topic: place.topic, partitions: [{ partition, offset: String(next) }] }],
      });
    });
  }

  async lag(group: string, topic: string, partition: number): Promise<bigint> {
    const [{ first, next }, committed] = await Promise.all([this.bounds(topic, partition), this.committed(group, topic, partition)]);
    return next - (committed ?? first);
  }

  join(group: string, topic: string, handler: MembershipHandler): Membership {
    const { name, partitions } = this.topic(topic);
    // A group of its own: Kafka takes commits of a group with members from its members only.
    const client = new KafkaClient(this.connector);
    this.memberships.add(client);
    return new KafkaMembership({ groupId: `${this.groupId(group)}.members`, topic: name, partitions, client }, handler);
  }

  /** Deletes the records before an offset. */
  async deleteBefore(topic: string, partition: number, before: bigint): Promise<void> {
    const place = this.place(topic, partition);
    await this.client.call(`${place.topic} partition ${partition}`, async (cluster) => {
      const broker = await this.client.leader(cluster, place.topic, partition);
      await broker.deleteRecords({ topics: [{ topic: place.topic, partitions: [{ partition, offset: String(before) }] }] });
    });
  }

  async close(): Promise<void> {
    for (const client of this.memberships) client.close();
    await Promise.all([...this.subscriptions].map((subscription) => subscription.stop()));
    await this.producer.close();
    this.client.close();
    this.topics.clear();
  }

  /** Makes what is missing; refuses settings that cannot work. */
  private async create(wanted: readonly TopicSettings[]): Promise<void> {
    const { problems } = await this.withAdmin((admin) => ensureTopics(admin, this.config.prefix, wanted, { plan: {}, isCheckOnly: false }));
    if (problems.length > 0) throw new KafkaError('topic-settings', problems.join('\n'));
  }

  private async openTopic(topic: string, partitions: number): Promise<void> {
    const name = this.config.prefix + topic;
    const count = await this.partitionsOf(topic);
    if (count === undefined) throw new KafkaError('missing-topic', missingTopic(name, this.config.brokers.join(', ')));
    if (count !== partitions) {
      throw new KafkaError('topic-settings', `${name} has ${count} partitions; ${partitions} were asked for. The count is fixed for the life of a log: use its own, or another prefix`);
    }
    const { id } = await this.askTopic(topic);
    this.topics.set(topic, { name, partitions, identity: id });
  }

  /** Throws where the topic was made again since we opened it: offsets mean other records then. */
  private async check(topic: string): Promise<void> {
    const { error, id } = await this.askTopic(topic);
    const known = this.topics.get(topic);
    if (error === SUCCESS && known !== undefined && known.identity !== id) {
      throw new KafkaError('topic-replaced', `${known.name} was deleted and made again while it was in use (id ${known.identity}, now ${id}): start again, on a new log`);
    }
  }

  private askTopic(topic: string): Promise<{ error: number; id: string }> {
    const name = this.config.prefix + topic;
    return this.client.call(name, async (cluster) => {
      const broker = await this.client.broker(cluster);
      const answer = await broker.connectionPool.send(topicIdRequest(name));
      if (answer.error === NOT_ALLOWED) throw new StopTrying(notAllowed(name, this.config.sasl?.username, 'TOPIC_AUTHORIZATION_FAILED'));
      return answer;
    });
  }

  /** Runs `work` with an admin client of kafkajs, again where it fails for a while. */
  async withAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    return this.client.call('topics', async () => {
      const sockets = new Set<Socket>();
      const admin = new Kafka(this.connector.kafkaConfig(sockets)).admin();
      try {
        await admin.connect();
        return await work(admin);
      } finally {
        await admin.disconnect().catch(() => undefined);
        for (const socket of sockets) socket.destroy();
      }
    });
  }

  /** Name of a group in Kafka. */
  private groupId(group: string): string {
    return `${this.config.prefix}routewatch.${group}`;
  }

  private place(topic: string, partition: number): Partition {
    const { name, partitions } = this.topic(topic);
    if (partition < 0 || partition >= partitions) throw new Error(`${name} has no partition ${partition}`);
    return { topic: name, partition };
  }

  private topic(topic: string): OpenTopic {
    const open = this.topics.get(topic);
    if (open === undefined) throw new Error(`topic ${topic} is not open: call ensureTopics first`);
    return open;
  }
}
