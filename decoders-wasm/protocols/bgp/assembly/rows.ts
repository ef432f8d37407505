/** How the shadow's changes become rows; route changes by a template, since there are millions of them. */
import { CONFIDENCE_INFERRED, Envelope, EVIDENCE_INFERRED } from '../../../base/assembly/envelope.ts';
import { Contexts, Frame, Taps } from '../../../base/assembly/frame.ts';
import {
  COVERAGE_FULL, COVERAGE_PARTIAL, COVERAGE_SUSPECT, COVERAGE_WHAT_GAP, COVERAGE_WHAT_RESTORED, IDENTITY_AS_NUMBER, IDENTITY_HOSTNAME, PROTOCOL_NAME_BGP,
  SESSION_ESTABLISHED,
} from '../../../base/assembly/generated/constants.ts';
import { CoverageEvents } from '../../../base/assembly/generated/coverage-events.ts';
import { ProtocolErrors } from '../../../base/assembly/generated/protocol-errors.ts';
import { Quarantine } from '../../../base/assembly/generated/quarantine.ts';
import { RibMarks } from '../../../base/assembly/generated/rib-marks.ts';
import { TABLE_ROUTE_CHANGES } from '../../../base/assembly/generated/route-changes.ts';
import { RouterNames } from '../../../base/assembly/generated/router-names.ts';
import { SessionEvents } from '../../../base/assembly/generated/session-events.ts';
import { Hash } from '../../../base/assembly/hash.ts';
import { RowWriter } from '../../../base/assembly/rows.ts';
import { Text } from '../../../base/assembly/text.ts';
import { Capabilities } from './capabilities.ts';
import { Errors } from './errors.ts';
import { Connection, Direction, SEEN, Session, SUSPECT } from './state.ts';

const MINUTE: i64 = 60_000_000_000;
/** Bytes of a `route_changes` row, and the room that its wide stores may touch. */
const ROUTE_ROW_BYTES: u32 = 119;
const ROUTE_ROW_ROOM: u32 = 144;
const template: usize = memory.data(144);
const key: usize = memory.data(64);

@unmanaged
export class Rows {
  /** Number of the next row of the present frame or deadline: the ordinal that tells rows with equal keys apart. */
  static ordinal: u32 = 0;
  /** The rows are decided by this deadline's tap and so on instead of the frame. */
  static byDeadline: bool = false;
  static deadline: i64 = 0;
  static deadlineTap: u32 = 0;
  static deadlineOffset: u64 = 0;
  static deadlineIndex: u32 = 0;

  /** The rows that follow are decided by the frame. */
  static frame(): void {
    Rows.ordinal = 0;
    Rows.byDeadline = false;
  }

  /** The rows that follow are decided by a deadline on the boot clock of `tap`. */
  static timer(deadline: i64, tap: u32, offset: u64, index: u32): void {
    Rows.ordinal = 0;
    Rows.byDeadline = true;
    Rows.deadline = deadline;
    Rows.deadlineTap = tap;
    Rows.deadlineOffset = offset;
    Rows.deadlineIndex = index;
  }

  static envelope(session: Session): void {
    if (Rows.byDeadline) {
      Envelope.fromDeadline(Rows.deadlineTap, Rows.deadline, session.context, Rows.deadlineOffset, Rows.deadlineIndex);
    } else Envelope.fromFrame();
  }

  /** Row key begun with the session's shadow identity. */
  private static beginKey(session: Session): void {
    memory.copy(key, Contexts.shadowIdentity(session.shadow), 16);
    memory.fill(key + 16, 0, 48);
  }

  /** One transition of an end's view; `time` 0: that of the frame or deadline. */
  static session(session: Session, connection: Connection, end: u32, before: u8, after: u8, reason: u8, time: i64): void {
    const known = changetype<usize>(connection) != 0;
    SessionEvents.clear();
    SessionEvents.fromHigher = end as u8;
    if (known) Rows.sessionEnds(connection, end);
    SessionEvents.prevState = before;
    SessionEvents.state = after;
    SessionEvents.reason = reason;
    SessionEvents.code = Rows.code;
    SessionEvents.subcode = Rows.subcode;
    SessionEvents.shutdownTextAt = Rows.textAt;
    SessionEvents.shutdownTextLength = Rows.textLength;
    Rows.envelope(session);
    if (time != 0) Envelope.time = time;
    Envelope.eventCode = after == SESSION_ESTABLISHED ? 1 : before == SESSION_ESTABLISHED ? 2 : 3;
    if (before == 0) {
      Envelope.initial = true;
      Envelope.evidence = EVIDENCE_INFERRED;
      Envelope.confidence = CONFIDENCE_INFERRED;
    }
    Rows.beginKey(session);
    store<u8>(key, end as u8, 16);
    store<u8>(key, after, 17);
    SessionEvents.emit(key, 18, Rows.ordinal++);
  }
  /** NOTIFICATION that the next session rows speak of. */
  static code: u8 = 0;
  static subcode: u8 = 0;
  static textAt: usize = 0;
  static textLength: u32 = 0;

