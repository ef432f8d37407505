/** Frames that trapped or hung their decoder, by the batch they stand in: what is passed over, and which state was dropped. */
import { type DecoderFault, NOTHING_PASSED_OVER, type PassedOver, type RegisteredModule, type SkippedFrame, type StateReset } from '../../decoders-wasm/contract/host.ts';
import type { EventsHeader } from '../contract/events-record.ts';

export class TrappedFrames {
  private readonly modules: readonly RegisteredModule[];
  private readonly batches = new Map<bigint, PassedOver>();

  /** `modules`: those that may be to blame. */
  constructor(modules: readonly RegisteredModule[]) {
    this.modules = modules;
  }

  /** What is known of the batch at a frames offset. */
  of(offset: bigint): PassedOver {
    return this.batches.get(offset) ?? NOTHING_PASSED_OVER;
  }

  /** All of it, as an events record holds it. */
  all(): Pick<EventsHeader, 'skipped' | 'resets'> {
    const each = [...this.batches].map(([offset, passed]) => recorded(offset, passed));
    const [skipped, resets] = [each.flatMap((one) => one.skipped ?? []), each.flatMap((one) => one.resets ?? [])];
    return { ...(skipped.length === 0 ? {} : { skipped }), ...(resets.length === 0 ? {} : { resets }) };
  }

  /** Takes over what an events record says: a replay passes over the same frames and drops the same state. */
  read({ skipped, resets }: Pick<EventsHeader, 'skipped' | 'resets'>): void {
    for (const { offset, index, error, sourceLine } of skipped ?? []) this.skip(BigInt(offset), { index, error, sourceLine });
    for (const { offset, ...reset } of resets ?? []) this.reset(BigInt(offset), reset);
  }

  /** What the resets of the batch are is known now, and is not decided again. */
  decided(offset: bigint, resets: readonly StateReset[] | undefined): void {
    const { skipped } = this.of(offset);
    if (resets !== undefined) this.batches.set(offset, { skipped, resets, isDecided: true });
  }

  /**
   * Lays a fault to a frame, which is passed over from here on; or to the state of a decoder where it was no frame (a
   * deadline, a frame that it does not get any more), which is dropped. False where all of that was done already.
   */
  blame(offset: bigint, fault: DecoderFault): boolean {
    const { skipped, resets } = this.of(offset);
    const open = { skipped, resets: resets.filter(({ key }) => key === undefined), isDecided: false };
    const { frameIndex: index } = fault;
    if (index !== undefined && fault.isFrame && !skipped.some((known) => known.index === index)) {
      this.batches.set(offset, { ...open, skipped: [...skipped, { index, error: fault.error, sourceLine: fault.sourceLine }] });
      return true;
    }
    const blamed = this.modules.filter(({ name }) => fault.module === '' || name === fault.module).map(({ protocol }): StateReset => ({ index: index ?? 0, protocol }));
    const fresh = blamed.filter((one) => !resets.some((known) => known.index === one.index && known.protocol === one.protocol));
    this.batches.set(offset, { ...open, resets: [...open.resets, ...fresh] });
    return fresh.length > 0;
  }

  private skip(offset: bigint, frame: SkippedFrame): void {
    const known = this.of(offset);
    if (!known.skipped.some(({ index }) => index === frame.index)) this.batches.set(offset, { ...known, skipped: [...known.skipped, frame] });
  }

  private reset(offset: bigint, reset: StateReset): void {
    const known = this.of(offset);
    if (known.resets.some(({ index, key, protocol }) => index === reset.index && key === reset.key && protocol === reset.protocol)) return;
    this.batches.set(offset, { ...known, resets: [...known.resets, reset] });
  }
}

/** What the events log keeps of a batch: absent where no frame trapped. */
export function recorded(offset: bigint, { skipped, resets }: PassedOver): Pick<EventsHeader, 'skipped' | 'resets'> {
  const at = String(offset);
  return {
    ...(skipped.length === 0 ? {} : { skipped: skipped.map((frame) => ({ ...frame, offset: at })) }),
    ...(resets.length === 0 ? {} : { resets: resets.map((reset) => ({ ...reset, offset: at })) }),
  };
}
