/** The link-state database: one per shadow key, by (scope, type, id, advertising router); adoption by RFC 2328 13.1. */
import { Envelope, EVIDENCE_RECEIVED, EVIDENCE_TIMER } from '../../../base/assembly/envelope.ts';
import {
  IGP_OSPFV2, LSDB_CHANGED, LSDB_EXPIRED, LSDB_NEW, LSDB_PURGED, LSDB_REFRESHED,
} from '../../../base/assembly/generated/constants.ts';
import { LsdbChanges } from '../../../base/assembly/generated/lsdb-changes.ts';
import { Blocks } from '../../../base/assembly/intern.ts';
import { Memory } from '../../../base/assembly/memory.ts';
import { HASH_MASK, Table, TABLE_BYTES } from '../../../base/assembly/table.ts';
import { Text } from '../../../base/assembly/text.ts';
import { Now, SECOND } from './clock.ts';
import { DUE_LSA } from './deadlines.ts';
import { Due, Timer } from './due.ts';
import { capOf, hashPairs, newEntry } from './entries.ts';
import { DO_NOT_AGE, INITIAL_SEQUENCE, LSA_NETWORK, MAX_AGE } from './iana.ts';
import { compareInstances, Lsa, LSA_HEADER_BYTES } from './lsa.ts';
import { seenAgain } from './lsdb-taps.ts';
import { NetworkLsa } from './network-lsa.ts';
import { quad, quadText } from './text.ts';
import { changeTopology } from './topology.ts';

/** Scope words that are no area id. */
export const SCOPE_AREA: u32 = 0;
export const SCOPE_AS: u32 = 1;
export const SCOPE_LINK: u32 = 2;

const EVENT_LSA_RECEIVED: u8 = 2;

/** One LSA. A purged one stays as a tombstone without body, so that late copies of older instances are known as such. */
@unmanaged
export class LsdbEntry {
  next: u32;
  hash: u32;
  handle: u32;
  body: usize;
  /** Room for a Timer (due.ts). */
  timer: i64;
  timer1: i64;
  timer2: i64;
  timer3: i64;

  shadow: u32; // FIRST
  scope: u32;
  /** Area id (area and link scope). */
  area: u32;
  /** Link code (link scope). */
  link: u32;
  type: u32;
  id: u32;
  router: u32;
  /** Bytes of the LSA; 0: purged. */
  length: u32;
  sequence: u32;
  checksum: u16;
  age: u16;
  tap: u32;
  context: u32;
  /** When the instance was adopted, or sight of it restored, boot clock of `tap`; its age counts from `age` then. */
  boot: i64;
  time: i64;
  /** Frame that brought it. */
  number: u64;
  /** From here on in exports of state version 3. Another tap that has shown an instance of it, + 1; 0 none. */
  witness: u32;
  /** No open tap has shown it: its age stands still (lsdb-taps.ts). */
  blind: u32;
}

export const lsdb = Table.at(memory.data(TABLE_BYTES));
const MOST_LSAS: u32 = 1000000;
const key: usize = memory.data(80);

export function setUpLsdb(): void {
  lsdb.setUp(offsetof<LsdbEntry>(), capOf(MOST_LSAS, offsetof<LsdbEntry>() as u32, 8));
}

/** Network-LSAs are also looked for by their id alone: the advertising router is not in their hash. */
function hashLsa(shadow: u32, scope: u32, area: u32, link: u32, type: u32, id: u32, router: u32): u32 {
  return hashPairs(shadow ^ (scope << 30) ^ (link << 8), area, (type << 24) ^ id, type == (LSA_NETWORK as u32) ? 0 : router) & HASH_MASK;
}

/** The live Network-LSA of an area with this id that lists `router`; of several the lowest originator's; null: none. */
export function findNetwork(shadow: u32, area: u32, id: u32, router: u32): LsdbEntry | null {
  const hash = hashLsa(shadow, SCOPE_AREA, area, 0, LSA_NETWORK as u32, id, 0);
  let found: LsdbEntry | null = null;
  for (let handle = lsdb.first(hash); handle != 0; handle = lsdb.next(handle)) {
    const entry = changetype<LsdbEntry>(lsdb.address(handle));
    if (entry.hash != hash || entry.type != (LSA_NETWORK as u32) || entry.id != id || entry.area != area
      || entry.shadow != shadow || entry.length == 0) continue;
    if (found !== null && found.router < entry.router) continue;
    if (NetworkLsa.lists(entry.body, router)) found = entry;
  }
  return found;
}

