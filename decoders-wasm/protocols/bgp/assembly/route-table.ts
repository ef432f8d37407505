/**
 * Routes found by (direction of a session, prefix, path id), and attribute sets by their hash: linear hashing over buckets
 * of one or two cache lines, so that a lookup touches one line, growth splits one bucket at a time, and nothing is ever
 * copied to grow.
 *
 * Narrow entry, 12 bytes: prefix u32 (host order) | word u32 | attribute set u32; five to a bucket of 64 bytes.
 * Wide entry, 28 bytes: path id u32 | word u32 | prefix 16 (network order) | attribute set u32; four to 128 bytes.
 * Set entry, 8 bytes: hash u32 | attribute set u32; seven to a bucket of 64 bytes.
 * word = flags u8 | prefix length u8 | direction u16. An attribute set is its address (attribute-set.ts); an entry
 * without one is free. The last word of a bucket is the address of its overflow bucket.
 */
import { Hash } from '../../../base/assembly/hash.ts';
import { Memory, SEGMENT_BYTES } from '../../../base/assembly/memory.ts';

export const ROUTE_TABLE_BYTES: i32 = 64;
/** What the entries are. */
export const KIND_NARROW: u32 = 0;
export const KIND_WIDE: u32 = 1;
export const KIND_SET: u32 = 2;
/** Route flag: which of two generations it belongs to; see RibInfo. */
export const ROUTE_GENERATION: u64 = 1 << 32;
export const KEY_MASK: u64 = 0xffffff00ffffffff;

const DIRECTORY_SEGMENTS: u32 = 16384;
const MOST_CHAIN: u32 = 64;
/** Buckets that are split at a time at most: about a page of memory. */
const MOST_SPLITS: u32 = 64;
/** Entries of a chain that is split: those that stay and those that go, each with room for what is written beyond the last. */
const keptEntries: usize = memory.data(65 * 4 * 28 + 128);
const movedEntries: usize = memory.data(65 * 4 * 28 + 128);

@unmanaged
export class RouteTable {
  directory: usize;
  segments: u32;
  bucketCount: u32;
  level: u32;
  split: u32;
  count: u32;
  cap: u32;
  refused: u32;
  kind: u32;
  stride: u32;
  perBucket: u32;
  bucketShift: u32;
  freeBucket: u32;
  freshAt: u32;
  freshEnd: u32;
  overflowCount: u32;

  static at(block: usize): RouteTable {
    return changetype<RouteTable>(block);
  }

  setUp(kind: u32, cap: u32): void {
    this.kind = kind;
    this.stride = kind == KIND_WIDE ? 28 : kind == KIND_SET ? 8 : 12;
    this.perBucket = kind == KIND_WIDE ? 4 : kind == KIND_SET ? 7 : 5;
    this.bucketShift = kind == KIND_WIDE ? 7 : 6;
    this.cap = cap;
  }

  @inline bucketBytes(): u32 {
    return 1 << this.bucketShift;
  }

  @inline bucket(index: u32): usize {
    const shift = 16 - this.bucketShift;
    return (load<u32>(this.directory + ((index >>> shift) << 2)) as usize)
      + (((index & ((1 << shift) - 1)) << this.bucketShift) as usize);
  }

  @inline bucketOf(hash: u32): usize {
    let index = hash & ((this.level << 1) - 1);
    if (index >= this.bucketCount) index &= this.level - 1;
    return this.bucket(index);
  }

  @inline attributeOffset(): u32 {
    return this.stride - 4;
  }

  @inline static narrowHash(key: u64): u32 {
    return Hash.word(key & KEY_MASK);
  }

  static wideHash(key: u64, high: u64, low: u64): u32 {
    return Hash.words(Hash.mix(high ^ Hash.seed) + (key & KEY_MASK), low);
  }

  /** Asks for the line where `hash` will be looked up soon, so that several such lines are on their way at once. */
  @inline touch(hash: u32): void {
    if (this.bucketCount != 0) RouteTable.touched ^= load<u32>(this.bucketOf(hash));
  }
  private static touched: u32 = 0;

  /** Address of the narrow entry with `key`; 0 when there is none, and then `vacant` may be a place for it. */
  @inline findNarrow(key: u64, hash: u32): usize {
    RouteTable.vacant = 0;
    if (this.bucketCount == 0) return 0;
    key &= KEY_MASK;
    let bucket = this.bucketOf(hash);
    do {
      for (let entry = bucket, end = bucket + 60; entry < end; entry += 12) {
        if (load<u32>(entry, 8) == 0) {
          RouteTable.vacant = entry;
          return 0;
        }
        if ((load<u64>(entry) & KEY_MASK) == key) return entry;
      }
      bucket = load<u32>(bucket, 60) as usize;
    } while (bucket != 0);
    return 0;
  }

