/**
 * Chaos: one recorded input through parts that are killed at named places and at random instants, against the same
 * input undisturbed: `node infra/chaos/chaos.ts [--rounds N] [--seed N]`. Nothing may be lost, nothing twice.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { quietClient } from '../../cli/lib/client.ts';
import { DEFAULT_PARTITIONS } from '../../stream/log/embedded/manifest.ts';
import { tables } from '../../decoders-wasm/contract/generated/tables.ts';
import { type AuditReport, audit } from '../../stream/audit/index.ts';
import { eventsTopic, framesTopic } from '../../stream/contract/log.ts';
import { Random } from '../fuzz/mutate.ts';
import { Part, Supervisor } from './supervisor.ts';
import { openLog, readEndpoint } from './part.ts';

const captures = join(import.meta.dirname, '..', 'lab', 'captures');
/** Longest that all rows may take to arrive after the last disturbance, ms. */
const SETTLE_MS = 120_000;
/** How often a part gets more input, and how long it may take over it, until it comes to the place where it is to die. */
const MOST_FEEDS = 8;
const FEED_MS = 4000;
/** Rounds for which the captures are enough once. */
const ROUNDS_AN_INPUT = 40;

/** Places in the code at which a part is killed, by part. */
export const faultPoints: Readonly<Record<'worker' | 'sink', readonly string[]>> = {
  worker: [
    'claim:before', 'claim:after', `append:${eventsTopic}:before-commit`, `append:${eventsTopic}:after-commit`,
    'checkpoint:before', 'checkpoint:chunks', 'checkpoint:manifest',
  ],
  sink: ['insert:before', 'insert:after', 'ledger:before', 'ledger:after'],
};

/** Views whose content must be the same at the end, and what names their rows. */
const views = ['adjacencies', 'sessions', 'rib', 'links', 'prefixes', 'nodes', 'neighbor_counts_now', 'lsdb'];

export interface ChaosResult {
  readonly rounds: number;
  /** Kills and freezes by what they were. */
  readonly disturbances: Readonly<Record<string, number>>;
  readonly records: number;
  readonly rows: number;
  /** Event ids that the undisturbed run has and the disturbed one not, and the other way round, and those twice. */
  readonly lost: readonly string[];
  readonly added: readonly string[];
  readonly differentViews: readonly string[];
  readonly audit: AuditReport;
}

