/** What can go wrong with Kafka, told apart: what passes by itself, and what a person has to change. */
import { eventsTopic } from '../../contract/log.ts';

/** What a person has to change. */
export type KafkaFault =
  /** Nobody answers at the addresses. */
  | 'unreachable'
  /** User name, password or mechanism. */
  | 'login'
  /** A certificate of ours or of the broker's, or TLS on one side only. */
  | 'tls'
  /** An ACL is missing. */
  | 'not-allowed'
  | 'missing-topic'
  /** Partitions or settings of a topic. */
  | 'topic-settings'
  | 'too-large'
  /** A topic was deleted and made again while it was in use. */
  | 'topic-replaced'
  /** The log ends before a position that it once had. */
  | 'lost-end'
  /** The broker is of a kind that cannot be used. */
  | 'unsupported'
  /** Another producer took our place, or the broker forgot us: what became of the last append is unknown. */
  | 'producer'
  /** The consumer group is another one than we knew: it has to be joined again. */
  | 'regroup'
  /** The broker will not do it, ever. */
  | 'refused'
  | 'closed';

/** A fault that waiting does not mend. */
export class KafkaError extends Error {
  override readonly name = 'KafkaError';
  readonly fault: KafkaFault;

  constructor(fault: KafkaFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}

/** What kafkajs' errors and Node's have, as far as it helps. */
interface AnyFault {
  readonly name?: string;
  readonly type?: string;
  readonly code?: string | number;
  readonly retriable?: boolean;
  readonly message?: string;
  readonly broker?: string;
  readonly cause?: unknown;
  readonly originalError?: unknown;
}

export interface FaultPlace {
  /** Where it happened, for the message: `routewatch.frames.v1 partition 0`. */
  readonly where: string;
  readonly brokers: readonly string[];
  readonly user: string | undefined;
}

const producerFaults = new Set(['OUT_OF_ORDER_SEQUENCE_NUMBER', 'INVALID_PRODUCER_EPOCH', 'UNKNOWN_PRODUCER_ID', 'DUPLICATE_SEQUENCE_NUMBER', 'INVALID_PRODUCER_ID_MAPPING']);

const groupFaults = new Set(['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'FENCED_INSTANCE_ID']);

/** Not worth a repeat by Kafka's own word, but gone in a moment: an election, metadata on their way, a log that lacks a record yet. */
const passing = new Set(['UNKNOWN', 'BROKER_NOT_AVAILABLE', 'STALE_CONTROLLER_EPOCH', 'STALE_BROKER_EPOCH', 'KAFKAJS_UNKNOWN_ERROR_CODE', 'OFFSET_OUT_OF_RANGE', 'OPERATION_NOT_ATTEMPTED', 'REASSIGNMENT_IN_PROGRESS']);

/** The KafkaError for what a person has to change; undefined for what may pass (no connection, no leader, a broker that starts). */
export function faultOf(error: unknown, place: FaultPlace): KafkaError | undefined {
  if (error instanceof KafkaError) return error;
  for (const each of chain(error)) {
    const fault = faultOfOne(each, place, error);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** The error that says most: what was wrong with the connection, not that something was. */
export function innermost(error: unknown): string {
  const all = chain(error);
  const best = all.findLast(({ message }) => message !== undefined && message !== '');
  return best?.message ?? String(error);
}

/** The protocol's name of the error (`OFFSET_OUT_OF_RANGE`), if it has one. */
export function typeOf(error: unknown): string | undefined {
  return chain(error).find(({ type }) => type !== undefined)?.type;
}

function chain(error: unknown): AnyFault[] {
  const all: AnyFault[] = [];
  for (let each = error; typeof each === 'object' && each !== null && all.length < 10;) {
    const fault = each as AnyFault;
    all.push(fault);
    each = fault.cause ?? fault.originalError;
  }
  return all;
}

function faultOfOne({ name, type, code, message = '', retriable }: AnyFault, { where, brokers, user }: FaultPlace, cause: unknown): KafkaError | undefined {
  const at = brokers.join(', ');
  const fault = (kind: KafkaFault, text: string): KafkaError => new KafkaError(kind, text, { cause });
  if (name === 'KafkaJSSASLAuthenticationError' || type === 'SASL_AUTHENTICATION_FAILED' || type === 'UNSUPPORTED_SASL_MECHANISM' || type === 'ILLEGAL_SASL_STATE') {
    return fault('login', user === undefined
      ? `Kafka at ${at} asks for a login: name sasl in the configuration file`
      : `Kafka at ${at} refuses the login of ${user}: ${message}. Check user name, password and mechanism (sasl in the configuration file)`);
  }
  if (message.startsWith('there is no password for Kafka')) return fault('login', message);
  if (isCertificate(code, message)) {
    return fault('tls', `no TLS connection with Kafka at ${at}: ${message}. Check tls.ca (who signed the broker's certificate), tls.cert and tls.key (if it asks for ours), and that this is its port for TLS`);
  }
  if (type !== undefined && type.endsWith('AUTHORIZATION_FAILED')) {
    return notAllowed(where, user, type, cause);
  }
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION' || type === 'INVALID_TOPIC_EXCEPTION') return fault('missing-topic', missingTopic(where, at));
  if (type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE') {
    return fault('too-large', `${where}: the record is larger than the topic takes. Raise its max.message.bytes (\`routewatch topics\` checks it)`);
  }
  if (type !== undefined && producerFaults.has(type)) return fault('producer', `${where}: ${message} (${type}); whether the last record was written is not known`);
  if (type !== undefined && groupFaults.has(type)) return fault('regroup', `${where}: ${message} (${type})`);
  if (type !== undefined && retriable === false && !passing.has(type)) return fault('refused', `Kafka refuses this: ${where}: ${message} (${type})`);
  return undefined;
}

export function notAllowed(where: string, user: string | undefined, type: string, cause?: unknown): KafkaError {
  return new KafkaError('not-allowed', `Kafka does not allow ${user ?? 'us'} to use ${where} (${type}): \`routewatch topics --grant ROLE:USER\` gives a role what it needs`, { cause });
}

export function missingTopic(where: string, at: string): string {
  return `Kafka at ${at} has no ${where}: \`routewatch topics\` makes the topics (${eventsTopic} and the others)`;
}

function isCertificate(code: string | number | undefined, message: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_SSL|ERR_TLS|EPROTO/.test(String(code ?? '')) || /certificate|tls alert|ssl3?_|wrong version number/i.test(message);
}
