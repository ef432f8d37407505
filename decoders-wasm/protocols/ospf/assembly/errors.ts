/** `protocol_errors`: once per cause and minute with a count. Names are `error` of ietf-ospf where it has one. */
import { Envelope } from '../../../base/assembly/envelope.ts';
import { PROTOCOL_NAME_OSPFV2 } from '../../../base/assembly/generated/constants.ts';
import { ProtocolErrors } from '../../../base/assembly/generated/protocol-errors.ts';
import { HASH_MASK, Table, TABLE_BYTES } from '../../../base/assembly/table.ts';
import { Text } from '../../../base/assembly/text.ts';
import { Now, SECOND } from './clock.ts';
import { DUE_ERROR } from './deadlines.ts';
import { Due, Timer } from './due.ts';
import { hashPairs, newEntry } from './entries.ts';
import { quad, quadText } from './text.ts';

export const ERROR_NET_MASK: u8 = 1;
export const ERROR_HELLO_INTERVAL: u8 = 2;
export const ERROR_DEAD_INTERVAL: u8 = 3;
export const ERROR_AUTH_TYPE: u8 = 4;
export const ERROR_OPTION: u8 = 5;
export const ERROR_AREA: u8 = 6;
export const ERROR_MTU: u8 = 7;
export const ERROR_DUPLICATE_ROUTER_ID: u8 = 8;
export const ERROR_CRYPTO_SEQUENCE: u8 = 9;
export const ERROR_LSA_CHECKSUM: u8 = 10;
export const ERROR_LSA_BODY: u8 = 11;
export const ERROR_PACKET_CHECKSUM: u8 = 12;
export const ERROR_UNKNOWN_NEIGHBOR: u8 = 13;
export const ERROR_LSA_TYPE: u8 = 14;

/** YANG name of an error (ietf-ospf `if-config-error`), or ours where YANG has none. */
export function errorName(error: u8): string {
  if (error == ERROR_NET_MASK) return 'net-mask-mismatch';
  if (error == ERROR_HELLO_INTERVAL) return 'hello-interval-mismatch';
  if (error == ERROR_DEAD_INTERVAL) return 'dead-interval-mismatch';
  if (error == ERROR_AUTH_TYPE) return 'auth-type-mismatch';
  if (error == ERROR_OPTION) return 'option-mismatch';
  if (error == ERROR_AREA) return 'area-mismatch';
  if (error == ERROR_MTU) return 'mtu-mismatch';
  if (error == ERROR_DUPLICATE_ROUTER_ID) return 'duplicate-router-id';
  if (error == ERROR_CRYPTO_SEQUENCE) return 'crypto-sequence-lower';
  if (error == ERROR_LSA_CHECKSUM) return 'lsa-checksum';
  if (error == ERROR_LSA_BODY) return 'lsa-body';
  if (error == ERROR_PACKET_CHECKSUM) return 'packet-checksum';
  if (error == ERROR_UNKNOWN_NEIGHBOR) return 'unknown-neighbor';
  if (error == ERROR_LSA_TYPE) return 'lsa-type-unknown';
  return 'unknown';
}

/** One cause: sender and receiver by router id (receiver 0: everyone), found and expected value. */
@unmanaged
export class ErrorEntry {
  next: u32;
  hash: u32;
  handle: u32;
  /** Room for a Timer (due.ts). */
  timer: i64;
  timer1: i64;
  timer2: i64;
  timer3: i64;

  context: u32; // FIRST
  error: u32;
  sender: u32;
  receiver: u32;
  found: u32;
  expected: u32;
  pending: u32;
  tap: u32;
  lastBoot: i64;
  /** Frame that was counted last. */
  number: u64;
}

export const errors = Table.at(memory.data(TABLE_BYTES));
const MOST_ERRORS: u32 = 16384;
const key: usize = memory.data(64);

export function setUpErrors(): void {
  errors.setUp(offsetof<ErrorEntry>(), MOST_ERRORS);
}

