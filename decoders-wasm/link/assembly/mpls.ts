/** MPLS: the label stack, and the guess at what lies below it, for which the wire has no field. */
import { Checksum } from '../../base/assembly/checksum.ts';
import { TUNNEL_PSEUDOWIRE } from '../../base/assembly/generated/frame.ts';
import * as iana from './iana.ts';
import * as layer from './layers.ts';
import { Packet, c } from './packet.ts';

const MOST_LABELS: u32 = 16;
const CONTROL_WORD_BYTES: usize = 4;

/* label 20 bits, traffic class 3 bits, bottom of stack 1 bit, TTL 1: RFC 3032 section 2.1 */
export function mpls(): i32 {
  for (let i: u32 = 0; i < MOST_LABELS; i++) {
    const entry = c.u32();
    if (c.error != 0) return layer.MALFORMED;
    if ((entry & 0x100) == 0) continue;
    const label = entry >>> 12;
    if (label == iana.LABEL_IPV4_EXPLICIT_NULL) return layer.LAYER_IPV4;
    if (label == iana.LABEL_IPV6_EXPLICIT_NULL) return layer.LAYER_IPV6;
    return below(label);
  }
  return layer.TOO_DEEP;
}

/**
 * The first nibble says 4 or 6 for IP, 0 for a control word, 1 for an associated channel (RFC 4928 section 3,
 * RFC 4385 section 3), unless an Ethernet frame without control word begins with an address of that nibble
 * (01:80:c2:..., the groups of IS-IS, begins with 0). So each reading has to prove itself: IP by its header
 * checksum or exact length, a frame by an EtherType that we know and what must follow it, or by LLC. A frame without
 * control word is tried first: a tag, 4 bytes long, makes the other reading look right too, hardly ever the reverse.
 */
function below(label: u32): i32 {
  if (!c.has(1)) return layer.MALFORMED;
  const nibble = load<u8>(c.position) >>> 4;
  const plain = isEthernet(c.position);
  if (nibble == 4 && (isIpv4() || !plain)) return layer.LAYER_IPV4;
  if (nibble == 6 && (isIpv6() || !plain)) return layer.LAYER_IPV6;
  if (plain) return pseudowire(label);
  if (nibble != 0 || !isEthernet(c.position + CONTROL_WORD_BYTES)) return layer.OTHER_MPLS;
  controlWord();
  return pseudowire(label);
}

function pseudowire(label: u32): i32 {
  return Packet.enter(TUNNEL_PSEUDOWIRE, label as i64) ? layer.LAYER_ETHERNET : layer.TOO_DEEP;
}

/*
 * 0000, flags 4 bits, fragmentation 2 bits, length 6 bits (below 64 bytes: of control word and frame, else 0),
 * sequence 2: RFC 4385 section 3
 */
function controlWord(): void {
  const start = c.position;
  const length = c.u32() >>> 16 & 0x3f;
  if (length >= 4 + 14) Packet.narrow(start + length);
}

function isIpv4(): bool {
  const at = c.position;
  const headerBytes = (load<u8>(at) as u32 & 15) << 2;
  if (headerBytes < 20 || c.left() < headerBytes) return false;
  return Checksum.internet(at, headerBytes, 0) == 0xffff;
}

/** IPv6 has no checksum: its length must fit what MPLS carries, give or take the padding of a short frame. */
function isIpv6(): bool {
  const at = c.position;
  if (c.left() < 40) return false;
  const length: u32 = (bswap<u16>(load<u16>(at, 4)) as u32) + 40;
  const declared: u32 = (Packet.declared - at) as u32;
  return length == 40 || length == declared || (length < declared && declared <= 64);
}

/** Whether an Ethernet header at `at` leads somewhere that we know. */
function isEthernet(at: usize): bool {
  if (at + 14 > c.end) return false;
  const type = bswap<u16>(load<u16>(at, 12)) as u32;
  if (type > iana.MOST_802_3_LENGTH) return isKnownType(type) && follows(at + 14, type);
  if (type < 3 || at + 14 + type > Packet.declared || at + 16 > c.end) return false;
  const sap = load<u8>(at, 14) as u32;
  return sap == load<u8>(at, 15) as u32
    && (sap == iana.LSAP_ISO || sap == iana.LSAP_SNAP || sap == iana.LSAP_STP);
}

/** What must stand behind the type: the version of IP, the hardware type of ARP. */
function follows(at: usize, type: u32): bool {
  if (at + 2 > c.end) return true;
  if (type == iana.ETHERTYPE_IPV4) return load<u8>(at) >>> 4 == 4;
  if (type == iana.ETHERTYPE_IPV6) return load<u8>(at) >>> 4 == 6;
  if (type == iana.ETHERTYPE_ARP || type == iana.ETHERTYPE_RARP) return load<u8>(at) == 0;
  return true;
}

function isKnownType(type: u32): bool {
  switch (type) {
    case iana.ETHERTYPE_IPV4:
    case iana.ETHERTYPE_ARP:
    case iana.ETHERTYPE_RARP:
    case iana.ETHERTYPE_IPV6:
    case iana.ETHERTYPE_802_1Q:
    case iana.ETHERTYPE_802_1AD:
    case iana.ETHERTYPE_QINQ_9100:
    case iana.ETHERTYPE_MPLS:
    case iana.ETHERTYPE_PPPOE_SESSION:
    case iana.ETHERTYPE_JUMBO_LLC:
    case iana.ETHERTYPE_LLDP:
    case iana.ETHERTYPE_MACSEC: return true;
  }
  return false;
}
