/** The timeline: history from SQL and events from the live stream in one list, newest first. */
import { getList } from './api.js';
import { byId, el, notice } from './dom.js';
import { clean, clock, count, day, fullTime, msOf, plural, shortSubject, words } from './format.js';
import { showFailure } from './table.js';
import { symbol, toneOfChange } from './tone.js';

/** @typedef {import('./live.js').LiveEvent} LiveEvent */
/** @typedef {import('./tone.js').Tone} Tone */
/**
 * @typedef {{ id: string, ms: number, time: string, kind: string, router: string, routerId: string, subject: string, previous: string,
 *   next: string, reason: string, tone: Tone, initial: boolean, line: string, fresh: boolean, words: string }} Entry
 */

const KEPT = 3000;
const SHOWN = 400;
/** What the history is made of: first sights of routes and of the topology are no news. @type {Record<string, string>[]} */
const HISTORY = [
  { kind: 'adjacency,session,coverage,rib,error,quarantine', limit: '400' },
  { kind: 'topology', initial: 'no', limit: '200' },
  { kind: 'route', initial: 'no', limit: '200' },
];
const BULK = new Set(['route', 'topology']);
const KINDS = [['', 'All'], ['loss', 'Losses'], ['adjacency', 'Adjacencies'], ['session', 'Sessions'], ['route', 'Routes'],
  ['topology', 'Topology'], ['coverage', 'Coverage']];

/** The panel with its filter, its kinds and its pause button. */
export class Timeline {
  /** @type {Map<string, Entry>} */
  #entries = new Map();
  /** @type {Map<string, HTMLLIElement>} */
  #elements = new Map();
  #kind = '';
  #filter = '';
  #paused = false;
  #waiting = 0;
  #drawing = false;
  #loaded = false;
  /** @type {(entry: Entry) => void} */
  #onAround;

