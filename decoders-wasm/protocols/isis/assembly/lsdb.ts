/** The link-state database by LSP id: which instance is newer (ISO 10589 7.3.16), what changed, `lsdb_changes`. */
import { Contexts, Frame, Taps } from '../../../base/assembly/frame.ts';
import { Envelope, EVIDENCE_LSDB, EVIDENCE_RECEIVED } from '../../../base/assembly/envelope.ts';
import * as constant from '../../../base/assembly/generated/constants.ts';
import { LsdbChanges } from '../../../base/assembly/generated/lsdb-changes.ts';
import { Hash } from '../../../base/assembly/hash.ts';
import { Blocks } from '../../../base/assembly/intern.ts';
import { Table, TABLE_BYTES } from '../../../base/assembly/table.ts';
import { Text } from '../../../base/assembly/text.ts';
import { CAUSE_LSP_CONFLICT, report } from './cause.ts';
import * as iana from './iana.ts';
import { seenAgain } from './lsdb-taps.ts';
import { Lsp } from './lsp.ts';
import { Pdu } from './pdu.ts';
import { writeSystem } from './rows.ts';
import { armLsp } from './schedule.ts';
import { DUE_LSP, Timers } from './timers.ts';
import { applyTopology } from './topology.ts';

export const lsdb = Table.at(memory.data(TABLE_BYTES));
export const databases = Table.at(memory.data(TABLE_BYTES));
const MOST_LSPS: u32 = 1 << 18;
const SECOND: i64 = 1_000_000_000;
const key: usize = memory.data(40, 8);
const idScratch: usize = memory.data(8);

/** Purged or expired: the header stays for a minute, the content is gone. */
export const LSP_GONE: u8 = 1;
/** No open tap has shown it: its time stands still (lsdb-taps.ts). */
export const LSP_BLIND: u8 = 2;

/** One LSP of one shadow key and level. */
@unmanaged
export class LspEntry {
  next: u32;
  hash: u32;
  id: u64;
  shadow: u32;
  level: u8;
  flags: u8;
  checksum: u16;
  sequence: u32;
  lifetime: u32;
  contentLow: u64;
  contentHigh: u64;
  /** The whole PDU; 0 when gone. */
  block: u32;
  length: u32;
  /** End of its lifetime (gone: of its header) on the boot clock of `tap`. */
  deadline: i64;
  frameOffset: u64;
  frameIndex: u32;
  context: u32;
  tap: u32;
  /** Another tap that has shown an instance of it, + 1; 0 none. */
  witness: u32;
  pad: u32;
  /** Timer of `deadline` (fields of `Timer`, timers.ts). */
  timerAt: i64;
  timerLeft: u32;
  timerRight: u32;
  timerParent: u32;
  timerTap: u32;
}

/** A database (shadow key, level): whether a CSNP has shown that we hold all of it. */
@unmanaged
export class Database {
  next: u32;
  hash: u32;
  shadow: u32;
  level: u32;
  synchronized: u32;
  pad: u32;
}

export function setUpLsdb(): void {
  lsdb.setUp(offsetof<LspEntry>() as u32, MOST_LSPS);
  databases.setUp(offsetof<Database>() as u32, 65536);
}

export function lspAt(handle: u32): LspEntry {
  return changetype<LspEntry>(lsdb.address(handle));
}

export function databaseAt(handle: u32): Database {
  return changetype<Database>(databases.address(handle));
}

export function findLsp(shadow: u32, level: u8, id: u64): u32 {
  for (let h = lsdb.first(lspHash(shadow, level, id)); h != 0; h = lsdb.next(h)) {
    const e = lspAt(h);
    if (e.id == id && e.shadow == shadow && e.level == level) return h;
  }
  return 0;
}

export function insertLsp(shadow: u32, level: u8, id: u64): u32 {
  const handle = lsdb.insert(lspHash(shadow, level, id));
  if (handle == 0) return 0;
  const e = lspAt(handle);
  e.shadow = shadow;
  e.level = level;
  e.id = id;
  return handle;
}

