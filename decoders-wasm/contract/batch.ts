/** What stands in a frame batch beside the frames: taps, keys, gaps. The codec is stream/contract/frame-batch.ts. */

/** `closed` ends a tap; an `idle` one is never missed. */
export type TapState = 'open' | 'idle' | 'closed';

export interface BatchTap {
  readonly name: string;
  /** 16 bytes in hex: what (tap, tap epoch) is in every event id. */
  readonly identity: string;
  readonly state: TapState;
  /** Boot clock of the tap when the batch was closed (a watermark), ns, decimal; null where it did not move. */
  readonly clockNs: string | null;
  /** Wall time = boot time + this, ns, decimal. */
  readonly wallOffsetNs: string;
  /** Highest frame number of the tap that this partition has got so far, this batch included; decimal. */
  readonly lastFrame: string;
  /**
   * The tap's opening, closing and gaps are told in one partition only: there these are set, boot times in ns; `key`
   * is then the index of the tap's own key (`tap/<domain>/<name>`) in the key table.
   */
  readonly key?: number;
  readonly openedNs?: string;
  readonly closedNs?: string;
  /** Why, where it was not the end of a capture or a graceful stop. */
  readonly closedBy?: string;
}

/** A (shadow key, link) pair; frames name it by its index. */
export interface BatchKey {
  /** `igp/<domain>/<instance>/<protocol>`, `tcp/<domain>/<instance>/<lower address>|<higher address>`, `link/...`. */
  readonly key: string;
  readonly domain: string;
  readonly networkInstance: string;
  readonly link: string;
  /** Of a session: both addresses, the numerically lower first. */
  readonly addresses?: readonly [string, string];
}

/** Frames that a tap is known to have missed between two boot times. */
export interface BatchGap {
  /** Index into the batch's taps. */
  readonly tap: number;
  readonly fromNs: string;
  readonly toNs: string;
  readonly lost: number;
  readonly detail: string;
}

/**
 * Hellos of a tap and key that came again unchanged: their frames are those that stood in their slots at that time. In place
 * of a frame number each has its boot time with the highest bit set, whenever the collector looked.
 */
export interface BatchRefresh {
  /** Indices into the batch's taps and keys. */
  readonly tap: number;
  readonly key: number;
  /** For each hello its slot, then its arrivals as ns before `refreshedNs` of the header, the oldest first. */
  readonly hellos: readonly (readonly number[])[];
}

/** The tapped interface lost or regained its carrier; told in the partition of the tap's own key. */
export interface BatchCarrier {
  /** Index into the batch's taps. */
  readonly tap: number;
  readonly isUp: boolean;
  /** Boot times of the reading before and of this one, decimal. */
  readonly fromNs: string;
  readonly atNs: string;
  /** Changes between them: more than one hides some. */
  readonly changes: number;
}

export interface FrameBatchHeader {
  /** Never in the log: what stands there is no frame batch; `frames` are its first bytes. */
  readonly spoiled?: { readonly log: string; readonly error: string };
  readonly collector: string;
  /** One start of a collector; decimal. */
  readonly epoch: string;
  readonly partition: number;
  /** From 1 within (collector, epoch, partition), durable before the first send. */
  readonly sequence: number;
  /** The batches from this one on were dropped, and their gaps are told here. */
  readonly firstSequence?: number;
  readonly taps: readonly BatchTap[];
  readonly keys: readonly BatchKey[];
  readonly gaps: readonly BatchGap[];
  readonly carriers?: readonly BatchCarrier[];
  /**
   * Hellos whose copies will come as refreshes: [index of the frame, slot of its tap, 1 where it says what the slot said].
   * A slot without its frame (it was dropped) is one that no refresh may use: [index into the taps, slot, -1].
   */
  readonly hellos?: readonly (readonly [number, number, number])[];
  /** Boot clock, decimal. */
  readonly refreshedNs?: string;
  readonly refreshes?: readonly BatchRefresh[];
  /** Age of the frames at shipping, ns, decimal. */
  readonly ageNs: string;
  /** A clock record of the partition's owner: its wall clock, ns, decimal; it has no taps, keys and frames. */
  readonly clockNs?: string;
}

export interface FrameBatch {
  readonly header: FrameBatchHeader;
  /** Frame records (bpf/frame.h) one behind the other; tap_id and key_index point into the header. */
  readonly frames: Uint8Array;
}
