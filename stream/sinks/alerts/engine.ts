/** The life of alerts: rows in, transitions out. No clock and no I/O: time is that of the rows, or given by who calls. */
import type { AlertNotice } from '../../contract/alert.ts';
import type { ExpectedNeighbor } from '../../contract/operations.ts';
import { type Alert, alertId, MOST_RELATED, noticeId, type Untold } from './alert.ts';
import { Graph } from './graph.ts';
import { Incidents, placesOf } from './incidents.ts';
import { nameOf, OpenAlerts } from './open-alerts.ts';
import type { Context, Finding, Input, Memory, Rule, RuleSettings } from './rule.ts';
import { time } from './rule.ts';
import { type View, Views } from './views.ts';

const MS = 1_000_000n;
/** Who is lost so often within this time is resolved only after the longer hold. */
const FLAPS = 3;
const FLAP_WINDOW_NS = 600_000n * MS;
const DAMPED_HOLD_NS = 300_000n * MS;

export interface EngineOptions {
  readonly rules: readonly Rule[];
  /** Default: none. */
  readonly settings?: RuleSettings;
  /** Neighbours that operators expect. */
  readonly expected?: () => readonly ExpectedNeighbor[];
  /** Whether a maintenance window silences what has these labels, at that time. */
  readonly isSilenced: (labels: Readonly<Record<string, string>>, at: bigint) => boolean;
  /** Whether a transition of that time is history: it is kept, and told to nobody. */
  readonly isOld: (changed: bigint) => boolean;
  readonly links: (alert: Alert) => AlertNotice['links'];
}

/** One transition of one alert. */
export interface Transition {
  readonly notice: AlertNotice;
  readonly key: string;
  readonly partition: number;
  /** Which one of the alert's, from 1. */
  readonly number: number;
  readonly parts: readonly string[];
  readonly untold: Untold;
  readonly incident: string;
}

/** What changed since it was last saved; undefined: gone. */
export interface Changes {
  readonly alerts: ReadonlyMap<string, Alert | undefined>;
  readonly memory: ReadonlyMap<string, unknown>;
  readonly views: ReadonlyMap<string, View | undefined>;
  readonly clocks: ReadonlyMap<number, bigint>;
}

export class AlertEngine {
  readonly views = new Views();
  readonly graph: Graph;
  readonly alerts = new OpenAlerts(placesOf);
  readonly clocks = new Map<number, bigint>();
  private readonly options: EngineOptions;
  private readonly settings: RuleSettings;
  private readonly expected: () => readonly ExpectedNeighbor[];
  private readonly rules: ReadonlyMap<string, Rule>;
  private readonly byTable: ReadonlyMap<string, readonly Rule[]>;
  private readonly incidents: Incidents;
  private readonly memory = new Map<string, unknown>();
  private readonly changedMemory = new Set<string>();
  private readonly changedAlerts = new Set<string>();
  private transitions: Transition[] = [];
  private readonly lastRows = new Map<number, bigint>();

  constructor(options: EngineOptions) {
    this.options = options;
    this.settings = options.settings ?? { sites: {}, maximumPrefixes: [] };
    this.expected = options.expected ?? (() => []);
    this.graph = new Graph(this.memoryOf('graph'));
    this.incidents = new Incidents(this, this.memoryOf('router-silent'));
    const rules = [...options.rules, this.incidents.rule];
    this.rules = new Map(rules.map((rule) => [rule.name, rule]));
    this.byTable = new Map([...new Set(rules.flatMap(({ tables }) => tables))].map((table) => [table, rules.filter(({ tables }) => tables.includes(table))]));
  }

  /** Tables that some rule reads. */
  get tables(): ReadonlySet<string> {
    return new Set(this.byTable.keys());
  }

  load(saved: { readonly alerts: Iterable<Alert>; readonly memory: Iterable<readonly [string, unknown]>; readonly views: Iterable<readonly [string, View]>; readonly clocks: Iterable<readonly [number, bigint]> }): void {
    for (const alert of saved.alerts) {
      this.alerts.put(alert);
      this.incidents.partOf(alert.incident);
    }
    for (const [key, value] of saved.memory) this.memory.set(key, value);
    for (const [key, view] of saved.views) this.views.put(key, view);
    for (const [partition, clock] of saved.clocks) this.clocks.set(partition, clock);
  }

  /** Takes the rows of a partition, in the order in which they were decided. */
  take(partition: number, inputs: readonly Input[]): void {
    for (const input of inputs) {
      const decided = time(input.row, 'decided_time');
      // What rows of one instant make due comes behind all of them.
      if (decided !== this.lastRows.get(partition)) this.advance(partition, decided);
      const before = input.table === 'adjacency_events' ? this.views.take(input.row) : undefined;
      if (input.table === 'topology_changes') this.graph.take(input.row);
      for (const rule of this.byTable.get(input.table) ?? []) {
        const context: Context = { memory: this.memoryOf(rule.name), settings: this.settings, graph: this.graph, views: this.views, before, expected: this.expected };
        for (const finding of rule.judge(input, context)) this.apply(rule, partition, finding);
      }
      if (input.table === 'adjacency_events') this.incidents.viewChanged(partition, input.row);
    }
  }

