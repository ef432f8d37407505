/** What belongs together is told once: a router that lost all its adjacencies is one incident, whatever hung on it. */
import type { Row } from '../../../decoders-wasm/contract/row-reader.ts';
import { type Alert, MOST_RELATED } from './alert.ts';
import type { AlertEngine } from './engine.ts';
import { named, type Rule, text, time } from './rule.ts';
import { isHealthy, scopeOf, type View } from './views.ts';

/** Losses that are further apart are not one router's end, ns. */
const WINDOW_NS = 120_000_000_000n;
/** So many neighbours at least have to be lost: one alone may be its link. */
const LEAST_NEIGHBORS = 2;

/** Found by the incidents themselves, not in a row: nothing else may begin one. */
const routerSilent: Rule = {
  name: 'router-silent',
  severity: 'critical',
  meaning: 'A router lost all its adjacencies, two at least: it is silent, shut down or was restarted. What it had is part of this incident.',
  tables: [],
  waitMs: 0,
  holdMs: 10_000,
  judge: () => [],
};

export class Incidents {
  readonly rule = routerSilent;
  private readonly engine: AlertEngine;

  constructor(engine: AlertEngine) {
    this.engine = engine;
  }

  /** Called when an alert fires: makes it part of an incident of one of its ends, perhaps of one that begins by it. */
  join(alert: Alert, now: bigint): void {
    if (alert.rule !== 'adjacency-lost') return;
    const scope = scopeOfLabels(alert.labels);
    for (const router of endsOf(alert)) {
      const incident = this.engine.open(routerSilent.name, `${scope}\n${router}`) ?? this.begin(alert, scope, router, now);
      if (incident === undefined) continue;
      alert.incident = incident.id;
      note(incident, alert);
      this.engine.touch(incident);
      return;
    }
  }

  /** A view has changed: a router with a healthy one again is not silent. */
  viewChanged(partition: number, row: Row): void {
    const scope = scopeOf(row);
    for (const router of [text(row, 'router'), text(row, 'neighbor')]) {
      const incident = this.engine.open(routerSilent.name, `${scope}\n${router}`);
      if (incident === undefined || incident.partition !== partition) continue;
      const isBack = [...this.engine.views.of(scope, router), ...this.engine.views.about(scope, router)].some(({ state }) => isHealthy(state));
      this.engine.apply(routerSilent, partition, {
        key: incident.key, says: isBack ? 'well' : 'lost', since: time(row, 'time'), decided: time(row, 'decided_time'), event: text(row, 'event_id'), subject: '', summary: '', reason: '', evidence: '', labels: {},
        line: `${text(row, 'router')} -> ${text(row, 'neighbor')}: ${text(row, 'prev_state')} -> ${text(row, 'state')} (${text(row, 'reason')})`,
      });
    }
  }

  /** An incident is over: what is still lost stands for itself from now on. */
  ended(incident: Alert, now: bigint): void {
    if (incident.rule !== routerSilent.name) return;
    for (const alert of this.members(incident)) {
      if (alert.state !== 'firing') continue;
      alert.incident = '';
      alert.related = [`was part of: ${incident.subject}`, ...alert.related].slice(0, MOST_RELATED);
      this.engine.tell(alert, 'firing', now);
    }
  }