  @inline findWide(key: u64, high: u64, low: u64, hash: u32): usize {
    RouteTable.vacant = 0;
    if (this.bucketCount == 0) return 0;
    key &= KEY_MASK;
    let bucket = this.bucketOf(hash);
    do {
      for (let entry = bucket, end = bucket + 112; entry < end; entry += 28) {
        if (load<u32>(entry, 24) == 0) {
          RouteTable.vacant = entry;
          return 0;
        }
        if ((load<u64>(entry) & KEY_MASK) == key && load<u64>(entry, 16) == low && load<u64>(entry, 8) == high) return entry;
      }
      bucket = load<u32>(bucket, 124) as usize;
    } while (bucket != 0);
    return 0;
  }
  private static vacant: usize = 0;

  /**
   * Room for one entry under `hash`, which the `find` just before did not find, and no growth since (`grow` before the
   * `find`): its address, to be filled at once; 0 when refused.
   */
  @inline insertFound(hash: u32): usize {
    if (RouteTable.vacant != 0 && this.count < this.cap) {
      this.count += 1;
      return RouteTable.vacant;
    }
    return this.insert(hash);
  }

  /** Room for one entry under `hash` (which must not be there): its address, to be filled at once; 0 when refused. */
  insert(hash: u32): usize {
    if (this.count >= this.cap || !this.grow()) {
      this.refused += 1;
      return 0;
    }
    const entry = this.place(this.bucketOf(hash));
    if (entry == 0) {
      this.refused += 1;
      return 0;
    }
    this.count += 1;
    return entry;
  }

  /** First free entry of a chain, with a new overflow bucket when it is full. */
  private place(bucket: usize): usize {
    const attribute = this.attributeOffset();
    const tail = this.bucketBytes() - 4;
    for (let guard: u32 = 0; guard < MOST_CHAIN; guard++) {
      let entry = bucket;
      for (let i: u32 = 0; i < this.perBucket; i++, entry += this.stride) {
        if (load<u32>(entry + attribute) == 0) return entry;
      }
      let following = load<u32>(bucket + tail) as usize;
      if (following == 0) {
        if (guard + 1 == MOST_CHAIN) return 0;
        following = this.overflowBucket();
        if (following == 0) return 0;
        store<u32>(bucket + tail, following as u32);
      }
      bucket = following;
    }
    return 0;
  }

  private overflowBucket(): usize {
    const size = this.bucketBytes();
    let at = this.freeBucket as usize;
    if (at != 0) {
      this.freeBucket = load<u32>(at);
    } else {
      if (this.freshAt == this.freshEnd) {
        const segment = Memory.segment();
        if (segment == 0) return 0;
        this.freshAt = segment as u32;
        this.freshEnd = (segment + SEGMENT_BYTES) as u32;
      }
      at = this.freshAt as usize;
      this.freshAt += size;
    }
    this.clear(at);
    this.overflowCount += 1;
    return at;
  }

  private releaseBucket(at: usize): void {
    store<u32>(at, this.freeBucket);
    this.freeBucket = at as u32;
    this.overflowCount -= 1;
  }

  /** Takes the entry out of the chain of `hash`: the chain's last entry moves into its place. */
  remove(entry: usize, hash: u32): void {
    this.removeFrom(this.bucketOf(hash), entry);
  }

  removeFrom(bucket: usize, entry: usize): void {
    const tail = this.bucketBytes() - 4;
    const attribute = this.attributeOffset();
    let before: usize = 0;
    let last = bucket;
    for (let guard: u32 = 0; guard <= MOST_CHAIN; guard++) {
      const following = load<u32>(last + tail) as usize;
      if (following == 0) break;
      before = last;
      last = following;
    }
    let index = this.perBucket - 1;
    while (index != 0 && load<u32>(last + index * this.stride + attribute) == 0) index--;
    const moved = last + index * this.stride;
    if (moved != entry) this.move(entry, moved);
    store<u32>(moved + attribute, 0);
    if (index == 0 && before != 0) {
      store<u32>(before + tail, 0);
      this.releaseBucket(last);
    }
    this.count -= 1;
  }

  /** Splits buckets when the table is more than 70 % full; false when memory refuses it. */
  @inline grow(): bool {
    if (this.count * 10 < this.bucketCount * this.perBucket * 7) return true;
    return this.splitSome();
  }

