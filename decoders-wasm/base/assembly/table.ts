/**
 * A table of fixed-size entries found by a hash: linear hashing (Litwin) over segments, so it grows one bucket at a
 * time, copies nothing, gives segments back only with the instance, and refuses beyond its cap.
 *
 * An entry is a u32 handle from 1; its bytes begin with the two words that the table keeps (next in bucket, hash).
 * Entries of one table are compared by the caller: walk `first(hash)`, `next(entry)`.
 */
import { Memory, SEGMENT_BYTES } from './memory.ts';

/** Bytes at the head of every entry that belong to the table: next handle u32, hash u32. */
export const ENTRY_HEADER_BYTES: u32 = 8;
/** Static bytes that one table needs. */
export const TABLE_BYTES: i32 = 64;

/** Hash word of a free entry; the caller's hashes are folded so that no live one has it. */
const FREE_MARK: u32 = 0xffffffff;
/** Bits of a hash that the table keeps. */
export const HASH_MASK: u32 = 0x7fffffff;
/** Segments of a directory at first and at most; it doubles by copies, which strand less than it grows to. */
const FIRST_DIRECTORY_SEGMENTS: u32 = 16;
const DIRECTORY_SEGMENTS: u32 = 16384;
const BUCKETS_A_SEGMENT: u32 = SEGMENT_BYTES / 4;

@unmanaged
export class Table {
  entryBytes: u32;
  perSegment: u32;
  /** Directory of entry segments (u32 addresses). */
  entries: usize;
  entrySegments: u32;
  /** Directory of bucket segments (u32 addresses). */
  buckets: usize;
  bucketCount: u32;
  /** Bucket count is `level + split`, level a power of two. */
  level: u32;
  split: u32;
  free: u32;
  /** Highest handle ever given. */
  highest: u32;
  /** Live entries. */
  count: u32;
  /** Most live entries allowed. */
  cap: u32;
  /** Entries refused because of the cap or of memory. */
  refused: u32;
  /** Segments that the directories have room for. */
  entryRoom: u32;
  bucketRoom: u32;

  /** The table in the static block that the caller gives: `Table.at(memory.data(TABLE_BYTES))`. */
  static at(block: usize): Table {
    return changetype<Table>(block);
  }

  /** Prepares an empty table of entries of `entryBytes` (header included, multiple of 4), at most `cap` live. */
  setUp(entryBytes: u32, cap: u32): void {
    this.entryBytes = entryBytes;
    this.perSegment = SEGMENT_BYTES / entryBytes;
    this.cap = cap;
  }

  /** Address of a live entry. */
  @inline address(handle: u32): usize {
    const index = handle - 1;
    const segment = index / this.perSegment;
    return (load<u32>(this.entries + ((segment as usize) << 2)) as usize)
      + ((index - segment * this.perSegment) * this.entryBytes) as usize;
  }

  @inline bucketAddress(hash: u32): usize {
    let bucket = hash & ((this.level << 1) - 1);
    if (bucket >= this.bucketCount) bucket &= this.level - 1;
    return this.bucketSlot(bucket);
  }

  @inline bucketSlot(bucket: u32): usize {
    return (load<u32>(this.buckets + (((bucket / BUCKETS_A_SEGMENT) as usize) << 2)) as usize)
      + (((bucket % BUCKETS_A_SEGMENT) as usize) << 2);
  }

  /** First handle in the bucket of `hash`, 0 when there is none; compare `hashOf` and the key, then `next`. */
  @inline first(hash: u32): u32 {
    hash &= HASH_MASK;
    if (this.bucketCount == 0) return 0;
    return load<u32>(this.bucketAddress(hash));
  }

  @inline next(handle: u32): u32 {
    return load<u32>(this.address(handle));
  }

  /** The hash of an entry: compare with `hash & HASH_MASK`. */
  @inline hashOf(handle: u32): u32 {
    return load<u32>(this.address(handle), 4);
  }

