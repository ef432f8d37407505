/** What belongs together is told once: all that hung on a router that is silent, and all that ran over a link that is lost. */
import type { Row } from '../../../decoders-wasm/contract/row-reader.ts';
import { type Alert, lostAt, MOST_RELATED } from './alert.ts';
import type { AlertEngine } from './engine.ts';
import { identityTables, learnIdentities, type RouterRef, routersNamed } from './identities.ts';
import { type Input, type Memory, named, type Rule, text, time } from './rule.ts';
import { isHealthy, scopeOf, type View } from './views.ts';

/** Losses that are further apart are not one router's end, nor one link's, ns. */
const WINDOW_NS = 120_000_000_000n;
/** A BGP session may outlive the IGP by its hold time, 180 s by default of many, ns. */
const SESSION_WINDOW_NS = 240_000_000_000n;
/** So many neighbours at least have to be lost: one alone may be its link. */
const LEAST_NEIGHBORS = 2;
/**
 * Parts of what is over have so long to come back before they are told, ns: OSPF waits a dead interval for its DR
 * (RFC 2328 section 9.1), BGP 120 s between attempts (ConnectRetryTime, RFC 4271 section 10).
 */
const LEFT_NS = 120_000_000_000n;

/** Rules whose alerts may be parts. */
const parts = new Set(['adjacency-lost', 'session-lost', 'neighbor-missing', 'last-path-lost']);

/** Found by the incidents themselves, not in a row: nothing else may begin one. */
const routerSilent: Rule = {
  name: 'router-silent',
  severity: 'critical',
  meaning: 'A router lost all its adjacencies, two at least: it is silent, shut down or was restarted. What it had is part of this incident.',
  tables: identityTables,
  waitMs: 0,
  holdMs: 10_000,
  judge: (input: Input, { memory }) => {
    learnIdentities(input, memory);
    return [];
  },
};

export class Incidents {
  readonly rule = routerSilent;
  private readonly engine: AlertEngine;
  private readonly memory: Memory;
  /** Ids of alerts that have had parts. */
  private readonly leads = new Set<string>();

  constructor(engine: AlertEngine, memory: Memory) {
    this.engine = engine;
    this.memory = memory;
  }

  /** Called when an alert fires: makes it part of what is told already, or of an incident that begins by it. */
  join(alert: Alert, now: bigint): void {
    if (!parts.has(alert.rule)) return;
    const routers = this.routersOf(alert);
    const known = routers.map((of) => this.engine.open(routerSilent.name, keyOf(of))).find((incident) => incident !== undefined && belongsTo(alert, incident));
    if (known !== undefined) return this.makePart(alert, known);
    for (const of of alert.rule === 'adjacency-lost' ? routers : []) {
      const incident = this.begin(alert, of, now);
      if (incident !== undefined) return this.makePart(alert, incident);
    }
    this.joinLink(alert, now);
  }

  /** An alert of that id has parts. */
  partOf(incident: string): void {
    if (incident !== '') this.leads.add(incident);
  }

  /** A view has changed: a router with a healthy one again is not silent. */
  viewChanged(partition: number, row: Row): void {
    const scope = scopeOf(row);
    for (const router of [text(row, 'router'), text(row, 'neighbor')]) {
      const incident = this.engine.open(routerSilent.name, keyOf({ scope, router }));
      if (incident === undefined || incident.partition !== partition) continue;
      const isBack = isHealthy(text(row, 'state')) || [...this.engine.views.of(scope, router), ...this.engine.views.about(scope, router)].some(({ state }) => isHealthy(state));
      this.engine.apply(routerSilent, partition, {
        key: incident.key, says: isBack ? 'well' : 'lost', since: time(row, 'time'), decided: time(row, 'decided_time'), event: text(row, 'event_id'), subject: '', summary: '', reason: '', evidence: '', labels: {},
        line: `${text(row, 'router')} -> ${text(row, 'neighbor')}: ${text(row, 'prev_state')} -> ${text(row, 'state')} (${text(row, 'reason')})`,
      });
    }
  }

  /** An alert is over: parts of it that are still lost have a while to come back. */
  ended(alert: Alert, now: bigint): void {
    if (!this.leads.delete(alert.id)) return;
    for (const part of this.partsOf(alert)) {
      if (part.state !== 'firing') continue;
      part.due = now + LEFT_NS;
      this.engine.touch(part);
    }
  }

  /** What has not come back after all stands for itself from now on. */
  release(alert: Alert, now: bigint): void {
    alert.incident = '';
    alert.related = ['was part of what is resolved', ...alert.related].slice(0, MOST_RELATED);
    this.engine.tell(alert, 'firing', now);
  }

