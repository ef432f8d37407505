/** UPDATE as JSON: attributes with the leaf names of ietf-bgp, unknown ones raw, prefixes of IPv4 and IPv6 unicast as text. */
import { Json } from '../../../base/assembly/json.ts';
import { Text } from '../../../base/assembly/text.ts';
import { Attributes } from './attributes.ts';
import {
  ATTRIBUTE_AGGREGATOR, ATTRIBUTE_AS4_AGGREGATOR, ATTRIBUTE_AS4_PATH, ATTRIBUTE_AS_PATH, ATTRIBUTE_ATOMIC_AGGREGATE,
  ATTRIBUTE_CLUSTER_LIST, ATTRIBUTE_COMMUNITIES, ATTRIBUTE_EXTENDED_COMMUNITIES, ATTRIBUTE_LARGE_COMMUNITIES, ATTRIBUTE_LOCAL_PREF,
  ATTRIBUTE_MP_REACH_NLRI, ATTRIBUTE_MP_UNREACH_NLRI, ATTRIBUTE_MULTI_EXIT_DISC, ATTRIBUTE_NEXT_HOP, ATTRIBUTE_ONLY_TO_CUSTOMER,
  ATTRIBUTE_ORIGIN, ATTRIBUTE_ORIGINATOR_ID, SEGMENT_AS_CONFED_SEQUENCE, SEGMENT_AS_CONFED_SET, SEGMENT_AS_SEQUENCE, SEGMENT_AS_SET,
} from './iana.ts';
import { FAMILY_IPV4, FAMILY_OTHER, Update } from './update.ts';

/** Writes the fields of the UPDATE at `at` into the open object. */
export function explainUpdate(at: usize, length: u32): void {
  Json.key('name');
  Json.word('update');
  const whole = Update.parse(at, length);
  if (!whole) {
    Json.key('error');
    Json.word(Update.fatalText());
    number('error-offset', (Update.fatalAt - at) as u64);
    Json.key('raw-data');
    Json.hex(at, length);
    return;
  }
  if (Update.withdrawnAt != Update.withdrawnEnd) {
    Json.key('withdrawn-routes');
    prefixes(FAMILY_IPV4, Update.withdrawnAt, Update.withdrawnEnd);
  }
  if (Update.attributesAt != Update.attributesEnd) {
    Json.key('attributes');
    Json.open();
    for (let i: u32 = 0; i < Attributes.count; i++) attribute(Attributes.code(i));
    Json.close();
    unknownAttributes();
  }
  if (Update.nlriAt != Update.nlriEnd) {
    Json.key('nlri');
    prefixes(FAMILY_IPV4, Update.nlriAt, Update.nlriEnd);
  }
  const family = Update.endOfRib();
  if (family >= 0) {
    Json.key('end-of-rib');
    Json.bool(true);
  }
  if (Attributes.errorCount == 0) return;
  Json.key('errors');
  Json.openArray();
  for (let i: u32 = 0; i < Attributes.errorCount; i++) Json.word(Attributes.errorText(i));
  Json.closeArray();
  Json.key('treat-as-withdraw');
  Json.bool(Attributes.treatAsWithdraw);
}

function number(name: string, value: u64): void {
  Json.key(name);
  Json.number(value);
}

function address(name: string, at: usize, length: u32): void {
  Json.key(name);
  Text.begin();
  if (length == 4) Text.ipv4(at);
  else Text.ipv6(at);
  Json.scratch();
}

