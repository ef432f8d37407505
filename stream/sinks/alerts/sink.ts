/** The alert sink: reads events as they come, of all partitions; one instance tells, others stand by with the same state. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AlertChannel } from '../../contract/alert.ts';
import { EventsReader } from '../../contract/events-reader.ts';
import { faultPoint } from '../../contract/fault-points.ts';
import { eventsTopic, type Log, type LogRecord, LogStartError, type Membership, reportsTopic, type Subscription } from '../../contract/log.ts';
import type { Metric } from '../../contract/metrics.ts';
import type { ExpectedNeighbor, MaintenanceWindow, OperatorStatements } from '../../contract/operations.ts';
import type { Alert } from './alert.ts';
import { Backlog } from './backlog.ts';
import { type AlertsConfig, isCovered } from './config.ts';
import { AlertEngine, type Transition } from './engine.ts';
import { watchdogId, watchdogNotice } from './watchdog.ts';
import { alertMetrics } from './figures.ts';
import { type ChannelHealth, Outbox } from './outbox.ts';
import { AlertReports, GROUP } from './reports.ts';
import { inputsOf } from './inputs.ts';
import type { Rule } from './rule.ts';
import { AlertState } from './state.ts';

/** Longest that `drained` waits for alerts that are not ripe, ms. */
const MOST_PENDING_MS = 2000;
/** How often time passes where no row comes, ms. */
const TICK_MS = 25;
/** A row that is older than its partition's time by more is of another capture, ns: its time begins anew. */
const ANOTHER_CAPTURE_NS = 60_000_000_000n;
/** Longest that the log may take to say whether another has claimed, before something is told, ms. */
const ANSWER_MS = 2000;
/** How often an instance that stands by looks at what the active one has reported, ms. */
const FOLLOW_MS = 1000;
/** Windows that have ended count for rows that come so late, ms. */
const KEPT_WINDOWS_MS = 7 * 86_400_000;
/** Longest that a channel may take to close, ms. */
const CLOSE_MS = 5000;
/** A report of something so long ago, that we have not, was decided otherwise here, ns. */
const SETTLED_NS = 60_000_000_000n;
/** What was well already when it was told is resolved so much later, ns. */
const ADOPTED_HOLD_NS = 10_000_000_000n;

export interface AlertSinkOptions {
  readonly log: Log;
  readonly partitions: number;
  /** Database of the state. */
  readonly file: string;
  readonly config: AlertsConfig;
  readonly rules: readonly Rule[];
  readonly channels: readonly AlertChannel[];
  /** What operators have said; default: nothing. */
  readonly operators?: OperatorStatements | undefined;
  /** Wall clock, ms; for tests. */
  readonly now?: () => number;
  /** Told what somebody should know of the engine itself. */
  readonly complain: (text: string) => void;
}

export class AlertSink {
  private readonly options: AlertSinkOptions;
  private readonly state: AlertState;
  private readonly engine: AlertEngine;
  private readonly reports: AlertReports;
  private readonly readers = new Map<number, EventsReader>();
  private readonly owners = new Map<number, string>();
  /** By partition: the next offset, and what its clock said at which monotonic time, ms. */
  private readonly next = new Map<number, bigint>();
  private readonly arrived = new Map<number, { readonly clock: bigint; readonly at: number }>();
  /** By partition: where the log ended at the start. */
  private readonly untilReady = new Map<number, bigint>();
  private readonly backlog: Backlog;
  private subscriptions: Subscription[] = [];
  private membership: Membership | undefined;
  private outbox: Outbox | undefined;
  private isActive = false;
  private isStopping = false;
  private readonly broken = Promise.withResolvers<never>();
  private ticker: NodeJS.Timeout | undefined;
  private reporting: Promise<void> = Promise.resolve();
  private lastFollowed = 0;
  private lastWatchdog = 0;
  /** What operators had said when it was last looked at. */
  private said: { readonly version: number; readonly expected: readonly ExpectedNeighbor[]; readonly windows: readonly MaintenanceWindow[] } = { version: -1, expected: [], windows: [] };

  constructor(options: AlertSinkOptions) {
    this.options = options;
    this.broken.promise.catch(() => undefined);
    this.state = new AlertState(options.file);
    const { config } = options;
    const tellWithinNs = BigInt(Math.round(config.tellWithinMinutes * 60_000)) * 1_000_000n;
    this.backlog = new Backlog(tellWithinNs);
    this.engine = new AlertEngine({
      rules: options.rules.filter(({ name }) => !config.disabled.includes(name)), settings: config,
      expected: () => this.said.expected,
      isSilenced: (labels, at) => isCovered(this.said.windows, labels, at),
      isOld: (changed) => this.wallNow() - changed > tellWithinNs,
      links: (alert) => linksOf(config, alert),
    });
    this.reports = new AlertReports({ log: options.log, state: this.state, owner: randomUUID(), madeBy: 'alerts@1', adopt: (transition) => { this.adopt(transition); } });
  }

