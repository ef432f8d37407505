/** A reader's connection to a data directory: to the system that runs on it, or to a store started for the question. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Store, startStore } from '../../stream/store/index.ts';
import { UsageError, type Format, type Record_ } from './output.ts';
import { type SqlParameters, askRows, printAnswer } from './sql.ts';
import { runningSystem } from './system.ts';

export { defaultDataDir } from './data-dir.ts';

/** How long a question waits for another command that has the store open, ms. */
const PATIENCE_MS = 20_000;

export interface Reader {
  /** Rows of one SELECT, objects by column. */
  rows(sql: string, parameters?: SqlParameters): Promise<Record_[]>;
  /** Prints the rows of one SELECT to standard output. */
  print(sql: string, parameters: SqlParameters, format: Format): Promise<void>;
}

/** Runs `work` with a reader of the data directory and lets go of it afterwards. */
export async function withReader<T>(dataDir: string, work: (reader: Reader) => Promise<T>): Promise<T> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const running = await runningSystem(dataDir);
    if (running !== undefined) return work(readerOf(running.storeUrl));
    if (!existsSync(join(dataDir, 'store'))) {
      throw new UsageError(`there is no data in ${dataDir}: fill it with \`routewatch replay FILE --data ${dataDir}\`, or name another directory with --data`);
    }
    const store = await startStore({ dataDir: join(dataDir, 'store') }).catch((error: unknown) => busy(error, dataDir, performance.now() > until));
    if (store !== undefined) return withStore(store, work);
    await sleep(200);
  }
}

/** A reader of the store at an address. */
export function readerOf(url: string): Reader {
  return {
    rows: (sql, parameters) => askRows(url, sql, parameters),
    print: (sql, parameters, format) => printAnswer(url, sql, parameters, format),
  };
}

async function withStore<T>(store: Store, work: (reader: Reader) => Promise<T>): Promise<T> {
  try {
    return await work(readerOf(store.url));
  } finally {
    await store.stop();
  }
}

/** `undefined` while another command has the store open and there is still time to wait. */
function busy(error: unknown, dataDir: string, late: boolean): undefined {
  if (!(error instanceof Error) || !error.message.includes('Another store process')) throw error;
  if (late) throw new UsageError(`${dataDir} is in use by another command: wait for it, or name another directory with --data`);
  return undefined;
}
