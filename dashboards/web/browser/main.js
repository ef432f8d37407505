/** The page: wires its panels to the API and to the live stream. */
import { authorization, keepToken } from './api.js';
import { Counts } from './counts.js';
import { byId } from './dom.js';
import { clean, clockSeconds, day, duration } from './format.js';
import { follow } from './live.js';
import { Query } from './query.js';
import { Refresher } from './refresher.js';
import { Routes } from './routes.js';
import { Adjacencies, Coverage, Sessions } from './states.js';
import { drawSummary } from './summary.js';
import { Timeline } from './timeline.js';

/** @type {import('./summary.js').Findings} */
const findings = {};
const query = new Query();
const timeline = new Timeline({ around: (entry) => void askAround(entry.ms) });
const adjacencies = new Adjacencies();
const sessions = new Sessions();
const coverage = new Coverage();
const counts = new Counts();
const routes = new Routes();

/** Rows reach the store up to about a second after their event: a change is read again a little later. */
const refresher = new Refresher({
  adjacency_events: async () => { findings.adjacencies = await adjacencies.refresh(); },
  session_events: async () => { findings.sessions = await sessions.refresh(); },
  coverage_events: async () => { findings.coverage = await coverage.refresh(); },
  neighbor_counts: () => counts.refresh(),
  route_changes: () => routes.refresh(),
}, () => {
  drawFindings();
  tick();
});

follow({
  events(events, fresh) {
    timeline.take(events, fresh);
    for (const event of events) {
      refresher.changed(event.table);
      if (event.table === 'adjacency_events') refresher.changed('neighbor_counts');
      if (event.table === 'session_events') refresher.changed('route_changes');
      if (fresh && event.severity === 'loss') byId('announcer', HTMLElement).textContent = clean(event.line);
    }
    if (fresh) drawFindings();
  },
  status(status, text) {
    byId('live', HTMLElement).dataset['status'] = status;
    byId('live-text', HTMLElement).textContent = text;
  },
  missed() {
    void timeline.load();
    refresher.all();
  },
});

document.addEventListener('token-needed', askForToken);
byId('sign-in', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  keepToken(byId('sign-in-token', HTMLInputElement).value.trim());
  location.reload();
});

void query.load();
void timeline.load().then(drawFindings);
refresher.start();
setInterval(tick, 1000);
tick();

/** Once: what was refused is read again with the token after a reload. */
function askForToken() {
  const form = byId('sign-in', HTMLFormElement);
  if (!form.hidden) return;
  byId('sign-in-note', HTMLElement).textContent = 'Authorization' in authorization() ? 'The token of this tab is not taken any more.' : 'routewatch token create NAME makes one.';
  form.hidden = false;
  byId('sign-in-token', HTMLInputElement).focus();
}

function drawFindings() {
  findings.loss = timeline.lastLoss();
  drawSummary(findings);
  tick();
}

/** Counts ages up, and shows the time that all times of the page are told in. */
function tick() {
  const now = Date.now();
  byId('now', HTMLElement).textContent = `${day(now)} ${clockSeconds(now)} UTC`;
  for (const element of document.querySelectorAll('time[data-since]')) {
    if (!(element instanceof HTMLElement)) continue;
    const text = duration(now - Number(element.dataset['since'])) + (element.dataset['ago'] === undefined ? '' : ' ago');
    if (element.textContent !== text) element.textContent = text;
  }
}

/**
 * Asks what happened ten seconds around a time, in the SQL box.
 * @param {number} ms
 */
async function askAround(ms) {
  const at = new Date(ms).toISOString().replace('T', ' ').slice(0, 23);
  byId('sql', HTMLElement).scrollIntoView();
  await query.ask(`-- All that happened ten seconds around ${at} UTC
SELECT time, router_name, router, kind, subject, prev, new, reason
FROM routewatch.timeline
WHERE time BETWEEN toDateTime64('${at}', 9, 'UTC') - INTERVAL 10 SECOND
               AND toDateTime64('${at}', 9, 'UTC') + INTERVAL 10 SECOND
ORDER BY time
LIMIT 500`);
  byId('sql-result', HTMLElement).focus();
}