/** The entry of an LSA, null when it was never seen. */
export function findLsa(shadow: u32, scope: u32, area: u32, link: u32, type: u32, id: u32, router: u32): LsdbEntry | null {
  const hash = hashLsa(shadow, scope, area, link, type, id, router);
  for (let handle = lsdb.first(hash); handle != 0; handle = lsdb.next(handle)) {
    const entry = changetype<LsdbEntry>(lsdb.address(handle));
    if (entry.hash == hash && entry.shadow == shadow && entry.scope == scope && entry.area == area && entry.link == link
      && entry.type == type && entry.id == id && entry.router == router) return entry;
  }
  return null;
}

/** A new entry; null when refused. */
export function makeLsa(shadow: u32, scope: u32, area: u32, link: u32, type: u32, id: u32, router: u32): LsdbEntry | null {
  const at = newEntry(lsdb, hashLsa(shadow, scope, area, link, type, id, router));
  if (at == 0) return null;
  const entry = changetype<LsdbEntry>(at);
  entry.shadow = shadow;
  entry.scope = scope;
  entry.area = area;
  entry.link = link;
  entry.type = type;
  entry.id = id;
  entry.router = router;
  return entry;
}

/**
 * Adopts the LSA at `at` when it is newer than what is there (RFC 2328 13.1); true when it was. `watched` is when the
 * shadow began to be watched (wall ns): what was originated before is first sight.
 */
export function adoptLsa(shadow: u32, context: u32, linkCode: u32, area: u32, at: usize, watched: i64): bool {
  const type = Lsa.type(at);
  const scope = Lsa.isAsScoped(type) ? SCOPE_AS : Lsa.isLinkScoped(type) ? SCOPE_LINK : SCOPE_AREA;
  const link: u32 = scope == SCOPE_LINK ? linkCode : 0;
  if (scope == SCOPE_AS) area = 0;
  let entry = findLsa(shadow, scope, area, link, type as u32, Lsa.id(at), Lsa.router(at));
  const age = Lsa.age(at);
  if (entry === null) {
    // RFC 2328 13 (4): a flush of what nobody has is acknowledged and forgotten.
    if (age >= MAX_AGE) return false;
    entry = makeLsa(shadow, scope, area, link, type as u32, Lsa.id(at), Lsa.router(at));
    if (entry === null) return false;
  } else if (!isNewer(entry, at)) {
    seenAgain(entry, at);
    return false;
  }
  // Bodies have an eighth of memory: what goes beyond it is not taken over.
  if (age < MAX_AGE && Blocks.bytesInUse > ((Memory.limitBytes >>> 3) as u64)) {
    lsdb.refused += 1;
    if (entry.time == 0) lsdb.remove(entry.handle);
    return false;
  }
  const originated = Now.time - (age as i64) * SECOND;
  const first = entry.time == 0;
  const initial = first && (originated < watched || Lsa.sequence(at) != INITIAL_SEQUENCE);
  const change = changeOf(entry, at, age);
  const before = entry.body;
  const beforeLength = entry.length;
  keepInstance(entry, at, age, context);
  emitLsa(entry, at, change, initial);
  if (change != LSDB_REFRESHED) changeTopology(entry, before, beforeLength, initial);
  if (beforeLength != 0) Blocks.give(before, beforeLength);
  return true;
}

function isNewer(entry: LsdbEntry, at: usize): bool {
  const age = Lsa.age(at);
  if (entry.length == 0) {
    // Purged: a later origination counts whatever its sequence number (it may begin anew, RFC 2328 12.1.6).
    if (age < MAX_AGE && Now.time - (age as i64) * SECOND > entry.time + SECOND) return true;
  }
  return compareInstances(Lsa.sequence(at), Lsa.checksum(at), age, entry.sequence, entry.checksum, ageNow(entry)) > 0;
}

/** Age of the entry's instance at the present time, s. */
export function ageNow(entry: LsdbEntry): u16 {
  if ((entry.age & DO_NOT_AGE) != 0) return entry.age & ~DO_NOT_AGE;
  const passed = (Now.time - entry.time) / SECOND;
  return min<i64>(max<i64>((entry.age as i64) + passed, 0), MAX_AGE as i64) as u16;
}

