/** Path attributes (RFC 4271 section 4.3) found and checked one by one by RFC 7606; nothing is kept beyond the UPDATE. */
import { AsPath } from './as-path.ts';
import {
  ATTRIBUTE_AGGREGATOR, ATTRIBUTE_AS4_AGGREGATOR, ATTRIBUTE_AS4_PATH, ATTRIBUTE_AS_PATH, ATTRIBUTE_ATOMIC_AGGREGATE,
  ATTRIBUTE_CLUSTER_LIST, ATTRIBUTE_COMMUNITIES, ATTRIBUTE_EXTENDED_COMMUNITIES, ATTRIBUTE_LARGE_COMMUNITIES, ATTRIBUTE_LOCAL_PREF,
  ATTRIBUTE_MP_REACH_NLRI, ATTRIBUTE_MP_UNREACH_NLRI, ATTRIBUTE_MULTI_EXIT_DISC, ATTRIBUTE_NEXT_HOP, ATTRIBUTE_ONLY_TO_CUSTOMER,
  ATTRIBUTE_ORIGIN, ATTRIBUTE_ORIGINATOR_ID, FLAG_EXTENDED_LENGTH, FLAG_OPTIONAL, FLAG_TRANSITIVE,
} from './iana.ts';

/** Per code: address u32, length u32, flags u32, epoch u32. */
const ENTRY: u32 = 16;
const entries: usize = memory.data(256 * 16);
const order: usize = memory.data(256);
const errors: usize = memory.data(16 * 4);
const MOST_ERRORS: u32 = 16;

/** What RFC 7606 says of an error. */
const KEEP: i32 = 0;
const DISCARD: i32 = 1;
const WITHDRAW: i32 = 2;

@unmanaged
export class Attributes {
  static epoch: u32 = 0;
  /** Codes present, ascending, and how many. */
  static count: u32 = 0;
  /** RFC 7606 section 2: the routes of the UPDATE count as withdrawn. */
  static treatAsWithdraw: bool = false;
  /** Section 2 "session reset": the UPDATE cannot be used; the text is set, else address 0. */
  static fatal: usize = 0;
  static fatalAt: usize = 0;
  static errorCount: u32 = 0;
  /** 4-byte AS numbers in AS_PATH and AGGREGATOR. */
  static fourBytes: bool = true;
  /** Whether the session is internal: 0 unknown, 1 external, 2 internal. */
  static kind: u32 = 0;

  @inline static code(index: u32): u32 {
    return load<u8>(order + index) as u32;
  }

  @inline static has(code: u32): bool {
    return load<u32>(entries + code * ENTRY, 12) == Attributes.epoch;
  }

  @inline static at(code: u32): usize {
    return load<u32>(entries + code * ENTRY) as usize;
  }

  @inline static length(code: u32): u32 {
    return load<u32>(entries + code * ENTRY, 4);
  }

  @inline static flags(code: u32): u8 {
    return load<u32>(entries + code * ENTRY, 8) as u8;
  }

  /** Text of error `index`. */
  static errorText(index: u32): string {
    return changetype<string>(load<u32>(errors + (index << 2)) as usize);
  }

  static error(text: string): void {
    if (Attributes.errorCount >= MOST_ERRORS) return;
    store<u32>(errors + ((Attributes.errorCount as usize) << 2), changetype<usize>(text) as u32);
    Attributes.errorCount += 1;
  }

  static begin(): void {
    Attributes.epoch += 1;
    Attributes.count = 0;
    Attributes.treatAsWithdraw = false;
    Attributes.fatal = 0;
    Attributes.errorCount = 0;
  }

  private static reset(text: string, at: usize): void {
    Attributes.fatal = changetype<usize>(text);
    Attributes.fatalAt = at;
  }

