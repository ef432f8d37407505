/** TLVs as JSON: what is known by its YANG names, the rest (and what is broken) as hex. */
import { Json } from '../../../base/assembly/json.ts';
import { Text } from '../../../base/assembly/text.ts';
import { Bytes } from './bytes.ts';
import { idText, number } from './explain.ts';
import * as iana from './iana.ts';
import { Tlv } from './pdu.ts';
import { ITEM_NEIGHBOR, Reach } from './reachability.ts';
import { LSP_ENTRY_BYTES } from './snp.ts';

const address: usize = memory.data(16, 8);

/** All TLVs of the PDU in `Pdu`, in order: `"tlvs":[{"type":..,"length":.., ...}]`. */
export function explainTlvs(): void {
  Json.key('tlvs');
  Json.openArray();
  Tlv.begin();
  while (Tlv.next()) {
    Json.open();
    number('type', Tlv.type as u64);
    number('length', Tlv.length as u64);
    if (!explainKnown()) {
      Json.key('value');
      Json.hex(Tlv.at, Tlv.length);
    }
    Json.close();
  }
  Json.closeArray();
}

/** False for a TLV that is not known or whose length does not fit. */
function explainKnown(): bool {
  const type = Tlv.type;
  if (Reach.isReach(type)) return explainReach();
  switch (type) {
    case iana.TLV_AREA_ADDRESSES: return explainAreas();
    case iana.TLV_IS_NEIGHBORS: return explainAddresses('neighbor-snpa', 6);
    case iana.TLV_PADDING: return true;
    case iana.TLV_LSP_ENTRIES: return explainEntries();
    case iana.TLV_AUTHENTICATION: return explainAuthentication();
    case iana.TLV_PROTOCOLS_SUPPORTED: return explainProtocols();
    case iana.TLV_IP_INTERFACE_ADDRESS: return explainAddresses('ipv4-addresses', 4);
    case iana.TLV_TE_ROUTER_ID: return explainAddresses('ipv4-te-routerid', 4);
    case iana.TLV_IPV6_INTERFACE_ADDRESS: return explainAddresses('ipv6-addresses', 16);
    case iana.TLV_HOSTNAME: return explainHostname();
    case iana.TLV_RESTART: return explainRestart();
    case iana.TLV_MULTI_TOPOLOGY: return explainTopologies();
    case iana.TLV_THREE_WAY: return explainThreeWay();
    case iana.TLV_PURGE_ORIGINATOR: return explainPurge();
    default: return false;
  }
}

function explainAreas(): bool {
  for (let i: u32 = 0; i < Tlv.length;) {
    const size = load<u8>(Tlv.at + i) as u32;
    if (i + 1 + size > Tlv.length) return false;
    i += 1 + size;
  }
  Json.key('area-addresses');
  Json.openArray();
  for (let i: u32 = 0; i < Tlv.length;) {
    const size = load<u8>(Tlv.at + i) as u32;
    Text.begin();
    Text.area(Tlv.at + i + 1, size);
    Json.scratch();
    i += 1 + size;
  }
  Json.closeArray();
  return true;
}

/** A list of fixed-size addresses. */
function explainAddresses(name: string, size: u32): bool {
  if (Tlv.length % size != 0) return false;
  Json.key(name);
  Json.openArray();
  for (let i: u32 = 0; i < Tlv.length; i += size) {
    Text.begin();
    if (size == 6) Text.mac(Tlv.at + i);
    else if (size == 4) Text.ipv4(Tlv.at + i);
    else Text.ipv6(Tlv.at + i);
    Json.scratch();
  }
  Json.closeArray();
  return true;
}

