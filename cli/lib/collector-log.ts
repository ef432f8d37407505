/** The frames log of a collector: on Kafka, or that of a system on the same machine. */
import { join } from 'node:path';
import { framesTopic, type Log } from '../../stream/contract/log.ts';
import { openCurrent, readManifest } from '../../stream/log/embedded/manifest.ts';
import { KafkaError, openKafkaLog } from '../../stream/log/kafka/index.ts';
import type { CollectConfig } from './collect-config.ts';
import { complain, UsageError } from './output.ts';

export interface FramesLog {
  readonly log: Log;
  readonly partitions: number;
}

/** Opens it with the topic of frames; rejects with what to change. */
export async function openFramesLog({ kafka, log: directory }: Pick<CollectConfig, 'kafka' | 'log'>): Promise<FramesLog> {
  if (directory !== undefined) {
    if (readManifest(join(directory, 'log')) === undefined) throw new UsageError(`${directory} has no log: \`routewatch up --data ${directory}\` makes it`);
    return openCurrent(join(directory, 'log'));
  }
  if (kafka === undefined) throw new UsageError('which log? Name `kafka` (brokers) or `log` (data directory of a system on this machine) in the configuration file');
  const log = await openKafkaLog(kafka, { tell: complain });
  try {
    const partitions = await log.partitionsOf(framesTopic);
    if (partitions === undefined) throw new KafkaError('missing-topic', `Kafka at ${kafka.brokers.join(', ')} has no topic ${kafka.prefix ?? ''}${framesTopic}: \`routewatch topics\` makes the topics`);
    await log.ensureTopics([{ topic: framesTopic, partitions }]);
    return { log, partitions };
  } catch (error) {
    await log.close();
    throw error;
  }
}

/**
 * A log that may be away when the collector starts: it is opened by the first append that finds it. What it lacks then is
 * that append's error, and the batches wait in the spool.
 */
export class LateLog implements Pick<Log, 'append'> {
  private readonly open: () => Promise<FramesLog>;
  private readonly partitions: number;
  private opened: Log | undefined;
  private opening: Promise<Log> | undefined;

  constructor(partitions: number, open: () => Promise<FramesLog>, opened?: Log) {
    this.partitions = partitions;
    this.open = open;
    this.opened = opened;
  }

  async append(topic: string, partition: number, values: readonly Uint8Array[]): Promise<bigint> {
    this.opening ??= this.opened === undefined ? this.openOnce() : Promise.resolve(this.opened);
    const log = await this.opening;
    return log.append(topic, partition, values);
  }

  async close(): Promise<void> {
    await this.opened?.close();
  }

  private async openOnce(): Promise<Log> {
    try {
      const { log, partitions } = await this.open();
      if (partitions !== this.partitions) {
        await log.close();
        throw new Error(`the log has ${partitions} partitions, and the spool was written for ${this.partitions}: ship to the log that it was written for, or name another directory as \`data\``);
      }
      return this.opened = log;
    } catch (error) {
      this.opening = undefined;
      throw error;
    }
  }
}
