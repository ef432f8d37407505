/** What is done to a running system under chaos: kills at named places and at random instants, frozen parts, a full disk, other decoders. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { statfsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { readManifests } from '../../stream/contract/checkpoint.ts';
import { decodeEventsRecord } from '../../stream/contract/events-record.ts';
import { checkpointsTopic, eventsTopic, framesTopic, type Log } from '../../stream/contract/log.ts';
import type { Random } from '../fuzz/mutate.ts';
import { appendPlaces, type Feed, isNoRoom, type Tally } from './feeds.ts';
import type { ChaosLog } from './logs.ts';
import { openLog, readEndpoint } from './part.ts';
import { type Decoders, partitionsOf } from './setup.ts';
import { Part, type PartName, Supervisor } from './supervisor.ts';

/** How often a part gets more input, how long it may take over it, and over the last of it, until it comes to the place where it is to die, ms. */
const MOST_FEEDS = 8;
const FEED_MS = 1500;
const LAST_FEED_MS = 20_000;
/** Longest that a part may take to do what a harm waits for, ms. */
const PATIENCE_MS = 60_000;
/** How often an insert is tried to be cut off between its token and its part. */
const MOST_CUT_OFF = 4;
/** How long the disk is full at the first try, and where nobody noticed: longer than a sink tries, ms. */
const SHORTLY_FULL_MS = 3000;
const FULL_MS = 12_000;
/** Room of a disk that is not full. */
const DISK_BYTES = 2 ** 30;

/** Places in the code at which a part can be killed, by part; `steps` are those of an append to the log. */
export function faultPoints(steps: readonly string[]): Readonly<Record<'worker' | 'sink' | 'replay' | 'collector', readonly string[]>> {
  const append = (topic: string): string[] => steps.map((step) => `append:${topic}:${step}`);
  return {
    worker: [
      'claim:before', 'claim:after', ...append(eventsTopic), 'checkpoint:before', ...append(checkpointsTopic), 'checkpoint:chunks', 'checkpoint:manifest',
      'upgrade:before', 'upgrade:record', 'upgrade:checkpoint',
    ],
    sink: ['insert:before', 'insert:after', 'ledger:before', 'ledger:after'],
    replay: appendPlaces(steps),
    collector: ['shipper:before-spool', 'shipper:after-spool', ...appendPlaces(steps), 'shipper:after-append'],
  };
}

/** After it rows say what the older decoder did not read. */
export const OLDER_AND_BACK = 'older decoder and back';

/** One kind of harm. */
export interface Harm {
  readonly name: string;
  /** Parts that may end by themselves meanwhile: with an error that says why. */
  readonly mayEnd: readonly PartName[];
  do(): Promise<void>;
}

export interface HarmsOptions {
  readonly directory: string;
  readonly feed: Feed;
  readonly random: Random;
  readonly tally: Tally;
  readonly log: ChaosLog;
  /** The directory is a file system of its own, whose size can be changed. */
  readonly canFill: boolean;
  readonly canTrace: boolean;
}

/** Harms to the system of one directory, with what they have hit. */
export class Harms {
  readonly supervisor: Supervisor;
  /** What cannot be done here, and why. */
  readonly notRun: readonly string[];
  private readonly options: HarmsOptions;
  private readonly random: Random;
  private readonly tally: Tally;
  private readonly loose: Part[] = [];

  constructor(options: HarmsOptions) {
    this.options = options;
    this.random = options.random;
    this.tally = options.tally;
    this.supervisor = new Supervisor(options.directory);
    this.notRun = [
      ...(options.canTrace ? [] : ['store killed between token and part: strace is not there, or may not attach (apt-get install strace)']),
      ...(options.canFill ? [] : ['disk full: a small file system can be mounted by root only']),
      ...(options.feed.isAtRest ? [] : [`${OLDER_AND_BACK}: collectors do not rest, and what comes under that decoder is read by it`]),
      ...(options.log.hasGroups ? [] : ['a worker joins, another leaves: this log has one worker']),
    ];
  }