function changeOf(entry: LsdbEntry, at: usize, age: u16): u8 {
  if (age >= MAX_AGE) return LSDB_PURGED;
  if (entry.length == 0) return LSDB_NEW;
  const length = Lsa.length(at);
  const same = length == entry.length && Lsa.options(at) == Lsa.options(entry.body)
    && memory.compare(at + LSA_HEADER_BYTES, entry.body + LSA_HEADER_BYTES, length - LSA_HEADER_BYTES) == 0;
  return same ? LSDB_REFRESHED : LSDB_CHANGED;
}

function keepInstance(entry: LsdbEntry, at: usize, age: u16, context: u32): void {
  const length = age >= MAX_AGE ? 0 : Lsa.length(at);
  entry.body = length == 0 ? 0 : Blocks.take(length);
  entry.length = entry.body == 0 ? 0 : length;
  if (entry.length != 0) memory.copy(entry.body, at, length);
  entry.sequence = Lsa.sequence(at);
  entry.checksum = Lsa.checksum(at);
  entry.age = (Lsa.rawAge(at) & DO_NOT_AGE) | age;
  entry.context = context;
  if (entry.time != 0 && entry.tap != Now.tap) entry.witness = entry.tap + 1;
  entry.blind = 0;
  entry.tap = Now.tap;
  entry.boot = Now.boot;
  entry.time = Now.time;
  entry.number = Now.number;
  Due.schedule(timerOf(entry), DUE_LSA);
}

/** Boot time at which the instance reaches MaxAge; a tombstone is forgotten a MaxAge after its purge. */
export function expiryOf(entry: LsdbEntry): i64 {
  const left: u16 = entry.length == 0 ? MAX_AGE : MAX_AGE - min<u16>(entry.age & ~DO_NOT_AGE, MAX_AGE);
  return entry.boot + (left as i64) * SECOND;
}

/** Whether the entry's instance ages out (not with DoNotAge, RFC 1793 2.2, nor while nobody sees it). */
export function ages(entry: LsdbEntry): bool {
  return entry.blind == 0 && (entry.length == 0 || (entry.age & DO_NOT_AGE) == 0);
}

/** MaxAge is reached without a refresh: the LSA is gone. */
export function expireLsa(entry: LsdbEntry): void {
  const at = expiryOf(entry);
  if (entry.length != 0) {
    Now.fromDeadline(DUE_LSA, entry.tap, at, entry.number, 0, 0);
    Now.about(entry.area, entry.type, entry.id);
    Now.about(entry.router, entry.scope, 0);
    const before = entry.body;
    const beforeLength = entry.length;
    emitLsa(entry, before, LSDB_EXPIRED, false);
    entry.body = 0;
    entry.length = 0;
    changeTopology(entry, before, beforeLength, false);
    Blocks.give(before, beforeLength);
  }
  Due.cancel(timerOf(entry));
  lsdb.remove(entry.handle);
}

/** The timer of its age. */
export function timerOf(entry: LsdbEntry): Timer {
  return changetype<Timer>(changetype<usize>(entry) + offsetof<LsdbEntry>('timer'));
}

function emitLsa(entry: LsdbEntry, at: usize, change: u8, initial: bool): void {
  Now.envelope(entry.context);
  Envelope.eventCode = EVENT_LSA_RECEIVED;
  Envelope.initial = initial;
  Envelope.evidence = Now.isDeadline ? EVIDENCE_TIMER : EVIDENCE_RECEIVED;
  LsdbChanges.clear();
  LsdbChanges.protocol = IGP_OSPFV2;
  Text.begin();
  if (entry.scope != SCOPE_AS) quad(entry.area);
  LsdbChanges.areaText();
  LsdbChanges.lsaType = entry.type as u8;
  quadText(entry.id);
  LsdbChanges.lsaIdText();
  quadText(entry.router);
  LsdbChanges.advertisingRouterText();
  LsdbChanges.change = change;
  LsdbChanges.sequence = entry.sequence;
  LsdbChanges.checksum = entry.checksum;
  LsdbChanges.lifetime = change == LSDB_EXPIRED ? MAX_AGE : entry.age & ~DO_NOT_AGE;
  if (change != LSDB_REFRESHED) {
    LsdbChanges.pduAt = at;
    LsdbChanges.pduLength = min<u32>(Lsa.length(at), 60000);
  }
  store<u32>(key, entry.scope);
  store<u32>(key, entry.area, 4);
  store<u32>(key, entry.type, 8);
  store<u32>(key, entry.id, 12);
  store<u32>(key, entry.router, 16);
  store<u32>(key, entry.sequence, 20);
  LsdbChanges.emit(key, Now.keyed(key, 24), Now.ordinal());
}
