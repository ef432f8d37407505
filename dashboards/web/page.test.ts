/** The page in Debian's Chromium, over a real store; also: the browser's code passes the type checker. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Operations } from './index.ts';
import { chromiumPath, hasChromium, openTab, openTestPage, startChromium, type TestPage } from './testing.ts';
import { at, hostileName, insert, insertNetwork } from './testing-rows.ts';

const question = 'What went down, and why?';
const cookbook = [{
  title: question,
  sql: "-- What went down, and why?\nSELECT time, router_name, neighbor_name, link, reason\nFROM routewatch.adjacency_events\nWHERE state = 'down'\nORDER BY time DESC;",
}];

it('the code of the browser passes the type checker', () => {
  const tsc = join(import.meta.dirname, '../../node_modules/.bin/tsc');
  const { stdout, status } = spawnSync(tsc, ['-p', join(import.meta.dirname, 'browser/tsconfig.json')], { encoding: 'utf8' });
  expect([status, stdout]).toEqual([0, '']);
});

/** As `expect.poll`, for a machine that has other things to do as well. */
const eventually = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 20_000, interval: 100 });

/** Relative luminance (WCAG 2.2) of `#rrggbb`. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((begin) => {
    const part = Number.parseInt(hex.slice(begin, begin + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

if (!hasChromium) console.warn(`not run: the page in a browser, as there is no ${chromiumPath} (apt-get install chromium)`);

describe.skipIf(!hasChromium)(`the page (${hasChromium ? 'Chromium' : `not run: no ${chromiumPath}, apt-get install chromium`})`, () => {
  let served: TestPage;
  let browser: Browser;
  const failures: string[] = [];

  const open = (options: BrowserContextOptions = {}): Promise<Page> => openTab(browser, served.web, failures, '/', options);

  beforeAll(async () => {
    served = await openTestPage({ cookbook });
    await insertNetwork(served.writer, Date.now());
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  it('shows adjacencies, sessions, routes, counts and history', async () => {
    const tab = await open();
    expect(await tab.locator('#adjacencies-list tbody tr').count()).toBe(13);
    await tab.locator('#sessions-list').getByText('maintenance CHG-4711 <b>until 13:00</b>').first().waitFor();
    await tab.locator('#routes-list').getByText('198.51.100.128/25').waitFor();
    await tab.getByRole('img', { name: /^fra1 on core-lan: 2 adjacencies now, lowest 1, highest 2, 1 fall/ }).waitFor();
    await tab.locator('#timeline-list').getByText('hold timer expired').first().waitFor();
    expect(await tab.locator('#tiles').innerText()).toMatch(/9 of 13[\s\S]*3 not up[\s\S]*8 of 10[\s\S]*5 of 6/);
    await tab.context().close();
  });

  it('asks for a token where one is needed, keeps it in the tab, and follows with it', async () => {
    const operations = new Operations(served.operationsFile);
    try {
      const { secret } = operations.tokens.create('page', 'read');
      const tab = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
      await tab.goto(`${served.web.url}/#/timeline?protocol=isis`);
      const box = tab.locator('#sign-in-token');
      await box.waitFor();
      expect(await tab.locator('#live-text').textContent()).toBe('Signed out');
      expect(await tab.locator('#adjacencies-list tbody tr').count()).toBe(0);
      await box.fill(secret);
      await tab.keyboard.press('Enter');
      await tab.locator('#adjacencies-list tbody tr').first().waitFor();
      await eventually(() => tab.locator('#live').getAttribute('data-status')).toBe('live');
      expect([await box.isVisible(), await tab.locator('#timeline-protocol').inputValue()]).toEqual([false, 'isis']);
      expect(await tab.context().cookies()).toEqual([]);
      await tab.context().close();
    } finally {
      operations.tokens.revoke('page');
      operations.close();
    }
  });

  it('shows events as they happen, without reload, and reads what they changed', async () => {
    const tab = await open();
    await eventually(() => served.feed.listeners).toBe(1);
    const now = Date.now();
    await insert(served.writer, 'adjacency_events', [{
      time: at(now), link: 'core-lan', protocol: 'isis', level: 2, router: '0100.0000.0002', neighbor: '0100.0000.0003', router_name: 'ams1', neighbor_name: 'fra1',
      prev_state: 'up', state: 'failed', reason: 'hold-timer-expired', hold_time: 9, neighbor_address: '10.0.0.1',
    }]);
    served.feed.tell({ id: 'live-1', routerName: 'ams1', subject: 'isis L2 neighbour fra1', next: 'failed', line: 'isis ams1 -> fra1: up -> failed' });
    const event = tab.locator('li.event[data-id="live-1"]');
    await event.waitFor({ timeout: 15_000 });
    expect(await event.getAttribute('class')).toContain('loss');
    expect(await event.innerText()).toContain('loss');
    await eventually(() => tab.locator('#announcer').textContent()).toBe('isis ams1 -> fra1: up -> failed');
    await tab.locator('#adjacencies-list .state.loss').getByText('failed').waitFor({ timeout: 40_000 });
    await tab.context().close();
  });

  it('shows markup in names and texts as text', async () => {
    const tab = await open();
    served.feed.tell({ id: 'hostile', routerName: hostileName, subject: '<script>alert(2)</script>', reason: '"><svg onload=alert(3)>' });
    await tab.locator('li.event[data-id="hostile"]').waitFor();
    expect(await tab.locator('li.event[data-id="hostile"] .event-router').textContent()).toBe('<img src=x onerror=alert(1)>\\u202etxt');
    await tab.locator('#adjacencies-list').getByText('<img src=x onerror=alert(1)>').waitFor();
    expect(await tab.locator('main img, main script, #timeline-list svg').count()).toBe(0);
    await tab.context().close();
  });

  it('runs a question of the cookbook', async () => {
    const tab = await open();
    await tab.getByRole('button', { name: question }).click();
    await eventually(() => tab.locator('#sql-result').innerText()).toContain('par1');
    expect(await tab.locator('#sql-result th').allTextContents()).toEqual(['time', 'router_name', 'neighbor_name', 'link', 'reason']);
    expect(await tab.locator('#sql-text').inputValue()).toContain('FROM routewatch.adjacency_events');
    expect(await tab.locator('#sql-note').textContent()).toMatch(/^\d+ rows in [\d,]+ ms$/);
    await tab.context().close();
  });

  it('says why the store refuses a question', async () => {
    const tab = await open();
    await tab.locator('#sql-text').fill("SELECT file('/etc/hostname')");
    await tab.locator('#sql-text').press('Control+Enter');
    const alert = tab.locator('#sql-result [role=alert]');
    await alert.waitFor();
    expect(await alert.innerText()).toMatch(/The store refused the query[\s\S]*may not call the function file\(\)/);
    expect(await tab.locator('#sql-note').textContent()).toBe('FUNCTION_NOT_ALLOWED');
    await tab.context().close();
  });

  it('finds routes by address and says what is wrong with one that is none', async () => {
    const tab = await open();
    await tab.locator('#routes-prefix').fill('198.51.100.200');
    await tab.locator('#routes-prefix').press('Enter');
    await eventually(() => tab.locator('#routes-list tbody tr').count()).toBe(4);
    expect(await tab.locator('#routes-list tbody tr').first().innerText()).toContain('198.51.100.128/25');
    await tab.locator('#routes-prefix').fill('198.51.100');
    await tab.locator('#routes-prefix').press('Enter');
    await tab.locator('#routes-list [role=alert]').getByText('must be an address or prefix').waitFor();
    await tab.context().close();
  });

  it('filters the timeline by text and kind, and stops for who reads', async () => {
    const tab = await open();
    await tab.locator('#timeline-filter').fill('lon1 hold');
    await eventually(() => tab.locator('#timeline-list .event').count()).toBeGreaterThan(0);
    for (const text of await tab.locator('#timeline-list .event').allInnerTexts()) expect(text).toMatch(/lon1/);
    await tab.locator('#timeline-filter').fill('nothing of this name');
    await tab.locator('#timeline-empty').getByText('Nothing matches').waitFor();
    await tab.locator('#timeline-filter').fill('');
    await tab.locator('#timeline-kinds').getByRole('button', { name: 'Sessions', exact: true }).click();
    await eventually(() => tab.locator('#timeline-list .event').first().innerText()).toContain('bgp peer');
    await tab.locator('#timeline-kinds').getByRole('button', { name: 'All', exact: true }).click();
    await tab.getByRole('button', { name: 'Pause' }).click();
    served.feed.tell({ id: 'later' });
    await tab.getByRole('button', { name: 'Resume (1 new)' }).click();
    await tab.locator('li.event[data-id="later"]').waitFor();
    await tab.context().close();
  });

  it('is reached by keyboard: skip link first, each list and control named', async () => {
    const tab = await open();
    await tab.keyboard.press('Tab');
    expect(await tab.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    const unnamed = await tab.locator('input, textarea, button, [tabindex="0"]').evaluateAll((elements) => elements
      .filter((element) => !element.getAttribute('aria-label') && !element.textContent?.trim() && !element.matches('[id=sql-text]'))
      .map((element) => element.outerHTML));
    expect(unnamed).toEqual([]);
    await tab.context().close();
  });

  it('fits into every width without scrolling sideways', async () => {
    const tab = await open();
    for (const [width, height] of [[1440, 900], [1280, 800], [390, 844], [320, 640]] as const) {
      await tab.setViewportSize({ width, height });
      await eventually(() => tab.evaluate('document.documentElement.scrollWidth')).toBe(width);
    }
    await tab.context().close();
  });

  it('has enough contrast in the light and in the dark look', async () => {
    const tab = await open();
    const names = ['--text', '--muted', '--accent', '--good', '--loss', '--error', '--change', '--panel', '--inset', '--page', '--loss-soft'];
    for (const colorScheme of ['light', 'dark'] as const) {
      await tab.emulateMedia({ colorScheme });
      const colours = await tab.evaluate<Record<string, string>>(`Object.fromEntries(${JSON.stringify(names)}.map((name) =>
        [name, getComputedStyle(document.documentElement).getPropertyValue(name).trim()]))`);
      const ratios = names.slice(0, 7).flatMap((name) => names.slice(7).map((ground) => {
        const [lighter = 0, darker = 0] = [luminance(colours[name] ?? ''), luminance(colours[ground] ?? '')].toSorted((left, right) => right - left);
        return { pair: `${name} on ${ground}`, ratio: (lighter + 0.05) / (darker + 0.05) };
      }));
      expect(ratios.filter(({ ratio }) => ratio < 4.5), colorScheme).toEqual([]);
    }
    await tab.context().close();
  });

  it('says what to do where nothing has been seen yet, and comes back when the server does', async () => {
    const empty = await openTestPage();
    const tab = await (await browser.newContext()).newPage();
    await tab.goto(empty.web.url);
    for (const text of ['No alert has been raised yet', 'No adjacency has been seen yet', 'No BGP session has been seen yet', 'No route has been seen yet', 'No neighbour has been counted yet', 'No tap has reported yet', 'Nothing has happened yet']) {
      await tab.getByText(text).waitFor();
    }
    await empty.close();
    await tab.getByText('Reconnecting…').waitFor();
    await tab.context().close();
  });

  it('did nothing meanwhile that its policy forbids, asked nobody else, and threw nothing', () => {
    expect(failures).toEqual([]);
  });
});
