/** What the page shows on demand, in Debian's Chromium: alerts, the packet behind an event, filters and questions that stand in the address. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LiveAlert } from '../../stream/contract/live.ts';
import { Problem, startWeb } from './index.ts';
import { chromiumPath, hasChromium, openTab, openTestPage, startChromium, type TestPage } from './testing.ts';
import { alertIds, insertAlerts, insertNetwork } from './testing-rows.ts';

/** As `expect.poll`, for a machine that has other things to do as well. */
const eventually = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 20_000, interval: 100 });

const packet = {
  table: 'session_events', event_type: 'bgp.backward_transition', event_time: '2026-11-21 10:00:00.000000001', evidence: 'received', tap: 'lon1-transit1', frame: 7, time: '2026-11-21 10:00:00',
  bytes: 'ff'.repeat(16) + '0017030602',
  explained: {
    frame: { number: 7 }, ip: { version: 4, source: '192.0.2.2', destination: '192.0.2.1', ttl: 1 },
    bgp: [{ length: 23, type: 3, name: 'notification', 'shutdown-communication': '<script>alert(4)</script>', data: { nlri: Array.from({ length: 300 }, (_, index) => ({ prefix: `198.18.${index}.0/24` })) } }],
  },
};

const liveAlert: LiveAlert = {
  alert_id: 'eeeeeeee-0000-4000-8000-000000000000', rule: 'tap-blind', severity: 'error', protocol: '', neighbor: '', neighbor_name: '', summary: 'The tap ams1-peer1 is silent.', evidence: 'timer', untold: '',
  incident: '', labels: '{}', related: '', events: '', since_ns: '1795000000000000000',
};

if (!hasChromium) console.warn(`not run: views of the page in a browser, as there is no ${chromiumPath} (apt-get install chromium)`);