  /** Splits a thirty-second of the buckets, at most MOST_SPLITS: neighbours in memory one after the other. */
  private splitSome(): bool {
    const splits = min<u32>(this.bucketCount >>> 5, MOST_SPLITS);
    for (let i: u32 = 1; i < splits; i++) {
      if (!this.splitOne()) return true;
    }
    return this.splitOne();
  }

  private splitOne(): bool {
    const shift = 16 - this.bucketShift;
    if (this.bucketCount == 0) {
      this.directory = Memory.allocate((DIRECTORY_SEGMENTS as usize) << 2);
      const segment: usize = this.directory == 0 ? 0 : Memory.segment();
      if (segment == 0) return false;
      store<u32>(this.directory, segment as u32);
      this.segments = 1;
      this.level = 16;
      this.bucketCount = 16;
      return true;
    }
    const fresh = this.bucketCount;
    if ((fresh >>> shift) >= this.segments) {
      if (this.segments >= DIRECTORY_SEGMENTS) return false;
      const segment = Memory.segment();
      if (segment == 0) return false;
      store<u32>(this.directory + ((this.segments as usize) << 2), segment as u32);
      this.segments += 1;
    }
    const old = this.bucket(this.split);
    const target = this.bucket(fresh);
    const mask = (this.level << 1) - 1;
    this.bucketCount += 1;
    this.split += 1;
    if (this.split == this.level) {
      this.level <<= 1;
      this.split = 0;
    }
    this.deal(old, fresh, mask);
    this.fill(old, keptEntries, RouteTable.keptEnd);
    this.fill(target, movedEntries, RouteTable.movedEnd);
    return true;
  }

  /**
   * Deals the entries of a chain out to the two scratch areas and frees its overflow buckets. Which way an entry goes is
   * as good as random: it is written to both, and only the place of the next one depends on it.
   */
  private deal(bucket: usize, fresh: u32, mask: u32): void {
    const stride = this.stride;
    const tail = this.bucketBytes() - 4;
    const attribute = this.attributeOffset();
    let kept = keptEntries;
    let moved = movedEntries;
    let here = bucket;
    for (let guard: u32 = 0; here != 0 && guard <= MOST_CHAIN; guard++) {
      let entry = here;
      for (let i: u32 = 0; i < this.perBucket; i++, entry += stride) {
        if (load<u32>(entry + attribute) == 0) break;
        const moves: u32 = (this.hashOf(entry) & mask) == fresh ? stride : 0;
        this.copyLoosely(kept, entry);
        this.copyLoosely(moved, entry);
        kept += stride - moves;
        moved += moves;
      }
      const following = load<u32>(here + tail) as usize;
      if (here != bucket) this.releaseBucket(here);
      here = following;
    }
    RouteTable.keptEnd = kept;
    RouteTable.movedEnd = moved;
  }
  private static keptEnd: usize = 0;
  private static movedEnd: usize = 0;

  /** Writes a bucket anew from a scratch area; what it cannot hold goes to overflow buckets. */
  private fill(bucket: usize, from: usize, end: usize): void {
    const bytes = this.bucketBytes();
    const next = from + this.perBucket * this.stride;
    for (let at = end; at < from + bytes; at += 16) v128.store(at, i64x2(0, 0));
    for (let at: u32 = 0; at < bytes; at += 16) v128.store(bucket + at, v128.load(from + at));
    store<u32>(bucket + bytes - 4, 0);
    for (let at = next; at < end; at += this.stride) {
      const to = this.place(bucket);
      if (to != 0) this.move(to, at);
    }
  }

  @inline private hashOf(entry: usize): u32 {
    if (this.kind == KIND_SET) return load<u32>(entry);
    return this.kind == KIND_WIDE ? RouteTable.wideHash(load<u64>(entry), load<u64>(entry, 8), load<u64>(entry, 16))
      : RouteTable.narrowHash(load<u64>(entry));
  }

  @inline private move(to: usize, from: usize): void {
    if (this.kind == KIND_WIDE) {
      v128.store(to, v128.load(from));
      store<u64>(to, load<u64>(from, 16), 16);
      store<u32>(to, load<u32>(from, 24), 24);
      return;
    }
    store<u64>(to, load<u64>(from));
    if (this.kind == KIND_NARROW) store<u32>(to, load<u32>(from, 8), 8);
  }

  /** Copies an entry and maybe some bytes behind it. */
  @inline private copyLoosely(to: usize, from: usize): void {
    v128.store(to, v128.load(from));
    if (this.kind == KIND_WIDE) v128.store(to, v128.load(from, 12), 12);
  }

  @inline private clear(bucket: usize): void {
    for (let at = bucket, end = bucket + this.bucketBytes(); at < end; at += 16) v128.store(at, i64x2(0, 0));
  }
}