function lspHash(shadow: u32, level: u8, id: u64): u32 {
  return Hash.words(id, ((shadow as u64) << 8) | (level as u64));
}

/** The database of a shadow key and level, made when it is new; 0 when refused. */
export function databaseOf(shadow: u32, level: u8): u32 {
  const hash = Hash.words(shadow as u64, level as u64);
  for (let h = databases.first(hash); h != 0; h = databases.next(h)) {
    const d = databaseAt(h);
    if (d.shadow == shadow && d.level == (level as u32)) return h;
  }
  const handle = databases.insert(hash);
  if (handle == 0) return 0;
  databaseAt(handle).shadow = shadow;
  databaseAt(handle).level = level as u32;
  return handle;
}

/** Canonical order: shadow, level, id. */
export function compareLsps(a: u32, b: u32): i32 {
  const x = lspAt(a);
  const y = lspAt(b);
  if (x.shadow != y.shadow) return x.shadow < y.shadow ? -1 : 1;
  if (x.level != y.level) return x.level < y.level ? -1 : 1;
  return x.id < y.id ? -1 : x.id > y.id ? 1 : 0;
}

/** What the adoption of the last LSP was against. */
@unmanaged
export class Adopted {
  /** When the instance before arrived, wall; 0 for none. */
  static previousWall: i64 = 0;
  static contentChanged: bool = false;
}

/** Adopts the LSP in `Lsp` if it is newer than what is held; true when it was. */
export function applyLsp(link: u32, shadow: u32): bool {
  let handle = findLsp(shadow, Pdu.level, Lsp.id);
  const fresh = handle == 0;
  if (fresh) {
    // A purge of what is not held needs no answer but the acknowledgement (ISO 10589 7.3.16.4).
    handle = insertLsp(shadow, Pdu.level, Lsp.id);
    if (handle == 0) return false;
  } else if (!isNewer(lspAt(handle), link)) {
    seenAgain(handle);
    return false;
  }
  const e = lspAt(handle);
  const gone = fresh || (e.flags & LSP_GONE) != 0;
  const same = !gone && e.contentLow == Lsp.contentLow && e.contentHigh == Lsp.contentHigh;
  const purge = Lsp.lifetime == 0;
  const change: u8 = purge ? constant.LSDB_PURGED
    : gone ? constant.LSDB_NEW : same ? constant.LSDB_REFRESHED : constant.LSDB_CHANGED;
  Envelope.initial = fresh && !purge && isInitial(shadow);
  emitChange(shadow, change);
  const before = e.block;
  const beforeLength = e.length;
  Adopted.previousWall = fresh ? 0 : e.deadline - (e.lifetime as i64) * SECOND + Taps.wallOffset(e.tap);
  Adopted.contentChanged = !same || purge;
  keepHeader(e, purge);
  armLsp(handle);
  if (same && !purge && beforeLength == Pdu.length) {
    // The bytes kept are the newest: sequence number, lifetime and digest differ.
    memory.copy(before as usize, Pdu.at, Pdu.length);
    return true;
  }
  e.block = purge ? 0 : Blocks.take(Pdu.length) as u32;
  e.length = e.block == 0 ? 0 : Pdu.length;
  if (e.block != 0) memory.copy(e.block as usize, Pdu.at, Pdu.length);
  applyTopology(shadow, Pdu.level, Lsp.id, before as usize, beforeLength, e.block as usize, e.length);
  if (before != 0) Blocks.give(before as usize, beforeLength);
  return true;
}

function keepHeader(e: LspEntry, purge: bool): void {
  if (e.sequence != 0 && e.tap != Frame.tap()) e.witness = e.tap + 1;
  e.sequence = Lsp.sequence;
  e.checksum = Lsp.checksum;
  e.lifetime = Lsp.lifetime;
  e.contentLow = Lsp.contentLow;
  e.contentHigh = Lsp.contentHigh;
  e.flags = purge ? LSP_GONE : 0;
  e.tap = Frame.tap();
  e.context = Frame.context();
  e.frameOffset = Frame.batchOffset;
  e.frameIndex = Frame.index;
  e.deadline = Frame.boot() + ((purge ? iana.ZERO_AGE_LIFETIME : Lsp.lifetime) as i64) * SECOND;
}

