/** Neighbour counts over time: one small step chart for each router, protocol and link, with one time axis. */
import { getList } from './api.js';
import { CHART_HEIGHT, stepChart, timeAt, timeAxis, valueAt } from './chart.js';
import { byId, el, notice } from './dom.js';
import { clean, clockSeconds, count, day, msOf, plural } from './format.js';
import { showFailure } from './table.js';
import { sinceMark } from './states.js';
import { routerMark, symbol } from './tone.js';

/** @typedef {import('./api.js').Row} Row */
/** @typedef {import('./chart.js').Step} Step */
/**
 * @typedef {{ key: string, row: Row, steps: Step[], text: string, falls: number, lastFall: number, lowest: number, highest: number, now: number,
 *   sure: boolean, expected: number | undefined }} Series
 */

/** Neighbours that are expected and not there; `expected` whether any are expected at all. @typedef {{ count: number, more: boolean, first: string, expected: boolean }} Missing */

const SPANS = ['5m', '15m', '1h', '6h', '24h', '7d'];
const SHOWN = 40;
const MISSING_SHOWN = 12;
/** Counts are written at least this often while a tap sees; what comes later is not known. */
const COUNTED_EVERY_MS = 60_000;

/** The panel with its time span and filter. */
export class Counts {
  #span = '1h';
  #chosen = false;
  #filter = '';
  /** @type {Series[]} */
  #series = [];
  #from = 0;
  #to = 0;
  /** @type {{ series: Series, value: HTMLElement }[]} */
  #shown = [];

