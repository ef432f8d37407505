/** The page of the live proof, open in Debian's Chromium: when events came to its server, and lines of alerts to it, without a reload. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openKafka } from '../../../cli/lib/kafka.ts';
import { startWeb } from '../../../dashboards/web/index.ts';
import { chromiumPath, hasChromium, startChromium } from '../../../dashboards/web/testing.ts';
import { reportTopics } from '../../../stream/contract/log.ts';
import { LiveSink } from '../../../stream/sinks/live/index.ts';

/** Why no page can be opened here; undefined where one can. */
export function pageLacking(): string | undefined {
  return hasChromium ? undefined : `no ${chromiumPath} here: sudo apt-get install --no-install-recommends chromium`;
}

/** A line of an alert as it stood on the page first. */
export interface Line {
  readonly alertId: string;
  readonly state: 'firing' | 'resolved';
  /** In the page's words. */
  readonly reason: string;
  /** Wall time at which it was there, ms. */
  readonly atMs: number;
}

/** Runs in the page. A reload would forget all of it: there was none. */
const NOTE_LINES = `
  const lines = globalThis.alertLines = [];
  const known = new Set();
  const list = document.querySelector('#alerts-list');
  const note = () => {
    for (const line of list.querySelectorAll('li.alert')) {
      const { dataset: { alert: alertId }, classList } = line;
      const state = classList.contains('firing') ? 'firing' : 'resolved';
      if (known.has(state + alertId)) continue;
      known.add(state + alertId);
      lines.push({ alertId, state, reason: line.querySelector('.alert-what .muted').textContent.replace(/^ · /, ''), atMs: Date.now() });
    }
  };
  note();
  new MutationObserver(note).observe(list, { childList: true, subtree: true });
`;

export class OpenPage {
  /** Wall time in ms at which each event was read from the log, by its id. */
  readonly events = new Map<string, number>();
  readonly #tab: Page;
  /** Lets go of each part, the first one last. */
  readonly #closing: readonly Closing[];

  private constructor(tab: Page, live: LiveSink, closing: readonly Closing[]) {
    this.#tab = tab;
    this.#closing = closing;
    live.subscribe(({ id }) => { this.events.set(id, Date.now()); });
  }

  /** Opens the page over that Kafka and store; `directory` is for the operators' file. */
  static async open({ broker, storeUrl, directory }: { readonly broker: string; readonly storeUrl: string; readonly directory: string }): Promise<OpenPage> {
    const closing: Closing[] = [];
    try {
      const { log, partitions } = await openKafka({ brokers: [broker] });
      closing.push(() => log.close());
      await log.ensureTopics(reportTopics);
      const live = new LiveSink(log, partitions, { reports: true });
      closing.push(() => live.stop());
      await live.start();
      const web = await startWeb({ storeUrl, live, operationsFile: join(directory, 'page.sqlite') });
      closing.push(() => web.stop());
      const browser = await startChromium();
      closing.push(() => browser.close());
      const tab = await browser.newPage();
      await tab.goto(web.url);
      await tab.locator('#live[data-status=live]').waitFor();
      await tab.evaluate(NOTE_LINES);
      return new OpenPage(tab, live, closing);
    } catch (error) {
      await closeAll(closing);
      throw error;
    }
  }

  /** The lines of alerts that it has had so far. */
  lines(): Promise<Line[]> {
    return this.#tab.evaluate<Line[]>('alertLines');
  }

  close(): Promise<void> {
    return closeAll(this.#closing);
  }
}

type Closing = () => Promise<unknown>;

async function closeAll(closing: readonly Closing[]): Promise<void> {
  for (const close of closing.toReversed()) await close().catch(() => undefined);
}
