/** Connections to Kafka that outlive its absence: each call is tried again until it holds, or a person has to change something. */
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, type KafkaConfig, logLevel, type SASLOptions } from 'kafkajs';
import { type KafkaLogConfig, readPassword, tlsOptions } from './config.ts';
import { faultOf, innermost, KafkaError, type KafkaFault } from './errors.ts';
import { defaultSocketFactory, newCluster, type RawBroker, type RawCluster } from './kafkajs.ts';

/** Pauses between two tries, ms. */
const PAUSES_MS = [20, 50, 100, 200, 500, 1000];
/** No answer within this: the connection is given up, ms. Above the broker's own limits for one request. */
const DEADLINE_MS = 35_000;
/** What a running system gives a person's change (a rotated password, a restored topic) before it ends, ms. */
const GRACE_MS = 30_000;
/** Faults that may pass where we were well before: rotation, a broker that starts with old metadata. */
const passing = new Set<KafkaFault>(['login', 'tls', 'missing-topic']);

/** Type of a coordinator. */
const GROUP = 0;

/** Mistakes of ours: no repeat mends them. */
const ourFaults = [TypeError, RangeError, ReferenceError];

export interface ClientOptions {
  readonly config: KafkaLogConfig;
  /** Gets one line when brokers fall silent and one when they are back. */
  readonly tell?: ((line: string) => void) | undefined;
}

/** One call with its repeats. */
export interface Trial {
  /** Since when the broker answers with one and the same kind of refusal. */
  faultSince?: number | undefined;
}

/** Opens clients of one log and remembers whether it was ever reached. */
export class Connector {
  readonly config: KafkaLogConfig;
  private readonly tell: (line: string) => void;
  private wasWell = false;
  private silentSince: number | undefined;
  private readonly began = performance.now();

  constructor({ config, tell }: ClientOptions) {
    this.config = config;
    this.tell = tell ?? ((): void => undefined);
  }

  /** kafkajs' settings with sockets that can be closed at once. `sasl` is a fresh object: kafkajs keeps its first login in it. */
  kafkaConfig(sockets: Set<Socket>): KafkaConfig {
    const { brokers, clientId, sasl } = this.config;
    const ssl = tlsOptions(this.config);
    return {
      brokers: [...brokers], clientId, ssl, connectionTimeout: 5000, authenticationTimeout: 10_000, requestTimeout: 30_000, logLevel: logLevel.NOTHING,
      retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 2 },
      ...sasl === undefined ? {} : { sasl: saslOf(sasl) },
      socketFactory: (args) => {
        const socket = defaultSocketFactory(args);
        sockets.add(socket);
        return socket.once('close', () => sockets.delete(socket));
      },
    };
  }

  /** After a call that held. */
  isWell(): void {
    this.wasWell = true;
    if (this.silentSince === undefined) return;
    this.tell(`Kafka answers again after ${Math.round((performance.now() - this.silentSince) / 1000)} s`);
    this.silentSince = undefined;
  }

  /** After a call that failed: the error to end with, or undefined where it is to be tried again. */
  judge(error: unknown, where: string, trial: Trial): Error | undefined {
    if (error instanceof StopTrying) return error.reason;
    if (error instanceof Error && ourFaults.some((kind) => error instanceof kind)) return error;
    const { brokers, sasl, startMs } = this.config;
    const fault = faultOf(error, { where, brokers, user: sasl?.username });
    if (fault === undefined) trial.faultSince = undefined;
    else if (!passing.has(fault.fault) || !this.wasWell || performance.now() - (trial.faultSince ??= performance.now()) > GRACE_MS) return fault;
    if (!this.wasWell && performance.now() - this.began > startMs) {
      return new KafkaError('unreachable', `Kafka does not answer at ${brokers.join(', ')} (${innermost(error)}). Check the address${this.config.tls === false ? ', that it is a port without TLS (or set tls)' : ''}, and that the broker runs`, { cause: error });
    }
    if (this.silentSince === undefined && this.wasWell) {
      this.silentSince = performance.now();
      this.tell(`Kafka at ${brokers.join(', ')} cannot be used (${innermost(error)}): trying again until it can`);
    }
    return undefined;
  }
}

