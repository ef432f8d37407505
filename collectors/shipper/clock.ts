/** The wall offset of a host's boot clock: sampled, and followed when somebody sets the time. */
import koffi from 'koffi';
import type { ClockSample } from './port.ts';

/** Offsets that differ by less are the same one: reading two clocks is not exact. */
const TOLERANCE_NS = 200_000n;
/** A change by more is a step (NTP slews at 0.5 ms a second at most). */
const STEP_NS = 50_000_000n;

/** Follows the samples; rows then have steady times, and a step is taken at once. */
export class WallOffset {
  private offset: bigint | undefined;
  /** Steps so far. */
  steps = 0;
  lastStepNs = 0n;

  /** The offset after this sample: wall time = boot time + offset. */
  follow({ bootNs, wallNs }: ClockSample): bigint {
    const measured = wallNs - bootNs;
    if (this.offset === undefined) return this.offset = measured;
    const change = measured - this.offset;
    const size = change < 0n ? -change : change;
    if (size < TOLERANCE_NS) return this.offset;
    if (size >= STEP_NS) {
      this.steps += 1;
      this.lastStepNs = change;
    }
    return this.offset = measured;
  }
}

const CLOCK_REALTIME = 0;
const CLOCK_BOOTTIME = 7;
const ATTEMPTS = 5;
/** Two readings of the boot clock this close hold a good sample between them. */
const CLOSE_NS = 20_000n;

interface Libc { readonly clockGettime: (clock: number, time: BigInt64Array) => number }
let libc: Libc | undefined;

function read(clock: number, time: BigInt64Array): bigint {
  libc ??= { clockGettime: koffi.load('libc.so.6').func('int clock_gettime(int clock, _Out_ int64_t *time)') as Libc['clockGettime'] };
  if (libc.clockGettime(clock, time) !== 0) throw new Error(`clock_gettime(${clock}) failed: the shipper needs Linux`);
  return time[0]! * 1_000_000_000n + time[1]!;
}

/** Both clocks of this host at one instant: the best of a few tries. */
export function sampleClocks(): ClockSample {
  const time = new BigInt64Array(2);
  let best: (ClockSample & { readonly width: bigint }) | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = read(CLOCK_BOOTTIME, time);
    const wallNs = read(CLOCK_REALTIME, time);
    const width = read(CLOCK_BOOTTIME, time) - before;
    if (best === undefined || width < best.width) best = { bootNs: before + width / 2n, wallNs, width };
    if (width < CLOSE_NS) break;
  }
  return { bootNs: best!.bootNs, wallNs: best!.wallNs };
}
