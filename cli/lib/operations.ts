/** The operators' file of a data directory, and how store and log learn of what is in it. */
import type { ClickHouseClient } from '@clickhouse/client';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ExpectedChange, FrozenError, Operations } from '../../dashboards/web/operations/index.ts';
import type { Log } from '../../stream/contract/log.ts';
import type { ExpectedNeighbor } from '../../stream/contract/operations.ts';
import { reportChanges } from './operator-changes.ts';
import { UsageError, complain } from './output.ts';

/** How soon a change is in the store's views, ms. */
const LOOK_MS = 1000;

/** Tokens, expected neighbours, maintenance windows and their trail. */
export function operationsFile(dataDir: string): string {
  return join(dataDir, 'operations.sqlite');
}

/** Somebody with access to the data directory. */
export const commandLine = { actor: 'command line', role: 'admin', address: '', request_id: '' } as const;

/** Runs `work` with the operators' file of a data directory; makes both where they are missing. */
export async function withOperations<T>(dataDir: string, work: (operations: Operations) => T | Promise<T>): Promise<T> {
  if (!existsSync(dataDir)) mkdirSync(dataDir, { recursive: true });
  const operations = new Operations(operationsFile(dataDir));
  try {
    return await work(operations);
  } finally {
    operations.close();
  }
}

/** Tells the store what has changed since the last time; how many entries. */
export async function publishExpected(operations: Operations, writer: ClickHouseClient): Promise<number> {
  const { changes, mark } = operations.expected.unpublished();
  if (changes.length === 0) return 0;
  await writer.insert({ table: 'routewatch.expected_neighbors', values: changes, format: 'JSONEachRow' });
  operations.expected.published(mark);
  return changes.length;
}

/** Takes over what the store has where nobody has said anything here yet. */
async function adoptExpected(operations: Operations, writer: ClickHouseClient): Promise<void> {
  if (operations.version() > 0) return;
  const result = await writer.query({ query: 'SELECT toString(domain) AS domain, toString(protocol) AS protocol, router, neighbor, toString(link) AS link FROM routewatch.expected_neighbors FINAL WHERE NOT removed', format: 'JSONEachRow' });
  const entries = await result.json<ExpectedNeighbor>();
  if (entries.length > 0) operations.change(commandLine, 'adopt-expected-neighbors', 'the store', () => operations.expected.add(entries));
}

/** Takes over the lines of an imported file, the later before the earlier, and tells the store; UsageError where a domain is frozen. */
export async function importExpected(operations: Operations, writer: ClickHouseClient, entries: readonly ExpectedChange[]): Promise<void> {
  await adoptExpected(operations, writer);
  try {
    operations.change(commandLine, 'import-expected-neighbors', [...new Set(entries.map(({ domain }) => domain))].join(', '), () => operations.expected.put(entries), { entries: entries.length });
  } catch (error) {
    throw error instanceof FrozenError ? new UsageError(error.message) : error;
  }
  await publishExpected(operations, writer);
}

/** Tells the store which neighbours are expected and the log what operators have changed, whichever process wrote it, until it is stopped. */
export class OperationsPublisher {
  private readonly operations: Operations;
  private readonly writer: ClickHouseClient;
  private readonly log: Log;
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(file: string, writer: ClickHouseClient, log: Log) {
    this.operations = new Operations(file);
    this.writer = writer;
    this.log = log;
  }

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
    this.operations.close();
  }

  private async run(): Promise<void> {
    let said = false;
    for (let seen = -1; !this.stopping.signal.aborted; await sleep(LOOK_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined)) {
      try {
        if (seen === -1) await adoptExpected(this.operations, this.writer);
        const version = this.operations.version();
        if (version !== seen) await publishExpected(this.operations, this.writer);
        seen = version;
        await reportChanges(this.operations, this.log);
        said = false;
      } catch (error) {
        if (!said && !this.stopping.signal.aborted) complain(`what operators said is not in log and store yet: ${error instanceof Error ? error.message : String(error)}`);
        said = true;
      }
    }
  }
}
