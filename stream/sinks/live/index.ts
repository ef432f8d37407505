/** The live sink: follows the events log and offers each event once, as it becomes known. */
import { setTimeout as sleep } from 'node:timers/promises';
import { readRows } from '../../../decoders-wasm/contract/row-reader.ts';
import { tableOf } from '../../../decoders-wasm/contract/row-reader.ts';
import { EventsReader } from '../../contract/events-reader.ts';
import type { EventsRecord } from '../../contract/events-record.ts';
import type { LiveEvent, LiveFeed } from '../../contract/live.ts';
import { eventsTopic, type Log, type Subscription } from '../../contract/log.ts';
import { describe, liveTables } from './describe.ts';

/** Events kept for those who come later. */
const MOST_RECENT = 5000;
/** Events records that are read before the first one that is told, at most. */
const MOST_READ = 1000n;
/** Route changes of one record, sender, receiver and class beyond this many are told as one event. */
const MOST_ROUTES = 8;

export class LiveSink implements LiveFeed {
  private readonly log: Log;
  private readonly partitions: number;
  private readonly events: LiveEvent[] = [];
  private readonly listeners = new Set<(event: LiveEvent) => void>();
  private subscriptions: Subscription[] = [];
  /** By partition: the first offset that has not been told. */
  private readonly told: bigint[] = [];

  constructor(log: Log, partitions: number) {
    this.log = log;
    this.partitions = partitions;
  }

  /** Follows from the present end of the events log on; what was written before is history, in the store. */
  async start(): Promise<void> {
    for (let partition = 0; partition < this.partitions; partition++) {
      const { first, next } = await this.log.bounds(eventsTopic, partition);
      // Who owns the partition now is seen in its last records; a log may hold days of them.
      const from = next - first > MOST_READ ? next - MOST_READ : first;
      const reader = new EventsReader(`${eventsTopic} partition ${partition}`, undefined, from > 0n);
      for await (const logged of this.log.read(eventsTopic, partition, from)) if (logged.offset < next) reader.take(logged);
      this.told[partition] = next;
      this.subscriptions.push(this.log.consume({ topic: eventsTopic, partition, from: next }, async (records) => {
        for (const logged of records) {
          const placed = reader.take(logged);
          if (placed !== undefined) this.tell(placed.record);
          this.told[partition] = logged.offset + 1n;
        }
      }));
    }
  }

  recent(limit: number): readonly LiveEvent[] {
    return this.events.slice(-limit);
  }

  subscribe(listener: (event: LiveEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Resolves when every event that the log holds now has been told. */
  async drained(): Promise<void> {
    for (let partition = 0; partition < this.partitions; partition++) {
      const { next } = await this.log.bounds(eventsTopic, partition);
      while (this.told[partition]! < next && this.subscriptions.length > 0) await Promise.race([this.failed, sleep(10)]);
    }
  }

  /** Rejects when an events partition cannot be read further. */
  get failed(): Promise<never> {
    return Promise.race(this.subscriptions.map((subscription) => subscription.failed));
  }

  async stop(): Promise<void> {
    await Promise.all(this.subscriptions.map((subscription) => subscription.stop()));
    this.subscriptions = [];
  }

  private tell(record: EventsRecord): void {
    for (const event of eventsOf(record)) {
      this.events.push(event);
      if (this.events.length > MOST_RECENT * 2) this.events.splice(0, MOST_RECENT);
      for (const listener of this.listeners) listener(event);
    }
  }
}

/** The events of one record in the order in which they were decided. */
export function eventsOf(record: EventsRecord): LiveEvent[] {
  const codes = {
    contexts: new Map(record.header.contexts.map((context) => [context.code, context])),
    taps: new Map(record.header.taps.map((tap) => [tap.code, tap])),
  };
  const events: LiveEvent[] = [];
  /** The row's place among all rows of its decision, by event id. */
  const places = new Map<string, number>();
  record.header.sections.forEach((section, index) => {
    const table = tableOf(section.table).name;
    if (!liveTables.has(table)) return;
    const all = readRows(section.layout, record.rows[index]!, codes).map((row) => {
      const event = describe(table, row);
      places.set(event.id, Number(row['ordinal'] ?? 0));
      return event;
    });
    events.push(...(table === 'route_changes' ? summarized(all) : all));
  });
  return events.toSorted((a, b) => Number(BigInt(a.decidedTime) - BigInt(b.decidedTime)) || places.get(a.id)! - places.get(b.id)!);
}

function summarized(events: readonly LiveEvent[]): LiveEvent[] {
  const groups = Map.groupBy(events, (event) => `${event.router}\n${event.subject.split(' to ')[1]}\n${event.next}`);
  return [...groups.values()].flatMap((group) => {
    const last = group.at(-1)!;
    if (group.length <= MOST_ROUTES) return group;
    const receiver = last.subject.split(' to ')[1]!;
    return [{ ...last, subject: `${group.length} routes to ${receiver}`, line: `bgp ${last.router} ${last.next} ${group.length} routes to ${receiver}` }];
  });
}
