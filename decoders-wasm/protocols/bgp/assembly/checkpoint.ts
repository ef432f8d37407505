/**
 * Export and import of the module's state, canonical: sessions by shadow code, attribute sets by hash, routes by session,
 * direction and prefix, so that equal states give equal bytes whatever the seed and the history of the tables.
 */
import { Taps } from '../../../base/assembly/frame.ts';
import { Hash } from '../../../base/assembly/hash.ts';
import { Blocks } from '../../../base/assembly/intern.ts';
import { StateReader, StateWriter, stateVersionToWrite } from '../../../base/assembly/state.ts';
import { AttributeSets } from './attribute-set.ts';
import { Deadlines } from './deadlines.ts';
import { Cause, Errors } from './errors.ts';
import { Readings } from './readings.ts';
import { Rib } from './rib.ts';
import { KIND_WIDE, RouteTable } from './route-table.ts';
import { Shadow } from './shadow.ts';
import { Sorter } from './sorter.ts';
import { Connection, CONNECTION_BYTES, Direction, HELD_HEADER_BYTES, Session, SESSION_BYTES, Sessions, SLOTS } from './state.ts';

/** 2: with what is read of attribute sets. */
export const STATE_VERSION: u32 = 2;
export const OLDEST_STATE_VERSION: u32 = 1;
/** First version that says it. */
const WITH_READINGS: u32 = 2;
/** Where the state of a session begins: behind the words of the table. */
const SESSION_FROM: u32 = 8;
const MOST_HELD: u32 = 4096;
const scratch: usize = memory.data(32);
const copy: usize = memory.data(1024 + 512);

@unmanaged
export class Checkpoint {
  /** Writes the state in that version (0: the newest); its length, or -1 when memory refused it or there is no such version. */
  static write(asked: u32): i64 {
    const version = stateVersionToWrite(asked, OLDEST_STATE_VERSION, STATE_VERSION);
    if (version == 0) return -1;
    StateWriter.begin();
    StateWriter.u32(version);
    if (version >= WITH_READINGS) Readings.save();
    Checkpoint.writeTaps();
    StateWriter.u64(Shadow.refusedConnects);
    StateWriter.u64(Shadow.updates);
    const whole = Checkpoint.writeSets() && Checkpoint.writeSessions() && Checkpoint.writeRoutes(Rib.narrow)
      && Checkpoint.writeRoutes(Rib.wide) && Checkpoint.writeErrors();
    Sorter.end();
    Checkpoint.clearRanks();
    if (!whole || StateWriter.failed) {
      StateWriter.release();
      return -1;
    }
    return StateWriter.length() as i64;
  }

  /** Takes over a state in a fresh instance; false when it cannot be read. */
  static read(at: usize, length: u32): bool {
    StateReader.over(at, length);
    const version = StateReader.u32();
    if (version < OLDEST_STATE_VERSION || version > STATE_VERSION) return false;
    if (version >= WITH_READINGS) Readings.restore();
    Checkpoint.readTaps();
    Shadow.refusedConnects = StateReader.u64();
    Shadow.updates = StateReader.u64();
    if (!Sorter.begin(2)) return false;
    const whole = Checkpoint.readSets() && Checkpoint.readSessions() && Checkpoint.readRoutes(Rib.narrow)
      && Checkpoint.readRoutes(Rib.wide);
    const sets = Sorter.count;
    for (let i: u32 = 0; i < sets; i++) AttributeSets.release(load<u32>(Sorter.at(i)));
    Sorter.end();
    Deadlines.changed();
    return whole && Checkpoint.readErrors() && !StateReader.failed;
  }

  private static writeTaps(): void {
    StateWriter.u32(Taps.count);
    for (let tap: u32 = 0; tap < Taps.count; tap++) {
      StateWriter.u64(Taps.clock(tap) as u64);
      StateWriter.u8(Taps.isOpen(tap) ? 1 : 0);
    }
  }

  private static readTaps(): void {
    const count = StateReader.u32();
    for (let tap: u32 = 0; tap < count && !StateReader.failed; tap++) {
      const clock = StateReader.u64() as i64;
      const open = StateReader.u8() != 0;
      if (tap >= Taps.count) continue;
      Taps.setClock(tap, clock);
      Taps.setOpen(tap, open);
    }
  }

