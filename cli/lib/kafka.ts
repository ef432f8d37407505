/** The log of a command where it is on Kafka: which one, and how it is opened. */
import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { framesTopic, logTopics } from '../../stream/contract/log.ts';
import { KafkaError, type KafkaLog, type KafkaSettings, openKafkaLog, parseKafkaAddress } from '../../stream/log/kafka/index.ts';
import { readConfig, type UpConfig, upConfig } from './config.ts';
import type { Interrupt } from './interrupt.ts';
import { UsageError, complain } from './output.ts';

/** What `up` and the others read where it is there. */
export const usualConfig = 'routewatch.json';

export interface LogOptions {
  readonly log?: string;
  readonly config?: string;
}

/** A log on Kafka with its topics open, and their partitions. */
export interface OpenKafka {
  readonly log: KafkaLog;
  readonly partitions: number;
}

/** The options by which a command learns of Kafka. */
export function withLogOptions(command: Command): Command {
  return command
    .option('--log <address>', 'the log: kafka://HOST:PORT[,HOST:PORT...][/PREFIX] (default: the one in the data directory)')
    .option('--config <file>', `configuration file: its part \`kafka\` says address, TLS and login (default: ${usualConfig} where there is one)`);
}

/** The configuration file that is in force, if there is one. */
export function configFile({ config }: Pick<LogOptions, 'config'>): string | undefined {
  return config ?? (existsSync(usualConfig) ? usualConfig : undefined);
}

/** What the configuration file that is in force says; defaults where there is none. */
export function configOf(options: Pick<LogOptions, 'config'>): UpConfig {
  const file = configFile(options);
  return file === undefined ? upConfig.parse({}) : readConfig(file);
}

/** Settings of Kafka by option and configuration file; undefined where the log is in the data directory. */
export function kafkaOf(options: LogOptions): KafkaSettings | undefined {
  const { log } = options;
  const configured = configOf(options).kafka;
  if (log === undefined) return configured;
  try {
    const { brokers, prefix } = parseKafkaAddress(log);
    return { ...configured, brokers, ...(prefix === '' ? {} : { prefix }) };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** As `kafkaOf`, for commands that work on Kafka only. */
export function neededKafka(options: LogOptions): KafkaSettings {
  const settings = kafkaOf(options);
  if (settings === undefined) throw new UsageError(`which Kafka? Name it with --log kafka://HOST:PORT, or in the part \`kafka\` of ${usualConfig}`);
  return settings;
}

/** Opens the log with its topics; rejects with a KafkaError that says what to change. */
export async function openKafka(settings: KafkaSettings): Promise<OpenKafka> {
  const log = await openKafkaLog(settings, { tell: complain });
  try {
    const partitions = await log.partitionsOf(framesTopic);
    if (partitions === undefined) throw new KafkaError('missing-topic', `Kafka at ${settings.brokers.join(', ')} has no topic ${settings.prefix ?? ''}${framesTopic}: \`routewatch topics\` makes the topics`);
    await log.ensureTopics(logTopics(partitions));
    return { log, partitions };
  } catch (error) {
    await log.close();
    throw error;
  }
}

/** Longest that a part may take to end while its Kafka is silent, ms. */
const STOP_MS = 10_000;

/** Stops a part; where Kafka does not answer, not for longer than it takes to see that: what is written is in Kafka already. */
export async function stopWithin(name: string, stop: () => Promise<unknown>): Promise<void> {
  const late = sleep(STOP_MS, 'late', { ref: false });
  if (await Promise.race([stop(), late]) === 'late') complain(`the ${name} ends without giving back its partitions: Kafka has not answered for ${STOP_MS / 1000} s`);
}

/** Lets a part run until it is asked to end, or cannot go on; then stops it. */
export async function untilAsked(name: string, running: { readonly failed: Promise<never>; stop(): Promise<void> }, interrupt: Interrupt): Promise<void> {
  try {
    await Promise.race([interrupt.asked, running.failed]);
  } finally {
    await stopWithin(name, () => running.stop());
  }
}

/** Numbers of so many partitions. */
export function numbersTo(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number);
}
