/** Adj-RIB-In of every direction: what changes is a `route_changes` row, what goes at once is one `rib_marks` row. */
import {
  CLASS_AADIFF, CLASS_AADUP, CLASS_TDOWN, CLASS_TUP, CLASS_WWDUP, MARK_FLUSH, MARK_STALE, MARK_SWEEP,
} from '../../../base/assembly/generated/constants.ts';
import { AttributeSets } from './attribute-set.ts';
import { KIND_NARROW, KIND_WIDE, ROUTE_GENERATION, ROUTE_TABLE_BYTES, RouteTable } from './route-table.ts';
import { RouteRows, Rows } from './rows.ts';
import { RIB_COMPLETE, RIB_GENERATION, RIB_LONG_LIVED, RIB_STALE, RibInfo, Session, Sessions } from './state.ts';
import { FAMILY_IPV4, FAMILY_OTHER, Update } from './update.ts';
import { Attributes } from './attributes.ts';

const MOST_ROUTES: u32 = 40 << 20;
const MAPPED: u64 = 0xffff0000;
/** Prefixes that are looked up together; for each: key u64, (wide: prefix 16), hash u32, path id and so on in the key. */
const AHEAD: u32 = 64;
const AHEAD_BYTES: u32 = 32;
const ahead: usize = memory.data(64 * 32);

@unmanaged
export class Rib {
  static narrow: RouteTable = RouteTable.at(memory.data(ROUTE_TABLE_BYTES));
  static wide: RouteTable = RouteTable.at(memory.data(ROUTE_TABLE_BYTES));
  /** Present direction: word of its keys (direction << 48), its RibInfo, whether its first sights are initial. */
  private static word: u64 = 0;
  private static info: RibInfo = changetype<RibInfo>(0);
  private static generation: u64 = 0;
  private static initial: bool = false;

  static setUp(): void {
    Rib.narrow.setUp(KIND_NARROW, MOST_ROUTES);
    Rib.wide.setUp(KIND_WIDE, MOST_ROUTES);
  }

  private static aim(handle: u32, session: Session, direction: u32, family: u32): void {
    const info = session.rib(direction, family);
    Rib.info = info;
    Rib.word = (((handle << 1) | direction) as u64) << 48;
    Rib.generation = (info.flags & RIB_GENERATION) != 0 ? ROUTE_GENERATION : 0;
    Rib.initial = (info.flags & RIB_COMPLETE) == 0;
  }

  /** Applies the parsed UPDATE that `direction` of the session sent. */
  static apply(handle: u32, session: Session, direction: u32): void {
    if (Update.withdrawnAt != Update.withdrawnEnd) {
      Rib.aim(handle, session, direction, FAMILY_IPV4);
      RouteRows.begin(direction, FAMILY_IPV4);
      Rib.withdrawAll(FAMILY_IPV4, Update.withdrawnAt, Update.withdrawnEnd, Update.addPath4);
      RouteRows.end();
    }
    if (Update.unreach) {
      const family = Update.unreachFamily;
      if (family == FAMILY_OTHER) session.otherFamilies += 1;
      else {
        Rib.aim(handle, session, direction, family);
        RouteRows.begin(direction, family);
        Rib.withdrawAll(family, Update.unreachAt, Update.unreachEnd, family == FAMILY_IPV4 ? Update.addPath4 : Update.addPath6);
        RouteRows.end();
      }
    }
    if (Update.nlriAt != Update.nlriEnd) {
      Rib.announce(handle, session, direction, FAMILY_IPV4, Update.nlriAt, Update.nlriEnd, false);
    }
    if (!Update.reach) return;
    if (Update.reachFamily == FAMILY_OTHER) session.otherFamilies += 1;
    else Rib.announce(handle, session, direction, Update.reachFamily, Update.reachAt, Update.reachEnd, true);
  }

