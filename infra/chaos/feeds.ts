/** What brings the input to a system under chaos: a replay of the captures, or collectors that see them go by. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { framesTopic } from '../../stream/contract/log.ts';
import type { Random } from '../fuzz/mutate.ts';
import { readSetup } from './setup.ts';
import { Part, type PartName } from './supervisor.ts';
import { beginWorld, changeWorld, endWorld, PASS_MS, readWorld, spooledUpTo, type World, worldMs } from './world.ts';

/** How fast the world goes for collectors: while parts are harmed, and while nothing is; seconds a second. */
const SPEED = 2;
const CALM_SPEED = 30;
/** How often a passing is waited for at which a collector is to be killed, at most. */
const MOST_PASSINGS = 3;
/** How long in the world nobody reads a ring that is full. */
const DARK_MS = 4000;
/** While something comes at every collector, ms of a pass: a ring that is full of nothing loses nothing. */
const DARK_BEFORE_MS = 85_000;
/** By how much the wall clocks are set. */
const STEP_MS = 3_600_000;
/**
 * They are set in this part of a world's minute only: then no host's wall clock is near the turn of one (the captures begin
 * 15 s and 21 s behind one), whose rows would be of either hour.
 */
const MINUTE_MS = 60_000;
const STEP_BEFORE_MS = 25_000;
/** Longest that collectors may take over the rest of their captures, ms. */
const REST_MS = 300_000;

/** What was hit, how often: kills by `PART PLACE`, all else by what it was. */
export class Tally {
  readonly atPlaces = new Map<string, number>();
  readonly others = new Map<string, number>();

  place(part: string, place: string): void {
    Tally.count(this.atPlaces, `${part} ${place}`);
  }

  other(name: string): void {
    Tally.count(this.others, name);
  }

  private static count(counts: Map<string, number>, what: string): void {
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
}

/** A harm of the feed's own: gives false where it hit nothing. */
export type FeedHarm = () => Promise<unknown>;

export interface Feed {
  /** The part that brings the input, and where in the code it can be killed. */
  readonly part: PartName;
  readonly places: readonly string[];
  /** Harms to that part, by name; kills at places are counted, as they come with the input. */
  readonly harms: Readonly<Record<string, FeedHarm>>;
  /** Whether nothing comes between two calls of `feed`. */
  readonly isAtRest: boolean;
  start(): Promise<void>;
  /** Some input comes, and what brings it is killed. */
  feed(): Promise<void>;
  /** Input comes until it is told to end: gives how, which tells whether it had ended for want of room. */
  load(): () => Promise<boolean>;
  /** All that is left. */
  feedAll(): Promise<void>;
  end(): Promise<void>;
}

/** Replays of all captures, each of which goes on where the one before it was killed. */
export class ReplayFeed implements Feed {
  readonly part = 'replay';
  readonly places: readonly string[];
  readonly isAtRest = true;
  readonly harms: Feed['harms'];
  private readonly options: { readonly directory: string; readonly files: readonly string[]; readonly slice: number; readonly random: Random; readonly tally: Tally };
  private readonly started: Part[] = [];

  /** `slice`: records that one appends before it is killed. */
  constructor(options: ReplayFeed['options'], places: readonly string[]) {
    this.options = options;
    this.places = places;
    this.harms = { 'replay at random': () => this.killAtRandom() };
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  async feed(): Promise<void> {
    const { random, slice, tally } = this.options;
    const place = this.places[random.below(this.places.length)]!;
    const replay = this.replay(`${place}#${slice}`);
    const how = await replay.ended();
    if (how === 'SIGKILL') tally.place('replay', place);
    else if (how !== '0') throw new Error(`replay ended with ${how}: ${replay.said}`);
  }

  load(): () => Promise<boolean> {
    const replay = this.replay(`${this.places[0]!}#${4 * this.options.slice}`);
    return async () => {
      await replay.kill();
      if (replay.child.exitCode === 1 && !isNoRoom(replay.said)) throw new Error(`replay ended on a full disk without saying so: ${replay.said}`);
      return replay.child.exitCode === 1;
    };
  }

  async feedAll(): Promise<void> {
    const replay = this.replay();
    if (await replay.ended() !== '0') throw new Error(`the last replay failed: ${replay.said}`);
  }

  end(): Promise<void> {
    for (const part of this.started) part.child.kill('SIGKILL');
    return Promise.resolve();
  }

  private replay(fault?: string): Part {
    const part = new Part('replay', this.options.directory, { given: this.options.files, ...(fault === undefined ? {} : { fault }) });
    this.started.push(part);
    return part;
  }

  private async killAtRandom(): Promise<void> {
    const { slice, random } = this.options;
    const replay = this.replay(`${this.places[0]!}#${2 * slice}`);
    await Promise.race([replay.exited, sleep(150 + random.below(300))]);
    await replay.kill();
  }
}

/** Collectors on recorded rings: time goes by for them whether they live or not. */
export class CollectorFeed implements Feed {
  readonly part = 'collector';
  readonly places: readonly string[];
  readonly isAtRest = false;
  readonly harms: Feed['harms'];
  private readonly options: { readonly directory: string; readonly random: Random; readonly tally: Tally };
  private readonly parts: Part[] = [];
  private readonly started: Part[] = [];
  private feeds = 0;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(options: CollectorFeed['options'], places: readonly string[]) {
    this.options = options;
    this.places = places;
    this.harms = {
      'collector at random': () => this.inTurn(() => this.killAtRandom()),
      'collector ends in order and begins again': () => this.inTurn(() => this.restart()),
      'collector dead while its ring overflows': () => this.inTurn(() => this.overflow()),
      'wall clocks set by an hour': () => this.inTurn(() => this.step()),
    };
  }

