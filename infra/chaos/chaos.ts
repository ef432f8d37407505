/**
 * Chaos: one recorded input through parts that are killed at named places and at random instants, against the same
 * input undisturbed: `node infra/chaos/chaos.ts [--rounds N] [--seed N] [--log NAME] [--feed NAME] [--only HARM]... [--keep DIR]`. Nothing may be lost, nothing twice.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { AuditReport } from '../../stream/audit/index.ts';
import { framesTopic } from '../../stream/contract/log.ts';
import { Random } from '../fuzz/mutate.ts';
import { auditOf, contentOf, differentViews, without } from './content.ts';
import { makeDecoders } from './decoders.ts';
import { CollectorFeed, type Feed, ReplayFeed, Tally } from './feeds.ts';
import { faultPoints, type Harm, Harms, OLDER_AND_BACK } from './harms.ts';
import { chaosLog } from './logs.ts';
import { openLog } from './part.ts';
import { liveClocks, manyCuts, partitionsOf, type Setup, writeSetup } from './setup.ts';
import { type Part, Supervisor } from './supervisor.ts';
import { type Darkness, readWorld } from './world.ts';

const captures = join(import.meta.dirname, '..', 'lab', 'captures');
/** Longest that worker and sink may stand still before they are done, ms. */
const SETTLE_MS = 120_000;
/** How often is looked whether they are: the audit reads all events. */
const LOOK_MS = 500;
/** Rounds for which the captures are enough once. */
const ROUNDS_AN_INPUT = 40;
/** Partitions of a log under chaos: so that one can be ahead of the other; so that each of three workers can have one. */
const PARTITIONS = { replay: 2, collectors: 4 } as const;
/** The captures that one replay takes, and those of each collector. */
const LABS = ['demo', 'isis-lan3', 'bgp-basic'];
const COLLECTOR_LABS = [['demo'], ['isis-lan3', 'bgp-basic']];

export type FeedName = keyof typeof PARTITIONS;

export interface ChaosOptions {
  /** At least: each kind of harm comes once, however few. */
  readonly rounds: number;
  readonly seed: number;
  /** A log of logs.ts. */
  readonly log?: string;
  /** What brings the input; default: replay. */
  readonly feed?: FeedName;
  /** Only harms whose names are among these, or begin with one that ends in `*`; the run proves nothing of the others. */
  readonly only?: readonly string[];
  /** Where the data of a run that fails are copied, to be looked at. */
  readonly keep?: string | undefined;
  readonly tell?: (text: string) => void;
}

export interface ChaosResult {
  readonly rounds: number;
  /** Kills by part and place in the code, and all else by what it was. */
  readonly atPlaces: Readonly<Record<string, number>>;
  readonly others: Readonly<Record<string, number>>;
  /** Places at which nothing was killed, and harms that hit nothing: the run proves nothing of these. */
  readonly missed: readonly string[];
  /** Harms that cannot be done here, and why. */
  readonly notRun: readonly string[];
  /** Frame batches in the log, rows that these gave, and rows that say what other decoders read otherwise. */
  readonly records: number;
  readonly rows: number;
  readonly upgrades: Readonly<Record<string, number>>;
  /** Inserts that the store took back at a start: token there, part not. */
  readonly repaired: number;
  /** Event ids that the undisturbed run has and the disturbed one not, and the other way round, and those twice. */
  readonly lost: readonly string[];
  readonly added: readonly string[];
  readonly differentViews: readonly string[];
  /** How often a ring ran full whose collector was dead, and the rows that say so: one for each tap that lost something. */
  readonly unseen: { readonly intervals: number; readonly rows: number; readonly tooMany: readonly string[] };
  readonly audit: AuditReport;
}