  /**
   * Time of a partition has come so far: what was due happens, in order. Where it goes back (an older capture is replayed)
   * the clock stays, and what those rows make due waits for their own time.
   */
  advance(partition: number, clock: bigint): void {
    this.lastRows.set(partition, clock);
    if (clock > (this.clocks.get(partition) ?? -1n)) this.clocks.set(partition, clock);
    for (let alert = this.alerts.firstDue(partition); alert?.due !== undefined && alert.due <= clock; alert = this.alerts.firstDue(partition)) this.step(alert, alert.due);
  }

  /** To which time the partition has come by its newest row. */
  lastRow(partition: number): bigint {
    return this.lastRows.get(partition) ?? this.clocks.get(partition) ?? 0n;
  }

  /** When the next alert of a partition is due. */
  nextDue(partition: number): bigint | undefined {
    return this.alerts.firstDue(partition)?.due;
  }

  takeTransitions(): Transition[] {
    const transitions = this.transitions;
    this.transitions = [];
    return transitions;
  }

  takeChanges(): Changes {
    const changes: Changes = {
      alerts: new Map([...this.changedAlerts].map((name) => [name, this.alerts.get(name)])),
      memory: new Map([...this.changedMemory].map((key) => [key, this.memory.get(key)])),
      views: this.views.takeChanged(), clocks: this.clocks,
    };
    this.changedAlerts.clear();
    this.changedMemory.clear();
    return changes;
  }

  /** The open alert of a rule and subject. */
  open(rule: string, key: string): Alert | undefined {
    return this.alerts.get(nameOf({ rule, key }));
  }

  /** Begins or goes on with an alert by what a row says. */
  apply(rule: Rule, partition: number, finding: Finding): Alert | undefined {
    const alert = this.open(rule.name, finding.key);
    if (alert === undefined) return finding.says === 'lost' ? this.begin(rule, partition, finding) : undefined;
    if (finding.decided < alert.settled) return alert;
    switch (finding.says) {
      case 'lost': this.loseAgain(rule, alert, finding); break;
      case 'unwell': this.worsen(alert, finding.part); break;
      case 'well': this.improve(rule, alert, finding); break;
      case 'void': this.takeBack(alert, finding); break;
      case 'planned': this.plan(rule, alert, finding); break;
      case 'confirmed': this.confirm(alert, finding); break;
    }
    this.touch(alert);
    return alert;
  }

  /** Gives the transition to whoever has to know; `changed` is when it was decided. */
  tell(alert: Alert, state: 'firing' | 'resolved', changed: bigint, reason = alert.reason): void {
    const isKnown = alert.told === 'firing';
    const untold = alert.incident !== '' ? 'incident' : isKnown ? '' : state === 'resolved' ? alert.untold : this.whyUntold(alert, changed);
    alert.transitions += 1;
    alert.untold = untold;
    if (untold === '') alert.told = state;
    this.touch(alert);
    this.transitions.push({
      key: alert.key, partition: alert.partition, number: alert.transitions, parts: [...alert.parts], untold, incident: alert.incident,
      notice: {
        id: noticeId(alert.id, alert.transitions), alertId: alert.id, rule: alert.rule, severity: this.rules.get(alert.rule)?.severity ?? 'warning', state, since: alert.since, changed,
        subject: alert.subject, summary: state === 'firing' ? alert.summary : `Resolved: ${alert.subject}.`, reason, evidence: alert.evidence,
        labels: { ...alert.labels }, related: [...alert.related], events: [...alert.events], links: this.options.links(alert),
      },
    });
  }

  private whyUntold(alert: Alert, changed: bigint): Untold {
    if (this.options.isSilenced(alert.labels, changed)) return 'maintenance';
    return this.options.isOld(changed) ? 'old' : '';
  }

  /** What was kept from being told for that reason, was first seen after `since`, and still fires, is told now. */
  tellKept(partition: number, reason: 'maintenance' | 'old', now: bigint, since = -1n): void {
    for (const alert of this.alerts.values()) {
      if (alert.partition === partition && alert.state === 'firing' && alert.untold === reason && alert.decided > since && alert.incident === '' && this.whyUntold(alert, now) === '') this.tell(alert, 'firing', now);
    }
  }

  /** Takes an alert over as another instance has told it. */
  adopt(alert: Alert): void {
    this.alerts.put(alert);
    this.touch(alert);
  }

  /** It is over, for whatever reason. */
  end(alert: Alert, now: bigint): void {
    this.alerts.delete(nameOf(alert));
    this.incidents.ended(alert, now);
    this.touch(alert);
  }

  /** It has to be saved, and its due time may have changed. */
  touch(alert: Alert): void {
    this.changedAlerts.add(nameOf(alert));
    this.incidents.partOf(alert.incident);
    if (this.alerts.get(nameOf(alert)) === alert) this.alerts.noteDue(alert);
  }

