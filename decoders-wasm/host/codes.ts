/** The codes of one partition: taps and contexts numbered in the order in which the frames log names them. */
import type { BatchKey, BatchTap } from '../contract/batch.ts';

/** Most taps and contexts of a partition: decoders keep tables for so many (base/assembly/frame.ts has the same numbers). */
export const MOST_TAPS = 4096;
export const MOST_CONTEXTS = 1 << 18;

export interface CodedTap {
  readonly code: number;
  readonly name: string;
  readonly collector: string;
  readonly identity: Uint8Array;
  wallOffset: bigint;
  state: BatchTap['state'];
  /** It ships its clock: silence of its collector means something. Taps of files do not. */
  isLive: boolean;
  /** Clock records since a header named it; as many as make it lost. */
  unheard: number;
  isLost: boolean;
  /** Collector and epoch that named it last. */
  source: string;
  /** The contexts that it has shown frames of, by code: until which wall time, ns. */
  readonly seen: Map<number, bigint>;
}

export interface CodedContext extends BatchKey {
  readonly code: number;
  readonly shadow: number;
  readonly linkCode: number;
}

/** Numbers things from 0 in the order of their first appearance; throws beyond the most. */
class Numbering {
  private readonly what: string;
  private readonly most: number;

  constructor(what: string, most: number) {
    this.what = what;
    this.most = most;
  }

  readonly codes = new Map<string, number>();

  of(name: string): { code: number; fresh: boolean } {
    const known = this.codes.get(name);
    if (known !== undefined) return { code: known, fresh: false };
    const code = this.codes.size;
    if (code >= this.most) {
      throw new Error(`a partition can have ${this.most} ${this.what}, and one more came (${name.replaceAll('\n', ' on ')}): spread the taps over more partitions`);
    }
    this.codes.set(name, code);
    return { code, fresh: true };
  }
}

export class Codes {
  readonly taps: CodedTap[] = [];
  readonly contexts: CodedContext[] = [];
  private readonly tapNumbers = new Numbering('taps', MOST_TAPS);
  private readonly contextNumbers = new Numbering('shadow keys on links', MOST_CONTEXTS);
  private readonly shadowNumbers = new Numbering('shadow keys', MOST_CONTEXTS);
  private readonly linkNumbers = new Numbering('links', MOST_CONTEXTS);

  /** The tap of a batch header; `fresh` when it was not known. Offset and state are brought up to date. */
  tap(collector: string, tap: Pick<BatchTap, 'name' | 'identity' | 'wallOffsetNs'>): { tap: CodedTap; fresh: boolean } {
    const { code, fresh } = this.tapNumbers.of(tap.identity);
    const wallOffset = BigInt(tap.wallOffsetNs);
    if (fresh) {
      const identity = new Uint8Array(Buffer.from(tap.identity, 'hex'));
      if (identity.length !== 16) throw new Error(`tap ${tap.name}: identity ${tap.identity} is not 16 bytes of hex`);
      this.taps.push({ code, name: tap.name, collector, identity, wallOffset, state: 'open', isLive: false, unheard: 0, isLost: false, source: '', seen: new Map() });
    }
    const coded = this.taps[code]!;
    coded.wallOffset = wallOffset;
    return { tap: coded, fresh };
  }

  context(key: BatchKey): { context: CodedContext; fresh: boolean } {
    const { code, fresh } = this.contextNumbers.of(`${key.key}\n${key.link}`);
    if (fresh) {
      const shadow = this.shadowNumbers.of(key.key).code;
      const linkCode = this.linkNumbers.of(`${key.domain}\n${key.networkInstance}\n${key.link}`).code;
      this.contexts.push({ ...key, code, shadow, linkCode });
    }
    return { context: this.contexts[code]!, fresh };
  }
}
