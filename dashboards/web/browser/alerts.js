/** Alerts as they stand: what fires first, and of each what, where, since when, why, and what else happened. */
import { addressOf, writeAddress } from './address.js';
import { getList } from './api.js';
import { arrange, byId, el, notice } from './dom.js';
import { clean, clockSeconds, count, duration, fullTime, msOf, plural, words } from './format.js';
import { packetButton } from './packet.js';
import { sinceMark } from './states.js';
import { showFailure } from './table.js';
import { severityMark, stateMark } from './tone.js';

/** @typedef {import('./api.js').Row} Row */
/** @typedef {import('./live.js').LiveEvent} LiveEvent */
/** @typedef {{ all: number, firing: number, worst: string, newest: Row | undefined }} AlertHealth what the summary says: the worst severity that fires, and the newest alert of it */

const SHOWN = 200;
const KEPT = 2000;
const CHOICES = [['', 'All'], ['firing', 'Firing'], ['resolved', 'Resolved']];
const SEVERITIES = ['critical', 'error', 'warning', 'info'];
/** Why nobody was told. @type {Record<string, string>} */
const UNTOLD = { incident: 'part of an incident', maintenance: 'maintenance: not told', old: 'old: not told' };
/** Labels that the line of the alert has already. */
const SAID = new Set(['domain', 'protocol', 'router', 'router_name', 'neighbor', 'neighbor_name', 'network_instance', 'state', 'prev_state']);
/** What happened around an alert: so long before and after. */
const AROUND_MS = 30_000;

/** The panel with its filter and its choice of states. */
export class Alerts {
  /** By id. @type {Map<string, Row>} */
  #rows = new Map();
  /** @type {Map<string, { text: string, element: HTMLLIElement }>} */
  #elements = new Map();
  /** @type {Set<string>} */
  #open = new Set();
  #state = '';
  #filter = '';
  /** @type {(fromMs: number, toMs: number) => void} */
  #onAround;
  /** @type {(sql: string) => void} */
  #onAsk;

  /** @param {{ around: (fromMs: number, toMs: number) => void, ask: (sql: string) => void }} handlers `around` shows a stretch of the timeline, `ask` a question in the SQL box */
  constructor({ around, ask }) {
    this.#onAround = around;
    this.#onAsk = ask;
    this.list = byId('alerts-list', HTMLOListElement);
    this.empty = byId('alerts-empty', HTMLElement);
    this.note = byId('alerts-note', HTMLElement);
    const filter = byId('alerts-filter', HTMLInputElement);
    filter.addEventListener('input', () => {
      this.#filter = filter.value.trim().toLowerCase();
      this.#draw();
    });
    byId('alerts-states', HTMLElement).append(...CHOICES.map(([state = '', title = '']) => el('button', {
      type: 'button', 'aria-pressed': String(state === ''), 'data-state': state, click: () => {
        this.#choose(state);
        writeAddress('alerts', { state });
      },
    }, title)));
  }

  /** @returns {Promise<AlertHealth | undefined>} */
  async refresh() {
    try {
      const { rows, states } = await getList('/api/v1/alerts', { limit: '500' });
      for (const row of rows) this.#put(row);
      // What came live stays: the store may not have it yet.
      for (const row of this.#sorted().slice(KEPT)) if (!this.#open.has(idOf(row))) this.#rows.delete(idOf(row));
      this.#draw();
      return this.#health(states ?? {});
    } catch (error) {
      // What is known stays, and what comes live comes all the same.
      showFailure(this.empty, error);
      return undefined;
    }
  }

  /**
   * Takes alerts of the live stream: they are here before the store has them.
   * @param {readonly LiveEvent[]} events
   */
  take(events) {
    const told = events.filter(({ alert }) => alert !== undefined);
    if (told.length === 0) return;
    for (const { alert, ...event } of told) {
      this.#put({ ...alert, domain: event.domain, link: event.link, router: event.router, router_name: event.routerName, subject: event.subject, reason: event.reason, state: event.next, changed_ns: event.time, event_id: event.id });
    }
    this.#draw();
  }

  /** @param {URLSearchParams} parameters */
  async open(parameters) {
    this.#choose(CHOICES.some(([state]) => state === parameters.get('state')) ? parameters.get('state') ?? '' : '');
    const id = plainId(parameters.get('alert') ?? '');
    if (id === '') return;
    this.#open.add(id);
    const { rows } = await getList('/api/v1/alerts', { alert: id }).catch(() => ({ rows: [] }));
    for (const row of rows) this.#put(row);
    this.#draw();
    const row = this.#elements.get(id)?.element;
    row?.scrollIntoView({ block: 'nearest' });
    row?.querySelector('button')?.focus({ preventScroll: true });
    if (row === undefined) this.note.textContent = 'The alert of this link is not in the store';
  }

  /** The newest transition counts. @param {Row} row */
  #put(row) {
    const id = idOf(row);
    const before = this.#rows.get(id);
    if (before === undefined || msOf(before['changed_ns']) <= msOf(row['changed_ns'])) this.#rows.set(id, row);
  }