function explainEntries(): bool {
  if (Tlv.length % LSP_ENTRY_BYTES != 0) return false;
  Json.key('lsp-entries');
  Json.openArray();
  for (let i: u32 = 0; i < Tlv.length; i += LSP_ENTRY_BYTES) {
    const at = Tlv.at + i as usize;
    Json.open();
    number('remaining-lifetime', bswap<u16>(load<u16>(at)) as u64);
    idText('lsp-id', bswap<u64>(load<u64>(at, 2)), 8);
    number('sequence', bswap<u32>(load<u32>(at, 10)) as u64);
    number('checksum', bswap<u16>(load<u16>(at, 14)) as u64);
    Json.close();
  }
  Json.closeArray();
  return true;
}

/** The digest is shown; a password in the clear is not (it is redacted at the edge, and here too). */
function explainAuthentication(): bool {
  if (Tlv.length == 0) return false;
  const type = load<u8>(Tlv.at);
  Json.key('authentication');
  Json.open();
  number('authentication-type', type as u64);
  if (type == iana.AUTH_GENERIC && Tlv.length >= 3) {
    // RFC 5310 3.1: key id 2, then the digest.
    number('key-id', bswap<u16>(load<u16>(Tlv.at, 1)) as u64);
    Json.key('authentication-data');
    Json.hex(Tlv.at + 3, Tlv.length - 3);
  } else if (type != iana.AUTH_CLEARTEXT) {
    Json.key('authentication-data');
    Json.hex(Tlv.at + 1, Tlv.length - 1);
  }
  Json.close();
  return true;
}

function explainProtocols(): bool {
  Json.key('protocol-supported');
  Json.openArray();
  for (let i: u32 = 0; i < Tlv.length; i++) Json.number(load<u8>(Tlv.at + i) as u64);
  Json.closeArray();
  return true;
}

function explainHostname(): bool {
  Json.key('dynamic-hostname');
  Json.text(Tlv.at, Tlv.length);
  return true;
}

function explainRestart(): bool {
  if (Tlv.length == 0) return false;
  const flags = load<u8>(Tlv.at);
  Json.key('restart');
  Json.open();
  Json.key('restart-request');
  Json.bool((flags & iana.RESTART_RR) != 0);
  Json.key('restart-acknowledgment');
  Json.bool((flags & iana.RESTART_RA) != 0);
  Json.key('suppress-adjacency');
  Json.bool((flags & iana.RESTART_SA) != 0);
  if (Tlv.length >= 3) number('remaining-time', bswap<u16>(load<u16>(Tlv.at, 1)) as u64);
  if (Tlv.length >= 9) idText('restarting-neighbor-id', Bytes.system(Tlv.at + 3), 6);
  Json.close();
  return true;
}

function explainTopologies(): bool {
  if ((Tlv.length & 1) != 0) return false;
  Json.key('mt-entries');
  Json.openArray();
  for (let i: u32 = 0; i < Tlv.length; i += 2) {
    const value = bswap<u16>(load<u16>(Tlv.at + i));
    Json.open();
    number('mt-id', (value & 0xfff) as u64);
    Json.key('overload');
    Json.bool((value & 0x8000) != 0);
    Json.key('attached');
    Json.bool((value & 0x4000) != 0);
    Json.close();
  }
  Json.closeArray();
  return true;
}

function explainThreeWay(): bool {
  const length = Tlv.length;
  if (length != 1 && length != 5 && length != 11 && length != 15) return false;
  Json.key('three-way-adjacency');
  Json.open();
  Json.key('state');
  const state = load<u8>(Tlv.at);
  if (state == iana.THREE_WAY_UP) Json.word('up');
  else if (state == iana.THREE_WAY_INITIALIZING) Json.word('init');
  else if (state == iana.THREE_WAY_DOWN) Json.word('down');
  else Json.number(state as u64);
  if (length >= 5) number('extended-local-circuit-id', bswap<u32>(load<u32>(Tlv.at, 1)) as u64);
  if (length >= 11) idText('neighbor-sys-id', Bytes.system(Tlv.at + 5), 6);
  if (length >= 15) number('neighbor-extended-circuit-id', bswap<u32>(load<u32>(Tlv.at, 11)) as u64);
  Json.close();
  return true;
}

