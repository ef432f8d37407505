/** The live proof's alerts: who was told what, whether all were told the same, and how long after the deadline. */
import { noticeId } from '../../../stream/sinks/alerts/alert.ts';
import { type ReceiverName, receiverNames, type Received, type Receivers } from './receivers.ts';
import type { Rows } from './rows.ts';

/** A transition as the table `alerts` has it. Times in ns since 1970. */
export interface Told {
  readonly id: string;
  readonly alertId: string;
  readonly rule: string;
  readonly state: 'firing' | 'resolved';
  readonly subject: string;
  readonly reason: string;
  readonly changed: bigint;
  readonly events: readonly string[];
}

/** What decided a row that an alert rests on. */
export interface Decided {
  readonly at: bigint;
  readonly isDeadline: boolean;
}

/** From what decided an alert (a deadline that passed, a frame, the end of the hold) to each receiver, ms. */
export interface Delay {
  readonly by: 'deadline' | 'frame' | 'hold';
  readonly rule: string;
  /** `events`: a follower of the events log has the event. */
  readonly ms: Readonly<Partial<Record<Place, number>>>;
}

export const places = [...receiverNames, 'events'] as const;
export type Place = (typeof places)[number];

/** All that somebody was told, but the Watchdog, in order. */
export async function toldIn(rows: Rows): Promise<Told[]> {
  const found = await rows.ask(`SELECT lower(replaceAll(toString(alert_id), '-', '')) AS alert, ordinal, rule, state, subject, reason, toString(toUnixTimestamp64Nano(time)) AS changed, events
    FROM routewatch.alerts WHERE told AND rule != 'watchdog' ORDER BY time, alert_id`);
  return found.map((row) => ({
    id: noticeId(String(row['alert']), Number(row['ordinal'])), alertId: String(row['alert']), rule: String(row['rule']), state: row['state'] as Told['state'],
    subject: String(row['subject']), reason: String(row['reason']), changed: BigInt(String(row['changed'])), events: String(row['events']).split(' '),
  }));
}

/** When the rows that alerts rest on were decided, and by what; by event id. */
export async function decidedIn(rows: Rows): Promise<Map<string, Decided>> {
  const found = await rows.ask(['adjacency_events', 'session_events', 'topology_changes', 'coverage_events']
    .map((table) => `SELECT toString(event_id) AS id, toString(toUnixTimestamp64Nano(decided_time)) AS at, toString(evidence) = 'timer' AS deadline FROM routewatch.${table}`).join(' UNION ALL '));
  return new Map(found.map(({ id, at, deadline }) => [String(id), { at: BigInt(String(at)), isDeadline: Boolean(deadline) }]));
}

/** What one of them was not told, or told twice, or for another reason. */
export function differences(told: readonly Told[], receivers: Pick<Receivers, 'got'>): string[] {
  const failures: string[] = [];
  for (const name of receiverNames) {
    const got = Map.groupBy(receivers.got(name), ({ id }) => id);
    for (const notice of told) {
      // On the page it has become a part of another alert.
      if (name === 'page' && notice.reason === 'joined') continue;
      const here = got.get(idAt(name, notice)) ?? [];
      const what = `${notice.state} ${notice.rule} ${notice.subject} (${notice.reason})`;
      if (here.length !== 1) failures.push(`${name} has ${here.length} times: ${what}`);
      else if (notice.state === 'firing' && plain(here[0]!.reason) !== plain(notice.reason)) failures.push(`${name} has the reason ${here[0]!.reason}: ${what}`);
    }
  }
  return failures;
}

/** How long each took. */
export function delays(told: readonly Told[], decided: ReadonlyMap<string, Decided>, receivers: Pick<Receivers, 'got' | 'events'>): Delay[] {
  const times = new Map(receiverNames.map((name) => [name, new Map(receivers.got(name).map(({ id, atMs }: Received) => [id, atMs]))]));
  return told.flatMap((notice): Delay[] => {
    const { state, rule } = notice;
    const cause = state === 'resolved' ? { at: notice.changed, isDeadline: false, event: '' } : causeOf(notice, decided);
    if (cause === undefined) return [];
    const since = (atMs: number | undefined): number | undefined => (atMs === undefined ? undefined : atMs - Number(cause.at / 1000n) / 1000);
    const ms = Object.fromEntries([
      ...receiverNames.map((name) => [name, since(times.get(name)!.get(idAt(name, notice)))] as const),
      ['events', since(receivers.events.get(cause.event))] as const,
    ].filter(([, value]) => value !== undefined));
    return [{ by: state === 'resolved' ? 'hold' : cause.isDeadline ? 'deadline' : 'frame', rule, ms }];
  });
}

/** For people: from what decided a loss to each receiver. */
export function delaysLine(taken: readonly Delay[]): string {
  const parts = places.map((name) => {
    const sorted = taken.flatMap(({ ms }) => ms[name] ?? []).toSorted((a, b) => a - b);
    return `${name} ${(sorted[Math.floor(sorted.length / 2)] ?? Number.NaN).toFixed(0)} ms (at most ${(sorted.at(-1) ?? Number.NaN).toFixed(0)})`;
  });
  return `${taken.length} losses told, from frame or deadline to ${parts.join(', ')}`;
}

/** Of a router the last loss completes it, of all else the first row begins it. */
function causeOf({ rule, events, changed }: Told, decided: ReadonlyMap<string, Decided>): (Decided & { readonly event: string }) | undefined {
  const known = events.flatMap((event) => {
    const one = decided.get(event);
    return one === undefined || one.at > changed ? [] : [{ ...one, event }];
  }).toSorted((a, b) => (a.at < b.at ? -1 : 1));
  return rule === 'router-silent' ? known.at(-1) : known[0];
}

/** Alertmanager is told no notice id of an end, and the page has none at all. */
function idAt(name: ReceiverName, { id, alertId, state }: Told): string {
  return name === 'page' || (name === 'alertmanager' && state === 'resolved') ? `${state} ${alertId}` : id;
}

/** The page writes reasons in words. */
function plain(reason: string): string {
  return reason.replaceAll('-', ' ');
}
