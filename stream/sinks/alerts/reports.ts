/** The reports of the alert engine: what was decided, for the store; and for whoever takes over, so that nothing is told anew. */
import { randomUUID } from 'node:crypto';
import { layoutOf, tableOf } from '../../../decoders-wasm/contract/row-reader.ts';
import { writeRow, DECIDED_BY_DEADLINE } from '../../../decoders-wasm/contract/row-writer.ts';
import { murmur128 } from '../../../decoders-wasm/contract/murmur.ts';
import type { CodedContext, CodedTap } from '../../contract/events-record.ts';
import { faultPoint } from '../../contract/fault-points.ts';
import { type Log, LogStartError, reportsTopic } from '../../contract/log.ts';
import { RecordError } from '../../contract/record.ts';
import { encodeReport, readReport, type Report } from '../../contract/report.ts';
import { fromJson, toJson } from './alert.ts';
import type { Transition } from './engine.ts';
import type { AlertState } from './state.ts';

/** Consumer group: its commit says up to which report all notices have been delivered. */
export const GROUP = 'alerts';
/** Transitions in one report. */
const MOST_IN_REPORT = 200;
const WRITER = 'alerts/';

export interface AlertReportsOptions {
  readonly log: Log;
  readonly state: AlertState;
  /** Of this start: a claim names it. */
  readonly owner: string;
  /** `routewatch@<version>` or the like. */
  readonly madeBy: string;
  /** Told of each transition that another instance has reported. */
  readonly adopt: (transition: Transition) => void;
}

export class AlertReports {
  private readonly options: AlertReportsOptions;
  /** First offset that has not been read. */
  private next = 0n;
  /** Whose claim is the last one. */
  private claimedBy = '';

  constructor(options: AlertReportsOptions) {
    this.options = options;
  }

  /** Begins where this state has read up to; another log is read from its beginning. */
  async open(): Promise<void> {
    const { log, state } = this.options;
    const identity = await log.identity(reportsTopic);
    if (state.meta('reports-log') !== identity) {
      state.transaction(() => {
        state.setMeta('reports-log', identity);
        state.setMeta('reports-next', '0');
      });
    }
    this.next = BigInt(state.meta('reports-next') ?? '0');
    const { first, next } = await log.bounds(reportsTopic, 0);
    if (this.next < first || this.next > next) this.next = first;
  }

  /** Whether our claim is the last one, by all that the log has now. */
  async isOurs(): Promise<boolean> {
    await this.catchUp();
    return this.claimedBy === this.options.owner;
  }

  /** From here on no other instance may tell or report. */
  async claim(): Promise<void> {
    await this.append({ header: { ...this.header('claim'), sections: [], contexts: [], taps: [] }, rows: [] });
    await this.catchUp();
  }

  /** Reads what stands behind what was read: ids of notices that are known, and who has claimed. */
  async catchUp(): Promise<void> {
    const { log, state } = this.options;
    const { next } = await log.bounds(reportsTopic, 0);
    if (next === this.next) return;
    try {
      for await (const { offset, value } of log.read(reportsTopic, 0, this.next)) {
        state.transaction(() => {
          const report = readReport(value);
          if (!(report instanceof RecordError)) this.take(offset, report);
          state.setMeta('reports-next', String(offset + 1n));
        });
        this.next = offset + 1n;
      }
    } catch (error) {
      if (!(error instanceof LogStartError)) throw error;
      this.next = error.first;
    }
  }

  /** Appends what has not been reported yet; false where another has claimed meanwhile. */
  async write(): Promise<boolean> {
    const { state } = this.options;
    for (;;) {
      // Also after an append of which nobody knows whether it is there.
      if (!await this.isOurs()) return false;
      const transitions = state.unreported(MOST_IN_REPORT);
      if (transitions.length === 0) return true;
      faultPoint('alerts:report');
      await this.append(reportOf(transitions, this.header('rows')));
      faultPoint('alerts:reported');
    }
  }

  /** Commits up to where all that was reported is delivered. */
  async commitDelivered(): Promise<void> {
    const { log, state } = this.options;
    const done = state.oldestUndelivered() ?? this.next;
    if (done > (await log.committed(GROUP, reportsTopic, 0) ?? 0n)) await log.commit(GROUP, reportsTopic, 0, done);
  }

