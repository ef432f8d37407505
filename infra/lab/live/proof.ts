/**
 * `make lab`: live routers with a collector each, a real Kafka, two workers, a sink, an alerter and a store, while things go
 * wrong; then the rows of the store against what the daemons themselves logged, and what receivers of alerts were told. Two
 * lines of figures, and exit code 1 if something is not as it must be.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openKafka } from '../../../cli/lib/kafka.ts';
import { audit, type AuditReport } from '../../../stream/audit/index.ts';
import { kafkaLacking } from '../../dev/kafka/broker.ts';
import { decidedIn, type Delay, delays, delaysLine, differences, places, type Told, toldIn } from './alerts.ts';
import { areEnded, unexpected } from './expected-alerts.ts';
import { type LabEvent, LiveLab, liveLacking } from './index.ts';
import { nodes, ports } from './network.ts';
import { Parts } from './parts.ts';
import { ENTERPRISE, lackingReceivers, Receivers } from './receivers.ts';
import type { Rows } from './rows.ts';
import { FLAPPED, FLAPS, isFault } from './script.ts';
import { readStory, type Story } from './story.ts';
import { equality, type Equality } from './truth.ts';

/** What the sink may take after the last frame, ms. */
const SETTLE_MS = 30_000;
/** A killed collector is missed this long at most before its gap begins, and its interval may reach so far beyond, ns. */
const GAP_SLACK_NS = 12_000_000_000n;
const SECOND_NS = 1_000_000_000n;
/** What may still be held down after the last frame, ms. */
const RESOLVE_MS = 30_000;
/** Within which a loss is told, however busy the machine is, ms; what an idle one takes is measured by `make bench`. */
const TOLD_MS = 10_000;
/** Rules whose row comes as the network changes; a collector that died is missed by its silence. */
const LOSSES = new Set(['adjacency-lost', 'router-silent', 'session-lost']);
/** Processes that want to run, for each CPU: with more, the machine itself makes daemons late. The lab alone has about two. */
const BUSY = 4;

export interface Proof {
  readonly routers: number;
  readonly faults: number;
  readonly equality: Equality;
  /** In the store, each once. */
  readonly rows: number;
  /** From frame to durable row, ms. */
  readonly latency: { readonly p50: number; readonly p99: number };
  /** Who has to know was told so, in order, and how long each receiver took. */
  readonly told: readonly Told[];
  readonly delays: readonly Delay[];
  readonly seconds: number;
  /** What is not as it must be; empty: all is proved. */
  readonly failures: readonly string[];
}

/** Why the proof cannot run here; undefined where it can. */
export function proofLacking(): string | undefined {
  return liveLacking() ?? kafkaLacking() ?? lackingReceivers();
}

