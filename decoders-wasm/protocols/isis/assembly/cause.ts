/** `protocol_errors`: one row at once for each cause, then one a minute with what came between. */
import { Envelope } from '../../../base/assembly/envelope.ts';
import { Contexts } from '../../../base/assembly/frame.ts';
import { PROTOCOL_NAME_ISIS } from '../../../base/assembly/generated/constants.ts';
import { ProtocolErrors } from '../../../base/assembly/generated/protocol-errors.ts';
import { Hash } from '../../../base/assembly/hash.ts';
import { Table, TABLE_BYTES } from '../../../base/assembly/table.ts';
import { Text } from '../../../base/assembly/text.ts';
import { Bytes } from './bytes.ts';
import { linkAt } from './link.ts';
import { writeSystem } from './rows.ts';

export const CAUSE_AREA_MISMATCH: u8 = 1;
export const CAUSE_AUTHENTICATION_TYPE: u8 = 2;
export const CAUSE_WRONG_SYSTEM: u8 = 3;
export const CAUSE_DUPLICATE_SYSTEM_ID: u8 = 4;
export const CAUSE_TOPOLOGY_MISMATCH: u8 = 5;
export const CAUSE_LEVEL_MISMATCH: u8 = 6;
export const CAUSE_BAD_TLV: u8 = 7;
export const CAUSE_LSP_CONFLICT: u8 = 9;

export const causes = Table.at(memory.data(TABLE_BYTES));
const MOST_CAUSES: u32 = 8192;
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
  minute: i64;
  pending: u32;
  pad2: u32;
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
  c.minute = -1;
  return handle;
}

/** Room for new causes: those that were not told in this minute go. */
function forgetOld(): void {
  const minute = Envelope.decidedTime / MINUTE;
  for (let h: u32 = 1; h <= causes.highest; h++) {
    if (causes.isLive(h) && causeAt(h).minute != minute) causes.remove(h);
  }
}

/** Reports a cause found in the frame under the decoder; the envelope must be that of the frame. `receiver` 0: everyone. */
export function report(link: u32, code: u8, detail: u8, level: u8, sender: u64, receiver: u64): void {
  const handle = findCause(link, code, detail, level, sender, receiver, true);
  if (handle == 0) return;
  const c = causeAt(handle);
  const time = Envelope.decidedTime;
  const minute = time / MINUTE;
  c.pending += 1;
  if (c.minute == minute) return;
  c.minute = minute;
  Envelope.time = time;
  ProtocolErrors.clear();
  ProtocolErrors.protocol = PROTOCOL_NAME_ISIS;
  ProtocolErrors.count = c.pending;
  c.pending = 0;
  Text.begin();
  if (sender != 0) writeSystem(sender);
  ProtocolErrors.senderText();
  Text.begin();
  if (receiver != 0) writeSystem(receiver);
  ProtocolErrors.receiverText();
  Text.begin();
  writeCause(code);
  ProtocolErrors.errorText();
  Text.begin();
  writeDetail(code, detail, level);
  ProtocolErrors.detailText();
  memory.fill(key, 0, 64);
  memory.copy(key, Contexts.shadowIdentity(linkAt(link).shadow), 16);
  store<u8>(key, code, 16);
  store<u8>(key, detail, 17);
  store<u8>(key, level, 18);
  Bytes.putSystem(key + 19, sender);
  Bytes.putSystem(key + 25, receiver);
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
  else if (code == CAUSE_LSP_CONFLICT) Text.literal('lsp_conflict');
  else Text.literal('tlv_error');
}

function writeDetail(code: u8, detail: u8, level: u8): void {
  if (level != 0) {
    Text.literal('level ');
    Text.decimal(level as u64);
  }
  if (code == CAUSE_BAD_TLV) {
    if (level != 0) Text.literal(', ');
    Text.literal('TLV ');
    Text.decimal(detail as u64);
    Text.literal(': its length does not fit what it holds');
  }
}
