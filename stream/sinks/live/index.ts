/** The live sink: follows the events log, and behind it the reports, and offers each event once, as it becomes known. */
import { setTimeout as sleep } from 'node:timers/promises';
import { readRows } from '../../../decoders-wasm/contract/row-reader.ts';
import { tableOf } from '../../../decoders-wasm/contract/row-reader.ts';
import { EventsReader } from '../../contract/events-reader.ts';
import type { EventsRecord } from '../../contract/events-record.ts';
import type { LedgerPlace, LiveEvent, LiveFeed, LivePosition, ToldRecord } from '../../contract/live.ts';
import { eventsTopic, type Log, type LogRecord, reportsTopic, type Subscription } from '../../contract/log.ts';
import { RecordError } from '../../contract/record.ts';
import { readReport, type Report, ReportIds, REPORTS_PARTITION } from '../../contract/report.ts';
import { describe, liveTables } from './describe.ts';

/** Events kept for those who come later. */
const MOST_RECENT = 5000;
/** Records that are read before the first one that is told, at most. */
const MOST_READ = 1000n;
/** Route changes of one record, sender, receiver and class beyond this many are told as one event. */
const MOST_ROUTES = 8;

/** One partition that is followed; its place in `sources` is its place in a position. */
interface Source {
  readonly topic: string;
  readonly partition: number;
  readonly ledger: LedgerPlace;
}

/** The events of a record of a source, undefined where it does not count (repeats, zombies). */
type Reader = (logged: LogRecord) => readonly LiveEvent[] | undefined;

export class LiveSink implements LiveFeed {
  logId = '';
  private readonly log: Log;
  private readonly partitions: number;
  private readonly withReports: boolean;
  private sources: readonly Source[] = [];
  /** The newest records that had events, in the order in which they were told. */
  private records: ToldRecord[] = [];
  private kept = 0;
  /** By source: from here on all records are among those kept. */
  private readonly keptFrom: bigint[] = [];
  private readonly listeners = new Set<(told: ToldRecord) => void>();
  private subscriptions: Subscription[] = [];
  /** By source: the first offset that has not been told. */
  private readonly next: bigint[] = [];

  /** With `reports` alerts are events, too: the log must have the reports topic. */
  constructor(log: Log, partitions: number, { reports = false }: { readonly reports?: boolean } = {}) {
    this.log = log;
    this.partitions = partitions;
    this.withReports = reports;
  }

  /** Follows from the present end of the log on; what was written before is history, in the store. */
  async start(): Promise<void> {
    this.logId = await this.log.identity(eventsTopic);
    const sources: Source[] = Array.from({ length: this.partitions }, (_, partition) => ({ topic: eventsTopic, partition, ledger: { logId: this.logId, partition } }));
    if (this.withReports) sources.push({ topic: reportsTopic, partition: 0, ledger: { logId: await this.log.identity(reportsTopic), partition: REPORTS_PARTITION } });
    this.sources = sources;
    for (const [place, source] of sources.entries()) {
      const { next } = await this.log.bounds(source.topic, source.partition);
      const read = await this.readerAt(source, next);
      this.next[place] = next;
      this.keptFrom[place] = next;
      this.subscriptions.push(this.log.consume({ topic: source.topic, partition: source.partition, from: next }, async (records) => {
        for (const logged of records) {
          const events = read(logged);
          this.next[place] = logged.offset + 1n;
          if (events !== undefined) this.tell(place, logged.offset + 1n, events);
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
    for (const [place, source] of this.sources.entries()) yield* this.toldOf(place, source, from[place] ?? 0n, until[place] ?? 0n);
  }

  ledger(): readonly LedgerPlace[] {
    return this.sources.map(({ ledger }) => ledger);
  }

  private async* toldOf(place: number, source: Source, from: bigint, until: bigint): AsyncGenerator<ToldRecord> {
    const { first } = await this.log.bounds(source.topic, source.partition);
    const begin = from < first ? first : from;
    if (begin > from) yield { partition: place, next: begin < until ? begin : until, events: [], lostFrom: from };
    if (begin >= until) return;
    const read = await this.readerAt(source, begin);
    for await (const logged of this.log.read(source.topic, source.partition, begin)) {
      if (logged.offset >= until) return;
      const events = read(logged);
      if (events !== undefined) yield { partition: place, next: logged.offset + 1n, events };
    }
  }

  /** A reader that knows which records count at this offset: that is seen in those before it; a log may hold days of them. */
  private async readerAt({ topic, partition }: Source, offset: bigint): Promise<Reader> {
    const { first } = await this.log.bounds(topic, partition);
    const from = offset - first > MOST_READ ? offset - MOST_READ : first;
    const read = topic === reportsTopic ? reportReader() : eventReader(partition, from > 0n);
    if (from < offset) {
      for await (const logged of this.log.read(topic, partition, from)) {
        if (logged.offset >= offset) break;
        read(logged);
      }
    }
    return read;
  }

  /** Resolves when every event that the log holds now has been told. */
  async drained(): Promise<void> {
    for (const [place, source] of this.sources.entries()) {
      const { next } = await this.log.bounds(source.topic, source.partition);
      while (this.next[place]! < next && this.subscriptions.length > 0) await Promise.race([this.failed, sleep(10)]);
    }
  }

  /** Rejects when a partition cannot be read further. */
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

function eventReader(partition: number, joins: boolean): Reader {
  const reader = new EventsReader(`${eventsTopic} partition ${partition}`, undefined, joins);
  return (logged) => {
    const placed = reader.take(logged);
    return placed === undefined ? undefined : eventsOf(placed.record);
  };
}

/** Of reports a repeated id does not count, nor what is none. */
function reportReader(): Reader {
  const ids = new ReportIds();
  return ({ value }) => {
    const report = readReport(value);
    return !(report instanceof RecordError) && ids.isNew(report.header.id) ? eventsOf(report) : undefined;
  };
}

/** The events of one record in the order in which they were decided. */
export function eventsOf(record: EventsRecord | Report): LiveEvent[] {
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
