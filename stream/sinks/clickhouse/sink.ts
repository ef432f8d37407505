/** The ClickHouse sink: inserts from cut to cut, each table once, then the ledger; offsets are committed at cuts only. */
import type { ClickHouseClient } from '@clickhouse/client';
import { murmur128 } from '../../../decoders-wasm/contract/murmur.ts';
import { tableOf } from '../../../decoders-wasm/contract/row-reader.ts';
import { DECIDED_BY_DEADLINE, writeRow } from '../../../decoders-wasm/contract/row-writer.ts';
import { EventsReader, type PlacedRecord, startPosition } from '../../contract/events-reader.ts';
import { type CodedContext, type CodedTap, decodeEventsRecord } from '../../contract/events-record.ts';
import { faultPoint } from '../../contract/fault-points.ts';
import { eventsTopic, type Log, type LogRecord, LogStartError, reportsTopic, type Subscription } from '../../contract/log.ts';
import { lagMetric, type Metric } from '../../contract/metrics.ts';
import { OwnedPartitions, type PartitionPart } from '../../contract/owned-partitions.ts';
import { traced } from '../../contract/traces.ts';
import { Waiters } from '../../contract/waiters.ts';
import { SinkFigures, sinkMetrics, type SinkNow } from './figures.ts';
import { countRows, type CutCounts, Inserts } from './inserts.ts';
import { refuseOlderLog } from './older-log.ts';
import { isRefusal } from './refused.ts';
import { ReportsSink } from './reports.ts';
import { insertStatement } from './statement.ts';

/** Consumer group of this sink in the log. */
const GROUP = 'clickhouse';
/** Its commits name the end of the ledger's last cut: where both say the same, what `clickhouse` committed behind it had no rows. */
const LEDGER_GROUP = 'clickhouse-ledger';
/** Names of so many contexts stand in one statement at most: a server takes 1 MB of it. */
const MOST_CONTEXTS = 4000;
export interface ClickHouseSinkOptions {
  readonly log: Log;
  /** A client of the writer. */
  readonly client: ClickHouseClient;
  readonly partitions: readonly number[];
  /** The partitions (all of the log) are shared out among the sinks of this group, which fill one store; else they are ours alone. */
  readonly group?: string;
  /** The reports of this log are inserted too: its topic is open. */
  readonly reports?: boolean;
  /** Behind the name of every table, the ledger's too: staging tables. */
  readonly suffix?: string;
}

export class ClickHouseSink {
  private readonly options: ClickHouseSinkOptions;
  private readonly owned: OwnedPartitions<PartitionSink>;
  private readonly reports: OwnedPartitions<ReportsSink> | undefined;

  constructor(options: ClickHouseSinkOptions) {
    this.options = options;
    this.owned = new OwnedPartitions((partition) => new PartitionSink(options, partition));
    this.reports = options.reports === true ? new OwnedPartitions(() => new ReportsSink(options.log, options.client)) : undefined;
  }

  /** Goes on behind the last cut that the ledger has; where partitions are shared, as soon as the group gives us some. */
  async start(): Promise<void> {
    const { log, partitions, group } = this.options;
    if (group === undefined) {
      await this.owned.hold(partitions);
      await this.reports?.hold([0]);
    } else {
      this.owned.share(log, group, eventsTopic);
      this.reports?.share(log, `${group}-reports`, reportsTopic);
    }
  }

  /** Resolves when all cuts of our partitions that the events log holds now are in the store. */
  async drained(): Promise<void> {
    await Promise.race([this.failed, Promise.all(this.parts.map((part) => part.drained()))]);
  }

  /** Rejects when a partition cannot go on. */
  get failed(): Promise<never> {
    return this.reports === undefined ? this.owned.failed : Promise.race([this.owned.failed, this.reports.failed]);
  }

  /** Whether all partitions that are ours now are being inserted; where they are shared: and the group has said which. */
  get isReady(): boolean {
    return this.owned.isReady && this.reports?.isReady !== false;
  }

  /** Figures of our partitions as they stand now. */
  async metrics(): Promise<Metric[]> {
    const lag = await lagMetric({ name: 'routewatch_sink_lag_records', help: 'Records of the events log whose rows are not all in the store' }, { log: this.options.log, group: GROUP, topic: eventsTopic, partitions: [...this.owned.parts.keys()] });
    return [...sinkMetrics(new Map([...this.owned.parts].map(([partition, { now }]) => [partition, now]))), lag];
  }

  async stop(): Promise<void> {
    await this.owned.stop();
    await this.reports?.stop();
  }

  private get parts(): (PartitionSink | ReportsSink)[] {
    return [...this.owned.parts.values(), ...this.reports?.parts.values() ?? []];
  }
}

class PartitionSink implements PartitionPart {
  private readonly log: Log;
  private readonly inserts: Inserts;
  private readonly partition: number;
  private readonly suffix: string;
  private reader: EventsReader;
  private logId = '';
  /** Records since the last cut. */
  private stretch: PlacedRecord[] = [];
  private done = -1n;
  private committed: bigint | undefined;
  private readonly figures = new SinkFigures();
  private subscription: Subscription | undefined;
  private readonly waiting = new Waiters();
  private readonly broken = Promise.withResolvers<never>();

