/**
 * Attribute sets kept once: canonical bytes (attributes by code, flags without extended length, 4-byte AS numbers, the
 * next hop of the family), found by content, and written to `path_attributes` when an instance first uses them.
 *
 * Interned bytes: hash low u64 | hash high u64 | origin AS u32 | scratch u32 | canonical bytes, each attribute as
 * flags 8 | code 8 | length 16 (network order) | value.
 */
import { Envelope } from '../../../base/assembly/envelope.ts';
import { PathAttributes } from '../../../base/assembly/generated/path-attributes.ts';
import { ORIGIN_UNSET } from '../../../base/assembly/generated/constants.ts';
import { Hash } from '../../../base/assembly/hash.ts';
import { Intern, MOST_INTERNED_BYTES } from '../../../base/assembly/intern.ts';
import { Table, TABLE_BYTES } from '../../../base/assembly/table.ts';
import { Text } from '../../../base/assembly/text.ts';
import { AsPath } from './as-path.ts';
import { Attributes } from './attributes.ts';
import {
  AFI_IPV4, AFI_IPV6, AS_TRANS, ATTRIBUTE_AGGREGATOR, ATTRIBUTE_AS4_AGGREGATOR, ATTRIBUTE_AS4_PATH, ATTRIBUTE_AS_PATH,
  ATTRIBUTE_ATOMIC_AGGREGATE, ATTRIBUTE_CLUSTER_LIST, ATTRIBUTE_COMMUNITIES, ATTRIBUTE_EXTENDED_COMMUNITIES,
  ATTRIBUTE_LARGE_COMMUNITIES, ATTRIBUTE_LOCAL_PREF, ATTRIBUTE_MP_REACH_NLRI, ATTRIBUTE_MP_UNREACH_NLRI, ATTRIBUTE_MULTI_EXIT_DISC,
  ATTRIBUTE_NEXT_HOP, ATTRIBUTE_ORIGIN, ATTRIBUTE_ORIGINATOR_ID, FLAG_EXTENDED_LENGTH, FLAG_OPTIONAL, FLAG_TRANSITIVE, SAFI_UNICAST,
} from './iana.ts';
import { FAMILY_IPV4, Update } from './update.ts';

export const SET_HEADER_BYTES: u32 = 24;
const MOST_SETS: u32 = 8 << 20;
const buffer: usize = memory.data(131072 + 64);
const numbers: usize = memory.data(65536 + 64);

@unmanaged
export class AttributeSets {
  static table: Table = Table.at(memory.data(TABLE_BYTES));
  /** End of the canonical bytes being written. */
  private static end: usize = 0;
  private static originAs: u32 = 0;

  static setUp(): void {
    Intern.setUp(AttributeSets.table, MOST_SETS);
  }

  /**
   * The set of the UPDATE under `Update` and `Attributes`, with the classic next hop or that of MP_REACH_NLRI. Its
   * handle with one user more (the caller releases it), 0 when refused; a new one gives a row.
   */
  static acquire(multiprotocol: bool): u32 {
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
    const length = (AttributeSets.end - buffer) as u32;
    if (length > MOST_INTERNED_BYTES) return 0;
    Hash.murmur128(buffer + SET_HEADER_BYTES, length - SET_HEADER_BYTES);
    store<u64>(buffer, Hash.low);
    store<u64>(buffer, Hash.high, 8);
    store<u32>(buffer, AttributeSets.originAs, 16);
    store<u32>(buffer, 0, 20);
    const handle = Intern.acquire(AttributeSets.table, buffer, length);
    if (handle != 0 && Intern.fresh) AttributeSets.emit(handle);
    return handle;
  }

  /** Address of the interned bytes, header first. */
  @inline static at(handle: u32): usize {
    return Intern.addressOf(AttributeSets.table, handle);
  }

  @inline static release(handle: u32): void {
    Intern.release(AttributeSets.table, handle);
  }

  /** `count` users more. */
  @inline static use(handle: u32, count: u32): void {
    const entry = AttributeSets.table.address(handle);
    store<u32>(entry, load<u32>(entry, 8) + count, 8);
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
    memory.copy(AttributeSets.head(flags, code, length), at, length);
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

  /** Writes the row of a set; the envelope is that of the frame. */
  static emit(handle: u32): void {
    const at = Intern.addressOf(AttributeSets.table, handle);
    const length = Intern.lengthOf(AttributeSets.table, handle);
    Envelope.fromFrame();
    PathAttributes.clear();
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
