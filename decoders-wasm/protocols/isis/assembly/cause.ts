/** `protocol_errors`: one row at once for each cause, then one when the minute is over with what came in it. */
import { Envelope } from '../../../base/assembly/envelope.ts';
import { Contexts, Frame, Taps } from '../../../base/assembly/frame.ts';
import { PROTOCOL_NAME_ISIS } from '../../../base/assembly/generated/constants.ts';
import { ProtocolErrors } from '../../../base/assembly/generated/protocol-errors.ts';
import { Hash } from '../../../base/assembly/hash.ts';
import { Table, TABLE_BYTES } from '../../../base/assembly/table.ts';
import { Text } from '../../../base/assembly/text.ts';
import { Bytes } from './bytes.ts';
import { compareLinks, order } from './due-list.ts';
import { linkAt } from './link.ts';
import { writeSystem } from './rows.ts';
import { armCause } from './schedule.ts';
import { DUE_CAUSE, Timers } from './timers.ts';

export const CAUSE_AREA_MISMATCH: u8 = 1;
export const CAUSE_AUTHENTICATION_TYPE: u8 = 2;
export const CAUSE_WRONG_SYSTEM: u8 = 3;
export const CAUSE_DUPLICATE_SYSTEM_ID: u8 = 4;
export const CAUSE_TOPOLOGY_MISMATCH: u8 = 5;
export const CAUSE_LEVEL_MISMATCH: u8 = 6;
export const CAUSE_BAD_TLV: u8 = 7;
export const CAUSE_MTU: u8 = 8;
export const CAUSE_LSP_CONFLICT: u8 = 9;

export const causes = Table.at(memory.data(TABLE_BYTES));
const MOST_CAUSES: u32 = 8192;
/** How long what comes after a row is counted, ns. */
const MINUTE: i64 = 60_000_000_000;
const key: usize = memory.data(64, 8);

/** One cause: who, towards whom, on which link, what. `detail` is a TLV type or zero. */
@unmanaged
export class Cause {
  next: u32;
  hash: u32;
  link: u32;
  code: u8;
  detail: u8;
  level: u8;
  pad: u8;
  sender: u64;
  receiver: u64;
  /** Wall time of the last row; 0 none yet. */
  last: i64;
  /** What came since. */
  pending: u32;
  /** Of the frame that was counted last. */
  tap: u32;
  frameOffset: u64;
  frameIndex: u32;
  context: u32;
  vlans: u32;
  pad2: u32;
  /** Timer of the minute's end (fields of `Timer`, timers.ts). */
  timerAt: i64;
  timerLeft: u32;
  timerRight: u32;
  timerParent: u32;
  timerTap: u32;
}

export function setUpCauses(): void {
  causes.setUp(offsetof<Cause>() as u32, MOST_CAUSES);
}

export function causeAt(handle: u32): Cause {
  return changetype<Cause>(causes.address(handle));
}

/** Handle of the cause, made when it is new; 0 when the cap refuses it. */
export function findCause(link: u32, code: u8, detail: u8, level: u8, sender: u64, receiver: u64, make: bool): u32 {
  const what = ((code as u64) << 56) | ((detail as u64) << 48) | ((level as u64) << 40) | (link as u64);
  const hash = Hash.words(sender ^ what, receiver);
  for (let h = causes.first(hash); h != 0; h = causes.next(h)) {
    const c = causeAt(h);
    if (c.link == link && c.code == code && c.detail == detail && c.level == level && c.sender == sender
      && c.receiver == receiver) return h;
  }
  if (!make) return 0;
  if (causes.count >= MOST_CAUSES) forgetOld();
  const handle = causes.insert(hash);
  if (handle == 0) return 0;
  const c = causeAt(handle);
  c.link = link;
  c.code = code;
  c.detail = detail;
  c.level = level;
  c.sender = sender;
  c.receiver = receiver;
  return handle;
}

/** Canonical order: link, who, towards whom, what. */
export function compareCauses(a: u32, b: u32): i32 {
  const x = causeAt(a);
  const y = causeAt(b);
  let c = compareLinks(x.link, y.link);
  if (c == 0) c = order<u64>(x.sender, y.sender);
  if (c == 0) c = order<u64>(x.receiver, y.receiver);
  if (c == 0) c = order<u8>(x.code, y.code);
  if (c == 0) c = order<u8>(x.detail, y.detail);
  if (c == 0) c = order<u8>(x.level, y.level);
  return c;
}

