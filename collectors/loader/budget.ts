/** The filter's CPU time, by tap; and which tap goes when all together take more than they may. */
import { type CounterName, type Counters, readSome } from './counters.ts';

/** What a frame costs that is sent on at once (infra/bench/KERNEL.md); the filter measures the others itself. */
const REJECT_NS = 5n;
/** Outcomes of frames that can be sent on at once. */
const REJECTED = ['other-tcp', 'other-udp', 'icmp', 'arp'] as const satisfies readonly CounterName[];
const COUNTED = ['busy-ns', ...REJECTED] as const;
/** So many readings in a row have to be above the budget. */
const PATIENCE = 3;

/** A tap's filter took this much of one CPU since the reading before. */
export interface TapLoad { tap: number; share: number }

/** Readings of all taps, one after the other. */
export class Budget {
  readonly #share: number;
  readonly #before = new Map<number, bigint>();
  #atNs = 0n;
  #above = 0;

  /** `percent` of one CPU that all filters of this loader together may take. */
  constructor(percent: number) {
    this.#share = percent / 100;
  }

  /**
   * Takes a reading at `nowNs`. Gives the tap that costs most, once the budget was exceeded three times in a row; undefined
   * else. A tap that is new counts from its second reading on.
   */
  read(nowNs: bigint, countersFd: number, taps: readonly { id: number; slots: readonly number[] }[]): TapLoad | undefined {
    const elapsed = nowNs - this.#atNs;
    this.#atNs = nowNs;
    const loads: TapLoad[] = [];
    for (const { id, slots } of taps) {
      const busy = slots.reduce((sum, slot) => sum + busyNs(readSome(countersFd, slot, COUNTED)), 0n);
      const before = this.#before.get(id);
      this.#before.set(id, busy);
      if (before !== undefined) loads.push({ tap: id, share: Number(busy - before) / Number(elapsed) });
    }
    const total = loads.reduce((sum, { share }) => sum + share, 0);
    this.#above = total > this.#share ? this.#above + 1 : 0;
    if (this.#above < PATIENCE) return undefined;
    this.#above = 0;
    return loads.toSorted((a, b) => b.share - a.share)[0];
  }
}

/** CPU time of one program instance, ns. */
export function busyNs(counters: Pick<Counters, (typeof COUNTED)[number]>): bigint {
  return counters['busy-ns'] + REJECT_NS * REJECTED.reduce((sum, name) => sum + counters[name], 0n);
}
