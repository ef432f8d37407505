/** The timeline: history from the store and events from the live stream in one list, newest first, filtered as the address says. */
import { writeAddress } from './address.js';
import { getList } from './api.js';
import { arrange, byId, el, notice } from './dom.js';
import { entryOfEvent, entryOfRow, matches, noFilter, timeOf } from './entries.js';
import { clean, clock, count, day, fullTime, plural, shortSubject, words } from './format.js';
import { packetButton } from './packet.js';
import { showFailure } from './table.js';
import { symbol } from './tone.js';

/** @typedef {import('./live.js').LiveEvent} LiveEvent */
/** @typedef {import('./entries.js').Entry} Entry */
/** @typedef {import('./entries.js').Filter} Filter */

const KEPT = 3000;
const STEP = 400;
const TYPING_MS = 350;
/** What the history is made of: first sights of routes and of the topology are no news. @type {Record<string, string>[]} */
const HISTORY = [
  { kind: 'adjacency,session,coverage,rib,error,quarantine', limit: '400' },
  { kind: 'topology', initial: 'no', limit: '200' },
  { kind: 'route', initial: 'no', limit: '200' },
];
const LOSSES = { kind: 'adjacency,session,coverage,error,quarantine', initial: 'no', limit: '1000' };
const BULK = new Set(['route', 'topology']);
const KINDS = [['', 'All'], ['loss', 'Losses'], ['adjacency', 'Adjacencies'], ['session', 'Sessions'], ['route', 'Routes'],
  ['topology', 'Topology'], ['coverage', 'Coverage'], ['error', 'Errors']];
/** Kinds of events that no packet is behind. */
const WITHOUT_PACKET = new Set(['coverage']);
/** Filters that are fields of the form, by the end of the field's id. */
const FIELDS = /** @type {const} */ (['protocol', 'router', 'from', 'to', 'text']);