/** TLV 13 (RFC 6232 3): number of system ids, the originator of the purge, and whom it had it from. */
function explainPurge(): bool {
  const count = Tlv.length == 0 ? 0 : load<u8>(Tlv.at) as u32;
  if (count == 0 || count > 2 || Tlv.length < 1 + count * 6) return false;
  Json.key('purge-originator-identification');
  Json.open();
  idText('originator', Bytes.system(Tlv.at + 1), 6);
  if (count == 2) idText('received-from', Bytes.system(Tlv.at + 7), 6);
  Json.close();
  return true;
}

function reachName(): string {
  if (Tlv.type == iana.TLV_IS_REACH) return 'is-neighbor';
  if (Tlv.type == iana.TLV_EXTENDED_IS_REACH) return 'extended-is-neighbor';
  if (Tlv.type == iana.TLV_IP_INTERNAL_REACH) return 'ipv4-internal-reachability';
  if (Tlv.type == iana.TLV_IP_EXTERNAL_REACH) return 'ipv4-external-reachability';
  return Tlv.type == iana.TLV_EXTENDED_IP_REACH ? 'extended-ipv4-reachability' : 'ipv6-reachability';
}

/** Whole items by name; what is left at a fault as hex. */
function explainReach(): bool {
  Json.key(reachName());
  Json.openArray();
  Reach.over(Tlv.type, Tlv.at, Tlv.length);
  let good = Reach.itemPosition;
  while (Reach.nextOfTlv()) {
    Json.open();
    if (Reach.kind == ITEM_NEIGHBOR) explainNeighbor();
    else explainPrefix();
    if (Reach.type == iana.TLV_IS_REACH) explainMetrics(Reach.itemPosition - 11);
    else if (Reach.type != iana.TLV_EXTENDED_IS_REACH && Reach.family == 4 && Reach.type != iana.TLV_EXTENDED_IP_REACH) {
      explainMetrics(Reach.itemPosition - 12);
    }
    if (Reach.subLength != 0) {
      Json.key('sub-tlvs');
      Json.hex(Reach.subAt, Reach.subLength);
    }
    Json.close();
    good = Reach.itemPosition;
  }
  Json.closeArray();
  if (good < Reach.itemEnd) {
    Json.key('value');
    Json.hex(good, (Reach.itemEnd - good) as u32);
  }
  return true;
}

/** The four metric bytes of TLVs 2, 128 and 130 (ISO 10589 9.8): I/E bit of the default one, the others by their S bit. */
function explainMetrics(at: usize): void {
  Json.key('i-e');
  Json.bool((load<u8>(at) & 0x40) != 0);
  explainMetric('delay-metric', load<u8>(at, 1));
  explainMetric('expense-metric', load<u8>(at, 2));
  explainMetric('error-metric', load<u8>(at, 3));
}

function explainMetric(name: string, byte: u8): void {
  Json.key(name);
  Json.open();
  number('metric', (byte & 0x3f) as u64);
  Json.key('supported');
  Json.bool((byte & 0x80) == 0);
  Json.close();
}

function explainNeighbor(): void {
  idText('neighbor-id', Reach.node, 7);
  number('metric', Reach.metric as u64);
}

function explainPrefix(): void {
  Json.key('ip-prefix');
  store<u64>(address, bswap<u64>(Reach.addressHigh));
  store<u64>(address, bswap<u64>(Reach.addressLow), 8);
  Text.begin();
  if (Reach.family == 4) Text.ipv4(address);
  else Text.ipv6(address);
  Json.scratch();
  number('prefix-len', Reach.prefixLength as u64);
  number('metric', Reach.metric as u64);
  Json.key('up-down');
  Json.bool(Reach.down);
  Json.key('external');
  Json.bool(Reach.external);
}
