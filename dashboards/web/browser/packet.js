/** The packet behind an event, in a dialog: each layer, each field, and the bytes. */
import { getPacket } from './api.js';
import { readAddress, writeAddress } from './address.js';
import { byId, el, notice } from './dom.js';
import { clean, count, plural } from './format.js';
import { showFailure } from './table.js';

/** @typedef {import('./dom.js').Child} Child */

/** Items of a list that are drawn; an UPDATE may have thousands of prefixes. */
const MOST_ITEMS = 200;
const MOST_BYTES = 4096;
const LONGEST_LINE = 60;
const WIDE = 16;
const NARROW = 8;
/** Numbers that people know in hexadecimal. */
const HEX_FIELDS = new Set(['seq-num', 'sequence', 'checksum', 'options', 'dd-sequence-number']);
/** What names an item of a list. */
const NAMES = ['name', 'packet-type', 'pdu-name', 'lsa-type', 'lsa-id', 'lsp-id', 'prefix', 'ip-prefix', 'neighbor-id', 'link-id', 'type'];

/**
 * A button that shows the packet behind an event.
 * @param {string} eventId
 * @param {string} [label]
 */
export function packetButton(eventId, label = 'Packet') {
  return el('button', { type: 'button', class: 'small', title: 'Show me the packet behind this, field by field', click: () => void showPacket(eventId) }, label);
}

/** The address to go back to when the dialog closes. */
let before = { section: '', parameters: {} };

/**
 * Opens the dialog; the address names the event meanwhile.
 * @param {string} eventId
 */
export async function showPacket(eventId) {
  const dialog = byId('packet', HTMLDialogElement);
  const body = byId('packet-body', HTMLElement);
  if (!dialog.open) {
    const { section, parameters } = readAddress();
    before = section === 'packet' ? { section: '', parameters: {} } : { section, parameters: Object.fromEntries(parameters) };
    dialog.showModal();
  }
  writeAddress('packet', { event: eventId });
  byId('packet-note', HTMLElement).textContent = '';
  body.replaceChildren(notice('Looking for the packet…', 'It is read from the log and explained by its decoder.'));
  const isAsked = () => dialog.open && readAddress().parameters.get('event') === eventId;
  try {
    const packet = await getPacket(eventId);
    if (!isAsked()) return;
    byId('packet-note', HTMLElement).textContent = clean(packet.event_type);
    body.replaceChildren(drawPacket(packet));
    body.scrollTop = 0;
  } catch (error) {
    if (isAsked()) showFailure(body, error);
  }
}

/** Wires the dialog: Escape and its button close it, and so does a click beside it. */
export function preparePackets() {
  const dialog = byId('packet', HTMLDialogElement);
  byId('packet-close', HTMLButtonElement).addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener('close', () => {
    if (before.section === '') history.replaceState(null, '', location.pathname);
    else writeAddress(before.section, before.parameters);
  });
}

/** Gives way to the form that asks for a token; the address still names the event for afterwards. */
export function hidePacket() {
  const { section, parameters } = readAddress();
  before = { section, parameters: Object.fromEntries(parameters) };
  byId('packet', HTMLDialogElement).close();
}

/** @param {import('./api.js').Packet} packet */
function drawPacket({ table, event_time: eventTime, evidence, tap, frame, time, bytes, explained }) {
  const said = [['Seen at', clean(tap)], ['Captured', `${clean(time)} UTC`], ['Event', `${clean(eventTime)} UTC`], ['How known', clean(evidence) || '–'], ['Frame', count(frame)], ['Row of', clean(table)], ['Bytes', count(bytes.length / 2)]];
  const layers = Object.entries(explained).filter(([name]) => name !== 'frame');
  return el('div', { class: 'packet' },
    el('dl', { class: 'facts' }, ...said.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, el('bdi', {}, value))])),
    el('div', { class: 'layers' }, ...layers.map(([name, value]) => drawLayer(name, value))),
    el('h3', {}, 'Bytes'),
    el('pre', { class: 'bytes', tabindex: 0, role: 'region', 'aria-label': 'Bytes of the frame in hexadecimal' }, hexDump(bytes)));
}

/**
 * @param {string} name
 * @param {unknown} value
 */
function drawLayer(name, value) {
  return el('details', { class: 'layer', open: true }, el('summary', {}, el('b', {}, clean(name)), el('span', { class: 'muted' }, headline(value))), drawValue(value, 0));
}

