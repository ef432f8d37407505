/** One part of the system as a process of its own, so that it can be killed alone: `node part.ts NAME DIRECTORY [WHAT IT IS GIVEN...]`. */
import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { quietClient } from '../../cli/lib/client.ts';
import { openCaptures } from '../../cli/lib/captures.ts';
import { LateLog } from '../../cli/lib/collector-log.ts';
import { replayInto } from '../../cli/lib/replay.ts';
import { openRecorded } from '../../collectors/recorded/index.ts';
import { Shipper } from '../../collectors/shipper/index.ts';
import type { Log } from '../../stream/contract/log.ts';
import { ClickHouseSink, migrations } from '../../stream/sinks/clickhouse/index.ts';
import { migrate, startStore } from '../../stream/store/index.ts';
import { Worker } from '../../stream/worker/index.ts';
import { chaosLog } from './logs.ts';
import { BATCH_BYTES, type Decoders, LINGER_MS, modulesOf, partitionsOf, readSetup } from './setup.ts';
import { Host, PASS_MS, spooledUpTo } from './world.ts';

/** Where the store can be asked, and the process that holds it. */
export interface StoreEndpoint {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  /** Inserts that its start took back because their rows were not there. */
  readonly repaired: number;
}

/** Of a collector's ring: it outlives the collector, and is the same one in the undisturbed run. */
const RING_EPOCH = 1_700_000_000_000_000_000n;
/** How often a collector looks whether its captures are over, ms. */
const LOOK_MS = 20;

export function openLog(directory: string): Promise<Log> {
  return chaosLog(readSetup(directory).log).open(directory);
}

export function readEndpoint(directory: string): StoreEndpoint {
  return JSON.parse(readFileSync(join(directory, 'store.json'), 'utf8')) as StoreEndpoint;
}

const parts: Readonly<Record<string, (directory: string, given: readonly string[]) => Promise<void>>> = { store, worker, sink, replay, collector };

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

/** `shared`: as one of a group; else it owns all partitions. */
async function worker(directory: string, [decoders, shared]: readonly string[]): Promise<void> {
  const log = await openLog(directory);
  const running = new Worker({
    log, partitions: partitionsOf(directory), shared: shared === 'shared', owner: randomUUID(), config: readSetup(directory).worker,
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
  const running = new ClickHouseSink({ log, client, partitions: partitionsOf(directory), reports: true });
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
  await replayInto({ log, partitions: readSetup(directory).partitions }, { captures: await openCaptures(files), tapNames: files.map((file, index) => `${index}-${basename(file)}`), domain: 'chaos', shiftNs: 0n, batchBytes: BATCH_BYTES });
  await log.close();
}

/** Ends with its captures, or in order with its taps left to the next one; a log that is away does not keep it from starting. */
async function collector(directory: string, [number]: readonly string[]): Promise<void> {
  // It may be told to end before it has begun.
  const asked = new AbortController();
  process.once('SIGTERM', () => { asked.abort(); });
  const { partitions, collectors } = readSetup(directory);
  const spool = join(directory, `spool-${number}`);
  const host = new Host(directory, Number(number), spooledUpTo(spool));
  const files = collectors[Number(number)]!;
  const port = await openRecorded({
    files, tapNames: files.map((file) => basename(file)), epoch: RING_EPOCH + BigInt(number!), speed: 1, startedMs: 0, now: () => host.now(),
    passes: { count: () => host.passes(), periodNs: BigInt(PASS_MS) * 1_000_000n }, isFull: (bootNs) => host.isFull(bootNs), wallShiftNs: () => host.wallShiftNs(),
  });
  // The ring's clock counts whole µs.
  host.passLengthMs = Math.ceil(Number(port.lengthNs) / 1000) / 1000;
  const log = new LateLog(partitions, async () => ({ log: await openLog(directory), partitions }));
  // Each pass is a network of its own: what came before would make its packets repeats.
  const shipper = new Shipper({
    port, log, partitions, collector: `host${number}`, directory: spool, config: { batchBytes: BATCH_BYTES, lingerMs: LINGER_MS },
    domainOf: (tap) => `chaos-${/^(\d+)-/.exec(tap)?.[1] ?? 0}`, tell: (message) => { process.stderr.write(`${message}\n`); },
  });
  await shipper.start();
  say('ready');
  while (!port.isOver && !asked.signal.aborted) await Promise.race([sleep(LOOK_MS), shipper.failed]);
  const isEmpty = await shipper.stop({ keepTaps: !port.isOver });
  await log.close();
  if (!isEmpty && port.isOver) throw new Error('the spool could not be shipped');
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
