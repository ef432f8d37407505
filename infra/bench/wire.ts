/** From the wire to the event and to the row: a live tap, its collector, a real Kafka, a worker, a sink and the store, each as it runs. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { quietClient } from '../../cli/lib/client.ts';
import { openKafka } from '../../cli/lib/kafka.ts';
import { printed, type Running, startDirectly } from '../../cli/testing.ts';
import { VethPair } from '../../collectors/loader/testing.ts';
import { basicAttributes, prefix, update } from '../../decoders-wasm/protocols/bgp/generate.ts';
import { LiveSink } from '../../stream/sinks/live/index.ts';
import { startStore } from '../../stream/store/index.ts';
import { KafkaBroker } from '../dev/kafka/broker.ts';
import { sessionPackets } from './generate/session.ts';

const PARTITIONS = 2;
/** Packets of a session before its first UPDATE. */
const OPENING = 7;
/** Updates that are not counted: everything is warm then. */
const WARM = 40;
const EVERY_MS = [20, 80] as const;
/** Longest wait for what was sent last. */
const LAST_MS = 15_000;
const LONGEST_MS = 600_000;
const TOKEN = 'ROUTEWATCH_CLICKHOUSE_PASSWORD';

export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly count: number;
}

export interface WireFigures {
  readonly updates: number;
  /** Until a follower of the events has the event in hand. */
  readonly event: Latency;
  /** Until a query of the store finds the row. */
  readonly row: Latency;
}

/** UPDATEs of one prefix each on a veth pair, one every 20 to 80 ms; the frame's own time stamp, by the kernel, is the beginning. Needs root. */
export async function measureWire(updates: number): Promise<WireFigures> {
  const directory = mkdtempSync(join(tmpdir(), 'routewatch-wire-'));
  const pair = new VethPair();
  const running: Running[] = [];
  const [broker, store] = await Promise.all([KafkaBroker.start(), startStore({ dataDir: join(directory, 'store') })]);
  const log = `kafka://${broker.address}`;
  const part = async (text: string, ...words: string[]): Promise<void> => {
    const one = startDirectly(words, { longestMs: LONGEST_MS });
    running.push(one);
    await printed(one, text);
  };
  const before = process.env[TOKEN];
  try {
    process.env[TOKEN] = store.writerToken;
    const topics = startDirectly(['topics', '--log', log, '--partitions', String(PARTITIONS)]);
    if ((await topics.ended).code !== 0) throw new Error('the topics were not made');
    const config = join(directory, 'collector.json');
    writeFileSync(config, JSON.stringify({ collector: 'bench', taps: [{ match: 'tap0', namespace: pair.left }], data: join(directory, 'spool'), kafka: { brokers: [broker.address] } }));
    await Promise.all([
      part('worker: a share', 'worker', '--log', log, '--data', join(directory, 'worker')),
      part('sink: a share', 'sink', '--log', log, '--store', store.url.replace('//', '//writer@')),
      part('collector bench: 1 taps', 'collect', '--config', config),
    ]);
    return await watch({ broker, storeUrl: store.url, pair, updates });
  } finally {
    if (before === undefined) delete process.env[TOKEN];
    else process.env[TOKEN] = before;
    for (const { process: child } of running.toReversed()) child.kill('SIGTERM');
    await Promise.all(running.map(({ ended }) => ended));
    await store.stop();
    await broker.stop();
    pair.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Watched {
  readonly broker: KafkaBroker;
  readonly storeUrl: string;
  readonly pair: VethPair;
  readonly updates: number;
}

async function watch({ broker, storeUrl, pair, updates }: Watched): Promise<WireFigures> {
  const { log, partitions } = await openKafka({ brokers: [broker.address] });
  const live = new LiveSink(log, partitions);
  const client = quietClient({ url: storeUrl });
  const events: number[] = [];
  const rows: number[] = [];
  const total = updates + WARM;
  try {
    await live.start();
    live.subscribe(({ table, time }) => { if (table === 'route_changes') events.push(since(BigInt(time))); });
    let until = Infinity;
    const sending = send(pair, total).finally(() => { until = performance.now() + LAST_MS; });
    // Told below; a failure must not end the process before.
    sending.catch(() => undefined);
    let last = '0';
    const newer = async (): Promise<string[]> => (await (await client.query({
      query: `SELECT toString(toUnixTimestamp64Nano(time)) AS ns FROM routewatch.route_changes WHERE toUnixTimestamp64Nano(time) > ${last} ORDER BY time`, format: 'JSONEachRow',
    })).json<{ ns: string }>()).map(({ ns }) => ns);
    while ((rows.length < total || events.length < total) && performance.now() < until) {
      const found = await newer();
      rows.push(...found.map((ns) => since(BigInt(ns))));
      last = found.at(-1) ?? last;
      await sleep(5);
    }
    await sending;
  } finally {
    await live.stop();
    await client.close();
    await log.close();
  }
  if (rows.length < total || events.length < total) throw new Error(`${total} updates were sent; ${events.length} events and ${rows.length} rows came`);
  return { updates, event: latency(events.slice(WARM)), row: latency(rows.slice(WARM)) };
}

/** The opening of a session, then an UPDATE at a time. */
async function send(pair: VethPair, total: number): Promise<void> {
  const one = (index: number): Buffer => update(Buffer.alloc(0), basicAttributes([65001]), prefix(`100.${64 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}/32`));
  const messages = Array.from({ length: total }, (_, index) => one(index));
  const packets = [...sessionPackets(messages, messages[0]!.length)];
  pair.send(packets.splice(0, OPENING).map(({ data }) => data));
  await sleep(2000);
  for (const { data } of packets) {
    pair.send([data]);
    // Acknowledgements follow at once, as on a wire.
    if (data.length > 100) await sleep(EVERY_MS[0] + Math.random() * (EVERY_MS[1] - EVERY_MS[0]));
  }
}

/** ms from a wall time until now. */
function since(ns: bigint): number {
  return Number(BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n - ns) / 1e6;
}

/** Of values in ms. */
export function latency(values: readonly number[]): Latency {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { p50Ms: at(0.5), p99Ms: at(0.99), count: sorted.length };
}
