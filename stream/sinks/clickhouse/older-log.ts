/** A log that ends before what the store has of it is refused. */
import type { Log } from '../../contract/log.ts';

/** The log ends before what the store has of it. */
export class OlderLogError extends Error {
  override readonly name = 'OlderLogError';
}

/** Offsets beyond the log's end would be given again, to other records: what stood there can be told from them by nobody. `last` is the newest offset that the store has. */
export async function refuseOlderLog(log: Log, topic: string, partition: number, last: bigint): Promise<void> {
  const { next } = await log.bounds(topic, partition);
  if (last < next) return;
  throw new OlderLogError(`${topic} partition ${partition} of log ${await log.identity(topic)} ends before offset ${next}, but the store has its rows up to offset ${last}: the log is older than the store, or has lost its end. `
    + 'Nothing was changed. Restore the store of the same backup (routewatch restore --part store --replace), or move the log directory away: a new log then begins, and the rows stay (docs/operations.md)');
}
