/** The codes of one partition: taps and contexts numbered in the order in which the frames log names them. */
import type { BatchKey, BatchTap } from '../contract/batch.ts';

export interface CodedTap {
  readonly code: number;
  readonly name: string;
  readonly collector: string;
  readonly identity: Uint8Array;
  wallOffset: bigint;
  state: BatchTap['state'];
}

export interface CodedContext extends BatchKey {
  readonly code: number;
  readonly shadow: number;
  readonly linkCode: number;
}

/** Numbers things from 0 in the order of their first appearance. */
class Numbering {
  readonly codes = new Map<string, number>();

  of(name: string): { code: number; fresh: boolean } {
    const known = this.codes.get(name);
    if (known !== undefined) return { code: known, fresh: false };
    const code = this.codes.size;
    this.codes.set(name, code);
    return { code, fresh: true };
  }
}

export class Codes {
  readonly taps: CodedTap[] = [];
  readonly contexts: CodedContext[] = [];
  private readonly tapNumbers = new Numbering();
  private readonly contextNumbers = new Numbering();
  private readonly shadowNumbers = new Numbering();
  private readonly linkNumbers = new Numbering();

  /** The tap of a batch header; `fresh` when it was not known. Offset and state are brought up to date. */
  tap(collector: string, tap: Pick<BatchTap, 'name' | 'identity' | 'wallOffsetNs'>): { tap: CodedTap; fresh: boolean } {
    const { code, fresh } = this.tapNumbers.of(tap.identity);
    const wallOffset = BigInt(tap.wallOffsetNs);
    if (fresh) {
      const identity = new Uint8Array(Buffer.from(tap.identity, 'hex'));
      if (identity.length !== 16) throw new Error(`tap ${tap.name}: identity ${tap.identity} is not 16 bytes of hex`);
      this.taps.push({ code, name: tap.name, collector, identity, wallOffset, state: 'open' });
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
