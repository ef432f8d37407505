/** What of the taps can be seen: batches that never came, gaps, collectors that fall silent; rows say so, decoders wait. */
import { TAP_GAP, TAP_LOST } from '../contract/abi.ts';
import type { BatchTap, FrameBatch, FrameBatchHeader } from '../contract/batch.ts';
import * as layout from '../contract/generated/frame.ts';
import { type CodedContext, type CodedTap, type Codes, isOpen } from './codes.ts';
import type { Decoders } from './decoders.ts';
import type { Hellos } from './hellos.ts';
import { type Learned, sourceOf } from './learner.ts';
import { detailOf, type Loss, lossRows, type PartitionLoss, partitionRow, restoredRow } from './losses.ts';
import type { Output } from './output.ts';
import type { ShadowState, SourceState } from './shadow-state.ts';

/** A live tap is lost after so many clock records (one a second) without a header of its collector. */
const CLOCKS_TO_LOSS = 15;
/** Owners' clocks differ by less than this, ns. */
const CLOCK_SET_BACK_NS = 5_000_000_000n;

export class Coverage {
  private readonly codes: Codes;
  private readonly decoders: Decoders;
  private readonly hellos: Hellos;
  private readonly sources = new Map<string, SourceState>();
  /** Of the clock records: time, owner and number of the last one. */
  private lastClock = 0n;
  private clockBy: ShadowState['clockBy'];

  constructor(codes: Codes, decoders: Decoders, hellos: Hellos) {
    this.codes = codes;
    this.decoders = decoders;
    this.hellos = hellos;
  }

  /** Whether the batch, or one behind it of its source, was taken before. */
  isDoubled({ header }: FrameBatch): boolean {
    return header.sequence <= (this.sources.get(sourceOf(header))?.sequence ?? 0);
  }

  /**
   * Frames are missing before those of `batch`: a jump in the sequence concerns every open tap of that collector, a gap
   * in the header its tap. Rows say so, and the decoders wait for what they hear next (rule C7). Taps that are named are
   * heard.
   */
  begin(offset: bigint, batch: FrameBatch, learned: Learned, out: Output): void {
    this.tellLosses(offset, batch, learned, out);
    batch.header.taps.forEach((tap, index) => { this.hear(offset, tap, learned.taps[index]!, firstBoot(batch), out); });
  }

  /**
   * A hello of the tap came again, but what it says was lost: until it is shipped once more (within a minute) its silence
   * would be taken for that of its sender, so the decoders wait on.
   */
  stayBlind(tap: number, out: Output): void {
    this.wait([this.codes.taps[tap]!], out);
  }

  /** The batch is taken; `lastBoot` is that of its last frame. */
  taken({ header }: FrameBatch, lastBoot: bigint | undefined): void {
    const source = sourceOf(header);
    const before = this.sources.get(source);
    const clocks = [before?.clockNs, lastBoot, ...header.taps.map((tap) => tap.clockNs)].flatMap((clock) => (clock === undefined || clock === null ? [] : [BigInt(clock)]));
    const clockNs = clocks.reduce<bigint | undefined>((latest, clock) => (latest === undefined || clock > latest ? clock : latest), undefined);
    this.sources.set(source, { sequence: header.sequence, ...(clockNs === undefined ? {} : { clockNs: String(clockNs) }) });
  }

  /** Frames from here on are gone from the log: a row for the partition (`log`), one for each open tap and its keys. */
  lose(offset: bigint, loss: PartitionLoss, log: { readonly tap: CodedTap; readonly context: CodedContext }, out: Output): void {
    const losses = this.codes.taps.filter(isOpen).map((tap): Loss => ({
      tap, isTold: false, from: BigInt(this.sources.get(tap.source)?.clockNs ?? BigInt(loss.timeNs) - tap.wallOffset), to: BigInt(loss.timeNs) - tap.wallOffset, detail: detailOf(loss), keys: 'coverage-lost',
    }));
    const from = losses.map(({ tap, from: boot }) => boot + tap.wallOffset).reduce((least, time) => (time < least ? time : least), BigInt(loss.timeNs));
    out.host(partitionRow(offset, loss, from, log.tap, log.context));
    this.tellAndWait(offset, losses, out);
    for (const [source, at] of this.sources) this.sources.set(source, { ...at, isTold: true });
  }

