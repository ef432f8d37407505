/** Who is told in the live proof: a Collector, snmptrapd, Alertmanager, the store's table and the open page, and when each had what. */
import { setTimeout as sleep } from 'node:timers/promises';
import { noticeId } from '../../../stream/sinks/alerts/alert.ts';
import { collectorLacking, OtelCollector } from '../../dev/otelcol/collector.ts';
import { Alertmanager, receiversLacking, TrapReceiver } from '../../dev/receivers.ts';
import { OpenPage, pageLacking } from './page.ts';
import type { Rows } from './rows.ts';

/** The number that IANA keeps for examples (RFC 5612). */
export const ENTERPRISE = '1.3.6.1.4.1.32473.7';
/** How often a receiver that tells nothing by itself is looked at, ms. */
const LOOK_MS = 50;
/** Of the Collector's file exporter, ms. */
const FLUSH_MS = 20;

export const receiverNames = ['opentelemetry', 'snmp', 'alertmanager', 'row', 'page'] as const;
export type ReceiverName = (typeof receiverNames)[number];

/** What a receiver has of one notice. */
export interface Received {
  /** Of the notice; where the receiver is told none, its state and the alert's id. */
  readonly id: string;
  readonly reason: string;
  /** Wall time at which it was there, ms. */
  readonly atMs: number;
}

/** A notification that snmptrapd has decoded: value by numeric OID. */
export interface ReceivedTrap extends Received {
  readonly objects: ReadonlyMap<string, string>;
}

/** Why not all receivers can be started here; undefined where they can. */
export function lackingReceivers(): string | undefined {
  return collectorLacking() ?? receiversLacking() ?? pageLacking();
}

export class Receivers {
  readonly otel: OtelCollector;
  readonly snmp: TrapReceiver;
  readonly alertmanager: Alertmanager;
  readonly #got: Record<Exclude<ReceiverName, 'snmp'>, Received[]> = { opentelemetry: [], alertmanager: [], row: [], page: [] };
  /** At Alertmanager: reason by alert id of what fires. */
  readonly #firing = new Map<string, string>();
  #page: OpenPage | undefined;
  #isStopping = false;
  #watching: Promise<unknown> = Promise.resolve();

  private constructor(otel: OtelCollector, snmp: TrapReceiver, alertmanager: Alertmanager) {
    this.otel = otel;
    this.snmp = snmp;
    this.alertmanager = alertmanager;
  }

  static async start(): Promise<Receivers> {
    const started = await Promise.allSettled([OtelCollector.start(FLUSH_MS), TrapReceiver.start(), Alertmanager.start()] as const);
    const [otel, snmp, alertmanager] = started;
    if (otel.status === 'fulfilled' && snmp.status === 'fulfilled' && alertmanager.status === 'fulfilled') return new Receivers(otel.value, snmp.value, alertmanager.value);
    for (const one of started) if (one.status === 'fulfilled') await one.value.stop();
    throw started.find((one) => one.status === 'rejected')!.reason;
  }

  /** `alerts.channels` of the configuration. */
  get channels(): unknown[] {
    return [
      { kind: 'opentelemetry', name: 'collector', url: `${this.otel.url}/v1/logs` },
      { kind: 'snmp', name: 'nms', host: '127.0.0.1', port: this.snmp.port, enterprise: ENTERPRISE },
      { kind: 'alertmanager', name: 'pager', url: this.alertmanager.url },
    ];
  }

  /** From now on it is noted when each has what. */
  async watch(rows: Rows, page: Parameters<typeof OpenPage.open>[0]): Promise<void> {
    this.#page = await OpenPage.open(page);
    this.#watching = Promise.all([this.#watchOtel(), this.#watchAlertmanager(), this.#watchRows(rows)]);
    this.#watching.catch(() => undefined);
  }

  /** What a receiver has been told, in the order in which it came. */
  got(name: ReceiverName): readonly Received[] {
    return name === 'snmp' ? this.traps() : this.#got[name];
  }

