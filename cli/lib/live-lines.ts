/** Events as lines on a terminal, in order of time although partitions tell them one beside the other. */
import type { LiveEvent, LiveFeed } from '../../stream/contract/live.ts';
import { colour, harmless, jsonLine } from './output.ts';
import { timeText } from './time.ts';

const styles = { info: 'white', good: 'green', loss: 'red', error: 'yellow' } as const;
const marks = { info: ' ', good: '+', loss: '!', error: '?' } as const;
const LOOK_MS = 100;

/** IS-IS system ids, alone or in the id of a LAN. */
const systemIds = /\b[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}\b/g;

/** One event as one line: time (UTC), mark, what happened; in the graph routers stand by their names, where those are known. */
export function eventLine(event: LiveEvent, names: ReadonlyMap<string, string> = new Map()): string {
  const named = event.table === 'topology_changes' && event.next !== names.get(event.router) ? event.line.replaceAll(systemIds, (id) => names.get(id) ?? id) : event.line;
  return `${timeText(BigInt(event.time)).slice(0, 23)} ${colour(styles[event.severity], `${marks[event.severity]} ${harmless(named.replace('  -> ', ' -> '))}`)}`;
}

export interface EventLinesOptions {
  readonly json?: boolean;
  /** How long an event waits for earlier ones of another partition, ms. */
  readonly holdMs: number;
  readonly wanted?: (event: LiveEvent) => boolean;
}

/** Prints the feed's events, without the alerts that are made of them, until it is stopped; what is held then is printed first. */
export function printEvents(feed: LiveFeed, { json = false, holdMs, wanted = () => true }: EventLinesOptions): () => void {
  const names = new Map<string, string>();
  const print = (event: LiveEvent): string => {
    if (event.routerName !== '') names.set(event.router, event.routerName);
    return json ? jsonLine(event) : eventLine(event, names);
  };
  let held: { readonly event: LiveEvent; readonly since: number }[] = [];
  const release = (until: number): void => {
    // Whatever is earlier than an event that has waited long enough goes out with it.
    const due = held.reduce((latest, { event, since }) => (since <= until && BigInt(event.decidedTime) > latest ? BigInt(event.decidedTime) : latest), -1n);
    const out = held.filter(({ event }) => BigInt(event.decidedTime) <= due).map(({ event }) => event).toSorted(byTime);
    if (out.length === 0) return;
    held = held.filter(({ event }) => BigInt(event.decidedTime) > due);
    process.stdout.write(out.map((event) => `${print(event)}\n`).join(''));
  };
  const forget = feed.subscribe((event) => { if (event.table !== 'alerts' && wanted(event)) held.push({ event, since: performance.now() }); });
  const timer = setInterval(() => { release(performance.now() - holdMs); }, LOOK_MS);
  return () => {
    forget();
    clearInterval(timer);
    release(Infinity);
  };
}

function byTime(a: LiveEvent, b: LiveEvent): number {
  const difference = BigInt(a.decidedTime) - BigInt(b.decidedTime);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
