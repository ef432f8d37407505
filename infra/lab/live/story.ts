/** What was done in a live run, by its events.jsonl: which router was dead and which link cut when. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabEvent } from '../labkit.ts';
import { ports } from './network.ts';

/** From and to, ns since 1970. */
export interface Span {
  readonly from: bigint;
  readonly to: bigint;
}

export interface Story {
  readonly events: readonly LabEvent[];
  /** The daemons and collectors worked from the first to the second. */
  readonly run: Span;
  /** By router: its daemons were killed, until they were started again. */
  readonly dead: ReadonlyMap<string, readonly Span[]>;
  /** By link: no carrier. */
  readonly cut: ReadonlyMap<string, readonly Span[]>;
  /** By router: its collector was dead. */
  readonly blind: ReadonlyMap<string, Span>;
  /** The ends of the OSPF link had different keys. */
  readonly keysDiffer: readonly Span[];
  /** Starts of daemons by router. */
  readonly starts: ReadonlyMap<string, readonly bigint[]>;
}

export function readStory(out: string): Story {
  const events = readFileSync(join(out, 'events.jsonl'), 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line) as LabEvent);
  const at = (event: LabEvent): bigint => BigInt(Math.round(event.t * 1e6)) * 1000n;
  const first = events.find(({ event }) => event === 't0');
  const last = events.findLast(({ event }) => event === 'end');
  if (first === undefined || last === undefined) throw new Error(`${out}/events.jsonl tells of no run that came to its end`);
  const run = { from: at(first), to: at(last) };
  const spans = (from: string, to: string): Map<string, Span[]> => {
    const found = new Map<string, Span[]>();
    for (const begin of events.filter(({ event }) => event === from)) {
      const end = events.find((other) => other.event === to && other.target === begin.target && other.t >= begin.t);
      found.set(begin.target, [...(found.get(begin.target) ?? []), { from: at(begin), to: end === undefined ? run.to : at(end) }]);
    }
    return found;
  };
  const starts = Map.groupBy(events.filter(({ event }) => event === 'daemon_start'), ({ target }) => target);
  return {
    events, run, dead: spans('kill9', 'restart'), cut: spans('link_cut', 'link_restored'), blind: new Map([...spans('mirror_removed', 'mirror_back')].map(([node, list]) => [node, list[0]!])),
    keysDiffer: [...spans('key_changed', 'key_fixed').values()].flat(),
    starts: new Map([...starts].map(([node, list]) => [node, list.map(at)])),
  };
}

/** True where one of the spans, made longer by `after` ns, has the instant. */
export function within(time: bigint, spans: readonly Span[] = [], after = 0n): boolean {
  return spans.some(({ from, to }) => time >= from && time <= to + after);
}

/** The spans in which a link of that router was cut, or that one. */
export function cutOf({ cut }: Story, node: string, link?: string): Span[] {
  return ports.filter((port) => port.node === node && (link === undefined || port.link === link)).flatMap((port) => cut.get(port.link) ?? []);
}
