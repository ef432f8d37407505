/**
 * `node infra/bench/live.ts [--rounds N] [--updates N] [--losses N] [--write]`, part of `make bench`: what collectors ship, frames a
 * second through a real Kafka, how long it takes from the wire to the event and the row, and from a deadline to who is told. What
 * cannot be run here says so.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { whyNotLive } from '../../collectors/loader/testing.ts';
import { KafkaBroker, kafkaLacking } from '../dev/kafka/broker.ts';
import type { Place } from '../lab/live/alerts.ts';
import { lackingReceivers } from '../lab/live/receivers.ts';
import { type AtRest, collectorsAtRest } from './collectors.ts';
import { interleaved, spread } from './cpu.ts';
import { benchFiles } from './generate/files.ts';
import { describeCommit, describeMachine, load } from './machine.ts';
import { measureCaptured, measureCollected, type Throughput } from './throughput.ts';
import { EVERY_MS, measureTold } from './told.ts';
import { measureWire, type WireFigures } from './wire.ts';

const COLLECTORS = 500;
const AT_REST = { hellos: 10, helloSeconds: 10, holdSeconds: 30, sessions: 10, keepaliveSeconds: 60, taps: 4 };
/** Both ends of an adjacency send hellos. */
const ADJACENCIES = { hellos: 2000, helloSeconds: 10, holdSeconds: 30, sessions: 0, keepaliveSeconds: 60, taps: 100 };
const SECONDS = 60;
/** What was asked for. */
const MOST_SHIPPED = 0.02;
const MOST_RECORDS = 3000;
const SESSIONS = 5000;
const SESSION_SECONDS = 10;
const TABLE = { prefixes: 200_000, seed: 20_261_121, segmentBytes: 1460 };

const told = (what: string): void => { process.stderr.write(`bench: ${what}\n`); };
const thousands = (value: number): string => Math.round(value).toLocaleString('en-US');
const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
const verdict = (isHeld: boolean): string => (isHeld ? 'held' : '**missed**');

async function shipping(): Promise<string[]> {
  told(`${COLLECTORS} collectors at rest`);
  const rest = await collectorsAtRest(COLLECTORS, SECONDS, AT_REST);
  told('1,000 steady adjacencies');
  const steady = await collectorsAtRest(1, SECONDS, ADJACENCIES);
  const shares = ({ bytesPerSecond, compressedPerSecond, capturedPerSecond }: AtRest): string => `${percent(compressedPerSecond / capturedPerSecond)} as Kafka gets it (zstd), ${percent(bytesPerSecond / capturedPerSecond)} before`;
  return [
    '## What collectors ship', '',
    `Real shippers, ${SECONDS} s of simulated time each; exact, whatever else the machine does.`, '',
    `- 1,000 steady adjacencies, padded hellos of 1,497 bytes every ${ADJACENCIES.helloSeconds} s from both ends: of ${thousands(steady.capturedPerSecond / 1024)} KB/s captured ${shares(steady)}; at most 2 % asked for: ${verdict(steady.compressedPerSecond / steady.capturedPerSecond <= MOST_SHIPPED)}.`,
    `- ${COLLECTORS} collectors at rest (each ${AT_REST.hellos} neighbours, ${AT_REST.sessions} BGP sessions, ${AT_REST.taps} taps): **${thousands(rest.recordsPerSecond)} records/s** in all, below ${thousands(MOST_RECORDS)} asked for: ${verdict(rest.recordsPerSecond < MOST_RECORDS)}; ${thousands(rest.compressedPerSecond / 1024)} KB/s of ${thousands(rest.capturedPerSecond / 1024)} captured.`, '',
  ];
}

async function throughput(rounds: number): Promise<string[]> {
  const lacking = kafkaLacking();
  if (lacking !== undefined) return notRun('frames a second through Kafka', lacking);
  const { pcap } = await benchFiles(join(import.meta.dirname, '../../build/bench'), TABLE);
  const broker = await KafkaBroker.start();
  try {
    const runs = await interleaved(rounds, new Map<string, () => Promise<Throughput>>([
      ['collected', () => measureCollected(broker, SESSIONS, SESSION_SECONDS)], ['captured', () => measureCaptured(broker, pcap)],
    ]), (name, round) => { told(`through Kafka, round ${round} of ${rounds}: ${name}`); });
    const row = (name: string, what: string, more = (_seconds: number): string => ''): string => {
      const list = runs.get(name)!;
      const { min, median } = spread(list.map(({ seconds }) => seconds));
      const { frames } = list[0]!;
      return `| ${what} | ${thousands(frames)} | ${thousands(frames / min)}${more(min)} | ${thousands(frames / median)}${more(median)} |`;
    };
    return [
      '## Frames a second through Kafka', '',
      `Wall time on all cores, ${rounds} interleaved ${rounds === 1 ? 'round' : 'rounds'}, a fresh log of 4 partitions each: until the last row is in the events log. Broker, worker and sender share the machine.`, '',
      '| | frames | at best, frames/s | median |', '|---|--:|--:|--:|',
      row('collected', `KEEPALIVEs and acknowledgements of ${thousands(SESSIONS)} sessions: ring, shipper, durable spool, Kafka, worker`),
      row('captured', `one session's table of ${thousands(TABLE.prefixes)} routes in packets of 1,460 bytes: batches, Kafka, worker`, (seconds) => ` (${thousands(TABLE.prefixes / seconds)} routes/s)`), '',
    ];
  } finally {
    await broker.stop();
  }
}

