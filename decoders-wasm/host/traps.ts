/** How often the frames of each shadow key trapped a decoder, in the time of these frames: too often resets the key. */

export interface TrapLimits {
  /** Traps of one key within the window that it may have; one more resets it. */
  readonly mostTraps: number;
  readonly windowNs: bigint;
}

export const defaultTrapLimits: TrapLimits = { mostTraps: 3, windowNs: 3_600_000_000_000n };

/** Wall times (ns, decimal) of a key's traps since its last reset, oldest first. */
export interface TrappedKey {
  readonly key: string;
  readonly timesNs: readonly string[];
}

export class Traps {
  private readonly limits: TrapLimits;
  private readonly times = new Map<string, bigint[]>();

  constructor(limits: TrapLimits) {
    this.limits = limits;
  }

  /** Counts a trap; whether the key has now had too many within the window. */
  note(key: string, wallNs: bigint): boolean {
    const times = [...(this.times.get(key) ?? []).filter((time) => time > wallNs - this.limits.windowNs), wallNs];
    this.times.set(key, times);
    return times.length > this.limits.mostTraps;
  }

  forget(key: string): void {
    this.times.delete(key);
  }

  export(): TrappedKey[] {
    return [...this.times].map(([key, times]) => ({ key, timesNs: times.map(String) }));
  }

  import(keys: readonly TrappedKey[]): void {
    for (const { key, timesNs } of keys) this.times.set(key, timesNs.map(BigInt));
  }
}
