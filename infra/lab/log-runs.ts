/** For tests: a log of one partition, workers that run over it and stop, and the rows that are in it then. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RegisteredModule } from '../../decoders-wasm/contract/host.ts';
import { type Row, readRows, tableOf } from '../../decoders-wasm/contract/row-reader.ts';
import { EventsReader } from '../../stream/contract/events-reader.ts';
import type { EventsHeader } from '../../stream/contract/events-record.ts';
import { encodeFrameBatch, type FrameBatch } from '../../stream/contract/frame-batch.ts';
import { checkpointsTopic, eventsTopic, framesTopic, type Log, logTopics } from '../../stream/contract/log.ts';
import { openEmbeddedLog } from '../../stream/log/embedded/index.ts';
import { Worker, type WorkerSettings } from '../../stream/worker/index.ts';

/** A row of an events log. */
export interface LoggedRow {
  readonly table: string;
  /** Offset of the batch that gave it; of an upgrade, of the batch before it. */
  readonly batch: number;
  readonly row: Row;
}

/** Folders that are removed in the end. */
export class Folders {
  private readonly prefix: string;
  private readonly made: string[] = [];

  constructor(name: string) {
    this.prefix = join(tmpdir(), `routewatch-${name}-`);
  }

  fresh(): string {
    const folder = mkdtempSync(this.prefix);
    this.made.push(folder);
    return folder;
  }

  remove(): void {
    for (const folder of this.made) rmSync(folder, { recursive: true, force: true });
  }
}

/** An empty log. */
export async function openFreshLog(folders: Folders): Promise<Log> {
  const log = openEmbeddedLog(folders.fresh());
  await log.ensureTopics(logTopics(1));
  return log;
}

/** Appends frame batches. */
export async function append(log: Log, batches: readonly FrameBatch[]): Promise<void> {
  for (const batch of batches) await log.append(framesTopic, 0, [encodeFrameBatch(batch)]);
}

let starts = 0;

/** A worker of those modules takes what the log has, and stops. */
export async function run(log: Log, modules: readonly RegisteredModule[], modulesFolder: string, config: WorkerSettings = {}): Promise<void> {
  const worker = new Worker({ log, partitions: [0], owner: `owner-${++starts}`, modules, modulesFolder, config });
  try {
    await worker.start();
    await worker.drained();
  } finally {
    await worker.stop().catch(() => undefined);
  }
}

/** A log whose owner dies at the `count`-th append to events or checkpoints. */
export function dyingAt(log: Log, count: number): Log {
  let left = count;
  return replaced(log, 'append', (topic: string, partition: number, records: readonly Uint8Array[]) => {
    if (topic !== framesTopic && --left <= 0) return Promise.reject(new Error('died here'));
    return log.append(topic, partition, [...records]);
  });
}

/** A log whose checkpoints are lost. */
export function withoutCheckpoints(log: Log): Log {
  return replaced(log, 'bounds', async (topic: string, partition: number) => {
    const { first, next } = await log.bounds(topic, partition);
    return topic === checkpointsTopic ? { first: next, next } : { first, next };
  });
}

function replaced(log: Log, method: keyof Log, by: (...given: never[]) => unknown): Log {
  return new Proxy(log, {
    get(target, name) {
      if (name === method) return by;
      const value = target[name as keyof Log];
      return typeof value === 'function' ? (value as (...given: unknown[]) => unknown).bind(target) : value;
    },
  });
}

/** The rows that count in the events log, and the headers of its valid records. */
export async function logged(log: Log): Promise<{ rows: LoggedRow[]; headers: EventsHeader[] }> {
  const reader = new EventsReader('partition 0');
  const rows: LoggedRow[] = [];
  const headers: EventsHeader[] = [];
  for await (const record of log.read(eventsTopic, 0, 0n)) {
    const placed = reader.take(record);
    if (placed === undefined) continue;
    const { header } = placed.record;
    headers.push(header);
    const codes = {
      contexts: new Map(header.contexts.map((context) => [context.code, context])),
      taps: new Map(header.taps.map((tap) => [tap.code, tap])),
    };
    const batch = Number(header.end.offset) - (header.end.rows > 0 ? 0 : 1);
    header.sections.forEach((section, index) => {
      for (const row of readRows(section.layout, placed.record.rows[index]!, codes)) rows.push({ table: tableOf(section.table).name, batch, row });
    });
  }
  return { rows, headers };
}

/** Whether the row says what another decoder reads otherwise. */
export function isUpgrade({ row }: { readonly row: Row }): boolean {
  return row['reason'] === 'decoder-upgrade';
}