  /** Each kind of harm once, those at named places first. */
  all(): Harm[] {
    const { worker, sink } = faultPoints(this.options.log.appendSteps);
    const at = (part: 'worker' | 'sink', place: string): Harm => ({ name: `${part} at ${place}`, mayEnd: [], do: () => (place.startsWith('upgrade:') ? this.upgradeAt(place) : this.killAt(part, place)) });
    const other = (name: string, work: () => Promise<unknown>, mayEnd: readonly PartName[] = []): Harm => ({
      name, mayEnd, do: async () => { if (await work() !== false) this.tally.other(name); },
    });
    return [
      ...worker.map((place) => at('worker', place)), ...sink.map((place) => at('sink', place)),
      other('worker frozen', () => this.freezeWorker()), other('two workers', () => this.twoWorkers()), other('sink frozen', () => this.freezeSink()),
      ...(['worker', 'sink'] as const).map((name) => other(`${name} at random`, () => this.killAtRandom(name))),
      other('store at random', () => this.killAtRandom('store'), ['sink', 'store']),
      other(`store stopped for ${this.options.log.outageMs / 1000} s`, () => this.stopStore(), ['sink', 'store']),
      ...(this.options.feed.isAtRest ? [other(OLDER_AND_BACK, () => this.olderAndBack())] : []),
      ...(this.options.log.hasGroups ? [other('a worker joins, another leaves', () => this.joinAndLeave())] : []),
      ...Object.entries(this.options.feed.harms).map(([name, harm]) => other(name, harm)),
      other('retention', () => this.retain()),
      ...(this.options.canTrace ? [other('store between token and part', () => this.cutOffInsert(), ['sink', 'store'])] : []),
      ...(this.options.canFill ? [other('disk full', () => this.fillDisk(), ['worker', 'sink', 'store'])] : []),
      ...Object.entries(this.options.log.harms).map(([name, harm]) => other(name, () => this.amid(() => harm(this.options.directory)), ['worker', 'sink', 'store'])),
    ];
  }

  /** Ends what was started besides the supervisor's parts, and these. */
  async end(): Promise<void> {
    for (const part of this.loose) part.child.kill('SIGKILL');
    await this.options.feed.end();
    await this.supervisor.end();
  }

  private feed(): Promise<void> {
    return this.options.feed.feed();
  }

  /** Harms while input comes. */
  private async amid(harm: () => Promise<void>): Promise<void> {
    const wait = this.random.below(500);
    await Promise.all([this.feed(), sleep(wait).then(harm)]);
  }

  private async killAt(name: 'worker' | 'sink', place: string): Promise<void> {
    await this.supervisor.part(name).kill();
    const part = await this.supervisor.start(name, `${place}#${1 + (place.startsWith('claim') ? 0 : this.random.below(2))}`);
    for (let feeds = 1; part.isRunning && feeds <= MOST_FEEDS; feeds++) {
      await this.feed();
      await Promise.race([part.exited, sleep(feeds < MOST_FEEDS ? FEED_MS : LAST_FEED_MS)]);
    }
    await this.diedAt(part, place);
  }

  private async diedAt(part: Part, place: string): Promise<void> {
    if (part.isRunning) throw new Error(`${part.name} did not come to ${place} in ${MOST_FEEDS} slices of the input: fewer rounds, or more input, are needed`);
    const how = await part.ended();
    if (how !== 'SIGKILL') throw new Error(`${part.name} should have been killed at ${place}, but ended with ${how}: ${part.said}`);
    this.tally.place(part.name, place);
  }

  /** The worker comes back with other decoders that read the same, amid the frames, and is killed as it takes over; then with these or those. */
  private async upgradeAt(place: string): Promise<void> {
    await this.feed();
    await this.changeDecoders(this.supervisor.decoders === 'own' ? 'twin' : 'own', 'SIGKILL', place);
    if (this.random.below(2) === 0) this.supervisor.decoders = this.supervisor.decoders === 'own' ? 'twin' : 'own';
  }

  private async changeDecoders(to: Decoders, end: NodeJS.Signals, place: string): Promise<void> {
    await this.supervisor.part('worker').kill(end);
    this.supervisor.decoders = to;
    const part = await this.supervisor.start('worker', place);
    await Promise.race([part.exited, sleep(LAST_FEED_MS)]);
    await this.diedAt(part, place);
  }

  /** A decoder that reads less takes over and gives back while no frame waits: what comes of it are rows that say so. */
  private async olderAndBack(): Promise<void> {
    const { worker } = faultPoints(this.options.log.appendSteps);
    const upgrades = worker.filter((place) => place.startsWith('upgrade:'));
    const back = this.supervisor.decoders;
    await this.feed();
    await this.drained();
    for (const to of ['older', back] as const) {
      await this.changeDecoders(to, 'SIGTERM', upgrades[this.random.below(upgrades.length)]!);
      await this.supervisor.heal();
    }
  }