  static clearNotification(): void {
    Rows.code = 0;
    Rows.subcode = 0;
    Rows.textLength = 0;
  }

  private static sessionEnds(connection: Connection, end: u32): void {
    const mine = connection.direction(end);
    const theirs = connection.direction(1 - end);
    SessionEvents.routerAs = mine.asNumber;
    SessionEvents.peerAs = theirs.asNumber;
    if (mine.routerId != 0) {
      Text.begin();
      Text.ipv4(changetype<usize>(mine) + offsetof<Direction>('routerId'));
      SessionEvents.routerIdText();
    }
    if (theirs.routerId != 0) {
      Text.begin();
      Text.ipv4(changetype<usize>(theirs) + offsetof<Direction>('routerId'));
      SessionEvents.peerIdText();
    }
    SessionEvents.capabilitySource = Capabilities.source(connection);
    SessionEvents.holdTime = Capabilities.holdTime(connection) as u16;
    SessionEvents.coverage = (mine.flags & theirs.flags & SEEN) == 0 ? COVERAGE_PARTIAL
      : ((mine.flags | theirs.flags) & SUSPECT) != 0 ? COVERAGE_SUSPECT : COVERAGE_FULL;
    Text.begin();
    Capabilities.text(connection);
    SessionEvents.capabilitiesText();
  }

  /** A flush, stale mark or sweep. */
  static mark(session: Session, direction: u32, family: u32, mark: u8, reason: u8, routes: u32): void {
    RibMarks.clear();
    RibMarks.fromHigher = direction as u8;
    RibMarks.afiSafi = (family + 1) as u8;
    RibMarks.mark = mark;
    RibMarks.reason = reason;
    RibMarks.routes = routes;
    Rows.envelope(session);
    Rows.beginKey(session);
    store<u8>(key, direction as u8, 16);
    store<u8>(key, family as u8, 17);
    store<u8>(key, mark, 18);
    RibMarks.emit(key, 19, Rows.ordinal++);
  }

  /** Something that `direction` of the session did wrong: at once, then once a minute with the count. */
  static protocolError(session: Session, direction: u32, text: string): void {
    const count = Errors.note(session.shadow, direction, text, Frame.time() / MINUTE);
    if (count == 0) return;
    ProtocolErrors.clear();
    ProtocolErrors.protocol = PROTOCOL_NAME_BGP;
    Text.begin();
    Rows.address(session.address(direction));
    ProtocolErrors.senderText();
    Text.begin();
    Rows.address(session.address(1 - direction));
    ProtocolErrors.receiverText();
    Text.begin();
    Text.literal(text);
    ProtocolErrors.errorText();
    ProtocolErrors.count = count;
    Envelope.fromFrame();
    Envelope.eventCode = 3;
    Rows.beginKey(session);
    store<u8>(key, direction as u8, 16);
    const length = min<u32>(ProtocolErrors.errorLength, 40);
    memory.copy(key + 17, ProtocolErrors.errorAt, length);
    ProtocolErrors.emit(key, 17 + length, Rows.ordinal++);
  }

  /** A message or frame that could not be used. */
  static quarantine(text: string, offset: u32): void {
    Quarantine.clear();
    Quarantine.protocol = PROTOCOL_NAME_BGP;
    Text.begin();
    Text.literal(text);
    Quarantine.errorText();
    Quarantine.errorOffset = offset;
    Quarantine.bytesAt = Frame.bytes();
    Quarantine.bytesLength = min<u32>(Frame.capturedLength(), 60000);
    Envelope.fromFrame();
    Quarantine.emit(Quarantine.errorAt, Quarantine.errorLength, Rows.ordinal++);
  }

  /** Bytes of a direction are missing: at once, then once a minute with the sum. */
  static gap(session: Session, direction: Direction, which: u32, lost: u32): void {
    if (direction.gapLost == 0) direction.gapFrom = Frame.time();
    direction.gapLost += lost as u64;
    const minute = (Frame.time() / MINUTE) as u32;
    if (direction.gapMinute == minute) return;
    direction.gapMinute = minute;
    CoverageEvents.clear();
    CoverageEvents.what = COVERAGE_WHAT_GAP;
    CoverageEvents.from = direction.gapFrom;
    CoverageEvents.to = Frame.time();
    CoverageEvents.lost = direction.gapLost;
    direction.gapLost = 0;
    Text.begin();
    Text.literal('bgp ');
    Rows.address(session.address(which));
    Text.literal(' -> ');
    Rows.address(session.address(1 - which));
    CoverageEvents.subjectText();
    Text.begin();
    Text.literal('bytes of the TCP stream were not seen; its routes are suspect');
    CoverageEvents.detailText();
    Envelope.fromFrame();
    Rows.beginKey(session);
    store<u8>(key, which as u8, 16);
    CoverageEvents.emit(key, 17, Rows.ordinal++);
  }