  /** Attribute sets by hash; each knows its rank among them until the export is done. */
  private static writeSets(): bool {
    if (!Sorter.begin(4)) return false;
    for (let set = SetWalk.begin(); set != 0; set = SetWalk.next()) {
      const record = Sorter.add();
      if (record == 0) return false;
      const at = AttributeSets.at(set);
      store<u64>(record, load<u64>(at));
      store<u64>(record, load<u64>(at, 8), 8);
      store<u64>(record, set as u64, 16);
      store<u64>(record, 0, 24);
    }
    if (!Sorter.sort()) return false;
    StateWriter.u32(Sorter.count);
    for (let i: u32 = 0; i < Sorter.count; i++) {
      const set = load<u32>(Sorter.at(i), 16);
      AttributeSets.save(set);
      AttributeSets.setRank(set, i);
    }
    Sorter.end();
    return true;
  }

  private static clearRanks(): void {
    for (let set = SetWalk.begin(); set != 0; set = SetWalk.next()) AttributeSets.setRank(set, 0);
  }

  /** The sets by rank stay in the sorter's records while routes are read. */
  private static readSets(): bool {
    const count = StateReader.u32();
    for (let i: u32 = 0; i < count; i++) {
      const set = AttributeSets.restore();
      const record: usize = set == 0 ? 0 : Sorter.add();
      if (record == 0) return false;
      store<u32>(record, set);
    }
    return true;
  }

  /** Sessions by shadow code. */
  private static writeSessions(): bool {
    if (!Checkpoint.sortSessions()) return false;
    StateWriter.u32(Sorter.count);
    for (let i: u32 = 0; i < Sorter.count; i++) {
      const session = Sessions.at(load<u32>(Sorter.at(i), 8));
      session.rank = i + 1;
      Checkpoint.writeSession(session);
    }
    Sorter.end();
    return true;
  }

  private static sortSessions(): bool {
    if (!Sorter.begin(2)) return false;
    for (let handle: u32 = 1; handle <= Sessions.table.highest; handle++) {
      if (!Sessions.table.isLive(handle)) continue;
      const record = Sorter.add();
      if (record == 0) return false;
      store<u64>(record, Sessions.at(handle).shadow as u64);
      store<u64>(record, handle as u64, 8);
    }
    return Sorter.sort();
  }

  private static writeSession(session: Session): void {
    let slots: u32 = 0;
    for (let i: u32 = 0; i < SLOTS; i++) if (load<u32>(session.slot(i)) != 0) slots |= 1 << i;
    StateWriter.u32(slots);
    memory.copy(copy, changetype<usize>(session), SESSION_BYTES);
    const bare = changetype<Session>(copy);
    bare.rank = 0;
    for (let i: u32 = 0; i < SLOTS; i++) store<u32>(bare.slot(i), 0);
    StateWriter.bytes(copy + SESSION_FROM, SESSION_BYTES - SESSION_FROM);
    for (let i: u32 = 0; i < SLOTS; i++) {
      if ((slots & (1 << i)) != 0) Checkpoint.writeConnection(session.connection(i));
    }
  }

  private static writeConnection(connection: Connection): void {
    memory.copy(copy, changetype<usize>(connection), CONNECTION_BYTES);
    for (let d: u32 = 0; d < 2; d++) {
      const bare = changetype<Connection>(copy).direction(d);
      bare.partial = 0;
      bare.held = 0;
    }
    StateWriter.bytes(copy, CONNECTION_BYTES);
    for (let d: u32 = 0; d < 2; d++) {
      const direction = connection.direction(d);
      StateWriter.bytes(direction.partial as usize, direction.partialLength);
      let held = direction.held as usize;
      for (let i: u32 = 0; i < direction.heldCount && held != 0; i++) {
        StateWriter.bytes(held + 4, HELD_HEADER_BYTES - 4 + load<u32>(held, 8));
        held = load<u32>(held) as usize;
      }
    }
  }

  private static readSessions(): bool {
    const count = StateReader.u32();
    for (let i: u32 = 0; i < count; i++) {
      const slots = StateReader.u32();
      const at = StateReader.bytes(SESSION_BYTES - SESSION_FROM);
      if (at == 0) return false;
      const bare = changetype<Session>(at - SESSION_FROM);
      const handle = Sessions.create(bare.shadow, bare.low(), bare.high());
      // Routes name sessions by their index: in a fresh instance handles are given in that order.
      if (handle != i + 1) return false;
      const session = Sessions.at(handle);
      memory.copy(changetype<usize>(session) + SESSION_FROM, at, SESSION_BYTES - SESSION_FROM);
      for (let slot: u32 = 0; slot < SLOTS; slot++) {
        if ((slots & (1 << slot)) == 0) continue;
        const block = Checkpoint.readConnection();
        if (block == 0) return false;
        store<u32>(session.slot(slot), block as u32);
        Sessions.connections += 1;
      }
    }
    return true;
  }

