/** Adjacencies, BGP sessions and coverage as they are now. */
import { getList } from './api.js';
import { byId, el } from './dom.js';
import { clean, clockSeconds, count, day, fullTime, msOf, plural, words } from './format.js';
import { packetButton } from './packet.js';
import { KeyedTable } from './table.js';
import { routerMark, stateMark, toneOfState } from './tone.js';

/** @typedef {import('./api.js').Row} Row */

/** What the summary says of a list: how many are as they should be, of how many that is not known, how many have ended. */
/** @typedef {{ good: number, unknown: number, all: number, ended?: number }} Health */

/** The packet by which a state is known. @type {import('./table.js').TableColumn} */
const packetColumn = { title: 'Packet', cell: (row) => packetButton(String(row['event_id']), 'Show'), class: 'act' };

/** Adjacencies with their filter. */
export class Adjacencies {
  /** @type {Row[]} */
  #rows = [];
  #filter = '';
  #more = false;

  constructor() {
    this.note = byId('adjacencies-note', HTMLElement);
    this.table = new KeyedTable(byId('adjacencies-list', HTMLElement), 'Adjacencies now', [
      { title: 'State', cell: (row) => stateMark(row['state']) },
      { title: 'Router', cell: (row) => routerMark(row['router_name'], row['router']) },
      { title: 'Neighbour', cell: (row) => routerMark(row['neighbor_name'], row['neighbor']) },
      { title: 'Since', cell: (row) => sinceMark(row['since_ns']), class: 'number' },
      { title: 'Link', cell: (row) => linkMark(row) },
      { title: 'Protocol', cell: (row) => protocolOf(row), class: 'mid' },
      { title: 'Hold', cell: (row) => Number(row['hold_time']) > 0 ? `${String(row['hold_time'])} s` : '', class: 'number roomy', hint: 'Hold time or dead interval in force' },
      { title: 'Why', cell: (row) => el('span', { title: words(row['reason']) }, words(row['reason'])), class: 'muted low ends' },
      packetColumn,
    ], (row) => ['domain', 'network_instance', 'link', 'protocol', 'level', 'area', 'router', 'neighbor', 'neighbor_address']
      .map((name) => String(row[name])).join('|'));
    const filter = byId('adjacencies-filter', HTMLInputElement);
    filter.addEventListener('input', () => {
      this.#filter = filter.value.trim().toLowerCase();
      this.#draw();
    });
  }

  /** @returns {Promise<Health | undefined>} */
  async refresh() {
    try {
      const { rows, more, states } = await getList('/api/v1/adjacencies');
      this.#rows = rows;
      this.#more = more;
      this.#draw();
      return healthOf(states ?? {});
    } catch (error) {
      this.table.fail(error);
      return undefined;
    }
  }

  #draw() {
    const wanted = this.#filter.split(/\s+/).filter((word) => word !== '');
    const rows = this.#rows.filter((row) => {
      const text = Object.values(row).join(' ').toLowerCase();
      return wanted.every((word) => text.includes(word));
    });
    this.note.textContent = this.#rows.length === 0 ? '' : `${count(rows.length)}${this.#more ? '+' : ''} ${rows.length === 1 ? 'view' : 'views'}, each side its own`;
    this.table.show(rows, this.#rows.length === 0
      ? { title: 'No adjacency has been seen yet', advice: 'Replay a capture (npx routewatch replay FILE.pcap), or start a collector where IS-IS or OSPF hellos pass.' }
      : { title: 'No adjacency matches', advice: 'Clear the filter to see them all.' });
  }
}

/** BGP sessions, a row for each end's view. */
export class Sessions {
  constructor() {
    this.note = byId('sessions-note', HTMLElement);
    this.table = new KeyedTable(byId('sessions-list', HTMLElement), 'BGP sessions now', [
      { title: 'State', cell: (row) => stateMark(row['state']) },
      { title: 'Router', cell: (row) => endMark(row['router_name'], row['router'], row['router_as']) },
      { title: 'Peer', cell: (row) => endMark(row['peer_name'], row['peer'], row['peer_as']) },
      { title: 'Since', cell: (row) => sinceMark(row['since_ns']), class: 'number' },
      { title: 'Why', cell: (row) => whyMark(row), class: 'muted wrap' },
      { title: 'Capabilities', cell: (row) => capabilityMark(row['capability_source']), class: 'muted roomy' },
      packetColumn,
    ], (row) => ['domain', 'network_instance', 'link', 'router', 'peer'].map((name) => String(row[name])).join('|'));
  }

  /** @returns {Promise<Health | undefined>} */
  async refresh() {
    try {
      const { rows, more, states } = await getList('/api/v1/sessions');
      this.note.textContent = rows.length === 0 ? '' : `${count(rows.length)}${more ? '+' : ''} views, one of each end`;
      this.table.show(rows, {
        title: 'No BGP session has been seen yet',
        advice: 'Tap a link that carries TCP port 179; a session that is up already is found by its next message.',
      });
      return healthOf(states ?? {});
    } catch (error) {
      this.table.fail(error);
      return undefined;
    }
  }
}

