/** The taps of an epoch as they are shipped: opened, numbered, their losses and carrier told, closed. */
import type { Batcher } from '../batching/index.ts';
import type { RingPort, RingTap } from './port.ts';
import type { Unshipped } from './slots.ts';
import { batchedTap, type StandTap } from './stand.ts';

const UNLISTED = 'the collector did not look for so long that hellos came which are in no list of arrivals any more: that they came is known, but not when';

/** A tap that ends, by its index in the batcher. */
interface Ending {
  readonly tap: number;
  readonly endNs: bigint;
  readonly why: string | undefined;
}

/** What no collector saw: since when, and the taps of then. */
export interface Blind {
  readonly sinceWallNs: bigint;
  readonly names: ReadonlySet<string>;
}

export interface ShippedTapsOptions {
  readonly port: Pick<RingPort, 'taps' | 'drops'>;
  readonly batcher: Batcher;
  readonly collector: string;
  readonly epoch: string;
  readonly domainOf: (tap: string) => string;
  /** A partition is told something of a tap. */
  readonly active: (partition: number) => void;
}

export class ShippedTaps {
  /** By the batcher's index; how many frames each has is in `stand`. */
  readonly all: Omit<StandTap, 'frames'>[] = [];
  /** Told of taps that open, where an epoch before was cut short. */
  blind: Blind | undefined;
  private readonly options: ShippedTapsOptions;
  private readonly byId = new Map<number, number>();
  /** Last frame number given, by index. */
  private readonly numbers: bigint[] = [];
  /** Those of which a gap was told in this round, by index. */
  private readonly gapped = new Set<number>();

  constructor(options: ShippedTapsOptions) {
    this.options = options;
  }

  /** The batcher's index of a ring's tap. */
  indexOf(id: number): number | undefined {
    return this.byId.get(id);
  }

  nextNumber(tap: number): bigint {
    return this.numbers[tap]! += 1n;
  }

  /** As the spool keeps them. */
  stand(): StandTap[] {
    return this.all.map((tap, index) => ({ ...tap, frames: String(this.numbers[index]!) }));
  }

  learn({ frames, ...tap }: StandTap, wallOffsetNs: bigint): number {
    const { batcher, collector, epoch } = this.options;
    const index = batcher.addTap(batchedTap(collector, epoch, tap, wallOffsetNs));
    this.all.push(tap);
    this.numbers.push(BigInt(frames));
    this.byId.set(tap.id, index);
    return index;
  }

  /** Takes the loader's list: taps that are new, carriers that changed. */
  async update(wallOffsetNs: bigint): Promise<void> {
    for (const tap of this.options.port.taps()) {
      if (!this.byId.has(tap.id)) await this.open(tap, wallOffsetNs);
      this.tellCarrier(tap);
    }
  }

  /** Frames that the ring lost between two readings of its counters: a gap in front of what comes now. */
  async tellDrops(since: bigint, until: bigint): Promise<void> {
    this.gapped.clear();
    for (const { tap: id, lost } of this.options.port.drops()) {
      const index = this.byId.get(id);
      const tap = index === undefined ? undefined : this.all[index]!;
      if (index === undefined || tap === undefined || tap.isClosed) continue;
      for (const [reason, count] of Object.entries(lost)) {
        const more = count - (tap.lost[reason] ?? 0);
        if (more <= 0) continue;
        tap.lost[reason] = count;
        this.gapped.add(index);
        await this.options.batcher.gap(index, { fromNs: String(since), toNs: String(until), lost: more, detail: `the kernel could not hand over ${more} ${more === 1 ? 'frame' : 'frames'} (${reason})` });
      }
    }
  }

  /**
   * A time for which the lists of hellos do not reach back, although they came: a gap of their tap, as what was dated by them
   * may be wrong. Within one that is told in this round already it is a part of that.
   */
  async tellUnlisted(news: readonly Unshipped[]): Promise<void> {
    const intervals = new Map<number, { fromNs: bigint; toNs: bigint }>();
    for (const { tap, unlisted } of news) {
      if (unlisted === undefined || this.gapped.has(tap)) continue;
      const { fromNs, toNs } = intervals.get(tap) ?? unlisted;
      intervals.set(tap, { fromNs: unlisted.fromNs < fromNs ? unlisted.fromNs : fromNs, toNs: unlisted.toNs > toNs ? unlisted.toNs : toNs });
    }
    for (const [tap, { fromNs, toNs }] of intervals) {
      await this.options.batcher.gap(tap, { fromNs: String(fromNs), toNs: String(toNs), lost: 0, detail: UNLISTED });
    }
  }

  /** Taps that the loader has let go of before `now`, up to which all is read, and those that it does not know any more. */
  endings(now: bigint): Ending[] {
    const listed = new Map(this.options.port.taps().map((tap) => [tap.id, tap]));
    return this.all.flatMap(({ id, isClosed }, tap): Ending[] => {
      const found = listed.get(id);
      if (isClosed || (found !== undefined && (found.closedNs === undefined || found.closedNs > now))) return [];
      return [{ tap, endNs: found?.closedNs ?? now, why: found === undefined ? 'the interface was gone when the loader started again' : found.closedBy }];
    });
  }

  async close({ tap, endNs, why }: Ending): Promise<void> {
    await this.options.batcher.closeTap(tap, endNs, why);
    this.all[tap]!.isClosed = true;
  }

  private async open({ id, name, openedNs }: RingTap, wallOffsetNs: bigint): Promise<void> {
    const { batcher, domainOf, active } = this.options;
    const index = this.learn({ id, name, domain: domainOf(name), openedNs: String(openedNs), frames: '0', isClosed: false, lost: {} }, wallOffsetNs);
    active(batcher.homeOf(index));
    if (this.blind?.names.has(name) !== true) return;
    await batcher.gap(index, { fromNs: String(this.blind.sinceWallNs - wallOffsetNs), toNs: String(openedNs), lost: 0, detail: 'the collector was not running' });
  }

  /** The first state is told where it is down; then each change. */
  private tellCarrier({ id, carrier }: RingTap): void {
    const index = this.byId.get(id)!;
    const tap = this.all[index]!;
    if (carrier === undefined || tap.isClosed || tap.carrier?.atNs === String(carrier.atNs)) return;
    const before = tap.carrier ?? { isUp: true, changes: carrier.changes, atNs: tap.openedNs };
    const changes = Math.max(carrier.changes - before.changes, carrier.isUp === before.isUp ? 0 : 1);
    tap.carrier = { ...carrier, atNs: String(carrier.atNs) };
    if (changes === 0) return;
    this.options.batcher.carrier(index, { isUp: carrier.isUp, fromNs: before.atNs, atNs: String(carrier.atNs), changes });
    this.options.active(this.options.batcher.homeOf(index));
  }
}