  private static announce(handle: u32, session: Session, direction: u32, family: u32, at: usize, end: usize, reach: bool): void {
    const addPath = family == FAMILY_IPV4 ? Update.addPath4 : Update.addPath6;
    Rib.aim(handle, session, direction, family);
    if (Attributes.treatAsWithdraw) {
      RouteRows.begin(direction, family);
      Rib.withdrawAll(family, at, end, addPath);
      RouteRows.end();
      return;
    }
    const narrow = family == FAMILY_IPV4 && !addPath;
    // What lies far apart in memory is asked for first, the set and the prefixes together: then one wait serves all.
    AttributeSets.prepare(reach);
    at = narrow ? Rib.lookAheadNarrow(at, end) : Rib.lookAheadWide(family, at, end, addPath);
    const set = AttributeSets.acquire();
    if (set == 0) {
      Rows.protocolError(session, direction, 'bgp.attributes_refused');
      return;
    }
    RouteRows.begin(direction, family);
    let users: u32 = 0;
    while (Rib.waiting != 0) {
      users += narrow ? Rib.announceNarrow(set) : Rib.announceWide(family, set);
      at = narrow ? Rib.lookAheadNarrow(at, end) : Rib.lookAheadWide(family, at, end, addPath);
    }
    RouteRows.end();
    AttributeSets.use(set, users);
    AttributeSets.release(set);
  }

  /** Prefixes of the look-ahead. */
  private static waiting: u32 = 0;

  /** Reads up to AHEAD prefixes; where the next one begins. */
  private static lookAheadNarrow(at: usize, end: usize): usize {
    let to = ahead;
    const stop = ahead + AHEAD * AHEAD_BYTES;
    for (; at < end && to < stop; to += AHEAD_BYTES) {
      const length = load<u8>(at);
      const prefix: u32 = length == 0 ? 0 : bswap<u32>(load<u32>(at, 1)) & (0xffffffff << ((32 - length) as u32));
      at += 1 + ((length + 7) >>> 3);
      const key = Rib.word | ((length as u64) << 40) | Rib.generation | (prefix as u64);
      const hash = RouteTable.narrowHash(key);
      Rib.narrow.touch(hash);
      store<u64>(to, key);
      store<u32>(to, hash, 24);
    }
    Rib.waiting = ((to - ahead) as u32) / AHEAD_BYTES;
    return at;
  }

  private static lookAheadWide(family: u32, at: usize, end: usize, addPath: bool): usize {
    let to = ahead;
    const stop = ahead + AHEAD * AHEAD_BYTES;
    for (; at < end && to < stop; to += AHEAD_BYTES) {
      at = Rib.readWide(family, at, addPath);
      const hash = RouteTable.wideHash(Rib.key, Rib.high, Rib.low);
      Rib.wide.touch(hash);
      store<u64>(to, Rib.key);
      store<u64>(to, Rib.high, 8);
      store<u64>(to, Rib.low, 16);
      store<u32>(to, hash, 24);
    }
    Rib.waiting = ((to - ahead) as u32) / AHEAD_BYTES;
    return at;
  }

  /** Announces what was looked up with `set`; how many routes use it more. */
  private static announceNarrow(set: u32): u32 {
    const table = Rib.narrow;
    const now = AttributeSets.at(set);
    let users: u32 = 0;
    let fresh: u32 = 0;
    for (let from = ahead, stop = ahead + Rib.waiting * AHEAD_BYTES; from < stop; from += AHEAD_BYTES) {
      const key = load<u64>(from);
      const hash = load<u32>(from, 24);
      const length = (key >>> 40) as u8;
      table.grow();
      const entry = table.findNarrow(key, hash);
      if (entry == 0) {
        const place = table.insertFound(hash);
        if (place == 0) continue;
        store<u64>(place, key);
        store<u32>(place, set, 8);
        fresh += 1;
        RouteRows.write(0, key & 0xffffffff, length, 0, CLASS_TUP, now, 0, Rib.initial);
        continue;
      }
      if (Rib.refresh(entry, 8, set)) users += 1;
      RouteRows.write(0, key & 0xffffffff, length, 0, Rib.change, now, Rib.before, false);
      AttributeSets.release(Rib.replaced);
    }
    Rib.info.count += fresh;
    return users + fresh;
  }

  private static announceWide(family: u32, set: u32): u32 {
    const table = Rib.wide;
    const now = AttributeSets.at(set);
    let users: u32 = 0;
    let fresh: u32 = 0;
    for (let from = ahead, stop = ahead + Rib.waiting * AHEAD_BYTES; from < stop; from += AHEAD_BYTES) {
      const key = load<u64>(from);
      const high = load<u64>(from, 8);
      const low = load<u64>(from, 16);
      const hash = load<u32>(from, 24);
      const length = (key >>> 40) as u8;
      const shown: u64 = family == FAMILY_IPV4 ? bswap<u32>((low >>> 32) as u32) as u64 : low;
      table.grow();
      const entry = table.findWide(key, high, low, hash);
      if (entry == 0) {
        const place = table.insertFound(hash);
        if (place == 0) continue;
        store<u64>(place, key);
        store<u64>(place, high, 8);
        store<u64>(place, low, 16);
        store<u32>(place, set, 24);
        fresh += 1;
        RouteRows.write(high, shown, length, key as u32, CLASS_TUP, now, 0, Rib.initial);
        continue;
      }
      if (Rib.refresh(entry, 24, set)) users += 1;
      RouteRows.write(high, shown, length, key as u32, Rib.change, now, Rib.before, false);
      AttributeSets.release(Rib.replaced);
    }
    Rib.info.count += fresh;
    return users + fresh;
  }

