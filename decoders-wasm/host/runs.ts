/** Hands runs of frame records to a decoder, with the locators that their rows will have. */
import { type DecoderInstance, type Drained, ModuleFault } from './instance.ts';

/** A stretch of records that follow one another. */
export interface Run {
  readonly at: number;
  readonly end: number;
  /** Place of the first among all records of the batch. */
  readonly first: number;
  /** Locator of the first: that of a copy is its hello's. */
  readonly offset: bigint;
  readonly index: number;
}

/** What of a run lies between two bytes; `from` is the begin of the record of that place. */
export function part(run: Run, from: { readonly at: number; readonly index: number }, to: number): Run[] {
  const end = Math.min(run.end, to);
  if (run.at >= from.at) return run.at < end ? [{ ...run, end }] : [];
  return from.at < end ? [{ ...run, at: from.at, end, first: from.index, index: run.index + from.index - run.first }] : [];
}

interface Handling {
  readonly drain: (rows: Drained) => void;
  /** Set where frames go one at a time. */
  readonly step: ((index: number) => void) | undefined;
}

/** Hands one run to a decoder; faults and `step` name the frame by its place in the batch. */
export function processRun(instance: DecoderInstance, { first, offset, index }: Run, frames: Uint8Array, { drain, step }: Handling): void {
  try {
    if (step === undefined) return instance.process(offset, index, frames, drain);
    const view = new DataView(frames.buffer, frames.byteOffset, frames.length);
    for (let at = 0, count = 0; at < frames.length; count++) {
      const length = view.getUint32(at, true);
      step(first + count);
      instance.process(offset, index + count, frames.subarray(at, at + length), drain);
      at += length;
    }
  } catch (error) {
    if (!(error instanceof ModuleFault) || error.frameIndex === undefined || first === index) throw error;
    throw new ModuleFault(error.module, error.message, first + error.frameIndex - index, error.cause);
  }
}