  private static readConnection(): usize {
    const at = StateReader.bytes(CONNECTION_BYTES);
    const block: usize = at == 0 ? 0 : Blocks.take(CONNECTION_BYTES);
    if (block == 0) return 0;
    memory.copy(block, at, CONNECTION_BYTES);
    for (let d: u32 = 0; d < 2; d++) {
      const direction = changetype<Connection>(block).direction(d);
      if (!Checkpoint.readPartial(direction) || !Checkpoint.readHeld(direction)) return 0;
    }
    return block;
  }

  private static readPartial(direction: Direction): bool {
    if (direction.partialNeed == 0) return true;
    if (direction.partialNeed > 65535 || direction.partialLength > direction.partialNeed) return false;
    const bytes = StateReader.bytes(direction.partialLength);
    const block: usize = bytes == 0 ? 0 : Blocks.take(direction.partialNeed);
    if (block == 0) return false;
    memory.copy(block, bytes, direction.partialLength);
    direction.partial = block as u32;
    return true;
  }

  private static readHeld(direction: Direction): bool {
    let link = changetype<usize>(direction) + offsetof<Direction>('held');
    if (direction.heldCount > MOST_HELD) return false;
    for (let i: u32 = 0; i < direction.heldCount; i++) {
      const head = StateReader.bytes(HELD_HEADER_BYTES - 4);
      if (head == 0) return false;
      const here = load<u32>(head, 4);
      const bytes = StateReader.bytes(here);
      const block: usize = StateReader.failed || here > 65000 ? 0 : Blocks.take(HELD_HEADER_BYTES + here);
      if (block == 0) return false;
      store<u32>(block, 0);
      memory.copy(block + 4, head, HELD_HEADER_BYTES - 4);
      memory.copy(block + HELD_HEADER_BYTES, bytes, here);
      store<u32>(link, block as u32);
      link = block;
    }
    return true;
  }

  /**
   * Routes: session's index and direction u32, then length u8, flags u8, path id or IPv4 prefix u32, (wide: prefix 16), set's
   * index u32; in order of these.
   */
  private static writeRoutes(table: RouteTable): bool {
    const wide = table.kind == KIND_WIDE;
    if (!Sorter.begin(wide ? 4 : 2)) return false;
    for (let index: u32 = 0; index < table.bucketCount; index++) {
      if (!Checkpoint.collect(table, table.bucket(index), wide)) return false;
    }
    if (!Sorter.sort()) return false;
    StateWriter.u32(Sorter.count);
    for (let i: u32 = 0; i < Sorter.count; i++) {
      const record = Sorter.at(i);
      if (!wide) {
        // direction 16 | prefix 32 | length 8 | flags 8, then the set
        const key = load<u64>(record);
        store<u16>(scratch, (key >>> 48) as u16);
        store<u32>(scratch, (key >>> 16) as u32, 2);
        store<u16>(scratch, key as u16, 6);
        store<u32>(scratch, load<u32>(record, 8), 8);
        StateWriter.bytes(scratch, 12);
        continue;
      }
      StateWriter.u64(load<u64>(record));
      StateWriter.u64(load<u64>(record, 8));
      StateWriter.u64(load<u64>(record, 16));
      StateWriter.u64(load<u64>(record, 24));
    }
    Sorter.end();
    return true;
  }

  private static collect(table: RouteTable, bucket: usize, wide: bool): bool {
    const attribute = table.attributeOffset();
    const tail = table.bucketBytes() - 4;
    for (let guard: u32 = 0; bucket != 0 && guard < 1024; guard++) {
      let entry = bucket;
      for (let i: u32 = 0; i < table.perBucket; i++, entry += table.stride) {
        const set = load<u32>(entry + attribute);
        if (set == 0) return true;
        const record = Sorter.add();
        if (record == 0) return false;
        const key = load<u64>(entry);
        const direction = Checkpoint.stableDirection((key >>> 48) as u32);
        const index = AttributeSets.rank(set) as u64;
        const length = (key >>> 40) & 0xff;
        const flags = (key >>> 32) & 0xff;
        if (!wide) {
          store<u64>(record, (direction << 48) | ((key & 0xffffffff) << 16) | (length << 8) | flags);
          store<u64>(record, index, 8);
        } else {
          store<u64>(record, (direction << 48) | (length << 8) | flags);
          store<u64>(record, bswap<u64>(load<u64>(entry, 8)), 8);
          store<u64>(record, bswap<u64>(load<u64>(entry, 16)), 16);
          store<u64>(record, ((key & 0xffffffff) << 32) | index, 24);
        }
      }
      bucket = load<u32>(bucket + tail) as usize;
    }
    return true;
  }

