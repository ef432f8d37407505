/** What the address says behind its #: `#/section?name=value`. A link to it opens the same view. */

/** Names that links of alerts use. @type {Record<string, string>} */
const ALIASES = { query: 'sql' };

/** @returns {{ section: string, parameters: URLSearchParams }} */
export function readAddress() {
  const [, name = '', search = ''] = /^#\/?([\w-]*)\??(.*)$/s.exec(location.hash) ?? [];
  return { section: ALIASES[name] ?? name, parameters: new URLSearchParams(search) };
}

/**
 * Says where we are without going anywhere; empty parameters are left out.
 * @param {string} section
 * @param {Record<string, string>} [parameters]
 */
export function writeAddress(section, parameters = {}) {
  history.replaceState(null, '', addressOf(section, parameters));
}

/**
 * @param {string} section
 * @param {Record<string, string>} [parameters]
 */
export function addressOf(section, parameters = {}) {
  const search = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== '')).toString();
  return `#/${section}${search === '' ? '' : `?${search}`}`;
}
