/** GRE, ERSPAN, and the tunnels over UDP: VXLAN, VXLAN GPE, Geneve, GTP-U, MPLS (RFC 7510) and GRE (RFC 8086) in UDP; and NSH. */
import {
  TUNNEL_ERSPAN, TUNNEL_GENEVE, TUNNEL_GRE, TUNNEL_GTPU, TUNNEL_IPIP, TUNNEL_VXLAN,
} from '../../base/assembly/generated/frame.ts';
import { etherType } from './ethernet.ts';
import * as iana from './iana.ts';
import * as layer from './layers.ts';
import { Packet, c } from './packet.ts';

const GRE_CHECKSUM: u32 = 0x8000;
const GRE_ROUTING: u32 = 0x4000;
const GRE_KEY: u32 = 0x2000;
const GRE_SEQUENCE: u32 = 0x1000;
const GRE_ACKNOWLEDGMENT: u32 = 0x0080;
const MOST_ROUTES: u32 = 16;
const MOST_EXTENSIONS: u32 = 16;

/** Steps into a tunnel that carries `next`. */
function into(kind: u8, id: i64, next: i32): i32 {
  return Packet.enter(kind, id) ? next : layer.TOO_DEEP;
}

/*
 * flags C R K S s, recursion 3 bits, version 3 bits; protocol type 2; checksum 2 and offset 2 (C or R), key 4 (K),
 * sequence 4 (S), routing (R): RFC 1701, RFC 2784, RFC 2890. Version 1, PPTP: the key is length 2, call id 2,
 * then sequence 4 (S), acknowledgment 4 (A): RFC 2637 section 4.1
 */
export function gre(): i32 {
  const flags = c.u16() as u32;
  const type = c.u16() as u32;
  const version = flags & 7;
  if (version > 1) return layer.OTHER_TUNNEL;
  let key: i64 = -1;
  if ((flags & (GRE_CHECKSUM | GRE_ROUTING)) != 0) c.skip(4);
  if ((flags & GRE_KEY) != 0) key = c.u32() as i64;
  if ((flags & GRE_SEQUENCE) != 0) c.skip(4);
  if (version == 1) {
    if ((flags & GRE_ACKNOWLEDGMENT) != 0) c.skip(4);
    return type == iana.ETHERTYPE_PPP ? into(TUNNEL_GRE, key & 0xffff, layer.LAYER_PPP) : layer.OTHER_TUNNEL;
  }
  if ((flags & GRE_ROUTING) != 0 && !skipRoutes()) return layer.MALFORMED;
  if (c.error != 0) return layer.MALFORMED;
  // ERSPAN type I has no header of its own and no sequence number, type II has both.
  if (type == iana.ETHERTYPE_ERSPAN) {
    return (flags & GRE_SEQUENCE) != 0 ? layer.LAYER_ERSPAN : into(TUNNEL_ERSPAN, -1, layer.LAYER_ETHERNET);
  }
  if (type == iana.ETHERTYPE_ERSPAN_III) return layer.LAYER_ERSPAN_III;
  const next = type == iana.GRE_OSI ? layer.LAYER_OSI_PADDED : etherType(type);
  return next == layer.OTHER_ETHERTYPE ? layer.OTHER_TUNNEL : into(TUNNEL_GRE, key, next);
}

/* address family 2, offset 1, length 1, routing information; a family and length of 0 end the list: RFC 1701 */
function skipRoutes(): bool {
  for (let i: u32 = 0; i < MOST_ROUTES; i++) {
    const family = c.u16();
    c.skip(1);
    const length = c.u8();
    if (c.error != 0) return false;
    if (family == 0 && length == 0) return true;
    c.skip(length);
  }
  return false;
}

/*
 * version 4 bits, VLAN 12 bits, COS 3 bits, encapsulation 2 bits, truncated 1 bit, session 10 bits, then index 4:
 * draft-foschiano-erspan-03 section 4.2
 */
export function erspan(): i32 {
  const word = c.u32();
  c.skip(4);
  if ((word >>> 28) != 1) return layer.OTHER_TUNNEL;
  if (!Packet.enter(TUNNEL_ERSPAN, (word & 0x3ff) as i64)) return layer.TOO_DEEP;
  // Encapsulation 2: the frame had an 802.1Q tag, which was taken off and put here.
  if ((word >>> 11 & 3) == 2 && !Packet.tag((word >>> 16 & 0xfff) | (word & 0xe000))) return layer.TOO_DEEP;
  return layer.LAYER_ETHERNET;
}

/*
 * version 4 bits, VLAN 12 bits, COS 3 bits, bad 2 bits, truncated 1 bit, session 10 bits; time stamp 4; group 2,
 * flags 2 (P, frame type 5 bits, ..., O: 8 bytes of platform header follow): section 4.3
 */
export function erspanIII(): i32 {
  const word = c.u32();
  c.skip(6);
  const flags = c.u16() as u32;
  if ((word >>> 28) != 2) return layer.OTHER_TUNNEL;
  if ((flags & 1) != 0) c.skip(8);
  const frameType = flags >>> 10 & 0x1f;
  if (frameType != 0 && frameType != 2) return layer.OTHER_TUNNEL;
  return into(TUNNEL_ERSPAN, (word & 0x3ff) as i64, frameType == 0 ? layer.LAYER_ETHERNET : layer.LAYER_IP);
}