/** Room for new causes: those go whose minute is over with nothing left to tell. */
function forgetOld(): void {
  for (let h: u32 = 1; h <= causes.highest; h++) {
    if (!causes.isLive(h) || causeAt(h).pending != 0 || Envelope.decidedTime < causeAt(h).last + MINUTE) continue;
    Timers.cancel(DUE_CAUSE, h);
    causes.remove(h);
  }
}

/** When what was counted is told, on the boot clock of the tap of what was counted last. */
export function causeDeadline(c: Cause): i64 {
  return c.last + MINUTE - Taps.wallOffset(c.tap);
}

/** Reports a cause found in the frame under the decoder; the envelope must be that of the frame. `receiver` 0: everyone. */
export function report(link: u32, code: u8, detail: u8, level: u8, sender: u64, receiver: u64): void {
  const handle = findCause(link, code, detail, level, sender, receiver, true);
  if (handle == 0) return;
  const c = causeAt(handle);
  c.pending += 1;
  c.tap = Envelope.tap as u32;
  c.context = Envelope.context;
  c.frameOffset = Envelope.frameOffset;
  c.frameIndex = Envelope.frameIndex;
  c.vlans = load<u32>(Frame.at, 48);
  if (c.last != 0 && Envelope.decidedTime < c.last + MINUTE) armCause(handle);
  else tell(c);
}

/** The minute after the last row of the cause is over: what came in it becomes a row, and a new minute begins. */
export function fireCause(handle: u32): void {
  const c = causeAt(handle);
  if (c.pending == 0) return;
  Envelope.fromDeadline(c.tap, causeDeadline(c), c.context, c.frameOffset, c.frameIndex);
  tell(c);
}

/** One row with all that was counted, at the envelope's time. */
function tell(c: Cause): void {
  Envelope.time = Envelope.decidedTime;
  c.last = Envelope.decidedTime;
  ProtocolErrors.clear();
  ProtocolErrors.protocol = PROTOCOL_NAME_ISIS;
  ProtocolErrors.count = c.pending;
  c.pending = 0;
  Text.begin();
  if (c.sender != 0) writeSystem(c.sender);
  ProtocolErrors.senderText();
  Text.begin();
  if (c.receiver != 0) writeSystem(c.receiver);
  ProtocolErrors.receiverText();
  Text.begin();
  writeCause(c.code);
  ProtocolErrors.errorText();
  Text.begin();
  writeDetail(c.code, c.detail, c.level);
  ProtocolErrors.detailText();
  memory.fill(key, 0, 64);
  memory.copy(key, Contexts.shadowIdentity(linkAt(c.link).shadow), 16);
  store<u8>(key, c.code, 16);
  store<u8>(key, c.detail, 17);
  store<u8>(key, c.level, 18);
  Bytes.putSystem(key + 19, c.sender);
  Bytes.putSystem(key + 25, c.receiver);
  // Minutes of two links of one tap may end at one instant.
  store<u32>(key, c.vlans, 31);
  ProtocolErrors.emit(key, 64, 0);
}

function writeCause(code: u8): void {
  Text.literal('isis.');
  if (code == CAUSE_AREA_MISMATCH) Text.literal('area_mismatch');
  else if (code == CAUSE_AUTHENTICATION_TYPE) Text.literal('authentication_type_failure');
  else if (code == CAUSE_WRONG_SYSTEM) Text.literal('wrong_system');
  else if (code == CAUSE_DUPLICATE_SYSTEM_ID) Text.literal('duplicate_system_id');
  else if (code == CAUSE_TOPOLOGY_MISMATCH) Text.literal('topology_mismatch');
  else if (code == CAUSE_LEVEL_MISMATCH) Text.literal('level_mismatch');
  else if (code == CAUSE_MTU) Text.literal('mtu');
  else if (code == CAUSE_LSP_CONFLICT) Text.literal('lsp_conflict');
  else Text.literal('tlv_error');
}

function writeDetail(code: u8, detail: u8, level: u8): void {
  if (level != 0) {
    Text.literal('level ');
    Text.decimal(level as u64);
  }
  if (code == CAUSE_MTU) {
    if (level != 0) Text.literal(', ');
    Text.literal('its hellos are as long as the MTU and are never listed');
  }
  if (code == CAUSE_BAD_TLV) {
    if (level != 0) Text.literal(', ');
    Text.literal('TLV ');
    Text.decimal(detail as u64);
    Text.literal(': its length does not fit what it holds');
  }
}
