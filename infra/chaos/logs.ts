/** The logs over which chaos can run: each part opens its log by the directory alone, in a process of its own. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Log, logTopics, reportTopics } from '../../stream/contract/log.ts';
import { openEmbeddedLog } from '../../stream/log/embedded/index.ts';
import { type KafkaLog, type KafkaSettings, openKafkaLog } from '../../stream/log/kafka/index.ts';
import { KafkaBroker } from '../dev/kafka/broker.ts';
import { readSetup } from './setup.ts';

const FROZEN_MS = 5000;
/** A part that starts while the broker is away waits for it, ms. */
const START_MS = 120_000;

export interface ChaosLog {
  /** It is full when the directory is. */
  readonly isInDirectory: boolean;
  /** Workers can share its partitions. */
  readonly hasGroups: boolean;
  /** How long a part is away that is stopped for long, ms. */
  readonly outageMs: number;
  /** Steps of an append at which its process can be killed: the log has a fault point `append:TOPIC:STEP` for each. */
  readonly appendSteps: readonly string[];
  /** What has to run before the first part (a broker); gives how it is ended. */
  begin(directory: string): Promise<() => Promise<void>>;
  open(directory: string): Promise<Log>;
  /** Does what retention would do: opens, deletes, closes. */
  deleteBefore(directory: string, topic: string, partition: number, before: bigint): Promise<void>;
  /** Harms to the log itself, by name (a broker that is killed); after each the parts are started anew where they ended. */
  readonly harms: Readonly<Record<string, (directory: string) => Promise<void>>>;
}

const embedded: ChaosLog = {
  isInDirectory: true,
  hasGroups: false,
  outageMs: 3000,
  appendSteps: ['before-commit', 'after-commit'],
  begin: () => Promise.resolve(() => Promise.resolve()),
  open: async (directory) => {
    const log = openEmbeddedLog(join(directory, 'log'));
    await ensure(log, directory);
    return log;
  },
  deleteBefore: async (directory, topic, partition, before) => {
    const log = openEmbeddedLog(join(directory, 'log'));
    await ensure(log, directory);
    await log.deleteBefore(topic, partition, before);
    await log.close();
  },
  // It is a library: nothing of it runs that could be harmed alone.
  harms: {},
};

/** The broker of this process, with a prefix for each directory. */
let broker: Promise<KafkaBroker> | undefined;
let users = 0;

/** A real Kafka; `outageMs`: how long it is away where it is stopped. */
function kafka(outageMs: number): ChaosLog {
  const open = async (directory: string): Promise<KafkaLog> => {
    const log = await openKafkaLog(JSON.parse(readFileSync(join(directory, 'kafka.json'), 'utf8')) as KafkaSettings, { createTopics: true });
    await ensure(log, directory);
    return log;
  };
  const away = async (how: 'SIGKILL' | 'SIGTERM', ms: number): Promise<void> => {
    const running = await broker!;
    await running.kill(how);
    await sleep(ms);
    await running.restart();
  };
  return {
    isInDirectory: false,
    hasGroups: true,
    outageMs,
    appendSteps: ['before-commit', 'after-commit'],
    begin: async (directory) => {
      users += 1;
      broker ??= KafkaBroker.start();
      const { address } = await broker;
      writeFileSync(join(directory, 'kafka.json'), JSON.stringify({ brokers: [address], prefix: `${basename(directory)}.`, startMs: START_MS } satisfies KafkaSettings));
      return async () => {
        users -= 1;
        if (users > 0) return;
        await (await broker!).stop();
        broker = undefined;
      };
    },
    open,
    deleteBefore: async (directory, topic, partition, before) => {
      const log = await open(directory);
      await log.deleteBefore(topic, partition, before);
      await log.close();
    },
    harms: {
      'broker killed': () => away('SIGKILL', 0),
      [`broker stopped for ${outageMs / 1000} s`]: () => away('SIGTERM', outageMs),
      'broker frozen': async () => {
        (await broker!).freeze();
        await sleep(Math.min(outageMs, FROZEN_MS));
        (await broker!).thaw();
      },
    },
  };
}

function ensure(log: Log, directory: string): Promise<void> {
  const { partitions } = readSetup(directory);
  return log.ensureTopics([...logTopics(partitions), ...reportTopics]);
}

const logs: Readonly<Record<string, ChaosLog>> = { embedded, kafka: kafka(60_000), 'kafka-brief': kafka(3000) };

/** Throws where there is no such log, and names those that there are. */
export function chaosLog(name: string): ChaosLog {
  const found = logs[name];
  if (found === undefined) throw new Error(`there is no log ${name}: ${Object.keys(logs).join(', ')}`);
  return found;
}
