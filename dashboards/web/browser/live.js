/** The live stream: follows /api/v1/events with the token of the page, goes on where it was, and hands events on. */
import { authorization } from './api.js';

/**
 * @typedef {{ id: string, table: string, type: string, time: string, decidedTime: string, domain: string, link: string, router: string,
 *   routerName: string, subject: string, previous: string, next: string, reason: string,
 *   severity: 'info' | 'good' | 'loss' | 'error', initial: boolean, line: string, alert?: Record<string, string> }} LiveEvent
 */

/** A browser gives few connections to one server: a tab that nobody looks at gives its own back after this time. */
const HIDDEN_MS = 60_000;
const RETRY_MS = 2000;
/** The server says every 15 seconds that it is there. */
const SILENCE_MS = 45_000;

/**
 * @typedef {{ events: (events: LiveEvent[], fresh: boolean) => void, status: (status: 'live' | 'waiting', text: string) => void,
 *   missed: () => void }} Handlers `fresh` is false for the snapshot; `missed` when events were left out
 */

/**
 * Follows the stream while the page is looked at; the result ends that.
 * @param {Handlers} handlers
 */
export function follow(handlers) {
  const place = { id: '' };
  let leave = new AbortController();
  let resting = false;
  let ended = false;
  let hidden = 0;
  const run = async () => {
    while (!resting) {
      leave = new AbortController();
      await read(handlers, place, leave).catch(() => undefined);
      if (resting) return;
      handlers.status('waiting', 'Reconnecting…');
      await new Promise((resolve) => { setTimeout(resolve, RETRY_MS); });
    }
  };
  document.addEventListener('visibilitychange', () => {
    clearTimeout(hidden);
    if (document.hidden) {
      hidden = setTimeout(() => {
        resting = true;
        leave.abort();
        handlers.status('waiting', 'Resting');
      }, HIDDEN_MS);
    } else if (resting && !ended) {
      resting = false;
      handlers.missed();
      void run();
    }
  });
  void run();
  return () => {
    [resting, ended] = [true, true];
    leave.abort();
    handlers.status('waiting', 'Signed out');
  };
}

/**
 * One connection, until it ends or is silent for too long.
 * @param {Handlers} handlers
 * @param {{ id: string }} place
 * @param {AbortController} leave
 */
async function read(handlers, place, leave) {
  const response = await fetch('/api/v1/events', {
    headers: { ...authorization(), ...(place.id === '' ? {} : { 'Last-Event-ID': place.id }) }, signal: leave.signal, cache: 'no-store', credentials: 'omit',
  });
  if (response.status === 401) document.dispatchEvent(new Event('token-needed'));
  if (!response.ok || response.body === null) throw new Error(`status ${response.status}`);
  handlers.status('live', 'Live');
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = '';
  for (;;) {
    const silent = setTimeout(() => leave.abort(), SILENCE_MS);
    const { done, value } = await reader.read().finally(() => clearTimeout(silent));
    if (done) return;
    const messages = (held + value).split('\n\n');
    held = messages.pop() ?? '';
    for (const message of messages) take(handlers, place, message);
  }
}

/**
 * @param {Handlers} handlers
 * @param {{ id: string }} place
 * @param {string} message
 */
function take(handlers, place, message) {
  const field = (/** @type {string} */ name) => new RegExp(`^${name}: (.*)$`, 'm').exec(message)?.[1] ?? '';
  const kind = field('event');
  place.id = field('id') || place.id;
  if (kind === 'snapshot') handlers.events(JSON.parse(field('data')), false);
  else if (kind === 'changes') handlers.events(JSON.parse(field('data')), true);
  else if (kind === 'lost' || kind === 'reset') handlers.missed();
  else if (kind === 'dropped') {
    handlers.status('waiting', 'Fell behind, catching up…');
    handlers.missed();
  }
}