/** ISO 10589 7.3.16.1: the higher sequence number; with equal ones lifetime zero is newer. */
function isNewer(held: LspEntry, link: u32): bool {
  if (Lsp.sequence != held.sequence) return Lsp.sequence > held.sequence;
  const heldGone = (held.flags & LSP_GONE) != 0;
  if (Lsp.lifetime == 0) return !heldGone;
  if (!heldGone && Lsp.checksum != held.checksum) {
    // 7.3.16.2: two LSPs claim to be the same instance.
    report(link, CAUSE_LSP_CONFLICT, Lsp.fragment(Lsp.id), Pdu.level, Lsp.system(Lsp.id), 0);
  }
  return false;
}

/** C6 for LSPs: what was there before us, unless its first instance or a complete CSNP says otherwise. */
function isInitial(shadow: u32): bool {
  if (Lsp.sequence == 1) return false;
  const database = databaseOf(shadow, Pdu.level);
  return database == 0 || databaseAt(database).synchronized == 0;
}

/** The row of the LSP in `Lsp`; the envelope is that of the frame. */
function emitChange(shadow: u32, change: u8): void {
  LsdbChanges.clear();
  LsdbChanges.lifetime = Lsp.lifetime as u16;
  if (change != constant.LSDB_REFRESHED) {
    LsdbChanges.pduAt = Pdu.at;
    LsdbChanges.pduLength = min<u32>(Pdu.length, 32768);
  }
  emitLsdb(shadow, Pdu.level, Lsp.id, Lsp.sequence, Lsp.checksum, change);
}

/** Writes a row with lifetime and PDU already set. */
export function emitLsdb(shadow: u32, level: u8, id: u64, sequence: u32, checksum: u16, change: u8): void {
  LsdbChanges.protocol = constant.IGP_ISIS;
  LsdbChanges.level = level;
  LsdbChanges.change = change;
  LsdbChanges.sequence = sequence;
  LsdbChanges.checksum = checksum;
  Text.begin();
  store<u64>(idScratch, bswap<u64>(id));
  Text.lspId(idScratch);
  LsdbChanges.lsaIdText();
  Text.begin();
  writeSystem(Lsp.system(id));
  LsdbChanges.advertisingRouterText();
  memory.copy(key, Contexts.shadowIdentity(shadow), 16);
  store<u64>(key, bswap<u64>(id), 16);
  store<u32>(key, sequence, 24);
  store<u8>(key, level, 28);
  LsdbChanges.emit(key, 32, 0);
}

/** The end of a lifetime: expired, or (gone) its header is forgotten. */
export function fireLsp(handle: u32): void {
  const e = lspAt(handle);
  // The deadline before may have found that nobody sees it.
  if ((e.flags & LSP_BLIND) != 0) return;
  if ((e.flags & LSP_GONE) != 0) {
    Timers.cancel(DUE_LSP, handle);
    lsdb.remove(handle);
    return;
  }
  Envelope.fromDeadline(e.tap, e.deadline, e.context, e.frameOffset, e.frameIndex);
  LsdbChanges.clear();
  emitLsdb(e.shadow, e.level, e.id, e.sequence, e.checksum, constant.LSDB_EXPIRED);
  Envelope.evidence = EVIDENCE_LSDB;
  const block = e.block;
  const length = e.length;
  e.block = 0;
  e.length = 0;
  e.flags = LSP_GONE;
  applyTopology(e.shadow, e.level, e.id, block as usize, length, 0, 0);
  if (block != 0) Blocks.give(block as usize, length);
  e.deadline += (iana.ZERO_AGE_LIFETIME as i64) * SECOND;
  armLsp(handle);
  Envelope.evidence = EVIDENCE_RECEIVED;
}

/** Whether the LSP's deadline has passed on the clock of its tap. */
export function lspIsDue(e: LspEntry): bool {
  return (e.flags & LSP_BLIND) == 0 && Taps.isOpen(e.tap) && Taps.clock(e.tap) >= e.deadline;
}