  /** The incident of a router that is dead by all that is known; `first` is the alert that showed it. */
  private begin(first: Alert, scope: string, router: string, now: bigint): Alert | undefined {
    const lost = this.lostWith(scope, router, now);
    const others = new Set(lost.flatMap((alert) => endsOf(alert)).filter((end) => end !== router));
    if (others.size < LEAST_NEIGHBORS || !this.isDead(scope, router)) return undefined;
    const earliest = lost.toSorted((a, b) => (a.decided === b.decided ? (a.key < b.key ? -1 : 1) : a.decided < b.decided ? -1 : 1))[0]!;
    const name = named(router, nameOfRouter(lost, router));
    const reason = reasonOf(lost, router);
    const incident = this.engine.apply(routerSilent, first.partition, {
      key: `${scope}\n${router}`, says: 'lost', since: lost.filter((alert) => alert.incident === '').reduce((least, { since }) => (since < least ? since : least), first.since), decided: now, event: earliest.events[0]!,
      subject: `router ${name}, ${first.labels['protocol'] ?? ''}: all its adjacencies`,
      summary: `${name} lost all its ${first.labels['protocol'] ?? ''} adjacencies (with ${[...others].toSorted().slice(0, 10).join(', ')}${others.size > 10 ? ` and ${others.size - 10} more` : ''}): ${reason}.`,
      reason, evidence: first.evidence, line: first.summary,
      labels: {
        ...Object.fromEntries(Object.entries(first.labels).filter(([label]) => ['domain', 'network_instance', 'protocol', 'tap'].includes(label))), router,
        ...(name === router ? {} : { router_name: nameOfRouter(lost, router) }),
      },
    });
    if (incident === undefined) return undefined;
    incident.state = 'firing';
    incident.due = undefined;
    for (const alert of lost) {
      note(incident, alert);
      if (alert === first || alert.state === 'pending') continue;
      if (alert.told === 'firing' && alert.incident === '') this.engine.tell(alert, 'resolved', now, 'joined');
      alert.incident = incident.id;
      this.engine.touch(alert);
    }
    this.engine.tell(incident, 'firing', now);
    return incident;
  }

  /** Alerts of adjacencies of the router that are lost now, and were so within the window. */
  private lostWith(scope: string, router: string, now: bigint): Alert[] {
    return [...this.engine.alerts.values()].filter((alert) => alert.rule === 'adjacency-lost' && alert.parts.length > 0 && alert.decided > now - WINDOW_NS
      && scopeOfLabels(alert.labels) === scope && endsOf(alert).includes(router));
  }

  /** Whether nothing is left of the router: it believes of nobody, or (where no tap hears it) nobody of it. */
  private isDead(scope: string, router: string): boolean {
    const own = this.engine.views.of(scope, router);
    const about = this.engine.views.about(scope, router);
    return own.length > 0 ? noneHealthy(own) : noneHealthy(about);
  }

  private members(incident: Alert): Alert[] {
    return [...this.engine.alerts.values()].filter((alert) => alert.incident === incident.id).toSorted((a, b) => (a.key < b.key ? -1 : 1));
  }
}

function noneHealthy(views: readonly View[]): boolean {
  return views.every(({ state }) => !isHealthy(state));
}

function scopeOfLabels(labels: Readonly<Record<string, string>>): string {
  return `${labels['domain'] ?? ''}/${labels['network_instance'] ?? ''}/${labels['protocol'] ?? ''}`;
}

function endsOf({ labels }: Alert): string[] {
  return [labels['router'] ?? '', labels['neighbor'] ?? ''];
}

function nameOfRouter(alerts: readonly Alert[], router: string): string {
  for (const { labels } of alerts) {
    const name = labels['router'] === router ? labels['router_name'] : labels['neighbor_name'];
    if (name !== undefined && (labels['router'] === router || labels['neighbor'] === router)) return name;
  }
  return '';
}

/** What the router said itself, else that it says nothing. */
function reasonOf(alerts: readonly Alert[], router: string): string {
  return ['router-shutdown', 'router-restarted'].find((reason) => alerts.some((alert) => alert.reason === reason && alert.labels['router'] === router)) ?? 'router-silent';
}

function note(incident: Alert, alert: Alert): void {
  const line = alert.summary;
  if (incident.related.length < MOST_RELATED && !incident.related.includes(line)) incident.related.push(line);
  for (const event of alert.events) if (incident.events.length < MOST_RELATED && !incident.events.includes(event)) incident.events.push(event);
}
