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
  /** Number of its last frame that came to the partition, decimal; a replay run again goes on behind it. */
  lastFrame: string;
  /** The contexts that it has shown frames of, by code: until which wall time, ns. */
  readonly seen: Map<number, bigint>;
  /** Code of its own key, where this is the partition that tells of its coverage. */
  own?: number;
  /** Keys on links that its frames brought to the partition. */
  keys: number;
  /** It stands for taps that the partition has no room for: their frames are passed over. */
  isRefused: boolean;
}

export interface CodedContext extends BatchKey {
  readonly code: number;
  readonly shadow: number;
  readonly linkCode: number;
  /** Resets that its key had had when it was learned: with another one it is a fresh shadow to the decoders. */
  readonly generation: number;
  /** Of its last frame; 0 before the first that a decoder could take. */
  protocol: number;
}

/** A context whose state was dropped, and a tap that had shown it. */
export interface DroppedContext {
  readonly context: CodedContext;
  readonly tap: CodedTap | undefined;
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
  /** Resets of a key, where there were any. */
  readonly generations = new Map<string, number>();
  /** Codes of contexts from before a reset: a decoder keeps their state, but its rows are nobody's. */
  readonly retired = new Set<number>();
  /** Identities of taps of which something was passed over for want of room, and a row has said so. */
  readonly refusals = new Set<string>();

  /** The tap of a batch header; `fresh` when it was not known. Offset and state are brought up to date. */
  tap(collector: string, tap: Pick<BatchTap, 'name' | 'identity' | 'wallOffsetNs'>): { tap: CodedTap; fresh: boolean } {
    const { code, fresh } = this.tapNumbers.of(tap.identity);
    const wallOffset = BigInt(tap.wallOffsetNs);
    if (fresh) {
      const identity = new Uint8Array(Buffer.from(tap.identity, 'hex'));
      if (identity.length !== 16) throw new Error(`tap ${tap.name}: identity ${tap.identity} is not 16 bytes of hex`);
      this.taps.push({ code, name: tap.name, collector, identity, wallOffset, state: 'open', isLive: false, unheard: 0, isLost: false, source: '', lastFrame: '0', seen: new Map(), keys: 0, isRefused: false });
    }
    const coded = this.taps[code]!;
    coded.wallOffset = wallOffset;
    return { tap: coded, fresh };
  }

  context(key: BatchKey): { context: CodedContext; fresh: boolean } {
    const generation = this.generations.get(key.key) ?? 0;
    const { code, fresh } = this.contextNumbers.of(this.contextName(key));
    if (fresh) {
      const shadow = this.shadowNumbers.of(`${key.key}${suffixOf(generation)}`).code;
      const linkCode = this.linkNumbers.of(`${key.domain}\n${key.networkInstance}\n${key.link}`).code;
      this.contexts.push({ ...key, code, shadow, linkCode, generation, protocol: 0 });
    }
    return { context: this.contexts[code]!, fresh };
  }

  /** The tap of that identity, if it was named before. */
  tapOf(identity: string): CodedTap | undefined {
    const code = this.tapNumbers.codes.get(identity);
    return code === undefined ? undefined : this.taps[code];
  }

  /** Whether the key on its link was named before. */
  knows(key: BatchKey): boolean {
    return this.contextNumbers.codes.has(this.contextName(key));
  }

  /** From here on the key has other codes, so that decoders begin it anew; gives the contexts that it had. */
  reset(key: string): DroppedContext[] {
    const generation = this.generations.get(key) ?? 0;
    const dropped = this.dropped((context) => context.key === key && context.generation === generation);
    this.generations.set(key, generation + 1);
    for (const { context } of dropped) for (const tap of this.taps) tap.seen.delete(context.code);
    return dropped;
  }

  /** The contexts that a decoder has frames of. */
  ofProtocol(protocol: number): DroppedContext[] {
    return this.dropped((context) => context.protocol === protocol && !this.retired.has(context.code));
  }

  private contextName({ key, link }: BatchKey): string {
    return `${key}\n${link}${suffixOf(this.generations.get(key) ?? 0)}`;
  }

  private dropped(isDropped: (context: CodedContext) => boolean): DroppedContext[] {
    return this.contexts.filter(isDropped).map((context) => ({ context, tap: this.taps.find((tap) => tap.seen.has(context.code)) }));
  }
}

function suffixOf(generation: number): string {
  return generation === 0 ? '' : `\nreset ${generation}`;
}

/** Whether frames of the tap come. */
export function isOpen(tap: CodedTap): boolean {
  return tap.state === 'open' && !tap.isLost;
}