  /** Waits until the worker has decoded all frames. */
  async drained(): Promise<void> {
    await this.withLog(async (log) => {
      const until = performance.now() + 2 * PATIENCE_MS;
      for (const partition of partitionsOf(this.options.directory)) {
        const { next } = await log.bounds(framesTopic, partition);
        while ((await log.committed('worker', framesTopic, partition) ?? 0n) < next) {
          if (performance.now() > until) throw new Error(`the worker did not reach the end of the frames within ${2 * PATIENCE_MS / 1000} s: ${this.supervisor.part('worker').said}`);
          await sleep(50);
        }
      }
    });
  }

  private async killAtRandom(name: 'worker' | 'sink' | 'store'): Promise<void> {
    const feeding = this.feed();
    await sleep(this.random.below(800));
    if (name === 'store') await this.supervisor.killStore();
    else await this.supervisor.part(name).kill();
    await feeding;
  }

  /** The store ends in order, and is away while more comes. */
  private async stopStore(): Promise<void> {
    const feeding = this.feed();
    await this.supervisor.part('store').kill('SIGTERM');
    await sleep(this.options.log.outageMs);
    await feeding;
  }

  /** Two workers share the partitions; a third one joins amid the load, then one of the first leaves, or dies. */
  private async joinAndLeave(): Promise<void> {
    const { directory } = this.options;
    const join = async (): Promise<Part> => {
      const part = new Part('worker', directory, { given: [this.supervisor.decoders, 'shared'] });
      this.loose.push(part);
      await part.started();
      return part;
    };
    await this.supervisor.part('worker').kill('SIGTERM');
    const members = [await join(), await join()];
    await this.feed();
    await this.owners(2);
    const feeding = this.feed();
    members.push(await join());
    await this.owners(3);
    const how = await members[0]!.kill(this.random.below(2) === 0 ? 'SIGTERM' : 'SIGKILL');
    if (how !== '0' && how !== 'SIGKILL') throw new Error(`a worker that was to leave ended with ${how}: ${members[0]!.said}`);
    await feeding;
    await this.owners(2);
    for (const part of members.slice(1)) if (await part.kill('SIGTERM') !== '0') throw new Error(`a worker of a group did not end in order: ${part.said}`);
    await this.supervisor.start('worker');
  }

  /** Waits until the newest claims of all partitions are of so many workers. */
  private async owners(count: number): Promise<void> {
    await this.withLog(async (log) => {
      const until = performance.now() + PATIENCE_MS;
      for (;;) {
        const owners = new Set<string>();
        for (const partition of partitionsOf(this.options.directory)) {
          let owner = '';
          for await (const { value } of log.read(eventsTopic, partition, (await log.bounds(eventsTopic, partition)).first)) {
            const { header } = decodeEventsRecord(value);
            if (header.kind === 'claim') [owner = ''] = header.owner.split('.');
          }
          owners.add(owner);
        }
        if (owners.size === count) return;
        if (performance.now() > until) throw new Error(`${owners.size} workers share the partitions, ${count} should: ${this.loose.map(({ said }) => said).join('\n')}`);
        await sleep(200);
      }
    });
  }

  /** A worker that sleeps while another takes over has to see that when it wakes. */
  private async freezeWorker(): Promise<void> {
    const sleeper = this.freeze('worker');
    await this.supervisor.start('worker');
    await this.feed();
    sleeper.child.kill('SIGCONT');
    await this.lostClaim([sleeper]);
  }

  /** A sink that sleeps amid its inserts while another goes on: what it does when it wakes is done already. */
  private async freezeSink(): Promise<void> {
    const feeding = this.feed();
    await sleep(this.random.below(400));
    const sleeper = this.freeze('sink');
    await this.supervisor.start('sink');
    await feeding;
    sleeper.child.kill('SIGCONT');
    await this.feed();
    await sleep(500);
    const how = await sleeper.kill();
    if (how !== 'SIGKILL') throw new Error(`a sink that woke beside another ended with ${how}: ${sleeper.said}`);
  }

  private freeze(name: PartName): Part {
    const part = this.supervisor.part(name);
    part.child.kill('SIGSTOP');
    this.loose.push(part);
    return part;
  }

  private async twoWorkers(): Promise<void> {
    await this.supervisor.part('worker').kill();
    const other = new Part('worker', this.options.directory, { given: [this.supervisor.decoders] });
    this.loose.push(other);
    const one = await this.supervisor.start('worker');
    await other.started();
    await this.feed();
    await this.lostClaim([one, other]);
    await one.kill();
    await other.kill();
    // The one that lost ended by itself: another takes its place.
    await this.supervisor.start('worker');
  }