/** One set of connections. */
export class KafkaClient {
  private readonly connector: Connector;
  private readonly closing = new AbortController();
  private session: { readonly cluster: RawCluster; readonly sockets: Set<Socket> } | undefined;

  constructor(connector: Connector) {
    this.connector = connector;
  }

  /** Runs `work`, again after each failure that may pass; rejects with a KafkaError where it will not, or when we close. */
  async call<T>(where: string, work: (cluster: RawCluster) => Promise<T>): Promise<T> {
    const trial: Trial = {};
    for (let attempt = 0; ; attempt++) {
      const session = this.open();
      try {
        this.refuseClosed();
        const result = await within(work(session.cluster), where, this.closing.signal);
        this.connector.isWell();
        return result;
      } catch (error) {
        this.refuseClosed();
        const end = this.connector.judge(error, where, trial);
        this.drop(session);
        if (end !== undefined) throw end;
        await sleep(PAUSES_MS[Math.min(attempt, PAUSES_MS.length - 1)], undefined, { signal: this.closing.signal }).catch(() => undefined);
      }
    }
  }

  /** The leader of a partition. */
  async leader(cluster: RawCluster, topic: string, partition: number): Promise<RawBroker> {
    await cluster.addTargetTopic(topic);
    const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
    if (nodeId === undefined) throw new Error(`${topic} partition ${partition} has no leader`);
    return cluster.findBroker({ nodeId });
  }

  /** Any broker. */
  async broker(cluster: RawCluster): Promise<RawBroker> {
    await cluster.connect();
    return cluster.findControllerBroker().catch(async () => {
      await cluster.refreshMetadata();
      return cluster.findControllerBroker();
    });
  }

  /** The coordinator of a group. (kafkajs' own search tries on for ever where an ACL is missing.) */
  async coordinator(cluster: RawCluster, groupId: string): Promise<RawBroker> {
    const broker = await this.broker(cluster);
    const { coordinator } = await broker.findGroupCoordinator({ groupId, coordinatorType: GROUP });
    return cluster.findBroker({ nodeId: String(coordinator.nodeId) });
  }

  /** Ends what is under way. */
  close(): void {
    this.closing.abort();
    if (this.session !== undefined) this.drop(this.session);
  }

  private refuseClosed(): void {
    if (this.closing.signal.aborted) throw new KafkaError('closed', 'the log has been closed');
  }

  private open(): NonNullable<KafkaClient['session']> {
    if (this.session !== undefined) return this.session;
    const sockets = new Set<Socket>();
    const config = this.connector.kafkaConfig(sockets);
    this.session = { cluster: newCluster(config, new Kafka(config).logger(), config.socketFactory!), sockets };
    return this.session;
  }

  private drop(session: NonNullable<KafkaClient['session']>): void {
    if (this.session === session) this.session = undefined;
    session.cluster.disconnect().catch(() => undefined);
    for (const socket of session.sockets) socket.destroy();
  }
}

/** Thrown in `work` to end a call with `reason` although it might pass. */
export class StopTrying extends Error {
  override readonly name = 'StopTrying';
  readonly reason: Error;

  constructor(reason: Error) {
    super('');
    this.reason = reason;
  }
}

/** Rejects when no answer comes in time or we close: a connection may stand still without a word. */
export async function within<T>(work: Promise<T>, where: string, signal: AbortSignal, ms = DEADLINE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let abort: (() => void) | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => { reject(new Error(`no answer within ${ms / 1000} s: ${where}`)); }, ms);
    abort = (): void => { reject(new Error('closed')); };
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort!);
    work.catch(() => undefined);
  }
}

function saslOf(sasl: NonNullable<KafkaLogConfig['sasl']>): SASLOptions {
  return { mechanism: sasl.mechanism, username: sasl.username, get password() { return readPassword(sasl); } } as SASLOptions;
}