  /** Rejects when it cannot go on. */
  get failed(): Promise<never> {
    return this.broken.promise;
  }

  /** Whether this instance is the one that tells. */
  get active(): boolean {
    return this.isActive;
  }

  /** Whether it stands by or tells, and has judged what the log had at its start. */
  get isReady(): boolean {
    return this.membership?.isMember !== false && [...this.untilReady].every(([partition, next]) => (this.next.get(partition) ?? 0n) >= next);
  }

  health(): ChannelHealth[] {
    return this.outbox?.health() ?? [];
  }

  metrics(): Metric[] {
    const firing = new Map<string, number>();
    for (const { rule, state } of this.engine.alerts.values()) if (state !== 'pending') firing.set(rule, (firing.get(rule) ?? 0) + 1);
    return alertMetrics({ isActive: this.isActive, channels: this.health(), firing, unreported: this.state.countUnreported() });
  }

  async start(): Promise<void> {
    const { log, partitions } = this.options;
    this.listen();
    await this.load();
    await this.reports.open();
    await this.reports.catchUp();
    for (let partition = 0; partition < partitions; partition++) await this.follow(partition);
    this.membership = log.join(GROUP, reportsTopic, { assigned: () => this.activate(), revoked: () => this.standBy() });
    this.membership.failed.catch((error: unknown) => { this.broken.reject(error); });
    this.ticker = setInterval(() => { this.tick(); }, TICK_MS);
  }

  /**
   * Resolves when every row that the log holds now is judged, and what was decided by that is in the reports. What is not
   * ripe soon is left: it waits for more rows, or for the next start.
   */
  async drained(): Promise<void> {
    const { log, partitions } = this.options;
    for (let partition = 0; partition < partitions; partition++) {
      const { next } = await log.bounds(eventsTopic, partition);
      while ((this.next.get(partition) ?? 0n) < next && !this.isStopping) await Promise.race([this.failed, sleep(20)]);
    }
    while (this.membership?.isMember === false && !this.isStopping) await Promise.race([this.failed, sleep(20)]);
    const until = performance.now() + MOST_PENDING_MS;
    const isPending = (): boolean => this.isPending() && performance.now() < until;
    while (this.isActive && !this.isStopping && (isPending() || this.state.unreported(1).length > 0)) await Promise.race([this.failed, sleep(20)]);
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    clearInterval(this.ticker);
    await Promise.all(this.subscriptions.map((subscription) => subscription.stop()));
    await this.membership?.stop();
    await this.standBy();
    await Promise.all(this.options.channels.map((channel) => Promise.race([channel.close().catch(() => undefined), sleep(CLOSE_MS, undefined, { ref: false })])));
    this.state.close();
  }

  /** A state that was made from another log, or from one that has lost its end since, is of no use. */
  private async load(): Promise<void> {
    const { log, channels, complain } = this.options;
    const identity = await log.identity(eventsTopic);
    let isOurs = this.state.meta('events-log') === identity;
    for (const [partition, { next }] of this.state.places()) {
      if (!isOurs || next <= (await log.bounds(eventsTopic, partition)).next) continue;
      complain(`alerts: the events log ends before offset ${next} of partition ${partition}, which was judged already: it is older than the state of the alerts, which begins anew`);
      isOurs = false;
    }
    this.state.transaction(() => {
      if (!isOurs) this.state.forgetPlaces();
      this.state.setMeta('events-log', identity);
      this.state.keepChannels(channels.map(({ name }) => name));
    });
    this.engine.load(this.state.saved());
  }

  private async follow(partition: number): Promise<void> {
    const { log } = this.options;
    const place = this.state.places().get(partition);
    const { first, next } = await log.bounds(eventsTopic, partition);
    this.untilReady.set(partition, next);
    const isKnown = place !== undefined && place.next >= first;
    if (place !== undefined && !isKnown) this.options.complain(`alerts: events of partition ${partition} from ${place.next} to ${first} are gone by retention and were not judged`);
    const from = isKnown ? place.next : first;
    const begin = isKnown && place.owner !== '' ? { owner: place.owner, end: place.end, ...(place.modules === undefined ? {} : { modules: place.modules }) } : undefined;
    this.readers.set(partition, new EventsReader(`${eventsTopic} partition ${partition}`, begin, begin === undefined && from > 0n));
    this.owners.set(partition, begin?.owner ?? '');
    this.next.set(partition, from);
    this.clockCame(partition);
    this.backlog.begins(partition, this.engine.clocks.get(partition) ?? 0n);
    const subscription = log.consume({ topic: eventsTopic, partition, from }, (records) => this.take(partition, records));
    this.subscriptions.push(subscription);
    subscription.failed.catch((error: unknown) => {
      if (!(error instanceof LogStartError) || this.isStopping) this.broken.reject(error);
      else this.follow(partition).catch((fault: unknown) => { this.broken.reject(fault); });
    });
  }

