/** The wall offset of a host's boot clock, followed when somebody sets the time. */
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

  /** The offset after this sample: wall time = boot time + offset. */
  follow({ bootNs, wallNs }: ClockSample): bigint {
    const measured = wallNs - bootNs;
    if (this.offset === undefined) return this.offset = measured;
    const change = measured - this.offset;
    const size = change < 0n ? -change : change;
    if (size < TOLERANCE_NS) return this.offset;
    if (size >= STEP_NS) this.steps += 1;
    return this.offset = measured;
  }
}
