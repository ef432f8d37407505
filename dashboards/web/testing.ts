/** What the tests of the page share: a real store with a day's rows, a live feed, and Debian's Chromium. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import type { LedgerPlace, LiveEvent, LiveFeed, LivePosition, ToldRecord } from '../../stream/contract/live.ts';
import { embeddedMigrations } from '../../stream/sinks/clickhouse/generated/migrations.ts';
import { migrate, startStore, type Store } from '../../stream/store/index.ts';
import { startWeb, type Web, type WebOptions } from './index.ts';

/** Debian's Chromium. */
export const chromiumPath = '/usr/bin/chromium';
export const hasChromium = existsSync(chromiumPath);

/** The contract's feed of one partition without a log behind it: a test says what happens, and when. */
export class TestFeed implements LiveFeed {
  readonly logId = '0123456789abcdef';
  readonly #records: ToldRecord[] = [];
  readonly #listeners = new Set<(told: ToldRecord) => void>();
  /** What stood before this offset is gone. */
  first = 0n;

  recent(limit: number): readonly LiveEvent[] {
    return limit === 0 ? [] : this.#records.slice(-limit).flatMap(({ events }) => events).slice(-limit);
  }

  subscribe(listener: (event: LiveEvent) => void): () => void {
    return this.subscribeRecords(({ events }) => { for (const event of events) listener(event); });
  }

  subscribeRecords(listener: (told: ToldRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }

  position(): LivePosition {
    return [BigInt(this.#records.length)];
  }

  ledger(): readonly LedgerPlace[] {
    return [{ logId: this.logId, partition: 0 }];
  }

  async* told([from = 0n]: LivePosition, [until = 0n]: LivePosition): AsyncGenerator<ToldRecord> {
    await Promise.resolve();
    if (from < this.first) yield { partition: 0, next: this.first, events: [], lostFrom: from };
    yield* this.#records.filter(({ next }) => next > from && next > this.first && next <= until);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  tell(event: Partial<LiveEvent>): void {
    const now = `${Date.now()}000000`;
    const whole: LiveEvent = {
      id: crypto.randomUUID(), table: 'adjacency_events', type: 'isis.adjacency_state_change', time: now, decidedTime: now, domain: 'core',
      link: 'par1-lon1', router: '0100.0000.0001', routerName: 'par1', subject: 'isis L2 neighbour lon1 (0100.0000.0004)', previous: 'up', next: 'down',
      reason: 'hold-timer-expired', severity: 'loss', initial: false, line: 'isis L2 par1 -> lon1 on par1-lon1: up -> down (hold-timer-expired)', ...event,
    };
    const told = { partition: 0, next: BigInt(this.#records.length) + 1n, events: [whole] };
    this.#records.push(told);
    for (const listener of this.#listeners) listener(told);
  }
}

/** A page over a store of its own. */
export interface TestPage {
  store: Store;
  writer: ClickHouseClient;
  feed: TestFeed;
  web: Web;
  /** The operators' file of the server. */
  operationsFile: string;
  close(): Promise<void>;
}

/** Starts store, schema and server; the store is empty. */
export async function openTestPage(options: Partial<WebOptions> = {}): Promise<TestPage> {
  const directory = await mkdtemp(join(tmpdir(), 'routewatch-web-'));
  const store = await startStore({ dataDir: directory });
  const writer = createClient({ url: store.url, username: 'writer', password: store.writerToken });
  await migrate(writer, embeddedMigrations);
  const feed = new TestFeed();
  const operationsFile = join(directory, 'operations.sqlite');
  const web = await startWeb({ storeUrl: store.url, live: feed, operationsFile, ...options });
  return {
    store, writer, feed, web, operationsFile,
    async close() {
      await web.stop();
      await writer.close();
      await store.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Starts Chromium without anything that looks beyond this machine. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });
}

/** A page at an address below the server; what it must not do goes to `failures`: errors, breaches of its policy, dialogs, requests elsewhere. */
export async function openTab(browser: Browser, web: Web, failures: string[], path = '/', options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const tab = await context.newPage();
  tab.on('pageerror', (error) => failures.push(error.message));
  tab.on('console', (message) => { if (/Content Security Policy|TrustedHTML/.test(message.text())) failures.push(message.text()); });
  tab.on('dialog', (dialog) => { failures.push(`dialog ${dialog.message()}`); void dialog.dismiss(); });
  tab.on('request', (asked) => { if (!asked.url().startsWith(web.url)) failures.push(`request to ${asked.url()}`); });
  await tab.goto(`${web.url}${path}`);
  await tab.locator('#adjacencies-list tbody tr').first().waitFor();
  return tab;
}

/** Answer to a raw request. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A raw request; unlike fetch it can send any Host and Origin. */
export function send(
  web: Web, path: string, options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: '127.0.0.1', port: web.port, path, method: options.method ?? 'GET', agent: false,
      headers: { ...(options.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(options.body)) }), ...options.headers },
    }, (incoming) => {
      let body = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (part: string) => { body += part; });
      incoming.on('error', reject);
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body }));
    });
    outgoing.on('error', reject);
    outgoing.end(options.body);
  });
}
