/** Routes change faster than they usually do. */
import type { Row } from '../../../../decoders-wasm/contract/row-reader.ts';
import { ROUTE_COUNTS } from '../route-counts.ts';
import { type Context, type Finding, fromRow, type Input, labelsOf, type Memory, type Rule, text, time } from '../rule.ts';

const MINUTE_NS = 60_000_000_000n;
/** Fewer changes of a session within a minute are never unusual. */
const LEAST = 1000;
/** Times as many as in the worst minute that is remembered. */
const TIMES = 3;
/** What is left of that after each minute: half of it in twelve hours. */
const FADES = 0.5 ** (1 / 720);
/** Until a session was watched for an hour nobody knows what it usually does: then so many within a minute. */
const LEARNING_MINUTES = 60n;
const LEAST_UNLEARNED = 10_000;
/** A session that came up may send its whole table, ns. */
const TABLE_NS = 10n * MINUTE_NS;

export const routeChangesUnusual: Rule = {
  name: 'route-changes-unusual',
  severity: 'warning',
  meaning: `The changes of a session's routes within a minute are ${TIMES} times those of its worst minute of late, and more than ${LEAST}; one alert a network instance, resolved when there were none such for five minutes.`,
  tables: [ROUTE_COUNTS, 'session_events'],
  waitMs: 0,
  firesAnyway: true,
  holdMs: 0,
  quietMs: 300_000,
  judge: ({ table, row }: Input, { memory }: Context) => (table === ROUTE_COUNTS ? changes(row, memory) : came(row, memory)),
};

/** What is known of a session's direction. Minutes since 1970. */
interface Rate {
  /** First minute that was watched. */
  readonly from: bigint;
  readonly minute: bigint;
  readonly changes: number;
  /** Changes in its worst minute before, faded. */
  readonly worst: number;
}

function sessionOf(row: Row, ends: readonly [string, string]): string {
  return [text(row, 'domain'), text(row, 'network_instance'), ...ends.toSorted()].join('\n');
}

function came(row: Row, memory: Memory): Finding[] {
  if (row['state'] === 'established') memory.set(sessionOf(row, [text(row, 'router'), text(row, 'peer')]), time(row, 'decided_time'));
  return [];
}

function changes(row: Row, memory: Memory): Finding[] {
  const [sender, receiver] = [text(row, 'sender'), text(row, 'receiver')];
  const now = time(row, 'decided_time');
  const since = memory.get(sessionOf(row, [sender, receiver])) as bigint | undefined;
  if (since !== undefined && now < since + TABLE_NS) return [];
  const key = `${sessionOf(row, [sender, receiver])}\n${sender}\n${text(row, 'afi_safi')}`;
  const rate = counted(memory.get(key) as Rate | undefined, now / MINUTE_NS, Number(row['tup']) + Number(row['tdown']) + Number(row['aadiff']) - Number(row['first']));
  memory.set(key, rate);
  const isLearned = rate.minute - rate.from >= LEARNING_MINUTES;
  const usual = isLearned ? Math.max(LEAST, TIMES * rate.worst) : LEAST_UNLEARNED;
  if (rate.changes <= usual) return [];
  const what = `${sender} changed ${rate.changes} ${text(row, 'afi_safi')} routes to ${receiver} within a minute`;
  return [{
    key: `${text(row, 'domain')}\n${text(row, 'network_instance')}`, says: 'lost', ...fromRow(row), subject: `BGP routes of ${text(row, 'network_instance')}, ${sender} -> ${receiver}`,
    summary: `${what}; ${isLearned ? `of late its worst minute had ${Math.round(rate.worst)}` : 'it has not been watched for an hour yet'}.`, reason: 'rate-unusual',
    labels: labelsOf({ domain: text(row, 'domain'), network_instance: text(row, 'network_instance'), protocol: 'bgp', router: sender, neighbor: receiver, afi_safi: text(row, 'afi_safi'), tap: text(row, 'tap') }),
    line: `${sender} -> ${receiver} ${text(row, 'afi_safi')}: many route changes`,
  }];
}

/** The rate with so many changes more in that minute; a row of a minute before (an older capture) counts with the newest. */
function counted(before: Rate | undefined, minute: bigint, more: number): Rate {
  if (before === undefined) return { from: minute, minute, changes: more, worst: 0 };
  if (minute <= before.minute) return { ...before, changes: before.changes + more };
  const worst = Math.max(before.worst, before.changes) * FADES ** Number(minute - before.minute);
  return { from: before.from, minute, changes: more, worst };
}
