/** Requests to the page's own API; failures are `ApiError` with the server's words. */

/** @typedef {Record<string, unknown>} Row */
/** @typedef {{ rows: Row[], more: boolean, states?: Record<string, number>, from?: string, to?: string, newest?: string }} List */
/** @typedef {{ columns: { name: string, type: string }[], rows: unknown[][], more: boolean, elapsedMs: number }} QueryResult */
/**
 * @typedef {{ table: string, event_type: string, event_time: string, evidence: string, tap: string, frame: number, time: string, bytes: string,
 *   explained: Record<string, unknown> }} Packet
 */

/** A refused or failed request: `title` is short, `message` says what happened and what to try. */
export class ApiError extends Error {
  /**
   * @param {string} title
   * @param {string} detail
   * @param {string} name error name of the store, '' if it is not from there
   */
  constructor(title, detail, name) {
    super(detail);
    this.title = title;
    this.storeName = name;
  }
}

const STORED = 'routewatch-token';

/** The header that shows the token of this tab, if it has one. @returns {Record<string, string>} */
export function authorization() {
  const token = sessionStorage.getItem(STORED);
  return token === null ? {} : { Authorization: `Bearer ${token}` };
}

/**
 * Keeps a token until the tab is closed; an empty one forgets it.
 * @param {string} token
 */
export function keepToken(token) {
  if (token === '') sessionStorage.removeItem(STORED);
  else sessionStorage.setItem(STORED, token);
}

/**
 * One list of the API; empty parameters are left out.
 * @param {string} path such as `/api/v1/adjacencies`
 * @param {Record<string, string>} [parameters]
 * @returns {Promise<List>}
 */
export async function getList(path, parameters = {}) {
  const search = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== ''));
  const text = search.toString();
  return /** @type {Promise<List>} */ (ask(text === '' ? path : `${path}?${text}`, {}));
}

/**
 * The packet behind an event.
 * @param {string} eventId
 * @returns {Promise<Packet>}
 */
export async function getPacket(eventId) {
  return /** @type {Promise<Packet>} */ (ask(`/api/v1/packets/${encodeURIComponent(eventId)}`, {}));
}

/**
 * Runs one SELECT as the store's reader.
 * @param {string} sql
 * @param {AbortSignal} signal
 * @returns {Promise<QueryResult>}
 */
export async function runQuery(sql, signal) {
  return /** @type {Promise<QueryResult>} */ (ask('/api/v1/query', {
    method: 'POST',
    body: JSON.stringify({ sql }),
    signal,
  }));
}

/**
 * @param {string} url
 * @param {RequestInit} options
 * @returns {Promise<unknown>}
 */
async function ask(url, options) {
  /** @type {Response} */
  let response;
  try {
    response = await fetch(url, { ...options, headers: { ...authorization(), ...(options.body === undefined ? {} : { 'Content-Type': 'application/json' }) }, cache: 'no-store', credentials: 'omit' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError('RouteWatch does not answer', 'Is it still running? This page comes back by itself', '');
  }
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  if (response.status === 401) document.dispatchEvent(new Event('token-needed'));
  const { title = `Error ${response.status}`, detail = '', name = '' } = /** @type {Record<string, string>} */ (body);
  throw new ApiError(title, detail, name);
}