  /** @param {{ around: (entry: Entry) => void }} handlers `around` is asked what else happened around an event */
  constructor({ around }) {
    this.#onAround = around;
    this.list = byId('timeline-list', HTMLOListElement);
    this.empty = byId('timeline-empty', HTMLElement);
    this.note = byId('timeline-note', HTMLElement);
    this.pause = byId('timeline-pause', HTMLButtonElement);
    this.pause.addEventListener('click', () => this.#togglePause());
    const filter = byId('timeline-filter', HTMLInputElement);
    filter.addEventListener('input', () => {
      this.#filter = filter.value.trim().toLowerCase();
      this.#draw();
    });
    byId('timeline-kinds', HTMLElement).append(...KINDS.map(([kind = '', title = '']) => el('button', {
      type: 'button', 'aria-pressed': String(kind === ''), 'data-kind': kind, click: () => this.#choose(kind),
    }, title)));
  }

  /** Loads the newest history from the store. */
  async load() {
    try {
      const lists = await Promise.all(HISTORY.map((asked) => getList('/api/v1/timeline', asked)));
      for (const row of lists.flatMap(({ rows }) => rows)) this.#add(entryOfRow(row));
      this.#loaded = true;
      this.#drawSoon();
    } catch (error) {
      this.#loaded = true;
      if (this.#entries.size === 0) showFailure(this.empty, error);
    }
  }

  /**
   * Takes events of the live stream.
   * @param {readonly LiveEvent[]} events
   * @param {boolean} fresh
   */
  take(events, fresh) {
    for (const event of events) this.#add(entryOfEvent(event, fresh));
    if (fresh && this.#paused) {
      this.#waiting += events.length;
      this.#drawPause();
    } else {
      this.#drawSoon();
    }
  }

  /** The newest loss that is known. @returns {Entry | undefined} */
  lastLoss() {
    return this.#sorted().find((entry) => entry.tone === 'loss');
  }

  /** @param {Entry} entry */
  #add(entry) {
    const before = this.#entries.get(entry.id);
    if (before !== undefined && before.line !== '') {
      // The store knows names that the event on its way did not.
      if (before.router !== before.routerId || entry.router === entry.routerId) return;
      entry = { ...before, router: entry.router, words: `${before.words} ${entry.router.toLowerCase()}` };
    }
    this.#entries.set(entry.id, entry);
    this.#elements.delete(entry.id);
    if (this.#entries.size > KEPT * 1.2) this.#forget();
  }

  /** Keeps the newest; of routes and topology less than of the rest. */
  #forget() {
    const sorted = this.#sorted();
    const bulk = sorted.filter(({ kind }) => BULK.has(kind)).slice(KEPT / 2);
    for (const old of [...bulk, ...sorted.slice(KEPT)]) this.#entries.delete(old.id);
  }

  #sorted() {
    return [...this.#entries.values()].sort((left, right) => right.ms - left.ms || (left.time < right.time ? 1 : -1));
  }

  #drawSoon() {
    if (this.#drawing || this.#paused) return;
    this.#drawing = true;
    setTimeout(() => {
      this.#drawing = false;
      if (!this.#paused) this.#draw();
    }, 60);
  }

  #draw() {
    const found = this.#sorted().filter((entry) => this.#matches(entry));
    const shown = found.slice(0, SHOWN);
    /** @type {Map<string, HTMLLIElement>} */
    const elements = new Map();
    /** @type {HTMLLIElement[]} */
    const children = [];
    let lastDay = day(Date.now());
    for (const entry of shown) {
      const today = day(entry.ms);
      if (today !== lastDay) children.push(el('li', { class: 'day' }, today));
      lastDay = today;
      const element = this.#elements.get(entry.id) ?? this.#drawEntry(entry);
      elements.set(entry.id, element);
      children.push(element);
    }
    this.#elements = elements;
    this.list.replaceChildren(...children);
    this.note.textContent = found.length > shown.length
      ? `newest ${count(shown.length)} of ${count(found.length)}` : plural(found.length, 'event');
    this.#drawEmpty(shown.length);
  }

  /** @param {number} shown */
  #drawEmpty(shown) {
    if (shown > 0) this.empty.replaceChildren();
    else if (this.#entries.size > 0) this.empty.replaceChildren(notice('Nothing matches', 'Clear the filter, or choose “All”. Older events: ask in SQL below.'));
    else if (this.#loaded) this.empty.replaceChildren(notice('Nothing has happened yet', 'Events appear here as they are decoded. To see some now: npx routewatch replay FILE.pcap'));
  }

  /** @param {Entry} entry */
  #matches(entry) {
    if (this.#kind === 'loss' ? entry.tone !== 'loss' && entry.tone !== 'error' : this.#kind !== '' && entry.kind !== this.#kind) return false;
    return this.#filter === '' || this.#filter.split(/\s+/).every((word) => entry.words.includes(word));
  }

  /** @param {Entry} entry */
  #drawEntry(entry) {
    const change = entry.previous === '' && entry.next === '' ? null : el('span', { class: 'event-change' },
      entry.previous === '' ? null : el('span', { class: 'event-previous' }, clean(entry.previous)),
      entry.previous === '' ? null : ' → ',
      el('b', {}, clean(entry.next)));
    const fresh = entry.fresh;
    entry.fresh = false;
    return el('li', { class: `event ${entry.tone}${fresh ? ' fresh' : ''}${entry.initial ? ' initial' : ''}`, 'data-id': entry.id },
      symbol(entry.tone),
      el('time', { datetime: Number.isFinite(entry.ms) ? new Date(entry.ms).toISOString() : '', title: fullTime(entry.ms) }, clock(entry.ms)),
      el('div', { class: 'event-body', title: clean(entry.line) || undefined },
        el('bdi', { class: 'event-router', title: clean(entry.routerId) }, clean(entry.router)), ' ',
        el('bdi', { class: 'event-subject', title: clean(entry.subject) }, shortSubject(entry.subject)), ' ',
        change, ' ',
        el('span', { class: 'event-reason' }, words(entry.reason))),
      el('button', { type: 'button', class: 'around', title: 'All that happened ten seconds around this', click: () => this.#onAround(entry) }, '±10 s'));
  }

  /** @param {string} kind */
  #choose(kind) {
    this.#kind = kind;
    for (const button of byId('timeline-kinds', HTMLElement).querySelectorAll('button')) {
      button.setAttribute('aria-pressed', String(button.dataset['kind'] === kind));
    }
    this.#draw();
  }

  #togglePause() {
    this.#paused = !this.#paused;
    this.#waiting = 0;
    this.#drawPause();
    if (!this.#paused) this.#draw();
  }

  #drawPause() {
    this.pause.setAttribute('aria-pressed', String(this.#paused));
    this.pause.textContent = !this.#paused ? 'Pause' : this.#waiting === 0 ? 'Resume' : `Resume (${count(this.#waiting)} new)`;
  }
}

/**
 * The kind of a table, in one word: `adjacency_events` → `adjacency`.
 * @param {string} name
 */
function kindOf(name) {
  return name.replace(/_(events|changes|marks|names)$/, '').replace(/^protocol_errors?$/, 'error').replace(/s$/, '');
}

/**
 * @param {LiveEvent} event
 * @param {boolean} fresh
 * @returns {Entry}
 */
function entryOfEvent(event, fresh) {
  const entry = {
    id: event.id, ms: msOf(event.time), time: event.time, kind: kindOf(event.table), router: event.routerName || event.router,
    routerId: event.router, subject: event.subject, previous: event.previous, next: event.next, reason: event.reason,
    tone: event.severity, initial: event.initial, line: event.line, fresh, words: '',
  };
  return { ...entry, words: wordsOf(entry) };
}

/**
 * @param {import('./api.js').Row} row
 * @returns {Entry}
 */
function entryOfRow(row) {
  const kind = kindOf(String(row['kind']));
  const entry = {
    id: String(row['event_id']), ms: msOf(row['time_ns']), time: String(row['time_ns']), kind,
    router: String(row['router_name'] || row['router']), routerId: String(row['router']), subject: String(row['subject']),
    previous: String(row['prev']), next: String(row['new']), reason: String(row['reason']),
    tone: toneOfChange(kind, row['prev'], row['new'], row['initial'] === true), initial: row['initial'] === true, line: '', fresh: false, words: '',
  };
  return { ...entry, words: wordsOf(entry) };
}

/** @param {Entry} entry */
function wordsOf(entry) {
  return [entry.kind, entry.router, entry.routerId, entry.subject, entry.previous, entry.next, entry.reason, words(entry.reason), entry.tone]
    .join(' ').toLowerCase();
}
