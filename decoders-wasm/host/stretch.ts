/** What goes into and comes out of the handling of one frame batch. */
import type { CodedContext, CodedTap } from './codes.ts';
import type { RowBlock } from './instance.ts';

/** All rows of one frame batch, with the codes they use. */
export interface Stretch {
  readonly blocks: readonly RowBlock[];
  readonly contexts: readonly CodedContext[];
  readonly taps: readonly CodedTap[];
}

/** A frame that trapped a decoder before: replay passes over it. */
export interface SkippedFrame {
  /** Index in its batch. */
  readonly index: number;
  /** Why, for the quarantine row: `trap` or `watchdog`, and where in the source. */
  readonly error: string;
  readonly sourceLine: string;
}