  #sorted() {
    return [...this.#rows.values()].sort((left, right) => Number(left['state'] !== 'firing') - Number(right['state'] !== 'firing') || msOf(right['changed_ns']) - msOf(left['changed_ns']));
  }

  /** @param {Record<string, number>} states of all that the store has @returns {AlertHealth} */
  #health(states) {
    const firing = this.#sorted().filter((row) => row['state'] === 'firing' && !this.#isPart(row));
    const worst = SEVERITIES.find((severity) => firing.some((row) => row['severity'] === severity)) ?? '';
    return { all: Object.values(states).reduce((sum, rows) => sum + rows, 0), firing: firing.length, worst, newest: firing.find((row) => row['severity'] === worst) };
  }

  /** As of what is known now. */
  get health() {
    return this.#health({ known: this.#rows.size });
  }

  #draw() {
    const wanted = this.#filter.split(/\s+/).filter((word) => word !== '');
    const found = this.#sorted().filter((row) => {
      if (this.#open.has(idOf(row))) return true;
      if (wanted.length === 0 && this.#isPart(row)) return false;
      if (this.#state !== '' && row['state'] !== this.#state) return false;
      const text = Object.values(row).join(' ').toLowerCase();
      return wanted.every((word) => text.includes(word));
    });
    /** @type {Map<string, number>} */
    const parts = new Map();
    for (const { incident } of this.#rows.values()) parts.set(plainId(String(incident ?? '')), (parts.get(plainId(String(incident ?? ''))) ?? 0) + 1);
    /** @type {Map<string, { text: string, element: HTMLLIElement }>} */
    const elements = new Map();
    for (const row of found.slice(0, SHOWN)) {
      const id = idOf(row);
      const text = JSON.stringify([row, this.#open.has(id), parts.get(id)]);
      const known = this.#elements.get(id);
      const hasFocus = known !== undefined && document.activeElement?.closest('li') === known.element;
      elements.set(id, known?.text === text ? known : { text, element: this.#drawRow(row, parts.get(id) ?? 0, hasFocus) });
    }
    this.#elements = elements;
    arrange(this.list, [...elements.values()].map(({ element }) => element));
    this.#say(found.length);
  }

  /** Whether it is told with the incident that it is a part of. @param {Row} row */
  #isPart(row) {
    return this.#rows.has(plainId(String(row['incident'] ?? '')));
  }

  /** @param {number} found */
  #say(found) {
    const whole = [...this.#rows.values()].filter((row) => !this.#isPart(row));
    const firing = whole.filter((row) => row['state'] === 'firing').length;
    this.note.textContent = whole.length === 0 ? '' : `${count(firing)} firing, ${count(whole.length - firing)} resolved`;
    if (found > 0) this.empty.replaceChildren();
    else if (this.#rows.size === 0) this.empty.replaceChildren(notice('No alert has been raised yet', 'Losses of adjacencies and sessions, missing neighbours, blind taps and others appear here, with their reasons. The rules: docs/alerts.md'));
    else this.empty.replaceChildren(notice(this.#state === 'firing' ? 'Nothing fires' : 'No alert matches', this.#state === 'firing' ? 'All that was raised is resolved.' : 'Clear the filter, or choose “All”.'));
  }

  /**
   * @param {Row} row
   * @param {number} parts of the incident that it is
   * @param {boolean} isFocused whether the row that it replaces had the focus
   */
  #drawRow(row, parts, isFocused) {
    const id = idOf(row);
    const isOpen = this.#open.has(id);
    const firing = row['state'] === 'firing';
    const untold = UNTOLD[String(row['untold'])];
    const head = el('button', { type: 'button', class: 'alert-head', 'aria-expanded': String(isOpen), 'aria-controls': `alert-${id}`, click: () => this.#toggle(id) },
      severityMark(row['severity']), stateMark(row['state']),
      el('span', { class: 'alert-what' }, el('bdi', { class: 'alert-subject' }, clean(row['subject'])), el('span', { class: 'muted' }, ` · ${words(row['reason'])}`),
        parts === 0 ? null : el('span', { class: 'tag' }, plural(parts, 'part')), untold === undefined ? null : el('span', { class: 'tag' }, untold)),
      el('span', { class: 'alert-when' }, firing ? el('span', {}, 'for ', sinceMark(row['since_ns'])) : `${clockSeconds(msOf(row['changed_ns']))} · lasted ${lasted(row)}`));
    const item = el('li', { class: `alert ${firing ? 'firing' : 'resolved'} ${SEVERITIES.includes(String(row['severity'])) ? String(row['severity']) : ''}`, 'data-alert': id },
      head, isOpen ? this.#drawDetail(row) : null);
    if (isFocused) queueMicrotask(() => head.focus({ preventScroll: true }));
    return item;
  }

  /** @param {Row} row */
  #drawDetail(row) {
    const id = idOf(row);
    const [since, changed] = [msOf(row['since_ns']), msOf(row['changed_ns'])];
    const related = String(row['related'] ?? '').split('\n').filter((line) => line !== '');
    const parts = el('ul', { class: 'lines' });
    void this.#drawParts(id, parts);
    return el('div', { class: 'alert-detail', id: `alert-${id}` },
      el('p', { class: 'alert-summary' }, clean(row['summary'])),
      el('div', { class: 'actions' }, ...eventsOf(row).map((event, index, all) => packetButton(event, all.length === 1 ? 'Show me the packet' : `Packet ${index + 1}`)),
        el('button', { type: 'button', click: () => this.#onAround(since - AROUND_MS, (row['state'] === 'firing' ? since : changed) + AROUND_MS) }, 'Timeline around it'),
        el('button', { type: 'button', click: () => this.#onAsk(questionOf(row)) }, 'In SQL'),
        el('a', { class: 'button', href: `runbooks/${encodeURIComponent(String(row['rule']))}.md`, target: '_blank', rel: 'noopener' }, 'Runbook'),
        el('a', { class: 'button', href: addressOf('alerts', { alert: id }) }, 'Link to this')),
      el('dl', { class: 'facts' },
        ...fact('Why', `${words(row['reason'])}${row['evidence'] ? ` (${clean(row['evidence'])})` : ''}`),
        ...fact('Since', fullTime(since)), ...fact(row['state'] === 'firing' ? 'Decided' : 'Resolved', fullTime(changed)),
        ...fact('Where', whereOf(row)), ...fact('Rule', clean(row['rule'])), ...labelsOf(row).flatMap(([name, value]) => fact(name.replaceAll('_', ' '), value))),
      related.length === 0 ? null : el('div', {}, el('h3', {}, 'Around it'), el('ul', { class: 'lines' }, ...related.map((line) => el('li', {}, el('bdi', {}, clean(line)))))),
      el('div', {}, parts));
  }

  /**
   * What is part of an incident.
   * @param {string} id
   * @param {HTMLElement} list
   */
  async #drawParts(id, list) {
    const { rows } = await getList('/api/v1/alerts', { incident: id, limit: '200' }).catch(() => ({ rows: [] }));
    if (rows.length === 0) return;
    list.before(el('h3', {}, `Parts of this incident: ${count(rows.length)}`));
    list.replaceChildren(...rows.map((row) => el('li', {}, stateMark(row['state']), ' ', el('bdi', {}, clean(row['subject'])), ' ', el('span', { class: 'muted' }, words(row['reason'])))));
  }

  /** @param {string} id */
  #toggle(id) {
    if (!this.#open.delete(id)) this.#open.add(id);
    writeAddress('alerts', this.#open.has(id) ? { alert: id } : { state: this.#state });
    this.#draw();
  }

  /** @param {string} state */
  #choose(state) {
    this.#state = state;
    for (const button of byId('alerts-states', HTMLElement).querySelectorAll('button')) button.setAttribute('aria-pressed', String(button.dataset['state'] === state));
    this.#draw();
  }
}

/** @param {Row} row */
function idOf(row) {
  return plainId(String(row['alert_id']));
}

/** Notices have ids without dashes. @param {string} id */
function plainId(id) {
  return id.replaceAll('-', '').toLowerCase();
}

/** @param {Row} row */
function lasted(row) {
  return duration(msOf(row['changed_ns']) - msOf(row['since_ns']));
}

/**
 * @param {string} name
 * @param {string} value
 */
function fact(name, value) {
  return value === '' ? [] : [el('dt', {}, name), el('dd', {}, el('bdi', {}, value))];
}

/** @param {Row} row */
function whereOf(row) {
  const ends = [end(row['router_name'], row['router']), end(row['neighbor_name'], row['neighbor'])].filter((text) => text !== '').join(' → ');
  return [ends, clean(row['protocol']), row['link'] ? `link ${clean(row['link'])}` : '', row['domain'] ? `domain ${clean(row['domain'])}` : ''].filter((part) => part !== '').join(', ');
}

/**
 * @param {unknown} name
 * @param {unknown} id
 */
function end(name, id) {
  return name ? `${clean(name)} (${clean(id)})` : clean(id);
}

/** @param {Row} row @returns {[string, string][]} */
function labelsOf(row) {
  try {
    const labels = /** @type {Record<string, unknown>} */ (JSON.parse(String(row['labels'] || '{}')));
    return Object.entries(labels).filter(([name, value]) => !SAID.has(name) && name !== 'link' && value !== '').map(([name, value]) => [clean(name), clean(value)]);
  } catch {
    return [];
  }
}

/** @param {Row} row */
function eventsOf(row) {
  return String(row['events'] ?? '').split(' ').filter((id) => id !== '').slice(0, 4);
}

/** @param {Row} row */
function questionOf(row) {
  const id = idOf(row).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  return `-- All transitions of this alert\nSELECT time, state, severity, rule, subject, reason, told, untold, incident, since\nFROM routewatch.alerts\nWHERE alert_id = '${id}'\nORDER BY time`;
}
