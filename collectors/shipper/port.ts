/**
 * The ring port: what the unprivileged shipper needs of what the loader set up. The live one is the kernel's ring and
 * maps; a recorded one feeds a capture. All times are of the host's boot clock (CLOCK_BOOTTIME), ns, unless they say wall.
 */

/** The two clocks read at one instant. */
export interface ClockSample {
  readonly bootNs: bigint;
  /** ns since 1970 UTC. */
  readonly wallNs: bigint;
}

/** Where the kernel program is attached (or was): one interface, both directions. */
export interface RingTap {
  /** `tap_id` of its records in the ring; never given again within the epoch. */
  readonly id: number;
  /** The interface's name, with its namespace in front where that is not the collector's own (`blue/eth0`). */
  readonly name: string;
  /** Since when frames are seen. */
  readonly openedNs: bigint;
  /** Until when, where it was detached or its interface went away. */
  readonly closedNs?: bigint;
  /** Why it was closed, for people. */
  readonly closedBy?: string;
  /** State of the interface, where it can be read. */
  readonly carrier?: Carrier;
}

/** The link state of a tapped interface. */
export interface Carrier {
  readonly isUp: boolean;
  /** Changes since the interface came to be (`carrier_changes`): an even step between two readings hides a flap. */
  readonly changes: number;
  /** When the state was read. */
  readonly atNs: bigint;
}

/** What the loader lost, cumulative since the epoch began; by tap, since each has its own program instance. */
export interface RingDrop {
  readonly tap: number;
  /** Frames of routing protocols that did not reach the ring, by reason (`ring-full`, `unreadable`, ...). */
  readonly lost: Readonly<Record<string, number>>;
}

/** An entry of the suppression map: one hello that its sender repeats. */
export interface SeenHello {
  /** The value that stands in `frame_number` of its records in the ring; not 0, and no other hello's of its tap. */
  readonly id: bigint;
  readonly tap: number;
  /** Its last arrival, shipped or not. */
  readonly lastNs: bigint;
  /** The holding time that it states; 0 where it states none. */
  readonly holdNs: bigint;
  /**
   * Last arrivals, 8 at most, oldest first; those that went to the ring may be among them or not. A change of the content
   * does not empty the list: what came before the changed record had the content before it. One that comes when its holding
   * time has run out always goes to the ring.
   */
  readonly arrivals: readonly bigint[];
  /** Its last record found the ring full: what it says now is not known until its next one is shipped, which is sure to be. */
  readonly isLost?: boolean;
}

export interface RingPort {
  /**
   * One start of the loader, decimal ns since 1970: ring positions, tap ids and hello ids hold within it. A shipper that
   * starts again within an epoch goes on where its spool ends; another epoch is another start of the collector.
   */
  readonly epoch: bigint;
  /** Its frames are of another time: none is late. */
  readonly isRecorded?: boolean;
  /** Reads both clocks; what is in the ring or the map later has a later boot time. */
  clock(): ClockSample;
  /** All taps of the epoch. */
  taps(): readonly RingTap[];
  /**
   * Copies waiting records (bpf/frame.h) back to back into `into`, as many whole ones as fit, and gives their bytes; 0 when
   * none waits. Each call goes on behind the one before. `tap_id` holds a tap's id; `frame_number` a hello's id, else 0;
   * `key_index` of a hello the ms since it came before, at least 1, and 0 where it did not.
   * A record is never longer than 128 KB, and `into` never shorter; it begins at a multiple of 8.
   */
  read(into: Uint8Array): number;
  /**
   * After `read`: records stand in the ring that could not be given out yet (of a tap that is not named so far, or not
   * written to their end). They are older than a clock that is read now.
   */
  readonly isHeldUp?: boolean;
  /** Behind what `read` gave so far: only grows. */
  readonly position: bigint;
  /** Before the first `read`: goes on where a shipper of this epoch had come, or where the ring begins now if that is later. */
  seek(position: bigint): void;
  /** What stands before this position is spooled: the ring may use its room again. */
  release(position: bigint): void;
  /** All entries of the suppression map. Read the clock first, then the ring, then this. */
  hellos(): Iterable<SeenHello>;
  drops(): readonly RingDrop[];
  /** Resolves when records wait, or after `ms`. */
  wait(ms: number): Promise<void>;
  close(): Promise<void>;
}