function attribute(code: u32): void {
  const at = Attributes.at(code);
  const length = Attributes.length(code);
  // A value that RFC 7606 refuses is given raw.
  if (Attributes.treatAsWithdraw && code != ATTRIBUTE_MP_REACH_NLRI && code != ATTRIBUTE_MP_UNREACH_NLRI) return;
  switch (code) {
    case ATTRIBUTE_ORIGIN:
      Json.key('origin');
      Json.word(load<u8>(at) == 0 ? 'igp' : load<u8>(at) == 1 ? 'egp' : 'incomplete');
      return;
    case ATTRIBUTE_AS_PATH:
      Json.key('as-path');
      return segments(at, length, Attributes.fourBytes);
    case ATTRIBUTE_AS4_PATH:
      Json.key('as4-path');
      return segments(at, length, true);
    case ATTRIBUTE_NEXT_HOP:
      return address('next-hop', at, 4);
    case ATTRIBUTE_MULTI_EXIT_DISC:
      return number('med', bswap<u32>(load<u32>(at)) as u64);
    case ATTRIBUTE_LOCAL_PREF:
      return number('local-pref', bswap<u32>(load<u32>(at)) as u64);
    case ATTRIBUTE_ATOMIC_AGGREGATE:
      Json.key('atomic-aggregate');
      return Json.bool(true);
    case ATTRIBUTE_AGGREGATOR:
      return aggregator('aggregator', at, length);
    case ATTRIBUTE_AS4_AGGREGATOR:
      return aggregator('as4-aggregator', at, length);
    case ATTRIBUTE_ORIGINATOR_ID:
      return address('originator-id', at, 4);
    case ATTRIBUTE_ONLY_TO_CUSTOMER:
      return number('only-to-customer', bswap<u32>(load<u32>(at)) as u64);
    case ATTRIBUTE_MP_REACH_NLRI:
      return reach();
    case ATTRIBUTE_MP_UNREACH_NLRI:
      return unreach();
    default:
      return lists(code, at, length);
  }
}

function lists(code: u32, at: usize, length: u32): void {
  const size: u32 = code == ATTRIBUTE_LARGE_COMMUNITIES ? 12 : code == ATTRIBUTE_EXTENDED_COMMUNITIES ? 8 : 4;
  if (code == ATTRIBUTE_COMMUNITIES) Json.key('community');
  else if (code == ATTRIBUTE_LARGE_COMMUNITIES) Json.key('large-community');
  else if (code == ATTRIBUTE_EXTENDED_COMMUNITIES) Json.key('ext-community-raw');
  else if (code == ATTRIBUTE_CLUSTER_LIST) Json.key('cluster-id');
  else return;
  Json.openArray();
  for (let i: u32 = 0; i + size <= length; i += size) {
    Text.begin();
    if (code == ATTRIBUTE_COMMUNITIES) {
      Text.decimal(bswap<u16>(load<u16>(at + i)) as u64);
      Text.char(58);
      Text.decimal(bswap<u16>(load<u16>(at + i, 2)) as u64);
    } else if (code == ATTRIBUTE_LARGE_COMMUNITIES) {
      for (let k: u32 = 0; k < 12; k += 4) {
        if (k != 0) Text.char(58);
        Text.decimal(bswap<u32>(load<u32>(at + i + k)) as u64);
      }
    } else if (code == ATTRIBUTE_CLUSTER_LIST) Text.ipv4(at + i);
    else Text.hexBytes(at + i, 8);
    Json.scratch();
  }
  Json.closeArray();
}

function isKnown(code: u32): bool {
  return (code >= ATTRIBUTE_ORIGIN && code <= ATTRIBUTE_CLUSTER_LIST) || (code >= ATTRIBUTE_MP_REACH_NLRI && code <= ATTRIBUTE_AS4_AGGREGATOR)
    || code == ATTRIBUTE_LARGE_COMMUNITIES || code == ATTRIBUTE_ONLY_TO_CUSTOMER;
}

function unknownAttributes(): void {
  let any = false;
  for (let i: u32 = 0; i < Attributes.count; i++) {
    const code = Attributes.code(i);
    if (isKnown(code) && !Attributes.treatAsWithdraw) continue;
    if (code == ATTRIBUTE_MP_REACH_NLRI || code == ATTRIBUTE_MP_UNREACH_NLRI) continue;
    if (!any) {
      Json.key('unknown-attributes');
      Json.openArray();
      any = true;
    }
    Json.open();
    number('type', code as u64);
    number('flags', Attributes.flags(code) as u64);
    number('length', Attributes.length(code) as u64);
    Json.key('value');
    Json.hex(Attributes.at(code), Attributes.length(code));
    Json.close();
  }
  if (any) Json.closeArray();
}

