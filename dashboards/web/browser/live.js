/** The live stream: follows /api/v1/events, says whether it is connected, and hands events on. */

/**
 * @typedef {{ id: string, table: string, type: string, time: string, decidedTime: string, domain: string, link: string, router: string,
 *   routerName: string, subject: string, previous: string, next: string, reason: string,
 *   severity: 'info' | 'good' | 'loss' | 'error', initial: boolean, line: string }} LiveEvent
 */

/** A browser gives few connections to one server: a tab that nobody looks at gives its own back after this time. */
const HIDDEN_MS = 60_000;
const RETRY_MS = 5000;

/**
 * Follows the stream while the page is looked at.
 * @param {{ events: (events: LiveEvent[], fresh: boolean) => void, status: (status: 'live' | 'waiting', text: string) => void,
 *   missed: () => void }} handlers `fresh` is false for the snapshot; `missed` when events were left out
 */
export function follow(handlers) {
  /** @type {EventSource | undefined} */
  let source = open(handlers);
  let hidden = 0;
  document.addEventListener('visibilitychange', () => {
    clearTimeout(hidden);
    if (document.hidden) {
      hidden = setTimeout(() => {
        source?.close();
        source = undefined;
        handlers.status('waiting', 'Resting');
      }, HIDDEN_MS);
    } else if (source === undefined) {
      source = open(handlers);
      handlers.missed();
    }
  });
  setInterval(() => {
    if (source?.readyState === EventSource.CLOSED) source = open(handlers);
  }, RETRY_MS);
}

/**
 * @param {Parameters<typeof follow>[0]} handlers
 * @returns {EventSource}
 */
function open(handlers) {
  const source = new EventSource('/api/v1/events');
  source.addEventListener('open', () => handlers.status('live', 'Live'));
  source.addEventListener('error', () => handlers.status('waiting', 'Reconnecting…'));
  source.addEventListener('snapshot', (message) => handlers.events(parse(message), false));
  source.addEventListener('changes', (message) => handlers.events(parse(message), true));
  for (const left of ['lost', 'reset']) source.addEventListener(left, () => handlers.missed());
  source.addEventListener('dropped', () => {
    handlers.status('waiting', 'Fell behind, catching up…');
    handlers.missed();
  });
  return source;
}

/**
 * @param {MessageEvent} message
 * @returns {LiveEvent[]}
 */
function parse(message) {
  return JSON.parse(String(message.data));
}