  /** Whether the session can be seen: `what` is coverage-suspect or restored, from `from` (wall time) on. */
  static sight(session: Session, what: u8, from: i64): void {
    CoverageEvents.clear();
    CoverageEvents.what = what;
    CoverageEvents.from = from;
    Text.begin();
    Text.literal('bgp ');
    Rows.address(session.address(0));
    Text.literal(' - ');
    Rows.address(session.address(1));
    CoverageEvents.subjectText();
    Text.begin();
    if (what == COVERAGE_WHAT_RESTORED) Text.literal('the session is seen again');
    else Text.literal('both ends fell silent within one hold time: the session may not be visible');
    CoverageEvents.detailText();
    Rows.envelope(session);
    Envelope.time = from;
    Rows.beginKey(session);
    store<u8>(key, what, 16);
    CoverageEvents.emit(key, 17, Rows.ordinal++);
  }

  /** Who is who, from an OPEN: AS number and hostname of a BGP identifier. */
  static identity(direction: Direction, hostname: usize, hostnameLength: u32): void {
    for (let i: u32 = 0; i < 2; i++) {
      if (i == 1 && hostnameLength == 0) return;
      RouterNames.clear();
      RouterNames.protocol = PROTOCOL_NAME_BGP;
      Text.begin();
      Text.ipv4(changetype<usize>(direction) + offsetof<Direction>('routerId'));
      RouterNames.routerText();
      RouterNames.attribute = i == 0 ? IDENTITY_AS_NUMBER : IDENTITY_HOSTNAME;
      Text.begin();
      if (i == 0) Text.decimal(direction.asNumber as u64);
      else Text.raw(hostname, hostnameLength);
      RouterNames.valueText();
      Envelope.fromFrame();
      store<u32>(key, direction.routerId);
      store<u8>(key, i as u8, 4);
      RouterNames.emit(key, 5, Rows.ordinal++);
    }
  }

  /** Text of a 16-byte address, an IPv4 one as a dotted quad. */
  static address(at: usize): void {
    if (load<u64>(at) == 0 && load<u32>(at, 8) == 0xffff0000) Text.ipv4(at + 12);
    else Text.ipv6(at);
  }
}

/**
 * The fast way for `route_changes`: one template an UPDATE, then a copy and a few stores a prefix. Ids are those that
 * `Envelope.write` makes of the same key: direction u8, family u8, length u8, 0, path id u32, prefix (IPv4: u32 and
 * u32 0; IPv6: 16 bytes and u64 0).
 */
@unmanaged
export class RouteRows {
  /** State of the id's hash behind the frame's identity, and behind the frame's number. */
  private static h1: u64 = 0;
  private static h2: u64 = 0;
  /** Low word of the key: direction and family. */
  private static keyHead: u64 = 0;
  private static wide: bool = false;
  /** Where a row may begin in the open segment at most. */
  private static limit: usize = 0;
  /** Column `ordinal` of the next row, and the rows written since `open`. */
  private static place: u32 = 0;
  private static rows: u32 = 0;

  /** Begins the rows of one UPDATE (or withdrawal list) of a direction and family; no other rows until `end`. */
  static begin(direction: u32, family: u32): void {
    Envelope.fromFrame();
    RouteRows.place = Envelope.nextPlace();
    RouteRows.open();
    const t = template;
    Envelope.columns(t, RouteRows.place);
    store<u8>(t, direction as u8, 59);
    store<u8>(t, (family + 1) as u8, 60);
    store<u64>(t, 0, 61);
    store<u64>(t, 0, 69);
    if (family == 0) store<u16>(t, 0xffff, 71);
    RouteRows.wide = family != 0;
    RouteRows.keyHead = (direction as u64) | (((family + 1) as u64) << 8);
    RouteRows.beginId();
  }

