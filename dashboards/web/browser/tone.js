/** How states and events look: a tone (colour) and a symbol, so that nothing rests on colour alone. */
import { el } from './dom.js';
import { clean } from './format.js';

/** @typedef {'good' | 'loss' | 'error' | 'change' | 'info' | 'unknown'} Tone */

/** @type {Record<Tone, string>} */
const SYMBOLS = { good: '▲', loss: '▼', error: '✖', change: '◆', info: '•', unknown: '?' };
/** @type {Record<Tone, string>} */
const SPOKEN = { good: 'good', loss: 'loss', error: 'error', change: 'changing', info: 'information', unknown: 'unknown' };

const GOOD = new Set(['up', 'full', '2-way', 'established', 'restored', 'tap-opened', 'resolved']);
const ESTABLISHED = new Set(['up', 'full', 'established']);
const QUIET = new Set(['tap-opened', 'tap-closed', 'restored']);
const LOSS = new Set(['down', 'failed', 'idle', 'coverage-lost', 'firing']);
/** How bad an alert is; its word says it too. @type {Record<string, string>} */
const SEVERITIES = { critical: '■', error: '✖', warning: '△', info: '○' };

/**
 * The tone of a state of an adjacency, a session or a tap.
 * @param {unknown} state
 * @returns {Tone}
 */
export function toneOfState(state) {
  const name = String(state ?? '');
  if (name === 'tap-closed') return 'info';
  if (GOOD.has(name)) return 'good';
  if (LOSS.has(name)) return 'loss';
  return name === 'unknown' || name === '' ? 'unknown' : 'change';
}

/**
 * The tone of a line of the timeline that came from SQL, where no severity is stored: as the live sink tells it.
 * @param {string} kind
 * @param {unknown} previous
 * @param {unknown} next
 * @param {boolean} initial
 * @returns {Tone}
 */
export function toneOfChange(kind, previous, next, initial) {
  if (kind === 'error' || kind === 'quarantine') return 'error';
  if (kind === 'coverage') return next === 'coverage-lost' ? 'loss' : QUIET.has(String(next)) ? 'info' : 'error';
  if (kind !== 'adjacency' && kind !== 'session') return 'info';
  if (ESTABLISHED.has(String(next))) return 'good';
  return ESTABLISHED.has(String(previous)) && !initial ? 'loss' : 'info';
}

/**
 * The symbol of a tone, with its word for those who do not see it.
 * @param {Tone} tone
 */
export function symbol(tone) {
  return el('span', { class: `symbol ${tone}` },
    el('span', { 'aria-hidden': 'true' }, SYMBOLS[tone]), el('span', { class: 'spoken' }, `${SPOKEN[tone]}: `));
}

/**
 * A state as symbol and word.
 * @param {unknown} state
 */
export function stateMark(state) {
  const tone = toneOfState(state);
  return el('span', { class: `state ${tone}` },
    el('span', { 'aria-hidden': 'true', class: 'state-symbol' }, SYMBOLS[tone]), clean(state) || 'unknown');
}

/**
 * The severity of an alert as shape and word.
 * @param {unknown} severity
 */
export function severityMark(severity) {
  const name = String(severity);
  return el('span', { class: `severity ${name in SEVERITIES ? name : ''}` }, el('span', { 'aria-hidden': 'true' }, SEVERITIES[name] ?? '?'), ' ', clean(name));
}

/**
 * A router by name and id, or by id alone.
 * @param {unknown} name
 * @param {unknown} id
 */
export function routerMark(name, id) {
  const known = clean(name);
  if (known === '') return el('bdi', { class: 'router id-only', title: clean(id) }, clean(id));
  return el('bdi', { class: 'router', title: `${known} ${clean(id)}` }, el('span', { class: 'router-name' }, known), el('span', { class: 'router-id' }, ` ${clean(id)}`));
}