/** The entry of a cause, made when it is not there; null when refused. */
export function errorEntry(context: u32, error: u32, sender: u32, receiver: u32, make: bool): ErrorEntry | null {
  const hash = hashPairs(context, error, sender, receiver) & HASH_MASK;
  for (let handle = errors.first(hash); handle != 0; handle = errors.next(handle)) {
    const entry = changetype<ErrorEntry>(errors.address(handle));
    if (entry.hash == hash && entry.context == context && entry.error == error && entry.sender == sender
      && entry.receiver == receiver) return entry;
  }
  if (!make) return null;
  if (errors.count >= MOST_ERRORS) forgetOld();
  const at = newEntry(errors, hash);
  if (at == 0) return null;
  const entry = changetype<ErrorEntry>(at);
  entry.context = context;
  entry.error = error;
  entry.sender = sender;
  entry.receiver = receiver;
  return entry;
}

/** Room for new causes: those of which nothing waits go. */
function forgetOld(): void {
  for (let handle: u32 = 1; handle <= errors.highest; handle++) {
    if (!errors.isLive(handle)) continue;
    const entry = changetype<ErrorEntry>(errors.address(handle));
    if (entry.pending != 0) continue;
    Due.cancel(changetype<Timer>(changetype<usize>(entry) + offsetof<ErrorEntry>('timer')));
    errors.remove(handle);
  }
}

/** A router did something wrong in the frame under the decoder: a row at once, or counted within the minute. */
export function reportError(error: u8, context: u32, sender: u32, receiver: u32, found: u32, expected: u32): void {
  const entry = errorEntry(context, error as u32, sender, receiver, true);
  if (entry === null) return;
  entry.found = found;
  entry.expected = expected;
  if (entry.lastBoot != 0 && entry.tap == Now.tap && Now.boot < entry.lastBoot + 60 * SECOND) {
    entry.pending += 1;
    entry.number = Now.number;
    Due.schedule(changetype<Timer>(changetype<usize>(entry) + offsetof<ErrorEntry>('timer')), DUE_ERROR);
    return;
  }
  entry.tap = Now.tap;
  entry.lastBoot = Now.boot;
  entry.pending += 1;
  emitError(entry);
}

/** A minute has passed since the last row of the cause: what was counted since becomes a row. */
export function flushError(entry: ErrorEntry): void {
  const at = errorDeadline(entry);
  Now.fromDeadline(DUE_ERROR, entry.tap, at, entry.number, 0, 0);
  entry.lastBoot = at;
  emitError(entry);
}

/** When the minute of the last row is over, boot clock of the entry's tap. */
export function errorDeadline(entry: ErrorEntry): i64 {
  return entry.lastBoot + 60 * SECOND;
}

function emitError(entry: ErrorEntry): void {
  Now.envelope(entry.context);
  Envelope.eventCode = 2;
  ProtocolErrors.clear();
  ProtocolErrors.protocol = PROTOCOL_NAME_OSPFV2;
  quadText(entry.sender);
  ProtocolErrors.senderText();
  if (entry.receiver != 0) {
    quadText(entry.receiver);
    ProtocolErrors.receiverText();
  }
  Text.begin();
  Text.literal(errorName(entry.error as u8));
  ProtocolErrors.errorText();
  detail(entry);
  ProtocolErrors.detailText();
  ProtocolErrors.count = entry.pending;
  entry.pending = 0;
  store<u32>(key, entry.error);
  store<u32>(key, entry.sender, 4);
  store<u32>(key, entry.receiver, 8);
  ProtocolErrors.emit(key, Now.keyed(key, 12), 0);
}

function detail(entry: ErrorEntry): void {
  const error = entry.error as u8;
  Text.begin();
  if (error == ERROR_LSA_CHECKSUM || error == ERROR_LSA_BODY || error == ERROR_LSA_TYPE) {
    Text.literal('LSA type ');
    Text.decimal(entry.found as u64);
    Text.literal(' id ');
    quad(entry.expected);
    return;
  }
  Text.literal('found ');
  value(error, entry.found);
  Text.literal(', expected ');
  value(error, entry.expected);
}

function value(error: u8, number: u32): void {
  if (error == ERROR_NET_MASK || error == ERROR_AREA || error == ERROR_DUPLICATE_ROUTER_ID || error == ERROR_UNKNOWN_NEIGHBOR) quad(number);
  else Text.decimal(number as u64);
}
