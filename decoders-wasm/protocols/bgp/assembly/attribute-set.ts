/**
 * Attribute sets kept once: canonical bytes (attributes by code, flags without extended length, 4-byte AS numbers, the
 * next hop of the family), found by content, and written to `path_attributes` when an instance first uses them.
 *
 * A set is the address of its bytes: hash low u64 | hash high u64 | origin AS u32 | users u32 | bytes in all u32 | rank
 * while an export is written u32 | canonical bytes, each attribute as flags 8 | code 8 | length 16 (network order) | value.
 * The last user's release frees it.
 */
import { Bytes } from '../../../base/assembly/bytes.ts';
import { Envelope } from '../../../base/assembly/envelope.ts';
import { PathAttributes } from '../../../base/assembly/generated/path-attributes.ts';
import { ORIGIN_UNSET } from '../../../base/assembly/generated/constants.ts';
import { Hash } from '../../../base/assembly/hash.ts';
import { Blocks } from '../../../base/assembly/intern.ts';
import { StateReader, StateWriter } from '../../../base/assembly/state.ts';
import { Text } from '../../../base/assembly/text.ts';
import { AsPath } from './as-path.ts';
import { Attributes } from './attributes.ts';
import {
  AFI_IPV4, AFI_IPV6, AS_TRANS, ATTRIBUTE_AGGREGATOR, ATTRIBUTE_AS4_AGGREGATOR, ATTRIBUTE_AS4_PATH, ATTRIBUTE_AS_PATH,
  ATTRIBUTE_ATOMIC_AGGREGATE, ATTRIBUTE_CLUSTER_LIST, ATTRIBUTE_COMMUNITIES, ATTRIBUTE_EXTENDED_COMMUNITIES,
  ATTRIBUTE_LARGE_COMMUNITIES, ATTRIBUTE_LOCAL_PREF, ATTRIBUTE_MP_REACH_NLRI, ATTRIBUTE_MP_UNREACH_NLRI, ATTRIBUTE_MULTI_EXIT_DISC,
  ATTRIBUTE_NEXT_HOP, ATTRIBUTE_ORIGIN, ATTRIBUTE_ORIGINATOR_ID, FLAG_EXTENDED_LENGTH, FLAG_OPTIONAL, FLAG_TRANSITIVE, SAFI_UNICAST,
} from './iana.ts';
import { KIND_SET, ROUTE_TABLE_BYTES, RouteTable } from './route-table.ts';
import { FAMILY_IPV4, Update } from './update.ts';

export const SET_HEADER_BYTES: u32 = 32;
/** Bytes of a set in an export before the canonical ones: hash, origin AS, zero. */
const SAVED_HEADER_BYTES: u32 = 24;
/** Longest set, header included. */
const MOST_SET_BYTES: u32 = 65536;
const MOST_SETS: u32 = 8 << 20;
const buffer: usize = memory.data(131072 + 64);
const numbers: usize = memory.data(65536 + 64);

@unmanaged
export class AttributeSets {
  static table: RouteTable = RouteTable.at(memory.data(ROUTE_TABLE_BYTES));
  /** End of the canonical bytes being written. */
  private static end: usize = 0;
  private static originAs: u32 = 0;
  /** Of the set in `buffer`: all its bytes, and the hash that places it. */
  private static length: u32 = 0;
  private static hash: u32 = 0;
  /** Whether the last `keep` found no equal set. */
  private static fresh: bool = false;

  static setUp(): void {
    AttributeSets.table.setUp(KIND_SET, MOST_SETS);
  }

  /** Makes ready the set of the UPDATE under `Update` and `Attributes`, with the classic next hop or that of MP_REACH_NLRI. */
  static prepare(multiprotocol: bool): void {
    AttributeSets.end = buffer + SET_HEADER_BYTES;
    AttributeSets.originAs = 0;
    const count = Attributes.count;
    let hopDone = !multiprotocol;
    for (let i: u32 = 0; i < count; i++) {
      const code = Attributes.code(i);
      if (!hopDone && code >= (Update.reachFamily == FAMILY_IPV4 && Update.nextHopLength == 4
        ? ATTRIBUTE_NEXT_HOP : ATTRIBUTE_MP_REACH_NLRI)) {
        AttributeSets.multiprotocolNextHop();
        hopDone = true;
      }
      AttributeSets.append(code, multiprotocol);
    }
    if (!hopDone) AttributeSets.multiprotocolNextHop();
    AttributeSets.length = (AttributeSets.end - buffer) as u32;
    Hash.murmur128(buffer + SET_HEADER_BYTES, AttributeSets.length - SET_HEADER_BYTES);
    store<u64>(buffer, Hash.low);
    store<u64>(buffer, Hash.high, 8);
    store<u32>(buffer, AttributeSets.originAs, 16);
    AttributeSets.aim();
  }

