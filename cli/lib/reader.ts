/** A reader's connection to a data directory: to the system that runs on it, or to a store started for the question. */
import type { ClickHouseClient } from '@clickhouse/client';
import { quietClient } from './client.ts';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startStore } from '../../stream/store/index.ts';
import { UsageError, type Record_ } from './output.ts';
import { runningSystem } from './system.ts';

export const defaultDataDir = 'routewatch-data';

export interface Reader {
  /** Rows of one SELECT, objects by column. */
  rows(sql: string, parameters?: Record<string, unknown>): Promise<Record_[]>;
}

/** Runs `work` with a reader of the data directory and lets go of it afterwards. */
export async function withReader<T>(dataDir: string, work: (reader: Reader) => Promise<T>): Promise<T> {
  const running = runningSystem(dataDir);
  if (running !== undefined) return withClient(quietClient({ url: running.storeUrl, database: 'routewatch' }), work);
  if (!existsSync(join(dataDir, 'store'))) {
    throw new UsageError(`there is no data in ${dataDir}: fill it with \`routewatch replay FILE --data ${dataDir}\`, or name another directory with --data`);
  }
  const store = await startStore({ dataDir: join(dataDir, 'store') });
  try {
    return await withClient(quietClient({ url: store.url, database: 'routewatch' }), work);
  } finally {
    await store.stop();
  }
}

async function withClient<T>(client: ClickHouseClient, work: (reader: Reader) => Promise<T>): Promise<T> {
  try {
    return await work({
      rows: async (sql, parameters = {}) => {
        const result = await client.query({ query: sql, query_params: parameters, format: 'JSONEachRow' });
        return result.json<Record_>();
      },
    });
  } finally {
    await client.close();
  }
}