/* source 2, destination 2, length 2, checksum 2: RFC 768. Tunnels go by the destination port. */
export function udp(): i32 {
  const header = c.position;
  const source = c.u16() as u32;
  const destination = c.u16() as u32;
  const length = c.u16() as u32;
  c.skip(2);
  if (c.error != 0) return layer.MALFORMED;
  if (length >= 8) Packet.narrow(header + length);
  switch (destination) {
    case iana.PORT_VXLAN: return vxlan(false);
    case iana.PORT_VXLAN_LINUX: return vxlan(true);
    case iana.PORT_VXLAN_GPE: return vxlanGpe();
    case iana.PORT_GENEVE: return geneve();
    case iana.PORT_GTP_U: return gtpU();
    case iana.PORT_GRE_IN_UDP: return layer.LAYER_GRE;
    case iana.PORT_MPLS_OVER_UDP: return into(TUNNEL_IPIP, -1, layer.LAYER_MPLS);
  }
  return source == iana.PORT_GTP_U ? gtpU() : layer.OTHER_UDP;
}

/* flags 1 (I: the id is valid), reserved 3, VXLAN network identifier 3, reserved 1: RFC 7348 section 5 */
function vxlan(strict: bool): i32 {
  const word = c.u32();
  const id = c.u32() >>> 8;
  if ((word & 0x08000000) == 0 || (strict && word != 0x08000000)) return layer.OTHER_UDP;
  return into(TUNNEL_VXLAN, id as i64, layer.LAYER_ETHERNET);
}

/* flags 1 (I, P: next protocol is valid), reserved 2, next protocol 1, id 3, reserved 1: draft-ietf-nvo3-vxlan-gpe-13 section 3 */
function vxlanGpe(): i32 {
  const word = c.u32();
  const id = c.u32() >>> 8;
  if ((word & 0x08000000) == 0) return layer.OTHER_UDP;
  const next = (word & 0x04000000) == 0 ? layer.LAYER_ETHERNET : nextProtocol(word & 0xff);
  return next >= layer.END ? layer.OTHER_TUNNEL : into(TUNNEL_VXLAN, id as i64, next);
}

function nextProtocol(value: u32): i32 {
  switch (value) {
    case iana.NEXT_IPV4: return layer.LAYER_IPV4;
    case iana.NEXT_IPV6: return layer.LAYER_IPV6;
    case iana.NEXT_ETHERNET: return layer.LAYER_ETHERNET;
    case iana.NEXT_NSH: return layer.LAYER_NSH;
    case iana.NEXT_MPLS: return layer.LAYER_MPLS;
  }
  return layer.OTHER_TUNNEL;
}

/* version 2 bits, O, unused, TTL 6 bits, length 6 bits in words; unused 4 bits, MD type 4 bits, next protocol 1: RFC 8300 section 2.2 */
export function nsh(): i32 {
  const start = c.position;
  const word = c.u32();
  const length = (word >>> 16 & 0x3f) << 2;
  if (length < 8) return layer.MALFORMED;
  c.skip(length - 4);
  if (c.error != 0) return layer.MALFORMED;
  return c.position == start + length ? nextProtocol(word & 0xff) : layer.MALFORMED;
}

/* version 2 bits, options length 6 bits in words, flags 1, protocol type 2, id 3, reserved 1, options: RFC 8926 section 3.4 */
function geneve(): i32 {
  const first = c.u8() as u32;
  c.skip(1);
  const type = c.u16() as u32;
  const id = c.u32() >>> 8;
  if ((first >>> 6) != 0) return layer.OTHER_UDP;
  c.skip((first & 0x3f) << 2);
  if (c.error != 0) return layer.MALFORMED;
  const next = etherType(type);
  return next == layer.OTHER_ETHERTYPE ? layer.OTHER_TUNNEL : into(TUNNEL_GENEVE, id as i64, next);
}

/*
 * version 3 bits, protocol type 1 bit, reserved 1 bit, E S PN; message type 1, length 2, tunnel endpoint id 4;
 * with any of E S PN: sequence 2, N-PDU 1, next extension type 1; extensions: length 1 in words, content, next
 * type 1: 3GPP TS 29.281 section 5
 */
function gtpU(): i32 {
  const flags = c.u8() as u32;
  const type = c.u8() as u32;
  const length = c.u16() as u32;
  const id = c.u32();
  if ((flags >>> 4) != 3 || type != iana.GTPU_G_PDU) return layer.OTHER_UDP;
  Packet.narrow(c.position + length);
  if ((flags & 7) != 0) {
    c.skip(3);
    let next = c.u8();
    if ((flags & 4) == 0) next = 0;
    for (let i: u32 = 0; next != 0; i++) {
      const words = c.u8() as u32;
      if (c.error != 0 || words == 0 || i == MOST_EXTENSIONS) return layer.MALFORMED;
      c.skip((words << 2) - 2);
      next = c.u8();
    }
  }
  return into(TUNNEL_GTPU, id as i64, layer.LAYER_IP);
}