  /**
   * What all ids of the frame share: `Envelope.write` hashes frame identity 16, number 8, table and kind 4, ordinal 4, then
   * the key, by MurmurHash3 x64-128.
   */
  private static beginId(): void {
    const identity = Taps.at(Frame.tap());
    let h1 = RouteRows.first(load<u64>(identity));
    h1 = rotl<u64>(h1, 27) * 5 + 0x52dce729;
    let h2 = RouteRows.second(load<u64>(identity, 8));
    h2 = (rotl<u64>(h2, 31) + h1) * 5 + 0x38495ab5;
    h1 ^= RouteRows.first(Frame.number());
    h1 = (rotl<u64>(h1, 27) + h2) * 5 + 0x52dce729;
    RouteRows.h1 = h1;
    RouteRows.h2 = h2;
  }

  @inline private static first(word: u64): u64 {
    return rotl<u64>(word * 0x87c37b91114253d5, 31) * 0x4cf5ad432745937f;
  }

  @inline private static second(word: u64): u64 {
    return rotl<u64>(word * 0x4cf5ad432745937f, 33) * 0x87c37b91114253d5;
  }

  private static open(): bool {
    RouteRows.rows = 0;
    RouteRows.limit = 0;
    if (!RowWriter.begin(TABLE_ROUTE_CHANGES, ROUTE_ROW_ROOM)) return false;
    RouteRows.limit = RowWriter.segmentEnd() - ROUTE_ROW_ROOM;
    RowWriter.mark(Envelope.context);
    RowWriter.markTap(Envelope.tap);
    return true;
  }

  /** The rows since `begin` are whole. */
  static end(): void {
    if (RouteRows.rows == 0) return;
    RowWriter.endAll(RouteRows.rows);
    Envelope.tookPlaces(RouteRows.rows);
    RouteRows.rows = 0;
  }

  /** The segment is full: goes on in another one; false when memory refuses it. */
  private static next(): bool {
    RouteRows.end();
    return RouteRows.open();
  }

  /**
   * One row. IPv4: `prefix` in host order in `low`; IPv6: network order in `high`, `low`. `now` and `before` are addresses
   * of attribute sets (hash 16 bytes, origin AS), 0 for none.
   */
  static write(high: u64, low: u64, length: u8, pathId: u32, change: u8, now: usize, before: usize, initial: bool): void {
    if (RowWriter.position > RouteRows.limit && !RouteRows.next()) return;
    const row = RowWriter.position;
    for (let i: usize = 0; i < 128; i += 16) v128.store(row + i, v128.load(template + i));
    let h1 = RouteRows.h1;
    let h2 = RouteRows.h2 ^ RouteRows.second(((TABLE_ROUTE_CHANGES | (1 << 16)) as u64) | ((Rows.ordinal as u64) << 32));
    Rows.ordinal += 1;
    h2 = (rotl<u64>(h2, 31) + h1) * 5 + 0x38495ab5;
    h1 ^= RouteRows.first(RouteRows.keyHead | ((length as u64) << 16) | ((pathId as u64) << 32));
    h1 = (rotl<u64>(h1, 27) + h2) * 5 + 0x52dce729;
    let bytes: u64 = 48;
    if (RouteRows.wide) {
      h2 ^= RouteRows.second(high);
      h2 = (rotl<u64>(h2, 31) + h1) * 5 + 0x38495ab5;
      h1 ^= RouteRows.first(low);
      h1 = (rotl<u64>(h1, 27) + h2) * 5 + 0x52dce729;
      h2 = (rotl<u64>(h2, 31) + h1) * 5 + 0x38495ab5;
      bytes = 64;
      store<u64>(row, high, 61);
      store<u64>(row, low, 69);
    } else {
      const network = bswap<u32>(low as u32);
      h2 ^= RouteRows.second(network as u64);
      h2 = (rotl<u64>(h2, 31) + h1) * 5 + 0x38495ab5;
      store<u32>(row, network, 73);
    }
    h1 ^= bytes;
    h2 ^= bytes;
    h1 += h2;
    h2 += h1;
    h1 = Hash.mix(h1);
    h2 = Hash.mix(h2);
    h1 += h2;
    store<u64>(row, h1);
    store<u64>(row, h1 + h2, 8);
    store<u8>(row, initial ? 1 : 0, 41);
    store<u8>(row, length, 77);
    store<u32>(row, RouteRows.place, 55);
    store<u32>(row, pathId, 78);
    store<u8>(row, change, 82);
    if (now != 0) v128.store(row, v128.load(now), 83);
    else v128.store(row, i64x2(0, 0), 83);
    if (before != 0) v128.store(row, v128.load(before), 99);
    else v128.store(row, i64x2(0, 0), 99);
    store<u32>(row, now != 0 ? load<u32>(now, 16) : before != 0 ? load<u32>(before, 16) : 0, 115);
    RouteRows.place += 1;
    RouteRows.rows += 1;
    RowWriter.position = row + ROUTE_ROW_BYTES;
  }
}