/**
 * A value as text, a list or nested fields.
 * @param {unknown} value
 * @param {number} depth
 * @returns {HTMLElement}
 */
function drawValue(value, depth) {
  if (Array.isArray(value)) return drawItems(value, depth);
  return el('dl', { class: 'fields' }, ...Object.entries(/** @type {object} */ (value)).flatMap(([name, field]) => drawField(name, field, depth)));
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {number} depth
 * @returns {Child[]}
 */
function drawField(name, value, depth) {
  if (isPlain(value)) return [el('dt', {}, clean(name)), el('dd', {}, el('bdi', {}, plainText(name, value)))];
  const size = Array.isArray(value) ? ` ${plural(value.length, 'entry', 'entries')}` : '';
  return [el('dt', {}, clean(name), size === '' ? null : el('span', { class: 'muted' }, size)), el('dd', { class: 'nested' }, drawValue(value, depth + 1))];
}

/**
 * @param {readonly unknown[]} items
 * @param {number} depth
 */
function drawItems(items, depth) {
  const shown = items.slice(0, MOST_ITEMS).map((item) => {
    if (isPlain(item)) return el('li', {}, el('bdi', {}, plainText('', item)));
    return el('li', {}, el('details', { class: 'item', open: items.length === 1 || depth < 1 },
      el('summary', {}, headline(item) || (Array.isArray(item) ? plural(item.length, 'entry', 'entries') : 'fields')), drawValue(item, depth + 1)));
  });
  const left = items.length - shown.length;
  return el('ol', { class: 'items' }, ...shown, left > 0 ? el('li', { class: 'muted' }, `${count(left)} more`) : null);
}

/** @param {unknown} value */
function isPlain(value) {
  return typeof value !== 'object' || value === null || (Array.isArray(value) ? value.every((item) => typeof item !== 'object' || item === null) : Object.keys(value).length === 0);
}

/**
 * @param {string} name
 * @param {unknown} value
 */
function plainText(name, value) {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.slice(0, MOST_ITEMS).map(clean).join(', ');
  if (typeof value === 'object') return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'number' && HEX_FIELDS.has(name) ? `${value} (0x${value.toString(16)})` : clean(value);
}

/**
 * The line by which somebody knows a layer or an item: from whom to whom, or what it is called.
 * @param {unknown} value
 */
function headline(value) {
  if (typeof value !== 'object' || value === null) return '';
  const fields = /** @type {Record<string, unknown>} */ (Array.isArray(value) && value.length === 1 ? value[0] : value);
  const part = (/** @type {string} */ name) => (isPlain(fields[name]) && fields[name] !== undefined ? clean(fields[name]) : '');
  const named = NAMES.map((name) => (name === 'type' && part('type') !== '' ? `type ${part('type')}` : part(name))).filter((text) => text !== '');
  const ends = part('source') === '' ? '' : `${part('source')} → ${part('destination')}`;
  const ports = part('source-port') === '' ? '' : `${part('source-port')} → ${part('destination-port')}`;
  const only = Object.keys(fields).find((name) => !['type', 'length'].includes(name));
  return [ends, ports, ...named.slice(0, 2), named.length === 1 && named[0]?.startsWith('type ') && only !== undefined ? fieldLine(only, fields[only]) : ''].filter((text) => text !== '').join(' · ');
}

/**
 * A field with its value where that is short.
 * @param {string} name
 * @param {unknown} value
 */
function fieldLine(name, value) {
  const text = isPlain(value) ? plainText(name, value) : '';
  return text === '' || text.length > LONGEST_LINE ? clean(name) : `${clean(name)}: ${text}`;
}

/**
 * Offset, bytes and what of them is ASCII, a line for each 16 (8 on a narrow page).
 * @param {string} hex
 */
function hexDump(hex) {
  const wide = globalThis.innerWidth < 700 ? NARROW : WIDE;
  const bytes = hex.match(/../g) ?? [];
  const lines = [];
  for (let at = 0; at < Math.min(bytes.length, MOST_BYTES); at += wide) {
    const row = bytes.slice(at, at + wide);
    const text = row.map((byte) => { const code = Number.parseInt(byte, 16); return code > 31 && code < 127 ? String.fromCharCode(code) : '·'; }).join('');
    lines.push(`${at.toString(16).padStart(4, '0')}  ${row.join(' ').padEnd(wide * 3 - 1)}  ${text}`);
  }
  return bytes.length > MOST_BYTES ? `${lines.join('\n')}\n${count(bytes.length - MOST_BYTES)} bytes more` : lines.join('\n');
}
