/** One part of the system as a process of its own, so that it can be killed alone: `node part.ts NAME DIRECTORY [CAPTURE or DECODERS...]`. */
import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { quietClient } from '../../cli/lib/client.ts';
import { openCaptures } from '../../cli/lib/captures.ts';
import { replayInto } from '../../cli/lib/replay.ts';
import type { Log } from '../../stream/contract/log.ts';
import { ClickHouseSink, migrations } from '../../stream/sinks/clickhouse/index.ts';
import { migrate, startStore } from '../../stream/store/index.ts';
import { Worker } from '../../stream/worker/index.ts';
import { chaosLog, PARTITIONS } from './logs.ts';
import { BATCH_BYTES, type Decoders, modulesOf, readSetup } from './setup.ts';

/** Where the store can be asked, and the process that holds it. */
export interface StoreEndpoint {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  /** Inserts that its start took back because their rows were not there. */
  readonly repaired: number;
}

const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);

export function openLog(directory: string): Promise<Log> {
  return chaosLog(readSetup(directory).log).open(directory);
}

export function readEndpoint(directory: string): StoreEndpoint {
  return JSON.parse(readFileSync(join(directory, 'store.json'), 'utf8')) as StoreEndpoint;
}

const parts: Readonly<Record<string, (directory: string, given: readonly string[]) => Promise<void>>> = { store, worker, sink, replay };

async function store(directory: string): Promise<void> {
  const running = await startStore({ dataDir: join(directory, 'store') });
  const writer = quietClient({ url: running.url, username: 'writer', password: running.writerToken });
  await migrate(writer, migrations);
  await writer.close();
  const endpoint: StoreEndpoint = { url: running.url, token: running.writerToken, pid: running.pid, repaired: running.repaired.entries };
  writeFileSync(join(directory, 'store.new'), JSON.stringify(endpoint), { mode: 0o600 });
  renameSync(join(directory, 'store.new'), join(directory, 'store.json'));
  say('ready');
  await Promise.race([running.exited.then(({ message }) => { throw new Error(message); }), ended()]);
  await running.stop();
}

async function worker(directory: string, [decoders]: readonly string[]): Promise<void> {
  const log = await openLog(directory);
  const running = new Worker({
    log, partitions, owner: randomUUID(), config: readSetup(directory).worker,
    modules: modulesOf(directory, (decoders ?? 'own') as Decoders), modulesFolder: join(directory, 'modules'),
  });
  await running.start();
  say('ready');
  await Promise.race([running.failed, ended()]);
  await running.stop();
  await log.close();
}

async function sink(directory: string): Promise<void> {
  const log = await openLog(directory);
  const { url, token } = readEndpoint(directory);
  const client = quietClient({ url, username: 'writer', password: token });
  const running = new ClickHouseSink({ log, client, partitions });
  await running.start();
  say('ready');
  await Promise.race([running.failed, ended()]);
  await running.stop();
  await client.close();
  await log.close();
}

async function replay(directory: string, files: readonly string[]): Promise<void> {
  const log = await openLog(directory);
  say('ready');
  await replayInto({ log, partitions: PARTITIONS }, { captures: await openCaptures(files), tapNames: files.map((file, index) => `${index}-${basename(file)}`), domain: 'chaos', shiftNs: 0n, batchBytes: BATCH_BYTES });
  await log.close();
}

function ended(): Promise<void> {
  return new Promise((resolve) => { process.once('SIGTERM', () => { resolve(); }); });
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

if (import.meta.main) {
  const [name, directory, ...given] = process.argv.slice(2);
  try {
    await parts[name!]!(directory!, given);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