async function latencies(updates: number): Promise<string[]> {
  const lacking = whyNotLive() ?? kafkaLacking();
  if (lacking !== undefined) return notRun('from the wire to the event and the row', lacking);
  told(`from the wire to the row, ${updates} updates`);
  const { event, row }: WireFigures = await measureWire(updates);
  return [
    '## From the wire to the event and the row', '',
    `${updates} BGP UPDATEs on a veth pair, one every 20 to 80 ms; from the kernel's time stamp of the frame, through filter, collector, Kafka, worker.`, '',
    '| until | p50 ms | p99 ms |', '|---|--:|--:|',
    `| a follower of the events log has the event | ${event.p50Ms.toFixed(0)} | ${event.p99Ms.toFixed(0)} |`,
    `| a query of the embedded store finds the row (the sink inserts once a second) | ${row.p50Ms.toFixed(0)} | ${row.p99Ms.toFixed(0)} |`, '',
    'Restart with 1,000,000 routes in the shadow: RESULTS.md.', '',
  ];
}

async function telling(losses: number): Promise<string[]> {
  const lacking = whyNotLive() ?? kafkaLacking() ?? lackingReceivers();
  if (lacking !== undefined) return notRun('from a deadline to who is told', lacking);
  told(`from a deadline to who is told, ${losses} losses`);
  const figures = await measureTold(losses);
  const row = (place: Place, what: string): string => `| ${what} | ${figures[place].p50Ms.toFixed(0)} | ${figures[place].p99Ms.toFixed(0)} |`;
  return [
    '## From a deadline to who is told', '',
    `${losses} IS-IS neighbours on a veth pair fall silent, one every ${EVERY_MS / 1000} s; from the end of the hold time by the tap's clock, through filter, collector, Kafka, worker and alerter. The rule \`adjacency-lost\` waits for 500 ms of that, so that what belongs together is told together.`, '',
    '| until | p50 ms | p99 ms |', '|---|--:|--:|',
    row('events', 'a follower of the events log has the event'),
        row('alertmanager', 'Alertmanager has the alert'),
    row('snmp', 'snmptrapd has decoded the notification'),
    row('opentelemetry', 'the OpenTelemetry Collector has written the log record to its file'),
    row('page', 'its line is on the open page (Chromium)'),
    row('row', 'a query of the embedded store finds the row in `alerts`'), '',
    'All of them, and the browser, share the machine; the page and the row wait for a store that inserts and answers both.', '',
  ];
}

function notRun(what: string, why: string): string[] {
  told(`not run: ${what}: ${why}`);
  return [`Not run: ${what}: ${why}`, ''];
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' }, updates: { type: 'string', default: '600' }, losses: { type: 'string', default: '60' }, write: { type: 'boolean', default: false } } });
const [rounds, updates, losses] = [values.rounds, values.updates, values.losses].map((text) => Math.max(1, Number(text))) as [number, number, number];
const before = load();
const sections = [...await shipping(), ...await throughput(rounds), ...await latencies(updates), ...await telling(losses)];
const isDisturbed = Math.max(before, load()) > availableParallelism() + 1;
const text = [
  '# The live system, measured', '',
  `${new Date().toISOString().slice(0, 10)}, commit ${describeCommit()}, \`node infra/bench/live.ts --rounds ${rounds} --updates ${updates} --losses ${losses}\`  `,
  `${describeMachine()}; load ${before.toFixed(1)} at the beginning, ${load().toFixed(1)} at the end.${isDisturbed ? ' Other work ran meanwhile: the times are longer, and the rates lower, than the machine allows.' : ''}`, '',
  ...sections,
].join('\n');
process.stdout.write(text);
if (values.write) writeFileSync(join(import.meta.dirname, 'LIVE.md'), text);
