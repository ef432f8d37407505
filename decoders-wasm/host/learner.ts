/** Taps and keys that batches name: they get their codes here, and the decoders learn them. */
import type { BatchKey, BatchTap, FrameBatch, FrameBatchHeader } from '../contract/batch.ts';
import { murmur128 } from '../contract/murmur.ts';
import { admit, REFUSED, REFUSED_TAPS, refusalRows } from './admission.ts';
import type { CodedContext, CodedTap, Codes } from './codes.ts';
import type { Decoders } from './decoders.ts';
import { LOG_TAP } from './losses.ts';
import type { Output } from './output.ts';

/** Of a batch, by index. */
export interface Learned {
  readonly taps: CodedTap[];
  readonly contexts: CodedContext[];
}

export class Learner {
  private readonly codes: Codes;
  private readonly decoders: Decoders;

  constructor(codes: Codes, decoders: Decoders) {
    this.codes = codes;
    this.decoders = decoders;
  }

  /** Taps and keys of a batch by index; those that there is no room for stand for nothing, and a row says so once a tap. */
  batch(offset: bigint, batch: FrameBatch, out: Output): Learned {
    const { header } = batch;
    const admission = admit(batch, this.codes);
    const { refusedTaps, refusedKeys, brought, told } = admission;
    const taps = header.taps.map((tap, index) => {
      if (refusedTaps.has(index)) return this.refusedTap();
      const coded = this.tap(header, tap);
      coded.keys = brought[index]!;
      return coded;
    });
    const contexts = header.keys.map((key, index) => (refusedKeys.has(index) ? REFUSED : this.context(key)));
    header.taps.forEach(({ key, openedNs }, index) => {
      // A gap that a spool made is told where its frames would have gone, with a key for that alone.
      if (key !== undefined && (openedNs !== undefined || header.gaps.every(({ tap }) => tap !== index))) taps[index]!.own = contexts[key]!.code;
    });
    if (told.size > 0) for (const row of refusalRows(offset, admission, batch, { taps, context: this.partition(header.partition), codes: this.codes })) out.host(row);
    return { taps, contexts };
  }

  context(key: BatchKey): CodedContext {
    const { context, fresh } = this.codes.context(key);
    if (fresh) this.decoders.learnContext(context);
    return context;
  }

  /** Tap and context of rows that concern a whole partition. */
  log({ log, partition }: { readonly log: string; readonly partition: number }): { tap: CodedTap; context: CodedContext } {
    const { tap, fresh } = this.codes.tap(LOG_TAP.collector, {
      name: LOG_TAP.name, identity: Buffer.from(murmur128(Buffer.from(`${log}/${partition}`))).toString('hex'), wallOffsetNs: '0',
    });
    tap.state = 'idle';
    if (fresh) this.decoders.learnTap(tap);
    return { tap, context: this.partition(partition) };
  }

  /** Of rows that concern no key. */
  private partition(partition: number): CodedContext {
    return this.context({ key: `partition/${partition}`, domain: 'default', networkInstance: 'default', link: '' });
  }

  private tap(header: FrameBatchHeader, tap: BatchTap): CodedTap {
    const before = this.codes.taps.length;
    const { tap: coded, fresh } = this.codes.tap(header.collector, tap);
    coded.source = sourceOf(header);
    coded.lastFrame = tap.lastFrame;
    if (fresh && coded.code !== before) throw new Error('tap codes are not in order');
    this.decoders.openTap(coded);
    return coded;
  }

  private refusedTap(): CodedTap {
    const { tap, fresh } = this.codes.tap(REFUSED_TAPS.collector, REFUSED_TAPS);
    tap.state = 'idle';
    tap.isRefused = true;
    if (fresh) this.decoders.learnTap(tap);
    return tap;
  }
}

/** What numbers batches: one start of a collector. */
export function sourceOf({ collector, epoch }: FrameBatchHeader): string {
  return `${collector}\n${epoch}`;
}