/** What the taps could see. */
export class Coverage {
  constructor() {
    this.note = byId('coverage-note', HTMLElement);
    this.table = new KeyedTable(byId('coverage-list', HTMLElement), 'Coverage of the taps', [
      { title: 'Time', cell: (row) => timeMark(row['time_ns']), class: 'number' },
      { title: 'Tap', cell: (row) => el('bdi', {}, clean(row['tap'])) },
      { title: 'What', cell: (row) => stateMark(row['what']) },
      { title: 'Detail', cell: (row) => el('bdi', {}, detailOf(row)), class: 'muted wrap' },
    ], (row) => String(row['event_id']));
  }

  /** @returns {Promise<Health | undefined>} */
  async refresh() {
    try {
      const { rows } = await getList('/api/v1/coverage', { limit: '300' });
      this.table.show(rows, {
        title: 'No tap has reported yet',
        advice: 'Each tap says when it opens, loses frames, falls silent or comes back.',
      });
      return coverageHealth(rows);
    } catch (error) {
      this.table.fail(error);
      return undefined;
    }
  }
}

/**
 * Rows come newest first: the first word of each tap is its state; a closed tap has ended and is not blind.
 * @param {readonly Row[]} rows
 * @returns {Health}
 */
function coverageHealth(rows) {
  /** @type {Map<string, string>} */
  const taps = new Map();
  for (const row of rows) {
    const tap = `${String(row['domain'])}|${String(row['tap'])}`;
    const what = String(row['what']);
    if (!taps.has(tap) && what !== 'gap' && what !== 'state-reset') taps.set(tap, what);
  }
  const states = [...taps.values()];
  return { all: states.length, unknown: 0, ended: states.filter((what) => what === 'tap-closed').length, good: states.filter((what) => !['coverage-lost', 'coverage-suspect'].includes(what)).length };
}

/** @param {Record<string, number>} states  @returns {Health} */
function healthOf(states) {
  const health = { good: 0, unknown: 0, all: 0 };
  for (const [state, rows] of Object.entries(states)) {
    health.all += rows;
    const tone = toneOfState(state);
    if (tone === 'good' || tone === 'unknown') health[tone] += rows;
  }
  return health;
}

/** @param {Row} row */
function protocolOf(row) {
  const protocol = clean(row['protocol']);
  if (protocol === 'isis') return `IS-IS L${String(row['level'])}`;
  return `${protocol.replace('ospf', 'OSPF')} ${clean(row['area'])}`;
}

/** @param {Row} row */
function linkMark(row) {
  const address = clean(row['local_address']);
  const vlan = Number(row['vlan']);
  const name = clean(row['interface_name']);
  return el('bdi', { class: 'link', title: [clean(row['link']), `domain ${clean(row['domain'])}`, name === '' ? '' : `interface ${name}`, address === '' ? '' : `local ${address}`, clean(row['neighbor_address']) && `neighbour ${clean(row['neighbor_address'])}`,
    vlan > 0 ? `VLAN ${vlan}` : ''].filter((part) => part !== '').join(', ') }, clean(row['link']));
}

/**
 * One end of a session: name or address, and its AS.
 * @param {unknown} name
 * @param {unknown} address
 * @param {unknown} as
 */
function endMark(name, address, as) {
  return el('span', { class: 'end', title: clean(address) }, routerMark(name, address),
    Number(as) > 0 ? el('span', { class: 'as' }, ` AS${String(as)}`) : null);
}

/**
 * Reason, code and subcode of the NOTIFICATION, and the shutdown communication (RFC 9003).
 * @param {Row} row
 */
function whyMark(row) {
  const code = Number(row['code']) > 0 ? ` ${String(row['code'])}/${String(row['subcode'])}` : '';
  const said = clean(row['shutdown_text']);
  return el('span', { class: 'why', title: `${words(row['reason'])}${code} ${said}` }, words(row['reason']), code, said === '' ? null : el('bdi', { class: 'said' }, ` “${said}”`));
}

/** @param {unknown} source */
function capabilityMark(source) {
  /** @type {Record<string, string>} */
  const names = { open: 'from OPEN', inferred: 'inferred', assumed: 'assumed' };
  return names[String(source)] ?? clean(source);
}

/** @param {Row} row */
function detailOf(row) {
  const lost = Number(row['lost']);
  const from = msOf(row['from_ns']);
  const to = msOf(row['to_ns']);
  const span = Number.isFinite(from) && Number.isFinite(to) && to > from ? `${clockSeconds(from)}–${clockSeconds(to)}` : '';
  return [clean(row['subject']) === clean(row['tap']) ? '' : clean(row['subject']), clean(row['detail']), lost > 0 ? `${plural(lost, 'frame')} lost` : '', span]
    .filter((part) => part !== '').join(' · ');
}

/**
 * An age that goes on by itself (main.js counts it up).
 * @param {unknown} ns
 */
export function sinceMark(ns) {
  const ms = msOf(ns);
  return Number.isFinite(ms) ? el('time', { 'data-since': ms, datetime: new Date(ms).toISOString(), title: fullTime(ms) }, '') : '';
}

/** @param {unknown} ns */
function timeMark(ns) {
  const ms = msOf(ns);
  if (!Number.isFinite(ms)) return '';
  const text = day(ms) === day(Date.now()) ? clockSeconds(ms) : `${day(ms)} ${clockSeconds(ms)}`;
  return el('time', { datetime: new Date(ms).toISOString(), title: fullTime(ms) }, text);
}