  constructor(options: ClickHouseSinkOptions, partition: number) {
    this.log = options.log;
    this.inserts = new Inserts(options.client, options.suffix);
    this.partition = partition;
    this.suffix = options.suffix ?? '';
    this.reader = new EventsReader(`${eventsTopic} partition ${partition}`);
    this.broken.promise.catch(() => undefined);
  }

  get failed(): Promise<never> {
    return this.broken.promise;
  }

  get now(): SinkNow {
    return { figures: this.figures, insertMs: this.inserts.insertMs, retries: this.inserts.retries, passedOver: this.reader.passedOver };
  }

  async start(): Promise<void> {
    this.logId = await this.log.identity(eventsTopic);
    const last = await this.inserts.lastCut(this.logId, this.partition);
    if (last !== undefined) await refuseOlderLog(this.log, eventsTopic, this.partition, last.offset);
    const { first } = await this.log.bounds(eventsTopic, this.partition);
    this.stretch = [];
    this.done = last?.offset ?? -1n;
    if (this.done + 1n < first) {
      if (!await this.hadNoRows(first)) await this.tellLoss(first);
      this.done = first - 1n;
    } else {
      await this.seen(this.done + 1n);
      await this.log.commit(LEDGER_GROUP, eventsTopic, this.partition, this.done + 1n);
    }
    const follows = last !== undefined && last.owner !== '' && last.offset === this.done;
    this.reader = new EventsReader(`${eventsTopic} partition ${this.partition}`, follows ? last : undefined, !follows && first > 0n);
    this.subscription = this.log.consume({ topic: eventsTopic, partition: this.partition, from: this.done + 1n }, (records) => this.take(records));
    this.subscription.failed.catch((error: unknown) => {
      if (!(error instanceof LogStartError) || this.inserts.stopping) this.broken.reject(error);
      else this.start().catch((fault: unknown) => { this.broken.reject(fault); });
    });
  }

  /** Whether nothing was to be inserted of what stands behind the ledger's last cut and before `first`: claims, ends of frames without rows. */
  private async hadNoRows(first: bigint): Promise<boolean> {
    const ledgerEnd = await this.log.committed(LEDGER_GROUP, eventsTopic, this.partition) ?? 0n;
    const seen = await this.log.committed(GROUP, eventsTopic, this.partition) ?? 0n;
    // A store that was restored to an older day has another last cut than the one that was committed.
    return ledgerEnd === this.done + 1n && seen >= first;
  }

  /**
   * Retention has taken events that were never inserted: a row says so, and a ledger row without an owner closes the
   * hole. Time and id come from the log, so that a repeat is the same row.
   */
  private async tellLoss(first: bigint): Promise<void> {
    const from = this.done + 1n;
    const token = `${this.logId}/${this.partition}/${from}-${first - 1n}/lost`;
    const time = await this.timeOf(first);
    const ingestTimeNs = String(time - 1n);
    const codes = {
      contexts: new Map([[0, { key: `partition/${this.partition}`, domain: 'default', networkInstance: 'default', link: '' }]]),
      taps: new Map([[0, { tap: 'events-log', collector: 'sink' }]]),
    };
    const identity = murmur128(Buffer.from(`${this.logId}/${this.partition}`));
    const row = writeRow('coverage_events', { identity, kind: DECIDED_BY_DEADLINE, number: first, key: 'gap\nevents-log' }, {
      time, context: 0, tap: 0, what: 'gap', subject: `partition/${this.partition}`, from: time, to: time,
      detail: `the events log begins at offset ${first}: its records from ${from} on are gone by retention and were never stored`,
    });
    const { layout } = tableOf('coverage_events');
    const { sql } = insertStatement(layout, codes, { ingestTimeNs, partition: this.partition, decoderVersion: '', suffix: this.suffix });
    await this.inserts.insert(sql, [row], `${token}/0/${layout}`);
    await this.inserts.writeLedger({
      logId: this.logId, partition: this.partition, owner: '', first: from, last: first - 1n, end: startPosition, token, rows: { coverage_events: 1 }, ingestTimeNs,
    });
    await this.log.commit(LEDGER_GROUP, eventsTopic, this.partition, first);
  }

  /** Time of the first cut at `offset` or behind it, ns; now where there is none. */
  private async timeOf(offset: bigint): Promise<bigint> {
    for await (const { value } of this.log.read(eventsTopic, this.partition, offset)) {
      const { cut } = decodeEventsRecord(value).header;
      if (cut !== undefined) return BigInt(cut.ingestTimeNs);
    }
    return BigInt(Date.now()) * 1_000_000n;
  }

  async drained(): Promise<void> {
    const { next } = await this.log.bounds(eventsTopic, this.partition);
    if (this.done >= next - 1n) return;
    await this.waiting.until(next - 1n);
  }

  async stop(): Promise<void> {
    this.inserts.stopping = true;
    await this.subscription?.stop();
  }

