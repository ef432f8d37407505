/** The page: wires its panels to the API and to the live stream. */
import { readAddress } from './address.js';
import { Alerts } from './alerts.js';
import { authorization, getList, keepToken } from './api.js';
import { Counts } from './counts.js';
import { arrange, byId, el } from './dom.js';
import { clean, clockSeconds, day, duration } from './format.js';
import { follow } from './live.js';
import { hidePacket, preparePackets, showPacket } from './packet.js';
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
const alerts = new Alerts({
  around(fromMs, toMs) {
    timeline.between(fromMs, toMs);
    goTo('timeline');
  },
  ask(sql) {
    goTo('sql');
    void query.ask(sql);
  },
});
const adjacencies = new Adjacencies();
const sessions = new Sessions();
const coverage = new Coverage();
const counts = new Counts();
const routes = new Routes();

/** Rows reach the store up to about a second after their event: a change is read again a little later. */
const refresher = new Refresher({
  alerts: async () => { findings.alerts = await alerts.refresh(); },
  adjacency_events: async () => { findings.adjacencies = await adjacencies.refresh(); },
  session_events: async () => { findings.sessions = await sessions.refresh(); },
  coverage_events: async () => { findings.coverage = await coverage.refresh(); },
  neighbor_counts: async () => {
    await counts.refresh();
    findings.missing = await counts.refreshMissing();
  },
  route_changes: () => routes.refresh(),
  routers: drawRouters,
}, () => {
  drawFindings();
  tick();
});

const leave = follow({
  events(events, fresh) {
    timeline.take(events.filter(({ alert }) => alert === undefined), fresh);
    if (fresh) alerts.take(events);
    for (const event of events) {
      refresher.changed(event.table);
      if (event.table === 'adjacency_events') refresher.changed('neighbor_counts');
      if (event.table === 'session_events') refresher.changed('route_changes');
      if (fresh && event.severity === 'loss') byId('announcer', HTMLElement).textContent = clean(event.line);
      if (fresh && event.alert !== undefined) findings.alerts = alerts.health;
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

preparePackets();
document.addEventListener('token-needed', askForToken);
byId('sign-in', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  keepToken(byId('sign-in-token', HTMLInputElement).value.trim());
  location.reload();
});

void query.load();
if (readAddress().section !== 'timeline') void timeline.load().then(drawFindings);
refresher.start();
openAddress();
globalThis.addEventListener('hashchange', openAddress);
setInterval(tick, 1000);
tick();

/** Once: what was refused is read again with the token after a reload. */
function askForToken() {
  const form = byId('sign-in', HTMLFormElement);
  if (!form.hidden) return;
  refresher.stop();
  leave();
  hidePacket();
  byId('sign-in-note', HTMLElement).textContent = 'Authorization' in authorization() ? 'The token of this tab is not taken: it is wrong, was revoked or has expired.' : 'This server shows what it knows to those who have one. Who runs it makes it: routewatch token create NAME';
  form.hidden = false;
  byId('main', HTMLElement).classList.add('signed-out');
  byId('sign-in-token', HTMLInputElement).focus();
}

/** Shows what the address names: a panel as it was left, an alert, a question, a packet. */
function openAddress() {
  const { section, parameters } = readAddress();
  goTo(section);
  if (section === 'alerts') void alerts.open(parameters);
  else if (section === 'timeline') timeline.open(parameters);
  else if (section === 'sql') query.open(parameters);
  else if (section === 'packet') void showPacket(parameters.get('event') ?? '');
}

/** @param {string} section */
function goTo(section) {
  document.querySelector(`main > #${CSS.escape(section) || 'main'}, .columns > #${CSS.escape(section) || 'main'}`)?.scrollIntoView();
  for (const link of document.querySelectorAll('nav a')) {
    if (link.getAttribute('href') === `#/${section}`) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  }
}

/** Names of routers, to choose from. */
async function drawRouters() {
  const { rows } = await getList('/api/v1/routers', { limit: '2000' }).catch(() => ({ rows: [] }));
  const names = new Set(rows.map((row) => clean(row['name']) || clean(row['router'])).filter((name) => name !== ''));
  arrange(byId('routers', HTMLDataListElement), [...names].sort().map((name) => el('option', { value: name })));
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