  private static change: u8 = 0;
  private static before: usize = 0;
  private static replaced: u32 = 0;

  /** A route that is there is announced again; true when the entry now uses `set`. `replaced` is to be released after the row. */
  private static refresh(entry: usize, offset: usize, set: u32): bool {
    const key = load<u64>(entry);
    const info = Rib.info;
    if (((key ^ Rib.generation) & ROUTE_GENERATION) != 0) {
      store<u64>(entry, key ^ ROUTE_GENERATION);
      info.stale -= 1;
    }
    const old = load<u32>(entry + offset);
    Rib.before = AttributeSets.at(old);
    if (old == set) {
      Rib.change = CLASS_AADUP;
      Rib.replaced = 0;
      return false;
    }
    store<u32>(entry + offset, set);
    Rib.change = CLASS_AADIFF;
    Rib.replaced = old;
    return true;
  }

  private static key: u64 = 0;
  private static high: u64 = 0;
  private static low: u64 = 0;
  private static pathId: u32 = 0;
  private static length: u8 = 0;
  private static prefix: u32 = 0;

  /** Reads one prefix for the wide table: `key`, `high`, `low` and what the row needs; where the next one begins. */
  private static readWide(family: u32, at: usize, addPath: bool): usize {
    Rib.pathId = 0;
    if (addPath) {
      Rib.pathId = bswap<u32>(load<u32>(at));
      at += 4;
    }
    const length = load<u8>(at);
    const bytes = ((length + 7) >>> 3) as usize;
    Rib.length = length;
    if (family == FAMILY_IPV4) {
      Rib.prefix = length == 0 ? 0 : bswap<u32>(load<u32>(at, 1)) & (0xffffffff << ((32 - length) as u32));
      Rib.high = 0;
      Rib.low = MAPPED | ((bswap<u32>(Rib.prefix) as u64) << 32);
    } else {
      const high: u64 = length == 0 ? 0 : bswap<u64>(load<u64>(at, 1)) & (length >= 64 ? 0xffffffffffffffff : ~(0xffffffffffffffff >>> (length as u64)));
      const low: u64 = length <= 64 ? 0 : bswap<u64>(load<u64>(at, 9)) & (length == 128 ? 0xffffffffffffffff : ~(0xffffffffffffffff >>> ((length - 64) as u64)));
      Rib.high = bswap<u64>(high);
      Rib.low = bswap<u64>(low);
    }
    Rib.key = Rib.word | ((length as u64) << 40) | Rib.generation | (Rib.pathId as u64);
    return at + 1 + bytes;
  }

  private static writeWide(family: u32, change: u8, now: usize, before: usize, initial: bool): void {
    if (family == FAMILY_IPV4) RouteRows.write(0, Rib.prefix as u64, Rib.length, Rib.pathId, change, now, before, initial);
    else RouteRows.write(Rib.high, Rib.low, Rib.length, Rib.pathId, change, now, before, initial);
  }

  /** Withdraws the listed prefixes. One that is unknown to an incomplete table was surely there: `tdown` without a set. */
  private static withdrawAll(family: u32, at: usize, end: usize, addPath: bool): void {
    const narrow = family == FAMILY_IPV4 && !addPath;
    const unknown: u8 = Rib.initial ? CLASS_TDOWN : CLASS_WWDUP;
    while (at < end) {
      at = Rib.readWide(family, at, addPath);
      const table = narrow ? Rib.narrow : Rib.wide;
      const key = narrow ? (Rib.key & 0xffffffff00000000) | (Rib.prefix as u64) : Rib.key;
      const hash = narrow ? RouteTable.narrowHash(key) : RouteTable.wideHash(key, Rib.high, Rib.low);
      const entry = narrow ? table.findNarrow(key, hash) : table.findWide(key, Rib.high, Rib.low, hash);
      if (entry == 0) {
        Rib.writeWide(family, unknown, 0, 0, false);
        continue;
      }
      const set = load<u32>(entry + (narrow ? 8 : 24));
      if (((load<u64>(entry) ^ Rib.generation) & ROUTE_GENERATION) != 0) Rib.info.stale -= 1;
      Rib.writeWide(family, CLASS_TDOWN, 0, AttributeSets.at(set), false);
      table.remove(entry, hash);
      Rib.info.count -= 1;
      AttributeSets.release(set);
    }
  }

