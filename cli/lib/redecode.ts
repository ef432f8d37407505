/** History decoded again by the present decoders, into staging tables: the difference told, and taken over when asked for. */
import type { ClickHouseClient } from '@clickhouse/client';
import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { decodedTables as tables } from '../../decoders-wasm/contract/row-reader.ts';
import { eventsTopic, framesTopic, type Log, logTopics } from '../../stream/contract/log.ts';
import { openEmbeddedLog } from '../../stream/log/embedded/index.ts';
import { type OpenGeneration, openAll } from '../../stream/log/embedded/manifest.ts';
import { ClickHouseSink, quoteText } from '../../stream/sinks/clickhouse/index.ts';
import { Worker } from '../../stream/worker/index.ts';
import { numbersTo, type OpenKafka } from './kafka.ts';
import { UsageError } from './output.ts';
import { type ReplayOptions, replayInto } from './replay.ts';
import { type SwapPlan, finishSwap, openSwap, prepareSwap } from './redecode-swap.ts';

export interface RedecodeOptions {
  readonly dataDir: string;
  /** The log, where it is on Kafka; default: the one in the data directory. */
  readonly kafka?: OpenKafka | undefined;
  /** Rows of these times only, ns since 1970: from, and up to (not including). */
  readonly fromNs?: bigint;
  readonly toNs?: bigint;
  /** Captures in place of the log. */
  readonly captures?: Pick<ReplayOptions, 'captures' | 'tapNames' | 'domain' | 'map'>;
  /** Take the difference over. */
  readonly swap: boolean;
}

type OpenLog = Pick<OpenGeneration, 'log' | 'partitions'>;

export interface TableDifference {
  readonly table: string;
  readonly equal: number;
  /** The same event with other content. */
  readonly changed: number;
  readonly added: number;
  readonly gone: number;
}

export interface RedecodeResult {
  readonly run: string;
  readonly tables: readonly TableDifference[];
  readonly swapped: boolean;
}

/** What both steps need of a table: columns that are stored, and which rows are compared. */
export interface Compared {
  readonly table: string;
  readonly columns: readonly string[];
  /** Condition on the rows that are in the store, and on the staged ones. */
  readonly live: string;
  readonly staged: string;
}

/** Columns that say where a row came from and when it was stored, not what happened. */
const PLACE = ['ingest_time', 'decoder_version', 'schema_version', 'frame_partition', 'frame_offset', 'frame_index'];

/** Runs beside no system: `client` is the writer of a store that was started for it, into which every row of the log has gone. */
export async function redecode(options: RedecodeOptions, client: ClickHouseClient): Promise<RedecodeResult> {
  const run = randomBytes(4).toString('hex');
  const suffix = `__${run}`;
  const scratch = join(options.dataDir, `redecode-${run}`);
  await dropStaging(client, options.dataDir);
  const generations: readonly OpenLog[] = options.kafka === undefined ? await openAll(join(options.dataDir, 'log')) : [options.kafka];
  const frames = await endOf(generations.at(-1)!);
  let plan: SwapPlan | undefined;
  try {
    if (options.captures === undefined) await refuseCutLog(generations.at(-1)!);
    for (const name of [...tables.map((table) => table.name), 'ledger']) await client.command({ query: `CREATE TABLE routewatch.${name}${suffix} AS routewatch.${name}` });
    await decodeInto(client, suffix, scratch, generations.at(-1)!, options);
    if ((await endOf(generations.at(-1)!)) !== frames) throw new UsageError('the log was written to meanwhile: nothing was changed. Stop whoever writes frames (collectors, replays), or name the captures, as in `routewatch redecode FILE...`');
    const compared = await Promise.all(tables.map(({ name }) => comparedOf(client, name, suffix, generations, options)));
    const differences: TableDifference[] = [];
    for (const each of compared) differences.push(await differenceOf(client, each, suffix));
    const source = options.captures === undefined ? await generations.at(-1)!.log.identity(eventsTopic) : 'files';
    const touched = compared.filter((_, index) => differences[index]!.changed + differences[index]!.added + differences[index]!.gone > 0);
    if (options.swap && touched.length > 0) {
      plan = await prepareSwap(client, options.dataDir, { run, source, touched });
      await finishSwap(client, options.dataDir, plan);
    }
    return { run, tables: differences, swapped: plan !== undefined };
  } finally {
    if (options.kafka === undefined) for (const { log } of generations) await log.close();
    await dropStaging(client, options.dataDir).catch(() => undefined);
  }
}