  private async take(partition: number, records: readonly LogRecord[]): Promise<void> {
    const reader = this.readers.get(partition)!;
    for (const logged of records) {
      if (this.isStopping) return;
      const placed = reader.take(logged);
      if (placed !== undefined) this.owners.set(partition, placed.record.header.owner);
      const inputs = placed === undefined ? [] : inputsOf(placed.record, this.engine.tables);
      this.step(() => {
        this.engine.take(partition, inputs);
        this.state.setPlace(partition, { next: logged.offset + 1n, owner: this.owners.get(partition)!, end: reader.end, modules: reader.modules });
      });
      if (inputs.length > 0) this.clockCame(partition);
      this.next.set(partition, logged.offset + 1n);
      const cut = placed?.record.header.cut;
      if (cut !== undefined) this.backlog.cut(partition, BigInt(cut.ingestTimeNs));
      if (logged.offset + 1n >= this.untilReady.get(partition)!) this.backlog.ready(partition, this.wallNow());
    }
  }

  /** State, place and what is to be told change together. */
  private step(work: () => void): void {
    let transitions: Transition[] = [];
    this.state.transaction(() => {
      work();
      transitions = this.engine.takeTransitions();
      this.state.save(this.engine.takeChanges());
      this.state.add(transitions, this.options.channels.map(({ name }) => name));
      faultPoint('alerts:step');
    });
    if (transitions.length === 0) return;
    faultPoint('alerts:decided');
    this.outbox?.wake();
    this.report();
  }

  /** Rows come late by differing times: the one that came soonest tells best what time it is where they are made. */
  private clockCame(partition: number): void {
    const clock = this.engine.lastRow(partition);
    const now = this.nowOf(partition);
    if (now === undefined || clock > now || clock < now - ANOTHER_CAPTURE_NS) this.arrived.set(partition, { clock, at: performance.now() });
  }

  private nowOf(partition: number): bigint | undefined {
    const arrived = this.arrived.get(partition);
    return arrived === undefined ? undefined : arrived.clock + BigInt(Math.round((performance.now() - arrived.at) * 1e6));
  }

  private tick(): void {
    try {
      for (const partition of this.arrived.keys()) {
        const now = this.nowOf(partition)!;
        // The clock stays that of the rows: what is due passes, and no more.
        for (let due = this.engine.nextDue(partition); due !== undefined && due <= now; due = this.engine.nextDue(partition)) this.step(() => { this.engine.advance(partition, due!); });
      }
    } catch (error) {
      this.broken.reject(error);
    }
    if (performance.now() - this.lastFollowed < FOLLOW_MS) return;
    this.lastFollowed = performance.now();
    this.listen();
    this.step(() => { for (const partition of this.arrived.keys()) this.tellKept(partition); });
    this.watch();
    this.report();
  }

  /** What was not told for a reason that is over. */
  private tellKept(partition: number): void {
    this.engine.tellKept(partition, 'maintenance', this.engine.clocks.get(partition) ?? 0n);
    const now = this.wallNow();
    const since = this.backlog.outageSince(partition, this.engine.lastRow(partition), now);
    if (since !== undefined) this.engine.tellKept(partition, 'old', now, since);
  }

  private wallNow(): bigint {
    return BigInt(this.options.now?.() ?? Date.now()) * 1_000_000n;
  }

  /** Reads what operators have said since. */
  private listen(): void {
    const { operators } = this.options;
    if (operators === undefined || operators.version() === this.said.version) return;
    const since = BigInt(Date.now() - KEPT_WINDOWS_MS) * 1_000_000n;
    this.said = { version: operators.version(), expected: operators.expectedNeighbors(), windows: operators.maintenanceWindows(since) };
  }

  /** The Watchdog: a notice now and then, so that whoever gets none knows that alerts do not work. */
  private watch(): void {
    const everyMs = this.options.config.watchdogMinutes * 60_000;
    if (!this.isActive || performance.now() - this.lastWatchdog < everyMs && this.lastWatchdog > 0) return;
    this.lastWatchdog = performance.now();
    const notice = watchdogNotice(linksOf(this.options.config, { id: watchdogId, rule: 'watchdog' }), everyMs);
    this.state.transaction(() => { for (const { name } of this.options.channels) this.state.enqueue(name, notice); });
    this.outbox?.wake();
  }

