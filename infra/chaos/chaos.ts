/**
 * Chaos: one recorded input through parts that are killed at named places and at random instants, against the same
 * input undisturbed: `node infra/chaos/chaos.ts [--rounds N] [--seed N] [--log NAME] [--keep DIR]`. Nothing may be lost, nothing twice.
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
import { faultPoints, type Harm, Harms } from './harms.ts';
import { chaosLog, PARTITIONS } from './logs.ts';
import { openLog } from './part.ts';
import { manyCuts, writeSetup } from './setup.ts';
import { Part, Supervisor } from './supervisor.ts';

const captures = join(import.meta.dirname, '..', 'lab', 'captures');
/** Longest that all rows may take to arrive after the last disturbance, ms. */
const SETTLE_MS = 180_000;
/** Rounds for which the captures are enough once. */
const ROUNDS_AN_INPUT = 40;

export interface ChaosOptions {
  /** At least: each kind of harm comes once, however few. */
  readonly rounds: number;
  readonly seed: number;
  /** A log of logs.ts. */
  readonly log?: string;
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
  readonly audit: AuditReport;
}

/** Runs the input undisturbed, then under `rounds` disturbances, and compares. */
export async function chaos(options: ChaosOptions): Promise<ChaosResult> {
  const { seed, log: name = 'embedded', tell = () => undefined } = options;
  const calm = mkdtempSync(join(tmpdir(), 'routewatch-calm-'));
  const wild = mkdtempSync(join(tmpdir(), 'routewatch-chaos-'));
  const log = chaosLog(name);
  const canFill = log.isInDirectory && mountSmall(wild);
  const ends: (() => Promise<void>)[] = [];
  let isHarmless = false;
  try {
    for (const directory of [calm, wild]) {
      // The undisturbed run cuts as it likes: rows must not depend on it.
      writeSetup(directory, { log: name, worker: directory === wild ? manyCuts : {} });
      ends.push(await log.begin(directory));
    }
    await makeDecoders(wild);
    const files = inputOf(options.rounds);
    const records = await undisturbed(calm, files);
    tell(`undisturbed: ${records} frame batches, ${seconds()} s since the start`);
    const harms = new Harms({ directory: wild, files, random: new Random(seed), slice: Math.max(1, Math.floor(records / (1.4 * options.rounds + 20))), log, canFill, canTrace: canTrace() });
    const rounds = await disturbed(wild, harms, { ...options, tell });
    const { places, kinds } = expected(harms, log.appendSteps, options.only);
    const expectedContent = await contentOf(calm, true);
    const found = await contentOf(wild, true);
    const result: ChaosResult = {
      rounds, records, rows: expectedContent.ids.length, upgrades: found.upgrades, repaired: harms.supervisor.repaired, audit: found.audit, notRun: harms.notRun,
      atPlaces: Object.fromEntries(harms.atPlaces), others: Object.fromEntries(harms.others),
      missed: [...places.filter((place) => !harms.atPlaces.has(place)), ...kinds.filter((kind) => !harms.others.has(kind))],
      lost: without(expectedContent.ids, found.ids), added: without(found.ids, expectedContent.ids), differentViews: differentViews(expectedContent, found),
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

/** Capture files, more than once where the rounds are many: as taps of other names. */
function inputOf(rounds: number): string[] {
  const files = ['demo', 'isis-lan3', 'bgp-basic'].flatMap((lab) => readdirSync(join(captures, lab)).filter((name) => name.includes('.pcap') && !name.includes('.mid.')).map((name) => join(captures, lab, name)).toSorted());
  return Array.from({ length: Math.ceil(rounds / ROUNDS_AN_INPUT) }, () => files).flat();
}

/** Gives the number of records in the frames log. */
async function undisturbed(directory: string, files: readonly string[]): Promise<number> {
  const supervisor = new Supervisor(directory);
  try {
    for (const name of ['store', 'worker', 'sink'] as const) await supervisor.start(name);
    const replay = new Part('replay', directory, { given: files });
    if (await replay.ended() !== '0') throw new Error(`the undisturbed replay failed: ${replay.said}`);
    await settle(directory, supervisor);
    const log = await openLog(directory);
    let records = 0n;
    for (let partition = 0; partition < PARTITIONS; partition++) records += (await log.bounds(framesTopic, partition)).next;
    await log.close();
    return Number(records);
  } finally {
    await supervisor.end();
  }
}

/** Every harm once, then at random; gives how many there were. */
async function disturbed(directory: string, harms: Harms, { rounds, seed, only, tell }: ChaosOptions & { readonly tell: (text: string) => void }): Promise<number> {
  const all = harms.all().filter(({ name }) => isWanted(name, only));
  const random = new Random(seed + 1);
  const count = Math.max(rounds, all.length);
  try {
    for (const name of ['store', 'worker', 'sink'] as const) await harms.supervisor.start(name);
    for (let round = 0; round < count; round++) {
      const harm: Harm = all[round] ?? all[random.below(all.length)]!;
      const began = performance.now();
      await harm.do();
      await harms.supervisor.heal(harm.mayEnd);
      tell(`round ${round + 1}, ${harm.name}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
    }
    await harms.feedAll();
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
    const until = performance.now() + SETTLE_MS;
    const done = async (): Promise<boolean> => {
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const { next } = await log.bounds(framesTopic, partition);
        if ((await log.committed('worker', framesTopic, partition) ?? 0n) < next) return false;
      }
      return true;
    };
    while (!await done()) {
      if (performance.now() > until) throw new Error(`the worker did not reach the end of the frames within ${SETTLE_MS / 1000} s: ${supervisor.part('worker').said}`);
      await sleep(50);
      await supervisor.heal();
    }
    const ended = await supervisor.part('worker').kill('SIGTERM');
    if (ended !== '0') throw new Error(`the worker ended with ${ended}: ${supervisor.part('worker').said}`);
    for (let waiting = -1; waiting !== 0;) {
      if (performance.now() > until) throw new Error(`the sink did not reach the end of the events within ${SETTLE_MS / 1000} s: ${supervisor.part('sink').said}`);
      await sleep(100);
      if (!supervisor.part('sink').isRunning) throw new Error(`the sink ended by itself: ${supervisor.part('sink').said}`);
      const { partitions } = await auditOf(directory);
      waiting = partitions.reduce((sum, partition) => sum + partition.waiting, 0);
    }
  } finally {
    await log.close();
  }
}

function seconds(): string {
  return (performance.now() / 1000).toFixed(1);
}

/** What must have been hit at least once. */
function expected(harms: Harms, steps: readonly string[], only: ChaosOptions['only']): { places: string[]; kinds: string[] } {
  const places = Object.entries(faultPoints(steps)).flatMap(([part, names]) => names.filter((name) => isWanted(`${part} at ${name}`, only)).map((name) => `${part} ${name}`));
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
export function isHarmed({ lost, added, differentViews: views, audit: { findings }, missed }: ChaosResult): boolean {
  return lost.length > 0 || added.length > 0 || views.length > 0 || findings.length > 0 || missed.length > 0;
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
    ...result.differentViews.map((view) => `  ${view}`), ...findings.slice(0, 5).map(({ kind, detail }) => `  ${kind}: ${detail}`), ...result.lost.slice(0, 3).map((id) => `  lost ${id}`), ...result.added.slice(0, 3).map((id) => `  added ${id}`),
  ].join('\n');
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '200' }, seed: { type: 'string' }, log: { type: 'string', default: 'embedded' }, keep: { type: 'string' } } });
  const seed = values.seed === undefined ? Date.now() & 0x7fffffff : Number(values.seed);
  console.log(`seed ${seed}`);
  const result = await chaos({ rounds: Number(values.rounds), seed, log: values.log, keep: values.keep, tell: (text) => { console.log(text); } });
  console.log(summary(result));
  if (isHarmed(result)) process.exitCode = 1;
}

if (import.meta.main) await main();