  /** Empties a direction and family: one row with the count. */
  static flush(handle: u32, session: Session, direction: u32, family: u32, reason: u8): void {
    const info = session.rib(direction, family);
    Rows.mark(session, direction, family, MARK_FLUSH, reason, info.count);
    if (info.count != 0) Rib.drop(handle, session, direction, family, false);
    Rib.forgetStale(info);
  }

  /** Keeps the routes but marks them stale (RFC 4724 section 4.2); those still stale from before go first. */
  static markStale(handle: u32, session: Session, direction: u32, family: u32, reason: u8): void {
    const info = session.rib(direction, family);
    if ((info.flags & RIB_STALE) != 0) Rib.sweep(handle, session, direction, family, reason);
    info.flags = (info.flags ^ RIB_GENERATION) | RIB_STALE;
    info.stale = info.count;
    Rows.mark(session, direction, family, MARK_STALE, reason, info.stale);
  }

  /** Removes what is still stale. */
  static sweep(handle: u32, session: Session, direction: u32, family: u32, reason: u8): void {
    const info = session.rib(direction, family);
    if ((info.flags & RIB_STALE) == 0) return;
    Rows.mark(session, direction, family, MARK_SWEEP, reason, info.stale);
    if (info.stale != 0) Rib.drop(handle, session, direction, family, true);
    Rib.forgetStale(info);
  }

  private static forgetStale(info: RibInfo): void {
    info.stale = 0;
    info.flags &= ~(RIB_STALE | RIB_LONG_LIVED);
    info.deadline = 0;
  }

  private static drop(handle: u32, session: Session, direction: u32, family: u32, staleOnly: bool): void {
    Rib.aim(handle, session, direction, family);
    if (family == FAMILY_IPV4) Rib.dropFrom(Rib.narrow, family, staleOnly);
    if (Rib.wide.count != 0) Rib.dropFrom(Rib.wide, family, staleOnly);
  }

  /** Walks a whole table: losing a session is rare. */
  private static dropFrom(table: RouteTable, family: u32, staleOnly: bool): void {
    const attribute = table.attributeOffset();
    const tail = table.bucketBytes() - 4;
    for (let index: u32 = 0; index < table.bucketCount; index++) {
      const head = table.bucket(index);
      let bucket = head;
      let i: u32 = 0;
      for (let guard: u32 = 0; guard < 1024; guard++) {
        if (i == table.perBucket) {
          bucket = load<u32>(bucket + tail) as usize;
          if (bucket == 0) break;
          i = 0;
        }
        const entry = bucket + (i * table.stride) as usize;
        const set = load<u32>(entry + attribute);
        if (set == 0) break;
        if (!Rib.goes(table, entry, family, staleOnly)) {
          i += 1;
          continue;
        }
        // The chain's last entry comes here; an overflow bucket that this empties reads as empty and ends the walk.
        table.removeFrom(head, entry);
        AttributeSets.release(set);
        Rib.info.count -= 1;
      }
    }
  }

  @inline private static goes(table: RouteTable, entry: usize, family: u32, staleOnly: bool): bool {
    const key = load<u64>(entry);
    if (key >>> 48 != Rib.word >>> 48) return false;
    if (table.kind == KIND_WIDE && (family == FAMILY_IPV4) != Rib.isMapped(entry)) return false;
    return !staleOnly || ((key ^ Rib.generation) & ROUTE_GENERATION) != 0;
  }

  /** Whether a wide entry is of IPv4: no IPv6 prefix of 32 bits or less has the mapped pattern. */
  @inline static isMapped(entry: usize): bool {
    return load<u64>(entry, 8) == 0 && load<u32>(entry, 16) == (MAPPED as u32) && ((load<u64>(entry) >>> 40) & 0xff) <= 32;
  }

  /** Handle of a session, by its address. */
  static handleOf(session: Session): u32 {
    return Sessions.find(session.shadow);
  }
}
