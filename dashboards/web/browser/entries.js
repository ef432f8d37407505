/** What the timeline is made of: events of the live stream and rows of the store in one shape, and which of them a filter wants. */
import { msOf, words } from './format.js';
import { toneOfChange } from './tone.js';

/** @typedef {import('./live.js').LiveEvent} LiveEvent */
/** @typedef {import('./tone.js').Tone} Tone */
/**
 * @typedef {{ id: string, ms: number, time: string, kind: string, protocol: string, router: string, routerId: string, subject: string, previous: string,
 *   next: string, reason: string, tone: Tone, initial: boolean, line: string, fresh: boolean, words: string }} Entry
 */
/** What is wanted: empty is any; times are as `timeOf` reads them. @typedef {{ kind: string, protocol: string, router: string, from: string, to: string, text: string }} Filter */

/** @type {Readonly<Filter>} */
export const noFilter = { kind: '', protocol: '', router: '', from: '', to: '', text: '' };

const PROTOCOLS = ['isis', 'ospfv2', 'ospfv3', 'bgp'];
const BGP_KINDS = new Set(['session', 'route', 'rib']);
const HAS_PROTOCOL = new Set(['adjacency', 'topology', 'error', 'quarantine']);

/**
 * Whether a filter wants an entry, as the API would.
 * @param {Entry} entry
 * @param {Filter} filter
 */
export function matches(entry, { kind, protocol, router, from, to, text }) {
  if (kind === 'loss' ? entry.tone !== 'loss' && entry.tone !== 'error' : kind !== '' && entry.kind !== kind) return false;
  if (protocol !== '' && entry.protocol !== protocol) return false;
  if (router !== '' && entry.router !== router && entry.routerId !== router) return false;
  if (entry.ms < timeOf(from) || entry.ms > timeOf(to)) return false;
  return text === '' || text.toLowerCase().split(/\s+/).every((word) => entry.words.includes(word));
}

/**
 * ms since 1970 of `2026-11-21`, `2026-11-21 02:19` and the like in UTC; NaN for what is none, and for nothing.
 * @param {string} text
 */
export function timeOf(text) {
  const [, date = '', hour = '00:00', seconds = ''] = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d)(:\d\d(?:\.\d+)?)?)?Z?$/.exec(text) ?? [];
  return Date.parse(`${date}T${hour}${seconds}Z`);
}

/**
 * @param {string} kind
 * @param {string} subject
 */
function protocolOf(kind, subject) {
  if (BGP_KINDS.has(kind)) return 'bgp';
  const first = subject.split(' ', 1)[0] ?? '';
  return HAS_PROTOCOL.has(kind) && PROTOCOLS.includes(first) ? first : '';
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
export function entryOfEvent(event, fresh) {
  const entry = {
    id: event.id, ms: msOf(event.time), time: event.time, kind: kindOf(event.table), protocol: protocolOf(kindOf(event.table), event.subject), router: event.routerName || event.router,
    routerId: event.router, subject: event.subject, previous: event.previous, next: event.next, reason: event.reason,
    tone: event.severity, initial: event.initial, line: event.line, fresh, words: '',
  };
  return { ...entry, words: wordsOf(entry) };
}

/**
 * @param {import('./api.js').Row} row
 * @returns {Entry}
 */
export function entryOfRow(row) {
  const kind = kindOf(String(row['kind']));
  const entry = {
    id: String(row['event_id']), ms: msOf(row['time_ns']), time: String(row['time_ns']), kind, protocol: protocolOf(kind, String(row['subject'])),
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
