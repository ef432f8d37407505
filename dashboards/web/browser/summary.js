/** The tiles above: what is up, what was lost last, and whether we can see. */
import { byId, el } from './dom.js';
import { clean, count, shortSubject } from './format.js';
import { symbol } from './tone.js';

/** @typedef {import('./states.js').Health} Health */
/** @typedef {import('./timeline.js').Entry} Entry */
/** @typedef {{ adjacencies?: Health, sessions?: Health, coverage?: Health, loss?: Entry }} Findings */

/**
 * Draws the tiles from what is known; a part that failed is told as unknown.
 * @param {Findings} findings
 */
export function drawSummary({ adjacencies, sessions, coverage, loss }) {
  byId('tiles', HTMLElement).replaceChildren(
    healthTile('#adjacencies', 'Adjacencies', adjacencies, 'up', 'not up', 'none seen yet'),
    healthTile('#sessions', 'BGP sessions', sessions, 'established', 'not established', 'none seen yet'),
    healthTile('#coverage', 'Taps', coverage, 'without trouble', 'blind or suspect', 'none yet'),
    lossTile(loss));
}

/**
 * @param {string} target
 * @param {string} title
 * @param {Health | undefined} health
 * @param {string} good
 * @param {string} bad
 * @param {string} none what is said where there is nothing
 */
function healthTile(target, title, health, good, bad, none) {
  if (health === undefined) return tile(target, title, el('span', { class: 'muted' }, '–'), 'not known');
  if (health.all === 0) return tile(target, title, el('span', { class: 'muted' }, '0'), none);
  const missing = health.all - health.good - health.unknown;
  const value = el('span', {}, count(health.good), el('span', { class: 'tile-of' }, ` of ${count(health.all)}`));
  const unknown = health.unknown === 0 ? '' : `${count(health.unknown)} unknown`;
  if (health.ended === health.all) return tile(target, title, value, 'all closed: the recording has ended');
  if (missing === 0) return tile(target, title, value, unknown || `all ${good}`);
  return tile(target, title, value, el('span', {}, el('span', { class: 'loss-text' }, symbol('loss'), ` ${count(missing)} ${bad}`), unknown && ` · ${unknown}`));
}

/** @param {Entry | undefined} loss */
function lossTile(loss) {
  if (loss === undefined) return tile('#timeline', 'Last loss', el('span', { class: 'muted' }, '–'), 'none known');
  return tile('#timeline', 'Last loss', el('time', { 'data-since': loss.ms, 'data-ago': true }, ''),
    el('span', { class: 'loss-text' }, symbol('loss'), ' ', el('bdi', {}, clean(loss.router)), ' ', el('bdi', {}, shortSubject(loss.subject)), ` ${clean(loss.next)}`));
}

/**
 * @param {string} target
 * @param {string} title
 * @param {Node} value
 * @param {Node | string} note
 */
function tile(target, title, value, note) {
  return el('a', { class: 'tile', href: target }, el('span', { class: 'tile-title' }, title),
    el('span', { class: 'tile-value' }, value), el('span', { class: 'tile-note' }, note));
}
