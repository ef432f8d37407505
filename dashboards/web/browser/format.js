/** Texts for people: times in UTC, ages, counts, and names that come from the wire. */

/** Control characters and those that turn the direction of writing: shown, never obeyed. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const LONGEST = 240;
const ID_BEHIND_NAME = / \((?:[0-9a-f]{4}(?:\.[0-9a-f]{4}){2}|\d+(?:\.\d+){3})\)/;

/**
 * A text from the wire, made harmless to read; it still must go in as a text node.
 * @param {unknown} value
 */
export function clean(value) {
  const text = String(value ?? '').replace(UNSEEN, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/**
 * Milliseconds since 1970 of a time in nanoseconds (decimal); NaN for none.
 * @param {unknown} ns
 */
export function msOf(ns) {
  const text = String(ns ?? '');
  return /^\d{1,19}$/.test(text) && text !== '0' ? Number(text.slice(0, -6) || '0') + Number(text.slice(-6)) / 1e6 : Number.NaN;
}

/** @param {number} ms  @returns {string} `11:49:17.042` */
export function clock(ms) {
  return Number.isFinite(ms) ? new Date(ms).toISOString().slice(11, 23) : '';
}

/** @param {number} ms  @returns {string} `11:49:17` */
export function clockSeconds(ms) {
  return clock(ms).slice(0, 8);
}

/** @param {number} ms  @returns {string} `2026-11-21` */
export function day(ms) {
  return Number.isFinite(ms) ? new Date(ms).toISOString().slice(0, 10) : '';
}

/** @param {number} ms  @returns {string} `2026-11-21 11:49:17.042 UTC` */
export function fullTime(ms) {
  return Number.isFinite(ms) ? `${day(ms)} ${clock(ms)} UTC` : '';
}

/**
 * `12 s`, `3 min`, `2 h 05 min`, `4 d 3 h`.
 * @param {number} ms
 */
export function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return minutes < 10 ? `${minutes} min ${two(seconds % 60)} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${two(minutes % 60)} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** @param {number} value */
export function count(value) {
  return value.toLocaleString('en');
}

/**
 * `1 path`, `2 paths`.
 * @param {number} value
 * @param {string} one
 * @param {string} [many]
 */
export function plural(value, one, many = `${one}s`) {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/**
 * A reason as words: `hold-timer-expired` → `hold timer expired`; what routers said behind it stays as it is.
 * @param {unknown} reason
 */
export function words(reason) {
  return clean(reason).replace(/^[a-z]+(?:-[a-z]+)+/, (name) => name.replaceAll('-', ' '));
}

/**
 * A subject without the system id or router id behind a name.
 * @param {string} subject
 */
export function shortSubject(subject) {
  return clean(subject.replace(ID_BEHIND_NAME, ''));
}

/** @param {number} value */
function two(value) {
  return String(value).padStart(2, '0');
}