  /** One of the workers must have stopped because of another's claim. */
  private async lostClaim(workers: readonly Part[]): Promise<void> {
    const how = await Promise.race(workers.map(async (part) => ({ how: await part.ended(), said: part.said })));
    if (how.how !== '1' || !how.said.includes('was claimed by')) throw new Error(`a fenced worker ended with ${how.how}: ${how.said}`);
  }

  /**
   * The store's engine is killed at the rename that puts a part into place, its token already written: a plain MergeTree
   * would drop the repeated insert as known. Its next start must find the token without a part.
   */
  private async cutOffInsert(): Promise<void> {
    const { supervisor } = this;
    const before = supervisor.repaired;
    for (let tries = 0; supervisor.repaired === before; tries++) {
      if (tries >= MOST_CUT_OFF) throw new Error(`the store was killed at ${MOST_CUT_OFF} renames, none of them of an inserted part`);
      const { pid } = readEndpoint(this.options.directory);
      const when = 1 + this.random.below(6);
      const tracer = spawn('strace', ['-f', '-p', String(pid), '-e', 'trace=rename,renameat,renameat2', '-e', `inject=rename,renameat,renameat2:error=EIO:signal=SIGKILL:when=${when}`], { stdio: ['ignore', 'ignore', 'pipe'] });
      const traced = once(tracer, 'exit');
      await Promise.race([once(tracer.stderr, 'data'), traced]);
      tracer.stderr.resume();
      for (let feeds = 0; supervisor.part('store').isRunning && feeds < MOST_FEEDS; feeds++) {
        await this.feed();
        await Promise.race([supervisor.part('store').exited, sleep(FEED_MS)]);
      }
      if (supervisor.part('store').isRunning) await supervisor.killStore();
      await traced;
      await supervisor.heal(['sink', 'store']);
    }
  }

  /** The disk has no room for a while: until somebody has ended for it; false where nobody did. */
  private async fillDisk(): Promise<boolean> {
    if (await this.fillOnce([0, 32, 128][this.random.below(3)]! * 1024, SHORTLY_FULL_MS)) return true;
    return await this.fillOnce(0, FULL_MS) || this.fillOnce(0, FULL_MS);
  }

  /** Leaves so many bytes until a part ends, for so long at most; false where none did. */
  private async fillOnce(leave: number, longestMs: number): Promise<boolean> {
    const { directory } = this.options;
    // Who writes between the look and the change makes that fail.
    for (let tries = 0; ; tries++) {
      const { bsize, blocks, bavail } = statfsSync(directory);
      if (this.resize((blocks - bavail) * bsize + leave)) break;
      if (tries >= 50) throw new Error(`${directory} could not be made small`);
    }
    const unload = this.options.feed.load();
    let isHit = false;
    const parts: Part[] = (['worker', 'sink', 'store'] as const).map((name) => this.supervisor.part(name));
    try {
      await Promise.race([...parts.map((part) => part.exited), sleep(longestMs)]);
    } finally {
      this.resize(DISK_BYTES);
      isHit = await unload();
    }
    for (const part of parts) {
      if (part.child.exitCode === 1 && !isNoRoom(part.said)) throw new Error(`${part.name} ended on a full disk without saying so: ${part.said}`);
    }
    return isHit || parts.some((part) => part.child.exitCode === 1);
  }

  /** False where more than that is in use. */
  private resize(bytes: number): boolean {
    return spawnSync('mount', ['-o', `remount,size=${Math.ceil(bytes / 4096) * 4096}`, this.options.directory], { stdio: 'ignore' }).status === 0;
  }

  /** What neither a restart nor the sink needs any more goes, then the worker dies. */
  private async retain(): Promise<void> {
    const { log: kind, directory } = this.options;
    await this.feed();
    await this.withLog(async (log) => {
      for (const partition of partitionsOf(this.options.directory)) {
        const manifest = (await readManifests(log, partition, (await log.bounds(checkpointsTopic, partition)).first)).at(-1);
        const inserted = await log.committed('clickhouse', eventsTopic, partition);
        if (manifest === undefined || inserted === undefined) continue;
        const events = BigInt(manifest.events);
        await kind.deleteBefore(directory, framesTopic, partition, BigInt(manifest.frames));
        await kind.deleteBefore(directory, eventsTopic, partition, events < inserted ? events : inserted);
        await kind.deleteBefore(directory, checkpointsTopic, partition, BigInt(manifest.chunks[0]!));
      }
    });
    await this.supervisor.part('worker').kill();
  }

  private async withLog<T>(work: (log: Log) => Promise<T>): Promise<T> {
    const log = await openLog(this.options.directory);
    try {
      return await work(log);
    } finally {
      await log.close();
    }
  }
}
