/** From a deadline to who is told: hold times that run out on a live tap, and when each receiver of the alert has it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Running, printed, startDirectly } from '../../cli/testing.ts';
import { VethPair } from '../../collectors/loader/testing.ts';
import { AREA_1, areas, lanHello, neighbors, snpa, u16 } from '../../decoders-wasm/protocols/isis/crafted.ts';
import { decidedIn, type Delay, delays, type Place, places, toldIn } from '../lab/live/alerts.ts';
import { Parts } from '../lab/live/parts.ts';
import { Receivers } from '../lab/live/receivers.ts';
import { type Latency, latency } from './wire.ts';

/** Adjacencies begin one after the other in this distance, ms. */
export const EVERY_MS = 1000;
const HELLO_MS = 1000;
const HOLD_S = 3;
/** Hellos of a router before it falls silent, and those of its neighbour, which no longer lists it in the last two. */
const HELLOS = 4;
const NEIGHBOR_HELLOS = HELLOS + HOLD_S + 2;
/** Those that are not counted: everything is warm then. */
const WARM = 5;
/** Longest wait for what is told last. */
const LAST_MS = 15_000;
const LONGEST_MS = 600_000;
const ALL_L2_ISS = [0x01, 0x80, 0xc2, 0, 0, 0x15];
const LLC = [0xfe, 0xfe, 3];

export type ToldFigures = Readonly<Record<Place, Latency>>;

/**
 * `losses` IS-IS neighbours fall silent, one after the other; the deadline by the tap's own clock is the beginning. Collector,
 * Kafka, workers, sink, store, alerter, receivers and browser share the machine. Needs root.
 */
export async function measureTold(losses: number): Promise<ToldFigures> {
  const directory = mkdtempSync(join(tmpdir(), 'routewatch-told-'));
  const pair = new VethPair();
  let receivers: Receivers | undefined;
  let parts: Parts | undefined;
  let collector: Running | undefined;
  try {
    receivers = await Receivers.start();
    parts = await Parts.start(directory, receivers.channels);
    await receivers.watch(parts.rows, { broker: parts.broker.address, storeUrl: parts.store.url, directory });
    const config = join(directory, 'collector.json');
    writeFileSync(config, JSON.stringify({ collector: 'bench', taps: [{ match: 'tap0', namespace: pair.left }], data: join(directory, 'spool'), kafka: { brokers: [parts.broker.address] } }));
    collector = startDirectly(['collect', '--config', config], { longestMs: LONGEST_MS });
    await printed(collector, 'collector bench: 1 taps');
    await send(pair, losses + WARM);
    return await judge(parts, receivers, losses);
  } finally {
    collector?.process.kill('SIGTERM');
    await collector?.ended;
    await receivers?.stop();
    await parts?.stop();
    pair.close();
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function judge({ rows }: Parts, receivers: Receivers, losses: number): Promise<ToldFigures> {
  const taken = async (): Promise<Delay[]> => {
    const told = (await toldIn(rows)).filter(({ rule, state }) => rule === 'adjacency-lost' && state === 'firing');
    await receivers.askPage();
    return delays(told, await decidedIn(rows), receivers).filter(({ by }) => by === 'deadline');
  };
  let found: Delay[] = [];
  const isAll = (): boolean => found.length >= losses + WARM && found.every(({ ms }) => places.every((place) => ms[place] !== undefined));
  for (const until = performance.now() + LAST_MS; performance.now() < until && !isAll(); await sleep(500)) found = await taken();
  await receivers.settle();
  if (!isAll()) throw new Error(`${losses + WARM} hold times ran out; of ${found.length} it was told: ${JSON.stringify(Object.fromEntries(places.map((place) => [place, found.filter(({ ms }) => ms[place] !== undefined).length])))}`);
  return Object.fromEntries(places.map((place) => [place, latency(found.slice(WARM).map(({ ms }) => ms[place]!))])) as ToldFigures;
}

/** Pairs of routers that list each other: of each one falls silent, and the other says so only after the deadline. */
async function send(pair: VethPair, losses: number): Promise<void> {
  const began = performance.now();
  const hellos = Array.from({ length: losses }, (_, index) => {
    const [silent, other] = [2 * index + 1, 2 * index + 2];
    const at = index * EVERY_MS;
    return [
      ...Array.from({ length: HELLOS }, (_none, hello) => ({ at: at + hello * HELLO_MS, frame: helloOf(index + 1, silent, [other]) })),
      ...Array.from({ length: NEIGHBOR_HELLOS }, (_none, hello) => ({ at: at + (hello + 0.5) * HELLO_MS, frame: helloOf(index + 1, other, hello < HELLOS + HOLD_S - 1 ? [silent] : []) })),
    ];
  }).flat().toSorted((a, b) => a.at - b.at);
  for (const { at, frame } of hellos) {
    const waits = began + at - performance.now();
    if (waits > 0) await sleep(waits);
    pair.send([frame]);
  }
}

/** Each pair has a VLAN of its own: on one LAN everybody would hear everybody. */
function helloOf(vlan: number, router: number, listed: readonly number[]): Buffer {
  const pdu = lanHello(router, 2, HOLD_S, [...areas(AREA_1), ...neighbors(...listed)]);
  return Buffer.from([...ALL_L2_ISS, ...snpa(router), ...u16(0x8100), ...u16(vlan), ...u16(LLC.length + pdu.length), ...LLC, ...pdu]);
}

if (import.meta.main) {
  const figures = await measureTold(Number(process.argv[2] ?? 60));
  for (const [name, { p50Ms, p99Ms, count }] of Object.entries(figures)) process.stdout.write(`${name}: p50 ${p50Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms of ${count}\n`);
}