  /** Reads the attributes between `at` and `end`: flags 8 | code 8 | length 8 or 16 | value. */
  static parse(at: usize, end: usize): void {
    let highest: u32 = 0;
    while (at < end) {
      const flags = load<u8>(at);
      const wide = (flags & FLAG_EXTENDED_LENGTH) != 0;
      const head: u32 = wide ? 4 : 3;
      // RFC 7606 section 4: an attribute that runs over the end
      if (((end - at) as u32) < head) return Attributes.overrun();
      const code = load<u8>(at, 1) as u32;
      const length: u32 = wide ? bswap<u16>(load<u16>(at, 2)) as u32 : load<u8>(at, 2) as u32;
      const value = at + head;
      if (value + length > end) return Attributes.overrun();
      at = value + length;
      if (Attributes.has(code)) {
        if (code == ATTRIBUTE_MP_REACH_NLRI || code == ATTRIBUTE_MP_UNREACH_NLRI) {
          return Attributes.reset('bgp.attribute-list', value);
        }
        Attributes.error('bgp.duplicate_attribute');
        continue;
      }
      const verdict = Attributes.check(code, flags, value, length);
      if (verdict == WITHDRAW) Attributes.treatAsWithdraw = true;
      if (verdict == DISCARD) continue;
      const entry = entries + code * ENTRY;
      store<u32>(entry, value as u32);
      store<u32>(entry, length, 4);
      store<u32>(entry, flags as u32, 8);
      store<u32>(entry, Attributes.epoch, 12);
      // Mostly ascending already.
      let place = Attributes.count;
      if (code < highest) {
        while (place != 0 && load<u8>(order + place - 1) > (code as u8)) {
          store<u8>(order + place, load<u8>(order + place - 1));
          place -= 1;
        }
      } else highest = code;
      store<u8>(order + place, code as u8);
      Attributes.count += 1;
    }
  }

  private static overrun(): void {
    Attributes.error('bgp.attribute_overrun');
    Attributes.treatAsWithdraw = true;
  }

  /** RFC 7606 section 3 c: Optional and Transitive must be as the attribute's definition says. */
  private static flagsAreRight(code: u32, flags: u8): bool {
    const kind = flags & (FLAG_OPTIONAL | FLAG_TRANSITIVE);
    if (code <= ATTRIBUTE_NEXT_HOP || code == ATTRIBUTE_LOCAL_PREF || code == ATTRIBUTE_ATOMIC_AGGREGATE) {
      return kind == FLAG_TRANSITIVE;
    }
    if (code == ATTRIBUTE_MULTI_EXIT_DISC || code == ATTRIBUTE_ORIGINATOR_ID || code == ATTRIBUTE_CLUSTER_LIST
      || code == ATTRIBUTE_MP_REACH_NLRI || code == ATTRIBUTE_MP_UNREACH_NLRI) return kind == FLAG_OPTIONAL;
    if (code == ATTRIBUTE_AGGREGATOR || code == ATTRIBUTE_COMMUNITIES || code == ATTRIBUTE_EXTENDED_COMMUNITIES
      || code == ATTRIBUTE_AS4_PATH || code == ATTRIBUTE_AS4_AGGREGATOR || code == ATTRIBUTE_LARGE_COMMUNITIES
      || code == ATTRIBUTE_ONLY_TO_CUSTOMER) return kind == (FLAG_OPTIONAL | FLAG_TRANSITIVE);
    return true;
  }