/** The panel with its filters, its kinds and its pause button. */
export class Timeline {
  /** @type {Map<string, Entry>} */
  #entries = new Map();
  /** @type {Map<string, HTMLLIElement>} */
  #elements = new Map();
  /** @type {Filter} */
  #filter = { ...noFilter };
  #shown = STEP;
  #more = false;
  #paused = false;
  #waiting = 0;
  #drawing = false;
  #loaded = false;
  #typing = 0;
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
    this.older = byId('timeline-older', HTMLButtonElement);
    this.older.addEventListener('click', () => void this.#showOlder());
    for (const name of FIELDS) {
      const given = () => Object.fromEntries(FIELDS.map((each) => [each, field(each).value.trim()]));
      field(name).addEventListener(name === 'text' ? 'input' : 'change', () => this.#ask({ ...this.#filter, ...given() }, name === 'text' ? TYPING_MS : 0));
    }
    byId('timeline-clear', HTMLButtonElement).addEventListener('click', () => this.#ask({ ...noFilter }));
    byId('timeline-kinds', HTMLElement).append(...KINDS.map(([kind = '', title = '']) => el('button', {
      type: 'button', 'aria-pressed': String(kind === ''), 'data-kind': kind, click: () => this.#ask({ ...this.#filter, kind }),
    }, title)));
    byId('timeline-filters', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault());
  }

  /** What the address asks for. @param {URLSearchParams} parameters */
  open(parameters) {
    const given = Object.fromEntries(Object.keys(noFilter).map((name) => [name, (parameters.get(name) ?? '').slice(0, 100)]));
    this.#show(/** @type {Filter} */ ({ ...noFilter, ...given }));
  }

  /**
   * A stretch of time, whatever was filtered before.
   * @param {number} fromMs
   * @param {number} toMs
   */
  between(fromMs, toMs) {
    this.#ask({ ...noFilter, from: timeText(fromMs), to: timeText(toMs + 999) });
  }

  /** Loads the newest history from the store. */
  async load() {
    const filter = this.#filter;
    try {
      const lists = await this.#read();
      if (filter !== this.#filter) return;
      for (const row of lists.flatMap(({ rows }) => rows)) this.#add(entryOfRow(row));
      this.#more = lists.some(({ more }) => more);
      this.#loaded = true;
      this.#drawSoon();
    } catch (error) {
      this.#loaded = true;
      if (filter === this.#filter && this.#elements.size === 0) showFailure(this.empty, error);
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

  /** Rows that the filter wants, up to a time where that is given. @param {Entry} [before] */
  #read(before) {
    const { kind, protocol, router, from, to, text } = this.#filter;
    const asked = kind === 'loss' ? [LOSSES] : kind === '' ? HISTORY : [{ kind, initial: BULK.has(kind) ? 'no' : 'yes', limit: String(STEP) }];
    const bounds = { protocol, router, text, from: isoOf(from), to: before?.time ?? isoOf(to) };
    return Promise.all(asked.map((one) => getList('/api/v1/timeline', { ...one, ...bounds })));
  }

  /**
   * The address keeps the filter.
   * @param {Filter} filter
   * @param {number} [patience]
   */
  #ask(filter, patience) {
    writeAddress('timeline', filter);
    this.#show(filter, patience);
  }

  /**
   * What is known at once; what the store knows after some patience, in ms.
   * @param {Filter} filter
   * @param {number} [patience]
   */
  #show(filter, patience = 0) {
    this.#filter = filter;
    for (const name of FIELDS) if (field(name).value.trim() !== filter[name]) field(name).value = filter[name];
    for (const name of /** @type {const} */ (['from', 'to'])) field(name).setAttribute('aria-invalid', String(filter[name] !== '' && Number.isNaN(timeOf(filter[name]))));
    for (const button of byId('timeline-kinds', HTMLElement).querySelectorAll('button')) button.setAttribute('aria-pressed', String(button.dataset['kind'] === filter.kind));
    byId('timeline-clear', HTMLButtonElement).hidden = Object.values(filter).every((value) => value === '');
    this.#shown = STEP;
    this.#more = false;
    this.#loaded = false;
    this.#draw();
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => void this.load(), patience);
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

  /** Keeps what is shown, and the newest; of routes and topology less than of the rest. */
  #forget() {
    const sorted = this.#sorted();
    const bulk = sorted.filter(({ kind }) => BULK.has(kind)).slice(KEPT / 2);
    for (const old of [...bulk, ...sorted.slice(KEPT)]) if (!this.#elements.has(old.id)) this.#entries.delete(old.id);
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
    const found = this.#sorted().filter((entry) => matches(entry, this.#filter));
    const shown = found.slice(0, this.#shown);
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
    arrange(this.list, children);
    this.older.hidden = shown.length === 0 || (!this.#more && found.length === shown.length);
    this.note.textContent = found.length > shown.length || this.#more ? `newest ${count(shown.length)}` : plural(found.length, 'event');
    this.#drawEmpty(shown.length);
  }

  async #showOlder() {
    const last = [...this.#elements.keys()].at(-1);
    this.#shown += STEP;
    const oldest = last === undefined ? undefined : this.#entries.get(last);
    this.older.disabled = true;
    const lists = await this.#read(oldest).catch(() => []);
    for (const row of lists.flatMap(({ rows }) => rows)) this.#add(entryOfRow(row));
    this.#more = lists.some(({ more }) => more);
    this.older.disabled = false;
    this.#draw();
  }

  /** @param {number} shown */
  #drawEmpty(shown) {
    const filtered = Object.values(this.#filter).some((value) => value !== '');
    if (shown > 0) this.empty.replaceChildren();
    else if (!this.#loaded) this.empty.replaceChildren(notice('Loading…', 'The newest events are read from the store.'));
    else if (filtered) this.empty.replaceChildren(notice('Nothing matches', 'Take a filter back, or a longer time.'));
    else this.empty.replaceChildren(notice('Nothing has happened yet', 'Events appear here as they are decoded. To see some now: npx routewatch replay FILE.pcap'));
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
      el('div', { class: 'event-actions' },
        WITHOUT_PACKET.has(entry.kind) ? null : packetButton(entry.id),
        el('button', { type: 'button', class: 'small around', title: 'All that happened ten seconds around this', click: () => this.#onAround(entry) }, '±10 s')));
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

/** A field of the filter. @param {(typeof FIELDS)[number]} name */
function field(name) {
  const found = document.getElementById(name === 'text' ? 'timeline-filter' : `timeline-${name}`);
  if (found instanceof HTMLInputElement || found instanceof HTMLSelectElement) return found;
  throw new Error(`The page has no field #timeline-${name}`);
}

/** What a time field holds, in UTC. @param {number} ms */
function timeText(ms) {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

/** @param {string} text of a time field */
function isoOf(text) {
  const ms = timeOf(text);
  return Number.isNaN(ms) ? '' : new Date(ms).toISOString();
}