  /** Writes, or where we stand by reads, reports; one after the other. */
  private report(): void {
    this.reporting = this.reporting.then(() => this.reportOnce(), () => undefined);
  }

  private async reportOnce(): Promise<void> {
    if (this.isStopping) return;
    try {
      await (this.isActive ? this.writeReports() : this.readReports());
    } catch (error) {
      // The log is away: what was decided waits here, and goes to the channels all the same.
      if (!this.isStopping) this.options.complain(`alerts: reports: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private async readReports(): Promise<void> {
    await this.reports.catchUp();
    await this.reports.forgetDelivered();
  }

  private async writeReports(): Promise<void> {
    if (!await this.reports.write()) return this.fenced();
    await this.reports.commitDelivered();
    this.state.forgetOldNotices();
  }

  /** From now on this instance tells: all that the log has is known, and nobody else's claim is newer. */
  private async activate(): Promise<void> {
    await this.reporting;
    await this.reports.catchUp();
    await this.reports.claim();
    await this.reports.forgetDelivered();
    this.isActive = true;
    this.outbox = new Outbox({ state: this.state, channels: this.options.channels, mayTell: () => this.mayTell(), complain: this.options.complain });
    this.outbox.start();
    this.report();
  }

  private async standBy(): Promise<void> {
    await this.reporting;
    await this.outbox?.stop();
    this.outbox = undefined;
    if (this.isActive) await this.reports.commitDelivered().catch(() => undefined);
    this.isActive = false;
  }

  private async fenced(): Promise<void> {
    if (!this.isActive) return;
    this.isActive = false;
    void this.outbox?.stop();
    this.outbox = undefined;
    this.membership?.release(0);
  }

  /** A log that does not answer is no reason to be silent; another's claim is. */
  private async mayTell(): Promise<boolean> {
    if (!this.isActive) return false;
    const asked = performance.now();
    const isOurs = await Promise.race([this.reports.isOurs().catch(() => undefined), sleep(ANSWER_MS, undefined, { ref: false })]);
    if (isOurs !== undefined) return isOurs;
    // Who was frozen meanwhile has not heard the answer: another may have taken over long ago.
    return performance.now() - asked < 2 * ANSWER_MS ? this.isActive : this.mayTell();
  }

  /** Another instance has told this, and we have not decided it (yet): its alert is the one that counts. */
  private adopt(transition: Transition): void {
    const { notice, key, partition, untold } = transition;
    const isSettled = notice.changed <= (this.engine.clocks.get(partition) ?? 0n) - SETTLED_NS;
    const open = this.engine.open(notice.rule, key);
    if (notice.state === 'resolved' && open?.id === notice.alertId) this.engine.end(open, notice.changed);
    if (notice.state === 'firing' && !isSettled) this.engine.adopt(adopted(transition));
    if (untold === '') for (const { name } of this.options.channels) this.state.enqueue(name, notice);
    this.state.save(this.engine.takeChanges());
  }

  private isPending(): boolean {
    return [...this.engine.alerts.values()].some(({ state, planned }) => state === 'pending' && !planned);
  }
}

/** The alert as it was when it was told. */
function adopted({ notice, key, partition, number, parts, untold, incident }: Transition): Alert {
  const { state, due } = parts.length > 0 ? { state: 'firing' as const, due: undefined } : { state: 'recovering' as const, due: notice.changed + ADOPTED_HOLD_NS };
  return {
    id: notice.alertId, rule: notice.rule, key, partition, state, since: notice.since, decided: notice.changed, settled: notice.changed, due, parts: [...parts], wellAt: undefined, planned: false,
    losses: [notice.changed], transitions: number, told: untold === '' ? 'firing' : undefined, untold, incident, subject: notice.subject, summary: notice.summary, reason: notice.reason, evidence: notice.evidence,
    labels: { ...notice.labels }, related: [...notice.related], events: [...notice.events],
  };
}

function linksOf({ url = '', runbooks }: AlertsConfig, { id, rule }: Pick<Alert, 'id' | 'rule'>): { page: string; query: string; runbook: string } {
  const sql = `SELECT * FROM alerts WHERE alert_id = '${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}' ORDER BY time`;
  const base = url.replace(/\/$/, '');
  return { page: `${base}/#/alerts?alert=${id}`, query: `${base}/#/query?sql=${encodeURIComponent(sql)}`, runbook: `${runbooks.replace(/\/$/, '')}/${rule}.md` };
}