  @inline private static aim(): void {
    AttributeSets.hash = Hash.word(load<u64>(buffer));
    AttributeSets.table.touch(AttributeSets.hash);
  }

  /** The set that was made ready, with one user more (the caller releases it); 0 when refused. A new one gives a row. */
  static acquire(): u32 {
    const set = AttributeSets.keep();
    if (set != 0 && AttributeSets.fresh) {
      Envelope.fromFrame();
      AttributeSets.emit(set);
    }
    return set;
  }

  private static keep(): u32 {
    const hash = AttributeSets.hash;
    const length = AttributeSets.length;
    AttributeSets.fresh = false;
    if (length > MOST_SET_BYTES) return 0;
    const known = AttributeSets.find(hash, length);
    if (known != 0) {
      AttributeSets.use(known, 1);
      return known;
    }
    const block = Blocks.take(length);
    const entry: usize = block == 0 ? 0 : AttributeSets.table.insert(hash);
    if (entry == 0) {
      if (block != 0) Blocks.give(block, length);
      return 0;
    }
    Bytes.copy(block, buffer, length);
    store<u32>(block, 1, 20);
    store<u32>(block, length, 24);
    store<u32>(block, 0, 28);
    store<u32>(entry, hash);
    store<u32>(entry, block as u32, 4);
    AttributeSets.fresh = true;
    return block as u32;
  }

  private static find(hash: u32, length: u32): u32 {
    if (AttributeSets.table.bucketCount == 0) return 0;
    let bucket = AttributeSets.table.bucketOf(hash);
    do {
      for (let entry = bucket, end = bucket + 56; entry < end; entry += 8) {
        const set = load<u32>(entry, 4);
        if (set == 0) return 0;
        if (load<u32>(entry) == hash && AttributeSets.equals(set, length)) return set;
      }
      bucket = load<u32>(bucket, 60) as usize;
    } while (bucket != 0);
    return 0;
  }

  private static equals(set: u32, length: u32): bool {
    return load<u32>(set, 24) == length
      && memory.compare(set as usize + SET_HEADER_BYTES, buffer + SET_HEADER_BYTES, length - SET_HEADER_BYTES) == 0;
  }

  /** Address of the set's bytes, header first. */
  @inline static at(set: u32): usize {
    return set as usize;
  }

  /** `count` users more. */
  @inline static use(set: u32, count: u32): void {
    store<u32>(set, load<u32>(set, 20) + count, 20);
  }

  /** One user less. */
  @inline static release(set: u32): void {
    if (set == 0) return;
    const users = load<u32>(set, 20) - 1;
    store<u32>(set, users, 20);
    if (users == 0) AttributeSets.free(set);
  }

  private static free(set: u32): void {
    const hash = Hash.word(load<u64>(set));
    let bucket = AttributeSets.table.bucketOf(hash);
    do {
      for (let entry = bucket, end = bucket + 56; entry < end; entry += 8) {
        if (load<u32>(entry, 4) != set) continue;
        AttributeSets.table.remove(entry, hash);
        Blocks.give(set as usize, load<u32>(set, 24));
        return;
      }
      bucket = load<u32>(bucket, 60) as usize;
    } while (bucket != 0);
  }

  /** Place among the sets by hash while an export is written; else 0. */
  @inline static rank(set: u32): u32 {
    return load<u32>(set, 28);
  }

  @inline static setRank(set: u32, rank: u32): void {
    store<u32>(set, rank, 28);
  }

  /** Writes a set to the export. */
  static save(set: u32): void {
    const length = load<u32>(set, 24) - SET_HEADER_BYTES;
    StateWriter.u32(SAVED_HEADER_BYTES + length);
    StateWriter.bytes(set as usize, 20);
    StateWriter.u32(0);
    StateWriter.bytes(set as usize + SET_HEADER_BYTES, length);
  }

  /** Takes over a set from an import, with one user; 0 when it cannot be read or is refused. Gives no row. */
  static restore(): u32 {
    const size = StateReader.u32();
    const at = StateReader.bytes(size);
    if (at == 0 || size < SAVED_HEADER_BYTES || size > MOST_SET_BYTES - 8) return 0;
    memory.copy(buffer, at, 20);
    memory.copy(buffer + SET_HEADER_BYTES, at + SAVED_HEADER_BYTES, size - SAVED_HEADER_BYTES);
    AttributeSets.length = SET_HEADER_BYTES + size - SAVED_HEADER_BYTES;
    AttributeSets.aim();
    return AttributeSets.keep();
  }