  /** A new zeroed entry under `hash`; 0 when the cap or memory refuses it (counted). */
  insert(hash: u32): u32 {
    hash &= HASH_MASK;
    if (this.count >= this.cap) {
      this.refused += 1;
      return 0;
    }
    if (!this.growBuckets()) {
      this.refused += 1;
      return 0;
    }
    let handle = this.free;
    if (handle != 0) {
      this.free = load<u32>(this.address(handle));
      memory.fill(this.address(handle), 0, this.entryBytes);
    } else {
      if (this.highest >= this.entrySegments * this.perSegment && !this.addEntrySegment()) {
        this.refused += 1;
        return 0;
      }
      handle = ++this.highest;
    }
    const at = this.address(handle);
    const slot = this.bucketAddress(hash);
    store<u32>(at, load<u32>(slot));
    store<u32>(at, hash, 4);
    store<u32>(slot, handle);
    this.count += 1;
    return handle;
  }

  /** Takes a live entry out and puts its handle on the free list. */
  remove(handle: u32): void {
    const at = this.address(handle);
    let slot = this.bucketAddress(load<u32>(at, 4));
    let guard = this.highest + 1;
    while (guard-- != 0) {
      const here = load<u32>(slot);
      if (here == handle) break;
      if (here == 0) return;
      slot = this.address(here);
    }
    store<u32>(slot, load<u32>(at));
    memory.fill(at, 0, this.entryBytes);
    store<u32>(at, this.free);
    store<u32>(at, FREE_MARK, 4);
    this.free = handle;
    this.count -= 1;
  }

  /** Whether the handle holds an entry: for walks from 1 to `highest`. */
  @inline isLive(handle: u32): bool {
    return load<u32>(this.address(handle), 4) != FREE_MARK;
  }

  private addEntrySegment(): bool {
    if (this.entrySegments == this.entryRoom) {
      const larger = Table.directory(this.entries, this.entryRoom);
      if (larger == 0) return false;
      this.entries = larger;
      this.entryRoom = Table.largerRoom(this.entryRoom);
    }
    const segment = Memory.segment();
    if (segment == 0) return false;
    store<u32>(this.entries + ((this.entrySegments as usize) << 2), segment as u32);
    this.entrySegments += 1;
    return true;
  }

  /** A copy of a full directory with twice the room; 0 beyond the most segments or where memory refuses it. */
  private static directory(full: usize, room: u32): usize {
    if (room >= DIRECTORY_SEGMENTS) return 0;
    const larger = Memory.allocate((Table.largerRoom(room) as usize) << 2);
    if (larger != 0) memory.copy(larger, full, (room as usize) << 2);
    return larger;
  }

  private static largerRoom(room: u32): u32 {
    return room == 0 ? FIRST_DIRECTORY_SEGMENTS : room << 1;
  }

  /** Room in the bucket directory for the segment of that number. */
  private bucketFits(segment: u32): bool {
    if (segment < this.bucketRoom) return true;
    const larger = Table.directory(this.buckets, this.bucketRoom);
    if (larger == 0) return false;
    this.buckets = larger;
    this.bucketRoom = Table.largerRoom(this.bucketRoom);
    return true;
  }

  private growBuckets(): bool {
    if (this.bucketCount == 0) {
      if (!this.bucketFits(0)) return false;
      const segment = Memory.segment();
      if (segment == 0) return false;
      store<u32>(this.buckets, segment as u32);
      this.level = 16;
      this.bucketCount = 16;
      this.split = 0;
      return true;
    }
    if (this.count < this.bucketCount) return true;
    // Split bucket `split` into itself and `level + split`.
    const fresh = this.bucketCount;
    if (fresh % BUCKETS_A_SEGMENT == 0) {
      if (!this.bucketFits(fresh / BUCKETS_A_SEGMENT)) return false;
      const segment = Memory.segment();
      if (segment == 0) return false;
      store<u32>(this.buckets + (((fresh / BUCKETS_A_SEGMENT) as usize) << 2), segment as u32);
    }
    const oldSlot = this.bucketSlot(this.split);
    const newSlot = this.bucketSlot(fresh);
    let handle = load<u32>(oldSlot);
    let oldTail = oldSlot;
    let newTail = newSlot;
    const mask = (this.level << 1) - 1;
    while (handle != 0) {
      const at = this.address(handle);
      const following = load<u32>(at);
      if ((load<u32>(at, 4) & mask) == fresh) {
        store<u32>(newTail, handle);
        newTail = at;
      } else {
        store<u32>(oldTail, handle);
        oldTail = at;
      }
      handle = following;
    }
    store<u32>(oldTail, 0);
    store<u32>(newTail, 0);
    this.bucketCount += 1;
    this.split += 1;
    if (this.split == this.level) {
      this.level <<= 1;
      this.split = 0;
    }
    return true;
  }
}