  /** What others have delivered waits here no longer. */
  async forgetDelivered(): Promise<bigint> {
    const { log, state } = this.options;
    const done = await log.committed(GROUP, reportsTopic, 0) ?? 0n;
    state.deliveredBefore(done);
    return done;
  }

  private take(offset: bigint, { header }: Report): void {
    if (!header.writer.startsWith(WRITER)) return;
    if (header.kind === 'claim') this.claimedBy = header.writer.slice(WRITER.length);
    const transitions = header.journal === undefined ? [] : fromJson(header.journal) as Transition[];
    for (const transition of transitions) {
      if (!this.options.state.reported(transition.notice.id, offset)) this.options.adopt(transition);
    }
  }

  private header(kind: 'claim' | 'rows'): Pick<Report['header'], 'id' | 'writer' | 'kind' | 'ingestTimeNs' | 'madeBy'> {
    return { id: randomUUID().replaceAll('-', ''), writer: WRITER + this.options.owner, kind, ingestTimeNs: ingestTime(), madeBy: this.options.madeBy };
  }

  private async append(report: Report): Promise<void> {
    await this.options.log.append(reportsTopic, 0, [encodeReport(report)]);
  }
}

let lastIngest = 0n;

/** Wall clock, ns; no two reports of a process have the same. */
function ingestTime(): string {
  const now = BigInt(Date.now()) * 1_000_000n;
  lastIngest = now > lastIngest ? now : lastIngest + 1n;
  return String(lastIngest);
}

/** The report of these transitions: rows of `alerts`, and the transitions whole. */
function reportOf(transitions: readonly Transition[], header: Pick<Report['header'], 'id' | 'writer' | 'kind' | 'ingestTimeNs' | 'madeBy'>): Report {
  const contexts: CodedContext[] = [];
  const taps: CodedTap[] = [];
  const codeOf = <T extends { code: number }>(list: T[], same: (one: T) => boolean, make: (code: number) => T): number => {
    const known = list.find(same);
    if (known !== undefined) return known.code;
    list.push(make(list.length));
    return list.length - 1;
  };
  const bytes = Buffer.concat(transitions.map((transition) => {
    const { labels } = transition.notice;
    const [domain, networkInstance, link, tap, collector] = [labels['domain'] ?? '', labels['network_instance'] ?? '', labels['link'] ?? '', labels['tap'] ?? '', labels['collector'] ?? ''];
    return alertRow(transition, {
      context: codeOf(contexts, (one) => one.domain === domain && one.networkInstance === networkInstance && one.link === link, (code) => ({ code, key: `alerts/${domain}`, domain, networkInstance, link })),
      tap: codeOf(taps, (one) => one.tap === tap && one.collector === collector, (code) => ({ code, tap, collector })),
    });
  }));
  const { id, layout } = tableOf('alerts');
  return { header: { ...header, sections: [{ table: id, layout, rows: transitions.length, bytes: bytes.length }], contexts, taps, journal: toJson(transitions) }, rows: [bytes] };
}

function alertRow({ notice, number, untold, incident }: Transition, codes: { readonly context: number; readonly tap: number }): Uint8Array {
  const evidence = layoutOf('alerts').find(({ name }) => name === 'evidence')?.values?.includes(notice.evidence) === true ? notice.evidence : '';
  return writeRow('alerts', { identity: murmur128(Buffer.from(notice.alertId)), kind: DECIDED_BY_DEADLINE, number: BigInt(number), key: `${notice.alertId}\n${number}` }, {
    ...codes, time: notice.changed, decided_time: notice.changed, evidence, ordinal: number, alert_id: uuid(notice.alertId), rule: notice.rule, severity: notice.severity, state: notice.state, since: notice.since,
    protocol: notice.labels['protocol'] ?? '', router: notice.labels['router'] ?? '', router_name: notice.labels['router_name'] ?? '', neighbor: notice.labels['neighbor'] ?? '', neighbor_name: notice.labels['neighbor_name'] ?? '',
    subject: notice.subject, summary: notice.summary, reason: notice.reason, told: untold === '', untold, incident, labels: JSON.stringify(notice.labels), related: notice.related.join('\n'), events: notice.events.join(' '),
  });
}

function uuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
