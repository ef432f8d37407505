/** The live sink: follows the events log and offers each event once, as it becomes known. */
import { setTimeout as sleep } from 'node:timers/promises';
import { readRows } from '../../../decoders-wasm/contract/row-reader.ts';
import { tableOf } from '../../../decoders-wasm/contract/row-reader.ts';
import { EventsReader } from '../../contract/events-reader.ts';
import type { EventsRecord } from '../../contract/events-record.ts';
import type { LiveEvent, LiveFeed, LivePosition, ToldRecord } from '../../contract/live.ts';
import { eventsTopic, type Log, type Subscription } from '../../contract/log.ts';
import { describe, liveTables } from './describe.ts';

/** Events kept for those who come later. */
const MOST_RECENT = 5000;
/** Events records that are read before the first one that is told, at most. */
const MOST_READ = 1000n;
/** Route changes of one record, sender, receiver and class beyond this many are told as one event. */
const MOST_ROUTES = 8;

export class LiveSink implements LiveFeed {
  logId = '';
  private readonly log: Log;
  private readonly partitions: number;
  /** The newest records that had events, in the order in which they were told. */
  private records: ToldRecord[] = [];
  private kept = 0;
  /** By partition: from here on all records are among those kept. */
  private readonly keptFrom: bigint[] = [];
  private readonly listeners = new Set<(told: ToldRecord) => void>();
  private subscriptions: Subscription[] = [];
  /** By partition: the first offset that has not been told. */
  private readonly next: bigint[] = [];

  constructor(log: Log, partitions: number) {
    this.log = log;
    this.partitions = partitions;
  }

  /** Follows from the present end of the events log on; what was written before is history, in the store. */
  async start(): Promise<void> {
    this.logId = await this.log.identity(eventsTopic);
    for (let partition = 0; partition < this.partitions; partition++) {
      const { next } = await this.log.bounds(eventsTopic, partition);
      const reader = await this.readerAt(partition, next);
      this.next[partition] = next;
      this.keptFrom[partition] = next;
      this.subscriptions.push(this.log.consume({ topic: eventsTopic, partition, from: next }, async (records) => {
        for (const logged of records) {
          const placed = reader.take(logged);
          this.next[partition] = logged.offset + 1n;
          if (placed !== undefined) this.tell(partition, logged.offset + 1n, eventsOf(placed.record));
        }
      }));
    }
  }

  recent(limit: number): readonly LiveEvent[] {
    const newest: (readonly LiveEvent[])[] = [];
    for (let at = this.records.length - 1, count = 0; at >= 0 && count < limit; at--) {
      newest.push(this.records[at]!.events);
      count += this.records[at]!.events.length;
    }
    return limit === 0 ? [] : newest.reverse().flat().slice(-limit);
  }

  subscribe(listener: (event: LiveEvent) => void): () => void {
    return this.subscribeRecords(({ events }) => { for (const event of events) listener(event); });
  }

  subscribeRecords(listener: (told: ToldRecord) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  position(): LivePosition {
    return [...this.next];
  }

  /** From memory where that reaches back far enough, else from the log. */
  async* told(from: LivePosition, until: LivePosition): AsyncGenerator<ToldRecord> {
    const within = ({ partition, next }: ToldRecord): boolean => next > (from[partition] ?? 0n) && next <= (until[partition] ?? 0n);
    if (this.keptFrom.every((kept, partition) => (from[partition] ?? 0n) >= kept)) {
      yield* this.records.filter(within);
      return;
    }
    for (let partition = 0; partition < this.partitions; partition++) yield* this.toldOf(partition, from[partition] ?? 0n, until[partition] ?? 0n);
  }

  private async* toldOf(partition: number, from: bigint, until: bigint): AsyncGenerator<ToldRecord> {
    const { first } = await this.log.bounds(eventsTopic, partition);
    const begin = from < first ? first : from;
    if (begin > from) yield { partition, next: begin < until ? begin : until, events: [], lostFrom: from };
    if (begin >= until) return;
    const reader = await this.readerAt(partition, begin);
    for await (const logged of this.log.read(eventsTopic, partition, begin)) {
      if (logged.offset >= until) return;
      const placed = reader.take(logged);
      if (placed !== undefined) yield { partition, next: logged.offset + 1n, events: eventsOf(placed.record) };
    }
  }

  /** A reader that knows whose records count at this offset: that is seen in those before it; a log may hold days of them. */
  private async readerAt(partition: number, offset: bigint): Promise<EventsReader> {
    const { first } = await this.log.bounds(eventsTopic, partition);
    const from = offset - first > MOST_READ ? offset - MOST_READ : first;
    const reader = new EventsReader(`${eventsTopic} partition ${partition}`, undefined, from > 0n);
    if (from < offset) {
      for await (const logged of this.log.read(eventsTopic, partition, from)) {
        if (logged.offset >= offset) break;
        reader.take(logged);
      }
    }
    return reader;
  }

  /** Resolves when every event that the log holds now has been told. */
  async drained(): Promise<void> {
    for (let partition = 0; partition < this.partitions; partition++) {
      const { next } = await this.log.bounds(eventsTopic, partition);
      while (this.next[partition]! < next && this.subscriptions.length > 0) await Promise.race([this.failed, sleep(10)]);
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

  private tell(partition: number, next: bigint, events: readonly LiveEvent[]): void {
    if (events.length === 0) return;
    const told: ToldRecord = { partition, next, events };
    this.records.push(told);
    this.kept += events.length;
    if (this.kept > MOST_RECENT * 2) this.forget();
    for (const listener of this.listeners) listener(told);
  }

  /** Lets go of the oldest records; at least the newest stays. */
  private forget(): void {
    let gone = 0;
    while (this.kept > MOST_RECENT && gone < this.records.length - 1) {
      const { partition, next, events } = this.records[gone]!;
      this.keptFrom[partition] = next;
      this.kept -= events.length;
      gone += 1;
    }
    this.records = this.records.slice(gone);
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