  /** Without the Watchdog's, which stand in no table. */
  traps(): ReceivedTrap[] {
    const textOf = (value = ''): string => (/^STRING: "(.*)"$/s.exec(value)?.[1] ?? value).replaceAll('\\"', '"');
    return this.snmp.traps.filter(({ objects }) => textOf(objects.get(`.${ENTERPRISE}.1.3.0`)) !== 'watchdog').map(({ atMs, objects }) => ({ atMs, objects, id: textOf(objects.get(`.${ENTERPRISE}.1.1.0`)), reason: textOf(objects.get(`.${ENTERPRISE}.1.9.0`)) }));
  }

  /** Wall time in ms at which each event was read from the log, by its id. */
  get events(): ReadonlyMap<string, number> {
    return this.#page!.events;
  }

  /** Asks the page what it has had so far. */
  async askPage(): Promise<void> {
    this.#got.page = (await this.#page!.lines()).map(({ alertId, state, reason, atMs }) => ({ id: `${state} ${alertId}`, reason, atMs }));
  }

  /** Ends the watching; rejects where that failed. */
  async settle(): Promise<void> {
    this.#isStopping = true;
    await this.#watching;
    await this.askPage();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#watching.catch(() => undefined);
    await Promise.allSettled([this.#page?.close(), this.otel.stop(), this.snmp.stop(), this.alertmanager.stop()]);
  }

  async #look(look: () => Promise<void> | void): Promise<void> {
    for (; !this.#isStopping; await sleep(LOOK_MS)) await look();
  }

  #watchOtel(): Promise<void> {
    let written = 0;
    return this.#look(() => {
      if (this.otel.written === written) return;
      written = this.otel.written;
      const records = this.otel.records();
      for (const { attributes } of records.slice(this.#got.opentelemetry.length)) {
        const text = (key: string): string => (attributes.find((one) => one.key === key)?.value as { stringValue?: string } | undefined)?.stringValue ?? '';
        this.#got.opentelemetry.push({ atMs: Date.now(), id: text('log.record.uid'), reason: text('routewatch.reason') });
      }
    });
  }

  /** It lists what fires: what is listed no more is resolved. */
  #watchAlertmanager(): Promise<void> {
    return this.#look(async () => {
      const active = await this.alertmanager.active();
      const atMs = Date.now();
      const now = new Map(active.map(({ labels, annotations, updatedAt }) => [labels['alert_id']!, { reason: annotations['reason'] ?? '', id: annotations['notice_id'] ?? '', updatedAt }]));
      for (const [alert, { reason, id, updatedAt }] of now) {
        if (this.#firing.has(alert)) continue;
        this.#firing.set(alert, reason);
        this.#got.alertmanager.push({ atMs: Date.parse(updatedAt), id, reason });
      }
      for (const [alert, reason] of this.#firing) {
        if (now.has(alert)) continue;
        this.#firing.delete(alert);
        this.#got.alertmanager.push({ atMs, id: `resolved ${alert}`, reason });
      }
    });
  }

  /** Asked only while something that was told is missing: questions take from the store what its sink needs. */
  #watchRows(rows: Rows): Promise<void> {
    let last = '0';
    return this.#look(async () => {
      const known = new Set(this.#got.row.map(({ id }) => id));
      if (this.traps().every(({ id }) => known.has(id))) return;
      const found = await rows.ask(`SELECT toString(toUnixTimestamp64Nano(ingest_time)) AS ingest, lower(replaceAll(toString(alert_id), '-', '')) AS alert, ordinal, reason
        FROM routewatch.alerts WHERE toUnixTimestamp64Nano(ingest_time) > ${last} ORDER BY ingest_time`);
      const atMs = Date.now();
      last = String(found.at(-1)?.['ingest'] ?? last);
      for (const { alert, ordinal, reason } of found) this.#got.row.push({ atMs, id: noticeId(String(alert), Number(ordinal)), reason: String(reason) });
    });
  }
}