  constructor() {
    this.place = byId('counts-list', HTMLElement);
    this.note = byId('counts-note', HTMLElement);
    this.cursor = el('div', { class: 'cursor', hidden: true }, el('span'));
    const filter = byId('counts-filter', HTMLInputElement);
    filter.addEventListener('input', () => {
      this.#filter = filter.value.trim().toLowerCase();
      this.#draw();
    });
    byId('counts-spans', HTMLElement).append(...SPANS.map((span) => el('button', {
      type: 'button', 'aria-pressed': String(span === this.#span), 'data-span': span, click: () => {
        this.#chosen = true;
        this.#choose(span);
      },
    }, span)));
    new ResizeObserver(() => this.#draw()).observe(this.place);
    this.place.addEventListener('pointermove', (event) => this.#point(event));
    this.place.addEventListener('pointerleave', () => this.#unpoint());
  }

  /** Which of the expected neighbours are not there. @returns {Promise<Missing | undefined>} */
  async refreshMissing() {
    const place = byId('missing', HTMLElement);
    try {
      const { rows, more } = await getList('/api/v1/missing-neighbors', { limit: '500' });
      const left = rows.length - MISSING_SHOWN;
      place.replaceChildren(...(rows.length === 0 ? [] : [el('ul', { class: 'missing', 'aria-label': 'Missing neighbours' },
        ...rows.slice(0, MISSING_SHOWN).map(missingMark), left > 0 ? el('li', { class: 'muted' }, `${count(left)}${more ? '+' : ''} more: “Which neighbours are missing?” in SQL`) : null)]));
      const [first] = rows;
      return {
        count: rows.length, more, expected: rows.length > 0 || this.#series.some(({ expected }) => expected !== undefined),
        first: first === undefined ? '' : `${nameOf(first, 'router')} → ${nameOf(first, 'neighbor')}`,
      };
    } catch (error) {
      showFailure(place, error);
      return undefined;
    }
  }

  async refresh() {
    const span = this.#span;
    try {
      const { rows, from, to, newest } = await getList('/api/v1/neighbor-counts', { since: span });
      if (span !== this.#span) return;
      this.#from = msOf(from);
      this.#to = msOf(to);
      this.#series = seriesOf(rows, msOf(newest) + COUNTED_EVERY_MS);
      if (!this.#chosen && rows.length > 0) this.#fit(this.#to - msOf(rows[0]?.['time_ns']));
      this.#drawn = '';
      this.#draw();
    } catch (error) {
      showFailure(this.place, error);
      this.#drawn = '';
    }
  }

  #drawn = '';

  #draw() {
    const wanted = this.#filter.split(/\s+/).filter((word) => word !== '');
    const found = this.#series.filter(({ text }) => wanted.every((word) => text.includes(word)));
    const width = this.#chartWidth();
    const state = `${width}|${this.#filter}`;
    if (this.#drawn === state) return;
    this.#drawn = state;
    this.#shown = [];
    this.#sayEnd(found.length);
    if (found.length === 0) {
      this.place.replaceChildren(this.#series.length === 0
        ? notice('No neighbour has been counted yet', 'Counts are written when they change and once a minute, from the first hello on.')
        : notice('No router matches', 'Clear the filter to see them all.'));
      return;
    }
    const axis = { from: this.#from, to: this.#to, width };
    const top = Math.max(...found.map(({ highest, expected }) => Math.max(highest, expected ?? 0)), 1);
    const rows = found.slice(0, SHOWN).map((series) => this.#drawRow(series, axis, Math.min(top, Math.max(series.highest, 2, series.expected ?? 0))));
    this.place.replaceChildren(...rows,
      el('div', { class: 'count-row axis-row' }, el('div', { class: 'count-label' }), el('div', { class: 'count-chart' }, timeAxis(axis)), el('div')),
      this.cursor);
  }

  /**
   * @param {Series} series
   * @param {import('./chart.js').Axis} axis
   * @param {number} top
   */
  #drawRow(series, axis, top) {
    const { row } = series;
    const name = clean(row['router_name']) || clean(row['router']);
    const label = `${name} on ${clean(row['link'])}: ${plural(series.now, 'adjacency', 'adjacencies')} now, lowest ${series.lowest}, highest ${series.highest}, `
      + (series.falls === 0 ? 'no fall' : `${plural(series.falls, 'fall')}, the last at ${clockSeconds(series.lastFall)}`);
    const value = el('span', { class: 'count-now' }, count(series.now));
    this.#shown.push({ series, value });
    return el('div', { class: 'count-row' },
      el('div', { class: 'count-label' }, routerMark(row['router_name'], row['router']),
        el('span', { class: 'count-link' }, el('bdi', {}, clean(row['link'])), ` · ${protocolOf(row)}`)),
      el('div', { class: 'count-chart' }, stepChart(series.steps, axis, { top, expected: series.expected, label })),
      el('div', { class: 'count-values' }, value,
        series.expected === undefined ? null : el('span', { class: isShort(series) ? 'loss-text' : 'count-range' }, `of ${series.expected} expected`),
        el('span', { class: 'count-range' }, series.lowest === series.highest ? 'steady' : `${series.lowest}–${series.highest}`),
        series.falls > 0 ? el('span', { class: 'count-falls', title: `last at ${clockSeconds(series.lastFall)} UTC` }, el('span', { 'aria-hidden': 'true' }, '▼ '), count(series.falls)) : null,
        series.sure ? null : el('span', { class: 'tag warn', title: 'Coverage was not full: the count may be too low' }, clean(row['coverage']))));
  }

  /** @param {number} found */
  #sayEnd(found) {
    const old = this.#to > 0 && Date.now() - this.#to > 60_000 ? `, to ${day(this.#to)} ${clockSeconds(this.#to)}, the newest in the store` : '';
    const many = found > SHOWN ? `first ${SHOWN} of ${count(found)}` : '';
    this.note.textContent = found === 0 ? '' : `adjacencies up; missing and fallen ones first${many && `, ${many}`}${old}`;
  }

  #chartWidth() {
    const { width } = this.place.getBoundingClientRect();
    return Math.max(120, Math.floor(width < 640 ? width - 20 : width - 220 - 150 - 44));
  }

  /**
   * Until somebody chooses: the shortest span, up to an hour, that holds all there is.
   * @param {number} age of the oldest count that was read, in ms
   */
  #fit(age) {
    const span = age <= 5 * 60_000 ? '5m' : age <= 15 * 60_000 ? '15m' : '1h';
    if (span !== this.#span) this.#choose(span);
  }

  /** @param {string} span */
  #choose(span) {
    this.#span = span;
    for (const button of byId('counts-spans', HTMLElement).querySelectorAll('button')) {
      button.setAttribute('aria-pressed', String(button.dataset['span'] === span));
    }
    void this.refresh();
  }

  /** @param {PointerEvent} event */
  #point(event) {
    const chart = this.place.querySelector('.count-chart');
    if (chart === null || this.#shown.length === 0) return;
    const place = this.place.getBoundingClientRect();
    const box = chart.getBoundingClientRect();
    const share = (event.clientX - box.left) / this.#chartWidth();
    if (share < 0 || share > 1) {
      this.#unpoint();
      return;
    }
    const ms = timeAt({ from: this.#from, to: this.#to, width: this.#chartWidth() }, share);
    this.cursor.hidden = false;
    this.cursor.style.left = `${event.clientX - place.left}px`;
    this.cursor.classList.toggle('left', share > 0.85);
    /** @type {HTMLElement} */ (this.cursor.firstElementChild).textContent = clockSeconds(ms);
    for (const { series, value } of this.#shown) value.textContent = String(valueAt(series.steps, ms) ?? '–');
  }

  #unpoint() {
    this.cursor.hidden = true;
    for (const { series, value } of this.#shown) value.textContent = count(series.now);
  }
}

/**
 * @param {Row} row
 * @param {'router' | 'neighbor'} end
 */
function nameOf(row, end) {
  return clean(row[`${end}_name`]) || clean(row[end]);
}

/** @param {Row} row */
function missingMark(row) {
  const state = clean(row['state']);
  return el('li', {}, symbol('loss'), ' ', routerMark(row['router_name'], row['router']), ' → ', routerMark(row['neighbor_name'], row['neighbor']),
    el('span', { class: 'muted' }, ` ${clean(row['protocol'])}${row['link'] === '' ? '' : ` on ${clean(row['link'])}`}: `), state === '' ? 'never seen' : `${state}, ${clean(row['reason']).replaceAll('-', ' ')}, for `, state === '' ? null : sinceMark(row['since_ns']));
}

/**
 * @param {readonly Row[]} rows in order of time
 * @param {number} known until when the counts are known, in ms
 * @returns {Series[]}
 */
function seriesOf(rows, known) {
  /** @type {Map<string, Row[]>} */
  const groups = new Map();
  for (const row of rows) {
    const key = ['domain', 'network_instance', 'protocol', 'router', 'link', 'level', 'area'].map((name) => String(row[name])).join('|');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups.entries()].map(([key, group]) => describe(key, group, known))
    .sort((left, right) => Number(isShort(right)) - Number(isShort(left)) || right.lastFall - left.lastFall || left.text.localeCompare(right.text));
}

/**
 * Whether neighbours are missing that the inventory expects.
 * @param {Series} series
 */
function isShort({ now, expected }) {
  return expected !== undefined && now < expected;
}

/**
 * @param {string} key
 * @param {readonly Row[]} group
 * @param {number} known
 * @returns {Series}
 */
function describe(key, group, known) {
  const steps = group.map((row) => ({ ms: msOf(row['time_ns']), value: Number(row['adjacencies']), sure: ['full', ''].includes(String(row['coverage'])) }));
  const falls = steps.filter((step, index) => step.value < (steps[index - 1]?.value ?? 0));
  const row = group.findLast(({ router_name: name }) => name !== '') ?? group.at(-1) ?? {};
  const values = steps.map(({ value }) => value);
  const last = steps.at(-1);
  if (last !== undefined && last.ms < known) steps.push({ ...last, ms: known, sure: false });
  return {
    key, row: { ...row, coverage: group.at(-1)?.['coverage'] }, steps,
    text: [row['router_name'], row['router'], row['link'], protocolOf(row)].join(' ').toLowerCase(),
    falls: falls.length, lastFall: falls.at(-1)?.ms ?? 0,
    lowest: Math.min(...values), highest: Math.max(...values), now: last?.value ?? 0, sure: last?.sure ?? false,
    expected: row['expected'] === null || row['expected'] === undefined ? undefined : Number(row['expected']),
  };
}

/** @param {Row} row */
function protocolOf(row) {
  return row['protocol'] === 'isis' ? `IS-IS L${String(row['level'])}` : `${clean(row['protocol']).replace('ospf', 'OSPF')} ${clean(row['area'])}`;
}

document.documentElement.style.setProperty('--chart-height', `${CHART_HEIGHT}px`);