  private static head(flags: u8, code: u32, length: u32): usize {
    const at = AttributeSets.end;
    store<u8>(at, flags & ~FLAG_EXTENDED_LENGTH);
    store<u8>(at, code as u8, 1);
    store<u16>(at, bswap<u16>(length as u16), 2);
    AttributeSets.end = at + 4 + length;
    return at + 4;
  }

  private static append(code: u32, multiprotocol: bool): void {
    const at = Attributes.at(code);
    const length = Attributes.length(code);
    const flags = Attributes.flags(code);
    switch (code) {
      case ATTRIBUTE_MP_REACH_NLRI:
      case ATTRIBUTE_MP_UNREACH_NLRI:
      case ATTRIBUTE_AS4_PATH:
      case ATTRIBUTE_AS4_AGGREGATOR:
        return;
      case ATTRIBUTE_NEXT_HOP:
        // RFC 4760 section 3: ignored for the prefixes of MP_REACH_NLRI
        if (multiprotocol) return;
        break;
      case ATTRIBUTE_AS_PATH:
        return AttributeSets.appendPath(flags, at, length);
      case ATTRIBUTE_AGGREGATOR:
        if (length == 6) return AttributeSets.appendAggregator(flags, at);
        break;
      default:
        break;
    }
    Bytes.copyLoosely(AttributeSets.head(flags, code, length), at, length);
  }

  /** RFC 6793 section 4.2.3: AS4_PATH counts unless AGGREGATOR shows that a new speaker has rewritten the path. */
  private static appendPath(flags: u8, at: usize, length: u32): void {
    const head = AttributeSets.end;
    const to = head + 4;
    let written: u32 = 0;
    const merge = !Attributes.fourBytes && Attributes.has(ATTRIBUTE_AS4_PATH) && !AttributeSets.aggregatorIsNew()
      && AsPath.hops(at, length, false) >= AsPath.hops(Attributes.at(ATTRIBUTE_AS4_PATH), Attributes.length(ATTRIBUTE_AS4_PATH), true);
    if (merge) {
      written = AsPath.merge(at, length, Attributes.at(ATTRIBUTE_AS4_PATH), Attributes.length(ATTRIBUTE_AS4_PATH), to);
    } else written = AsPath.widen(at, length, Attributes.fourBytes, to);
    AttributeSets.head(flags, ATTRIBUTE_AS_PATH, written);
    AttributeSets.originAs = AsPath.originAs;
  }

  private static aggregatorIsNew(): bool {
    if (!Attributes.has(ATTRIBUTE_AGGREGATOR) || !Attributes.has(ATTRIBUTE_AS4_AGGREGATOR)) return false;
    return bswap<u16>(load<u16>(Attributes.at(ATTRIBUTE_AGGREGATOR))) as u32 != AS_TRANS;
  }

  private static appendAggregator(flags: u8, at: usize): void {
    const to = AttributeSets.head(flags, ATTRIBUTE_AGGREGATOR, 8);
    const as = bswap<u16>(load<u16>(at)) as u32;
    if (as == AS_TRANS && Attributes.has(ATTRIBUTE_AS4_AGGREGATOR)) {
      store<u64>(to, load<u64>(Attributes.at(ATTRIBUTE_AS4_AGGREGATOR)));
      return;
    }
    store<u32>(to, bswap<u32>(as));
    store<u32>(to, load<u32>(at, 2), 4);
  }

  /** The next hop of MP_REACH_NLRI: an IPv4 one as NEXT_HOP, others as AFI, SAFI, length and address. */
  private static multiprotocolNextHop(): void {
    const length = Update.nextHopLength;
    if (Update.reachFamily == FAMILY_IPV4 && length == 4) {
      memory.copy(AttributeSets.head(FLAG_TRANSITIVE, ATTRIBUTE_NEXT_HOP, 4), Update.nextHopAt, 4);
      return;
    }
    const to = AttributeSets.head(FLAG_OPTIONAL, ATTRIBUTE_MP_REACH_NLRI, 4 + length);
    store<u16>(to, bswap<u16>(Update.reachFamily == FAMILY_IPV4 ? AFI_IPV4 : AFI_IPV6));
    store<u8>(to, SAFI_UNICAST, 2);
    store<u8>(to, length as u8, 3);
    memory.copy(to + 4, Update.nextHopAt, length);
  }