  /** The incident of a router that is dead by all that is known; `first` is the alert that showed it. */
  private begin(first: Alert, { scope, router }: RouterRef, now: bigint): Alert | undefined {
    if (!this.isDead(scope, router)) return undefined;
    const lost = this.lostWith({ scope, router }, now);
    const others = new Set(lost.flatMap((alert) => endsOf(alert)).filter((end) => end !== router));
    if (others.size < LEAST_NEIGHBORS) return undefined;
    const sessions = this.sessionsOf({ scope, router }, now);
    const earliest = lost.toSorted((a, b) => (a.decided === b.decided ? (a.key < b.key ? -1 : 1) : a.decided < b.decided ? -1 : 1))[0]!;
    const name = named(router, nameOfRouter(lost, router));
    const reason = reasonOf(lost, router);
    const incident = this.engine.apply(routerSilent, first.partition, {
      key: keyOf({ scope, router }), says: 'lost', since: lost.filter((alert) => alert.incident === '').reduce((least, { since }) => (since < least ? since : least), first.since), decided: now, event: earliest.events[0]!,
      subject: `router ${name}, ${first.labels['protocol'] ?? ''}: all its adjacencies`,
      summary: `${name} lost all its ${first.labels['protocol'] ?? ''} adjacencies (with ${[...others].toSorted().slice(0, 10).join(', ')}${others.size > 10 ? ` and ${others.size - 10} more` : ''})${sessionsText(sessions.length)}: ${reason}.`,
      reason, evidence: first.evidence, line: first.summary,
      labels: {
        ...Object.fromEntries(Object.entries(first.labels).filter(([label]) => ['domain', 'network_instance', 'protocol', 'tap'].includes(label))), router,
        ...(name === router ? {} : { router_name: nameOfRouter(lost, router) }),
      },
    });
    if (incident === undefined) return undefined;
    incident.state = 'firing';
    incident.due = undefined;
    const lead = this.sameRouter(incident, lost, router);
    if (lead !== undefined) this.makePart(incident, lead);
    for (const alert of [...lost, ...sessions]) if (alert !== first) this.absorb(alert, lead ?? incident, now);
    this.engine.tell(incident, 'firing', now);
    return incident;
  }

  /** The incident of the same router in another protocol: OSPFv3 beside OSPFv2, IS-IS beside either. */
  private sameRouter(incident: Alert, lost: readonly Alert[], router: string): Alert | undefined {
    const names = lost.map(({ labels }) => labels[labels['router'] === router ? 'local_address' : 'neighbor_address'] ?? '');
    return routersNamed(this.memory, universeOf(incident.labels), [router, ...names]).map((of) => this.engine.open(routerSilent.name, keyOf(of))).find((other) => other !== undefined && other !== incident);
  }

  /** IS-IS, OSPF and BGP over one link between the same two addresses: its loss is one fault. */
  private joinLink(alert: Alert, now: bigint): void {
    const others = [...new Set(placesBeside(alert).flatMap((place) => [...this.engine.alerts.at(place)]))].filter((other) => other !== alert && other.state === 'firing' && other.parts.length > 0 && lostAt(other) > now - SESSION_WINDOW_NS && shareLink(alert, other));
    const lead = others.find(({ rule }) => rule === 'adjacency-lost');
    if (lead !== undefined) return this.makePart(alert, lead);
    // The adjacency says more than the session that fell before it.
    if (alert.rule === 'adjacency-lost') for (const other of others) this.absorb(other, alert, now);
  }

  private makePart(alert: Alert, of: Alert): void {
    const lead = of.incident === '' ? of : [...this.engine.alerts.values()].find(({ id }) => id === of.incident) ?? of;
    alert.incident = lead.id;
    note(lead, alert);
    this.engine.touch(lead);
    this.engine.touch(alert);
  }

  /** Makes what may have been told already a part: whoever was told learns that it goes on as one. */
  private absorb(alert: Alert, lead: Alert, now: bigint): void {
    note(lead, alert);
    if (alert.state === 'pending') return;
    const wasTold = alert.told === 'firing' && alert.incident === '';
    if (wasTold) this.engine.tell(alert, 'resolved', now, 'joined');
    alert.incident = lead.id;
    alert.due = undefined;
    if (wasTold) this.engine.tell(alert, 'firing', now);
    for (const part of this.leads.has(alert.id) ? this.partsOf(alert) : []) {
      part.incident = lead.id;
      this.engine.touch(part);
    }
    this.engine.touch(alert);
  }

  /** Alerts of adjacencies of the router that are lost now, and were so within the window. */
  private lostWith({ scope, router }: RouterRef, now: bigint): Alert[] {
    return [...this.engine.alerts.at(endPlace('adjacency-lost', scope, router))].filter((alert) => alert.parts.length > 0 && lostAt(alert) > now - WINDOW_NS && endsOf(alert).includes(router));
  }

  /** Alerts of its BGP sessions: the kernel of a host whose daemons died closes them before the IGP notices. */
  private sessionsOf({ scope, router }: RouterRef, now: bigint): Alert[] {
    return [...this.engine.alerts.values()].filter((alert) => alert.rule === 'session-lost' && alert.parts.length > 0 && lostAt(alert) > now - WINDOW_NS
      && this.routersOf(alert).some((of) => of.scope === scope && of.router === router));
  }

