/** What decides at this moment: a frame, a deadline or a change of decoders, with its times, locator and what its rows are told apart by. */
import { Frame, Taps } from '../../../base/assembly/frame.ts';
import { Envelope, EVIDENCE_RECEIVED, EVIDENCE_TIMER } from '../../../base/assembly/envelope.ts';
import { Link } from './entries.ts';

export const SECOND: i64 = 1_000_000_000;
export const MILLISECOND: i64 = 1_000_000;
/** Kinds of deadlines have places for this power of two of rows each in the column `ordinal`. */
export const ROWS_OF_KIND: u32 = 24;
/** Kind, frame number, and at most two keys of an interface, or one of an LSA. */
const MOST_SUBJECT_BYTES: u32 = 48;
/** Bytes that a row key needs for what its deadline is about. */
const subject: usize = memory.data(48);

@unmanaged
export class Now {
  static isDeadline: bool = false;
  static isUpgrade: bool = false;
  static tap: u32 = 0;
  static boot: i64 = 0;
  /** Wall time, ns since 1970 UTC. */
  static time: i64 = 0;
  static offset: u64 = 0;
  static index: u32 = 0;
  /** Number of the frame on its tap; of a deadline, that of the frame that set it. */
  static number: u64 = 0;
  /** Rows of this decision so far that asked for an ordinal, and that were begun. */
  private static ordinals: u32 = 0;
  private static rows: u32 = 0;
  private static kind: u32 = 0;
  private static subjectLength: u32 = 0;
  /** Of a change of decoders: what stands for a frame's identity. */
  private static identity: usize = 0;

  /** Ordinal of the next row of this decision. */
  static ordinal(): u32 {
    Now.ordinals += 1;
    return Now.ordinals - 1;
  }

  static fromFrame(): void {
    Now.isDeadline = false;
    Now.isUpgrade = false;
    Now.tap = Frame.tap();
    Now.boot = Frame.boot();
    Now.time = Frame.time();
    Now.number = Frame.number();
    Now.offset = Frame.batchOffset;
    Now.index = Frame.index;
    Now.ordinals = 0;
    Now.subjectLength = 0;
  }

  /**
   * A deadline of `kind` that frame `number` of `tap` set; then `about` what. Deadlines of one tap and instant have one
   * identity for rows, so what each is about goes into the keys of its rows (`keyed`): none depends on the others.
   */
  static fromDeadline(kind: u32, tap: u32, boot: i64, number: u64, offset: u64, index: u32): void {
    Now.isDeadline = true;
    Now.isUpgrade = false;
    Now.tap = tap;
    Now.boot = boot;
    Now.time = boot + Taps.wallOffset(tap);
    Now.number = number;
    Now.offset = offset;
    Now.index = index;
    Now.kind = kind;
    Now.ordinals = 0;
    Now.rows = 0;
    Now.subjectLength = 0;
    Now.about(kind, (number >>> 32) as u32, number as u32);
  }

  /** A change of decoders: `identity` is the address of what the host gave for it; then `readOtherwise` what. */
  static fromUpgrade(identity: usize): void {
    Now.isDeadline = false;
    Now.isUpgrade = true;
    Now.identity = identity;
    Now.number = 0;
    Now.ordinals = 0;
    Now.subjectLength = 0;
  }

  /** The next rows of the change are of what came by `tap`: effective when that had its last tick. */
  static readOtherwise(tap: u32): void {
    Now.tap = tap;
    Now.boot = Taps.clock(tap);
    Now.time = Now.boot + Taps.wallOffset(tap);
  }

  /** Words of the canonical key of what the deadline is of. */
  static about(a: u32, b: u32, c: u32): void {
    if (Now.subjectLength + 12 > MOST_SUBJECT_BYTES) return;
    const at = subject + (Now.subjectLength as usize);
    store<u32>(at, a);
    store<u32>(at, b, 4);
    store<u32>(at, c, 8);
    Now.subjectLength += 12;
  }

  /** Puts what the deadline is about behind the row key of `length` bytes at `key`; the key's length then. */
  static keyed(key: usize, length: u32): u32 {
    memory.copy(key + (length as usize), subject, Now.subjectLength);
    return length + Now.subjectLength;
  }

  /** Begins a row's envelope in `context`. */
  static envelope(context: u32): void {
    if (Now.isDeadline) {
      Envelope.fromDeadline(Now.tap, Now.boot, context, Now.offset, Now.index);
      Envelope.countFrom((Now.kind << ROWS_OF_KIND) + Now.rows);
      Now.rows += 1;
    } else if (Now.isUpgrade) {
      Envelope.fromUpgrade(Now.identity, Now.tap, context);
    } else {
      Envelope.fromFrame();
      Envelope.context = context;
    }
    Envelope.evidence = Now.isDeadline ? EVIDENCE_TIMER : EVIDENCE_RECEIVED;
  }
}

/** Code of the link's tap `index`. */
export function tapOfLink(link: Link, index: u32): u32 {
  return load<u32>(changetype<usize>(link) + offsetof<Link>('tap0') + ((index as usize) << 2));
}