/** Runs the input undisturbed, then under `rounds` disturbances, and compares. */
export async function chaos({ rounds, seed, tell }: { readonly rounds: number; readonly seed: number; readonly tell?: (text: string) => void }): Promise<ChaosResult> {
  const files = ['demo', 'isis-lan3', 'bgp-basic'].flatMap((lab) => readdirSync(join(captures, lab)).filter((name) => name.includes('.pcap') && !name.includes('.mid.')).map((name) => join(captures, lab, name)).toSorted());
  const input = Array.from({ length: Math.ceil(rounds / ROUNDS_AN_INPUT) }, () => files).flat();
  const calm = mkdtempSync(join(tmpdir(), 'routewatch-calm-'));
  const wild = mkdtempSync(join(tmpdir(), 'routewatch-chaos-'));
  try {
    const records = await undisturbed(calm, input);
    const run = new Run(wild, input, new Random(seed), Math.max(1, Math.floor(records / (rounds + 2))), tell ?? (() => undefined));
    await run.all(rounds);
    tell?.(`${(performance.now() / 1000).toFixed(1)} s: all rows are there`);
    const expected = await content(calm);
    const found = await content(wild);
    return {
      rounds, disturbances: Object.fromEntries(run.counts), records, rows: expected.ids.length, audit: found.audit,
      lost: without(expected.ids, found.ids), added: without(found.ids, expected.ids),
      differentViews: views.filter((view) => expected.views.get(view) !== found.views.get(view)),
    };
  } finally {
    for (const directory of [calm, wild]) rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The multiset of `a` without that of `b`. */
function without(a: readonly string[], b: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const id of b) left.set(id, (left.get(id) ?? 0) + 1);
  return a.filter((id) => {
    const count = left.get(id) ?? 0;
    left.set(id, count - 1);
    return count <= 0;
  });
}

/** Gives the number of records in the frames log. */
async function undisturbed(directory: string, files: readonly string[]): Promise<number> {
  const supervisor = new Supervisor(directory);
  try {
    for (const name of ['store', 'worker', 'sink'] as const) await supervisor.start(name);
    const replay = new Part('replay', directory, { files });
    if (await replay.ended() !== '0') throw new Error(`the undisturbed replay failed: ${replay.said}`);
    await settle(directory, supervisor);
    const log = await openLog(directory);
    let records = 0n;
    for (let partition = 0; partition < DEFAULT_PARTITIONS; partition++) records += (await log.bounds(framesTopic, partition)).next;
    await log.close();
    return Number(records);
  } finally {
    await supervisor.end();
  }
}

/** Ends the worker in order, so that its last cut is written, and waits until the store has all. */
async function settle(directory: string, supervisor: Supervisor): Promise<void> {
  const log = await openLog(directory);
  try {
    const until = performance.now() + SETTLE_MS;
    const done = async (): Promise<boolean> => {
      for (let partition = 0; partition < DEFAULT_PARTITIONS; partition++) {
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
      if (!supervisor.part('sink').isRunning) await supervisor.start('sink');
      const { partitions } = await auditOf(directory);
      waiting = partitions.reduce((sum, partition) => sum + partition.waiting, 0);
    }
  } finally {
    await log.close();
  }
}

async function auditOf(directory: string): Promise<AuditReport> {
  const log = await openLog(directory);
  const { url } = readEndpoint(directory);
  const client = quietClient({ url });
  try {
    return await audit({ log, partitions: DEFAULT_PARTITIONS, rows: async (query) => (await client.query({ query, format: 'JSONEachRow' })).json<Record<string, unknown>>() });
  } finally {
    await client.close();
    await log.close();
  }
}

interface Content {
  /** Table and event id of every row. */
  readonly ids: readonly string[];
  /** Each view's rows as text. */
  readonly views: ReadonlyMap<string, string>;
  readonly audit: AuditReport;
}

/** What is in the store of a directory whose parts have ended. */
async function content(directory: string): Promise<Content> {
  const supervisor = new Supervisor(directory);
  await supervisor.start('store');
  const client = quietClient({ url: readEndpoint(directory).url });
  try {
    const text = async (query: string): Promise<string> => (await client.query({ query, format: 'TabSeparated' })).text();
    const ids: string[] = [];
    for (const { name } of tables) ids.push(...(await text(`SELECT '${name}', event_id FROM routewatch.${name} ORDER BY event_id`)).split('\n').filter((line) => line !== ''));
    const found = new Map<string, string>();
    for (const view of views) found.set(view, await text(`SELECT ${await stable(client, view)} FROM routewatch.${view} ORDER BY ALL`));
    return { ids, views: found, audit: await auditOf(directory) };
  } finally {
    await client.close();
    await supervisor.end();
  }
}

/** The columns but those that say when and where a row was written: these differ between two runs. */
async function stable(client: ReturnType<typeof quietClient>, view: string): Promise<string> {
  const rows = await (await client.query({ query: `DESCRIBE TABLE routewatch.${view}`, format: 'JSONEachRow' })).json<{ name: string }>();
  return rows.map(({ name }) => name).filter((name) => !['ingest_time', 'frame_offset', 'frame_index', 'frame_partition'].includes(name)).map((name) => `\`${name}\``).join(', ');
}

/** The disturbed run. */
class Run {
  readonly counts = new Map<string, number>();
  private readonly directory: string;
  private readonly files: readonly string[];
  private readonly random: Random;
  /** Records that replay appends in a round before it is killed. */
  private readonly slice: number;
  private readonly tell: (text: string) => void;
  private readonly supervisor: Supervisor;
  private readonly frozen: Part[] = [];

  constructor(directory: string, files: readonly string[], random: Random, slice: number, tell: (text: string) => void) {
    this.directory = directory;
    this.files = files;
    this.random = random;
    this.slice = slice;
    this.tell = tell;
    this.supervisor = new Supervisor(directory);
  }

  async all(rounds: number): Promise<void> {
    try {
      for (const name of ['store', 'worker', 'sink'] as const) await this.supervisor.start(name);
      for (let round = 0; round < rounds; round++) await this.round(this.pick(round), round);
      const last = new Part('replay', this.directory, { files: this.files });
      if (await last.ended() !== '0') throw new Error(`the last replay failed: ${last.said}`);
      await settle(this.directory, this.supervisor);
    } finally {
      for (const part of this.frozen) part.child.kill('SIGKILL');
      await this.supervisor.end();
    }
  }

  /** Every named place once, then the others in turn and at random. */
  private pick(round: number): string {
    const named = [...faultPoints.worker.map((point) => `worker at ${point}`), ...faultPoints.sink.map((point) => `sink at ${point}`)];
    const others = ['worker frozen', 'two workers', 'worker', 'sink', 'store'];
    const all = [...named, ...others];
    return round < all.length ? all[round]! : all[this.random.below(all.length)]!;
  }

  private async round(kind: string, round: number): Promise<void> {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    this.tell(`${(performance.now() / 1000).toFixed(1)} s: round ${round + 1}, ${kind}`);
    const [name, point] = kind.split(' at ') as ['worker' | 'sink' | 'store', string | undefined];
    if (kind === 'worker frozen') await this.freeze();
    else if (kind === 'two workers') await this.two();
    else if (point !== undefined) await this.atPoint(name as 'worker' | 'sink', point);
    else await this.atRandom(name);
    await this.supervisor.heal();
  }

  /** Lets replay append some records and kills it in the middle of the next. */
  private async feed(): Promise<void> {
    const place = `append:${framesTopic}:${this.random.below(2) === 0 ? 'before' : 'after'}-commit`;
    const replay = new Part('replay', this.directory, { files: this.files, fault: `${place}#${this.slice}` });
    const how = await replay.ended();
    if (how !== 'SIGKILL' && how !== '0') throw new Error(`replay ended with ${how}: ${replay.said}`);
    if (how === 'SIGKILL') this.counts.set('replay', (this.counts.get('replay') ?? 0) + 1);
  }

  private async atPoint(name: 'worker' | 'sink', point: string): Promise<void> {
    await this.supervisor.part(name).kill();
    const part = await this.supervisor.start(name, `${point}#${1 + (point.startsWith('claim') ? 0 : this.random.below(2))}`);
    for (let feeds = 0; part.isRunning && feeds < MOST_FEEDS; feeds++) {
      await this.feed();
      await Promise.race([part.exited, sleep(FEED_MS)]);
    }
    if (part.isRunning) throw new Error(`${name} did not come to ${point} in ${MOST_FEEDS} slices of the input: fewer rounds, or more input, are needed`);
  }

  private async atRandom(name: 'worker' | 'sink' | 'store'): Promise<void> {
    const feeding = this.feed();
    await sleep(this.random.below(800));
    if (name === 'store') await this.supervisor.killStore();
    else await this.supervisor.part(name).kill();
    await feeding;
  }

  /** A worker that sleeps while another takes over has to see that when it wakes. */
  private async freeze(): Promise<void> {
    const sleeper = this.supervisor.part('worker');
    sleeper.child.kill('SIGSTOP');
    this.frozen.push(sleeper);
    await this.supervisor.start('worker');
    await this.feed();
    sleeper.child.kill('SIGCONT');
    await this.lostClaim([sleeper]);
  }

  private async two(): Promise<void> {
    await this.supervisor.part('worker').kill();
    const other = new Part('worker', this.directory);
    this.frozen.push(other);
    const one = await this.supervisor.start('worker');
    await other.started();
    await this.feed();
    await this.lostClaim([one, other]);
    await this.supervisor.part('worker').kill();
    await other.kill();
  }

  /** One of the workers must have stopped because of another's claim. */
  private async lostClaim(workers: readonly Part[]): Promise<void> {
    const how = await Promise.race(workers.map(async (part) => ({ how: await part.ended(), said: part.said })));
    if (how.how !== '1' || !how.said.includes('was claimed by')) throw new Error(`a fenced worker ended with ${how.how}: ${how.said}`);
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '200' }, seed: { type: 'string' } } });
  const seed = values.seed === undefined ? Date.now() & 0x7fffffff : Number(values.seed);
  console.log(`seed ${seed}`);
  const result = await chaos({ rounds: Number(values.rounds), seed, tell: (text) => { console.log(text); } });
  console.log(summary(result));
  if (isHarmed(result)) process.exitCode = 1;
}

export function isHarmed({ lost, added, differentViews, audit: { findings } }: ChaosResult): boolean {
  return lost.length > 0 || added.length > 0 || differentViews.length > 0 || findings.length > 0;
}

export function summary(result: ChaosResult): string {
  const kills = Object.values(result.disturbances).reduce((sum, count) => sum + count, 0);
  const names = Object.entries(result.disturbances).map(([name, count]) => `${name} ${count}`).join(', ');
  return `${kills} disturbances in ${result.rounds} rounds (${names}); ${result.records} frame batches, ${result.rows} rows: ${result.lost.length} lost, ${result.added.length} twice or made up, `
    + `${result.differentViews.length} views differ${result.differentViews.length > 0 ? ` (${result.differentViews.join(', ')})` : ''}, ${result.audit.findings.length} findings of the audit`
    + result.audit.findings.slice(0, 5).map(({ kind, detail }) => `\n  ${kind}: ${detail}`).join('')
    + [...result.lost.slice(0, 3).map((id) => `\n  lost ${id}`), ...result.added.slice(0, 3).map((id) => `\n  added ${id}`)].join('');
}

if (import.meta.main) await main();