  /** Routers whose end an alert may be part of. */
  private routersOf({ rule, labels }: Alert): RouterRef[] {
    if (rule !== 'session-lost') return endsOf({ labels }).map((router) => ({ scope: scopeOfLabels(labels), router }));
    return ['router', 'router_id', 'neighbor', 'neighbor_id'].flatMap((end) => routersNamed(this.memory, universeOf(labels), [labels[end] ?? '']));
  }

  /** Whether nothing is left of the router: it believes of nobody, or (where no tap hears it) nobody of it; nor has it a link that no tap sees. */
  private isDead(scope: string, router: string): boolean {
    const { views, graph } = this.engine;
    const own = views.of(scope, router);
    const about = views.about(scope, router);
    if (!noneHealthy(own.length > 0 ? own : about)) return false;
    const tapped = new Set([...own, ...about].map(({ link }) => link));
    return graph.neighbors(scope, router).every((neighbor) => [...views.of(scope, neighbor), ...views.about(scope, neighbor)].some(({ link }) => tapped.has(link)));
  }

  private partsOf(lead: Alert): Alert[] {
    return [...this.engine.alerts.values()].filter((alert) => alert.incident === lead.id);
  }
}

/** What an alert that may be a part is found by: its link, and by rule its ends, under each name that they have. */
export function placesOf(alert: Alert): string[] {
  if (!parts.has(alert.rule)) return [];
  const link = linkOf(alert);
  return [...(link === undefined ? [] : [link]), ...namesOf(alert).map((name) => endPlace(alert.rule, scopeOfLabels(alert.labels), name))];
}

/** Where those are found that may share a link with an alert. */
function placesBeside(alert: Alert): string[] {
  const link = linkOf(alert);
  const others = alert.rule === 'neighbor-missing' ? [...parts].filter((rule) => rule !== alert.rule) : ['neighbor-missing'];
  return [...(link === undefined ? [] : [link]), ...others.flatMap((rule) => namesOf(alert).map((name) => endPlace(rule, scopeOfLabels(alert.labels), name)))];
}

function endPlace(rule: string, scope: string, name: string): string {
  return `${rule}\n${scope}\n${name}`;
}

function namesOf({ labels }: Alert): string[] {
  return [...new Set(['router', 'router_name', 'neighbor', 'neighbor_name'].flatMap((end) => labels[end] ?? []))];
}

/** An IGP may be dead for days: a session that falls then is no part of that. */
function belongsTo(alert: Alert, incident: Alert): boolean {
  return alert.rule !== 'session-lost' || alert.decided < incident.decided + SESSION_WINDOW_NS;
}

function shareLink(a: Alert, b: Alert): boolean {
  if (a.rule === 'neighbor-missing' || b.rule === 'neighbor-missing') return a.rule !== b.rule && sharePair(a, b);
  const [left, right] = [linkOf(a), linkOf(b)];
  return left !== undefined && left === right;
}

/** An expected neighbour is named by id or by name, and its link may not be. */
function sharePair(a: Alert, b: Alert): boolean {
  const [{ labels: missing }, lost] = a.rule === 'neighbor-missing' ? [a, b] : [b, a];
  const names = namesOf(lost);
  return scopeOfLabels(missing) === scopeOfLabels(lost.labels) && endsOf({ labels: missing }).every((end) => names.includes(end)) && (missing['link'] === undefined || missing['link'] === lost.labels['link']);
}

/** Link and the addresses of its two ends; a session that was closed in so many words (Cease) ended by itself. */
function linkOf({ rule, labels }: Alert): string | undefined {
  if (rule === 'session-lost' && labels['code'] === '6') return undefined;
  const ends = rule === 'session-lost' ? [labels['router'], labels['neighbor']] : [labels['local_address'], labels['neighbor_address']];
  return labels['link'] === undefined || ends.includes(undefined) ? undefined : [universeOf(labels), labels['link'], ...ends.toSorted()].join('\n');
}

function sessionsText(sessions: number): string {
  return sessions === 0 ? '' : ` and ${sessions} BGP ${sessions === 1 ? 'session' : 'sessions'}`;
}

function noneHealthy(views: readonly View[]): boolean {
  return views.every(({ state }) => !isHealthy(state));
}

function keyOf({ scope, router }: RouterRef): string {
  return `${scope}\n${router}`;
}

function universeOf(labels: Readonly<Record<string, string>>): string {
  return `${labels['domain'] ?? ''}/${labels['network_instance'] ?? ''}`;
}

function scopeOfLabels(labels: Readonly<Record<string, string>>): string {
  return `${universeOf(labels)}/${labels['protocol'] ?? ''}`;
}

function endsOf({ labels }: Pick<Alert, 'labels'>): string[] {
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