/** Offsets at which frames end, as text. */
async function endOf({ log, partitions }: OpenLog): Promise<string> {
  return (await Promise.all(numbersTo(partitions).map(async (partition) => (await log.bounds(framesTopic, partition)).next))).join();
}

/** Without the frames before its start a log gives other rows, not better ones. */
async function refuseCutLog({ log, partitions }: OpenLog): Promise<void> {
  for (let partition = 0; partition < partitions; partition++) {
    const { first } = await log.bounds(framesTopic, partition);
    if (first > 0n) throw new UsageError(`frames before offset ${first} of partition ${partition} are gone by retention: what follows rests on them. Name the captures, as in \`routewatch redecode FILE...\``);
  }
}

/** Drops the tables and logs of runs that are over, or were killed; those of a swap that was begun are needed. */
async function dropStaging(client: ClickHouseClient, dataDir: string): Promise<void> {
  if (openSwap(dataDir) !== undefined) return;
  const answer = await client.query({ query: `SELECT name FROM system.tables WHERE database = 'routewatch' AND match(name, '__[0-9a-f]{8}(_out|_new)?$')`, format: 'JSONEachRow' });
  for (const { name } of await answer.json<{ name: string }>()) await client.command({ query: `DROP TABLE routewatch.${name}` });
  for (const name of readdirSync(dataDir).filter((one) => /^redecode-[0-9a-f]{8}$/.test(one))) rmSync(join(dataDir, name), { recursive: true, force: true });
}

/** The present decoders over frames of the log or of captures; their events stand in a log of the run's own. */
async function decodeInto(client: ClickHouseClient, suffix: string, scratch: string, current: OpenLog, { captures }: RedecodeOptions): Promise<void> {
  const own = openEmbeddedLog(scratch);
  const worker = { stop: async (): Promise<void> => undefined };
  try {
    await own.ensureTopics(logTopics(current.partitions));
    if (captures !== undefined) await replayInto({ log: own, partitions: current.partitions }, { ...captures, shiftNs: 0n });
    const log = captures === undefined ? withFramesOf(current.log, own) : own;
    const partitions = Array.from({ length: current.partitions }, (_, partition) => partition);
    const decoding = new Worker({ log, partitions, owner: randomUUID() });
    const sink = new ClickHouseSink({ log, client, partitions, suffix });
    worker.stop = async () => {
      await decoding.stop();
      await sink.stop();
    };
    await sink.start();
    await decoding.start();
    await Promise.race([decoding.failed, sink.failed, decoding.drained().then(() => sink.drained())]);
  } finally {
    await worker.stop().catch(() => undefined);
    await own.close();
  }
}

/** Frames of one log, never written to; everything else of another. */
function withFramesOf(frames: Log, own: Log): Log {
  const of = (topic: string): Log => (topic === framesTopic ? frames : own);
  return {
    identity: (topic) => of(topic).identity(topic),
    ensureTopics: (topics) => own.ensureTopics(topics),
    append: (topic, partition, values) => own.append(topic, partition, values),
    read: (topic, partition, from) => of(topic).read(topic, partition, from),
    bounds: (topic, partition) => of(topic).bounds(topic, partition),
    consume: (where, handler) => of(where.topic).consume(where, handler),
    committed: (group, topic, partition) => own.committed(group, topic, partition),
    commit: (group, topic, partition, next) => own.commit(group, topic, partition, next),
    lag: (group, topic, partition) => own.lag(group, topic, partition),
    join: (group, topic, handler) => own.join(group, topic, handler),
    close: () => own.close(),
  };
}