function segments(at: usize, length: u32, fourBytes: bool): void {
  const end = at + length;
  const size: u32 = fourBytes ? 4 : 2;
  Json.openArray();
  while (at < end) {
    const type = load<u8>(at);
    const count = load<u8>(at, 1) as u32;
    Json.open();
    Json.key('type');
    if (type == SEGMENT_AS_SET) Json.word('as-set');
    else if (type == SEGMENT_AS_SEQUENCE) Json.word('as-sequence');
    else if (type == SEGMENT_AS_CONFED_SEQUENCE) Json.word('as-confed-sequence');
    else if (type == SEGMENT_AS_CONFED_SET) Json.word('as-confed-set');
    Json.key('member');
    Json.openArray();
    for (let i: u32 = 0; i < count; i++) {
      const number = at + 2 + i * size;
      Json.number(fourBytes ? bswap<u32>(load<u32>(number)) as u64 : bswap<u16>(load<u16>(number)) as u64);
    }
    Json.closeArray();
    Json.close();
    at += 2 + count * size;
  }
  Json.closeArray();
}

function aggregator(name: string, at: usize, length: u32): void {
  Json.key(name);
  Json.open();
  number('as', length == 8 ? bswap<u32>(load<u32>(at)) as u64 : bswap<u16>(load<u16>(at)) as u64);
  address('identifier', at + length - 4, 4);
  Json.close();
}

function reach(): void {
  const at = Attributes.at(ATTRIBUTE_MP_REACH_NLRI);
  Json.key('mp-reach');
  Json.open();
  number('afi', bswap<u16>(load<u16>(at)) as u64);
  number('safi', load<u8>(at, 2) as u64);
  const hop = Update.nextHopLength;
  if (hop == 4 || hop == 16 || hop == 32) address('next-hop', Update.nextHopAt, hop == 4 ? 4 : 16);
  if (hop == 32) address('link-local-next-hop', Update.nextHopAt + 16, 16);
  if (hop != 4 && hop != 16 && hop != 32) {
    Json.key('next-hop-raw');
    Json.hex(Update.nextHopAt, hop);
  }
  Json.key('nlri');
  if (Update.reachFamily == FAMILY_OTHER) Json.hex(Update.reachAt, (Update.reachEnd - Update.reachAt) as u32);
  else prefixes(Update.reachFamily, Update.reachAt, Update.reachEnd);
  Json.close();
}

function unreach(): void {
  const at = Attributes.at(ATTRIBUTE_MP_UNREACH_NLRI);
  Json.key('mp-unreach');
  Json.open();
  number('afi', bswap<u16>(load<u16>(at)) as u64);
  number('safi', load<u8>(at, 2) as u64);
  Json.key('withdrawn-routes');
  if (Update.unreachFamily == FAMILY_OTHER) Json.hex(Update.unreachAt, (Update.unreachEnd - Update.unreachAt) as u32);
  else prefixes(Update.unreachFamily, Update.unreachAt, Update.unreachEnd);
  Json.close();
}

const bytes: usize = memory.data(16);

/** The prefixes have been checked by Update.parse. */
function prefixes(family: u32, at: usize, end: usize): void {
  const addPath = family == FAMILY_IPV4 ? Update.addPath4 : Update.addPath6;
  Json.openArray();
  while (at < end) {
    Json.open();
    if (addPath) {
      number('path-id', bswap<u32>(load<u32>(at)) as u64);
      at += 4;
    }
    const length = load<u8>(at);
    const take = ((length + 7) >>> 3) as u32;
    memory.fill(bytes, 0, 16);
    memory.copy(bytes, at + 1, take);
    Json.key('prefix');
    Text.begin();
    if (family == FAMILY_IPV4) Text.ipv4(bytes);
    else Text.ipv6(bytes);
    Text.char(47);
    Text.decimal(length as u64);
    Json.scratch();
    Json.close();
    at += 1 + take;
  }
  Json.closeArray();
}
