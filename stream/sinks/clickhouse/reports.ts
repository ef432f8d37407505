/** Reports into tables: each record is a cut of its own, inserted once; a repeated id is dropped. */
import type { ClickHouseClient } from '@clickhouse/client';
import { tableOf } from '../../../decoders-wasm/contract/row-reader.ts';
import { startPosition } from '../../contract/events-reader.ts';
import { faultPoint } from '../../contract/fault-points.ts';
import { type Log, type LogRecord, LogStartError, reportsTopic, type Subscription } from '../../contract/log.ts';
import type { PartitionPart } from '../../contract/owned-partitions.ts';
import { decodeReport, MOST_BETWEEN_REPEATS, type Report, ReportIds, REPORTS_PARTITION } from '../../contract/report.ts';
import { Inserts } from './inserts.ts';
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
  private subscription: Subscription | undefined;
  private readonly waiting: { until: bigint; resolve: () => void }[] = [];
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
    await new Promise<void>((resolve) => { this.waiting.push({ until: next - 1n, resolve }); });
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
      this.ids.isNew(decodeReport(value).header.id);
    }
  }

  private async take(records: readonly LogRecord[]): Promise<void> {
    for (const { offset, value } of records) {
      const report = decodeReport(value);
      if (report.rows.length > 0 && this.ids.isNew(report.header.id)) await this.insert(offset, report);
      if (this.inserts.stopping) return;
      this.done = offset;
      this.wake();
    }
    await this.log.commit(GROUP, reportsTopic, 0, this.done + 1n);
  }

  private async insert(offset: bigint, { header, rows: bytes }: Report): Promise<void> {
    const token = `${this.logId}/${REPORTS_PARTITION}/${offset}-${offset}`;
    const codes = { contexts: new Map(header.contexts.map((context) => [context.code, context])), taps: new Map(header.taps.map((tap) => [tap.code, tap])) };
    const rows: Record<string, number> = {};
    for (const [index, section] of header.sections.entries()) {
      const { sql } = insertStatement(section.layout, codes, { ingestTimeNs: header.ingestTimeNs, partition: REPORTS_PARTITION, decoderVersion: header.madeBy });
      faultPoint('report:before');
      await this.inserts.insert(sql, [bytes[index]!], `${token}/${index}/${section.layout}`);
      const { name } = tableOf(section.table);
      rows[name] = (rows[name] ?? 0) + section.rows;
    }
    faultPoint('report:ledger');
    await this.inserts.writeLedger({
      logId: this.logId, partition: REPORTS_PARTITION, owner: header.writer, first: offset, last: offset, end: startPosition, token, rows, ingestTimeNs: header.ingestTimeNs,
    });
  }

  private wake(): void {
    for (const waiter of this.waiting.filter(({ until }) => until <= this.done)) {
      this.waiting.splice(this.waiting.indexOf(waiter), 1);
      waiter.resolve();
    }
  }
}
