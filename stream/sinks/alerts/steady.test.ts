/** No false alarm: a day of tap time of three labs' steady traffic, with all that happens to taps and is planned on routers; only what says that we were blind is told. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Batcher } from '../../../collectors/batching/index.ts';
import { type OpenCapture, readCaptures } from '../../../collectors/inputs/pcap/index.ts';
import { loadModule, registry, ShadowSet } from '../../../decoders-wasm/contract/host.ts';
import { decodeFrameBatch } from '../../contract/frame-batch.ts';
import { inputsOf } from './inputs.ts';
import { type Input, text } from './rule.ts';
import { testEngine, told } from './testing.ts';
import { bgpDay } from './testing/bgp-day.ts';
import { type Frame, randomOf } from './testing/frames.ts';
import { isisDay } from './testing/isis-day.ts';
import { ospfDay } from './testing/ospf-day.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const captures = join(import.meta.dirname, '../../../infra/lab/captures');
/** When a lab did that, s since 1970. */
const when = (lab: string, event: string): number => (readFileSync(join(captures, lab, 'events.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { t: number; event: string }).find((one) => one.event === event)!).t;

/** One frame in two hundred comes twice, one in two hundred before the one ahead of it where that was less than 50 ms ago. */
function* disturbed(frames: Iterable<Frame>, seed: number): Generator<Frame> {
  const random = randomOf(seed);
  let held: Frame | undefined;
  for (const frame of frames) {
    if (held !== undefined) {
      const isSwapped = frame.at - held.at < 0.05 && random() < 0.005;
      yield isSwapped ? { at: held.at, data: frame.data } : held;
      held = isSwapped ? { at: frame.at, data: held.data } : frame;
      if (random() < 0.005) yield { at: held.at, data: held.data };
    } else held = frame;
  }
  if (held !== undefined) yield held;
}

const ids = ['0000.0000.0001', '0000.0000.0002', '0000.0000.0003'];

/** The mirror is removed for an hour. */
function* dark(frames: Iterable<Frame>, hour: number): Generator<Frame> {
  for (const frame of frames) if (frame.at < hour * HOUR || frame.at > (hour + 1) * HOUR) yield frame;
}

interface Link {
  readonly tap: string;
  readonly frames: Iterator<Frame>;
  ahead: Frame | undefined;
}

function linksOf(days: Readonly<Record<string, Iterable<Frame>>>): Link[] {
  return Object.entries(days).map(([tap, frames], index) => ({ tap, frames: disturbed(frames, 7 + index), ahead: undefined }));
}

const T0 = 1_795_300_000_000_000_000n;

/** The frames of a link from `from` up to `to` seconds, as a capture of its own. */
function captureOf(link: Link, from: number, to: number): OpenCapture {
  async function* packets(): ReturnType<OpenCapture['packets'][typeof Symbol.asyncIterator]> {
    let chunk = [];
    let number = 0;
    for (;;) {
      link.ahead ??= link.frames.next().value as Frame | undefined;
      if (link.ahead === undefined || link.ahead.at >= to) break;
      const { at, data } = link.ahead;
      link.ahead = undefined;
      if (at < from) continue;
      number += 1;
      chunk.push({ timeNs: T0 + BigInt(Math.round(at * 1e9)), linkType: 1, originalLength: data.length, data, interfaceIndex: 0, packetNumber: number });
      if (chunk.length < 500) continue;
      yield chunk;
      chunk = [];
    }
    if (chunk.length > 0) yield chunk;
    await Promise.resolve();
  }
  return {
    name: link.tap, packets: { [Symbol.asyncIterator]: packets }, result: () => ({ packets: 0, interfaces: [], fault: undefined, endTimeNs: undefined, identity: new Uint8Array(16), untimed: 0 }),
    identity: () => Promise.resolve(Uint8Array.from(Buffer.from(`${link.tap} ${from}`.padEnd(16).slice(0, 16)))), close: () => Promise.resolve(),
  };
}

/** A collector that is killed does not close its taps: the next start does, and says why. */
function killed(batcher: Batcher, taps: number): Batcher {
  const close = async (endNs: bigint): Promise<void> => {
    await batcher.flush();
    for (let tap = 0; tap < taps; tap++) await batcher.closeTap(tap, endNs, 'the collector was killed');
  };
  return Object.assign(Object.create(batcher) as Batcher, { close });
}

/** One start of the collector: seconds since the first frame, and whether it ends without a word. */
type Start = readonly [from: number, to: number, isKilled: boolean];

interface Seen {
  readonly packets: number;
  readonly alerts: readonly string[];
  /** `<table> <hour> <what>` of what happened beside hellos. */
  readonly rows: readonly string[];
}

async function watch(links: readonly Link[], starts: readonly Start[]): Promise<Seen> {
  const expected = ids.flatMap((router) => ids.filter((other) => other !== router).map((neighbor) => ({ domain: 'default', protocol: 'isis', router, neighbor, link: '' })));
  const engine = testEngine(undefined, { expected: () => expected });
  const tables = new Set([...engine.tables, 'lsdb_changes']);
  const set = new ShadowSet({ modules: registry.map(loadModule), seed: 1n, memoryLimitBytes: 1 << 28 });
  const rows: string[] = [];
  let [offset, packets] = [0n, 0];
  for (const [epoch, [from, to, isKilled]] of starts.entries()) {
    const batcher = new Batcher({
      collector: 'lab', epoch: String(epoch + 1), partitions: 1, batchBytes: 1 << 20,
      send: async (_partition, record) => {
        const { blocks, contexts, taps } = set.process(offset, decodeFrameBatch(record));
        offset += 1n;
        const sections = blocks.map(({ table, layout, rows: count, bytes }) => ({ table, layout, rows: count, bytes: bytes.length }));
        const inputs = inputsOf({ header: { sections, contexts, taps: taps.map(({ code, name, collector }) => ({ code, tap: name, collector })) }, rows: blocks.map(({ bytes }) => bytes) }, tables);
        rows.push(...inputs.flatMap(happened));
        engine.take(0, inputs);
        await Promise.resolve();
      },
    });
    const result = await readCaptures({ captures: links.map((link) => captureOf(link, from, to)), tapNames: links.map(({ tap }) => tap), domain: 'default', shiftNs: 0n }, isKilled ? killed(batcher, links.length) : batcher);
    packets += result.packets;
  }
  engine.advance(0, T0 + BigInt(DAY + HOUR) * 1_000_000_000n);
  return { packets, alerts: told(engine.takeTransitions()), rows: [...new Set(rows)] };
}

/** What shows that something was done to the traffic. */
function happened({ table, row }: Input): string[] {
  const hour = Number((row['decided_time'] as bigint - T0) / 3_600_000_000_000n);
  if (table === 'topology_changes' && row['object_type'] === 'lan' && row['initial'] !== true) return [`${text(row, 'field')} ${hour}`];
  if (table === 'lsdb_changes' && row['lsa_type'] === 9) return [`grace ${hour} ${text(row, 'change')}`];
  if (table === 'rib_marks') return [`${text(row, 'mark')} ${hour}`];
  if (table === 'session_events' && row['prev_state'] === 'established') return [`session lost ${hour}`];
  return table === 'coverage_events' ? [`${text(row, 'what')} ${hour}`] : [];
}

it('a day of hellos, refreshes and keepalives, reordered and doubled, with taps that restart, planned restarts, another DR and DIS: nobody is told of anything but what was not seen', async () => {
  const isis = await isisDay({ file: join(captures, 'isis-lan3/lan0.pcap.gz'), until: when('isis-lan3', 'metric_change'), days: DAY, disChange: 6 * HOUR, restart: 10 * HOUR });
  const ospf = await ospfDay({ file: join(captures, 'ospf-lan/lan0.pcap.gz'), until: when('ospf-lan', 'cost_change'), days: DAY, drChange: 8 * HOUR, graceful: 12 * HOUR });
  const bgp = await bgpDay({ file: join(captures, 'bgp-basic/l1.full.pcap.gz'), killed: when('bgp-basic', 'gr_kill9'), until: when('bgp-basic', 'loss'), days: DAY, restart: 14 * HOUR });
  // The collector is stopped after four hours and killed after sixteen; it is back three seconds later.
  const { packets, alerts, rows } = await watch(linksOf({ isis: dark(isis, 18), ospf: dark(ospf, 20), bgp: dark(bgp, 22) }), [[0, 4 * HOUR, false], [4 * HOUR + 3, 16 * HOUR, true], [16 * HOUR + 3, DAY, false]]);
  expect(packets).toBeGreaterThan(280_000);
  for (const row of ['dis 6', 'dr 8', 'grace 12 new', 'grace 12 purged', 'session lost 14', 'stale 14', 'sweep 14', 'coverage-suspect 18', 'coverage-suspect 20', 'restored 21', 'coverage-suspect 22', 'restored 23', 'tap-opened 16']) expect(rows, rows.join(', ')).toContain(row);
  expect(rows.filter((row) => row.startsWith('session lost'))).toEqual(['session lost 14']);
  // What the sessions said while the collector was away, and the mirrors.
  expect(alerts).toEqual([
    'firing frames-lost (gap)', 'resolved frames-lost (gap)', 'firing frames-lost (gap)', 'resolved frames-lost (gap)', ...[18, 20].flatMap(() => ['firing tap-blind (coverage-suspect)', 'resolved tap-blind (coverage-suspect)']),
    'firing tap-blind (coverage-suspect)', 'firing frames-lost (gap)', 'resolved tap-blind (coverage-suspect)', 'resolved frames-lost (gap)',
  ]);
}, 60_000);

it('the same restarts without their announcement are told', async () => {
  const isis = await isisDay({ file: join(captures, 'isis-lan3/lan0.pcap.gz'), until: when('isis-lan3', 'metric_change'), days: HOUR, disChange: DAY, restart: HOUR / 4, isUnannounced: true });
  const ospf = await ospfDay({ file: join(captures, 'ospf-lan/lan0.pcap.gz'), until: when('ospf-lan', 'cost_change'), days: HOUR, drChange: DAY, graceful: HOUR / 2, isUnannounced: true });
  const { alerts } = await watch(linksOf({ isis, ospf }), [[0, HOUR, false]]);
  expect(alerts).toEqual(['0000.0000.0002', '10.255.0.3'].flatMap((router) => [`firing router-silent ${router} (router-silent)`, `resolved router-silent ${router} (router-silent)`]));
}, 60_000);