  /** RFC 7606 section 7, one attribute. */
  private static check(code: u32, flags: u8, at: usize, length: u32): i32 {
    if (!Attributes.flagsAreRight(code, flags)) {
      Attributes.error('bgp.attribute_flags');
      return WITHDRAW;
    }
    switch (code) {
      case ATTRIBUTE_ORIGIN:
        return length == 1 && load<u8>(at) <= 2 ? KEEP : Attributes.bad('bgp.origin', WITHDRAW);
      case ATTRIBUTE_AS_PATH:
        return AsPath.isValid(at, length, Attributes.fourBytes) ? KEEP : Attributes.bad('bgp.as_path', WITHDRAW);
      case ATTRIBUTE_NEXT_HOP:
        return length == 4 ? KEEP : Attributes.bad('bgp.next_hop', WITHDRAW);
      case ATTRIBUTE_MULTI_EXIT_DISC:
        return length == 4 ? KEEP : Attributes.bad('bgp.multi_exit_disc', WITHDRAW);
      case ATTRIBUTE_LOCAL_PREF:
        if (length == 4) return KEEP;
        return Attributes.bad('bgp.local_pref', Attributes.kind == 1 ? DISCARD : WITHDRAW);
      case ATTRIBUTE_ATOMIC_AGGREGATE:
        return length == 0 ? KEEP : Attributes.bad('bgp.atomic_aggregate', DISCARD);
      case ATTRIBUTE_AGGREGATOR:
        return length == (Attributes.fourBytes ? 8 : 6) ? KEEP : Attributes.bad('bgp.aggregator', DISCARD);
      case ATTRIBUTE_COMMUNITIES:
        return length != 0 && (length & 3) == 0 ? KEEP : Attributes.bad('bgp.communities', WITHDRAW);
      case ATTRIBUTE_ORIGINATOR_ID:
        if (Attributes.kind == 1) return Attributes.bad('bgp.originator_id_external', DISCARD);
        return length == 4 ? KEEP : Attributes.bad('bgp.originator_id', WITHDRAW);
      case ATTRIBUTE_CLUSTER_LIST:
        if (Attributes.kind == 1) return Attributes.bad('bgp.cluster_list_external', DISCARD);
        return length != 0 && (length & 3) == 0 ? KEEP : Attributes.bad('bgp.cluster_list', WITHDRAW);
      case ATTRIBUTE_EXTENDED_COMMUNITIES:
        return length != 0 && (length & 7) == 0 ? KEEP : Attributes.bad('bgp.extended_communities', WITHDRAW);
      case ATTRIBUTE_LARGE_COMMUNITIES:
        // RFC 8092 section 6
        return length != 0 && length % 12 == 0 ? KEEP : Attributes.bad('bgp.large_communities', WITHDRAW);
      case ATTRIBUTE_AS4_PATH:
        // RFC 6793 section 6
        if (Attributes.fourBytes) return Attributes.bad('bgp.as4_path_from_new_speaker', DISCARD);
        return AsPath.isValid(at, length, true) ? KEEP : Attributes.bad('bgp.as4_path', DISCARD);
      case ATTRIBUTE_AS4_AGGREGATOR:
        if (Attributes.fourBytes) return Attributes.bad('bgp.as4_aggregator_from_new_speaker', DISCARD);
        return length == 8 ? KEEP : Attributes.bad('bgp.as4_aggregator', DISCARD);
      case ATTRIBUTE_ONLY_TO_CUSTOMER:
        // RFC 9234 section 5
        return length == 4 ? KEEP : Attributes.bad('bgp.only_to_customer', WITHDRAW);
      default:
        if ((flags & FLAG_OPTIONAL) == 0 && code != ATTRIBUTE_MP_REACH_NLRI && code != ATTRIBUTE_MP_UNREACH_NLRI) {
          Attributes.error('bgp.unknown_well_known_attribute');
        }
        return KEEP;
    }
  }

  private static bad(text: string, verdict: i32): i32 {
    Attributes.error(text);
    return verdict;
  }

  /** RFC 7606 section 3 d: a mandatory attribute is missing. */
  static requireMandatory(classic: bool): void {
    if (Attributes.treatAsWithdraw) return;
    if (Attributes.has(ATTRIBUTE_ORIGIN) && Attributes.has(ATTRIBUTE_AS_PATH)
      && (!classic || Attributes.has(ATTRIBUTE_NEXT_HOP))) return;
    Attributes.error('bgp.missing_attribute');
    Attributes.treatAsWithdraw = true;
  }
}
