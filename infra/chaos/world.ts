/** The world that recorded collectors see: one clock for all of them, which runs as fast as it is told, and what goes wrong on their hosts. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { FIRST_BOOT_NS } from '../../collectors/recorded/index.ts';
import { parseStand } from '../../collectors/shipper/stand.ts';

/** World time is ms since the first packet; real time ms since 1970. */
export interface World {
  /** At real time `realMs` it was `worldMs`, and from then on it goes `speed` times as fast. */
  readonly realMs: number;
  readonly worldMs: number;
  readonly speed: number;
  /** While the ring of a collector (by its number) was full and nobody read it; the last one may not have ended yet. */
  readonly dark: readonly Darkness[];
  /** How often the captures come; null: an end is not set yet. */
  readonly passes: number | null;
  /** When the wall clocks of all hosts were set, and by how much. */
  readonly steps: readonly { readonly atMs: number; readonly byMs: number }[];
}

export interface Darkness {
  readonly collector: number;
  readonly fromMs: number;
  readonly toMs: number | null;
}

/** From one time that the captures come to the next: longer than the longest of them. */
export const PASS_MS = 180_000;
/** How long what was read of the world's file is believed, ms. */
const FRESH_MS = 20;
/** How long a clock that has to be looked at stands still, ms. */
const HOLD_MS = 1500;
const NS_A_MS = 1_000_000;

export function readWorld(directory: string): World {
  return JSON.parse(readFileSync(join(directory, 'world.json'), 'utf8')) as World;
}

/** Changes some of it; the clock goes on from where it stands. */
export function changeWorld(directory: string, change: Partial<Omit<World, 'realMs' | 'worldMs'>>): World {
  const world = readWorld(directory);
  const realMs = Date.now();
  return writeWorld(directory, { ...world, realMs, worldMs: worldMs(world, realMs), ...change });
}

/** Begins at world time 0. */
export function beginWorld(directory: string, { speed, dark, passes, steps }: Omit<World, 'realMs' | 'worldMs'>): World {
  return writeWorld(directory, { realMs: Date.now(), worldMs: 0, speed, dark, passes, steps });
}

export function worldMs({ realMs, worldMs: then, speed }: World, now = Date.now()): number {
  return then + (now - realMs) * speed;
}

/** The pass of the captures that is under way is the last one. */
export function endWorld(directory: string, speed: number): World {
  return changeWorld(directory, { speed, passes: Math.floor(worldMs(readWorld(directory)) / PASS_MS) + 1 });
}

/** When in the world a boot time is, ms. */
export function worldMsOf(bootNs: bigint): number {
  return Number(bootNs - FIRST_BOOT_NS) / NS_A_MS;
}

/** World time up to which all that a collector saw is in its spool; 0 where it has none. */
export function spooledUpTo(directory: string): number {
  if (!existsSync(join(directory, 'spool.sqlite'))) return 0;
  const database = new DatabaseSync(join(directory, 'spool.sqlite'));
  try {
    const text = database.prepare("SELECT value FROM state WHERE name = 'stand'").get()?.['value'];
    return typeof text === 'string' ? worldMsOf(BigInt(parseStand(text).clockNs)) : 0;
  } finally {
    database.close();
  }
}

/**
 * The world as one collector has it, read again and again. Where its clock comes to the end of a pass, to a time at which its
 * ring runs full, or to one at which wall clocks are set, it stands still until the collector must have looked: so what that tells does not depend on when it
 * does. One that nobody ends for a darkness (the undisturbed one) sees none of it go by.
 */
export class Host {
  /** Of one pass of its captures, ms. */
  passLengthMs = Infinity;
  private readonly directory: string;
  private readonly collector: number;
  private world: World;
  private readAt = Date.now();
  private latest: number;
  private held: { readonly atMs: number; readonly sinceMs: number } | undefined;

  /** `sinceMs`: up to where an earlier process of this collector has seen it. */
  constructor(directory: string, collector: number, sinceMs: number) {
    this.directory = directory;
    this.collector = collector;
    this.world = readWorld(directory);
    this.latest = sinceMs;
  }

  now(): number {
    this.look();
    const now = worldMs(this.world);
    if (this.held !== undefined) {
      const { atMs, sinceMs } = this.held;
      if (Date.now() - sinceMs < HOLD_MS || this.world.dark.some((dark) => this.isMine(dark) && dark.fromMs === atMs && now < (dark.toMs ?? Infinity))) return atMs;
      this.held = undefined;
    }
    const next = this.stopBehind(this.latest);
    if (next <= now) {
      this.held = { atMs: next, sinceMs: Date.now() };
      return this.latest = next;
    }
    return this.latest = Math.max(this.latest, now);
  }

  /** Infinity while no end is set. */
  passes(): number {
    this.look();
    return this.world.passes ?? Infinity;
  }

  isFull(bootNs: bigint): boolean {
    const at = worldMsOf(bootNs);
    return this.world.dark.some((dark) => this.isMine(dark) && at > dark.fromMs && at < (dark.toMs ?? Infinity));
  }

  wallShiftNs(): bigint {
    const now = this.now();
    return this.world.steps.reduce((sum, { atMs, byMs }) => sum + (atMs < now ? BigInt(byMs * NS_A_MS) : 0n), 0n);
  }

  /** The first time behind `after` at which the clock stands still. */
  private stopBehind(after: number): number {
    const passEnd = after % PASS_MS < this.passLengthMs ? after - (after % PASS_MS) + this.passLengthMs : after - (after % PASS_MS) + PASS_MS + this.passLengthMs;
    return Math.min(passEnd, ...[...this.world.dark.filter((dark) => this.isMine(dark)).map(({ fromMs }) => fromMs), ...this.world.steps.map(({ atMs }) => atMs)].filter((at) => at > after));
  }

  private isMine({ collector }: Darkness): boolean {
    return collector === this.collector;
  }

  private look(): void {
    if (Date.now() - this.readAt <= FRESH_MS) return;
    this.world = readWorld(this.directory);
    this.readAt = Date.now();
  }
}

function writeWorld(directory: string, world: World): World {
  writeFileSync(join(directory, 'world.new'), JSON.stringify(world));
  renameSync(join(directory, 'world.new'), join(directory, 'world.json'));
  return world;
}