/** Runs the input undisturbed, then under `rounds` disturbances, and compares. */
export async function chaos(options: ChaosOptions): Promise<ChaosResult> {
  const { seed, log: name = 'embedded', feed: feedName = 'replay', tell = () => undefined } = options;
  const [calm, wild] = [mkdtempSync(join(tmpdir(), 'routewatch-calm-')), mkdtempSync(join(tmpdir(), 'routewatch-chaos-'))];
  const log = chaosLog(name);
  const canFill = mountSmall(wild);
  const ends: (() => Promise<void>)[] = [];
  let isHarmless = false;
  try {
    const setup = { log: name, partitions: PARTITIONS[feedName], ...inputOf(feedName, options.rounds) };
    for (const directory of [calm, wild]) {
      // The undisturbed run cuts as it likes: rows must not depend on it.
      writeSetup(directory, { ...setup, worker: { ...(directory === wild ? manyCuts : {}), ...(feedName === 'collectors' ? liveClocks : {}) } });
      ends.push(await log.begin(directory));
    }
    await makeDecoders(wild);
    const random = new Random(seed);
    const tally = new Tally();
    const { replay, collector } = faultPoints(log.appendSteps);
    const undisturbed = (feed: Feed, feeding = (): Promise<void> => feed.feedAll()): Promise<number> => run(calm, feed, feeding).then((records) => {
      tell(`undisturbed: ${records} frame batches, ${seconds()} s since the start`);
      return records;
    });
    const calmReplay = new ReplayFeed({ directory: calm, files: setup.files, slice: 0, random, tally }, []);
    let records = feedName === 'replay' ? await undisturbed(calmReplay) : 0;
    const feed = feedName === 'collectors' ? new CollectorFeed({ directory: wild, random, tally }, collector)
      : new ReplayFeed({ directory: wild, files: setup.files, slice: Math.max(1, Math.floor(records / (1.4 * options.rounds + 20))), random, tally }, replay);
    const harms = new Harms({ directory: wild, feed, random, tally, log, canFill, canTrace: canTrace() });
    const rounds = await disturbed(wild, feed, harms, { ...options, tell });
    if (feed instanceof CollectorFeed) {
      const again = new CollectorFeed({ directory: calm, random, tally }, collector);
      records = await undisturbed(again, () => again.repeat(readWorld(wild)));
    }
    const { places, kinds } = expected(harms, feed, log.appendSteps, options.only);
    const { dark, steps } = feed instanceof CollectorFeed ? readWorld(wild) : { dark: [], steps: [] };
    const how = { isUpgraded: tally.others.has(OLDER_AND_BACK), isStepped: steps.length > 0 };
    const expectedContent = await contentOf(calm, how);
    const found = await contentOf(wild, how);
    const result: ChaosResult = {
      rounds, records, rows: expectedContent.ids.length, upgrades: found.upgrades, repaired: harms.supervisor.repaired, audit: found.audit, notRun: harms.notRun,
      atPlaces: Object.fromEntries(tally.atPlaces), others: Object.fromEntries(tally.others),
      missed: [...places.filter((place) => !tally.atPlaces.has(place)), ...kinds.filter((kind) => !tally.others.has(kind))],
      lost: without(expectedContent.ids, found.ids), added: without(found.ids, expectedContent.ids), differentViews: differentViews(expectedContent, found),
      unseen: unseenIn(dark, found.overflows),
    };
    isHarmless = !isHarmed(result);
    return result;
  } finally {
    for (const end of ends) await end();
    if (options.keep !== undefined && !isHarmless) for (const directory of [calm, wild]) cpSync(directory, join(options.keep, basename(directory)), { recursive: true });
    if (canFill) execFileSync('umount', ['-l', wild]);
    for (const directory of [calm, wild]) rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Each tap has one row at most for each time that the ring of its collector was full. */
function unseenIn(dark: readonly Darkness[], overflows: ReadonlyMap<string, number>): ChaosResult['unseen'] {
  const most = (tap: string): number => dark.filter(({ collector }) => tap.startsWith(`host${collector} `)).length;
  return {
    intervals: dark.length, rows: [...overflows.values()].reduce((sum, count) => sum + count, 0),
    tooMany: [...overflows].filter(([tap, count]) => count > most(tap)).map(([tap, count]) => `${tap} has ${count} rows of frames lost in ${most(tap)} intervals`),
  };
}

/** Capture files, more than once where the rounds are many: as taps of other names. */
function inputOf(feed: FeedName, rounds: number): Pick<Setup, 'collectors'> & { readonly files: readonly string[] } {
  const filesOf = (labs: readonly string[]): string[] => labs.flatMap((lab) => readdirSync(join(captures, lab)).filter((name) => name.includes('.pcap') && !name.includes('.mid.')).map((name) => join(captures, lab, name)).toSorted());
  if (feed === 'collectors') return { collectors: COLLECTOR_LABS.map(filesOf), files: [] };
  return { collectors: [], files: Array.from({ length: Math.ceil(rounds / ROUNDS_AN_INPUT) }, () => filesOf(LABS)).flat() };
}

/** All of a feed's input, with nothing harmed; gives the number of records in the frames log. */
async function run(directory: string, feed: Feed, feeding: () => Promise<void>): Promise<number> {
  const supervisor = new Supervisor(directory);
  try {
    for (const name of ['store', 'worker', 'sink'] as const) await supervisor.start(name);
    await feeding();
    await settle(directory, supervisor);
    const log = await openLog(directory);
    let records = 0n;
    for (const partition of partitionsOf(directory)) records += (await log.bounds(framesTopic, partition)).next;
    await log.close();
    return Number(records);
  } finally {
    await feed.end();
    await supervisor.end();
  }
}

/** Every harm once, then at random; gives how many there were. */
async function disturbed(directory: string, feed: Feed, harms: Harms, { rounds, seed, only, tell }: ChaosOptions & { readonly tell: (text: string) => void }): Promise<number> {
  const all = harms.all().filter(({ name }) => isWanted(name, only));
  const random = new Random(seed + 1);
  const count = Math.max(rounds, all.length);
  try {
    for (const name of ['store', 'worker', 'sink'] as const) await harms.supervisor.start(name);
    await feed.start();
    for (let round = 0; round < count; round++) {
      const harm: Harm = all[round] ?? all[random.below(all.length)]!;
      const began = performance.now();
      await harm.do();
      await harms.supervisor.heal(harm.mayEnd);
      tell(`round ${round + 1}, ${harm.name}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
    }
    await feed.feedAll();
    await settle(directory, harms.supervisor);
    tell(`all rows are there, ${seconds()} s since the start`);
    return count;
  } finally {
    await harms.end();
  }
}

/** Ends the worker in order, so that its last cut is written, and waits until the store has all. */
async function settle(directory: string, supervisor: Supervisor): Promise<void> {
  const log = await openLog(directory);
  try {
    await goneOn('the worker did not reach the end of the frames', supervisor.part('worker'), async () => {
      await supervisor.heal();
      const left = await Promise.all(partitionsOf(directory).map(async (partition) => (await log.bounds(framesTopic, partition)).next - (await log.committed('worker', framesTopic, partition) ?? 0n)));
      return left.reduce((sum, count) => sum + Number(count), 0);
    });
    const ended = await supervisor.part('worker').kill('SIGTERM');
    if (ended !== '0') throw new Error(`the worker ended with ${ended}: ${supervisor.part('worker').said}`);
    await goneOn('the sink did not reach the end of the events', supervisor.part('sink'), async () => {
      if (!supervisor.part('sink').isRunning) throw new Error(`the sink ended by itself: ${supervisor.part('sink').said}`);
      return (await auditOf(directory)).partitions.reduce((sum, partition) => sum + partition.waiting, 0);
    });
  } finally {
    await log.close();
  }
}

/** Waits until nothing is left to do; throws where it does not get less. */
async function goneOn(what: string, part: Part, left: () => Promise<number>): Promise<void> {
  let least = Infinity;
  for (let until = 0; ;) {
    const now = await left();
    if (now === 0) return;
    if (now < least) until = performance.now() + SETTLE_MS;
    least = Math.min(least, now);
    if (performance.now() > until) throw new Error(`${what}: ${least} records are left, for ${SETTLE_MS / 1000} s now; ${part.said}`);
    await sleep(LOOK_MS);
  }
}

function seconds(): string {
  return (performance.now() / 1000).toFixed(1);
}

/** What must have been hit at least once. */
function expected(harms: Harms, feed: Feed, steps: readonly string[], only: ChaosOptions['only']): { places: string[]; kinds: string[] } {
  const places = Object.entries(faultPoints(steps)).filter(([part]) => part === 'worker' || part === 'sink' || part === feed.part).flatMap(([part, names]) => names.filter((name) => isWanted(`${part} at ${name}`, only)).map((name) => `${part} ${name}`));
  return { places, kinds: harms.all().map(({ name }) => name).filter((name) => isWanted(name, only)).filter((name) => !name.includes(' at ') || name.endsWith(' at random')) };
}

function isWanted(name: string, only: ChaosOptions['only']): boolean {
  return only === undefined || only.some((wanted) => (wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted));
}

/** Makes the directory a file system of its own, whose size can be changed; false where that is not to be had. */
function mountSmall(directory: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1g', 'tmpfs', directory], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function canTrace(): boolean {
  try {
    execFileSync('strace', ['-qq', '-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Whether anything was lost, doubled or made up, or the run has left out what it should have done. */
export function isHarmed({ lost, added, differentViews: views, audit: { findings }, missed, unseen }: ChaosResult): boolean {
  return unseen.tooMany.length > 0 || unseen.rows < unseen.intervals || lost.length > 0 || added.length > 0 || views.length > 0 || findings.length > 0 || missed.length > 0;
}

export function summary(result: ChaosResult): string {
  const { atPlaces, others, upgrades, audit: { findings } } = result;
  const total = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((sum, count) => sum + count, 0);
  const table = (counts: Readonly<Record<string, number>>): string[] => Object.entries(counts).map(([name, count]) => `  ${String(count).padStart(4)}  ${name}`).toSorted((a, b) => a.slice(6).localeCompare(b.slice(6)));
  return [
    `${result.rounds} rounds: ${total(atPlaces)} kills at ${Object.keys(atPlaces).length} named places, ${total(others)} other disturbances`,
    ...table(atPlaces), ...table(others),
    ...result.missed.map((what) => `  NOT HIT  ${what}`), ...result.notRun.map((what) => `  not run  ${what}`),
    `${result.records} frame batches, ${result.rows} rows; ${result.repaired} inserts taken back by the store; by decoder-upgrade ${Object.entries(upgrades).map(([change, count]) => `${count} ${change}`).join(', ') || 'none'}`,
    `${result.lost.length} lost, ${result.added.length} twice or made up, ${result.differentViews.length} views differ, ${findings.length} findings of the audit`,
    ...(result.unseen.intervals === 0 ? [] : [`${result.unseen.rows} rows say what was lost in ${result.unseen.intervals} intervals that no collector saw`]), ...result.unseen.tooMany.map((text) => `  ${text}`),
    ...result.differentViews.map((view) => `  ${view}`), ...findings.slice(0, 5).map(({ kind, detail }) => `  ${kind}: ${detail}`), ...result.lost.slice(0, 3).map((id) => `  lost ${id}`), ...result.added.slice(0, 3).map((id) => `  added ${id}`),
  ].join('\n');
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '200' }, seed: { type: 'string' }, log: { type: 'string', default: 'embedded' }, feed: { type: 'string', default: 'replay' }, only: { type: 'string', multiple: true }, keep: { type: 'string' } } });
  if (values.feed !== 'replay' && values.feed !== 'collectors') throw new Error(`there is no feed ${values.feed}: replay, collectors`);
  const seed = values.seed === undefined ? Date.now() & 0x7fffffff : Number(values.seed);
  console.log(`seed ${seed}`);
  const result = await chaos({ rounds: Number(values.rounds), seed, log: values.log, feed: values.feed, ...(values.only === undefined ? {} : { only: values.only }), keep: values.keep, tell: (text) => { console.log(text); } });
  console.log(summary(result));
  if (isHarmed(result)) process.exitCode = 1;
}

if (import.meta.main) await main();
