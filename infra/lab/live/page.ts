/** The page of the live proof, open in Debian's Chromium: when the line of each event came to it, without a reload. */
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openKafka } from '../../../cli/lib/kafka.ts';
import { startWeb, type Web } from '../../../dashboards/web/index.ts';
import { chromiumPath, hasChromium, startChromium } from '../../../dashboards/web/testing.ts';
import type { KafkaLog } from '../../../stream/log/kafka/index.ts';
import { LiveSink } from '../../../stream/sinks/live/index.ts';

/** Why no page can be opened here; undefined where one can. */
export function pageLacking(): string | undefined {
  return hasChromium ? undefined : `no ${chromiumPath} here: sudo apt-get install --no-install-recommends chromium`;
}

/** Runs in the page. A reload would forget all of it: there was none. */
const NOTE_LINES = `
  const times = globalThis.lineTimes = {};
  const list = document.querySelector('#timeline-list');
  const note = () => { for (const { dataset: { id } } of list.querySelectorAll('li.event')) times[id] ??= Date.now(); };
  note();
  new MutationObserver(note).observe(list, { childList: true });
`;

export class OpenPage {
  readonly #log: KafkaLog;
  readonly #live: LiveSink;
  readonly #web: Web;
  readonly #browser: Browser;
  readonly #tab: Page;

  private constructor(parts: { log: KafkaLog; live: LiveSink; web: Web; browser: Browser; tab: Page }) {
    this.#log = parts.log;
    this.#live = parts.live;
    this.#web = parts.web;
    this.#browser = parts.browser;
    this.#tab = parts.tab;
  }

  /** Opens the page over that Kafka and store; `directory` is for the operators' file. */
  static async open({ broker, storeUrl, directory }: { readonly broker: string; readonly storeUrl: string; readonly directory: string }): Promise<OpenPage> {
    const { log, partitions } = await openKafka({ brokers: [broker] });
    const live = new LiveSink(log, partitions);
    await live.start();
    const web = await startWeb({ storeUrl, live, operationsFile: join(directory, 'page.sqlite') });
    const browser = await startChromium();
    const tab = await browser.newPage();
    await tab.goto(web.url);
    await tab.locator('#live[data-status=live]').waitFor();
    await tab.evaluate(NOTE_LINES);
    return new OpenPage({ log, live, web, browser, tab });
  }

  /** Wall time in ms at which each line came, by event id. */
  async lines(): Promise<ReadonlyMap<string, number>> {
    return new Map(Object.entries(await this.#tab.evaluate<Record<string, number>>('lineTimes')));
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#web.stop();
    await this.#live.stop();
    await this.#log.close();
  }
}
