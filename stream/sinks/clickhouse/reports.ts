/** Reports into tables: each record is a cut of its own, inserted once; a repeated id is dropped, and what is no report goes to quarantine. */
import type { ClickHouseClient } from '@clickhouse/client';
import { startPosition } from '../../contract/events-reader.ts';
import { faultPoint } from '../../contract/fault-points.ts';
import { type Log, type LogRecord, LogStartError, reportsTopic, type Subscription } from '../../contract/log.ts';
import type { PartitionPart } from '../../contract/owned-partitions.ts';
import { RecordError } from '../../contract/record.ts';
import { MOST_BETWEEN_REPEATS, readReport, type Report, ReportIds, REPORTS_PARTITION } from '../../contract/report.ts';
import { Waiters } from '../../contract/waiters.ts';
import { type CutCounts, Inserts } from './inserts.ts';
import { refuseOlderLog } from './older-log.ts';
import { insertStatement } from './statement.ts';

/** Consumer group of this sink in the log. */
const GROUP = 'clickhouse';

/** The one partition of the reports topic. */
export class ReportsSink implements PartitionPart {
  private readonly log: Log;
  private readonly inserts: Inserts;
  private logId = '';
  private ids = new ReportIds();
  private done = -1n;
  /** Ingest time of the last report, ns: one that cannot be read comes right behind it. */
  private lastIngest = BigInt(Date.now()) * 1_000_000n;
  private subscription: Subscription | undefined;
  private readonly waiting = new Waiters();
  private readonly broken = Promise.withResolvers<never>();

  constructor(log: Log, client: ClickHouseClient) {
    this.log = log;
    this.inserts = new Inserts(client);
    this.broken.promise.catch(() => undefined);
  }

  get failed(): Promise<never> {
    return this.broken.promise;
  }

  async start(): Promise<void> {
    this.logId = await this.log.identity(reportsTopic);
    const last = await this.inserts.lastCut(this.logId, REPORTS_PARTITION);
    if (last !== undefined) await refuseOlderLog(this.log, reportsTopic, 0, last.offset);
    const { first } = await this.log.bounds(reportsTopic, 0);
    this.done = last?.offset ?? -1n;
    if (this.done + 1n < first) await this.passOver(first);
    await this.rememberIds(first);
    this.subscription = this.log.consume({ topic: reportsTopic, partition: 0, from: this.done + 1n }, (records) => this.take(records));
    this.subscription.failed.catch((error: unknown) => {
      if (!(error instanceof LogStartError) || this.inserts.stopping) this.broken.reject(error);
      else this.start().catch((fault: unknown) => { this.broken.reject(fault); });
    });
  }

  async drained(): Promise<void> {
    const { next } = await this.log.bounds(reportsTopic, 0);
    if (this.done >= next - 1n) return;
    await this.waiting.until(next - 1n);
  }

  async stop(): Promise<void> {
    this.inserts.stopping = true;
    await this.subscription?.stop();
  }

  /** Retention has taken reports that were never inserted: the ledger says so by a row without an owner. */
  private async passOver(first: bigint): Promise<void> {
    const from = this.done + 1n;
    const token = `${this.logId}/${REPORTS_PARTITION}/${from}-${first - 1n}/lost`;
    await this.inserts.writeLedger({
      logId: this.logId, partition: REPORTS_PARTITION, owner: '', first: from, last: first - 1n, end: startPosition, token, rows: {}, ingestTimeNs: String(BigInt(Date.now()) * 1_000_000n),
    });
    this.done = first - 1n;
  }

  /** Of what is in the store already: a repeat of it may follow. */
  private async rememberIds(first: bigint): Promise<void> {
    this.ids = new ReportIds();
    const from = this.done + 1n - BigInt(MOST_BETWEEN_REPEATS);
    for await (const { offset, value } of this.log.read(reportsTopic, 0, from < first ? first : from)) {
      if (offset > this.done) return;
      this.remember(readReport(value));
    }
  }

  private async take(records: readonly LogRecord[]): Promise<void> {
    for (const { offset, value } of records) {
      const report = readReport(value);
      const isNew = this.remember(report);
      if (report instanceof RecordError) await this.quarantine(offset, value, report);
      else if (isNew && report.rows.length > 0) await this.insert(offset, report);
      if (this.inserts.stopping) return;
      this.done = offset;
      this.waiting.wake(this.done);
    }
    await this.log.commit(GROUP, reportsTopic, 0, this.done + 1n);
  }

  /** Whether it is a report whose id was not there before. */
  private remember(report: Report | RecordError): boolean {
    this.lastIngest = report instanceof RecordError ? this.lastIngest + 1n : BigInt(report.header.ingestTimeNs);
    return !(report instanceof RecordError) && this.ids.isNew(report.header.id);
  }

  private async insert(offset: bigint, { header, rows: bytes }: Report): Promise<void> {
    const { ingestTimeNs, madeBy: decoderVersion, writer: owner } = header;
    const codes = { contexts: new Map(header.contexts.map((context) => [context.code, context])), taps: new Map(header.taps.map((tap) => [tap.code, tap])) };
    const counts: CutCounts = { rows: {}, refused: {}, quarantined: 0 };
    for (const [index, { layout, rows }] of header.sections.entries()) {
      const { sql } = insertStatement(layout, codes, { ingestTimeNs, partition: REPORTS_PARTITION, decoderVersion });
      faultPoint('report:before');
      await this.inserts.insertPart({ log: this.logId, partition: REPORTS_PARTITION, offset, layout, rows, bytes: bytes[index]!, sql, token: `${this.tokenOf(offset)}/${index}/${layout}`, ingestTimeNs, decoderVersion }, counts);
    }
    await this.writeLedger(offset, owner, ingestTimeNs, counts);
  }

  private async quarantine(offset: bigint, value: Uint8Array, error: RecordError): Promise<void> {
    const counts: CutCounts = { rows: {}, refused: {}, quarantined: 0 };
    const ingestTimeNs = String(this.lastIngest);
    await this.inserts.quarantine({ log: this.logId, partition: REPORTS_PARTITION, offset, layout: '', bytes: value, error, ingestTimeNs, token: this.tokenOf(offset), decoderVersion: '' }, counts);
    await this.writeLedger(offset, 'unreadable', ingestTimeNs, counts);
  }

  private async writeLedger(offset: bigint, owner: string, ingestTimeNs: string, counts: CutCounts): Promise<void> {
    faultPoint('report:ledger');
    await this.inserts.writeLedger({ logId: this.logId, partition: REPORTS_PARTITION, owner, first: offset, last: offset, end: startPosition, token: this.tokenOf(offset), ...counts, ingestTimeNs });
  }

  private tokenOf(offset: bigint): string {
    return `${this.logId}/${REPORTS_PARTITION}/${offset}-${offset}`;
  }
}