  private begin(rule: Rule, partition: number, finding: Finding): Alert {
    const alert: Alert = {
      id: alertId(rule.name, finding.key, finding.event), rule: rule.name, key: finding.key, partition, state: 'pending', since: finding.since, decided: finding.decided, settled: 0n,
      due: finding.decided + BigInt(rule.waitMs) * MS, parts: [finding.part ?? ''], wellAt: undefined, planned: false, losses: [finding.decided], transitions: 0, told: undefined, untold: '', incident: '',
      subject: finding.subject, summary: finding.summary, reason: finding.reason, evidence: finding.evidence, labels: { ...finding.labels }, related: [], events: [finding.event],
    };
    this.alerts.put(alert);
    this.touch(alert);
    return alert;
  }

  private loseAgain(rule: Rule, alert: Alert, finding: Finding): void {
    // The other end of the same loss is no further one.
    if (alert.parts.length === 0) alert.losses = [...alert.losses, finding.decided].filter((at) => at > finding.decided - FLAP_WINDOW_NS).slice(-MOST_RELATED);
    if (alert.state === 'pending' && finding.since < alert.since) alert.since = finding.since;
    relate(alert, finding);
    this.worsen(alert, finding.part);
    if (rule.quietMs !== undefined && alert.state === 'firing') alert.due = finding.decided + BigInt(rule.quietMs) * MS;
  }

  private worsen(alert: Alert, part = ''): void {
    if (!alert.parts.includes(part)) alert.parts.push(part);
    alert.wellAt = undefined;
    if (alert.state !== 'recovering') return;
    alert.state = 'firing';
    alert.due = undefined;
  }

  private improve(rule: Rule, alert: Alert, finding: Finding): void {
    const had = alert.parts.length;
    alert.parts = finding.part === undefined ? [] : alert.parts.filter((part) => part !== finding.part);
    if (alert.parts.length > 0 || had === 0) return;
    alert.wellAt = finding.decided;
    if (alert.state === 'pending' && alert.planned) alert.due = finding.decided + BigInt(rule.holdMs) * MS;
    else if (alert.state === 'pending' && rule.firesAnyway !== true) this.end(alert, finding.decided);
    else if (alert.state === 'firing') this.recover(rule, alert, finding.decided);
  }

  private recover(rule: Rule, alert: Alert, since: bigint): void {
    const recent = alert.losses.filter((at) => at > since - FLAP_WINDOW_NS).length;
    alert.state = 'recovering';
    alert.due = since + (recent >= FLAPS ? DAMPED_HOLD_NS : BigInt(rule.holdMs) * MS);
  }

  private takeBack(alert: Alert, finding: Finding): void {
    const now = this.clocks.get(alert.partition) ?? 0n;
    // What is said of a time before it fired is known only now: its end may not stand before its beginning.
    if (alert.state !== 'pending') this.tell(alert, 'resolved', finding.decided > now ? finding.decided : now, finding.reason);
    this.end(alert, finding.decided);
  }

  private plan(rule: Rule, alert: Alert, finding: Finding): void {
    relate(alert, finding);
    if (alert.state !== 'pending') return;
    alert.planned = true;
    alert.due = finding.decided + BigInt(finding.forMs ?? rule.waitMs) * MS;
  }

  private confirm(alert: Alert, finding: Finding): void {
    relate(alert, finding);
    if (alert.state !== 'pending' || !alert.planned) return;
    alert.planned = false;
    alert.due = finding.decided;
  }

  /** What happens to an alert that is due. */
  private step(alert: Alert, due: bigint): void {
    const rule = this.rules.get(alert.rule);
    alert.due = undefined;
    if (rule === undefined) this.end(alert, due);
    else if (alert.state === 'pending' && alert.planned && alert.parts.length === 0) this.end(alert, due);
    else if (alert.state === 'pending') this.fire(rule, alert, due);
    else if (alert.state === 'firing' && rule.quietMs === undefined) this.incidents.release(alert, due);
    else this.resolve(alert, due);
    this.touch(alert);
  }

  private fire(rule: Rule, alert: Alert, due: bigint): void {
    alert.state = 'firing';
    this.incidents.join(alert, due);
    this.tell(alert, 'firing', due);
    if (rule.quietMs !== undefined) alert.due = due + BigInt(rule.quietMs) * MS;
    else if (alert.parts.length === 0) this.recover(rule, alert, alert.wellAt ?? due);
  }

  private resolve(alert: Alert, due: bigint): void {
    this.tell(alert, 'resolved', due);
    this.end(alert, due);
  }

  private memoryOf(rule: string): Memory {
    const name = (key: string): string => `${rule}\n${key}`;
    return {
      get: (key) => this.memory.get(name(key)),
      set: (key, value) => {
        if (value === undefined) this.memory.delete(name(key));
        else this.memory.set(name(key), value);
        this.changedMemory.add(name(key));
      },
    };
  }
}

/** Keeps what else was found, as far as there is room. */
export function relate(alert: Alert, { line, event }: Pick<Finding, 'line' | 'event'>): void {
  if (alert.related.length < MOST_RELATED && !alert.related.includes(line)) alert.related.push(line);
  if (alert.events.length < MOST_RELATED && !alert.events.includes(event)) alert.events.push(event);
}