  /** Direction word of a session by the order of shadow codes: the handle it will have after an import. */
  @inline private static stableDirection(word: u32): u64 {
    return ((Sessions.at(word >>> 1).rank << 1) | (word & 1)) as u64;
  }

  private static readRoutes(table: RouteTable): bool {
    const wide = table.kind == KIND_WIDE;
    const count = StateReader.u32();
    for (let i: u32 = 0; i < count; i++) {
      const at = StateReader.bytes(wide ? 32 : 12);
      if (at == 0) return false;
      let key: u64;
      let index: u32;
      if (wide) {
        const head = load<u64>(at);
        key = (head & 0xffff000000000000) | ((head & 0xffff) << 32) | (load<u32>(at, 28) as u64);
        index = load<u32>(at, 24);
      } else {
        const order = load<u16>(at, 6) as u64;
        key = ((load<u16>(at) as u64) << 48) | (order << 32) | (load<u32>(at, 2) as u64);
        index = load<u32>(at, 8);
      }
      if (index >= Sorter.count) return false;
      const set = load<u32>(Sorter.at(index));
      const high: u64 = wide ? bswap<u64>(load<u64>(at, 8)) : 0;
      const low: u64 = wide ? bswap<u64>(load<u64>(at, 16)) : 0;
      if (!Checkpoint.insert(table, key, high, low, set)) return false;
      AttributeSets.use(set, 1);
    }
    return true;
  }

  private static insert(table: RouteTable, key: u64, high: u64, low: u64, set: u32): bool {
    const wide = table.kind == KIND_WIDE;
    const hash = wide ? RouteTable.wideHash(key, high, low) : RouteTable.narrowHash(key);
    const entry = table.insert(hash);
    if (entry == 0) return false;
    store<u64>(entry, key);
    if (wide) {
      store<u64>(entry, high, 8);
      store<u64>(entry, low, 16);
    }
    store<u32>(entry + table.attributeOffset(), set);
    return true;
  }

  private static writeErrors(): bool {
    const table = Errors.table;
    if (!Sorter.begin(4)) return false;
    for (let handle: u32 = 1; handle <= table.highest; handle++) {
      if (!table.isLive(handle)) continue;
      const record = Sorter.add();
      if (record == 0) return false;
      const cause = Errors.at(handle);
      store<u64>(record, ((cause.shadow as u64) << 1) | (cause.direction as u64));
      store<u64>(record, cause.text, 8);
      store<u64>(record, cause.minute as u64, 16);
      store<u64>(record, cause.count as u64, 24);
    }
    if (!Sorter.sort()) return false;
    StateWriter.u32(Sorter.count);
    for (let i: u32 = 0; i < Sorter.count; i++) StateWriter.bytes(Sorter.at(i), 32);
    return true;
  }

  private static readErrors(): bool {
    const count = StateReader.u32();
    for (let i: u32 = 0; i < count; i++) {
      const at = StateReader.bytes(32);
      if (at == 0) return false;
      const handle = Errors.table.insert(Hash.words(load<u64>(at), load<u64>(at, 8)));
      if (handle == 0) return false;
      const cause: Cause = Errors.at(handle);
      cause.shadow = (load<u64>(at) >>> 1) as u32;
      cause.direction = (load<u64>(at) & 1) as u32;
      cause.text = load<u64>(at, 8);
      cause.minute = load<i64>(at, 16);
      cause.count = load<u32>(at, 24);
    }
    return true;
  }
}

/** Walks all attribute sets, in no order. */
@unmanaged
export class SetWalk {
  private static index: u32 = 0;
  private static bucket: usize = 0;
  private static place: u32 = 0;

  static begin(): u32 {
    SetWalk.index = 0;
    SetWalk.bucket = AttributeSets.table.bucketCount == 0 ? 0 : AttributeSets.table.bucket(0);
    SetWalk.place = 0;
    return SetWalk.next();
  }

  /** 0 when there are no more. */
  static next(): u32 {
    const table = AttributeSets.table;
    while (SetWalk.bucket != 0) {
      const set: u32 = SetWalk.place == table.perBucket ? 0 : load<u32>(SetWalk.bucket + SetWalk.place * table.stride, 4);
      SetWalk.place += 1;
      if (set != 0) return set;
      SetWalk.place = 0;
      SetWalk.bucket = load<u32>(SetWalk.bucket + table.bucketBytes() - 4) as usize;
      if (SetWalk.bucket != 0) continue;
      SetWalk.index += 1;
      if (SetWalk.index < table.bucketCount) SetWalk.bucket = table.bucket(SetWalk.index);
    }
    return 0;
  }
}