  /** Writes the row of a set that another module has read before, by the envelope that the caller has begun. */
  static readAgain(set: u32): void {
    const end = (set + load<u32>(set, 24)) as usize;
    for (let at = (set + SET_HEADER_BYTES) as usize; at < end;) {
      const length = bswap<u16>(load<u16>(at, 2)) as u32;
      if (load<u8>(at, 1) as u32 == ATTRIBUTE_AS_PATH) {
        AsPath.findOrigin(at + 4, length);
        store<u32>(set, AsPath.originAs, 16);
      }
      at += 4 + length;
    }
    AttributeSets.emit(set);
  }

  /** Writes the row of a set by the envelope that the caller has begun. */
  private static emit(set: u32): void {
    const at = set as usize;
    const length = load<u32>(at, 24);
    PathAttributes.clear();
    PathAttributes.reason = Envelope.stateReason();
    PathAttributes.attributesLow = load<u64>(at);
    PathAttributes.attributesHigh = load<u64>(at, 8);
    PathAttributes.origin = ORIGIN_UNSET;
    PathAttributes.originAs = load<u32>(at, 16);
    AttributeSets.columns(at + SET_HEADER_BYTES, at + length);
    PathAttributes.rawAt = at + SET_HEADER_BYTES;
    PathAttributes.rawLength = length - SET_HEADER_BYTES;
    PathAttributes.emit(at, 16, 0);
  }

  private static columns(at: usize, end: usize): void {
    while (at < end) {
      const code = load<u8>(at, 1) as u32;
      const length = bswap<u16>(load<u16>(at, 2)) as u32;
      at += 4;
      AttributeSets.column(code, at, length);
      at += length;
    }
  }

  private static column(code: u32, at: usize, length: u32): void {
    switch (code) {
      case ATTRIBUTE_ORIGIN:
        PathAttributes.origin = load<u8>(at);
        return;
      case ATTRIBUTE_AS_PATH:
        PathAttributes.asPathAt = numbers;
        PathAttributes.asPathCount = AsPath.numbers(at, length, numbers);
        PathAttributes.firstAs = PathAttributes.asPathCount == 0 ? 0 : load<u32>(numbers);
        PathAttributes.asPathPlain = AsPath.plain;
        if (AsPath.plain) return;
        Text.begin();
        AsPath.text(at, length);
        PathAttributes.asPathTextText();
        return;
      case ATTRIBUTE_NEXT_HOP:
        Text.begin();
        Text.ipv4(at);
        PathAttributes.nextHopText();
        return;
      case ATTRIBUTE_MP_REACH_NLRI:
        return AttributeSets.nextHopColumns(at + 4, length - 4);
      case ATTRIBUTE_MULTI_EXIT_DISC:
        PathAttributes.med = bswap<u32>(load<u32>(at));
        PathAttributes.medSet = true;
        return;
      case ATTRIBUTE_LOCAL_PREF:
        PathAttributes.localPref = bswap<u32>(load<u32>(at));
        PathAttributes.localPrefSet = true;
        return;
      case ATTRIBUTE_ATOMIC_AGGREGATE:
        PathAttributes.atomicAggregate = true;
        return;
      case ATTRIBUTE_AGGREGATOR:
        Text.begin();
        Text.decimal(bswap<u32>(load<u32>(at)) as u64);
        Text.char(32);
        Text.ipv4(at + 4);
        PathAttributes.aggregatorText();
        return;
      case ATTRIBUTE_COMMUNITIES:
        PathAttributes.communitiesAt = at;
        PathAttributes.communitiesCount = length >>> 2;
        return;
      case ATTRIBUTE_LARGE_COMMUNITIES:
        PathAttributes.largeCommunitiesAt = at;
        PathAttributes.largeCommunitiesCount = length / 12;
        return;
      case ATTRIBUTE_EXTENDED_COMMUNITIES:
        PathAttributes.extCommunitiesAt = at;
        PathAttributes.extCommunitiesCount = length >>> 3;
        return;
      case ATTRIBUTE_ORIGINATOR_ID:
        Text.begin();
        Text.ipv4(at);
        PathAttributes.originatorIdText();
        return;
      case ATTRIBUTE_CLUSTER_LIST:
        PathAttributes.clusterListAt = at;
        PathAttributes.clusterListCount = length >>> 2;
        return;
      default:
        return;
    }
  }

  /** RFC 2545 section 3: a global next hop, and maybe a link-local one. */
  private static nextHopColumns(at: usize, length: u32): void {
    Text.begin();
    if (length == 4) Text.ipv4(at);
    else Text.ipv6(at);
    PathAttributes.nextHopText();
    if (length != 32) return;
    Text.begin();
    Text.ipv6(at + 16);
    PathAttributes.nextHopLinkLocalText();
  }
}