  /**
   * The owner's clock: a live tap that no header has named for CLOCKS_TO_LOSS of them is lost since its last clock. What
   * only it showed keeps its state, and no deadline passes there until it is heard again (rules C7, C8). Each partition tells
   * so of its keys, and of the tap itself that of the tap's own key.
   */
  clock(offset: bigint, { epoch: owner, sequence }: FrameBatchHeader, clockNs: bigint, out: Output): void {
    if (this.clockBy?.owner === owner && sequence <= this.clockBy.sequence) return;
    this.clockBy = { owner, sequence };
    // A little earlier than the last one is another owner's, side by side with it; much earlier is a clock that was set back.
    if (clockNs <= this.lastClock && this.lastClock - clockNs < CLOCK_SET_BACK_NS) return;
    this.lastClock = clockNs;
    for (const tap of this.codes.taps) {
      if (!tap.isLive || !isOpen(tap)) continue;
      tap.unheard += 1;
      if (tap.unheard < CLOCKS_TO_LOSS) continue;
      tap.isLost = true;
      const from = BigInt(this.sources.get(tap.source)?.clockNs ?? clockNs - tap.wallOffset);
      const detail = `nothing was heard of its collector for ${CLOCKS_TO_LOSS} seconds`;
      for (const row of lossRows(offset, { tap, isTold: tap.own === undefined, from, to: undefined, decidedNs: clockNs, detail, own: this.ownOf(tap), what: 'coverage-lost', keys: 'coverage-lost' }, this.codes)) out.host(row);
      this.decoders.closeTap(tap, TAP_LOST, out.drain);
    }
  }

  exportState(): Pick<ShadowState, 'clockNs' | 'clockBy' | 'sequences'> {
    return {
      clockNs: String(this.lastClock),
      ...(this.clockBy === undefined ? {} : { clockBy: this.clockBy }),
      sequences: [...this.sources].map(([source, state]) => ({ source, ...state })),
    };
  }

  importState({ clockNs, clockBy, sequences }: ShadowState): void {
    this.lastClock = BigInt(clockNs ?? 0);
    this.clockBy = clockBy;
    for (const { source, ...at } of sequences) this.sources.set(source, at);
  }

  private tellLosses(offset: bigint, batch: FrameBatch, { taps, contexts }: Learned, out: Output): void {
    const { header } = batch;
    const before = this.sources.get(sourceOf(header));
    const losses: Loss[] = header.gaps.map(({ tap, fromNs, toNs, detail }) => ({
      tap: taps[tap]!, isTold: true, from: BigInt(fromNs), to: BigInt(toNs), detail,
    }));
    const first = (before?.sequence ?? 0) + 1;
    if ((header.firstSequence ?? header.sequence) > first && before?.isTold !== true) {
      const to = BigInt(firstBoot(batch) ?? header.taps.find((tap) => tap.clockNs !== null)?.clockNs ?? before?.clockNs ?? 0);
      const last = (header.firstSequence ?? header.sequence) - 1;
      const which = first === last ? `batch ${first}` : `batches ${first} to ${last}`;
      const detail = `${which} of collector ${header.collector}, epoch ${header.epoch}, never came to partition ${header.partition}`;
      for (const tap of this.codes.taps) {
        if (tap.source === sourceOf(header) && isOpen(tap)) losses.push({ tap, isTold: false, from: BigInt(before?.clockNs ?? to), to, detail, context: contexts[0] });
      }
    }
    this.tellAndWait(offset, losses, out);
  }

  /** Writes the rows of losses and has the decoders wait: all taps are closed before the first opens again. */
  private tellAndWait(offset: bigint, losses: readonly Loss[], out: Output): void {
    for (const loss of losses) for (const row of lossRows(offset, loss, this.codes)) out.host(row);
    // A gap that the collector tells of says itself which slots are not to be used.
    for (const { tap, isTold } of losses) if (!isTold) this.hellos.forget(tap.code);
    this.wait(losses.map(({ tap }) => tap), out);
  }

  private ownOf({ own }: CodedTap): CodedContext | undefined {
    return own === undefined ? undefined : this.codes.contexts[own];
  }

  private wait(taps: readonly CodedTap[], out: Output): void {
    for (const instance of this.decoders.all()) {
      for (const tap of taps) instance.closeTap(tap.code, TAP_GAP, out.drain);
      for (const tap of taps) if (isOpen(tap)) instance.addTap(tap.code, tap.identity, tap.wallOffset);
    }
  }

  /** A header names the tap. */
  private hear(offset: bigint, tap: BatchTap, coded: CodedTap, at: bigint | undefined, out: Output): void {
    if (coded.isRefused) return;
    coded.unheard = 0;
    coded.isLive = coded.isLive || (tap.state === 'open' && tap.clockNs !== null);
    if (!coded.isLost) return;
    coded.isLost = false;
    const own = this.ownOf(coded);
    // Told of only to be closed, by the next start of its collector, it is not there again.
    if (own !== undefined && tap.state !== 'closed') out.host(restoredRow(offset, coded, own, at ?? BigInt(tap.clockNs ?? 0)));
  }
}

/** Boot time of the batch's first record; undefined without one. */
function firstBoot({ frames }: FrameBatch): bigint | undefined {
  return frames.length < layout.FRAME_BYTES ? undefined : new DataView(frames.buffer, frames.byteOffset).getBigUint64(layout.FRAME_BOOT_NS, true);
}
