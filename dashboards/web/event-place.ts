/** The id of a server-sent event: the log, and by partition the offset behind what was told: `3f2a9c1b/0:120,1:88`. */
import type { LiveFeed, LivePosition } from '../../stream/contract/live.ts';

/** So much of the log's identity tells it from those that were there before it. */
const LOG_CHARACTERS = 8;
const LONGEST = 4000;

export function formatPlace(live: Pick<LiveFeed, 'logId'>, position: LivePosition): string {
  return `${logName(live)}/${position.map((next, partition) => `${partition}:${next}`).join(',')}`;
}

/** The position that an id names; undefined where it is of another log, or beyond what this one has. */
export function parsePlace(id: string, live: Pick<LiveFeed, 'logId' | 'position'>): LivePosition | undefined {
  const [log, list, ...more] = id.slice(0, LONGEST).split('/');
  const now = live.position();
  if (log !== logName(live) || list === undefined || more.length > 0) return undefined;
  const position = list.split(',').map((text, partition) => {
    const [, named, offset] = /^(\d{1,5}):(\d{1,18})$/.exec(text) ?? [];
    return offset !== undefined && Number(named) === partition ? BigInt(offset) : undefined;
  });
  if (position.length !== now.length || !position.every((offset) => offset !== undefined)) return undefined;
  return position.every((offset, partition) => offset <= now[partition]!) ? position : undefined;
}

function logName({ logId }: Pick<LiveFeed, 'logId'>): string {
  return logId.replaceAll(/[^\w]/g, '').slice(0, LOG_CHARACTERS);
}
