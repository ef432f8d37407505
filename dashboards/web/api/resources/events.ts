/** The live stream: a snapshot, then changes. */
import { z } from 'zod';
import type { StateSnapshot } from '../../events.ts';
import { type Columns, selectList } from '../columns.ts';
import { answered, resource, type Services } from '../resource.ts';
import { adjacencyColumns } from './adjacencies.ts';
import { alertColumns, alertsNow } from './alerts.ts';
import { sessionColumns } from './sessions.ts';

/** Rows of a list of the state that a stream may begin with. */
const MOST_ROWS = 20_000;

export const events = resource({
  name: 'followEvents', method: 'get', path: '/events', role: 'read', streamed: 'text/event-stream',
  summary: 'Server-sent events: `snapshot` (the newest events) or, with snapshot=state, `state` (adjacencies, sessions, alerts); then `changes`. '
    + '`live`: from here on as it happens; `lost`: the log no longer has what was missed; `reset`: Last-Event-ID was of another log; `dropped`: too slow, come back. '
    + 'Each id is a place in the log: who comes back with it as Last-Event-ID misses nothing',
  query: z.strictObject({ snapshot: z.enum(['events', 'state']).default('events') }),
  answer: z.unknown(),
  async handle(services, { request, response, query: { snapshot }, signal }) {
    await services.streams.open(response, { seen: request.get('last-event-id'), ...(snapshot === 'state' ? { state: () => readState(services, signal) } : {}) });
    return answered;
  },
});

/** The state as the store has it. It is read after the place: what came between is in both, and nothing in neither. */
async function readState({ store, streams: { live } }: Services, signal: AbortSignal): Promise<StateSnapshot> {
  const places = live.ledger();
  const cuts = await store.rows(`SELECT splitByChar('/', log_id)[-1] AS log, partition, toString(max(last_offset) + 1) AS next FROM routewatch.ledger
    WHERE has({logs:Array(String)}, log) GROUP BY log, partition`, { logs: places.map(({ logId }) => logId) }, signal);
  const stored = new Map(cuts.map((row) => [`${String(row['log'])}/${String(row['partition'])}`, BigInt(String(row['next']))]));
  const list = async (table: string, columns: Columns, from = `routewatch.${table}`) => ({
    table, ...await store.page(`SELECT ${selectList(columns)} FROM ${from} AS v ORDER BY event_id`, {}, { limit: MOST_ROWS, offset: 0 }, signal),
  });
  return {
    from: places.map(({ logId, partition }) => stored.get(`${logId}/${partition}`) ?? 0n),
    parts: await Promise.all([list('adjacencies', adjacencyColumns), list('sessions', sessionColumns), list('alerts', alertColumns, alertsNow)]),
  };
}
