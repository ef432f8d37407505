/** The live stream: follows /api/events, says whether it is connected, and hands events on. */

/**
 * @typedef {{ id: string, table: string, type: string, time: string, decidedTime: string, domain: string, link: string, router: string,
 *   routerName: string, subject: string, previous: string, next: string, reason: string,
 *   severity: 'info' | 'good' | 'loss' | 'error', initial: boolean, line: string }} LiveEvent
 */

/**
 * Follows the stream for as long as the page is open.
 * @param {{ events: (events: LiveEvent[], fresh: boolean) => void, status: (status: 'live' | 'waiting', text: string) => void,
 *   missed: () => void }} handlers `fresh` is false for the snapshot; `missed` when events were left out
 */
export function follow(handlers) {
  const source = new EventSource('/api/events');
  source.addEventListener('open', () => handlers.status('live', 'Live'));
  source.addEventListener('error', () => {
    handlers.status('waiting', 'Reconnecting…');
    if (source.readyState === EventSource.CLOSED) setTimeout(() => follow(handlers), 5000);
  });
  source.addEventListener('snapshot', (message) => handlers.events(parse(message), false));
  source.addEventListener('changes', (message) => handlers.events(parse(message), true));
  source.addEventListener('dropped', () => {
    handlers.status('waiting', 'Fell behind, catching up…');
    handlers.missed();
  });
}

/**
 * @param {MessageEvent} message
 * @returns {LiveEvent[]}
 */
function parse(message) {
  return JSON.parse(String(message.data));
}
