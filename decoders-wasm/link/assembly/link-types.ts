/** Where the walk begins: the link type of the capture. */
import { DIRECTION_EGRESS, DIRECTION_INGRESS, DIRECTION_UNKNOWN } from '../../base/assembly/generated/frame.ts';
import { etherType } from './ethernet.ts';
import * as iana from './iana.ts';
import * as layer from './layers.ts';
import { Packet, c } from './packet.ts';

/** The first layer of a packet of this link type. */
export function firstLayer(linkType: u32): i32 {
  switch (linkType) {
    case iana.LINKTYPE_ETHERNET: return layer.LAYER_ETHERNET;
    case iana.LINKTYPE_LINUX_SLL: return linuxSll();
    case iana.LINKTYPE_LINUX_SLL2: return linuxSll2();
    case iana.LINKTYPE_RAW:
    case iana.LINKTYPE_RAW_12:
    case iana.LINKTYPE_RAW_14: return layer.LAYER_IP;
    case iana.LINKTYPE_IPV4: return layer.LAYER_IPV4;
    case iana.LINKTYPE_IPV6: return layer.LAYER_IPV6;
    case iana.LINKTYPE_PPP: return layer.LAYER_PPP;
    case iana.LINKTYPE_PPP_HDLC: return pppHdlc();
    case iana.LINKTYPE_PPP_WITH_DIR: return pppWithDirection();
    case iana.LINKTYPE_PPP_ETHER: return layer.LAYER_PPPOE;
    case iana.LINKTYPE_C_HDLC: return ciscoHdlc();
    case iana.LINKTYPE_FRELAY: return frameRelay();
    case iana.LINKTYPE_NULL:
    case iana.LINKTYPE_LOOP: return loopback();
  }
  return layer.UNKNOWN_LINK_TYPE;
}

/* Packet type 2, ARPHRD 2, address length 2, address 8, protocol 2: https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html */
function linuxSll(): i32 {
  direct(c.u16() as u32);
  c.skip(12);
  return sllProtocol(c.u16() as u32);
}

/* Protocol 2, reserved 2, interface 4, ARPHRD 2, packet type 1, address length 1, address 8: .../LINKTYPE_LINUX_SLL2.html */
function linuxSll2(): i32 {
  const protocol = c.u16() as u32;
  c.skip(8);
  direct(c.u8() as u32);
  c.skip(9);
  return sllProtocol(protocol);
}

/** Packet types of Linux: 0 to us, 1 broadcast, 2 multicast, 3 between others, 4 sent by us. */
function direct(packetType: u32): void {
  Packet.direction = packetType == 4 ? DIRECTION_EGRESS : packetType < 4 ? DIRECTION_INGRESS : DIRECTION_UNKNOWN;
  Packet.multicast = packetType == 1 || packetType == 2;
}

/** 4 stands for a frame that begins with LLC; values below 0x0600 else are Linux's own. */
function sllProtocol(protocol: u32): i32 {
  if (protocol == 4) return layer.LAYER_LLC;
  return protocol >= iana.LEAST_ETHERTYPE ? etherType(protocol) : layer.OTHER_ETHERTYPE;
}

/** PPP in HDLC-like framing (RFC 1662), or Cisco HDLC by its first byte. */
function pppHdlc(): i32 {
  if (!c.has(1)) return layer.MALFORMED;
  const address = load<u8>(c.position);
  return address == 0x0f || address == 0x8f ? ciscoHdlc() : layer.LAYER_PPP;
}

/** One byte in front: 0 received, else sent. */
function pppWithDirection(): i32 {
  Packet.direction = c.u8() == 0 ? DIRECTION_INGRESS : DIRECTION_EGRESS;
  return pppHdlc();
}

/* Address 1 (0x0f unicast, 0x8f multicast), control 1, EtherType 2; OSI has 0xfefe there: RFC 1547 section 4.3.1. */
function ciscoHdlc(): i32 {
  Packet.multicast = c.u8() == 0x8f;
  c.skip(1);
  const protocol = c.u16() as u32;
  return protocol == 0xfefe ? layer.LAYER_OSI_PADDED : etherType(protocol);
}

/*
 * Q.922 address 2 to 4 (the last has bit 0 set), control 0x03, perhaps one byte of padding, NLPID: RFC 2427 section 3;
 * Cisco's own framing has the EtherType after the address.
 */
function frameRelay(): i32 {
  for (let i = 0; i < 4; i++) if ((c.u8() & 1) != 0) break;
  const control = c.u8() as u32;
  if (control != iana.LLC_UI) return etherType((control << 8) | (c.u8() as u32));
  let nlpid = c.u8() as u32;
  if (nlpid == 0) nlpid = c.u8() as u32;
  if (nlpid == iana.NLPID_IPV4) return layer.LAYER_IPV4;
  if (nlpid == iana.NLPID_IPV6) return layer.LAYER_IPV6;
  if (nlpid == iana.NLPID_SNAP) return c.u24() == iana.OUI_ETHERTYPE ? etherType(c.u16() as u32) : layer.OTHER_LLC;
  if (nlpid != iana.NLPID_ISIS) return layer.OTHER_OSI;
  c.position -= 1;
  return layer.ISIS;
}

/** The address family in the byte order of whoever captured it; families of IPv6 differ by system. */
function loopback(): i32 {
  let family = c.u32();
  if (family > 0xffff) family = bswap<u32>(family);
  switch (family) {
    case iana.AF_INET: return layer.LAYER_IPV4;
    case iana.AF_INET6_LINUX:
    case iana.AF_INET6_BSD:
    case iana.AF_INET6_FREEBSD:
    case iana.AF_INET6_DARWIN: return layer.LAYER_IPV6;
    case iana.AF_OSI: return layer.LAYER_OSI_PADDED;
  }
  return layer.OTHER_ETHERTYPE;
}