/** Runs the lab into the folder `out` (configurations, events, logs, alerts). Everything else that it makes is gone at the end. */
export async function prove(out: string, { signal, onEvent }: { readonly signal?: AbortSignal; readonly onEvent?: (event: LabEvent) => void } = {}): Promise<Proof> {
  const began = performance.now();
  const directory = mkdtempSync(join(tmpdir(), 'routewatch-live-'));
  const aborted = new Promise<never>((_, reject) => { signal?.addEventListener('abort', () => { reject(new Error('ended by a signal')); }); });
  aborted.catch(() => undefined);
  let receivers: Receivers | undefined;
  let parts: Parts | undefined;
  let lab: LiveLab | undefined;
  try {
    receivers = await Receivers.start();
    parts = await Parts.start(directory, receivers.channels);
    await receivers.watch(parts.rows, { broker: parts.broker.address, storeUrl: parts.store.url, directory });
    const { failed } = parts;
    failed.catch(() => undefined);
    lab = new LiveLab({ log: parts.log, out, ...(onEvent === undefined ? {} : { onEvent }) });
    await Promise.race([lab.ended, failed, aborted]);
    await Promise.race([parts.decoded(), failed, aborted]);
    return { ...await judge(parts, receivers, readStory(out), out), seconds: (performance.now() - began) / 1000 };
  } finally {
    await lab?.stop();
    await receivers?.stop();
    await parts?.stop();
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function judge(parts: Parts, receivers: Receivers, story: Story, out: string): Promise<Omit<Proof, 'seconds'>> {
  const { rows } = parts;
  const isBusy = loadavg()[0]! > BUSY * availableParallelism();
  const audited = await settled(parts, rows);
  const compared = equality(story, out, { adjacencies: await rows.inOrder('adjacency_events'), sessions: await rows.inOrder('session_events') }, isBusy);
  const told = await toldInTheEnd(rows);
  await receivers.settle();
  writeFileSync(join(out, 'alerts.jsonl'), (await rows.ask('SELECT * FROM routewatch.alerts ORDER BY ingest_time, time')).map((row) => `${JSON.stringify(row)}\n`).join(''));
  const taken = delays(told, await decidedIn(rows), receivers);
  return {
    routers: nodes.length,
    faults: story.events.filter(({ event }) => isFault(event)).length,
    equality: compared,
    rows: audited.tables.reduce((sum, { stored }) => sum + stored, 0),
    latency: await rows.latency(),
    told,
    delays: taken,
    failures: [
      ...compared.unexplained,
      ...audited.findings.map(({ table, detail }) => `audit: ${table} ${detail}`),
      ...story.events.filter(({ event }) => event === 'daemon_crashed').map(({ target }) => `${target} crashed: the run proves nothing of it`),
      ...await flapFailures(rows, story),
      ...await coverageFailures(rows, story),
      ...(await rows.count('quarantine') === 0 ? [] : ['there are frames in quarantine']),
      ...differences(told, receivers),
      ...unexpected(told, receivers.traps(), ENTERPRISE),
      ...taken.filter((one) => isOfLoss(one) && !areWithin(one.ms, TOLD_MS)).map(({ rule, ms }) => `${rule} was not told to all within ${TOLD_MS / 1000} s: ${JSON.stringify(ms)}`),
    ],
  };
}

/** What was told, once all that was mended is resolved: the hold-down ends behind the script. */
async function toldInTheEnd(rows: Rows): Promise<Told[]> {
  for (const until = performance.now() + RESOLVE_MS; performance.now() < until; await sleep(500)) {
    const told = await toldIn(rows);
    if (areEnded(told, ENTERPRISE)) {
      // The last row comes before Alertmanager is looked at again.
      await sleep(500);
      return told;
    }
  }
  return toldIn(rows);
}

function isOfLoss({ by, rule }: Delay): boolean {
  return by !== 'hold' && LOSSES.has(rule);
}

function areWithin(ms: Delay['ms'], most: number): boolean {
  return places.every((name) => (ms[name] ?? Infinity) <= most);
}

/** What the audit says once the sink has inserted everything. */
async function settled(parts: Parts, rows: Rows): Promise<AuditReport> {
  const { log, partitions } = await openKafka({ brokers: [parts.broker.address] });
  try {
    const until = performance.now() + SETTLE_MS;
    for (;;) {
      const report = await audit({ log, partitions, rows: async (sql) => rows.ask(sql) });
      if (report.partitions.every(({ waiting }) => waiting === 0)) return report;
      if (performance.now() > until) throw new Error(`the sink is still behind after ${SETTLE_MS / 1000} s`);
      await sleep(500);
    }
  } finally {
    await log.close();
  }
}

/** transit1 withdrew and announced the prefix so often, and lon1 heard each. */
async function flapFailures(rows: Rows, story: Story): Promise<string[]> {
  const at = (event: LabEvent): bigint => BigInt(Math.round(event.t * 1e3)) * 1_000_000n;
  const flaps = story.events.filter(({ event }) => event.startsWith('flap_')).map(at);
  const wanted = Array.from({ length: FLAPS }, () => ['tdown', 'tup']).flat();
  const found = await rows.changesOf(FLAPPED, ports.find(({ node }) => node === 'transit1')!.addresses[0]!, flaps[0]!, flaps.at(-1)! + SECOND_NS);
  return found.join() === wanted.join() ? [] : [`${FLAPPED} of transit1: ${found.join(' ')} in place of ${wanted.join(' ')}`];
}

/** What the killed collector did not see is one gap a tap; the cut link lost its carrier at both ends; nobody else was blind. */
async function coverageFailures(rows: Rows, story: Story): Promise<string[]> {
  const failures: string[] = [];
  for (const { name } of nodes) {
    const blind = story.blind.get(name);
    const taps = ports.filter(({ node }) => node === name);
    const gaps = await rows.coverage('gap', name);
    if (gaps.length !== (blind === undefined ? 0 : taps.length)) failures.push(`the collector of ${name} has ${gaps.length} gaps`);
    for (const { tap, from, to } of gaps) {
      if (blind === undefined || from < blind.from - GAP_SLACK_NS || from > blind.from + SECOND_NS || to < blind.to || to > blind.to + GAP_SLACK_NS) failures.push(`the gap of ${tap} is not when its collector was dead`);
    }
    if ((await rows.coverage('restored', name)).length > 0) failures.push(`taps of ${name} are said to be restored: they ended, and others opened`);
    const lost = (await rows.coverage('carrier-lost', name)).length;
    const cut = taps.filter(({ link }) => story.cut.has(link)).length;
    if (lost !== cut) failures.push(`the collector of ${name} tells of ${lost} lost carriers in place of ${cut}`);
  }
  return failures;
}

/** The figures in two lines. */
export function proofLine({ routers, faults, equality: { equal, exempt, allowed, farthestNs }, rows, latency, told, delays: taken, seconds, failures }: Proof): string {
  const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((all, one) => all + one, 0);
  return `lab: ${routers} routers with a collector each, ${faults} faults, ${equal} log lines equal (${sum(exempt)} exempt, ${sum(allowed)} rows of what no daemon could log, at most ${(Number(farthestNs) / 1e6).toFixed(1)} ms apart), `
    + `${rows} rows in the store, each once, frame to durable row ${latency.p50.toFixed(0)} ms (p99 ${latency.p99.toFixed(0)} ms), ${told.length} alerts told to each receiver, ${failures.length === 0 ? 'nothing' : failures.length} wrong, ${seconds.toFixed(0)} s\n     ${delaysLine(taken.filter(isOfLoss))}`;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { out: { type: 'string' } } });
  const lacking = proofLacking();
  if (lacking !== undefined) {
    console.error(`lab: cannot run here: ${lacking}`);
    return 69;
  }
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => { controller.abort(); });
  const out = values.out === undefined ? mkdtempSync(join(tmpdir(), 'routewatch-live-out-')) : resolve(values.out);
  try {
    const proof = await prove(out, { signal: controller.signal, onEvent: ({ rel, event, target, say }) => { if (say !== undefined) console.log(`${rel.toFixed(1).padStart(6)} s  ${event} ${target}: ${say}`); } });
    for (const [cause, count] of [...Object.entries(proof.equality.exempt), ...Object.entries(proof.equality.allowed)]) console.log(`        exempt: ${count} ${cause}`);
    for (const failure of proof.failures) console.error(`        wrong: ${failure}`);
    console.log(proofLine(proof));
    return proof.failures.length === 0 ? 0 : 1;
  } finally {
    if (values.out === undefined) rmSync(out, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(`lab: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
