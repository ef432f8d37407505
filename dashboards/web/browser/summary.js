/** The tiles above: what is up, what was lost last, and whether we can see. */
import { byId, el } from './dom.js';
import { clean, count, shortSubject } from './format.js';
import { severityMark, symbol } from './tone.js';

/** @typedef {import('./states.js').Health} Health */
/** @typedef {import('./timeline.js').Entry} Entry */
/** @typedef {import('./alerts.js').AlertHealth} AlertHealth */
/** @typedef {import('./counts.js').Missing} Missing */
/** @typedef {{ alerts?: AlertHealth, adjacencies?: Health, missing?: Missing, sessions?: Health, coverage?: Health, loss?: Entry }} Findings */

/**
 * Draws the tiles from what is known; a part that failed is told as unknown.
 * @param {Findings} findings
 */
export function drawSummary({ alerts, adjacencies, missing, sessions, coverage, loss }) {
  const tiles = [
    alertTile(alerts),
    healthTile('#/adjacencies', 'Adjacencies', adjacencies, 'up', 'not up', 'none seen yet'),
    missingTile(missing),
    healthTile('#/sessions', 'BGP sessions', sessions, 'established', 'not established', 'none seen yet'),
    healthTile('#/coverage', 'Taps', coverage, 'without trouble', 'blind or suspect', 'none yet'),
    lossTile(loss),
  ];
  const place = byId('tiles', HTMLElement);
  tiles.forEach((drawn, index) => {
    const before = place.children[index];
    // Ages are counted up by themselves: only what else has changed is drawn again.
    if (before?.getAttribute('data-drawn') === drawn.getAttribute('data-drawn')) return;
    if (before === undefined) place.append(drawn);
    else before.replaceWith(drawn);
  });
}

/** @param {AlertHealth | undefined} alerts */
function alertTile(alerts) {
  if (alerts === undefined) return tile('#/alerts', 'Alerts', el('span', { class: 'muted' }, '–'), 'not known');
  if (alerts.firing === 0) return tile('#/alerts', 'Alerts', el('span', {}, '0'), alerts.all === 0 ? 'none yet' : 'nothing fires');
  return tile('#/alerts', 'Alerts firing', el('span', {}, count(alerts.firing)), el('span', {}, severityMark(alerts.worst), ' ', el('bdi', {}, clean(alerts.newest?.['subject']))));
}

/** @param {Missing | undefined} missing */
function missingTile(missing) {
  if (missing === undefined) return tile('#/counts', 'Missing neighbours', el('span', { class: 'muted' }, '–'), 'not known');
  if (!missing.expected) return tile('#/counts', 'Missing neighbours', el('span', { class: 'muted' }, '–'), 'none is set as expected');
  if (missing.count === 0) return tile('#/counts', 'Missing neighbours', el('span', {}, '0'), 'all that are expected are there');
  return tile('#/counts', 'Missing neighbours', el('span', {}, `${count(missing.count)}${missing.more ? '+' : ''}`),
    el('span', { class: 'loss-text' }, symbol('loss'), ' ', el('bdi', {}, clean(missing.first))));
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
  if (loss === undefined) return tile('#/timeline', 'Last loss', el('span', { class: 'muted' }, '–'), 'none known');
  return tile('#/timeline', 'Last loss', el('time', { 'data-since': loss.ms, 'data-ago': true }, ''),
    el('span', { class: 'loss-text' }, symbol('loss'), ' ', el('bdi', {}, clean(loss.router)), ' ', el('bdi', {}, shortSubject(loss.subject)), ` ${clean(loss.next)}`));
}

/**
 * @param {string} target
 * @param {string} title
 * @param {Node} value
 * @param {Node | string} note
 */
function tile(target, title, value, note) {
  const drawn = el('a', { class: 'tile', href: target }, el('span', { class: 'tile-title' }, title),
    el('span', { class: 'tile-value' }, value), el('span', { class: 'tile-note' }, note));
  drawn.dataset['drawn'] = `${drawn.textContent} ${[...drawn.querySelectorAll('time')].map((time) => time.dataset['since']).join(' ')}`;
  return drawn;
}