async function comparedOf(client: ClickHouseClient, table: string, suffix: string, generations: readonly OpenLog[], options: RedecodeOptions): Promise<Compared> {
  const answer = await client.query({ query: `SELECT name FROM system.columns WHERE database = 'routewatch' AND table = '${table}' AND default_kind NOT IN ('ALIAS', 'MATERIALIZED') ORDER BY position`, format: 'JSONEachRow' });
  const columns = (await answer.json<{ name: string }>()).map(({ name }) => name);
  const window = [
    ...(options.fromNs === undefined ? [] : [`toUnixTimestamp64Nano(time) >= ${options.fromNs}`]),
    ...(options.toNs === undefined ? [] : [`toUnixTimestamp64Nano(time) < ${options.toNs}`]),
  ];
  // What a decoder told when it took over stands for rows of a time before: it goes only where those come in its place.
  const told = options.fromNs !== undefined && columns.includes('reason') ? ["reason != 'decoder-upgrade'"] : [];
  const ids = await Promise.all(generations.map(({ log }) => log.identity(eventsTopic)));
  // Rows of a log that is gone, or of other taps, cannot be decoded again here: they stay.
  const source = options.captures === undefined
    ? `(toUInt32(frame_partition), ingest_time) IN (SELECT partition, ingest_time FROM routewatch.ledger WHERE arrayElement(splitByChar('/', log_id), -1) IN (${ids.map(quoteText).join(', ')}))`
    : `tap IN (${options.captures.tapNames.map(quoteText).join(', ')})`;
  return { table, columns, live: [source, ...window, ...told].join(' AND '), staged: ['1', ...window].join(' AND ') };
}

async function differenceOf(client: ClickHouseClient, { table, columns, live, staged }: Compared, suffix: string): Promise<TableDifference> {
  const content = `cityHash64(toString(tuple(${columns.filter((name) => !PLACE.includes(name)).map((name) => `\`${name}\``).join(', ')})))`;
  const here = `routewatch.${table}`;
  const there = `routewatch.${table}${suffix}`;
  await client.command({ query: `CREATE TABLE ${there}_out (event_id UUID, what Enum8('gone' = 0, 'changed' = 1, 'added' = 2)) ENGINE = MergeTree ORDER BY event_id` });
  const insert = (select: string): Promise<unknown> => client.command({ query: `INSERT INTO ${there}_out ${select}` });
  await insert(`SELECT event_id, 'gone' FROM ${here} WHERE (${live}) AND event_id NOT IN (SELECT event_id FROM ${there})`);
  await insert(`SELECT event_id, 'added' FROM ${there} WHERE (${staged}) AND event_id NOT IN (SELECT event_id FROM ${here})`);
  await insert(`SELECT event_id, 'changed' FROM ${here} WHERE (${live}) AND event_id IN (SELECT event_id FROM ${there}) AND (event_id, ${content}) NOT IN (SELECT event_id, ${content} FROM ${there})`);
  const answer = await client.query({ query: `SELECT toUInt32(countIf(what = 'gone')) AS gone, toUInt32(countIf(what = 'changed')) AS changed, toUInt32(countIf(what = 'added')) AS added,
    toUInt32((SELECT count() FROM ${here} WHERE (${live}) AND event_id IN (SELECT event_id FROM ${there}))) AS both FROM ${there}_out`, format: 'JSONEachRow' });
  const [{ gone, changed, added, both }] = await answer.json<{ gone: number; changed: number; added: number; both: number }>() as [{ gone: number; changed: number; added: number; both: number }];
  if (gone + changed + added === 0) await client.command({ query: `DROP TABLE ${there}_out` });
  return { table, equal: both - changed, changed, added, gone };
}
