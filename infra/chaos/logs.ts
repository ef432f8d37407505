/** The logs over which chaos can run: each part opens its log by the directory alone, in a process of its own. */
import { join } from 'node:path';
import { checkpointsTopic, eventsTopic, framesTopic, type Log } from '../../stream/contract/log.ts';
import { openEmbeddedLog } from '../../stream/log/embedded/index.ts';

/** Partitions of a log under chaos: two, so that one can be ahead of the other. */
export const PARTITIONS = 2;

export interface ChaosLog {
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
  appendSteps: ['before-commit', 'after-commit'],
  begin: () => Promise.resolve(() => Promise.resolve()),
  open: async (directory) => {
    const log = openEmbeddedLog(join(directory, 'log'));
    await ensure(log);
    return log;
  },
  deleteBefore: async (directory, topic, partition, before) => {
    const log = openEmbeddedLog(join(directory, 'log'));
    await ensure(log);
    await log.deleteBefore(topic, partition, before);
    await log.close();
  },
  // It is a library: nothing of it runs that could be harmed alone.
  harms: {},
};

function ensure(log: Log): Promise<void> {
  return log.ensureTopics([framesTopic, eventsTopic, checkpointsTopic].map((topic) => ({ topic, partitions: PARTITIONS })));
}

const logs: Readonly<Record<string, ChaosLog>> = { embedded };

/** Throws where there is no such log, and names those that there are. */
export function chaosLog(name: string): ChaosLog {
  const found = logs[name];
  if (found === undefined) throw new Error(`there is no log ${name}: ${Object.keys(logs).join(', ')}`);
  return found;
}
