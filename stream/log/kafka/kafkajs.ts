/**
 * The one place that reaches into kafkajs: a version guard, one repair, and the cluster object, by which a partition is
 * read from any offset without a consumer group (kafkajs has no `assign`).
 */
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import kafkajs, { type Broker, type Cluster, type ISocketFactory, type KafkaConfig, type Logger } from 'kafkajs';

/** What follows was read in the sources of this version. */
const VERSION = '2.2.4';

const require = createRequire(import.meta.url);
const { version } = require('kafkajs/package.json') as { version: string };
if (version !== VERSION) {
  throw new Error(`kafkajs ${version} is installed; stream/log/kafka knows the insides of ${VERSION} only. Install that one, or read kafkajs.ts again against the new one`);
}

interface RequestQueue {
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  readonly pending: readonly unknown[];
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

const queue = (require('kafkajs/src/network/requestQueue') as { prototype: RequestQueue }).prototype;
const PENDING_MS = 10;

/**
 * As it was, it set a timer of minus the time since 1970 after each answer (nothing throttled): Node warns and takes 1 ms,
 * a wake-up a request. Now there is a timer only where requests wait or the broker throttles.
 */
queue.scheduleCheckPendingRequests = function schedule(this: RequestQueue): void {
  const throttledMs = this.throttledUntil - Date.now();
  if (this.throttleCheckTimeoutId !== null || (this.pending.length === 0 && throttledMs <= 0)) return;
  this.throttleCheckTimeoutId = setTimeout(() => {
    this.throttleCheckTimeoutId = null;
    this.checkPendingRequests();
  }, Math.max(PENDING_MS, throttledMs));
};

export interface ListOffsetsResponse {
  readonly responses: readonly { readonly partitions: readonly { readonly partition: number; readonly offset: string }[] }[];
}

/** A request that kafkajs does not know itself. */
export interface CustomRequest<T> {
  readonly request: { readonly apiKey: number; readonly apiVersion: number; readonly apiName: string; encode(): Promise<unknown> };
  readonly response: { decode(raw: Buffer): Promise<Buffer>; parse(raw: Buffer): Promise<T> };
}

/** What kafkajs' broker has beside its published type. */
export interface RawBroker extends Broker {
  readonly versions: Readonly<Record<number, { readonly minVersion: number; readonly maxVersion: number }>> | null;
  readonly connectionPool: { send<T>(request: CustomRequest<T>): Promise<T> };
  findGroupCoordinator(request: { groupId: string; coordinatorType: number }): Promise<{ coordinator: { nodeId: number } }>;
  joinGroup(request: {
    groupId: string; sessionTimeout: number; rebalanceTimeout: number; memberId: string; groupProtocols: { name: string; metadata: Buffer }[];
  }): Promise<{ memberId: string; leaderId: string; generationId: number; members: { memberId: string; memberMetadata: Buffer }[] }>;
  syncGroup(request: {
    groupId: string; generationId: number; memberId: string; groupAssignment: { memberId: string; memberAssignment: Buffer }[];
  }): Promise<{ memberAssignment: Buffer }>;
  heartbeat(request: { groupId: string; groupGenerationId: number; memberId: string }): Promise<unknown>;
  leaveGroup(request: { groupId: string; memberId: string }): Promise<unknown>;
  deleteRecords(request: { topics: { topic: string; partitions: { partition: number; offset: string }[] }[] }): Promise<unknown>;
  listOffsets(request: {
    isolationLevel: number; topics: { topic: string; partitions: { partition: number; timestamp: string }[] }[];
  }): Promise<ListOffsetsResponse>;
}

/** What kafkajs' cluster has beside its published type. */
export interface RawCluster extends Omit<Cluster, 'findBroker' | 'findControllerBroker'> {
  findBroker(node: { nodeId: string }): Promise<RawBroker>;
  findControllerBroker(): Promise<RawBroker>;
  findLeaderForPartitions(topic: string, partitions: number[]): Record<string, number[]>;
}

interface ClusterOptions extends KafkaConfig {
  readonly logger: Logger;
  readonly socketFactory: ISocketFactory;
  readonly metadataMaxAge: number;
  readonly allowAutoTopicCreation: boolean;
}

const RawClusterClass = require('kafkajs/src/cluster') as new (options: ClusterOptions) => RawCluster;
const Encoder = require('kafkajs/src/protocol/encoder') as new () => { writeBuffer(bytes: Buffer): unknown };
const socketFactoryOf = require('kafkajs/src/network/socketFactory') as () => ISocketFactory;

const METADATA_MAX_AGE_MS = 300_000;

const { createErrorFromCode } = require('kafkajs/src/protocol/error') as { createErrorFromCode(code: number): Error };

/** kafkajs' error for a code of the protocol. */
export function errorOf(code: number): Error {
  return createErrorFromCode(code);
}

const zstd = promisify(zstdCompress) as (bytes: Buffer, options: { params: Record<number, number> }) => Promise<Buffer>;
/** Of frames at rest and of rows it makes less than gzip does, in 40 % of its time; higher levels gain 1 to 5 % for twice the time. */
const LEVEL = 1;

/** The records of an append as they are sent. */
export function compressed(records: Buffer): Promise<Buffer> {
  return zstd(records, { params: { [constants.ZSTD_c_compressionLevel]: LEVEL } });
}

// kafkajs knows the codec by its number and has none itself; what it reads of ours it does not decompress.
kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = () => ({
  compress: ({ buffer }: { buffer: Buffer }) => compressed(buffer),
  decompress: () => Promise.reject(new Error('record batches are opened in record-batch.ts')),
});

/** A cluster object of its own, with connections of its own. */
export function newCluster(config: KafkaConfig, logger: Logger, socketFactory: ISocketFactory): RawCluster {
  return new RawClusterClass({ ...config, logger, socketFactory, enforceRequestTimeout: true, metadataMaxAge: METADATA_MAX_AGE_MS, allowAutoTopicCreation: false });
}

/** Bytes as kafkajs sends them. */
export function encoded(bytes: Buffer): unknown {
  return new Encoder().writeBuffer(bytes);
}

export const defaultSocketFactory = socketFactoryOf();