  private async take(records: readonly LogRecord[]): Promise<void> {
    for (const logged of records) {
      const placed = this.reader.take(logged);
      if (placed !== undefined) {
        this.stretch.push(placed);
        if (placed.record.header.cut !== undefined) await this.insertCut();
      }
      if (this.inserts.stopping) return;
      this.done = logged.offset;
      this.waiting.wake(this.done);
    }
    if (this.stretch.every(({ record }) => record.header.sections.length === 0)) await this.seen(this.done + 1n);
  }

  /** Nothing before `next` has rows that are not in the store. */
  private async seen(next: bigint): Promise<void> {
    if (next === this.committed) return;
    await this.log.commit(GROUP, eventsTopic, this.partition, next);
    this.committed = next;
  }

  /** Inserts what stands since the last cut, and commits. */
  private async insertCut(): Promise<void> {
    const stretch = this.stretch;
    this.stretch = [];
    await traced('insert', { topic: eventsTopic, partition: this.partition, records: stretch.length, offset: stretch[0]!.offset }, () => this.insertStretch(stretch));
  }

  private async insertStretch(stretch: readonly PlacedRecord[]): Promise<void> {
    const first = stretch[0]!.offset;
    const last = stretch.at(-1)!.offset;
    const cut = stretch.at(-1)!.record.header.cut!;
    const token = `${this.logId}/${this.partition}/${first}-${last}`;
    const decoderVersion = stretch.at(-1)!.record.header.decoderVersion;
    const counts: CutCounts = { rows: {}, refused: {}, quarantined: 0 };
    for (const [index, section] of sectionsOf(stretch).entries()) {
      const { sql } = insertStatement(section.layout, section, { ingestTimeNs: cut.ingestTimeNs, partition: this.partition, decoderVersion, suffix: this.suffix });
      faultPoint('insert:before');
      await this.insertSection(section, { sql, token: `${token}/${index}/${section.layout}`, ingestTimeNs: cut.ingestTimeNs, decoderVersion }, counts);
      faultPoint('insert:after');
    }
    faultPoint('ledger:before');
    if (Object.keys(counts.rows).length > 0) {
      await this.inserts.writeLedger({
        logId: this.logId, partition: this.partition, owner: stretch.at(-1)!.record.header.owner, first, last, end: this.reader.end, token, ...counts, ingestTimeNs: cut.ingestTimeNs,
      });
      faultPoint('ledger:after');
      await this.log.commit(LEDGER_GROUP, eventsTopic, this.partition, last + 1n);
    }
    this.count(counts, cut.ingestTimeNs);
    await this.seen(last + 1n);
  }

  private count({ rows, quarantined }: CutCounts, ingestTimeNs: string): void {
    this.figures.cuts += 1;
    this.figures.rows += Object.values(rows).reduce((sum, count) => sum + count, 0);
    this.figures.quarantined += quarantined;
    this.figures.lastCut = Number(BigInt(ingestTimeNs) / 1_000_000n);
  }

  /** Inserts a section as one; where the store refuses it for good, record by record, and what is refused then to quarantine. */
  private async insertSection(section: TableSection, how: SectionInsert, counts: CutCounts): Promise<void> {
    const { name } = tableOf(section.table);
    try {
      await this.inserts.insert(how.sql, section.parts.map((part) => part.bytes), how.token);
      countRows(counts.rows, name, section.parts.reduce((sum, part) => sum + part.rows, 0));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const { logId: log, partition } = this;
      for (const part of section.parts) await this.inserts.insertPart({ ...how, ...part, log, partition, layout: section.layout, token: `${how.token}/${part.offset}` }, counts);
    }
  }
}

/** Rows of one events record in one layout. */
interface SectionPart {
  readonly offset: bigint;
  readonly rows: number;
  readonly bytes: Uint8Array;
}

interface SectionInsert {
  readonly sql: string;
  readonly token: string;
  readonly ingestTimeNs: string;
  readonly decoderVersion: string;
}

interface TableSection {
  readonly table: number;
  readonly layout: string;
  readonly parts: SectionPart[];
  readonly contexts: Map<number, CodedContext>;
  readonly taps: Map<number, CodedTap>;
}

/** The rows of a stretch by layout, with the codes that its records name; a further section where the names are many. */
function sectionsOf(stretch: readonly PlacedRecord[]): TableSection[] {
  const sections: TableSection[] = [];
  const open = new Map<string, TableSection>();
  for (const { offset, record } of stretch) {
    record.header.sections.forEach((part, index) => {
      let section = open.get(part.layout);
      if (section === undefined || section.contexts.size + record.header.contexts.length > MOST_CONTEXTS) {
        section = { table: part.table, layout: part.layout, parts: [], contexts: new Map(), taps: new Map() };
        open.set(part.layout, section);
        sections.push(section);
      }
      section.parts.push({ offset, rows: part.rows, bytes: record.rows[index]! });
      for (const context of record.header.contexts) section.contexts.set(context.code, context);
      for (const tap of record.header.taps) section.taps.set(tap.code, tap);
    });
  }
  return sections;
}
