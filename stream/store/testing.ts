/** What the tests of the store share: a store in a directory of its own, and raw HTTP requests. */
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import { startStore, type Store, type StoreOptions } from './index.ts';

const QUIET = { level: ClickHouseLogLevel.OFF };

/** A store for one test file, with a client for each user. */
export interface TestStore {
  store: Store;
  directory: string;
  reader: ClickHouseClient;
  writer: ClickHouseClient;
  close(): Promise<void>;
}

/** Starts a store in a fresh directory, which `close` removes. */
export async function openTestStore(
  options: Omit<StoreOptions, 'dataDir'> = {},
): Promise<TestStore> {
  const directory = await mkdtemp(join(tmpdir(), 'routewatch-store-'));
  const store = await startStore({ dataDir: directory, ...options });
  const reader = createClient({ url: store.url, log: QUIET });
  const writer = writerClient(store);
  return {
    store,
    directory,
    reader,
    writer,
    async close() {
      await reader.close();
      await writer.close();
      await store.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A client with the writer's token. */
export function writerClient(store: Store): ClickHouseClient {
  return createClient({
    url: store.url, username: 'writer', password: store.writerToken, log: QUIET,
  });
}

/** Answer to a raw request. */
export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** A raw request; unlike fetch it can send any Host and Origin. */
export function send(
  store: Store,
  options: { search?: Record<string, string>; headers?: Record<string, string>;
    body?: string | Uint8Array; method?: string; path?: string },
): Promise<Answer> {
  const search = new URLSearchParams(options.search ?? {}).toString();
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: '127.0.0.1',
      port: store.port,
      method: options.method ?? 'POST',
      path: `${options.path ?? '/'}${search === '' ? '' : `?${search}`}`,
      headers: options.headers ?? {},
      agent: false,
    }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => resolve({
        status: incoming.statusCode ?? 0,
        headers: incoming.headers,
        body: Buffer.concat(chunks),
      }));
    });
    outgoing.on('error', reject);
    outgoing.end(options.body ?? '');
  });
}

/** Headers that make a raw request the writer's. */
export function asWriter(store: Store): Record<string, string> {
  return { 'X-ClickHouse-User': 'writer', 'X-ClickHouse-Key': store.writerToken };
}