  async start(): Promise<void> {
    beginWorld(this.options.directory, { speed: SPEED, dark: [], passes: null, steps: [] });
    await this.startAll();
  }

  /** The same world again, from its begin, with nobody harmed. */
  async repeat({ dark, passes, steps }: Pick<World, 'dark' | 'passes' | 'steps'>): Promise<void> {
    beginWorld(this.options.directory, { speed: CALM_SPEED, dark, passes, steps });
    await this.startAll();
    await this.ended();
  }

  async feed(): Promise<void> {
    await this.inTurn(async () => {
      const { random, tally } = this.options;
      // In turn: every run comes to each of them.
      const [number, place] = [this.any(), this.places[this.feeds++ % this.places.length]!];
      await this.stop(number, 'SIGKILL');
      const part = this.run(number, `${place}#${1 + random.below(MOST_PASSINGS)}`);
      const how = await part.ended();
      if (how !== 'SIGKILL') throw new Error(`collector ${number} should have been killed at ${place}, but ended with ${how}: ${part.said}`);
      tally.place('collector', place);
      await this.run(number).started();
    });
  }

  load(): () => Promise<boolean> {
    return () => Promise.resolve(false);
  }

  async feedAll(): Promise<void> {
    endWorld(this.options.directory, CALM_SPEED);
    await this.ended();
  }

  async end(): Promise<void> {
    for (const part of this.started) {
      part.child.kill('SIGKILL');
      await part.ended();
    }
  }

  private any(): number {
    return this.options.random.below(this.parts.length);
  }

  private async startAll(): Promise<void> {
    const { collectors } = readSetup(this.options.directory);
    await Promise.all(collectors.map((_, number) => this.run(number).started()));
  }

  private run(number: number, fault?: string): Part {
    const part = new Part('collector', this.options.directory, { given: [String(number)], ...(fault === undefined ? {} : { fault }) });
    this.started.push(part);
    return this.parts[number] = part;
  }

  private async stop(number: number, signal: NodeJS.Signals): Promise<void> {
    const part = this.parts[number]!;
    if (!part.isRunning) throw new Error(`collector ${number} ended by itself with ${await part.ended()}: ${part.said}`);
    const how = await part.kill(signal);
    if (how !== (signal === 'SIGKILL' ? 'SIGKILL' : '0')) throw new Error(`collector ${number} was told to end (${signal}) and ended with ${how}: ${part.said}`);
  }

  private async killAtRandom(): Promise<void> {
    await sleep(this.options.random.below(800));
    const number = this.any();
    await this.stop(number, 'SIGKILL');
    await this.run(number).started();
  }

  private async restart(): Promise<void> {
    const number = this.any();
    await this.stop(number, 'SIGTERM');
    await this.run(number).started();
  }

  /** A collector dies, its ring runs full, and what comes then is lost until another one reads it. */
  private async overflow(): Promise<void> {
    const { directory } = this.options;
    const now = worldMs(readWorld(directory)) % PASS_MS;
    if (now > DARK_BEFORE_MS) await sleep((PASS_MS - now) / SPEED + 1000);
    const collector = this.any();
    await this.stop(collector, 'SIGKILL');
    // What it had read is spooled; all that came behind that is lost.
    const fromMs = spooledUpTo(join(directory, `spool-${collector}`));
    const { dark } = readWorld(directory);
    const world = changeWorld(directory, { dark: [...dark, { collector, fromMs, toMs: null }] });
    await sleep(DARK_MS / SPEED);
    changeWorld(directory, { dark: world.dark.map((one) => ({ ...one, toMs: one.toMs ?? worldMs(world) })) });
    await this.run(collector).started();
  }

  /** All hosts' wall clocks are set: rows then have other times, and are the same rows. */
  private async step(): Promise<void> {
    const { directory } = this.options;
    const now = worldMs(readWorld(directory)) % MINUTE_MS;
    if (now > STEP_BEFORE_MS) await sleep((MINUTE_MS - now) / SPEED);
    const { steps } = readWorld(directory);
    changeWorld(directory, { steps: [...steps, { atMs: Math.round(worldMs(readWorld(directory))) + 200, byMs: STEP_MS }] });
    await sleep(2000);
  }

  /** Waits until the captures are over, and all of them are shipped. */
  private async ended(): Promise<void> {
    const late = sleep(REST_MS, undefined, { ref: false }).then(() => { throw new Error(`collectors did not come to the end of their captures within ${REST_MS / 1000} s: ${this.parts.map(({ said }) => said).join('\n')}`); });
    for (const [number, part] of this.parts.entries()) {
      const how = await Promise.race([part.exited, late]);
      if (how !== '0') throw new Error(`collector ${number} ended with ${how}: ${part.said}`);
      rmSync(join(this.options.directory, `spool-${number}`), { recursive: true });
    }
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }
}

/** Steps of an append of frames, as places where what brings them can be killed. */
export function appendPlaces(steps: readonly string[]): string[] {
  return steps.map((step) => `append:${framesTopic}:${step}`);
}

/** Whether a part ended because its disk was full. */
export function isNoRoom(said: string): boolean {
  return /no room|ENOSPC|disk is full|NOT_ENOUGH_SPACE|No space left/i.test(said);
}
