/** What every event row carries: identity, times, context, evidence, locator. Set it, then let a generated writer emit. */
import { Bytes } from './bytes.ts';
import { Contexts, Frame, Taps } from './frame.ts';
import { STATE_REASON_DECODER_UPGRADE, STATE_REASON_UNSET } from './generated/constants.ts';
import { Hash } from './hash.ts';
import { RowWriter } from './rows.ts';

const KIND_FRAME: u8 = 1;
const KIND_DEADLINE: u8 = 2;
const KIND_MINUTE: u8 = 3;
const KIND_UPGRADE: u8 = 4;
const MOST_KEY_BYTES: u32 = 512;
/** Bytes of the envelope's columns in a row. */
const ENVELOPE_BYTES: u32 = 59;
const idBuffer: usize = memory.data(32 + 512);

/** Evidence, ranked as in the rules: declared > received > timer > inferred. */
export const EVIDENCE_DECLARED: u8 = 1;
export const EVIDENCE_RECEIVED: u8 = 2;
export const EVIDENCE_TIMER: u8 = 3;
export const EVIDENCE_INFERRED: u8 = 4;
export const EVIDENCE_LSDB: u8 = 5;
export const CONFIDENCE_OBSERVED: u8 = 1;
export const CONFIDENCE_INFERRED: u8 = 2;
export const CONFIDENCE_ASSUMED: u8 = 3;

@unmanaged
export class Envelope {
  /** Effective time and time of the decision, ns since 1970 UTC. */
  static time: i64 = 0;
  static decidedTime: i64 = 0;
  static context: u32 = 0;
  static tap: u16 = 0;
  static evidence: u8 = EVIDENCE_RECEIVED;
  static confidence: u8 = CONFIDENCE_OBSERVED;
  static initial: bool = false;
  static late: bool = false;
  static frameOffset: u64 = 0;
  static frameIndex: u32 = 0;
  /** Which of the table's event types, as the catalogue numbers them (from 1). */
  static eventCode: u8 = 1;
  static kind: u8 = KIND_FRAME;
  static number: u64 = 0;
  static identity: usize = 0;
  /** Rows that the present decision (frame, deadline or minute) has given so far, and which decision that is. */
  private static rowsOfDecision: u32 = 0;
  private static decisionKind: u8 = 0;
  private static decisionNumber: u64 = 0;
  private static decisionIdentity: usize = 0;

  /** The row is decided by the frame under the decoder; effective at its time, directly received, observed. */
  static fromFrame(): void {
    Envelope.kind = KIND_FRAME;
    Envelope.number = Frame.number();
    Envelope.identity = Taps.at(Frame.tap());
    Envelope.tap = Frame.tap() as u16;
    Envelope.context = Frame.context();
    Envelope.time = Frame.time();
    Envelope.decidedTime = Envelope.time;
    Envelope.late = Frame.late();
    Envelope.frameOffset = Frame.batchOffset;
    Envelope.frameIndex = Frame.index;
    Envelope.defaults();
  }

  /**
   * The row is decided by a deadline: `deadline` in ns of the boot clock of `tap`, the tap of the hello that set it;
   * locator and context are those of that hello's last shipped frame.
   */
  static fromDeadline(tap: u32, deadline: i64, context: u32, frameOffset: u64, frameIndex: u32): void {
    Envelope.kind = KIND_DEADLINE;
    Envelope.number = deadline as u64;
    Envelope.identity = Taps.at(tap);
    Envelope.tap = tap as u16;
    Envelope.context = context;
    Envelope.time = deadline + Taps.wallOffset(tap);
    Envelope.decidedTime = Envelope.time;
    Envelope.late = false;
    Envelope.frameOffset = frameOffset;
    Envelope.frameIndex = frameIndex;
    Envelope.defaults();
    Envelope.evidence = EVIDENCE_TIMER;
  }

  /** A once-a-minute row of a shadow key: `minute` since 1970 on the wall clock of `tap`. */
  static fromMinute(context: u32, tap: u32, minute: u64): void {
    Envelope.kind = KIND_MINUTE;
    Envelope.number = minute;
    Envelope.identity = Contexts.shadowIdentity(Contexts.shadow(context));
    Envelope.tap = tap as u16;
    Envelope.context = context;
    Envelope.time = (minute as i64) * 60_000_000_000;
    Envelope.decidedTime = Envelope.time;
    Envelope.late = false;
    Envelope.frameOffset = 0;
    Envelope.frameIndex = 0;
    Envelope.defaults();
  }

