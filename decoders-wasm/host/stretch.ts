/** What goes into and comes out of the handling of one frame batch. */
import type { CodedContext, CodedTap } from './codes.ts';
import type { RowBlock } from './instance.ts';

/** All rows of one frame batch, with the codes they use. */
export interface Stretch {
  readonly blocks: readonly RowBlock[];
  readonly contexts: readonly CodedContext[];
  readonly taps: readonly CodedTap[];
  /** State that was dropped amid the batch; absent where no frame trapped. */
  readonly resets?: readonly StateReset[];
}

/** A frame that trapped a decoder before: replay passes over it. */
export interface SkippedFrame {
  /** Index in its batch. */
  readonly index: number;
  /** Why, for the quarantine row: `trap` or `watchdog`, and where in the source. */
  readonly error: string;
  readonly sourceLine: string;
}

/** State that is dropped before a frame: of a shadow key whose frames trapped too often, or all that a decoder has. */
export interface StateReset {
  /** Index in its batch. */
  readonly index: number;
  readonly key?: string;
  /** Of the decoder whose trap cannot be laid to a frame: a deadline's. */
  readonly protocol?: number;
}

/** What is known of a batch whose frames trapped before. */
export interface PassedOver {
  readonly skipped: readonly SkippedFrame[];
  readonly resets: readonly StateReset[];
  /** Which keys are reset stands in `resets`; else it is decided now, and the stretch says it. */
  readonly isDecided: boolean;
}

export const NOTHING_PASSED_OVER: PassedOver = { skipped: [], resets: [], isDecided: true };
