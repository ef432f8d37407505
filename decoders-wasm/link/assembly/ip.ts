/** IPv4, IPv6 with extension headers, and what an IP protocol number leads to. */
import { TUNNEL_IPIP } from '../../base/assembly/generated/frame.ts';
import { Fragments } from './fragments.ts';
import * as iana from './iana.ts';
import * as layer from './layers.ts';
import { Packet, c } from './packet.ts';

const MOST_EXTENSION_HEADERS: u32 = 16;

/** IP of the version that its first nibble says. */
export function ip(): i32 {
  if (!c.has(1)) return layer.MALFORMED;
  const version = load<u8>(c.position) >>> 4;
  return version == 4 ? ipv4() : version == 6 ? ipv6() : layer.MALFORMED;
}

/*
 * version 4 bits, header length 4 bits, TOS 1, total length 2, id 2, flags 3 bits and fragment offset 13 bits,
 * TTL 1, protocol 1, checksum 2, source 4, destination 4, options: RFC 791 section 3.1
 */
export function ipv4(): i32 {
  const header = c.position;
  const first = c.u8() as u32;
  const headerBytes = (first & 15) << 2;
  if ((first >>> 4) != 4 || headerBytes < 20) return layer.MALFORMED;
  c.skip(1);
  const total = c.u16() as u32;
  const id = c.u16() as u32;
  const fragment = c.u16() as u32;
  c.skip(1);
  Packet.ipProtocol = c.u8() as u32;
  c.skip(2);
  atAddresses(header, 4);
  c.skip(headerBytes - 20);
  if (c.error != 0) return layer.MALFORMED;
  // A total length of 0 is a segment larger than 65,535 bytes that the host has not cut yet (TSO, GRO).
  if (total != 0) {
    if (total < headerBytes) return layer.MALFORMED;
    Packet.narrow(header + total);
  }
  if ((fragment & 0x3fff) == 0) return layer.LAYER_IP_PAYLOAD;
  return Fragments.join(id, (fragment & 0x1fff) << 3, (fragment & 0x2000) != 0);
}

/*
 * version 4 bits, class 8 bits, flow 20 bits, payload length 2, next header 1, hop limit 1,
 * source 16, destination 16: RFC 8200 section 3
 */
export function ipv6(): i32 {
  const header = c.position;
  const first = c.u32();
  if ((first >>> 28) != 6) return layer.MALFORMED;
  const length = c.u16() as u32;
  Packet.ipProtocol = c.u8() as u32;
  c.skip(1);
  atAddresses(header, 16);
  if (c.error != 0) return layer.MALFORMED;
  // A payload length of 0 is a jumbogram (RFC 2675) or a segment that the host has not cut yet.
  if (length != 0) Packet.narrow(c.position + length);
  return layer.LAYER_IP_PAYLOAD;
}

/** Notes the addresses under the cursor and passes them. */
function atAddresses(header: usize, bytes: u32): void {
  Packet.network = (header - Packet.start) as u32;
  Packet.addressBytes = bytes;
  Packet.source = Packet.offset();
  Packet.destination = Packet.offset() + bytes;
  c.skip(bytes << 1);
}

/** Passes the extension headers, joins fragments, and goes where the protocol number leads. */
export function ipPayload(): i32 {
  for (let i: u32 = 0; i < MOST_EXTENSION_HEADERS; i++) {
    const protocol = Packet.ipProtocol;
    if (protocol == iana.IP_AH) {
      // RFC 4302 section 2: the length counts 4-byte words, minus 2.
      Packet.ipProtocol = c.u8() as u32;
      c.skip(((c.u8() as u32 + 2) << 2) - 2);
    } else if (Packet.addressBytes == 16 && (protocol == iana.IP_HOP_BY_HOP || protocol == iana.IP_ROUTING
      || protocol == iana.IP_DESTINATION_OPTIONS)) {
      // RFC 8200 section 4: the length counts 8-byte words beyond the first.
      Packet.ipProtocol = c.u8() as u32;
      c.skip(((c.u8() as u32 + 1) << 3) - 2);
    } else if (Packet.addressBytes == 16 && protocol == iana.IP_FRAGMENT) {
      const result = fragmentHeader();
      if (result != layer.LAYER_IP_PAYLOAD) return result;
    } else return upper(protocol);
    if (c.error != 0) return layer.MALFORMED;
  }
  return layer.TOO_DEEP;
}

/* next header 1, reserved 1, fragment offset 13 bits, reserved 2 bits, more 1 bit, id 4: RFC 8200 section 4.5 */
function fragmentHeader(): i32 {
  Packet.ipProtocol = c.u8() as u32;
  c.skip(1);
  const place = c.u16() as u32;
  const id = c.u32();
  if (c.error != 0) return layer.MALFORMED;
  // An atomic fragment (RFC 6946) is whole as it is.
  if ((place & 0xfff9) == 0) return layer.LAYER_IP_PAYLOAD;
  return Fragments.join(id, place & 0xfff8, (place & 1) != 0);
}

function upper(protocol: u32): i32 {
  switch (protocol) {
    case iana.IP_TCP: return tcp();
    case iana.IP_OSPF: return ospf();
    case iana.IP_UDP: return layer.LAYER_UDP;
    case iana.IP_GRE: return layer.LAYER_GRE;
    case iana.IP_IPV4: return Packet.enter(TUNNEL_IPIP, -1) ? layer.LAYER_IPV4 : layer.TOO_DEEP;
    case iana.IP_IPV6: return Packet.enter(TUNNEL_IPIP, -1) ? layer.LAYER_IPV6 : layer.TOO_DEEP;
    case iana.IP_MPLS: return Packet.enter(TUNNEL_IPIP, -1) ? layer.LAYER_MPLS : layer.TOO_DEEP;
    case iana.IP_ICMP:
    case iana.IP_ICMPV6: return layer.OTHER_ICMP;
    case iana.IP_ESP: return layer.ENCRYPTED;
  }
  return layer.OTHER_IP_PROTOCOL;
}

/** BGP is TCP with port 179 at either end; the whole header must be there. */
function tcp(): i32 {
  if (!c.has(4)) return layer.MALFORMED;
  const source = bswap<u16>(load<u16>(c.position)) as u32;
  const destination = bswap<u16>(load<u16>(c.position, 2)) as u32;
  if (source != iana.PORT_BGP && destination != iana.PORT_BGP) return layer.OTHER_TCP;
  return c.has(20) ? layer.BGP : layer.MALFORMED;
}

/** OSPFv3 may also travel in IPv4 (RFC 7949): there the version byte decides. */
function ospf(): i32 {
  if (!c.has(1)) return layer.MALFORMED;
  if (Packet.addressBytes == 16) return layer.OSPFV3;
  return load<u8>(c.position) == 3 ? layer.OSPFV3 : layer.OSPFV2;
}