  /**
   * The row is decided by a change of decoders: `identity` is what the host gave for it; effective when `tap` had its
   * last tick, the context is that of what is read otherwise. The locator is the place of the change among the frames, as
   * the host said by `batch`: the row is newer than those of the frames before.
   */
  static fromUpgrade(identity: usize, tap: u32, context: u32): void {
    Envelope.kind = KIND_UPGRADE;
    Envelope.number = 0;
    Envelope.identity = identity;
    Envelope.tap = tap as u16;
    Envelope.context = context;
    Envelope.time = Taps.clock(tap) + Taps.wallOffset(tap);
    Envelope.decidedTime = Envelope.time;
    Envelope.late = false;
    Envelope.frameOffset = Frame.batchOffset;
    Envelope.frameIndex = Frame.index;
    Envelope.defaults();
  }

  /** Code of the column `reason` of `topology_changes` and `router_names`. */
  @inline static stateReason(): u8 {
    return Envelope.kind == KIND_UPGRADE ? STATE_REASON_DECODER_UPGRADE : STATE_REASON_UNSET;
  }

  private static defaults(): void {
    Envelope.evidence = EVIDENCE_RECEIVED;
    Envelope.confidence = CONFIDENCE_OBSERVED;
    Envelope.initial = false;
    Envelope.eventCode = 1;
  }

  /**
   * Writes the envelope as the first columns of the open row. The id is a hash of (frame identity, table, row key,
   * ordinal within that key): `keyLength` bytes at `key`, of which the first 512 count. The column `ordinal` is another
   * number: the row's place among all rows of its decision, so that readers know which of two came last. Gives the address behind.
   */
  static write(table: u32, key: usize, keyLength: u32, ordinal: u32): usize {
    const b = idBuffer;
    v128.store(b, v128.load(Envelope.identity));
    store<u64>(b, Envelope.number, 16);
    store<u32>(b, table | ((Envelope.kind as u32) << 16), 24);
    store<u32>(b, ordinal, 28);
    const take = min<u32>(keyLength, MOST_KEY_BYTES);
    Bytes.copy(b + 32, key, take);
    Hash.murmur128(b, 32 + take);
    const at = RowWriter.position;
    store<u64>(at, Hash.low);
    store<u64>(at, Hash.high, 8);
    Envelope.columns(at, Envelope.placeInDecision());
    RowWriter.mark(Envelope.context);
    RowWriter.markTap(Envelope.tap);
    return at + ENVELOPE_BYTES;
  }

  /** The columns behind the id, of the envelope as it is set; the row begins at `at`, `place` is its column `ordinal`. */
  @inline static columns(at: usize, place: u32): void {
    store<u8>(at, Envelope.eventCode, 16);
    store<i64>(at, Envelope.time, 17);
    store<i64>(at, Envelope.decidedTime, 25);
    store<u32>(at, Envelope.context, 33);
    store<u16>(at, Envelope.tap, 37);
    store<u8>(at, Envelope.evidence, 39);
    store<u8>(at, Envelope.confidence, 40);
    store<u8>(at, Envelope.initial ? 1 : 0, 41);
    store<u8>(at, Envelope.late ? 1 : 0, 42);
    store<u64>(at, Envelope.frameOffset, 43);
    store<u32>(at, Envelope.frameIndex, 51);
    store<u32>(at, place, 55);
  }

  /**
   * The next row begins a decision: the host has called anew. Else a minute or deadline that fires on two taps in two
   * calls would be counted on, but not when a checkpoint lies between the calls.
   */
  static beginDecision(): void {
    Envelope.decisionKind = 0;
  }

  /** The next row of the decision under the envelope gets `place` in the column `ordinal`, those behind it count on. */
  static countFrom(place: u32): void {
    Envelope.nextPlace();
    Envelope.rowsOfDecision = place;
  }

  /** The column `ordinal` of the next row. */
  private static placeInDecision(): u32 {
    const place = Envelope.nextPlace();
    Envelope.rowsOfDecision = place + 1;
    return place;
  }

  /** The column `ordinal` of the next row, for a module that writes rows itself and then says how many by `tookPlaces`. */
  static nextPlace(): u32 {
    if (Envelope.kind != Envelope.decisionKind || Envelope.number != Envelope.decisionNumber
      || Envelope.identity != Envelope.decisionIdentity) {
      Envelope.decisionKind = Envelope.kind;
      Envelope.decisionNumber = Envelope.number;
      Envelope.decisionIdentity = Envelope.identity;
      Envelope.rowsOfDecision = 0;
    }
    return Envelope.rowsOfDecision;
  }

  /** `rows` rows were written from `nextPlace` on. */
  @inline static tookPlaces(rows: u32): void {
    Envelope.rowsOfDecision += rows;
  }
}