describe.skipIf(!hasChromium)(`views of the page (${hasChromium ? 'Chromium' : `not run: no ${chromiumPath}, apt-get install chromium`})`, () => {
  let served: TestPage;
  let browser: Browser;
  const failures: string[] = [];
  const gone = crypto.randomUUID();
  /** One tab for all, as somebody has who works with it: only the part behind # changes. */
  let tab: Page;
  const show = (hash: string): Promise<void> => tab.evaluate(`location.hash = ${JSON.stringify(hash)}`);

  beforeAll(async () => {
    served = await openTestPage({
      packets: (id) => { if (id === gone) throw new Problem(410, 'The packet is gone', 'frames record 5 of partition 0 is gone from the log'); return Promise.resolve(packet); },
    });
    await insertNetwork(served.writer, Date.now());
    await insertAlerts(served.writer, Date.now());
    browser = await startChromium();
    tab = await openTab(browser, served.web, failures, `/#/alerts?alert=${alertIds.incident}`);
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  describe('alerts', () => {
    it('open from the link of a notice, with reason, place, what else happened and its parts', async () => {
      const row = tab.locator(`li[data-alert="${alertIds.incident}"]`);
      await row.getByText('Parts of this incident: 1').waitFor();
      const text = await row.innerText();
      for (const part of ['lost all its isis adjacencies', 'router silent (timer)', 'domain core', 'par1-lon1', '<b>ams1</b> -> lon1', 'adjacency par1 -> lon1']) expect(text).toContain(part);
      expect(await tab.evaluate('document.activeElement.getAttribute("aria-expanded")')).toBe('true');
      const [runbook] = await Promise.all([tab.context().waitForEvent('page'), row.getByRole('link', { name: 'Runbook' }).click()]);
      await runbook.waitForLoadState();
      expect(await runbook.locator('body').innerText()).toContain('router-silent');
      await runbook.close();
    });

    it('stand with what fires first, the parts of an incident within it', async () => {
      const rows = tab.locator('#alerts-list > li');
      await eventually(() => rows.count()).toBe(3);
      expect(await rows.allInnerTexts()).toMatchObject([
        expect.stringMatching(/critical[\s\S]*firing[\s\S]*lon1[\s\S]*1 part/), expect.stringMatching(/error[\s\S]*firing[\s\S]*BGP session/), expect.stringMatching(/warning[\s\S]*resolved[\s\S]*fra1[\s\S]*lasted 5 min/),
      ]);
      expect(await tab.locator('#tiles').innerText()).toMatch(/Alerts firing\s+2\s+■ critical router lon1/);
      const head = rows.first().locator('.alert-head');
      await head.press('Enter');
      await eventually(() => head.getAttribute('aria-expanded')).toBe('false');
      await tab.getByRole('button', { name: 'Resolved', exact: true }).click();
      await eventually(() => rows.count()).toBe(1);
      expect(new URL(tab.url()).hash).toBe('#/alerts?state=resolved');
      await tab.locator('#alerts-states').getByRole('button', { name: 'All', exact: true }).click();
    });

    it('come and go without reload, before the store has them', async () => {
      await eventually(() => served.feed.listeners).toBe(1);
      const alert = { ...liveAlert, since_ns: `${Date.now()}000000` };
      served.feed.tell({ table: 'alerts', previous: '', next: 'firing', subject: 'tap ams1-peer1', router: '', routerName: '', reason: 'coverage-lost', line: 'alert error firing: The tap ams1-peer1 is silent.', alert });
      const row = tab.locator('li[data-alert="eeeeeeee000040008000000000000000"]');
      await row.getByText('firing').waitFor({ timeout: 5000 });
      expect(await tab.locator('#announcer').textContent()).toBe('alert error firing: The tap ams1-peer1 is silent.');
      expect(await tab.locator('#timeline-list').getByText('tap ams1-peer1').count()).toBe(0);
      served.feed.tell({ table: 'alerts', previous: 'firing', next: 'resolved', subject: 'tap ams1-peer1', severity: 'good', time: `${Date.now() + 5}000000`, alert });
      await row.getByText('resolved').waitFor({ timeout: 5000 });
    });
  });

  it('alerts come while the store is away', async () => {
    const web = await startWeb({ storeUrl: 'http://127.0.0.1:9', live: served.feed });
    const other = await (await browser.newContext()).newPage();
    await other.goto(web.url);
    await other.locator('#adjacencies-list [role=alert]').getByText('The store cannot be reached').waitFor();
    await eventually(() => other.locator('#live').getAttribute('data-status')).toBe('live');
    served.feed.tell({ table: 'alerts', next: 'firing', subject: 'adjacency par1 -> lon1', alert: liveAlert });
    await other.locator('#alerts-list').getByText('adjacency par1 -> lon1').waitFor({ timeout: 5000 });
    await other.context().close();
    await web.stop();
  });

  describe('the packet behind an event', () => {
    it('is explained layer by layer, with its bytes, and the address names it', async () => {
      await show('#/timeline?kind=session');
      const event = tab.locator('#timeline-list .event', { hasText: 'notification received' }).first();
      await event.hover();
      await event.getByRole('button', { name: 'Packet' }).click();
      const dialog = tab.locator('dialog#packet');
      await dialog.getByText('shutdown-communication').waitFor();
      const text = await dialog.innerText();
      for (const part of ['bgp.backward_transition', 'lon1-transit1', '192.0.2.2 → 192.0.2.1', '<script>alert(4)</script>', '100 more', '0010  00 17 03 06 02']) expect(text).toContain(part);
      expect(new URL(tab.url()).hash).toMatch(/^#\/packet\?event=[0-9a-f-]{36}$/);
      await tab.keyboard.press('Escape');
      expect([await dialog.isVisible(), new URL(tab.url()).hash]).toEqual([false, '#/timeline?kind=session']);
      expect(await tab.evaluate('document.activeElement.textContent')).toBe('Packet');
    });

    it('says why there is none', async () => {
      await show(`#/packet?event=${gone}`);
      await tab.locator('#packet-body [role=alert]').getByText('is gone from the log').waitFor();
      await tab.locator('#packet-close').click();
    });
  });

  describe('the timeline', () => {
    it('is filtered by protocol, router, kind, time and text; the address keeps it', async () => {
      await show('#/timeline?protocol=isis&kind=adjacency&text=lon1+hold');
      const events = tab.locator('#timeline-list .event');
      await eventually(() => events.count()).toBe(1);
      expect(await events.innerText()).toMatch(/par1[\s\S]*lon1[\s\S]*down[\s\S]*hold timer expired/);
      expect(await tab.locator('#timeline-protocol').inputValue()).toBe('isis');
      await tab.getByRole('button', { name: 'Clear' }).click();
      await tab.locator('#timeline-router').fill('fra1');
      await tab.locator('#timeline-protocol').selectOption('isis');
      await eventually(() => new URL(tab.url()).hash).toBe('#/timeline?protocol=isis&router=fra1');
      await eventually(async () => new Set(await tab.locator('#timeline-list .event-router').allInnerTexts())).toEqual(new Set(['fra1']));
      await tab.reload();
      await eventually(() => tab.locator('#timeline-router').inputValue()).toBe('fra1');
      const from = new Date(Date.now() - 22 * 60_000).toISOString().slice(0, 16).replace('T', ' ');
      await show(`#/timeline?kind=adjacency&from=${encodeURIComponent(from)}&to=${encodeURIComponent(new Date(Date.now() - 20 * 60_000).toISOString().slice(0, 19))}`);
      await eventually(() => events.count()).toBe(2);
      await tab.locator('#timeline-from').fill('yesterday');
      await tab.locator('#timeline-from').press('Enter');
      await eventually(() => tab.locator('#timeline-from').getAttribute('aria-invalid')).toBe('true');
    });

    it('goes to what happened around an alert', async () => {
      await show(`#/alerts?alert=${alertIds.session}`);
      await tab.locator(`li[data-alert="${alertIds.session}"]`).getByRole('button', { name: 'Timeline around it' }).click();
      await eventually(() => tab.locator('#timeline-list .event', { hasText: 'notification received' }).count()).toBe(2);
    });
  });

  it('a question of a link is shown, and run only when somebody says so', async () => {
    await show('#/query?sql=SELECT%2042%20AS%20answer');
    await eventually(() => tab.locator('#sql-text').inputValue()).toBe('SELECT 42 AS answer');
    expect(await tab.locator('#sql-result table').count()).toBe(0);
    await eventually(() => tab.evaluate('document.activeElement.id')).toBe('sql-run');
    await tab.keyboard.press('Enter');
    await eventually(() => tab.locator('#sql-result').innerText()).toContain('42');
  });

  it('names the expected neighbours that are not there', async () => {
    await served.writer.command({ query: "INSERT INTO routewatch.expected_neighbors (domain, protocol, router, neighbor) VALUES ('core', 'isis', '0100.0000.0001', '0100.0000.0099')" });
    await tab.reload();
    await eventually(() => tab.locator('#missing').innerText()).toMatch(/0100\.0000\.0001 → 0100\.0000\.0099[\s\S]*never seen/);
    await eventually(() => tab.locator('#tiles').innerText()).toMatch(/Missing neighbours\s+1/);
  });

  it('did nothing meanwhile that its policy forbids, asked nobody else, and threw nothing', () => {
    expect(failures).toEqual([]);
  });
});
